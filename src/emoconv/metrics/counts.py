"""Precision, recall and F1 from three counts a label.

Every measure of decisions here is a ratio of sums of `Counts`, so one set of formulas serves a
single evaluation, a sweep over cuts and a thousand bootstrap resamples: they differ in the
leading axes only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from emoconv.metrics.arrays import check_same_shape

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Counts", "Rates"]


class Rates(NamedTuple):
    """Precision, recall and F1, each float64 of one shape, in [0, 1]."""

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    f1: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Counts:
    """What precision, recall and F1 are made of: float64 (..., L), whole numbers.

    Args:
        true_positives: Texts that have the label and were given it.
        predicted: Texts that were given the label.
        support: Texts that have the label.

    Example:
        >>> y = np.array([[True, False], [True, True]])
        >>> Counts.of(y=y, predicted=np.array([[True, True], [False, True]])).rates().recall
        array([0.5, 1. ])
    """

    true_positives: NDArray[np.float64]
    predicted: NDArray[np.float64]
    support: NDArray[np.float64]

    @classmethod
    def of(cls, *, y: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> Counts:
        """Count over the texts of two bool (N, L) arrays; the counts have shape (L,).

        Raises:
            DataError: The shapes differ or are empty.
        """
        check_same_shape(y, predicted=predicted)
        return cls(*(a.sum(axis=0, dtype=np.float64) for a in (y & predicted, predicted, y)))

    def rates(self) -> Rates:
        """Return the rates of each label, (..., L); 0 where there is nothing to divide by."""
        return Rates(
            precision=_ratio(self.true_positives, self.predicted),
            recall=_ratio(self.true_positives, self.support),
            f1=_ratio(2 * self.true_positives, self.predicted + self.support),
        )

    def micro(self) -> Rates:
        """Return the rates of all decisions taken together, (...)."""
        counts = (self.true_positives, self.predicted, self.support)
        return Counts(*(count.sum(axis=-1) for count in counts)).rates()

    def macro(self) -> Rates:
        """Return the plain mean of the labels' rates, (...)."""
        return Rates(*(rate.mean(axis=-1) for rate in self.rates()))

    def weighted(self) -> Rates:
        """Return the mean of the labels' rates weighted by support, (...)."""
        weights = self.support
        total = weights.sum(axis=-1)
        return Rates(*(_ratio((rate * weights).sum(axis=-1), total) for rate in self.rates()))


def _ratio(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(above, below, out=np.zeros(np.shape(above)), where=below != 0)
