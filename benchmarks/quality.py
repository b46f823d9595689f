"""Train and measure the experiments of ``experiments.json`` with the command line.

Each experiment becomes ``results/NAME.json``: the figures of every seed, their mean and spread,
and what they came from: data, split, threshold rule, seeds, commit and commands.

An experiment may prepare teachers first; they are kept in the folder that ``--work`` names and not
made again when they are there.

Run:  python benchmarks/quality.py --data FOLDER --work FOLDER [--jobs N] [NAME ...]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def command(*arguments: str | Path) -> str:
    """Run ``emoconv`` with these arguments and return what it prints on standard output."""
    program = str(Path(sys.executable).with_name("emoconv"))
    done = subprocess.run(
        [program, *map(str, arguments)], stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def git(*arguments: str) -> str:
    done = subprocess.run(
        [shutil.which("git") or "git", *arguments],
        cwd=HERE,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def fill(arguments: list[str], *, data: str, work: str, seed: int) -> list[str]:
    places = {"data": data, "work": work, "seed": str(seed)}
    for name, place in places.items():
        arguments = [a.replace(f"{{{name}}}", place) for a in arguments]
    return arguments


def prepare(experiment: dict[str, Any], *, data: str, work: Path) -> None:
    """Make the teachers that are not there yet."""
    for name, arguments in experiment.get("prepare", {}).items():
        if not (work / name).exists():
            command(*fill(arguments, data=data, work=str(work), seed=0), "--output", work / name)


def run(
    experiment: dict[str, Any], *, data: str, work: Path, seed: int, model: Path
) -> dict[str, Any]:
    """Train and measure one seed."""
    places = {"data": data, "work": str(work), "seed": seed}
    seeded = ["--seed", str(seed), "--output", str(model), "--overwrite"]
    started = time.perf_counter()
    command(experiment.get("command", "train"), *fill(experiment["train"], **places), *seeded)
    seconds = time.perf_counter() - started
    printed = command(
        "evaluate", *fill(experiment["evaluate"], **places), *("--model", str(model), "--json")
    )
    measured = json.loads(printed)
    return {"seed": seed, "train_seconds": round(seconds, 1), **measured}


def run_seeds(
    name: str, experiment: dict[str, Any], *, data: str, work: Path, models: Path, jobs: int
) -> list[dict[str, Any]]:
    """Train and measure all seeds, so many at once."""

    def one(seed: int) -> dict[str, Any]:
        model = models / f"{name}-{seed}"
        return run(experiment, data=data, work=work, seed=seed, model=model)

    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(one, experiment["seeds"]))


def summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the mean and the sample standard deviation of each figure over seeds."""
    values = {
        "micro_f1": [r["evaluation"]["micro"]["f1"] for r in runs],
        "macro_f1": [r["evaluation"]["macro"]["f1"] for r in runs],
        "weighted_f1": [r["evaluation"]["weighted"]["f1"] for r in runs],
        "average_precision": [r["evaluation"]["average_precision"] for r in runs],
        "train_seconds": [r["train_seconds"] for r in runs],
    }
    return {
        name: {
            "mean": statistics.fmean(values[name]),
            "sd": statistics.stdev(values[name]) if len(runs) > 1 else None,
        }
        for name in values
    }


def as_typed(experiment: dict[str, Any]) -> list[str]:
    """Return the commands as a person types them, the data's folder named DATA."""
    places = {"data": "DATA", "work": "WORK", "seed": 0}
    train, evaluate = (fill(experiment[part], **places) for part in ("train", "evaluate"))
    return [
        *(
            " ".join(["emoconv", *fill(arguments, **places), f"--output WORK/{name}"])
            for name, arguments in experiment.get("prepare", {}).items()
        ),
        " ".join(
            ["emoconv", experiment.get("command", "train"), *train, "--seed 0 --output MODEL"]
        ),
        " ".join(["emoconv evaluate", *evaluate, "--model MODEL --json"]),
    ]


def main() -> None:
    experiments = json.loads((HERE / "experiments.json").read_text())
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *experiments], help="default: all")
    parser.add_argument("--data", default=os.environ.get("EMOCONV_DATA"), required=False)
    parser.add_argument("--work", type=Path, help="where teachers and their answers are kept")
    parser.add_argument("--jobs", type=int, default=1, help="seeds at once, a thread for each")
    parser.add_argument("--keep", type=Path, help="keep the trained models in this folder")
    options = parser.parse_args()
    if options.data is None:
        parser.error("give --data FOLDER, or set EMOCONV_DATA")
    if options.jobs > 1:
        os.environ["OMP_NUM_THREADS"] = "1"
    for name in options.names or experiments:
        experiment = experiments[name]
        with tempfile.TemporaryDirectory() as temporary:
            models = options.keep or Path(temporary)
            places = {"data": options.data, "work": options.work or Path(temporary)}
            prepare(experiment, **places)
            runs = run_seeds(name, experiment, **places, models=models, jobs=options.jobs)
        result = {
            "name": name,
            "about": experiment["about"],
            "commit": git("rev-parse", "HEAD")
            + ("+" if git("status", "--porcelain", "src") else ""),
            "commands": as_typed(experiment),
            "machine": {
                "processor": platform.machine(),
                "cores": os.cpu_count(),
                "seeds_at_once": options.jobs,
            },
            "summary": summary(runs),
            "runs": runs,
        }
        (HERE / "results").mkdir(exist_ok=True)
        (HERE / "results" / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n")
        print(name, json.dumps(result["summary"]))


if __name__ == "__main__":
    main()
