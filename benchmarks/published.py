"""What others have published on the official GoEmotions test split, beside ours.

The figures of ``published.json`` are copied from the page that each entry names; every one of them
was read there. Each was made by its authors, not run again here.
"""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from emoconv.report import Table

if TYPE_CHECKING:
    from emoconv.metrics import Evaluation, Scores

FILE = Path(__file__).with_name("published.json")
OURS = "emoconv"


class Published(TypedDict):
    """What is known of a published model.

    Attributes:
        name: What the tables call it.
        model: What it is.
        source: The page that holds its figures.
        threshold_rule: How its cuts were chosen.
        chosen_on: The split that they were chosen on; "fixed" where they were not chosen.
        macro_f1: As published; None where the source does not give it.
        micro_f1: The same.
        per_label: Precision, recall and F1 of each label; None where no source could be read.
    """

    name: str
    model: str
    source: str
    threshold_rule: str
    chosen_on: str
    macro_f1: float | None
    micro_f1: float | None
    per_label: dict[str, tuple[float, float, float]] | None


def read_published() -> list[Published]:
    models: list[Published] = json.loads(FILE.read_text(encoding="utf-8"))
    return models


def macro_f1(model: Published) -> float | None:
    """Return the macro F1 as published, or else the mean of the labels'."""
    if model["macro_f1"] is not None or model["per_label"] is None:
        return model["macro_f1"]
    return statistics.fmean(f1 for _, _, f1 in model["per_label"].values())


def published_table(evaluation: Evaluation) -> str:
    """Return our figures of each emotion beside the published ones, and what each rests on.

    Args:
        evaluation: Ours, on the official test split.

    Returns:
        Markdown: precision / recall / F1 of each emotion, then averages and threshold rules.
    """
    models = read_published()
    return "\n\n".join([_per_label(evaluation, models), _averages(evaluation, models)])


def _per_label(evaluation: Evaluation, models: list[Published]) -> str:
    columns = {m["name"]: m["per_label"] for m in models if m["per_label"] is not None}
    rows = tuple(
        (
            scores.label,
            f"{scores.support:,}",
            _rates(*_rates_of(scores)),
            *(_rates(*column[scores.label]) for column in columns.values()),
        )
        for scores in evaluation.per_label
    )
    return Table(("precision / recall / F1", "support", OURS, *columns), rows).markdown()


def _averages(evaluation: Evaluation, models: list[Published]) -> str:
    ours = f"macro F1 {_figure(evaluation.macro.f1)}, micro F1 {_figure(evaluation.micro.f1)}"
    lines = [f"- {OURS}: {ours}; thresholds as above."]
    for model in models:
        figures = {"macro F1": macro_f1(model), "micro F1": model["micro_f1"]}
        known = ", ".join(f"{name} {_figure(f)}" for name, f in figures.items() if f is not None)
        lines.append(
            f"- [{model['name']}]({model['source']}) ({model['model']}): {known}; {_rule(model)}."
        )
    return "\n".join(lines)


def _rule(model: Published) -> str:
    chosen = {
        "fixed": "",
        "not stated": "",
        "test": ", chosen on the test split itself, so its figures flatter",
    }
    otherwise = f", chosen on {model['chosen_on']}"
    return model["threshold_rule"] + chosen.get(model["chosen_on"], otherwise)


def _rates_of(scores: Scores) -> tuple[float, float, float]:
    return scores.precision, scores.recall, scores.f1


def _rates(precision: float, recall: float, f1: float) -> str:
    return f"{precision:.2f} / {recall:.2f} / {f1:.2f}"


def _figure(value: float) -> str:
    return f"{value:.3f}"
