"""Figures as plots: matplotlib `Figure` objects, no global state, no window."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from emoconv.errors import ConfigError, MissingExtraError
from emoconv.labels import SENTIMENT
from emoconv.report.style import BLUE, GREEN, GREY, INK, PURPLE, STYLE, VERMILLION

try:
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch
    from matplotlib.ticker import MaxNLocator
except ImportError as error:
    raise MissingExtraError("plotting", extra="report") from error

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike

    from matplotlib.axes import Axes

    from emoconv.labels import Taxonomy
    from emoconv.metrics import Evaluation, LabelScores, Reliability, Scores
    from emoconv.thresholds import SweepRow

__all__ = [
    "f1_per_label",
    "rates_against_cut",
    "reliability_diagram",
    "save",
    "training_curves",
]

_GROUP_COLOURS = (BLUE, VERMILLION, PURPLE, GREY)


def save(figure: Figure, path: str | PathLike[str]) -> None:
    """Write a figure as PNG or SVG, by the ending of its name; the same figure, the same bytes.

    Raises:
        ConfigError: The name ends otherwise.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in (".png", ".svg"):
        raise ConfigError(f"plot {path} ends in {ending!r}; expected .png or .svg")
    content = io.BytesIO()
    metadata = {"Date": None} if ending == ".svg" else {}
    with mpl.rc_context(STYLE):
        figure.savefig(content, format=ending[1:], dpi=160, metadata=metadata)
    path.write_bytes(content.getvalue())


@mpl.rc_context(STYLE)
def f1_per_label(
    evaluation: Evaluation, *, title: str = "F1 per emotion", groups: Taxonomy = SENTIMENT
) -> Figure:
    """Draw a bar for each label, best on top: its F1, interval and support.

    Args:
        evaluation: What to draw; there are whiskers where it has intervals.
        title: Of the plot.
        groups: Colour the bars; labels of no group are grey.
    """
    ranked = sorted(evaluation.per_label, key=lambda scores: scores.f1)
    colour_of = _colours(evaluation.labels, groups)
    figure = Figure(figsize=(7.5, 1.5 + 0.26 * len(ranked)), layout="constrained")
    axes = figure.subplots()
    for place, scores in enumerate(ranked):
        axes.barh(place, scores.f1, height=0.74, color=colour_of.get(scores.label, GREY))
        axes.text(1.02, place, f"{scores.f1:.2f}", va="center")
        _draw_interval(axes, place, scores)
    axes.set_yticks(range(len(ranked)), [f"{s.label}  ({s.support:,})" for s in ranked])
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.set(title=title, xlim=(0, 1), ylim=(-0.6, len(ranked) + 0.4), xlabel=_f1_note(evaluation))
    _mark_macro(axes, evaluation.macro.f1, height=len(ranked) - 0.05)
    _name_groups(axes, colour_of, groups)
    return figure


def _draw_interval(axes: Axes, place: int, scores: LabelScores) -> None:
    if scores.f1_interval is not None:
        ends = (scores.f1_interval.low, scores.f1_interval.high)
        axes.hlines(place, *ends, color="white", linewidth=3.6, zorder=3)
        axes.hlines(place, *ends, color=INK, linewidth=1.4, zorder=4)


def _f1_note(evaluation: Evaluation) -> str:
    note = f"F1 on {evaluation.n:,} texts; in brackets, how many have the label"
    return note if evaluation.micro.f1_interval is None else f"{note}; lines: 95 % intervals"


def _colours(labels: Sequence[str], groups: Taxonomy) -> dict[str, str]:
    """Return the colour of each label that is in a group."""
    return {
        label: colour
        for colour, members in zip(_GROUP_COLOURS, groups.groups.values(), strict=False)
        for label in members
        if label in labels
    }


def _mark_macro(axes: Axes, macro: float, *, height: float) -> None:
    axes.axvline(macro, color=INK, linewidth=1.2, linestyle=(0, (4, 3)))
    side, gap = ("left", 0.012) if macro < 0.8 else ("right", -0.012)  # noqa: PLR2004 - room for the words
    axes.text(macro + gap, height, f"macro {macro:.3f}", va="center", ha=side)


def _name_groups(axes: Axes, colour_of: Mapping[str, str], groups: Taxonomy) -> None:
    names = {
        name: colour_of[label]
        for name, members in groups.groups.items()
        for label in members
        if label in colour_of
    }
    if names:
        patches = [Patch(color=colour, label=name) for name, colour in names.items()]
        axes.legend(handles=patches, loc="lower right")


@mpl.rc_context(STYLE)
def rates_against_cut(
    rows: Sequence[SweepRow], *, title: str = "Precision, recall and F1 against a shared cut"
) -> Figure:
    """Draw micro and macro rates side by side against the cut that all labels share.

    Args:
        rows: A sweep, at least one row; `emoconv.thresholds.FINE_CUTS` make smooth lines.
        title: Of the plot.
    """
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    cuts = [row.cut for row in rows]
    _draw_rates(left, cuts, [row.micro for row in rows], name="Micro")
    _draw_rates(right, cuts, [row.macro for row in rows], name="Macro")
    left.set_ylabel("rate")
    figure.suptitle(title, fontsize=13, fontweight="bold", x=0.01, ha="left")
    handles, names = left.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=3)
    return figure


def _draw_rates(axes: Axes, cuts: Sequence[float], scores: Sequence[Scores], *, name: str) -> None:
    axes.plot(cuts, [s.precision for s in scores], color=BLUE, linestyle="--", label="precision")
    axes.plot(cuts, [s.recall for s in scores], color=VERMILLION, linestyle=":", label="recall")
    axes.plot(cuts, [s.f1 for s in scores], color=INK, label="F1")
    best = max(range(len(scores)), key=lambda i: scores[i].f1)
    cut, f1 = cuts[best], scores[best].f1
    axes.vlines(cut, 0, f1, color=INK, linewidth=1.2, linestyle=(0, (4, 3)))
    axes.plot([cut], [f1], "o", color=INK)
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="cut")
    axes.set_title(f"{name}: best F1 {f1:.3f}, at {cut:.2f}")


@mpl.rc_context(STYLE)
def training_curves(history: Sequence[Mapping[str, float]], *, title: str = "Training") -> Figure:
    """Draw the losses and the validation measures of each epoch.

    Args:
        history: At least one row; ``epoch``, ``train_loss`` and ``dev_loss``, and any of
            ``dev_micro_f1``, ``dev_macro_f1``, ``dev_average_precision``.
        title: Of the plot.
    """
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    _draw_history(
        left,
        history,
        {"train_loss": ("training", GREY, "--"), "dev_loss": ("validation", INK, "-")},
        name="Loss (mean binary cross-entropy)",
    )
    _draw_history(
        right,
        history,
        {
            "dev_micro_f1": ("micro F1", BLUE, "-"),
            "dev_macro_f1": ("macro F1", VERMILLION, "-"),
            "dev_average_precision": ("mean average precision", GREEN, "--"),
        },
        name="Validation",
    )
    figure.suptitle(title, fontsize=13, fontweight="bold", x=0.01, ha="left")
    return figure


def _draw_history(
    axes: Axes,
    history: Sequence[Mapping[str, float]],
    lines: Mapping[str, tuple[str, str, str]],
    *,
    name: str,
) -> None:
    epochs = [row["epoch"] for row in history]
    for key, (label, colour, style) in lines.items():
        if key in history[0]:
            values = [row[key] for row in history]
            axes.plot(epochs, values, color=colour, linestyle=style, marker="o", label=label)
    axes.set(title=name, xlabel="epoch", xlim=(epochs[0] - 0.3, epochs[-1] + 0.3))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.legend()


@mpl.rc_context(STYLE)
def reliability_diagram(
    reliability: Reliability, *, title: str = "Probability against frequency"
) -> Figure:
    """Draw how often labels held at each probability, over how often it was given.

    Args:
        reliability: Of all decisions together.
        title: Of the plot.
    """
    figure = Figure(figsize=(5.6, 6.2), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    above.plot([0, 1], [0, 1], color=GREY, linestyle="--", linewidth=1.2, label="perfect")
    above.plot(reliability.probability, reliability.frequency, "o-", color=BLUE, label="this model")
    above.set(title=title, xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), ylabel="share that was true")
    above.text(
        0.97,
        0.05,
        f"expected calibration error {reliability.error:.4f}",
        ha="right",
        transform=above.transAxes,
    )
    above.legend(loc="upper left")
    below.bar(reliability.probability, reliability.count, width=0.04, color=GREY)
    below.set(xlabel="probability, mean of its bin", ylabel="decisions", yscale="log")
    below.set_ylim(bottom=0.8)  # a bin of one decision still shows
    return figure
