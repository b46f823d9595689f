"""The model card of a freshly trained bundle: what is known of it, as Markdown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from emoconv.config import to_dict

if TYPE_CHECKING:
    from emoconv.bundle import Bundle

__all__ = ["model_card"]


def model_card(bundle: Bundle) -> str:
    """Return a card with the data, the recipe and the figures on validation data.

    After Mitchell et al. 2019, "Model Cards for Model Reporting",
    https://arxiv.org/abs/1810.03993. What the model is for and where it fails is for the person
    who trained it to say.
    """
    provenance: dict[str, Any] = bundle.provenance
    train, dev, figures = provenance["train"], provenance["dev"], provenance["dev_figures"]
    vectors = provenance["vectors"]
    start = (
        f"{', '.join(vectors['files'])}; {vectors['summary']}"
        if vectors
        else "small random numbers"
    )
    rows = [
        f"| {s['label']} | {s['threshold']:.3f} | {s['precision']:.3f} | {s['recall']:.3f} "
        f"| {s['f1']:.3f} | {s['support']} |"
        for s in figures["per_label"]
    ]
    return "\n".join(
        [
            "# Model card",
            "",
            (
                "A text CNN that gives each text any number of "
                f"{len(bundle.labels)} labels; trained with `emoconv "
                f"{'distill' if 'distillation' in provenance else 'train'}`."
            ),
            "",
            f"- Learnt from {train['rows']:,} labelled texts (SHA-256 {train['sha256'][:16]}…).",
            *_distillation(provenance.get("distillation")),
            f"- Validated on {dev['name']}, {dev['rows']:,} texts (SHA-256 {dev['sha256'][:16]}…).",
            f"- Word vectors started from {start}.",
            f"- Stopped after {len(bundle.history)} epochs; the best one's weights are kept.",
            "",
            "## Figures on the validation data",
            "",
            (
                f"Thresholds (rule `{bundle.thresholds.rule}`) and calibration were chosen on the "
                "same texts, so these figures flatter; measure on texts of your own with "
                "`emoconv evaluate`."
            ),
            "",
            (
                f"Micro F1 {figures['micro']['f1']:.3f}, macro F1 {figures['macro']['f1']:.3f}, "
                f"mean average precision {figures['average_precision']:.3f}."
            ),
            "",
            "| label | threshold | precision | recall | F1 | texts |",
            "|---|--:|--:|--:|--:|--:|",
            *rows,
            "",
            "## Recipe",
            "",
            "```json",
            json.dumps(to_dict(bundle.config), indent=2),
            "```",
            "",
        ]
    )


def _distillation(made_by: dict[str, Any] | None) -> list[str]:
    """Return a line about teachers, if there were any."""
    if made_by is None:
        return []
    teachers = ", ".join(f"{t['name']} (SHA-256 {t['sha256'][:16]}…)" for t in made_by["teachers"])
    return [
        f"- Learnt beside that from what teachers say of {made_by['texts']:,} more: {teachers}."
    ]
