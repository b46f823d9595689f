"""The model card of a recalibrated bundle: what is new, then what its network's maker said."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from emoconv.recalibration.changes import Change
    from emoconv.recalibration.recalibrating import Recalibrated

__all__ = ["model_card"]

_METADATA = re.compile(r"\A---\n.*?^---\n+", re.DOTALL | re.MULTILINE)


def model_card(made: Recalibrated, former: str = "") -> str:
    """Return a card, Markdown.

    Args:
        made: The new model.
        former: The card of the model that it was made of: what its network learnt from, and whose
            work that is, stays true. Its metadata, as the Hugging Face Hub has them, stay on top.
    """
    provenance = cast("dict[str, Any]", made.bundle.provenance)
    dev = provenance["dev"]
    metadata = _METADATA.match(former)
    head = "" if metadata is None else metadata[0]
    body = former[len(head) :].strip()
    kept = ", ".join(one.label for one in made.kept)
    lines = [
        "# Model card",
        "",
        (
            f"A text CNN that gives each text any number of {len(made.bundle.labels)} labels. Its "
            "network is another model's; `emoconv calibrate` fitted its calibration and thresholds "
            "anew."
        ),
        "",
        f"- Fitted to {dev['name']}, {dev['rows']:,} texts (SHA-256 {dev['sha256'][:16]}…).",
        f"- Calibration `{made.calibration}`, thresholds by rule `{made.rule}`.",
        *([f"- As they were, for want of texts: {kept}."] if kept else []),
        (
            "- The network is that of the model with the fingerprint "
            f"{provenance['network']['fingerprint'][:16]}…"
        ),
        "",
        "## Figures",
        "",
        (
            f"On the same texts, over {len(made.after.labels)} labels. After: each text was judged "
            f"by a fit to other texts, in {made.folds} folds."
        ),
        "",
        "| | before | after |",
        "|---|--:|--:|",
        *map(_row, made.changes),
        "",
        f"In one sentence: {made.verdict}.",
        "",
    ]
    if body:
        lines += [
            "## The card of the model that the network is from",
            "",
            "What it says of thresholds, calibration and figures is of the old ones.",
            "",
            body,
            "",
        ]
    return head + "\n".join(lines)


def _row(change: Change) -> str:
    return f"| {change.name} | {change.before:.4f} | {change.after:.4f} |"
