"""The choice of cuts on validation data.

A shared cut is the best of `FINE_CUTS`. A cut of a label's own is read off a smoothed curve:
GoEmotions has fourteen validation texts or so of its rarest labels, and the cut that is best for
exactly those is best by luck. The defaults below were compared on halves of the official dev
split (choose on one half, score on the other, 50 random halvings); the tables are in
``dev/LOG.md``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from emoconv.errors import ConfigError, did_you_mean
from emoconv.metrics import Counts, check_probabilities, check_same_shape
from emoconv.thresholds.cuts import Thresholds
from emoconv.thresholds.sweeps import FINE_CUTS, counts_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "BALANCED_MICRO_SHARE",
    "RULES",
    "Rule",
    "choose",
    "choose_per_label",
    "choose_shared",
]

Rule = Literal["shared-micro", "shared-macro", "per-label", "per-label-balanced"]
RULES: tuple[Rule, ...] = get_args(Rule)
"""The rules that `choose` knows: one cut for the best micro F1, one for the best macro F1, one
for each label's best F1, and one for each label that gives up a little macro F1 for much of the
micro F1."""

BALANCED_MICRO_SHARE = 1 / 3
"""Weight of micro F1 in ``per-label-balanced``. Of 0, 1/5, 1/3, 1/2 and 1, a third has the highest
mean of macro and micro F1 on dev, a fifth beside it: 0.3 to 0.45 points of macro F1 for 0.9 to 1.1
of micro F1 (``dev/LOG.md``)."""

_BLUR = 0.15  # of the interquartile range of a label's log-odds
_SHARED_VOTES = 1  # positive texts that the shared cut counts for
_PLACES = 256  # cuts tried for each label, over the range of its log-odds
_ROUNDS = 10  # the choices settle in two or three


def choose(
    y: NDArray[np.bool_], probabilities: NDArray[np.floating], *, rule: Rule, data: str
) -> Thresholds:
    """Choose cuts by a named rule.

    Args:
        y: bool (N, L), what is true of the validation texts.
        probabilities: float (N, L) in [0, 1], calibrated if the model will be.
        rule: One of `RULES`.
        data: What the validation texts are, for the reader.

    Raises:
        DataError: The shapes differ or are empty, or a probability is not in [0, 1].
        ConfigError: The rule is unknown.
    """
    if rule not in RULES:
        raise ConfigError(
            f"unknown threshold rule {rule!r}{did_you_mean(rule, RULES)} "
            f"(known: {', '.join(RULES)})"
        )
    if rule == "per-label":
        values = choose_per_label(y, probabilities)
    elif rule == "per-label-balanced":
        values = choose_per_label(y, probabilities, micro_share=BALANCED_MICRO_SHARE)
    else:
        measure: Literal["micro_f1", "macro_f1"] = (
            "micro_f1" if rule == "shared-micro" else "macro_f1"
        )
        cut = choose_shared(y, probabilities, measure=measure)
        values = np.full(y.shape[1], cut, dtype=np.float32)
    return Thresholds(values, rule=rule, data=data)


def choose_shared(
    y: NDArray[np.bool_],
    probabilities: NDArray[np.floating],
    *,
    measure: Literal["micro_f1", "macro_f1"],
) -> float:
    """Return the one of `FINE_CUTS` that is best for all labels together.

    Of several equally good cuts it is the middle one.

    Raises:
        DataError: The shapes differ or are empty, or a probability is not in [0, 1].
    """
    counts = counts_at(y, probabilities, FINE_CUTS)
    f1 = (counts.micro() if measure == "micro_f1" else counts.macro()).f1
    best = np.flatnonzero(f1 == f1.max())
    return FINE_CUTS[int(best[len(best) // 2])]


def choose_per_label(
    y: NDArray[np.bool_], probabilities: NDArray[np.floating], *, micro_share: float = 0.0
) -> NDArray[np.float32]:
    """Choose a cut for each label, float32 (L,).

    The cuts maximise ``(1 - micro_share) * macro F1 + micro_share * micro F1`` of smoothed
    counts; with a share of 0 that is each label's own F1. The smoothing: every text's log-odds
    are taken to carry logistic noise, 0.15 of the interquartile range of the label's log-odds
    wide, and what a cut would find is counted in expectation. That is a smoothed bootstrap
    (Silverman & Young 1987, "The bootstrap: to smooth or not to smooth?") of endless draws, and
    does not change when a label's logits are stretched or moved.

    The log-odds of the cut are then averaged with those of the shared cut for macro F1, which
    counts as one positive text; so a label without validation positives gets the shared cut.

    Args:
        y: bool (N, L), what is true of the validation texts.
        probabilities: float (N, L) in [0, 1].
        micro_share: Weight of micro F1, in [0, 1].

    Raises:
        DataError: The shapes differ or are empty, or a probability is not in [0, 1].
        ConfigError: The share is not in [0, 1].
    """
    check_same_shape(y, probabilities=probabilities)
    check_probabilities(probabilities)
    if not 0 <= micro_share <= 1:
        raise ConfigError(f"micro_share is {micro_share}; expected a number from 0 to 1")
    log_odds = _log_odds(probabilities)
    cuts = np.linspace(log_odds.min(axis=0), log_odds.max(axis=0), _PLACES)  # (P, L)
    places = _best_places(_smoothed_counts(y, log_odds, cuts), micro_share)
    own = np.take_along_axis(cuts, places[None], axis=0)[0]
    shared = _log_odds(np.array(choose_shared(y, probabilities, measure="macro_f1")))
    support = y.sum(axis=0)
    drawn = (support * own + _SHARED_VOTES * shared) / (support + _SHARED_VOTES)
    return _logistic(drawn).astype(np.float32)


def _smoothed_counts(
    y: NDArray[np.bool_], log_odds: NDArray[np.float64], cuts: NDArray[np.float64]
) -> Counts:
    """Count, in expectation over the noise, at each of P cuts a label; (P, L)."""
    low, high = np.quantile(log_odds, (0.25, 0.75), axis=0)
    width = np.maximum(_BLUR * (high - low), np.finfo(np.float32).eps)
    true_positives, predicted = np.empty_like(cuts), np.empty_like(cuts)
    for place, cut in enumerate(cuts):
        passing = _logistic((log_odds - cut) / width)  # (N, L)
        true_positives[place] = np.einsum("nl,nl->l", passing, y)
        predicted[place] = passing.sum(axis=0)
    return Counts(true_positives, predicted, np.broadcast_to(y.sum(axis=0), cuts.shape))


def _best_places(counts: Counts, micro_share: float) -> NDArray[np.intp]:
    """Return the place, (L,), of each label's best cut among P.

    Micro F1 is ``2 * hits / total`` with sums over labels on both sides. About a present choice
    its change is ``(2 * d_hits - micro * d_total) / total``, which falls apart into labels, so
    each takes its best place for that, and the present choice is renewed (Dinkelbach 1967, "On
    nonlinear fractional programming").
    """
    f1 = counts.rates().f1
    best = f1.argmax(axis=0)
    for _ in range(_ROUNDS):
        hits, total = (
            np.take_along_axis(c, best[None], axis=0).sum()
            for c in (2 * counts.true_positives, counts.predicted + counts.support)
        )
        micro = hits / max(total, 1)
        to_micro = (2 * counts.true_positives - micro * counts.predicted) / max(total, 1)
        best = ((1 - micro_share) * f1 / f1.shape[1] + micro_share * to_micro).argmax(axis=0)
    return np.asarray(best)


def _log_odds(probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return float64 log-odds within about 16 of 0, where float32 probabilities end."""
    margin = np.finfo(np.float32).eps
    inside = np.clip(probabilities, margin, 1 - margin, dtype=np.float64)
    return np.asarray(np.log(inside) - np.log1p(-inside))


def _logistic(z: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(0.5 + 0.5 * np.tanh(z / 2))
