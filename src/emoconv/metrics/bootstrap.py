"""How far a figure might have moved on other texts: the percentile bootstrap over rows.

Source: Efron & Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13 (percentile
intervals). Texts are drawn, whole rows with all their labels; the model is held fixed, so an
interval says nothing of another training run's luck.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from emoconv.metrics.arrays import check_same_shape
from emoconv.metrics.counts import Counts
from emoconv.metrics.significance import POWER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from emoconv.metrics.counts import Rates

__all__ = [
    "Comparison",
    "Difference",
    "Interval",
    "bootstrap_counts",
    "compare",
    "draw_weights",
]

_WEIGHTS_AT_ONCE = 2**22  # resamples x texts in memory at once: 16 MiB of float32


@dataclass(frozen=True)
class Interval:
    """The bounds of a 95 % bootstrap percentile interval."""

    low: float
    high: float

    @classmethod
    def of(cls, resampled: NDArray[np.float64]) -> Interval:
        """Return the interval of a figure's values over R resamples, float64 (R,)."""
        low, high = np.quantile(resampled, (0.025, 0.975))
        return cls(float(low), float(high))


@dataclass(frozen=True)
class Difference:
    """How much higher a figure is for ``b`` than for ``a``, on the same texts.

    An interval that leaves out 0 is a difference that choosing other texts would hardly undo.

    Args:
        estimate: The difference on the texts as they are.
        interval: Its interval over resampled texts.
        p_value: Twice the smaller share of resamples in which the difference is at most, or at
            least, 0; at most 1. One resample is added to count and number, so that it is never 0
            (Davison & Hinkley 1997, "Bootstrap Methods and their Application", equation 4.11).
        standard_error: The standard deviation of the difference over resampled texts.
    """

    estimate: float
    interval: Interval
    p_value: float
    standard_error: float = 0.0

    @classmethod
    def of(cls, estimate: float, resampled: NDArray[np.float64]) -> Difference:
        """Return a difference from its values over R resamples, float64 (R,)."""
        return cls(
            estimate=estimate,
            interval=Interval.of(resampled),
            p_value=_p_value(resampled),
            standard_error=float(resampled.std()),
        )

    @property
    def visible(self) -> float:
        """The size of a difference that these texts would show, at a level of 5 %, with `POWER`.

        For what is about normal: Cohen 1988, "Statistical Power Analysis for the Behavioral
        Sciences", section 2.4.
        """
        normal = NormalDist()
        return (normal.inv_cdf(POWER) - normal.inv_cdf(0.05 / 2)) * self.standard_error


@dataclass(frozen=True)
class Comparison:
    """The differences between two sets of predictions.

    Args:
        micro_f1: Of the F1 of all decisions together.
        macro_f1: Of the mean of the labels' F1.
        per_label: Of each label's F1, in label order. Among many labels some differ by chance:
            see `emoconv.metrics.holm`.
    """

    micro_f1: Difference
    macro_f1: Difference
    per_label: tuple[Difference, ...]


def bootstrap_counts(
    *, y: NDArray[np.bool_], predicted: NDArray[np.bool_], resamples: int, seed: int
) -> Counts:
    """Count over R random draws of N texts with replacement; the counts have shape (R, L).

    The draws depend on R, N and the seed alone: two calls that agree in them see the same texts,
    which is what makes `compare` a paired comparison.

    Raises:
        DataError: The shapes differ or are empty.
    """
    check_same_shape(y, predicted=predicted)
    indicators = np.hstack([y & predicted, predicted, y]).astype(np.float32)  # (N, 3L)
    draws = draw_weights(len(y), resamples=resamples, seed=seed)
    sums = np.concatenate([weights @ indicators for weights in draws])  # (R, 3L)
    return Counts(*np.split(sums.astype(np.float64), 3, axis=1))


def compare(
    *,
    y: NDArray[np.bool_],
    a: NDArray[np.bool_],
    b: NDArray[np.bool_],
    resamples: int = 1000,
    seed: int = 0,
) -> Comparison:
    """Compare the predictions ``b`` with the predictions ``a`` on the same resampled texts.

    Args:
        y: bool (N, L), what is true.
        a: bool (N, L), the predictions compared with.
        b: bool (N, L), the predictions in question.
        resamples: Bootstrap draws.
        seed: Of the draws.

    Raises:
        DataError: The shapes differ or are empty.
    """
    points = [Counts.of(y=y, predicted=p) for p in (a, b)]
    draws = [bootstrap_counts(y=y, predicted=p, resamples=resamples, seed=seed) for p in (a, b)]
    return Comparison(
        micro_f1=_difference(points, draws, Counts.micro),
        macro_f1=_difference(points, draws, Counts.macro),
        per_label=_label_differences(points, draws),
    )


def _difference(
    points: list[Counts], draws: list[Counts], average: Callable[[Counts], Rates]
) -> Difference:
    (point_a, point_b), (draws_a, draws_b) = (
        [average(counts).f1 for counts in pair] for pair in (points, draws)
    )
    return Difference.of(float(point_b - point_a), draws_b - draws_a)


def _label_differences(points: list[Counts], draws: list[Counts]) -> tuple[Difference, ...]:
    (point_a, point_b), (draws_a, draws_b) = (
        [counts.rates().f1 for counts in pair] for pair in (points, draws)
    )
    differences = zip((point_b - point_a).tolist(), (draws_b - draws_a).T, strict=True)
    return tuple(Difference.of(estimate, resampled) for estimate, resampled in differences)


def _p_value(differences: NDArray[np.float64]) -> float:
    smaller = min(np.sum(differences <= 0), np.sum(differences >= 0))
    return min(1.0, float(2 * (smaller + 1) / (len(differences) + 1)))


def draw_weights(n: int, *, resamples: int, seed: int) -> Iterator[NDArray[np.float32]]:
    """Yield float32 (r, N), how often each text was drawn, until R rows are out."""
    rng = np.random.default_rng(seed)
    step = max(1, _WEIGHTS_AT_ONCE // n)
    for start in range(0, resamples, step):
        rows = min(step, resamples - start)
        drawn = rng.integers(n, size=(rows, n)) + n * np.arange(rows)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=rows * n)
        yield counts.reshape(rows, n).astype(np.float32)
