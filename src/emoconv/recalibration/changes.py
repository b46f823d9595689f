"""What became better or worse on the same texts, by how much, and whether chance explains it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from emoconv.metrics import Counts, Difference, compare, draw_weights, holm, log_loss, reliability

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from emoconv.recalibration.fitting import Judged

__all__ = ["Change", "changes", "verdict"]

_LOSSES = ("log loss", "Brier score")
_ALPHA = 0.05  # the level of `emoconv compare`, and of the 95 % intervals


@dataclass(frozen=True)
class Change:
    """One figure before and after.

    Args:
        name: Of the figure.
        before: With the model's own calibration and cuts.
        after: With the new ones.
        lower_is_better: Whether it is a loss or an error.
        difference: How much higher it is after, by the paired bootstrap; None of the calibration
            error, which grows when texts are drawn anew, whatever the model.
        p_value: The difference's, corrected for how many there are (Holm); None without one.
    """

    name: str
    before: float
    after: float
    lower_is_better: bool
    difference: Difference | None = None
    p_value: float | None = None

    @property
    def clear(self) -> bool:
        """Whether chance is a poor explanation of the difference."""
        return self.p_value is not None and self.p_value <= _ALPHA

    @property
    def better(self) -> bool:
        """Whether it is clear, and for the better."""
        return self.clear and (self.after < self.before) == self.lower_is_better

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON, by the names above."""
        return {**asdict(self), "better": self.better, "worse": self.clear and not self.better}


def changes(
    *,
    y: NDArray[np.bool_],
    before: Judged,
    after: Judged,
    resamples: int,
    seed: int,
) -> tuple[Change, ...]:
    """Return what changed: log loss, Brier score, calibration error, micro and macro F1.

    Log loss and Brier score (Brier 1950, "Verification of forecasts expressed in terms of
    probability") are of probabilities, means over all N x L decisions; F1 is of the decisions.

    Args:
        y: bool (N, L), what is true.
        before: What was said of the texts.
        after: What is said of them now.
        resamples: Bootstrap draws behind intervals and p-values, at least 1.
        seed: Of the draws.

    Raises:
        DataError: Shapes differ or are empty, or a probability is not in [0, 1].
    """
    # (N,) each, of texts and not of labels: `log_loss` takes the mean over rows
    sides = before, after
    losses = [log_loss(y.T, side.probabilities.T) for side in sides]
    squares = [np.square(s.probabilities.astype(np.float64) - y).mean(axis=1) for s in sides]
    f1 = compare(y=y, a=before.predicted, b=after.predicted, resamples=resamples, seed=seed)
    counts = [Counts.of(y=y, predicted=side.predicted) for side in sides]
    differences = [
        *_of_means(np.stack([losses[1] - losses[0], squares[1] - squares[0]]), resamples, seed),
        f1.micro_f1,
        f1.macro_f1,
    ]
    values = (
        ("log loss", [float(each.mean()) for each in losses]),
        ("Brier score", [float(each.mean()) for each in squares]),
        ("micro F1", [float(each.micro().f1) for each in counts]),
        ("macro F1", [float(each.macro().f1) for each in counts]),
    )
    p_values = holm([difference.p_value for difference in differences])
    loss, brier, micro, macro = (
        Change(name, old, new, name in _LOSSES, difference, p_value)
        for (name, (old, new)), difference, p_value in zip(
            values, differences, p_values, strict=True
        )
    )
    old, new = (reliability(y, side.probabilities).error for side in sides)
    error = Change("expected calibration error", old, new, lower_is_better=True)
    return loss, brier, error, micro, macro


def _of_means(gaps: NDArray[np.float64], resamples: int, seed: int) -> list[Difference]:
    """Return the differences of means whose differences in each text are given, (figures, N)."""
    N = gaps.shape[1]
    draws = draw_weights(N, resamples=resamples, seed=seed)
    resampled = np.concatenate([weights @ gaps.T / N for weights in draws])  # (R, figures)
    return [
        Difference.of(float(own.mean()), drawn)
        for own, drawn in zip(gaps, resampled.T, strict=True)
    ]


def verdict(found: Sequence[Change]) -> str:
    """Return one sentence: whether it helps, by what, or what to do if it does not."""
    better = [one for one in found if one.better]
    worse = [one for one in found if one.clear and not one.better]
    said = ", ".join(_said(one) for one in (*better, *worse))
    if better and worse:
        return f"it helps in one thing and does harm in another: {said}"
    if better:
        return f"it helps: {said}"
    if worse:
        return f"it does harm: {said}; keep the model as it was"
    named = [one.name for one in found if one.difference is not None]
    return (
        f"it does not help, as far as these texts tell: chance explains every difference in "
        f"{', '.join(named[:-1])} and {named[-1]}; keep the model as it was"
    )


def _said(one: Change) -> str:
    assert one.difference is not None  # noqa: S101 - what is clear has one
    interval = one.difference.interval
    places = 4 if one.lower_is_better else 3
    low, high = (f"{bound:+.{places}f}" for bound in (interval.low, interval.high))
    return f"{one.name} {one.difference.estimate:+.{places}f} ({low} to {high})"
