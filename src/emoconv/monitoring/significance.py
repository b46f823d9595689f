"""Tests of whether two samples differ, and by how much, from counts alone.

Knows nothing of what is counted. No test needs more than `math` and numpy. Why these and no others:
``docs/explanation/drift.md``.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from emoconv.metrics import POWER

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "Distance",
    "cohen_h",
    "distance",
    "distance_p_value",
    "share_p_value",
    "visible_distance",
    "visible_h",
]

_TERMS = 100
"""Of the series of the Kolmogorov distribution; at 0.1 the last is 10^-87."""


def share_p_value(*, counts: tuple[int, int], totals: tuple[int, int]) -> float:
    """Return how likely two shares of one population are to differ at least as these do.

    The likelihood ratio test of a table of two rows and two columns (Wilks 1938, "The large-sample
    distribution of the likelihood ratio for testing composite hypotheses"), with the continuity
    correction of Yates 1934, "Contingency tables involving small numbers and the chi-squared test":
    the counts are moved by one half towards what is expected of them. Both keep the test from
    crying wolf over the rare labels of unequal samples, as the usual z test does.

    Args:
        counts: Texts with the label in each sample.
        totals: Texts in each sample, at least 1.

    Example:
        >>> f"{share_p_value(counts=(10, 25), totals=(100, 100)):.4f}"
        '0.0084'
    """
    share = sum(counts) / sum(totals)
    expected = totals[0] * share
    moved = max(abs(counts[0] - expected) - 0.5, 0.0) * (1 if counts[0] > expected else -1)
    cells = (
        (expected, moved),
        (totals[1] * share, -moved),
        (totals[0] * (1 - share), -moved),
        (totals[1] * (1 - share), moved),
    )
    terms = [(e + d) * math.log1p(d / e) for e, d in cells if e > 0 and e + d > 0]
    return math.erfc(math.sqrt(max(math.fsum(terms), 0.0)))  # chi-squared of 2 sum, 1 degree


def cohen_h(before: float, after: float) -> float:
    """Return the size of the difference between two shares, from 0 to pi.

    Source: Cohen 1988, section 6.2, equation 6.2.1.

    Example:
        >>> round(cohen_h(0.04, 0.062), 2), round(cohen_h(0.5, 0.55), 2)
        (0.1, 0.1)
    """
    return abs(2 * math.asin(math.sqrt(after)) - 2 * math.asin(math.sqrt(before)))


def visible_h(totals: tuple[int, int], *, alpha: float) -> float:
    """Return the size of the difference between shares that is found with `POWER`.

    Source: Cohen 1988, section 6.4: h is about normal, of variance 1/n for each sample.

    Args:
        totals: Texts in each sample, at least 1.
        alpha: The level of the two-sided test.
    """
    normal = NormalDist()
    standard = normal.inv_cdf(POWER) - normal.inv_cdf(alpha / 2)
    return min(standard * math.sqrt(1 / totals[0] + 1 / totals[1]), math.pi)


class Distance(NamedTuple):
    """Where two histograms differ most in the share that is in their first bins.

    Attributes:
        bins: So many first bins.
        before: The share of the one histogram that is in them.
        after: The share of the other.
    """

    bins: int
    before: float
    after: float

    @property
    def value(self) -> float:
        """The Kolmogorov-Smirnov distance of the histograms."""
        return abs(self.after - self.before)


def distance(before: NDArray[np.int64], after: NDArray[np.int64]) -> Distance:
    """Return where two histograms of the same bins, none of them empty, differ most."""
    shares = [np.cumsum(counts) / counts.sum() for counts in (before, after)]
    most = int(np.abs(shares[1] - shares[0])[:-1].argmax())
    return Distance(most + 1, float(shares[0][most]), float(shares[1][most]))


def distance_p_value(value: float, totals: tuple[int, int]) -> float:
    """Return how likely two samples of one population are to be as far apart, or less likely.

    The two-sample test of Kolmogorov and Smirnov by its asymptotic distribution, at the argument
    of Stephens 1970, "Use of the Kolmogorov-Smirnov, Cramer-von Mises and Related Statistics
    Without Extensive Tables". Of values in bins it is conservative: differences within a bin do
    not show (Noether 1963, "Note on the Kolmogorov statistic in the discrete case").

    Args:
        value: The distance.
        totals: Texts in each sample, at least 1.

    Example:
        >>> f"{distance_p_value(0.2, (100, 100)):.3f}"
        '0.031'
    """
    root = _root_of_effective_size(totals)
    argument = (root + 0.12 + 0.11 / root) * value
    if argument < 0.1:  # noqa: PLR2004 - the distribution is 0 there to more digits than it has
        return 1.0
    k = np.arange(1, _TERMS + 1)
    terms = np.where(k % 2, 2.0, -2.0) * np.exp(-2 * (k * argument) ** 2)
    return min(max(float(terms.sum()), 0.0), 1.0)


def visible_distance(totals: tuple[int, int], *, alpha: float) -> float:
    """Return the distance between distributions that is found with `POWER`.

    What the test asks for, by the first term of its series, and as much more as is needed where a
    share is most uncertain, at one half.

    Args:
        totals: Texts in each sample, at least 1.
        alpha: The level of the test.
    """
    critical = math.sqrt(-math.log(alpha / 2) / 2)
    more = NormalDist().inv_cdf(POWER) / 2
    return min((critical + more) / _root_of_effective_size(totals), 1.0)


def _root_of_effective_size(totals: tuple[int, int]) -> float:
    return math.sqrt(totals[0] * totals[1] / (totals[0] + totals[1]))
