"""Draw ``results/speed.json`` and ``results/growth.json`` as ``plots/*.svg``.

Run:  python benchmarks/speed_plots.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from emoconv.report.plots import save

HERE = Path(__file__).parent
_BLUE, _VERMILLION, _GREY, _INK = "#0072B2", "#D55E00", "#8C8C8C", "#222222"  # Okabe & Ito 2008
_STYLE: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": _GREY,
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "grid.color": "#E3E3E3",
    "legend.frameon": False,
    "text.color": _INK,
}


def read(name: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads((HERE / "results" / f"{name}.json").read_text())
    return result


def _short(number: float, _: object = None) -> str:
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:g}{letter}"
    return f"{number:g}"


@mpl.rc_context(_STYLE)
def speed_plot(result: dict[str, Any]) -> Figure:
    """Draw a bar for each peer's rate on two cores, fastest on top, with its range."""
    peers = {n: p for n, p in result["peers"].items() if "error" not in p}
    order = sorted(peers, key=lambda name: peers[name]["rates"]["goemotions"]["2"]["median"])
    figure = Figure(figsize=(8.5, 1.3 + 0.34 * len(order)), layout="constrained")
    axes = figure.subplots()
    for place, name in enumerate(order):
        rate = peers[name]["rates"]["goemotions"]["2"]
        ours = name.startswith("emoconv")
        axes.barh(place, rate["median"], height=0.72, color=_BLUE if ours else _GREY)
        axes.hlines(place, rate["low"], rate["high"], color=_INK, linewidth=1.6)
        axes.text(rate["high"] * 1.15, place, f"{rate['median']:,.0f}", va="center", fontsize=9)
    names = [peers[name]["about"].replace("`", "") for name in order]
    axes.set_yticks(range(len(order)), names, fontsize=9)
    axes.set_ylim(-0.6, len(order) - 0.4)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.set_xscale("log")
    axes.set_xlim(10, 4_000_000)
    axes.xaxis.set_major_formatter(FuncFormatter(_short))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("texts per second, log scale; lines: slowest to fastest round")
    figure.suptitle(
        "GoEmotions test texts to 28 probabilities, two cores", x=0.02, ha="left", weight="bold"
    )
    return figure


@mpl.rc_context(_STYLE)
def growth_plot(result: dict[str, Any]) -> Figure:
    """Draw time and memory against the number of texts."""
    runs = result["runs"]
    texts = [run["texts"] for run in runs]
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(texts, [run["seconds"] for run in runs], "o-", color=_BLUE)
    left.set(yscale="log", title="Time", ylabel="seconds, log scale")
    left.yaxis.set_major_formatter(FuncFormatter(_short))
    right.plot(texts, [run["peak_mb"] for run in runs], "o-", color=_BLUE, label="peak")
    right.plot(texts, [run["end_mb"] for run in runs], "s--", color=_VERMILLION, label="at the end")
    right.set(title="Resident memory", ylabel="MB")
    right.set_ylim(0, 1.35 * max(run["peak_mb"] for run in runs))
    right.legend(loc="upper left", ncols=2)
    for axes in (left, right):
        axes.set_xscale("log")
        axes.set_xlabel("texts streamed, log scale")
        axes.xaxis.set_major_formatter(FuncFormatter(_short))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_minor_locator(NullLocator())
    return figure


def main() -> None:
    (HERE / "plots").mkdir(exist_ok=True)
    save(speed_plot(read("speed")), HERE / "plots/speed.svg")
    save(growth_plot(read("growth")), HERE / "plots/growth.svg")


if __name__ == "__main__":
    main()
