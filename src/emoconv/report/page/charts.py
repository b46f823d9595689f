"""The geometry of plots that a page draws itself, as SVG coloured by its own style sheet.

So they are readable in the dark, on a phone and in print, which pictures of fixed colours and size
are not. A unit is a pixel where the page is wide enough.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["Cell", "Heatmap", "Line", "LineChart", "Tick", "heatmap", "line_chart", "round_ticks"]

_WIDTH, _HEIGHT = 340, 236
_LEFT, _RIGHT, _TOP, _BOTTOM = 50, 12, 10, 40
_CELL = 16
_LETTER = 6.0
"""About the width of a letter of a heatmap's labels, which are 11 units high."""


class Tick(NamedTuple):
    """A place on an axis, and what is written there."""

    place: float
    text: str


@dataclass(frozen=True)
class Line:
    """One line.

    Args:
        name: In the legend.
        points: As the attribute of a polyline.
        dots: The same as pairs, for lines of few points.
    """

    name: str
    points: str
    dots: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class LineChart:
    """Lines over a shared axis; y grows upwards in the data and downwards in the places."""

    title: str
    x_name: str
    y_name: str
    lines: tuple[Line, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    marks: tuple[tuple[float, float], ...] = ()
    diagonal: bool = False
    width: int = _WIDTH
    height: int = _HEIGHT
    left: int = _LEFT
    right: int = _WIDTH - _RIGHT
    top: int = _TOP
    bottom: int = _HEIGHT - _BOTTOM


def line_chart(
    lines: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    *,
    title: str,
    x_name: str,
    y_name: str,
    x_ticks: Sequence[float],
    y_ticks: Sequence[float],
    marks: Sequence[tuple[float, float]] = (),
    diagonal: bool = False,
) -> LineChart:
    """Return a chart whose axes reach from their first tick to their last.

    Args:
        lines: For each name its x and y.
        title: Says what is to be seen; also read out where nobody sees.
        x_name: Of the axis.
        y_name: Of the axis.
        x_ticks: Ascending, at least two.
        y_ticks: Ascending, at least two.
        marks: Points to draw a dot at.
        diagonal: Whether to draw the line from corner to corner.
    """
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM

    def x_of(value: float) -> float:
        share = (value - x_ticks[0]) / (x_ticks[-1] - x_ticks[0])
        return round(_LEFT + share * (right - _LEFT), 1)

    def y_of(value: float) -> float:
        share = (value - y_ticks[0]) / (y_ticks[-1] - y_ticks[0])
        return round(bottom - share * (bottom - _TOP), 1)

    drawn = []
    for name, (x, y) in lines.items():
        dots = tuple((x_of(a), y_of(b)) for a, b in zip(x, y, strict=True))
        drawn.append(Line(name, " ".join(f"{a:g},{b:g}" for a, b in dots), dots))
    return LineChart(
        title=title,
        x_name=x_name,
        y_name=y_name,
        lines=tuple(drawn),
        x_ticks=tuple(Tick(x_of(value), f"{value:g}") for value in x_ticks),
        y_ticks=tuple(Tick(y_of(value), f"{value:g}") for value in y_ticks),
        marks=tuple((x_of(x), y_of(y)) for x, y in marks),
        diagonal=diagonal,
    )


def round_ticks(values: Sequence[float], *, at_most: int = 6) -> list[float]:
    """Return round numbers that hold all values between them, at least two.

    Steps are 1, 2 or 5 times a power of ten.

    Args:
        values: At least one.
        at_most: So many numbers, 4 or more.

    Example:
        >>> round_ticks([0.083, 0.0943])
        [0.08, 0.085, 0.09, 0.095]
    """
    low, high = min(values), max(values)
    least = max(high - low, abs(high) * 1e-3, 1e-9) / (at_most - 1)
    power = 10.0 ** math.floor(math.log10(least))
    step, first, last = next(
        (step, first, last)
        for step in (power * factor for factor in (1, 2, 5, 10, 20))
        for first in [math.floor(low / step + 1e-9)]
        for last in [math.ceil(high / step - 1e-9)]
        if last - first < at_most
    )
    last = max(last, first + 1)
    return [round(number * step, 12) for number in range(first, last + 1)]


class Cell(NamedTuple):
    """One cell of a heatmap: where it is, how dark, and what it says when pointed at."""

    x: float
    y: float
    darkness: float
    says: str


@dataclass(frozen=True)
class Heatmap:
    """A square of cells, one for each pair of labels.

    Args:
        title: Says what is to be seen.
        names: Of rows and columns, from the top and from the left.
        cells: Those that are not empty.
        places: The middle of each row, which is also that of the column, from the corner of cells.
        darkest: What the darkest cell stands for.
        corner: The room for names, on the left and above.
        size: The side of the whole.
        cell: The side of a cell.
    """

    title: str
    names: tuple[str, ...]
    cells: tuple[Cell, ...]
    places: tuple[float, ...]
    darkest: float
    corner: float
    size: float
    cell: int = _CELL


def heatmap(
    shares: NDArray[np.float64], names: Sequence[str], *, title: str, saying: str
) -> Heatmap:
    """Return a heatmap of shares in [0, 1].

    Darkness goes by the square root, so that a share of 4 % can be told from none.

    Args:
        shares: float64 (L, L); those under half a percent are left out.
        names: Of the L labels.
        title: Says what is to be seen.
        saying: What a cell says: a format of ``row``, ``column`` and ``share``.
    """
    darkest = float(max(shares.max(), 1e-9))
    corner = 10 + _LETTER * max(map(len, names))
    cells = tuple(
        Cell(
            x=corner + _CELL * column,
            y=corner + _CELL * row,
            darkness=round(math.sqrt(float(shares[row, column]) / darkest), 2),
            says=saying.format(
                row=names[row], column=names[column], share=f"{shares[row, column]:.0%}"
            ),
        )
        for row, column in np.argwhere(shares >= 0.005).tolist()  # noqa: PLR2004 - 0 % when rounded
    )
    return Heatmap(
        title=title,
        names=tuple(names),
        cells=cells,
        places=tuple(corner + _CELL * (i + 0.5) for i in range(len(names))),
        darkest=darkest,
        corner=corner,
        size=corner + _CELL * len(names) + 4,
    )
