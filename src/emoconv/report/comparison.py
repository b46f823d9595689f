"""Two models on the same texts: what differs, by how much, and whether chance explains it.

Each decides by its own cuts. Differences are how much higher a figure is for the second model, B;
their intervals and p-values are of the paired bootstrap (`emoconv.metrics.compare`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from emoconv.errors import DataError, LabelError
from emoconv.metrics import (
    Counts,
    average_precision,
    check_same_shape,
    compare,
    compare_average_precision,
    holm,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from emoconv.labels import LabelSet
    from emoconv.metrics import Difference

__all__ = [
    "ALPHA",
    "Answers",
    "Compared",
    "LabelCompared",
    "ModelComparison",
    "TextCompared",
    "compare_models",
]

ALPHA = 0.05
"""The level at which a difference is called one: that of the 95 % intervals beside it."""


@dataclass(frozen=True)
class Answers:
    """What one model says of N texts.

    Args:
        name: Of the model.
        probabilities: float32 (N, L) in [0, 1].
        predicted: bool (N, L), decided by its own cuts.
    """

    name: str
    probabilities: NDArray[np.floating]
    predicted: NDArray[np.bool_]


@dataclass(frozen=True)
class Compared:
    """One figure of both models.

    Args:
        name: Of the figure.
        a: Of the first.
        b: Of the second.
        difference: How much higher b's is.
        p_value: The difference's, corrected for how many figures of its kind there are (Holm).
    """

    name: str
    a: float
    b: float
    difference: Difference
    p_value: float

    @property
    def significant(self) -> bool:
        """Whether chance is a poor explanation of the difference."""
        return self.p_value <= ALPHA


@dataclass(frozen=True)
class LabelCompared:
    """One label's F1 and average precision of both models; each corrected over all labels."""

    label: str
    support: int
    f1: Compared
    average_precision: Compared


@dataclass(frozen=True)
class TextCompared:
    """A text that the models answer differently."""

    text: str
    gold: tuple[str, ...]
    a: tuple[str, ...]
    b: tuple[str, ...]


@dataclass(frozen=True)
class ModelComparison:
    """What `compare_models` found.

    Args:
        a: Name of the first model.
        b: Name of the second.
        n: N, the texts.
        averages: Micro F1, macro F1 and mean average precision, corrected over the three.
        per_label: In label order.
        differing: Texts whose labels differ.
        texts: Those of them in which the probabilities differ most.
    """

    a: str
    b: str
    n: int
    averages: tuple[Compared, ...]
    per_label: tuple[LabelCompared, ...]
    differing: int
    texts: tuple[TextCompared, ...]

    @property
    def verdict(self) -> str:
        """One sentence: which is better, by what, or what these texts could have shown."""
        clear = [one for one in self.averages if one.significant]
        figures = ", ".join(_said(one) for one in clear)
        if not clear:
            return f"no difference that these texts could show; {self._would_have_shown()}"
        if len({one.difference.estimate > 0 for one in clear}) > 1:
            return f"neither is better in everything; B against A: {figures}"
        name = self.b if clear[0].difference.estimate > 0 else self.a
        better = f"{'B' if clear[0].difference.estimate > 0 else 'A'} ({name}) is better"
        return f"{better}; B against A: {figures}"

    def _would_have_shown(self) -> str:
        micro, macro, _ = self.averages
        if not (micro.difference.visible or macro.difference.visible):
            return "the two decide alike in every text"
        return (
            f"one of {_plus_minus(macro.difference.visible)} in macro F1 or "
            f"{_plus_minus(micro.difference.visible)} in micro F1 would have shown, four times in "
            "five"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON, by the names above, and the verdict."""
        return {"verdict": self.verdict, **asdict(self)}


def compare_models(
    a: Answers,
    b: Answers,
    *,
    y: NDArray[np.bool_],
    labels: LabelSet,
    texts: Sequence[str],
    most: int = 10,
    resamples: int = 1000,
    seed: int = 0,
) -> ModelComparison:
    """Compare two models on the same labelled texts.

    Args:
        a: The model compared with.
        b: The model in question.
        y: bool (N, L), what is true.
        labels: The names of the L columns.
        texts: The N texts.
        most: So many texts are shown, at most.
        resamples: Bootstrap draws, at least 1. No p-value is below 2 / (resamples + 1), so many
            labels need many.
        seed: Of the draws.

    Raises:
        DataError: Shapes differ or are empty, or a probability is not in [0, 1].
        LabelError: There is not one name for each column.
    """
    check_same_shape(y, a=a.predicted, b=b.predicted, of_a=a.probabilities, of_b=b.probabilities)
    if y.shape[1] != len(labels):
        raise LabelError(f"y has {y.shape[1]} columns; expected {len(labels)}, one for each label")
    if len(texts) != len(y):
        raise DataError(f"{len(texts)} texts with {len(y)} rows of labels; expected as many")
    f1 = compare(y=y, a=a.predicted, b=b.predicted, resamples=resamples, seed=seed)
    ranking = compare_average_precision(
        y=y, a=a.probabilities, b=b.probabilities, resamples=resamples, seed=seed
    )
    counts = [Counts.of(y=y, predicted=answers.predicted) for answers in (a, b)]
    precisions = [average_precision(y, answers.probabilities) for answers in (a, b)]
    averages = _compared(
        ("micro F1", "macro F1", "mean average precision"),
        [
            (float(c.micro().f1), float(c.macro().f1), float(p.mean()))
            for c, p in zip(counts, precisions, strict=True)
        ],
        (f1.micro_f1, f1.macro_f1, ranking.mean),
    )
    names = labels.names
    f1s = _compared(names, [c.rates().f1.tolist() for c in counts], f1.per_label)
    aps = _compared(names, [p.tolist() for p in precisions], ranking.per_label)
    support = y.sum(axis=0).tolist()
    differs = (a.predicted != b.predicted).any(axis=1)
    return ModelComparison(
        a=a.name,
        b=b.name,
        n=len(y),
        averages=averages,
        per_label=tuple(map(LabelCompared, names, support, f1s, aps)),
        differing=int(differs.sum()),
        texts=_texts(a, b, y=y, labels=labels, texts=texts, differs=differs, most=most),
    )


def _compared(
    names: Sequence[str], values: Sequence[Sequence[float]], differences: Sequence[Difference]
) -> tuple[Compared, ...]:
    """Put together each figure's name, value of A, value of B and difference."""
    corrected = holm([difference.p_value for difference in differences])
    return tuple(map(Compared, names, values[0], values[1], differences, corrected))


def _texts(
    a: Answers,
    b: Answers,
    *,
    y: NDArray[np.bool_],
    labels: LabelSet,
    texts: Sequence[str],
    differs: NDArray[np.bool_],
    most: int,
) -> tuple[TextCompared, ...]:
    """Return the texts in which the models are furthest apart, each text once."""
    gaps = np.abs(b.probabilities - a.probabilities).max(axis=1)
    rows = np.flatnonzero(differs)
    found: dict[str, TextCompared] = {}
    for row in rows[np.argsort(-gaps[rows], kind="stable")].tolist():
        if len(found) == most:
            break
        decoded = labels.decode(np.stack([y[row], a.predicted[row], b.predicted[row]]))
        found.setdefault(texts[row], TextCompared(texts[row], *decoded))
    return tuple(found.values())


def _said(one: Compared) -> str:
    interval = one.difference.interval
    return (
        f"{one.name} {one.difference.estimate:+.3f} ({interval.low:+.3f} to {interval.high:+.3f})"
    )


def _plus_minus(size: float) -> str:
    return f"\N{PLUS-MINUS SIGN}{size:.3f}"
