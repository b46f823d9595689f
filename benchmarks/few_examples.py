"""Learn classes from 100 to 10,000 texts, with `EmotionClassifier` and in other ways.

The defaults of the estimator were chosen on dev parts (``dev/LOG.md``). Without ``--test`` the
figures are of dev; with it they are of the test parts, for which nothing is chosen. Every method
gets the same texts; each fit has one thread, and at last the estimator has two for the most texts.
A run that was cut off goes on: what is in the results is not done again.

The encoder is a folder with all-MiniLM-L6-v2 in the form of transformers.

Run:  python benchmarks/few_examples.py --data DATA --work FOLDER --encoder FOLDER --test
      python benchmarks/few_examples_tables.py    (the page and the plot)
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, fields
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.metrics import accuracy_score, f1_score

from few_examples_methods import C_TRIED, METHODS, Tools, load_method, weight
from few_examples_tasks import TASKS, make_start, read_task
from quality import git
from speed import machine

HERE = Path(__file__).parent
SIZES = (100, 300, 1000, 3000, 10000)
SEEDS = (0, 1, 2)
_SLOW, _SEEDS_WHERE_SLOW = 10000, 2


@dataclass(frozen=True)
class Job:
    """One fit."""

    task: str
    method: str
    texts: int
    seed: int
    threads: int = 1


def jobs(methods: list[str]) -> list[Job]:
    """Return every fit: small ones first, but those that are not for many texts last."""
    found = [
        Job(task, method, size, seed)
        for size in SIZES
        for seed in SEEDS
        for method in methods
        for task in TASKS
        if size <= (METHODS[method].most or size)
        and seed < (_SEEDS_WHERE_SLOW if size >= _SLOW else METHODS[method].seeds)
    ]
    return sorted(found, key=lambda job: METHODS[job.method].most is not None)


WITH_BOTH_CORES = [Job(task, "warm", SIZES[-1], 0, threads=2) for task in TASKS]
"""These are measured with nothing beside them, for how long a user waits."""


def measure(job: Job, tools: Tools, part: str) -> dict[str, Any]:
    """Fit once, and predict a part."""
    task = read_task(job.task, tools.data)
    fit = load_method(job.method, job.task, tools)
    torch.set_num_threads(job.threads)
    drawn, measured = task.draw(job.texts, job.seed), getattr(task, part)
    load = os.getloadavg()[0]
    wall, busy = time.perf_counter(), time.process_time()
    predict = fit(drawn, job.seed)
    busy, wall = time.process_time() - busy, time.perf_counter() - wall
    found = predict(measured.texts)
    return {
        **asdict(job),
        **scores(measured.y, found, classes=len(task.classes)),
        "processor_seconds": round(busy, 2),
        "seconds": round(wall, 2),
        "load": round(load, 1),
    }


def scores(y: np.ndarray, found: np.ndarray, *, classes: int) -> dict[str, float]:
    f1 = f1_score(y, found, labels=range(classes), average="macro", zero_division=0)
    return {
        "macro_f1": round(float(f1), 5),
        "accuracy": round(float(accuracy_score(y, found)), 5),
    }


def described(data: Path, part: str) -> dict[str, Any]:
    """Return what is known of the tasks."""
    found = {}
    for name in TASKS:
        task = read_task(name, data)
        measured = getattr(task, part)
        usual = np.full_like(measured.y, np.bincount(task.pool.y).argmax())
        found[name] = {
            "about": task.about,
            "classes": task.classes,
            "pool": {"rows": len(task.pool.y), "sha256": task.pool.fingerprint(task.classes)},
            "left_out": task.left_out,
            "measured": {"rows": len(measured.y), "sha256": measured.fingerprint(task.classes)},
            "most_frequent": scores(measured.y, usual, classes=len(task.classes)),
        }
    return found


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=os.environ.get("EMOCONV_DATA"))
    parser.add_argument(
        "--work", type=Path, required=True, help="where the emotions' start is kept"
    )
    parser.add_argument("--encoder", type=Path, help="all-MiniLM-L6-v2; without it, not measured")
    parser.add_argument("--jobs", type=int, default=1, help="fits at the same time")
    parser.add_argument("--methods", help="some, with commas; default: all")
    parser.add_argument("--test", action="store_true", help="read the test parts, and measure")
    parser.add_argument("--output", type=Path, default=HERE / "results/few_examples.json")
    options = parser.parse_args()
    if options.data is None:
        parser.error("give --data FOLDER, or set EMOCONV_DATA")
    options.methods = options.methods.split(",") if options.methods else list(METHODS)
    if unknown := set(options.methods) - set(METHODS):
        parser.error(f"no method {', '.join(sorted(unknown))}; there are {', '.join(METHODS)}")
    if options.encoder is None:
        options.methods = [m for m in options.methods if m not in ("minilm", "tuned")]
    return options


def main() -> None:
    options = parse()
    os.environ |= {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}  # of those that fit
    tools = Tools(options.data, options.work / "start", options.encoder or Path())
    part = "test" if options.test else "dev"
    before = read(options.output, part)
    make_start(tools.data, tools.start)
    result = {
        "command": "python benchmarks/few_examples.py --data DATA --work FOLDER --encoder FOLDER"
        + f" --jobs {options.jobs}" * (options.jobs > 1)
        + " --test" * options.test,
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "machine": {n: v for n, v in machine().items() if n != "load_before"},
        "part": part,
        "C_tried": C_TRIED,
        "tasks": described(tools.data, part),
        "methods": before.get("methods", {})
        | {
            name: {"about": METHODS[name].about, **weight(METHODS[name], tools)}
            for name in options.methods
        },
        "runs": before.get("runs", []),
    }
    beside_others = jobs(options.methods)
    alone = [job for job in WITH_BOTH_CORES if job.method in options.methods]
    for wanted, at_once in (beside_others, options.jobs), (alone, 1):
        run(wanted, result, options.output, tools=tools, at_once=at_once)


def run(
    wanted: list[Job], result: dict[str, Any], path: Path, *, tools: Tools, at_once: int
) -> None:
    """Measure what is not in the results, and write them after each."""
    commit = git("rev-parse", "HEAD") + ("+" if git("status", "--porcelain", "--", ":/src") else "")
    names = [field.name for field in fields(Job)]
    done = {Job(**{name: one[name] for name in names}) for one in result["runs"]}
    with ProcessPoolExecutor(at_once, mp_context=get_context("spawn")) as pool:
        part = result["part"]
        fits = [pool.submit(measure, job, tools, part) for job in wanted if job not in done]
        try:
            for fit in as_completed(fits):
                result["runs"].append({**fit.result(), "commit": commit})
                result["runs"].sort(key=lambda one: [one[name] for name in names])
                write(result, path)
                print(json.dumps(fit.result()), flush=True)
        finally:
            pool.shutdown(cancel_futures=True)  # what fails or is cut off stops at once


def read(path: Path, part: str) -> dict[str, Any]:
    """Return the results that are there, of the same part; ``{}`` where there are none."""
    if not path.exists():
        return {}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if found["part"] != part:
        raise SystemExit(f"{path} has results of the {found['part']} part; give another --output")
    return found


def write(result: dict[str, Any], path: Path) -> None:
    """Write the results whole, or leave what was there."""
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    beside.replace(path)


if __name__ == "__main__":
    main()
