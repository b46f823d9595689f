"""How much of a vocabulary, and of a text, has a pre-trained vector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Coverage", "CoverageDict", "measure_coverage"]

_MISSING_KEPT = 20


class CoverageDict(TypedDict):
    """`Coverage` as JSON."""

    types: int
    types_covered: int
    tokens: int
    tokens_covered: int
    missing: list[tuple[str, int]]


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """The share of words with a vector, each word counted once and as often as it occurs.

    Attributes:
        types: Words of the vocabulary, the padding left out.
        types_covered: How many of them have a vector.
        tokens: Occurrences of these words.
        tokens_covered: Occurrences of words that have a vector.
        missing: The 20 most frequent words without a vector, and their counts.
    """

    types: int
    types_covered: int
    tokens: int
    tokens_covered: int
    missing: tuple[tuple[str, int], ...]

    def to_dict(self) -> CoverageDict:
        """Return what goes into JSON."""
        return CoverageDict(
            types=self.types,
            types_covered=self.types_covered,
            tokens=self.tokens,
            tokens_covered=self.tokens_covered,
            missing=list(self.missing),
        )

    def summary(self) -> str:
        """Return one line for people.

        Example:
            >>> Coverage(
            ...     types=4, types_covered=3, tokens=9000, tokens_covered=8999, missing=(("x", 1),)
            ... ).summary()
            'vectors cover 75.0 % of 4 words and 99.9 % of 9,000 tokens'
        """
        return (
            f"vectors cover {_percent(self.types_covered, self.types)} of {self.types:,} words and"
            f" {_percent(self.tokens_covered, self.tokens)} of {self.tokens:,} tokens"
        )


def _percent(part: int, whole: int) -> str:
    """Return a percentage rounded down, so that 100.0 % means all of it; 0.0 % of nothing."""
    return f"{1000 * part // max(whole, 1) / 10:.1f} %"


def measure_coverage(
    words: Sequence[str], *, counts: NDArray[np.int64], found: NDArray[np.bool_]
) -> Coverage:
    """Count the words of a vocabulary that have a vector.

    Args:
        words: V words, the padding first.
        counts: int64 (V,), how often each occurs in the text that matters.
        found: bool (V,), whether it has a vector.
    """
    counts, found, real = counts[1:], found[1:], words[1:]
    order = np.argsort(-counts, kind="stable")
    missing = order[~found[order]][:_MISSING_KEPT]
    return Coverage(
        types=len(real),
        types_covered=int(found.sum()),
        tokens=int(counts.sum()),
        tokens_covered=int(counts[found].sum()),
        missing=tuple((real[i], int(counts[i])) for i in missing),
    )
