"""One searched setting: a range of numbers, or a choice of values.

Knows nothing of recipes, files or studies.
"""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Choices", "Parameter", "Range", "shown"]

_OFF_GRID = 1e-9  # of a step


@dataclass(frozen=True, kw_only=True)
class Range:
    """Numbers from a lowest to a highest, both among them.

    Args:
        low: The lowest.
        high: The highest, above it.
        scale: ``"log"`` where a factor counts and not a difference; all are above 0 then.
        step: Between neighbours, from ``low`` on; ``None`` for 1 in whole numbers, and for any
            number otherwise. None on a log scale.
        why: Why these.
    """

    low: float
    high: float
    scale: Literal["linear", "log"] = "linear"
    step: float | None = None
    why: str = ""

    def problem(self) -> str | None:
        """Say what is wrong with it, if something is.

        Example:
            >>> Range(low=2, high=1).problem()
            'low is 2 and high is 1; expected low below high'
        """
        if not self.low < self.high:
            return f"low is {self.low} and high is {self.high}; expected low below high"
        if self.scale == "log" and self.low <= 0:
            return f"low is {self.low}; expected a number above 0 on a log scale"
        if self.step is None:
            return None
        if self.scale == "log":
            return "a log scale has no step; leave one out"
        if self.step <= 0 or not self._on_grid(self.high):
            return f"step is {self.step}; expected one that leads from {self.low} to {self.high}"
        return None

    def holds(self, value: object) -> bool:
        """Tell whether a value is one of them."""
        return _is_number(value) and self.low <= value <= self.high and self._on_grid(value)

    def widened(self, value: object) -> Range | None:
        """Return a range that holds a value too, or None where none of this kind does."""
        if not _is_number(value) or (self.scale == "log" and value <= 0):
            return None
        if not self._on_grid(value):
            return None
        return dataclasses.replace(self, low=min(self.low, value), high=max(self.high, value))

    def samples(self) -> Sequence[object]:
        """Return the values that must be legal for all to be."""
        return (self.low, self.high)

    def _on_grid(self, value: float) -> bool:
        if self.step is None:
            return True
        places = (value - self.low) / self.step
        return math.isclose(places, round(places), abs_tol=_OFF_GRID)

    def __str__(self) -> str:
        step = "" if self.step is None else f", step {shown(self.step)}"
        scale = ", log scale" if self.scale == "log" else ""
        return f"{shown(self.low)} to {shown(self.high)}{step}{scale}"


@dataclass(frozen=True, kw_only=True)
class Choices:
    """Some values, in no order.

    Args:
        values: At least two, as JSON has them.
        why: Why these.
    """

    values: tuple[object, ...]
    why: str = ""

    def problem(self) -> str | None:
        """Say what is wrong with it, if something is."""
        if len(set(map(json.dumps, self.values))) != len(self.values):
            return f"choices are {shown(list(self.values))}; expected each of them once"
        if len(self.values) < 2:  # noqa: PLR2004 - what there is to choose between
            return f"choices are {shown(list(self.values))}; expected two or more"
        return None

    def holds(self, value: object) -> bool:
        """Tell whether a value is one of them."""
        return json.dumps(value) in set(map(json.dumps, self.values))

    def widened(self, value: object) -> Choices:
        """Return choices that hold a value too."""
        if self.holds(value):
            return self
        return dataclasses.replace(self, values=(*self.values, value))

    def samples(self) -> Sequence[object]:
        """Return the values that must be legal for all to be."""
        return self.values

    def __str__(self) -> str:
        return ", ".join(map(shown, self.values))


Parameter = Range | Choices


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def shown(value: object) -> str:
    """Return a value for people, numbers with three digits.

    Example:
        >>> shown([1, 2]), shown(None), shown(0.00123456)
        ('[1, 2]', 'null', '0.00123')
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float):
        return f"{value:.3g}"
    return str(list(value)) if isinstance(value, tuple | list) else str(value)
