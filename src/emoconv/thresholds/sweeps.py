"""Precision, recall and F1 at each of many cuts shared by all labels."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from emoconv.errors import ConfigError
from emoconv.metrics import Counts, Scores, check_probabilities, check_same_shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from emoconv.metrics import Rates

__all__ = ["BLOG_CUTS", "FINE_CUTS", "SweepRow", "counts_at", "sweep"]

BLOG_CUTS = (0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""The cuts that the blog post tried (its recipe is `emoconv.train`'s ``blog``)."""

FINE_CUTS = tuple(percent / 100 for percent in range(1, 100))
"""Every hundredth between 0 and 1."""


@dataclass(frozen=True)
class SweepRow:
    """What all labels score at one shared cut."""

    cut: float
    micro: Scores
    macro: Scores
    weighted: Scores

    def to_dict(self) -> dict[str, Any]:
        """Return what `json` writes."""
        return dataclasses.asdict(self)


def sweep(
    y: NDArray[np.bool_], probabilities: NDArray[np.floating], cuts: Sequence[float] = BLOG_CUTS
) -> tuple[SweepRow, ...]:
    """Score each shared cut.

    Args:
        y: bool (N, L), what is true.
        probabilities: float (N, L) in [0, 1].
        cuts: In ascending order, in [0, 1].

    Raises:
        DataError: The shapes differ or are empty, or a probability is not in [0, 1].
        ConfigError: The cuts do not ascend from 0 or more to 1 or less.
    """
    counts = counts_at(y, probabilities, cuts)
    averages = (_rows(rates) for rates in (counts.micro(), counts.macro(), counts.weighted()))
    return tuple(SweepRow(cut, *row) for cut, *row in zip(cuts, *averages, strict=True))


def counts_at(
    y: NDArray[np.bool_], probabilities: NDArray[np.floating], cuts: Sequence[float]
) -> Counts:
    """Count true positives, predictions and positives at each of C shared cuts, (C, L).

    Sorts each probability among the cuts once, so the cost hardly grows with C.

    Raises:
        DataError: The shapes differ or are empty, or a probability is not in [0, 1].
        ConfigError: The cuts do not ascend from 0 or more to 1 or less.
    """
    check_same_shape(y, probabilities=probabilities)
    check_probabilities(probabilities)
    edges = np.array(cuts, dtype=np.float32)  # the type that decides: see Thresholds
    if not len(edges) or (np.diff(edges) <= 0).any() or edges[0] < 0 or edges[-1] > 1:
        raise ConfigError(f"cuts are {tuple(cuts)}; expected ascending numbers from 0 to 1")
    C, L = len(edges), y.shape[1]
    passed = np.searchsorted(edges, probabilities, side="right")  # (N, L), cuts at or below
    place = passed + (C + 1) * np.arange(L)

    def at_or_above(chosen: NDArray[np.intp]) -> NDArray[np.float64]:
        tally = np.bincount(chosen, minlength=(C + 1) * L).reshape(L, C + 1)
        return tally[:, :0:-1].cumsum(axis=1)[:, ::-1].T.astype(np.float64)  # (C, L)

    support = np.broadcast_to(y.sum(axis=0, dtype=np.float64), (C, L))
    return Counts(at_or_above(place[y]), at_or_above(place.ravel()), support)


def _rows(rates: Rates) -> list[Scores]:
    return [
        Scores(precision=precision, recall=recall, f1=f1)
        for precision, recall, f1 in zip(*(rate.tolist() for rate in rates), strict=True)
    ]
