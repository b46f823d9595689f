"""Search for a better recipe than `small` on GoEmotions, as a user would, and tell honestly.

Only train and dev are read. Half of dev is what the search goes by, and the other half is for the
comparison at the end; what that costs and how it is done, ``docs/how-to/tune.md`` says. A run that
was cut off goes on. It takes about an hour of one core that multiplies bfloat16.

Run:  python benchmarks/tuning.py --data DATA --work FOLDER
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from emoconv.report import Table
from quality import git

HERE = Path(__file__).parent
RECIPE = "small"
SPACE = """\
# The package's own, but no recipe that takes more than half again as long as the first.
[model.filters]
high = 384
"""
VECTORS = "vectors/reddit-top2.5M.sg.300d.txt.gz"
OPTIONS = ["--threads", "1", "--trials", "30", "--finalists", "2", "--seeds", "3"]
KEPT = ("number", "standing", "value", "values", "seconds", "reason")
FIGURES = ("chosen_by", "macro_f1", "micro_f1")
WARM_UP = 2


def command(data: str, work: str) -> list[str]:
    return [
        *("tune", "--data", f"{data}/goemotions", "--recipe", RECIPE),
        *("--vectors", f"{data}/{VECTORS}", "--space", f"{work}/space.toml"),
        *OPTIONS,
        *("--output", f"{work}/{RECIPE}"),
    ]


def ranks(values: list[float]) -> np.ndarray:
    return np.argsort(np.argsort(values)).astype(np.float64)


def pruning(trials: list[dict[str, Any]], objective: str) -> dict[str, float]:
    """Return what pruning saved, and how well an early epoch foretells what is kept.

    The rank correlation is over complete trials, which are those that pruning let pass: over all it
    would be higher.
    """
    complete = [t for t in trials if t["standing"] == "complete"]
    pruned = [t for t in trials if t["standing"] == "pruned"]
    early = [t["history"][WARM_UP - 1][objective] for t in complete]
    kept = [t["value"] for t in complete]
    whole = float(np.mean([t["seconds"] for t in complete]))
    return {
        "complete_seconds_mean": round(whole, 1),
        "pruned_seconds_mean": round(float(np.mean([t["seconds"] for t in pruned])), 1),
        "epochs_trained": sum(len(t["history"]) for t in complete + pruned),
        "epochs_of_all_to_their_end": len(complete + pruned) * len(complete[0]["history"]),
        "rank_correlation_of_epoch_2": round(
            float(np.corrcoef(ranks(early), ranks(kept))[0, 1]), 3
        ),
    }


def tables(study: dict[str, Any]) -> str:
    """Return the best trials and the finals as Markdown."""
    names = [one["name"] for one in study["space"]]
    complete = [t for t in study["trials"] if t["standing"] == "complete"]
    best = sorted(complete, key=lambda t: -t["value"])[:5]
    first = [t for t in complete if t["is_start"] and t not in best]
    rows = tuple(
        (str(t["number"]), f"{t['value']:.4f}", *(str(shown(t["values"][n])) for n in names))
        for t in best + first
    )
    trials = Table(("trial", "value", *(n.partition(".")[2] for n in names)), rows).markdown()
    finals = study["finals"]
    if finals is None:
        return trials
    entries = tuple(
        (
            str(entry["trial"]),
            *(f"{entry['means'][name]:.4f}" if name in entry["means"] else "" for name in FIGURES),
        )
        for entry in finals["entries"]
    )
    head = ("trial", "half to choose by", "macro F1, held out", "micro F1, held out")
    return f"{trials}\n\n{Table(head, entries).markdown()}"


def shown(value: object) -> object:
    return float(f"{value:.3g}") if isinstance(value, float) else value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("EMOCONV_DATA"))
    parser.add_argument("--work", type=Path, required=True, help="the study and its results")
    parser.add_argument("--results", type=Path, default=HERE / "results/tuning.json")
    options = parser.parse_args()
    if options.data is None:
        parser.error("give --data FOLDER, or set EMOCONV_DATA")
    options.work.mkdir(parents=True, exist_ok=True)
    (options.work / "space.toml").write_text(SPACE, encoding="utf-8")
    program = str(Path(sys.executable).with_name("emoconv"))
    started = time.perf_counter()
    subprocess.run([program, *command(str(options.data), str(options.work))], check=True)
    seconds = time.perf_counter() - started
    study = json.loads((options.work / RECIPE / "study.json").read_text(encoding="utf-8"))
    found = {
        "command": " ".join(["emoconv", *command("DATA", "WORK")]),
        "space_file": SPACE,
        "commit": git("rev-parse", "HEAD")
        + ("+" if git("status", "--porcelain", "--", ":/src") else ""),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "last_call_seconds": round(seconds, 1),
        "trial_seconds": round(sum(t["seconds"] or 0 for t in study["trials"]), 1),
        **{name: study[name] for name in ("objective", "verdict", "best", "start", "tally")},
        **{name: study[name] for name in ("importances", "finals", "data", "recipe")},
        "pruning": pruning(study["trials"], study["objective"]),
        "trials": [
            {**{name: trial[name] for name in KEPT}, "epochs": len(trial["history"])}
            for trial in study["trials"]
        ],
    }
    options.results.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(tables(study), found["verdict"], json.dumps(found["pruning"]), sep="\n\n")


if __name__ == "__main__":
    main()
