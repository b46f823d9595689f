"""Compare measures of confidence, on dev: by which are unsure texts left out best?

The shipped model with its own cuts. Each measure orders the texts; the most confident part of them
is scored.

Run:  python benchmarks/abstention.py --data DATA
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from emoconv.data import read_official
from emoconv.detector import EmotionDetector
from emoconv.metrics import Counts, risk_coverage
from quality import git

if TYPE_CHECKING:
    from numpy.typing import NDArray

HERE = Path(__file__).parent
COVERAGES = (0.25, 0.5, 0.75, 1.0)
BOUNDS = (0.0, 0.3, 0.5, 0.7, 0.9)


def confidences(
    p: NDArray[np.float64], cuts: NDArray[np.float32]
) -> dict[str, NDArray[np.float64]]:
    """Return what each measure says of N texts, float64 (N,) each; more is surer."""
    inside = np.clip(p, 1e-6, 1 - 1e-6)
    above = np.log(inside / (1 - inside)) - np.log(cuts / (1 - cuts))
    decided = np.where(above >= 0, inside, 1 - inside)
    entropy = -(inside * np.log(inside) + (1 - inside) * np.log(1 - inside)).sum(axis=1)
    return {
        "highest probability": p.max(axis=1),
        "farthest above its cut": above.max(axis=1),
        "least distance to a cut": np.abs(above).min(axis=1),
        "product of the decisions' probabilities": np.log(decided).sum(axis=1),
        "entropy": -entropy,
    }


def scored(
    y: NDArray[np.bool_], predicted: NDArray[np.bool_], confidence: NDArray[np.float64]
) -> dict[str, Any]:
    """Return the area of the error over coverages, and micro F1 at some of them."""
    order = np.argsort(-confidence, kind="stable")
    y, predicted = y[order], predicted[order]
    wrong = (y != predicted).any(axis=1).cumsum()
    f1 = {}
    for share in COVERAGES:
        some = slice(round(share * len(y)))
        counts = Counts.of(y=y[some], predicted=predicted[some])
        f1[str(share)] = round(float(counts.micro().f1), 4)
    area = float((wrong / np.arange(1, len(y) + 1)).mean())
    return {"area": round(area, 4), "micro_f1_at_coverage": f1}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("EMOCONV_DATA"))
    parser.add_argument("--results", type=Path, default=HERE / "results/abstention.json")
    options = parser.parse_args()
    if options.data is None:
        parser.error("give --data FOLDER, or set EMOCONV_DATA")
    dev = read_official(options.data / "goemotions/dev.tsv")
    detector = EmotionDetector.load(engine="reference")
    p = detector.predict_proba(dev.texts)
    predicted = detector.bundle.thresholds.decide(p)
    measures = confidences(p.astype(np.float64), detector.thresholds)
    curve = risk_coverage(y=dev.y, predicted=predicted, probabilities=p)
    last = {bound: int(np.flatnonzero(curve.min_confidence >= bound)[-1]) for bound in BOUNDS}
    names = ("coverage", "error", "micro_f1", "macro_f1")
    found = {
        "command": "python benchmarks/abstention.py --data DATA",
        "commit": git("rev-parse", "HEAD")
        + ("+" if git("status", "--porcelain", "--", ":/src") else ""),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "model": detector.fingerprint(),
        "data": {"file": "goemotions/dev.tsv", "rows": len(dev)},
        "measures": {name: scored(dev.y, predicted, c) for name, c in measures.items()},
        "least_confidence": {
            str(bound): {name: round(float(getattr(curve, name)[at]), 4) for name in names}
            for bound, at in last.items()
        },
    }
    options.results.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
