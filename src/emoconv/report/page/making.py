"""How a model was made, as rows of a name and a value; and what to know before believing figures.

Reads a bundle's provenance as it is: a bundle of another maker may say less, or other things.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from emoconv.config import to_dict
from emoconv.report.page.charts import line_chart, round_ticks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from emoconv.bundle import Bundle
    from emoconv.data import Dataset
    from emoconv.report.page.charts import LineChart
    from emoconv.thresholds import Thresholds

__all__ = ["history_charts", "making_rows", "settings_rows", "warnings"]

_DIGEST = 64
"""So many hexadecimal digits has a SHA-256; the first 16 are shown."""

_LOSSES = {"train_loss": "training", "dev_loss": "validation"}
_MEASURES = {
    "dev_micro_f1": "micro F1",
    "dev_macro_f1": "macro F1",
    "dev_average_precision": "mean AP",
}


def making_rows(bundle: Bundle, cuts: Thresholds) -> list[tuple[str, str]]:
    """Return what is known of a model's making, the network first.

    Args:
        bundle: The model.
        cuts: What decided here.
    """
    model = bundle.config.model
    widths = ", ".join(map(str, model.kernel_widths))
    hidden = "" if model.hidden is None else f", then {model.hidden} hidden units"
    weights = sum(int(array.size) for array in bundle.weights.values())
    rows = [
        ("network", f"{model.filters} filters of each width {widths}{hidden}"),
        ("vocabulary", f"{len(bundle.vocabulary):,} words, vectors of {model.embedding_width}"),
        ("weights", f"{weights:,}"),
        ("cuts", f"rule {cuts.rule}" + (f", chosen on {cuts.data}" if cuts.data else "")),
    ]
    known = {name: value for name, value in bundle.provenance.items() if name != "dev_figures"}
    rows += _flat(known)
    rows += _dev_figures(bundle.provenance.get("dev_figures"))
    return [*rows, ("fingerprint", bundle.fingerprint()[:16])]


def settings_rows(bundle: Bundle) -> list[tuple[str, str]]:
    """Return every setting of the recipe."""
    return list(_flat(to_dict(bundle.config), separator="."))


def _flat(
    values: Mapping[str, object], *, before: str = "", separator: str = " "
) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        whole = before + str(name).replace("_", " " if separator == " " else "_")
        if isinstance(value, dict):
            yield from _flat(value, before=whole + separator, separator=separator)
        else:
            yield whole, _shown(value)


def _shown(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "-"}[value]
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, str):
        short = len(value) == _DIGEST and not value.strip("0123456789abcdef")
        return value[:16] + "…" if short else value
    if isinstance(value, dict):
        return " ".join(_shown(part) for part in value.values())
    if isinstance(value, list | tuple):
        return ", ".join(_shown(part) for part in value)
    return f"{value}"


def _dev_figures(figures: object) -> list[tuple[str, str]]:
    """Return the averages on validation data, if a bundle has them."""
    try:
        averages = cast("Mapping[str, Mapping[str, float]]", figures)
        found = ", ".join(f"{name} F1 {averages[name]['f1']:.3f}" for name in ("micro", "macro"))
    except (KeyError, TypeError):
        return []
    return [("figures on validation data", found)]


def history_charts(history: Sequence[Mapping[str, float]]) -> list[LineChart]:
    """Return the losses and the validation measures of each epoch; nothing for fewer than two."""
    if len(history) < 2:  # noqa: PLR2004 - a line has two ends
        return []
    epochs = [row["epoch"] for row in history]
    charts = []
    for names, title in ((_LOSSES, "Loss"), (_MEASURES, "On validation data")):
        lines = {
            shown: (epochs, [row[name] for row in history])
            for name, shown in names.items()
            if all(name in row for row in history)
        }
        if lines:
            values = [value for _, line in lines.values() for value in line]
            charts.append(
                line_chart(
                    lines,
                    title=title,
                    x_name="epoch",
                    y_name="mean binary cross-entropy" if names is _LOSSES else "rate",
                    x_ticks=[tick for tick in round_ticks(epochs, at_most=8) if tick == int(tick)],
                    y_ticks=round_ticks(values),
                )
            )
    return charts


def warnings(bundle: Bundle, dataset: Dataset, cuts: Thresholds, name: str) -> list[str]:
    """Return what a reader must know before believing the figures.

    Args:
        bundle: The model.
        dataset: What it is measured on.
        cuts: What decided.
        name: Of the data.
    """
    roles = bundle.roles_of(dataset.fingerprint())
    said = []
    if "train" in roles:
        said.append(f"The model learnt from {name}: its figures here are better than the model.")
    if "dev" in roles:
        said.append(
            f"The model's best epoch, calibration and cuts were chosen on {name}: its figures here "
            "flatter."
        )
    if cuts.rule == "fixed":
        said.append("One cut that was given by hand decided for all labels.")
    return said
