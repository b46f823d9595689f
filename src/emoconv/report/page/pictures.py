"""The plots of a page: which figures each shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emoconv.metrics import pair_counts, reliability
from emoconv.report.page.charts import heatmap, line_chart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from emoconv.metrics import RiskCoverage
    from emoconv.report.page.charts import Heatmap, LineChart
    from emoconv.thresholds import SweepRow

__all__ = ["coverage", "cut_charts", "heatmaps", "reliability_chart"]

_FIFTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_CONFIDENCES = (0.0, 0.3, 0.5, 0.7, 0.9)
_AT_CONFIDENCE = ("coverage", "error", "micro_f1")
_LEAST_COVERAGE = 0.02
"""Below it a curve is of too few texts to be looked at."""


def cut_charts(rows: Sequence[SweepRow]) -> list[LineChart]:
    """Return precision, recall and F1 against a shared cut, micro and macro."""
    charts = []
    for name in ("micro", "macro"):
        scores = [getattr(row, name) for row in rows]
        cuts = [row.cut for row in rows]
        best = max(range(len(rows)), key=lambda i: scores[i].f1)
        charts.append(
            line_chart(
                {
                    "F1": (cuts, [s.f1 for s in scores]),
                    "precision": (cuts, [s.precision for s in scores]),
                    "recall": (cuts, [s.recall for s in scores]),
                },
                title=f"{name.title()}: best F1 {scores[best].f1:.3f}, at {cuts[best]:.2f}",
                x_name="one cut for all emotions",
                y_name="rate",
                x_ticks=_FIFTHS,
                y_ticks=_FIFTHS,
                marks=[(cuts[best], scores[best].f1)],
            )
        )
    return charts


def reliability_chart(y: NDArray[np.bool_], p: NDArray[np.floating]) -> LineChart:
    """Return how often labels held at each probability; bool and float (N, L)."""
    found = reliability(y, p)
    points = list(zip(found.probability.tolist(), found.frequency.tolist(), strict=True))
    return line_chart(
        {"this model": ([x for x, _ in points], [f for _, f in points])},
        title="Probability and how often it was true",
        x_name="probability, mean of its bin",
        y_name="share that was true",
        x_ticks=_FIFTHS,
        y_ticks=_FIFTHS,
        marks=points,
        diagonal=True,
    )


def coverage(curve: RiskCoverage) -> dict[str, object]:
    """Return risk against coverage as a chart, and rows of a few least confidences."""
    points = [p for p in curve.to_dict()["points"] if p["coverage"] >= _LEAST_COVERAGE]
    reached = [np.flatnonzero(curve.min_confidence >= bound) for bound in _CONFIDENCES]
    chart = line_chart(
        {
            name: ([p["coverage"] for p in points], [p[key] for p in points])
            for name, key in (("micro F1", "micro_f1"), ("not all labels right", "error"))
        },
        title="The most confident texts only",
        x_name="share of the texts that are answered",
        y_name="rate",
        x_ticks=_FIFTHS,
        y_ticks=_FIFTHS,
    )
    return {
        "coverage_chart": chart,
        "coverage_rows": [
            (bound, *(float(getattr(curve, name)[kept[-1]]) for name in _AT_CONFIDENCE))
            for bound, kept in zip(_CONFIDENCES, reached, strict=True)
            if len(kept)
        ],
    }


def heatmaps(y: NDArray[np.bool_], said: NDArray[np.bool_], names: Sequence[str]) -> list[Heatmap]:
    """Return what is taken for what, and what goes together by the labels and by the model.

    Args:
        y: bool (N, L), what is true.
        said: bool (N, L), what was decided.
        names: Of the L labels.
    """
    true = pair_counts(y, y)
    together = pair_counts(said, said)
    return [
        heatmap(
            _shares(pair_counts(y, said), true.diagonal()),
            names,
            title="What is said (columns) of texts that have an emotion (rows)",
            saying="of texts with {row}, {share} are given {column}",
        ),
        *(
            heatmap(
                _shares(counts - np.diag(counts.diagonal()), counts.diagonal()),
                names,
                title=f"Emotions that go together in {what}",
                saying="of texts with {row}, {share} also have {column}",
            )
            for what, counts in (("the labels", true), ("the model's answers", together))
        ),
    ]


def _shares(counts: NDArray[np.int64], totals: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return counts as shares of their rows' totals."""
    return np.asarray(counts / np.maximum(totals, 1)[:, None], dtype=np.float64)
