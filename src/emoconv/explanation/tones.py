"""Colours of words: which hue a label has, and how strongly a word is tinted.

Knows shares and names of labels, and nothing of terminals or HTML.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emoconv.labels import SENTIMENT

if TYPE_CHECKING:
    from emoconv.explanation.phrases import Explanation

__all__ = ["AGAINST", "LEVELS", "Tone", "signed", "tint_levels", "tone_of", "visible"]

LEVELS = 5
"""Strengths of a tint."""

_LEAST_REACH = 1.0
"""The full tint stands for at least so much of a logit, so that a text that says little is pale. A
logit of 1 more multiplies the odds by 2.7."""


@dataclass(frozen=True)
class Tone:
    """A hue.

    Attributes:
        rgb: Of a mark on a page, strong enough on white and on black.
        ansi: The backgrounds of its `LEVELS` strengths in a terminal's palette of 256, pale to
            strong, all of them light enough for black letters.
    """

    rgb: tuple[int, int, int]
    ansi: tuple[int, ...]


_TONES = {
    "positive": Tone((46, 160, 67), (194, 157, 120, 83, 46)),
    "negative": Tone((218, 54, 51), (224, 217, 210, 203, 196)),
    "ambiguous": Tone((191, 135, 0), (230, 229, 228, 227, 226)),
    "neutral": Tone((128, 128, 128), (255, 253, 251, 249, 247)),
}
AGAINST = Tone((56, 132, 255), (195, 159, 153, 117, 81))
"""Of words that speak against a label, whatever its own hue."""


def tone_of(label: str) -> Tone:
    """Return the hue of a label: that of its sentiment, green for one that is not GoEmotions'."""
    kinds = (kind for kind, members in SENTIMENT.groups.items() if label in members)
    return _TONES[next(kinds, "positive")]


def tint_levels(explanation: Explanation) -> list[int]:
    """Return how strongly each word is tinted, from ``-LEVELS``, against, to ``LEVELS``, for.

    The word with the largest share has the full tint, unless that is below 1; others have as much
    of it as they have of that share, to the nearest level.
    """
    shares = [word.share for word in explanation.words]
    reach = max([_LEAST_REACH, *map(abs, shares)])
    return [round(LEVELS * share / reach) for share in shares]


def signed(share: float) -> str:
    """Return a share for people.

    Example:
        >>> signed(1.234), signed(-0.001)
        ('+1.23', '+0.00')
    """
    return f"{share if abs(share) >= 0.005 else 0.0:+.2f}"  # noqa: PLR2004 - rounds to 0.00


_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    r"""Return a text that moves no cursor and turns no writing round, as long as it was.

    Control characters become their pictures (U+2400 to U+241F), others of that kind U+FFFD.

    Example:
        >>> visible("a\x1b[31mb\n")
        'a␛[31mb␊'
    """
    return _UNSEEN.sub(_picture, text)


def _picture(match: re.Match[str]) -> str:
    number = ord(match[0])
    return chr(0x2400 + number) if number < 0x20 else "\ufffd"  # noqa: PLR2004 - of space
