"""What is gained by saying nothing of texts that a model is unsure of: risk against coverage.

Coverage is the share of texts that are answered, risk the share of those whose answer is wrong
(El-Yaniv & Wiener 2010, "On the Foundations of Noise-free Selective Classification", section 2).
The texts that are left out first are those of the lowest confidence, here the highest probability
of a text's labels (Geifman & El-Yaniv 2017, "Selective Classification for Deep Neural Networks").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from emoconv.decision import confidence
from emoconv.metrics.arrays import check_probabilities, check_same_shape
from emoconv.metrics.counts import Counts

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["RiskCoverage", "risk_coverage"]

_POINTS = 100  # of a curve in JSON, a hundredth of the texts apart


@dataclass(frozen=True, eq=False)
class RiskCoverage:
    """A curve of P points, one for each confidence that a text has, the highest first.

    Args:
        coverage: float64 (P,), the share of texts of this confidence or a higher one; ascends to 1.
        min_confidence: float64 (P,), the confidence; descends.
        error: float64 (P,), the share of those texts whose labels are not all right.
        micro_f1: float64 (P,), over those texts.
        macro_f1: The same; a label that none of them has counts as 0, so at low coverage this says
            more of which labels are left than of how well they are found.
        area: The mean of the error over all N coverages, 1 / N to 1 (AURC; Geifman, Uziel &
            El-Yaniv 2019, "Bias-Reduced Uncertainty Estimation for Deep Neural Classifiers",
            section 2): less is better. Of texts of equal confidence each counts with the error of
            all of them, as if in a random order that is averaged.
    """

    coverage: NDArray[np.float64]
    min_confidence: NDArray[np.float64]
    error: NDArray[np.float64]
    micro_f1: NDArray[np.float64]
    macro_f1: NDArray[np.float64]
    area: float

    def to_dict(self) -> dict[str, Any]:
        """Return what `json` writes: the area, and points a hundredth of the texts apart."""
        wanted = np.arange(1, _POINTS + 1) / _POINTS
        places = np.unique(np.searchsorted(self.coverage, wanted - 1e-12))
        names = ("coverage", "min_confidence", "error", "micro_f1", "macro_f1")
        columns = [getattr(self, name)[places].tolist() for name in names]
        points = [dict(zip(names, point, strict=True)) for point in zip(*columns, strict=True)]
        return {"area": self.area, "points": points}


def risk_coverage(
    *, y: NDArray[np.bool_], predicted: NDArray[np.bool_], probabilities: NDArray[np.floating]
) -> RiskCoverage:
    """Measure predictions on ever more of the texts, the most confident first.

    Args:
        y: bool (N, L), what is true.
        predicted: bool (N, L), what was decided.
        probabilities: float (N, L) in [0, 1].

    Raises:
        DataError: Shapes differ or are empty, or a probability is not in [0, 1].

    Example:
        >>> p = np.array([[0.9, 0.2], [0.6, 0.1], [0.3, 0.3]], dtype=np.float32)
        >>> y = np.array([[True, False], [False, True], [True, True]])
        >>> curve = risk_coverage(y=y, predicted=p >= 0.25, probabilities=p)
        >>> curve.error.round(2), round(curve.area, 3)
        (array([0.  , 0.5 , 0.33]), 0.278)
    """
    check_same_shape(y, predicted=predicted, probabilities=probabilities)
    check_probabilities(probabilities)
    confident = confidence(probabilities)
    order = np.argsort(-confident, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(confident[order])), len(y) - 1)  # of each confidence

    def running(values: NDArray[np.bool_]) -> NDArray[np.float64]:
        return np.asarray(values[order].cumsum(axis=0, dtype=np.float64)[ends])

    counts = Counts(running(y & predicted), running(predicted), running(y))
    error = running((y != predicted).any(axis=1)) / (ends + 1)
    return RiskCoverage(
        coverage=(ends + 1) / len(y),
        min_confidence=confident[order][ends].astype(np.float64),
        error=error,
        micro_f1=counts.micro().f1,
        macro_f1=counts.macro().f1,
        area=float(error @ np.diff(ends, prepend=-1) / len(y)),
    )
