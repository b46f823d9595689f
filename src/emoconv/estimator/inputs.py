"""Texts and their weights as users have them, to strings and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from emoconv.columns import gather, to_strings
from emoconv.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from emoconv.columns import Column

__all__ = ["read_texts", "read_weights"]


def read_texts(X: Column) -> list[str]:
    """Return a column of texts as strings.

    Raises:
        TypeError: It is no column of strings.
        DataError: A text is missing.
    """
    texts = to_strings(gather(X))
    if None in texts:
        raise DataError(
            f"text {texts.index(None)} is missing (None or NaN); leave the row out, or put an "
            "empty text there"
        )
    return cast("list[str]", texts)


def read_weights(sample_weight: ArrayLike, *, texts: int) -> NDArray[np.float64]:
    """Return the weight of each text, float64 (N,), none below 0 and one above.

    Args:
        sample_weight: N numbers, or one for all.
        texts: N.

    Raises:
        DataError: It is not that.
    """
    weights = np.asarray(sample_weight, dtype=np.float64)
    if not weights.ndim:
        weights = np.full(texts, weights)
    if weights.shape != (texts,):
        raise DataError(f"sample_weight has shape {weights.shape}; expected ({texts},)")
    wrong = np.flatnonzero(~((weights >= 0) & np.isfinite(weights)))
    if len(wrong):
        raise DataError(
            f"sample_weight {wrong[0]} is {weights[wrong[0]]}; expected a number of at least 0"
        )
    if not weights.any():
        raise DataError("every sample_weight is zero; expected one above 0 at least")
    return weights
