"""Whether explanations sum to what they explain, on GoEmotions test, and how long they take.

That they do is a property of arithmetic: nothing is chosen here. Times are those of one text after
the other, each met for the first time, in one process. Writes ``results/explanations.json``.

Run:  python benchmarks/explanations.py --data DATA
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from emoconv import EmotionDetector
from emoconv.explanation.corpus import PhraseCounter
from emoconv.explanation.vocabulary import WordShares
from quality import git
from speed import machine

if TYPE_CHECKING:
    from collections.abc import Callable

    from emoconv.explanation import Explanation

HERE = Path(__file__).parent
_WARM = 200
_TIMED = 2_000


def goemotions(data: Path, part: str) -> list[str]:
    """Return the texts of a part of the official split."""
    lines = (data / f"goemotions/{part}.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t")[0] for line in lines]


def exactness(detector: EmotionDetector, texts: list[str]) -> dict[str, Any]:
    """Return how far sums are from the logits, and probabilities from those of the detector."""
    probabilities = detector.predict_proba(texts)
    largest = {"phrases": 0.0, "words": 0.0, "probability": 0.0}
    phrases = decisions = 0
    for text, row in zip(texts, probabilities, strict=True):
        found = list(detector.explain(text).values())
        phrases += len(found[0].phrases)
        for one, probability in zip(found, row.tolist(), strict=True):
            for name, parts in (("phrases", one.phrases), ("words", one.words)):
                away = abs(one.bias + sum(part.share for part in parts) - one.logit)
                largest[name] = max(largest[name], away)
            away = abs(1 / (1 + np.exp(-one.logit)) - probability)
            largest["probability"] = max(largest["probability"], float(away))
        held = np.array([one.holds for one in found])
        decisions += int((held != (row >= detector.thresholds)).sum())
    return {
        "texts": len(texts),
        "labels": len(detector.labels),
        "phrases_per_text": round(phrases / len(texts), 1),
        "largest_difference_of_logit_and_phrases": largest["phrases"],
        "largest_difference_of_logit_and_words": largest["words"],
        "largest_difference_of_probability": largest["probability"],
        "other_decisions": decisions,
    }


def seconds(work: Callable[[str], object], texts: list[str]) -> dict[str, float]:
    """Return how long a text takes in the middle, at the 99th percentile and in the mean, in ms."""
    for text in texts[:_WARM]:
        work(text)
    taken = []
    for text in texts[_WARM : _WARM + _TIMED]:
        started = time.perf_counter()
        work(text)
        taken.append(1e3 * (time.perf_counter() - started))
    p50, p99 = np.percentile(taken, [50, 99])
    figures = {"p50_ms": p50, "p99_ms": p99, "mean_ms": np.mean(taken)}
    return {name: round(float(value), 3) for name, value in figures.items()}


def _parts(found: dict[str, Explanation]) -> list[object]:
    return [(one.phrases, one.words) for one in found.values()]


def times(detector: EmotionDetector, texts: list[str]) -> dict[str, Any]:
    """Return how long explanations take."""
    detector.predict_proba(texts)  # words are met
    return {
        "explain": seconds(detector.explain, texts),
        "explain_and_read_the_labels_that_hold": seconds(
            lambda text: _parts({k: v for k, v in detector.explain(text).items() if v.holds}),
            texts,
        ),
        "explain_and_read_all_labels": seconds(lambda text: _parts(detector.explain(text)), texts),
        "predict_proba": seconds(lambda text: detector.predict_proba([text]), texts),
    }


def tables(detector: EmotionDetector, texts: list[str]) -> dict[str, Any]:
    """Return how fast the tables of `emoconv words` are made."""
    found = {}
    for name, labels in (("one_label", [21]), ("all_labels", range(len(detector.labels)))):
        counter = PhraseCounter(detector.bundle, labels=labels, top=20, examples=2)
        started = time.perf_counter()
        counter.add(texts)
        found[name] = round(len(texts) / (time.perf_counter() - started))
    started = time.perf_counter()
    WordShares(detector.bundle)
    taken = round(time.perf_counter() - started, 2)
    return {"corpus_texts": len(texts), "texts_per_second": found, "vocabulary_seconds": taken}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("EMOCONV_DATA"))
    parser.add_argument("--output", type=Path, default=HERE / "results/explanations.json")
    options = parser.parse_args()
    if options.data is None:
        parser.error("give --data FOLDER, or set EMOCONV_DATA")
    before = machine()
    detector = EmotionDetector.load(engine="reference")
    test, train = goemotions(options.data, "test"), goemotions(options.data, "train")
    result = {
        "command": "python benchmarks/explanations.py --data DATA",
        "commit": git("rev-parse", "HEAD")
        + ("+" if git("status", "--porcelain", "--", ":/src") else ""),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "machine": before,
        "goemotions_test": exactness(detector, test),
        "one_text": times(detector, test),
        "words": tables(detector, train[:20_000]),
    }
    print(json.dumps(result, indent=1), file=sys.stderr)
    options.output.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
