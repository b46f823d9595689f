"""From logits to decisions: a model's own way, and one fitted to other texts.

The fit begins where the model stands. A label's new line goes through the log-odds that the model
gives now, and is pulled towards leaving those alone: its own calibration was fitted to texts too,
perhaps to more of them.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from emoconv.calibration import Calibration, fit_calibration
from emoconv.errors import ConfigError, did_you_mean
from emoconv.thresholds import RULES, Rule, Thresholds, choose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["CALIBRATIONS", "CUTS", "Calibrating", "Cutting", "Decisions", "Judged", "refit"]

Calibrating = Literal["line", "keep"]
CALIBRATIONS: tuple[Calibrating, ...] = get_args(Calibrating)
"""What may become of a calibration: a line is fitted for each label, or it is kept."""

Cutting = Rule | Literal["keep"]
CUTS: tuple[Cutting, ...] = (*RULES, "keep")
"""What may become of cuts: they are chosen by one of `emoconv.thresholds.RULES`, or with ``keep``
move along with the probabilities, so that decisions stay."""


@dataclass(frozen=True, eq=False)
class Judged:
    """What is said of N texts.

    Args:
        probabilities: float32 (N, L).
        predicted: bool (N, L).
    """

    probabilities: NDArray[np.float32]
    predicted: NDArray[np.bool_]

    def select(self, columns: NDArray[np.intp]) -> Judged:
        """Return what is said of some labels, in their order."""
        return Judged(
            np.ascontiguousarray(self.probabilities[:, columns]),
            np.ascontiguousarray(self.predicted[:, columns]),
        )


@dataclass(frozen=True, eq=False)
class Decisions:
    """What makes probabilities of logits, and decisions of probabilities.

    Args:
        calibration: Of L labels.
        thresholds: Of the same.
    """

    calibration: Calibration
    thresholds: Thresholds

    def of(self, logits: NDArray[np.float32]) -> Judged:
        """Return what they make of logits, float32 (N, L)."""
        probabilities = self.calibration.apply(logits)
        return Judged(probabilities, self.thresholds.decide(probabilities))


def refit(
    own: Decisions,
    *,
    y: NDArray[np.bool_],
    logits: NDArray[np.float32],
    fitted: NDArray[np.intp],
    calibration: Calibrating,
    rule: Cutting,
    data: str,
) -> Decisions:
    """Fit calibration and cuts of some labels; those of the others stay to the bit.

    Args:
        own: The model's own.
        y: bool (N, L), what is true; of labels that are not fitted it does not matter.
        logits: float32 (N, L), the network's.
        fitted: intp (M,), the columns that are fitted, at least one.
        calibration: One of `CALIBRATIONS`.
        rule: One of `CUTS`. A rule of one cut for all labels chooses it for those that are fitted.
            With ``keep``, a label is decided where it was, but for the rounding of float32.
        data: What the texts are, for the reader.

    Raises:
        ConfigError: ``calibration`` or ``rule`` is unknown, or both keep what is there.
        DataError: The shapes differ or are empty, or a logit is not finite.
    """
    _check(calibration, rule)
    truth, old = y[:, fitted], own.calibration
    now = Calibration(old.scale[fitted], old.offset[fitted])
    line = Calibration.identity(len(fitted))
    if calibration == "line":
        line = fit_calibration(truth, now.line(logits[:, fitted]))
    both = now.then(line)
    new = Calibration(
        _replaced(old.scale, fitted, both.scale), _replaced(old.offset, fitted, both.offset)
    )
    if rule == "keep":
        moved = line.apply(_log_odds(own.thresholds.values[fitted]))
        return Decisions(new, _with(own.thresholds, fitted, moved))
    cuts = choose(truth, new.apply(logits)[:, fitted], rule=rule, data=data)
    named = dataclasses.replace(own.thresholds, rule=cuts.rule, data=data)
    return Decisions(new, _with(named, fitted, cuts.values))


def _log_odds(cuts: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the log-odds of cuts, which of 0 and 1 are infinite."""
    with np.errstate(divide="ignore"):
        exact = cuts.astype(np.float64)
        return (np.log(exact) - np.log1p(-exact)).astype(np.float32)


def _with(
    thresholds: Thresholds, fitted: NDArray[np.intp], values: NDArray[np.float32]
) -> Thresholds:
    return dataclasses.replace(thresholds, values=_replaced(thresholds.values, fitted, values))


def _check(calibration: str, rule: str) -> None:
    for what, value, known in (("calibration", calibration, CALIBRATIONS), ("rule", rule, CUTS)):
        _check_known(what, value, known)
    if calibration == rule == "keep":
        raise ConfigError(
            "calibration and rule are both 'keep', so there is nothing to fit; name a rule, or "
            "take calibration 'line'"
        )


def _check_known(what: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise ConfigError(
            f"unknown {what} {value!r}{did_you_mean(value, known)} (known: {', '.join(known)})"
        )


def _replaced(
    values: NDArray[np.float32], places: NDArray[np.intp], new: NDArray[np.float32]
) -> NDArray[np.float32]:
    replaced = values.copy()
    replaced[places] = new
    return replaced
