"""What `emoconv data doctor` finds in GoEmotions, and how much of it a reader finds wrong.

The verdicts in `doctor_verdicts.json` are one reader's, by line of train.tsv, given with the
doctor's suggestion in view: wrong if a label is given that the text does not bear out, or an
emotion that it states plainly is missing; debatable if readers may differ. On another machine a
few of the worst hundred may be others, without a verdict; how many have one is in the result.

Run:  emoconv data doctor DATA/goemotions/train.tsv --save-probabilities train.parquet
      python benchmarks/doctor.py --data DATA --probabilities train.parquet
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import warnings
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from emoconv.data import part_path, read
from emoconv.doctor import examine, find_suspects, read_probabilities
from emoconv.metrics.shares import wilson
from quality import git
from speed import machine

if TYPE_CHECKING:
    from emoconv.data import Dataset

HERE = Path(__file__).parent
_WORST = 100


def worst_unadjusted(dataset: Dataset, probabilities: np.ndarray[Any, Any]) -> list[int]:
    """Return the lines of the worst rows by cleanlab's own default."""
    from cleanlab.multilabel_classification import rank  # noqa: PLC0415 - an extra

    given = [np.flatnonzero(row).tolist() for row in dataset.y]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scores = rank.get_label_quality_scores(given, probabilities)
    suspects = sorted(
        find_suspects(dataset, probabilities), key=lambda one: (scores[one.row], one.row)
    )
    return [one.row + 1 for one in suspects[:_WORST]]


def shares(verdicts: dict[str, str], lines: list[int] | None) -> dict[str, Any]:
    """Count verdicts, with the interval of the share that is wrong."""
    judged = [verdicts[str(line)] for line in lines or verdicts if str(line) in verdicts]
    counts = Counter(judged)
    low, high = wilson(np.array([counts["wrong"]]), np.array([len(judged)]))
    return {
        "rows": len(lines or verdicts),
        "judged": len(judged),
        **{verdict: counts[verdict] for verdict in ("wrong", "debatable", "right")},
        "wrong_share": counts["wrong"] / len(judged),
        "interval": [round(float(low[0]), 3), round(float(high[0]), 3)],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("EMOCONV_DATA"))
    parser.add_argument("--probabilities", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=HERE / "results/doctor.json")
    options = parser.parse_args()
    if options.data is None:
        parser.error("give --data FOLDER, or set EMOCONV_DATA")
    folder = options.data / "goemotions"
    train = read(part_path(folder, "train"))
    probabilities = read_probabilities(options.probabilities, train)
    suspects = find_suspects(train, probabilities)
    found = examine(
        train,
        lines=range(1, len(train) + 1),
        others={part: read(part_path(folder, part)) for part in ("dev", "test")},
        suspects=suspects,
    ).to_dict(top=0)
    del found["worst"], found["label_counts"]
    verdicts = json.loads((HERE / "doctor_verdicts.json").read_text())
    worst = [one.row + 1 for one in suspects[:_WORST]]
    lines = {
        "worst 100": worst,
        "worst 100, probabilities not adjusted": worst_unadjusted(train, probabilities),
    }
    added = [set(one.suggested) - set(one.given) for one in suspects]
    taken = [set(one.given) - set(one.suggested) for one in suspects]
    result = {
        "command": "python benchmarks/doctor.py --data DATA --probabilities train.parquet",
        "commit": git("rev-parse", "HEAD")
        + ("+" if git("status", "--porcelain", "--", ":/src") else ""),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "machine": machine(),
        "train": found,
        "suspects_with_a_label_too_few": sum(map(bool, added)),
        "suspects_with_a_label_too_many": sum(map(bool, taken)),
        "missing_most_often": Counter(n for names in added for n in names).most_common(5),
        "doubted_most_often": Counter(n for names in taken for n in names).most_common(5),
        "labels_a_row": {
            "all": round(float(train.y.sum(axis=1).mean()), 3),
            **{
                name: round(float(train.y[np.array(some) - 1].sum(axis=1).mean()), 3)
                for name, some in lines.items()
            },
        },
        "verdicts": {name: shares(own, lines.get(name)) for name, own in verdicts.items()},
    }
    options.output.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
