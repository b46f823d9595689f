"""The decisions that were most wrong, and the labels that are taken for each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emoconv.metrics import swap_counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from emoconv.labels import LabelSet

__all__ = ["Mistake", "Swap", "hardest_pairs", "worst_mistakes"]


@dataclass(frozen=True)
class Mistake:
    """One wrong decision.

    Args:
        text: The whole text.
        label: The label that was missed, or said though it does not hold.
        probability: What the model gave the label.
        loss: The decision's log loss in nats.
        gold: The labels that hold.
        predicted: The labels that were said.
    """

    text: str
    label: str
    probability: float
    loss: float
    gold: tuple[str, ...]
    predicted: tuple[str, ...]


def worst_mistakes(
    texts: Sequence[str],
    *,
    y: NDArray[np.bool_],
    predicted: NDArray[np.bool_],
    probabilities: NDArray[np.floating],
    labels: LabelSet,
    missed: bool,
    count: int = 10,
) -> list[Mistake]:
    """Return the wrong decisions of the highest log loss, the worst first.

    A text is named once, for its worst label, and once only if it is in the data several times.

    Args:
        texts: N texts.
        y: bool (N, L), what is true.
        predicted: bool (N, L), what was decided.
        probabilities: float (N, L) in [0, 1].
        labels: The L labels.
        missed: Whether labels that were missed are looked for, or those said that do not hold.
        count: At most so many.
    """
    wrong = (y & ~predicted) if missed else (predicted & ~y)
    given = np.where(y, probabilities, 1 - probabilities).astype(np.float64)
    losses = -np.log(np.maximum(given, np.finfo(np.float32).eps))  # as `emoconv.metrics.log_loss`
    rows, columns = np.nonzero(wrong)
    order = np.argsort(-losses[rows, columns], kind="stable")
    found: dict[str, Mistake] = {}
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if len(found) == count:
            break
        gold, said = labels.decode(np.stack([y[row], predicted[row]]))
        mistake = Mistake(
            text=texts[row],
            label=labels.names[column],
            probability=float(probabilities[row, column]),
            loss=float(losses[row, column]),
            gold=gold,
            predicted=said,
        )
        found.setdefault(texts[row], mistake)
    return list(found.values())


@dataclass(frozen=True)
class Swap:
    """One label said in another's place.

    Args:
        missed: The label that holds and was not said.
        said: The label that was said and does not hold.
        count: In so many texts.
        rate: Of the texts that have the missed label.
    """

    missed: str
    said: str
    count: int
    rate: float


def hardest_pairs(
    *, y: NDArray[np.bool_], predicted: NDArray[np.bool_], labels: LabelSet, count: int = 15
) -> list[Swap]:
    """Return the pairs of labels of which one is most often said in the other's place.

    Args:
        y: bool (N, L), what is true.
        predicted: bool (N, L), what was decided.
        labels: The L labels.
        count: At most so many.
    """
    swaps, support = swap_counts(y=y, predicted=predicted), y.sum(axis=0)
    order = np.argsort(-swaps, axis=None, kind="stable")[:count]
    pairs = zip(*np.unravel_index(order, swaps.shape), strict=True)
    return [
        Swap(labels.names[a], labels.names[b], int(swaps[a, b]), float(swaps[a, b] / support[a]))
        for a, b in pairs
        if swaps[a, b]
    ]
