"""Measures of probabilities that need no cut: average precision, log loss, calibration.

All take ``y`` bool (N, L) and ``probabilities`` float (N, L) in [0, 1].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emoconv.metrics.arrays import check_probabilities, check_same_shape

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "CALIBRATION_BINS",
    "Reliability",
    "average_precision",
    "calibration_error",
    "log_loss",
    "reliability",
]

CALIBRATION_BINS = 15
"""Equal-width bins of the calibration error: Guo et al. 2017, section 5 (their M)."""


def average_precision(
    y: NDArray[np.bool_], probabilities: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Return each label's average precision, float64 (L,).

    The sum over distinct probabilities, from the highest down, of the precision there times the
    recall gained there (scikit-learn's ``average_precision_score``, which does not interpolate);
    texts of equal probability enter together. A label that no text has gets 0.

    Raises:
        DataError: The shapes differ or are empty, or a probability is not in [0, 1].
    """
    _check(y, probabilities)
    columns = zip(y.T, probabilities.T, strict=True)
    return np.array([_average_precision(truth, p) for truth, p in columns])


def _average_precision(y: NDArray[np.bool_], probabilities: NDArray[np.floating]) -> float:
    order = np.argsort(-probabilities)
    tie_ends = np.append(np.flatnonzero(np.diff(probabilities[order])), len(y) - 1)
    found = np.cumsum(y[order], dtype=np.float64)[tie_ends]
    gained = np.diff(found, prepend=0)
    return float(gained @ (found / (tie_ends + 1)) / max(found[-1], 1))


def log_loss(y: NDArray[np.bool_], probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return each label's mean binary cross-entropy in nats, float64 (L,).

    Probabilities of exactly 0 or 1 are moved inwards by their type's machine epsilon, as
    scikit-learn's ``log_loss`` does.

    Raises:
        DataError: The shapes differ or are empty, or a probability is not in [0, 1].
    """
    _check(y, probabilities)
    margin = np.finfo(probabilities.dtype).eps
    inside = np.clip(probabilities, margin, 1 - margin).astype(np.float64)
    return np.asarray(-np.log(np.where(y, inside, 1 - inside)).mean(axis=0))


def calibration_error(
    y: NDArray[np.bool_], probabilities: NDArray[np.floating], *, bins: int = CALIBRATION_BINS
) -> NDArray[np.float64]:
    """Return each label's expected calibration error, float64 (L,) in [0, 1].

    The mean over texts of the gap between probability and frequency in the text's bin, bins being
    of equal width and closed above (Naeini et al. 2015; Guo et al. 2017, equation 3). Each
    label is a two-class problem whose confidence is the label's probability. For one figure over
    all decisions see `Reliability.error`.

    Raises:
        DataError: The shapes differ or are empty, or a probability is not in [0, 1].
    """
    _check(y, probabilities)
    expected, observed, _ = _bin_sums(y, probabilities, bins)
    return np.asarray(np.abs(expected - observed).sum(axis=1) / len(y))


@dataclass(frozen=True, eq=False)
class Reliability:
    """Probability against frequency in bins of equal width; empty bins are left out.

    Args:
        probability: float64 (bins,), the mean probability of each bin.
        frequency: float64 (bins,), the share of each bin's decisions that were true.
        count: int64 (bins,), decisions in each bin.
    """

    probability: NDArray[np.float64]
    frequency: NDArray[np.float64]
    count: NDArray[np.int64]

    @property
    def error(self) -> float:
        """The expected calibration error over all decisions, in [0, 1]."""
        gap = np.abs(self.probability - self.frequency)
        return float(gap @ self.count / self.count.sum())


def reliability(
    y: NDArray[np.bool_], probabilities: NDArray[np.floating], *, bins: int = CALIBRATION_BINS
) -> Reliability:
    """Return the reliability of all N x L decisions together.

    Raises:
        DataError: The shapes differ or are empty, or a probability is not in [0, 1].
    """
    _check(y, probabilities)
    expected, observed, count = (s.sum(axis=0) for s in _bin_sums(y, probabilities, bins))
    filled = count > 0
    return Reliability(
        probability=expected[filled] / count[filled],
        frequency=observed[filled] / count[filled],
        count=count[filled].astype(np.int64),
    )


def _bin_sums(
    y: NDArray[np.bool_], probabilities: NDArray[np.floating], bins: int
) -> list[NDArray[np.float64]]:
    """Sum probabilities, truths and decisions in each bin of each label: 3 x float64 (L, bins)."""
    L = y.shape[1]
    inner_edges = np.linspace(0, 1, bins + 1)[1:-1]
    place = np.searchsorted(inner_edges, probabilities) + bins * np.arange(L)  # (N, L)
    flat, size = place.ravel(), bins * L
    return [
        np.bincount(flat, weights=weights.ravel(), minlength=size).reshape(L, bins).astype(float)
        for weights in (probabilities, y, np.ones(y.shape))
    ]


def _check(y: NDArray[np.bool_], probabilities: NDArray[np.floating]) -> None:
    check_same_shape(y, probabilities=probabilities)
    check_probabilities(probabilities)
