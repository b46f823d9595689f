"""Words and their vectors in memory, and filling the gaps of one set from the next.

Knows nothing of files or vocabularies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emoconv.embeddings.spelling import without_selectors
from emoconv.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Vectors", "combine"]


@dataclass(frozen=True, eq=False)
class Vectors:
    """W words and their vectors of width D.

    Args:
        words: W distinct words, spelled as in their file.
        matrix: float32 (W, D), finite; row w is the vector of word w.

    Raises:
        DataError: The matrix does not have one row for each word.
    """

    words: tuple[str, ...]
    matrix: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.matrix.ndim != 2 or len(self.matrix) != len(self.words):  # noqa: PLR2004 - (W, D)
            raise DataError(
                f"expected a matrix of {len(self.words)} rows, got shape {self.matrix.shape}"
            )

    def __len__(self) -> int:
        return len(self.words)

    @property
    def width(self) -> int:
        """D, how many numbers a vector has."""
        return int(self.matrix.shape[1])


def combine(parts: Sequence[Vectors]) -> Vectors:
    """Join sets of vectors of one width: later ones fill in words that earlier ones lack.

    Two words that differ only by variation selectors count as one word here: when an earlier
    part holds ``❤``, the ``❤️`` of a later part is left out. The numbers are taken as they are:
    parts trained apart lie in spaces of their own, and may differ in scale.

    Args:
        parts: At least one.

    Raises:
        DataError: There are no parts, or they differ in width.
    """
    if not parts:
        raise DataError("expected at least one set of word vectors, got none")
    for place, part in enumerate(parts, start=1):
        if part.width != parts[0].width:
            raise DataError(
                f"word vectors {place} of {len(parts)} are {part.width} numbers wide and the first"
                f" are {parts[0].width}: only vectors of one width can be combined"
            )
    known: set[str] = set()
    words: list[str] = []
    blocks: list[NDArray[np.float32]] = []
    for part in parts:
        fresh = [w for w, word in enumerate(part.words) if without_selectors(word) not in known]
        words.extend(part.words[w] for w in fresh)
        known.update(without_selectors(part.words[w]) for w in fresh)
        blocks.append(part.matrix[fresh] if len(fresh) < len(part) else part.matrix)
    return Vectors(tuple(words), np.concatenate(blocks) if len(blocks) > 1 else blocks[0])
