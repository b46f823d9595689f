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
                f"{len(bundle.labels)} labels; trained with `{_made_by(provenance)}`."
            ),
            *_target(provenance),
            "",
            f"- Learnt from {train['rows']:,} labelled texts (SHA-256 {train['sha256'][:16]}…).",
            *_distillation(provenance.get("distillation")),
            f"- Validated on {dev['name']}, {dev['rows']:,} texts (SHA-256 {dev['sha256'][:16]}…).",
            _start(provenance["vectors"]),
            _end(bundle.history),
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


def _made_by(provenance: dict[str, Any]) -> str:
    """Return what trained it, as one would type it."""
    command = "emoconv distill" if "distillation" in provenance else "emoconv train"
    return str(provenance.get("made_by", command))


def _target(provenance: dict[str, Any]) -> list[str]:
    """Return lines on labels that exclude each other, if they do."""
    if provenance.get("target") != "multi-class":
        return []
    return [
        "",
        (
            "In the data each text had exactly one of them. For each label it was learnt to tell "
            "it from the rest, so probabilities do not sum to 1, and none of the labels may hold, "
            "or several; the most probable one is the answer where there must be one."
        ),
    ]


def _start(vectors: dict[str, Any]) -> str:
    """Return a line about what the training began from."""
    if "bundle_sha256" in vectors:
        bundle = f"(SHA-256 {vectors['bundle_sha256'][:16]}…)"
        return f"- Training {vectors['summary']} {bundle}."
    start = "small random numbers"
    if vectors:
        start = f"{', '.join(vectors['files'])}; {vectors['summary']}"
    return f"- Word vectors started from {start}."


def _end(history: list[dict[str, float]]) -> str:
    """Return a line about the epochs: without validation data there is no best one."""
    if history and "dev_loss" not in history[-1]:
        return f"- Trained for {len(history)} epochs."
    return f"- Stopped after {len(history)} epochs; the best one's weights are kept."


def _distillation(made_by: dict[str, Any] | None) -> list[str]:
    """Return a line about teachers, if there were any."""
    if made_by is None:
        return []
    teachers = ", ".join(f"{t['name']} (SHA-256 {t['sha256'][:16]}…)" for t in made_by["teachers"])
    return [
        f"- Learnt beside that from what teachers say of {made_by['texts']:,} more: {teachers}."
    ]
