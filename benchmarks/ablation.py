"""Train the variants of ``ablation.json`` and measure what each lever is worth, on dev alone.

Cuts chosen on the texts that they are scored on flatter, and flatter most where there is most to
choose. So each variant is calibrated and cut on one half of dev and scored on the other, at random,
ten times, both ways; the test split is not opened.

Run:  python benchmarks/ablation.py --data DATA --work FOLDER [NAME ...]
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
from typing import TYPE_CHECKING, Any

import numpy as np

from emoconv.bundle import read_bundle
from emoconv.calibration import fit_calibration
from emoconv.data import read_official
from emoconv.engine import ReferenceEngine
from emoconv.metrics import Counts, average_precision
from emoconv.text import Encoder
from emoconv.thresholds import choose
from quality import git

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emoconv.bundle import Bundle
    from emoconv.data import Dataset

HERE = Path(__file__).parent
RULE = "per-label-balanced"
HALVINGS = 10


def dev_logits(bundle: Bundle, dev: Dataset) -> NDArray[np.float32]:
    text = bundle.config.text
    encoder = Encoder(bundle.vocabulary, tokenizer=text.tokenizer, max_tokens=text.max_tokens)
    return ReferenceEngine(bundle).logits(encoder.encode_batch(dev.texts))


def halved(y: NDArray[np.bool_], logits: NDArray[np.float32]) -> dict[str, float]:
    """Return the mean F1 of cuts chosen on one half of dev and scored on the other."""
    rng = np.random.default_rng(0)
    micro, macro = [], []
    for _ in range(HALVINGS):
        halves = np.array_split(rng.permutation(len(y)), 2)
        for chosen, scored in (halves, halves[::-1]):
            calibration = fit_calibration(y[chosen], logits[chosen])
            cuts = choose(y[chosen], calibration.apply(logits[chosen]), rule=RULE, data="dev")
            predicted = cuts.decide(calibration.apply(logits[scored]))
            counts = Counts.of(y=y[scored], predicted=predicted)
            micro.append(float(counts.micro().f1))
            macro.append(float(counts.macro().f1))
    probabilities = fit_calibration(y, logits).apply(logits)
    return {
        "micro_f1": float(np.mean(micro)),
        "macro_f1": float(np.mean(macro)),
        "average_precision": float(average_precision(y, probabilities).mean()),
    }


def command(arguments: list[str], places: dict[str, str]) -> list[str]:
    """Return a command with the names in braces replaced."""
    for name, place in places.items():
        arguments = [a.replace(f"{{{name}}}", place) for a in arguments]
    return arguments


def run(variant: dict[str, Any], options: argparse.Namespace, name: str) -> dict[str, Any]:
    """Train a variant and measure it."""
    model = options.work / name
    places = {"data": str(options.data), "work": str(options.work)}
    program = str(Path(sys.executable).with_name("emoconv"))
    arguments = [*command(variant["command"], places), "--output", str(model), "--overwrite"]
    started = time.perf_counter()
    subprocess.run([program, *arguments], stdout=subprocess.PIPE, check=True)
    seconds = time.perf_counter() - started
    bundle = read_bundle(model)
    dev = read_official(options.data / "goemotions/dev.tsv")
    return {
        "about": variant["about"],
        "command": " ".join(["emoconv", *variant["command"]])
        .replace("{data}", "DATA")
        .replace("{work}", "WORK"),
        "commit": git("rev-parse", "HEAD")
        + ("+" if git("status", "--porcelain", "--", ":/src") else ""),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "seconds": round(seconds, 1),
        "words": len(bundle.vocabulary),
        **halved(dev.y, dev_logits(bundle, dev)),
    }


def main() -> None:
    variants = json.loads((HERE / "ablation.json").read_text())
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="default: all")
    parser.add_argument("--data", type=Path, default=os.environ.get("EMOCONV_DATA"))
    parser.add_argument("--work", type=Path, required=True, help="teachers, answers and models")
    parser.add_argument("--results", type=Path, default=HERE / "results/ablation")
    options = parser.parse_args()
    if options.data is None:
        parser.error("give --data FOLDER, or set EMOCONV_DATA")
    options.results.mkdir(parents=True, exist_ok=True)
    for name in options.names or variants:
        found = run(variants[name], options, name)
        (options.results / f"{name}.json").write_text(json.dumps(found, indent=1) + "\n")
        print(name, json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
