"""What the plots have in common: colours that colour-blind people tell apart, and settings.

The colours are those of Okabe & Ito 2008, "Color Universal Design".
"""

from __future__ import annotations

from typing import Any

__all__ = ["BLUE", "FAINT", "GREEN", "GREY", "INK", "PURPLE", "STYLE", "VERMILLION"]

BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
GREY, FAINT, INK = "#7F7F7F", "#E3E3E3", "#222222"

STYLE: dict[Any, Any] = {
    "font.size": 10,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.titlepad": 10,
    "axes.labelsize": 10,
    "axes.edgecolor": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.8,
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "legend.handlelength": 2.6,
    "lines.linewidth": 2,
    "svg.hashsalt": "emoconv",  # element ids of an SVG are the same each time
}
