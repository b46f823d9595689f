"""F1 on parts of the texts: where a model is weaker than its averages say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emoconv.metrics.arrays import check_same_shape
from emoconv.metrics.bootstrap import Interval, bootstrap_counts
from emoconv.metrics.counts import Counts
from emoconv.metrics.evaluation import Scores

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["SliceScores", "slice_scores"]


@dataclass(frozen=True, kw_only=True)
class SliceScores:
    """What is said of one slice.

    Args:
        name: Of the slice.
        n: Its texts.
        labels: How many labels its texts have among them.
        micro: Over all its decisions taken together.
        macro: The plain mean over the labels that its texts have; a label that none of them has
            would count as an F1 of 0 and say nothing of the model.
    """

    name: str
    n: int
    labels: int
    micro: Scores
    macro: Scores


def slice_scores(
    slices: Mapping[str, NDArray[np.bool_]],
    *,
    y: NDArray[np.bool_],
    predicted: NDArray[np.bool_],
    resamples: int = 0,
    seed: int = 0,
) -> tuple[SliceScores, ...]:
    """Measure each slice on its own.

    Args:
        slices: For each name bool (N,), which texts belong; slices may overlap. One without texts
            is left out.
        y: bool (N, L), what is true.
        predicted: bool (N, L), what was decided.
        resamples: Bootstrap draws behind the intervals of F1; 0 for no intervals.
        seed: Of the draws.

    Raises:
        DataError: The shapes differ or are empty.
    """
    check_same_shape(y, predicted=predicted)
    return tuple(
        _one(name, y[belongs], predicted[belongs], resamples=resamples, seed=seed)
        for name, belongs in slices.items()
        if belongs.any()
    )


def _one(
    name: str,
    y: NDArray[np.bool_],
    predicted: NDArray[np.bool_],
    *,
    resamples: int,
    seed: int,
) -> SliceScores:
    there = y.sum(axis=0) > 0  # (L,)
    counts = Counts.of(y=y, predicted=predicted)
    draws = None
    if resamples:
        draws = bootstrap_counts(y=y, predicted=predicted, resamples=resamples, seed=seed)
    return SliceScores(
        name=name,
        n=len(y),
        labels=int(there.sum()),
        micro=_micro(counts, draws),
        macro=_macro(counts, draws, there),
    )


def _micro(counts: Counts, draws: Counts | None) -> Scores:
    precision, recall, f1 = (float(rate) for rate in counts.micro())
    interval = None if draws is None else Interval.of(draws.micro().f1)
    return Scores(precision=precision, recall=recall, f1=f1, f1_interval=interval)


def _macro(counts: Counts, draws: Counts | None, there: NDArray[np.bool_]) -> Scores:
    if not there.any():
        return Scores(precision=0.0, recall=0.0, f1=0.0)
    precision, recall, f1 = (float(rate[there].mean()) for rate in counts.rates())
    interval = None if draws is None else Interval.of(draws.rates().f1[:, there].mean(axis=1))
    return Scores(precision=precision, recall=recall, f1=f1, f1_interval=interval)
