"""How far a share may be from the one that was counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["wilson"]

_Z = 1.959964
"""Of the standard normal distribution, 95 % lie between minus this and this."""


def wilson(
    counts: NDArray[np.int64], totals: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the ends of 95 % intervals of shares, float64 (P,) each; NaN of no cases.

    Source: Wilson 1927, "Probable Inference, the Law of Succession, and Statistical Inference";
    recommended for shares near 0 by Brown, Cai & DasGupta 2001, "Interval Estimation for a
    Binomial Proportion".

    Args:
        counts: int64 (P,), at most the totals.
        totals: int64 (P,).

    Example:
        >>> low, high = wilson(np.array([0, 50]), np.array([100, 100]))
        >>> low.round(3), high.round(3)
        (array([0.   , 0.404]), array([0.037, 0.596]))
    """
    n = np.where(totals > 0, totals, np.nan)
    share = counts / n
    middle = share + _Z**2 / (2 * n)
    half = _Z * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    size = 1 + _Z**2 / n
    return np.maximum((middle - half) / size, 0), (middle + half) / size
