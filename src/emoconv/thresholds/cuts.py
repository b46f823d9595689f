"""The cuts of a model, and where they came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from emoconv.config import check_names
from emoconv.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["Thresholds"]


@dataclass(frozen=True, eq=False)
class Thresholds:
    """One cut for each label.

    Args:
        values: float32 (L,), in [0, 1].
        rule: How they were chosen: one of `RULES`, or ``"fixed"``.
        data: What they were chosen on, for the reader ("GoEmotions dev, 5,426 texts").

    Raises:
        ConfigError: A value is not in [0, 1], or there is none.

    Example:
        >>> cuts = Thresholds(np.array([0.5, 0.25], dtype=np.float32), rule="fixed", data="")
        >>> cuts.decide(np.array([[0.4, 0.25]], dtype=np.float32))
        array([[False,  True]])
    """

    values: NDArray[np.float32]
    rule: str
    data: str

    def __post_init__(self) -> None:
        values = self.values
        if values.ndim != 1 or not len(values):
            raise ConfigError(f"thresholds have shape {values.shape}; expected one for each label")
        wrong = np.flatnonzero(~((values >= 0) & (values <= 1)))  # NaN compares false
        if len(wrong):
            raise ConfigError(
                f"threshold {wrong[0]} is {values[wrong[0]]}; expected a number from 0 to 1"
            )

    @classmethod
    def fixed(cls, cut: float, n_labels: int) -> Thresholds:
        """Return one given cut for all of L labels.

        Raises:
            ConfigError: The cut is not in [0, 1].
        """
        return cls(np.full(n_labels, cut, dtype=np.float32), rule="fixed", data="")

    def decide(self, probabilities: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Return bool (N, L): which float (N, L) probabilities are at or above their cuts."""
        return probabilities >= self.values

    def to_dict(self) -> dict[str, Any]:
        """Return what `json` writes; a cut has the fewest digits that give it back."""
        return {
            "rule": self.rule,
            "data": self.data,
            "values": [float(str(value)) for value in self.values],
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Thresholds:
        """Make thresholds from what `json` reads.

        Raises:
            ConfigError: A name is unknown or missing, or a value is not what it should be.
        """
        check_names(values, ("rule", "data", "values"), what="threshold")
        try:
            cuts = np.array(values["values"], dtype=np.float32)
        except (TypeError, ValueError):
            raise ConfigError(
                f"threshold values are {values['values']!r}; expected a list of numbers"
            ) from None
        return cls(cuts, rule=str(values["rule"]), data=str(values["data"]))
