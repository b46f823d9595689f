"""Ask a model all cases and judge its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from emoconv.behaviour.cases import load_families
from emoconv.behaviour.results import Outcome, Results
from emoconv.behaviour.rules import applies, passes

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from emoconv.behaviour.cases import Family

__all__ = ["Model", "run"]


class Model(Protocol):
    """What can be asked: an `emoconv.EmotionDetector`, or whatever answers like one."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The L label names."""

    def predict_proba(self, texts: Sequence[str], /) -> NDArray[np.float32]:
        """Return float32 (N, L) in [0, 1]."""

    @property
    def thresholds(self) -> NDArray[np.float32]:
        """The cut of each label, float32 (L,): a label holds at or above it."""


def run(model: Model, families: Sequence[Family] | None = None) -> Results:
    """Ask a model every case.

    Args:
        model: Any with some of the labels of GoEmotions. A case that asks for none of its labels
            is skipped.
        families: What `load_families` returned; ``None`` for the package's own cases.

    Example:
        >>> from emoconv import EmotionDetector
        >>> results = run(EmotionDetector.load())
        >>> results["plain emotion"].cases
        54
    """
    families = load_families() if families is None else families
    texts = sorted({text for family in families for case in family.cases for text in case.texts})
    rows = {text: row for row, text in enumerate(texts)}
    probabilities = model.predict_proba(texts)
    decisions = probabilities >= model.thresholds
    outcomes = []
    for family in families:
        for case in family.cases:
            own = [rows[text] for text in case.texts]
            passed = None
            if applies(case, model.labels):
                passed = passes(
                    case,
                    family.rule,
                    labels=model.labels,
                    probabilities=probabilities[own],
                    decisions=decisions[own],
                )
            outcomes.append(Outcome(family, case, passed, probabilities[own], decisions[own]))
    return Results(tuple(families), tuple(outcomes), model.labels)
