"""Checks of the arrays that metrics, thresholds and calibration are given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from emoconv.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["check_probabilities", "check_same_shape"]


def check_same_shape(y: NDArray[np.bool_], **others: NDArray[Any]) -> None:
    """Check that ``y`` is bool (N, L) with N and L at least 1, and that others have its shape.

    Raises:
        DataError: A shape differs or is empty, or ``y`` is not bool.
    """
    if y.dtype != np.bool_ or y.ndim != 2:  # noqa: PLR2004 - rows by labels
        raise DataError(f"y is {y.dtype} of shape {y.shape}; expected bool of shape (N, L)")
    if y.size == 0:
        raise DataError(f"y has shape {y.shape}; expected at least one text and one label")
    for name, other in others.items():
        if other.shape != y.shape:
            raise DataError(f"{name} has shape {other.shape}; expected that of y, {y.shape}")


def check_probabilities(probabilities: NDArray[np.floating]) -> None:
    """Check that every probability of a (N, L) array is in [0, 1] and none is NaN.

    Raises:
        DataError: One is not; the first such place is named.
    """
    wrong = ~((probabilities >= 0) & (probabilities <= 1))  # NaN compares false
    if wrong.any():
        row, label = np.argwhere(wrong)[0]
        raise DataError(
            f"the probability of text {row}, label {label} is {probabilities[row, label]}; "
            "expected a number from 0 to 1"
        )
