"""Probabilities that mean what they say: a straight line through each label's logits.

Holds the line, its fit on validation data and its JSON form. Knows nothing of networks or cuts.

A label's probability is ``sigmoid(scale * logit + offset)`` (Platt 1999, "Probabilistic outputs
for support vector machines"; "Platt scaling" in Guo et al. 2017, section 4.1). The scale is
positive, so a label's ranking of texts, and with it the best F1 that a cut can reach, stay as
they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from emoconv.config import check_names
from emoconv.errors import ConfigError, DataError
from emoconv.metrics import check_same_shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    _Float = TypeVar("_Float", np.float32, np.float64)

__all__ = ["STRENGTH", "Calibration", "fit_calibration"]

STRENGTH = 1.0
"""Default pull towards leaving the logits alone. Fitted on one half of the official dev split and
scored on the other, log loss is the same from 0.1 to 3 for a linear model and for a convolutional
one, and rises above 10 (``dev/LOG.md``)."""

_LEAST_SCALE = 0.05  # of a label whose logits say nothing, or the opposite, on validation data
_UNTOUCHED = np.array([1.0, 0.0])  # scale, offset
_CLOSE_ENOUGH = 1e-9  # the last step of every scale and offset is at most this


@dataclass(frozen=True, eq=False)
class Calibration:
    """A line for each label's logits.

    Args:
        scale: float32 (L,), above 0.
        offset: float32 (L,).

    Raises:
        ConfigError: The shapes differ, a number is not finite or a scale is not above 0.

    Example:
        >>> Calibration.identity(2).apply(np.array([[0.0, 100.0]], dtype=np.float32))
        array([[0.5, 1. ]], dtype=float32)
    """

    scale: NDArray[np.float32]
    offset: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.scale.ndim != 1 or self.scale.shape != self.offset.shape:
            raise ConfigError(
                f"calibration scale has shape {self.scale.shape} and offset {self.offset.shape}; "
                "expected one number for each label in both"
            )
        if not (np.isfinite(self.scale).all() and np.isfinite(self.offset).all()):
            raise ConfigError("a calibration scale or offset is not a finite number")
        if not (self.scale > 0).all():
            raise ConfigError(f"calibration scale {self.scale.min()} is not above 0")

    @classmethod
    def identity(cls, n_labels: int) -> Calibration:
        """Return the calibration that leaves L labels' logits alone."""
        return cls(np.ones(n_labels, dtype=np.float32), np.zeros(n_labels, dtype=np.float32))

    def apply(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """Turn logits, float32 (N, L), into probabilities, float32 (N, L) in [0, 1]."""
        return _sigmoid(self.line(logits))

    def line(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return logits, float32 (N, L), stretched and moved: the log-odds of `apply`."""
        return np.asarray(self.scale * logits + self.offset)

    def then(self, later: Calibration) -> Calibration:
        """Return the calibration that is this one's line and then another's.

        Raises:
            ConfigError: The two are of different numbers of labels, or a scale is out of range.

        Example:
            >>> twice = Calibration(np.float32([2]), np.float32([1]))
            >>> twice.then(twice).to_dict()
            {'scale': [4.0], 'offset': [3.0]}
        """
        if len(self.scale) != len(later.scale):
            raise ConfigError(
                f"a calibration of {len(later.scale)} labels cannot follow one of {len(self.scale)}"
            )
        return Calibration(later.scale * self.scale, later.scale * self.offset + later.offset)

    def to_dict(self) -> dict[str, list[float]]:
        """Return what `json` writes."""
        return {"scale": _shortest(self.scale), "offset": _shortest(self.offset)}

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> Calibration:
        """Make a calibration from what `json` reads.

        Raises:
            ConfigError: A name is unknown or missing, or a value is no list of numbers.
        """
        check_names(values, ("scale", "offset"), what="calibration")
        return cls(_numbers("scale", values["scale"]), _numbers("offset", values["offset"]))


def fit_calibration(
    y: NDArray[np.bool_], logits: NDArray[np.float32], *, strength: float = STRENGTH
) -> Calibration:
    """Fit each label's line to validation data.

    Minimises, for each label, the summed binary cross-entropy plus
    ``strength / 2 * ((scale - 1)**2 + offset**2)``, by Newton's method with halved steps. The
    penalty is worth a fixed amount of data, so a label with many texts follows them and one with
    few stays near its own logits, where Platt's fit runs off; a label that no text has is pushed
    down only as far as the texts without it can push.

    Args:
        y: bool (N, L), what is true.
        logits: float (N, L), finite, of texts that the network was not trained on.
        strength: Above 0; the higher, the nearer to scale 1 and offset 0.

    Raises:
        DataError: The shapes differ or are empty, or a logit is not finite.
        ConfigError: ``strength`` is not above 0.
    """
    check_same_shape(y, logits=logits)
    if not np.isfinite(logits).all():
        raise DataError("a logit is not a finite number")
    if not strength > 0:
        raise ConfigError(f"calibration strength is {strength}; expected a number above 0")
    z = logits.astype(np.float64)
    features = np.stack([z, np.ones_like(z)], axis=-1)  # (N, L, 2)
    lines = _UNTOUCHED + _fit_departures(y, z, features, strength)  # (L, 2): scale, offset
    flat = lines[:, 0] < _LEAST_SCALE  # a convex problem: the bounded optimum is on the bound
    held, offset_only = _LEAST_SCALE * z[:, flat], features[:, flat] * [0.0, 1.0]
    lines[flat] = _fit_departures(y[:, flat], held, offset_only, strength)
    lines[flat, 0] = _LEAST_SCALE
    scale, offset = lines.astype(np.float32).T
    return Calibration(scale, offset)


def _fit_departures(
    y: NDArray[np.bool_],
    logits: NDArray[np.float64],
    features: NDArray[np.float64],
    strength: float,
) -> NDArray[np.float64]:
    """Return the weights (L, 2) of ``features`` (N, L, 2) that are best added to ``logits``."""

    def shifted(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(logits + (features * weights).sum(axis=-1))  # (N, L)

    def loss(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        z = shifted(weights)
        penalty = strength / 2 * (weights**2).sum(axis=-1)
        return np.asarray((np.logaddexp(0, z) - y * z).sum(axis=0) + penalty)  # (L,)

    weights = np.zeros((y.shape[1], 2))
    step = np.ones_like(weights)
    while (np.abs(step) > _CLOSE_ENOUGH).any():
        p = _sigmoid(shifted(weights))
        slope = np.einsum("nl,nlj->lj", p - y, features) + strength * weights
        bend = np.einsum("nl,nlj,nlk->ljk", p * (1 - p), features, features)
        step = np.linalg.solve(bend + strength * np.eye(2), slope[..., None])[..., 0]
        while (worse := loss(weights - step) > loss(weights)).any():
            step[worse] /= 2
        weights -= step
    return weights


def _sigmoid(z: NDArray[_Float]) -> NDArray[_Float]:
    return np.asarray(1 / (1 + np.exp(-np.maximum(z, -80))))  # exp(81) overflows no float32


def _shortest(values: NDArray[np.float32]) -> list[float]:
    """Return the fewest digits that give the same float32 back."""
    return [float(str(value)) for value in values]


def _numbers(name: str, values: object) -> NDArray[np.float32]:
    try:
        return np.array(values, dtype=np.float32)
    except (TypeError, ValueError):
        raise ConfigError(f"calibration {name} is {values!r}; expected a list of numbers") from None
