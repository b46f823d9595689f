"""Which labels go together, and which are taken for each other: counts of pairs of labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emoconv.metrics.arrays import check_same_shape

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["pair_counts", "swap_counts"]


def pair_counts(y: NDArray[np.bool_], other: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Count the texts that have a label in one array and a label in the other, int64 (L, L).

    Of labels with themselves it is their co-occurrence, with each label's texts on the diagonal; of
    what is true (rows) with what was said (columns) it is the confusion of a multi-label model,
    with the true positives on the diagonal. A text of several labels counts in several places.

    Args:
        y: bool (N, L), the rows.
        other: bool (N, L), the columns.

    Raises:
        DataError: The shapes differ or are empty.

    Example:
        >>> y = np.array([[True, True], [True, False]])
        >>> pair_counts(y, y)
        array([[2, 1],
               [1, 1]])
    """
    check_same_shape(y, other=other)
    return np.rint(y.T.astype(np.float64) @ other).astype(np.int64)


def swap_counts(*, y: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Count the texts in which a label was missed and another said that does not hold.

    Args:
        y: bool (N, L), what is true.
        predicted: bool (N, L), what was decided.

    Returns:
        int64 (L, L): rows are the labels that were missed, columns those said in their place. The
        diagonal is 0.

    Raises:
        DataError: The shapes differ or are empty.

    Example:
        >>> y, said = np.array([[True, False, False]]), np.array([[False, True, False]])
        >>> swap_counts(y=y, predicted=said)[0]
        array([0, 1, 0])
    """
    check_same_shape(y, predicted=predicted)
    return pair_counts(y & ~predicted, predicted & ~y)
