"""When a case is passed. The rules were fixed before any model was asked.

- **holds**: of each group of wanted labels one at least is decided to hold, and no unwanted one.
- **rises**: the highest probability among the case's labels is higher in the second text; or it is
  at least `SATURATED` in both, where it has nowhere to rise to.
- **keeps**: it does not fall by more than `TOLERANCE`.
- **unchanged**: no label's probability changes by more than `TOLERANCE`, and no decision changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from emoconv.behaviour.cases import Case, Rule

__all__ = ["SATURATED", "TOLERANCE", "applies", "passes"]

TOLERANCE = 0.1
"""How far a probability may move that ought to stay: what CheckList allows in its directional tests
of sentiment (Ribeiro et al. 2020, table 1: "fails if sent. goes down by > 0.1")."""

SATURATED = 0.9


def applies(case: Case, labels: Sequence[str]) -> bool:
    """Tell whether a model with these labels can be asked: it has one of each group of labels."""
    needed = (*case.wanted, *([case.labels] if case.labels else ()))
    if case.unwanted and not needed:
        needed = (case.unwanted,)
    return all(set(group) & set(labels) for group in needed)


def passes(
    case: Case,
    rule: Rule,
    *,
    labels: Sequence[str],
    probabilities: NDArray[np.float32],
    decisions: NDArray[np.bool_],
) -> bool:
    """Judge a case that applies.

    Args:
        case: The case.
        rule: Its family's.
        labels: L names.
        probabilities: float32 (T, L), of its one or two texts.
        decisions: bool (T, L), which labels hold.
    """
    if rule == "holds":
        held = {name for name, holds in zip(labels, decisions[0], strict=True) if holds}
        return all(held & set(group) for group in case.wanted) and not held & set(case.unwanted)
    if rule == "unchanged":
        moved = np.abs(probabilities[1] - probabilities[0]).max()
        return bool(moved <= TOLERANCE and (decisions[0] == decisions[1]).all())
    columns = [place for place, name in enumerate(labels) if name in case.labels]
    before, after = probabilities[:, columns].max(axis=1).tolist()
    if rule == "keeps":
        return bool(after >= before - TOLERANCE)
    return bool(after > before or min(before, after) >= SATURATED)
