"""Risk against coverage as a plot: what is gained by saying nothing of unsure texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emoconv.errors import MissingExtraError
from emoconv.report.plots import _BLUE, _GREY, _INK, _STYLE

try:
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.ticker import PercentFormatter
except ImportError as error:
    raise MissingExtraError("plotting", extra="report") from error

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from emoconv.metrics import RiskCoverage

__all__ = ["risk_against_coverage"]

_BOUNDS = (0.3, 0.5, 0.7, 0.9)
"""Confidences that are marked on the curves."""

_LEAST_COVERAGE = 0.02
"""Below it a curve is of too few texts to be looked at."""


@mpl.rc_context(_STYLE)
def risk_against_coverage(
    curve: RiskCoverage, *, title: str = "What is left out, and what is gained"
) -> Figure:
    """Draw error and micro F1 of the texts that are answered against how many they are.

    Args:
        curve: What to draw.
        title: Of the plot.
    """
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    _draw(left, curve, curve.error, colour=_INK)
    left.axhline(curve.error[-1], color=_GREY, linestyle="--", linewidth=1.2)
    left.set(ylabel="texts whose labels are not all right", ylim=(0, 1))
    left.set_title(f"Error: mean over coverages {curve.area:.3f}")
    left.yaxis.set_major_formatter(PercentFormatter(1))
    _draw(right, curve, curve.micro_f1, colour=_BLUE)
    right.set(ylabel="micro F1", ylim=(0, 1))
    right.set_title(f"Micro F1: {curve.micro_f1[-1]:.3f} of all texts")
    figure.suptitle(title, fontsize=13, fontweight="bold", x=0.01, ha="left")
    return figure


def _draw(axes: Axes, curve: RiskCoverage, values: NDArray[np.float64], *, colour: str) -> None:
    shown = (curve.coverage >= _LEAST_COVERAGE) | (curve.coverage == 1)
    axes.plot(curve.coverage[shown], values[shown], color=colour)
    for bound in _BOUNDS:
        kept = np.flatnonzero((curve.min_confidence >= bound) & shown)
        if len(kept):
            place = kept[-1]
            axes.plot(curve.coverage[place], values[place], "o", color=colour)
            axes.annotate(
                f"{bound:.1f}",
                (curve.coverage[place], values[place]),
                xytext=(0, 8),
                textcoords="offset points",
                ha="center",
            )
    axes.set(xlim=(0, 1.03), xlabel="texts answered; at the dots, the least confidence")
    axes.xaxis.set_major_formatter(PercentFormatter(1))
