"""Train and score other ways to find emotions beside emoconv's bundles, all under one protocol.

Everything learns from the official train split. Dev chooses the settings of what is trained here,
then, the same way for every system: a calibration (two numbers a label), one cut per label (rule
`per-label-balanced`), and one cut for all (rule `shared-micro`). Probabilities of dev and test are
kept under `--work`, so that nothing is trained twice. The labels of test are read with `--test`
alone, once everything else is done; without it the figures are of dev, and flatter, as the cuts
were chosen there.

Run:  python benchmarks/quality_peers.py --data DATA --work FOLDER
          --bundle NAME=FOLDER --teacher NAME=FOLDER --test
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from classifiers import CLASSIFIERS
from classifiers.base import Data
from classifiers.ready import fingerprint, load_bundle, load_teacher, mean_of, megabytes
from emoconv import metrics
from emoconv.calibration import fit_calibration
from emoconv.data import read_official
from emoconv.labels import GOEMOTIONS
from emoconv.metrics import Counts
from emoconv.thresholds import Thresholds, choose
from quality import git
from speed import machine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from classifiers.base import Classifier, Predict
    from emoconv.data import Dataset

HERE = Path(__file__).parent
RESAMPLES = 10_000
RULES = {"per_label": "per-label-balanced", "shared": "shared-micro"}


@dataclass(frozen=True)
class System:
    """What one system says of dev and test.

    Args:
        about: What is known of it; goes to the results as it is.
        dev: float32 (N, 28), its probabilities for the dev texts, as they come.
        test: float32 (M, 28), the same for the test texts.
    """

    about: dict[str, Any]
    dev: NDArray[np.float32]
    test: NDArray[np.float32]

    def save(self, work: Path, name: str) -> None:
        """Write both; the JSON file last, as its presence says that all is there."""
        np.savez_compressed(work / f"{name}.npz", dev=self.dev, test=self.test)
        (work / f"{name}.json").write_text(json.dumps(self.about, indent=1) + "\n")

    @classmethod
    def load(cls, work: Path, name: str) -> System | None:
        """Return a system that was saved, or None."""
        if not (work / f"{name}.json").exists():
            return None
        arrays = np.load(work / f"{name}.npz")
        about = json.loads((work / f"{name}.json").read_text())
        return cls(about, arrays["dev"], arrays["test"])


@dataclass(frozen=True)
class Decided:
    """A system's calibrated probabilities for one split, and its decisions by each rule."""

    probabilities: NDArray[np.float32]
    cuts: dict[str, Thresholds]

    def predicted(self, rule: str) -> NDArray[np.bool_]:
        """Return bool (N, 28), the decisions by one of RULES."""
        return self.cuts[rule].decide(self.probabilities)


def decide(system: System, dev_y: NDArray[np.bool_], split: str) -> Decided:
    """Calibrate on dev and choose the cuts there; return what follows for a split."""
    calibration = fit_calibration(dev_y, logits(system.dev))
    dev = calibration.apply(logits(system.dev))
    cuts = {name: choose(dev_y, dev, rule=rule, data="dev") for name, rule in RULES.items()}
    return Decided(calibration.apply(logits(getattr(system, split))), cuts)


def logits(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return log-odds, float32, at most 16 from 0."""
    bounded = np.clip(probabilities.astype(np.float64), 1e-7, 1 - 1e-7)
    return np.log(bounded / (1 - bounded)).astype(np.float32)


def quick_figures(dev_y: NDArray[np.bool_], probabilities: NDArray[np.float32]) -> dict[str, float]:
    """Return what settings are chosen by: dev's figures at cuts that dev chose."""
    decided = decide(System({}, probabilities, probabilities), dev_y, "dev")
    f1 = {name: Counts.of(y=dev_y, predicted=decided.predicted(name)) for name in RULES}
    return {
        "macro_f1": float(f1["per_label"].macro().f1),
        "micro_f1": float(f1["per_label"].micro().f1),
        "shared_micro_f1": float(f1["shared"].micro().f1),
        "average_precision": float(metrics.average_precision(dev_y, probabilities).mean()),
    }


def merit(figures: dict[str, float]) -> float:
    """Return the mean of macro F1 by cuts per label and micro F1 by one cut."""
    return (figures["macro_f1"] + figures["shared_micro_f1"]) / 2


def train(name: str, classifier: Classifier, data: Data, test_texts: Sequence[str]) -> System:
    """Train every candidate of a classifier that is not there yet; return and save the best."""
    tried: list[System] = []
    for number, settings in enumerate(classifier.candidates):
        kept = f"{name}-{number}"
        found = System.load(data.work, kept)
        if found is None or found.about["settings"] != json.loads(json.dumps(settings)):
            started = time.process_time()
            predict = classifier.fit(data, **settings)
            seconds = round(time.process_time() - started, 1)
            dev = predict(data.dev.texts)
            figures = quick_figures(data.dev.y, dev)
            about = {"settings": settings, "train_seconds": seconds, "dev": figures}
            found = System(about, dev, predict(test_texts))
            found.save(data.work, kept)
        print(kept, json.dumps(found.about), file=sys.stderr, flush=True)
        tried.append(found)
    best = max(tried, key=lambda system: merit(system.about["dev"]))
    about = {"about": classifier.about, **best.about, "candidates": [t.about for t in tried]}
    return System(about, best.dev, best.test)


def read_ready(
    folders: list[Path],
    load: Callable[..., Predict],
    *,
    kept: str,
    about: str,
    data: Data,
    test_texts: Sequence[str],
) -> System:
    """Return what a model in a folder says, or the mean of several; saved until they change."""
    print_of = fingerprint(folders)
    found = System.load(data.work, kept)
    if found is None or found.about["sha256"] != print_of:
        predict = mean_of([load(folder, GOEMOTIONS) for folder in folders])
        details = {
            "about": about,
            "megabytes": round(megabytes(folders), 1),
            "sha256": print_of,
        }
        found = System(details, predict(data.dev.texts), predict(test_texts))
        found.save(data.work, kept)
    return found


def scored(
    system: System, decided: Decided, y: NDArray[np.bool_], split: str, resamples: int
) -> dict[str, Any]:
    """Return a system's figures on a split."""
    per_label, shared = (
        metrics.evaluate(
            y=y,
            predicted=decided.predicted(rule),
            probabilities=decided.probabilities,
            labels=GOEMOTIONS,
            thresholds=decided.cuts[rule].values,
            resamples=resamples,
        )
        for rule in RULES
    )
    as_it_comes = metrics.reliability(y, getattr(system, split)).error
    short = {"cut": float(decided.cuts["shared"].values[0])}
    for average in ("micro", "macro"):
        short[average] = shared.to_dict()[average]
    return rounded(
        {"per_label": per_label.to_dict(), "shared": short, "calibration_error_raw": as_it_comes}
    )


def compared(
    a: Decided, b: Decided, y: NDArray[np.bool_], resamples: int
) -> dict[str, dict[str, Any]]:
    """Return how much higher b's figures are than a's, by each rule, on the same resamples."""
    return {
        rule: rounded(
            {
                name: {
                    "estimate": one.estimate,
                    "low": one.interval.low,
                    "high": one.interval.high,
                    "p": one.p_value,
                }
                for name, one in (("micro_f1", found.micro_f1), ("macro_f1", found.macro_f1))
            }
        )
        for rule in RULES
        for found in [
            metrics.compare(y=y, a=a.predicted(rule), b=b.predicted(rule), resamples=resamples)
        ]
    }


def rounded(values: Any) -> Any:  # noqa: ANN401 - what JSON holds
    """Return what JSON holds with five places for every figure."""
    if isinstance(values, dict):
        return {name: rounded(value) for name, value in values.items()}
    if isinstance(values, list):
        return [rounded(value) for value in values]
    return round(values, 5) if isinstance(values, float) else values


def results(
    systems: dict[str, System], *, dev: Dataset, measured: Dataset, split: str, resamples: int
) -> dict[str, Any]:
    """Score every system on a split and compare the first with each of the others."""
    decided = {name: decide(system, dev.y, split) for name, system in systems.items()}
    ours, *others = systems
    return {
        "split": split,
        "rows": len(measured),
        "sha256": measured.fingerprint(),
        "rules": RULES,
        "resamples": resamples,
        "ours": ours,
        "systems": {
            name: {
                **system.about,
                "figures": scored(system, decided[name], measured.y, split, resamples),
            }
            for name, system in systems.items()
        },
        "paired": {
            name: compared(decided[name], decided[ours], measured.y, resamples) for name in others
        },
    }


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=os.environ.get("EMOCONV_DATA"))
    parser.add_argument("--work", type=Path, required=True, help="where probabilities are kept")
    parser.add_argument(
        "--bundle",
        action="append",
        default=[],
        metavar="NAME=FOLDER",
        help="an emoconv bundle; the first is the one that all others are compared with",
    )
    parser.add_argument(
        "--teacher",
        action="append",
        default=[],
        metavar="NAME=FOLDER[,FOLDER]",
        help="a fine-tuned transformers sequence classifier, or several to take the mean of",
    )
    parser.add_argument("--peers", default=",".join(CLASSIFIERS), help="what to train; may be ''")
    parser.add_argument(
        "--train-seconds",
        action="append",
        default=[],
        metavar="NAME=SECONDS",
        help="what training a bundle or teacher took, for the table",
    )
    parser.add_argument("--test", action="store_true", help="read the labels of test, and measure")
    parser.add_argument("--resamples", type=int, default=RESAMPLES)
    parser.add_argument("--output", type=Path, default=HERE / "results/quality-peers.json")
    options = parser.parse_args()
    if options.data is None:
        parser.error("give --data FOLDER, or set EMOCONV_DATA")
    for field in ("bundle", "teacher", "train_seconds"):
        pairs = [value.partition("=") for value in getattr(options, field)]
        if any(not (name and value) for name, _, value in pairs):
            parser.error(f"--{field.replace('_', '-')} takes NAME=...")
        setattr(options, field, {name: value for name, _, value in pairs})
    options.peers = [name for name in options.peers.split(",") if name]
    if unknown := set(options.peers) - set(CLASSIFIERS):
        parser.error(f"no peer {', '.join(sorted(unknown))}; there are {', '.join(CLASSIFIERS)}")
    return options


def as_typed(options: argparse.Namespace) -> str:
    """Return the command as a person types it, folders named FOLDER."""
    words = ["python benchmarks/quality_peers.py --data DATA --work FOLDER"]
    words += [
        f"--{kind} {name}=FOLDER" for kind in ("bundle", "teacher") for name in vars(options)[kind]
    ]
    if options.peers != list(CLASSIFIERS):
        words.append(f"--peers {','.join(options.peers) or repr('')}")
    if options.resamples != RESAMPLES:
        words.append(f"--resamples {options.resamples}")
    return " ".join(words + ["--test"] * options.test)


def gather(options: argparse.Namespace, data: Data, test_texts: Sequence[str]) -> dict[str, System]:
    """Return every system that was asked for: bundles, teachers, peers."""
    systems: dict[str, System] = {}
    for kind, load, about in (
        ("bundle", load_bundle, "an emoconv bundle"),
        ("teacher", load_teacher, "a fine-tuned transformer"),
    ):
        for name, value in getattr(options, kind).items():
            folders = [Path(folder) for folder in value.split(",")]
            systems[name] = read_ready(
                folders,
                load,
                kept=f"{kind}-{name}",
                about=about + f", mean of {len(folders)}" * (len(folders) > 1),
                data=data,
                test_texts=test_texts,
            )
            if name in options.train_seconds:
                systems[name].about["train_seconds"] = float(options.train_seconds[name])
    for name in options.peers:
        systems[name] = train(name, CLASSIFIERS[name], data, test_texts)
    return systems


def main() -> None:
    options = parse()
    options.work.mkdir(parents=True, exist_ok=True)
    split = {
        part: read_official(options.data / f"goemotions/{part}.tsv")
        for part in ("train", "dev", "test")
    }
    data = Data(split["train"], split["dev"], options.data, options.work)
    systems = gather(options, data, split["test"].texts)
    if not systems:
        raise SystemExit("no system to measure: name a --bundle, a --teacher or one of --peers")
    part = "test" if options.test else "dev"
    found = results(
        systems, dev=data.dev, measured=split[part], split=part, resamples=options.resamples
    )
    result = {
        "command": as_typed(options),
        "commit": git("rev-parse", "HEAD")
        + ("+" if git("status", "--porcelain", "--", ":/src") else ""),
        "machine": {n: v for n, v in machine().items() if n != "load_before"},
        **found,
    }
    options.output.write_text(json.dumps(result, indent=1) + "\n")
    for name, system in found["systems"].items():
        figures = system["figures"]
        print(
            f"{name:20} macro {figures['per_label']['macro']['f1']:.4f} "
            f"micro {figures['per_label']['micro']['f1']:.4f} "
            f"one cut: micro {figures['shared']['micro']['f1']:.4f} "
            f"AP {figures['per_label']['average_precision']:.4f} ({part})"
        )


if __name__ == "__main__":
    main()
