"""Emotions over time as a plot: small multiples, one below the other, on one axis of time.

Takes arrays and knows nothing of where they come from.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from emoconv.errors import MissingExtraError
from emoconv.metrics.shares import wilson
from emoconv.report.style import BLUE, FAINT, GREY, INK, STYLE

try:
    import matplotlib as mpl
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, MaxNLocator
except ImportError as error:
    raise MissingExtraError("plotting", extra="report") from error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = ["emotions_over_time"]

_DOTS_UP_TO = 40
"""So few periods are shown one by one."""

_THIN_FROM = 100
"""So many periods are drawn by a thin line."""

_TITLE_WIDTH = 84  # characters


@mpl.rc_context(STYLE)
def emotions_over_time(
    edges: NDArray[np.datetime64],
    texts: NDArray[np.int64],
    counts: Mapping[str, NDArray[np.int64]],
    *,
    every: str,
    title: str = "Emotions over time",
    source: str = "",
) -> Figure:
    """Draw the share of texts with each label in each period, and how many texts there were.

    A light band is the 95 % interval of the share, and a dashed line the share of all texts. A
    line has a gap where there are no texts.

    Args:
        edges: datetime64[s] (P + 1,), when each period begins and the last ends, in UTC.
        texts: int64 (P,).
        counts: For each label to draw, int64 (P,), in how many texts it holds.
        every: What a period is called: "day".
        title: Of the plot.
        source: What was measured, for the line below the title.
    """
    figure = Figure(figsize=(8, 1.6 + 1.12 * len(counts) + 0.9), layout="constrained")
    *panels, below = figure.subplots(
        len(counts) + 1, 1, sharex=True, height_ratios=[1.12] * len(counts) + [0.72]
    )
    lengths = np.diff(edges)
    middles = edges[:-1] + lengths / 2
    for axes, (label, values) in zip(panels, counts.items(), strict=True):
        _draw_share(axes, middles, texts, values, label=label)
    below.bar(middles, texts, width=lengths, color=GREY, linewidth=0)
    _set_title(below, "texts", f"{int(texts.sum()):,}")
    below.yaxis.set_major_locator(MaxNLocator(2, integer=True, min_n_ticks=2))
    below.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    locator = AutoDateLocator(minticks=4, maxticks=9)  # type: ignore[no-untyped-call] # matplotlib's
    below.xaxis.set_major_locator(locator)
    below.xaxis.set_major_formatter(
        ConciseDateFormatter(locator)  # type: ignore[no-untyped-call] # same
    )
    below.set_xlim(edges[0], edges[-1])
    _set_head(panels[0], title, source, every=every)
    return figure


def _set_head(axes: Axes, title: str, source: str, *, every: str) -> None:
    """Put the title and what is to be seen above the first panel, in line with it."""
    note = f"share of the texts of each {every}, band: 95 % interval, dashed: all texts; UTC"
    lines = [*textwrap.wrap(source, _TITLE_WIDTH), note]
    _write_above(axes, "\n".join(lines), height=24, color=GREY, size=9, weight="normal")
    _write_above(axes, title, height=32 + 12 * len(lines), color=INK, size=13, weight="bold")


def _write_above(
    axes: Axes, text: str, *, height: float, color: str, size: float, weight: str
) -> None:
    axes.annotate(
        text,
        (0, 1),
        xytext=(0, height),
        xycoords="axes fraction",
        textcoords="offset points",
        color=color,
        fontsize=size,
        fontweight=weight,
    )


def _draw_share(
    axes: Axes,
    middles: NDArray[np.datetime64],
    texts: NDArray[np.int64],
    counts: NDArray[np.int64],
    *,
    label: str,
) -> None:
    shares = counts / np.where(texts > 0, texts, np.nan)
    low, high = wilson(counts, texts)
    overall = counts.sum() / texts.sum()
    axes.fill_between(middles, low, high, color=BLUE, alpha=0.22, linewidth=0)
    dots = "o" if len(texts) <= _DOTS_UP_TO else ""
    width = 1.6 if len(texts) <= _THIN_FROM else 1.1
    axes.plot(middles, shares, color=BLUE, linewidth=width, marker=dots, markersize=3.5)
    axes.axhline(overall, color=INK, linewidth=0.9, linestyle=(0, (4, 3)))
    axes.set_ylim(0, 1.25 * max(float(np.nanmax(shares)), overall, 1e-6))
    axes.yaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 2.5, 5, 10], min_n_ticks=2))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g} %"))
    axes.tick_params(axis="x", length=0)
    _set_title(axes, label, f"{100 * overall:.1f} %")


def _set_title(axes: Axes, name: str, figure: str) -> None:
    axes.set_title(name, fontsize=10.5, pad=4)
    axes.set_title(figure, fontsize=9.5, loc="right", fontweight="normal", pad=4)
    axes.grid(visible=True, color=FAINT)
