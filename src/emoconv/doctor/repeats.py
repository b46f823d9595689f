"""Texts that are on several rows, and whether these rows agree."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from emoconv.data import normalise
from emoconv.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from emoconv.data import Dataset

__all__ = ["MATCHES", "Match", "Repeats", "find_repeats"]

Match = Literal["exact", "normalised"]
"""When two texts are one: to the last character, or after `emoconv.data.normalise`."""

MATCHES: tuple[Match, ...] = get_args(Match)


@dataclass(frozen=True)
class Repeats:
    """The rows of each text that is on several.

    Args:
        agreeing: Groups of rows, ascending, that have the same labels.
        conflicting: Groups whose rows do not all have the same labels.
    """

    agreeing: tuple[tuple[int, ...], ...]
    conflicting: tuple[tuple[int, ...], ...]

    @property
    def needless(self) -> int:
        """How many rows say only what an earlier one said."""
        return sum(len(rows) - 1 for rows in self.agreeing)

    def to_dict(self) -> dict[str, int]:
        """Return the counts for JSON."""
        return {
            "texts_agreeing": len(self.agreeing),
            "rows_needless": self.needless,
            "texts_conflicting": len(self.conflicting),
            "rows_conflicting": sum(map(len, self.conflicting)),
        }


def find_repeats(dataset: Dataset, *, match: Match = "exact") -> Repeats:
    """Find the texts that are on several rows, in the order of their first.

    Args:
        dataset: Any; blank texts are equal to each other.
        match: Which texts are taken for one. Capitals, emoji and signs are part of an emotion, so
            rows that are one only after ``normalise`` may well have different labels.

    Raises:
        ConfigError: There is no such way to match.

    Example:
        >>> import numpy as np
        >>> from emoconv.data import Dataset
        >>> from emoconv.labels import LabelSet
        >>> y = np.array([[True], [False], [True]])
        >>> find_repeats(Dataset(["hi", "hi", "hi!"], y, LabelSet(("joy",))))
        Repeats(agreeing=(), conflicting=((0, 1),))
    """
    if match not in MATCHES:
        hint = did_you_mean(match, MATCHES)
        raise ConfigError(f"no match {match!r}{hint} (known: {', '.join(MATCHES)})")
    rows_of: dict[str, list[int]] = defaultdict(list)
    for row, text in enumerate(dataset.texts):
        rows_of[text if match == "exact" else normalise(text)].append(row)
    repeated = [tuple(rows) for rows in rows_of.values() if len(rows) > 1]
    agree = [bool((dataset.y[list(rows)] == dataset.y[rows[0]]).all()) for rows in repeated]
    return Repeats(
        agreeing=tuple(rows for rows, same in zip(repeated, agree, strict=True) if same),
        conflicting=tuple(rows for rows, same in zip(repeated, agree, strict=True) if not same),
    )
