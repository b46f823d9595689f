"""A text cut into pieces that can be shown darker the more they weigh."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emoconv.report.page.subject import Share

__all__ = ["Piece", "mark"]

_FAINTEST = 0.2
"""What weighs less than this part of the heaviest word is not marked."""


class Piece(NamedTuple):
    """Part of a text.

    Attributes:
        text: The characters.
        strength: From 0, not marked, to 1.
        speaks_for: Whether it speaks for the label; against it otherwise.
    """

    text: str
    strength: float
    speaks_for: bool


def mark(text: str, words: Sequence[Share]) -> list[Piece]:
    """Return the pieces of a text, which together are the text.

    Args:
        text: Of any length.
        words: What each of its words gives, in their order and apart from each other.
    """
    heaviest = max((abs(word.share) for word in words), default=0.0)
    pieces, end = [], 0
    for word in words:
        if not heaviest or abs(word.share) < _FAINTEST * heaviest:
            continue
        pieces.append(Piece(text[end : word.start], 0.0, speaks_for=False))
        strength = round(abs(word.share) / heaviest, 2)
        pieces.append(Piece(text[word.start : word.end], strength, speaks_for=word.share > 0))
        end = word.end
    pieces.append(Piece(text[end:], 0.0, speaks_for=False))
    return [piece for piece in pieces if piece.text]
