"""The behaviour suite on the shipped model, and what a remedy for words of groups would cost.

The remedy: leave out words for groups of people before a text is scored. It makes the answers to
the suite's templates equal by force; what it does to other texts is measured on dev.

Run:  python benchmarks/behaviour.py --data DATA
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from emoconv import EmotionDetector
from emoconv.behaviour import load_families, run
from emoconv.data import part_path, read
from emoconv.labels import SENTIMENT
from emoconv.metrics import Counts
from quality import git
from speed import machine

if TYPE_CHECKING:
    from numpy.typing import NDArray

HERE = Path(__file__).parent
_FAMILY = "identity terms"


def words_for_groups() -> re.Pattern[str]:
    """Return what finds the terms of the suite in a text, with a following space."""
    family = next(one for one in load_families() if one.name == _FAMILY)
    terms = {str(case.term).partition(" ")[2] for case in family.cases}
    longest_first = sorted(terms, key=lambda term: (-len(term), term))
    return re.compile(rf"\b(?:{'|'.join(longest_first)})\b ?", re.IGNORECASE)


def negative(detector: EmotionDetector, values: NDArray[Any]) -> float:
    """Return the mean sum of the negative emotions' values."""
    columns = [detector.labels.index(name) for name in SENTIMENT.groups["negative"]]
    return round(float(values[:, columns].sum(axis=1).mean()), 3)


def remedy(detector: EmotionDetector, folder: Path) -> dict[str, Any]:
    """Score the dev texts that have a word for a group, with and without it."""
    dev, pattern = read(part_path(folder, "dev")), words_for_groups()
    rows = np.array([row for row, text in enumerate(dev.texts) if pattern.search(text)])
    part = dev.select(rows)
    texts = {
        "as they are": list(part.texts),
        "words left out": [pattern.sub("", text) for text in part.texts],
    }
    found = {name: detector.predict_proba(some) for name, some in texts.items()}
    decisions = {name: p >= detector.thresholds for name, p in found.items()}
    before, after = decisions.values()
    everywhere = detector.predict_proba(dev.texts)
    return {
        "dev_texts_with_a_term": len(rows),
        "texts_whose_decisions_change": int((before != after).any(axis=1).sum()),
        "negative_labels_a_text": {
            "all dev texts, given": negative(detector, dev.y),
            "all dev texts, expected": negative(detector, everywhere),
            "with a term, given": negative(detector, part.y),
            **{
                f"with a term, expected, {name}": negative(detector, p) for name, p in found.items()
            },
        },
        "micro_f1": {
            name: round(float(Counts.of(y=part.y, predicted=held).micro().f1), 4)
            for name, held in decisions.items()
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("EMOCONV_DATA"))
    parser.add_argument("--output", type=Path, default=HERE / "results/behaviour.json")
    options = parser.parse_args()
    if options.data is None:
        parser.error("give --data FOLDER, or set EMOCONV_DATA")
    detector = EmotionDetector.load(engine="reference")
    results = run(detector)
    print(results.summary)
    result = {
        "command": "python benchmarks/behaviour.py --data DATA",
        "commit": git("rev-parse", "HEAD")
        + ("+" if git("status", "--porcelain", "--", ":/src") else ""),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "machine": machine(),
        **results.to_dict(),
        "words_for_groups_left_out": remedy(detector, options.data / "goemotions"),
    }
    options.output.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
