"""Slices of texts by how they are written: length, emoji, capitals, negation, questions.

What a token is, the rich tokeniser says, whatever the model reads by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emoconv.text import tokenize_rich
from emoconv.text.characters import EMOJI, fold
from emoconv.text.tokenizer import CAPS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["NEGATIONS", "text_slices"]

NEGATIONS = frozenset(
    {
        *("not", "n't", "no", "never", "none", "nobody", "nothing", "nowhere", "neither", "nor"),
        *("cannot", "without", "hardly", "barely", "scarcely"),
    }
)
"""Words of English that negate whatever stands beside them; ``n't`` is what the tokeniser makes of
"don't". The list is ours, and short: negation by a prefix or an idiom is not found."""

_LENGTHS = {"1 to 5 words": 5, "6 to 10 words": 10, "11 to 20 words": 20}
"""The most tokens of each; longer texts are a slice too."""


def text_slices(texts: Sequence[str]) -> Mapping[str, NDArray[np.bool_]]:
    """Return the texts that belong to each slice, bool (N,) each.

    Example:
        >>> found = text_slices(["I do NOT know.", "OK?"])
        >>> [name for name, belongs in found.items() if belongs[0]][2:]
        ['with words in capitals', 'with a negation', 'no question']
    """
    tokens = [{token.text for token in tokenize_rich(text)} for text in texts]
    counts = np.array([_words(text) for text in texts])
    slices: dict[str, NDArray[np.bool_]] = {}
    above = -1
    for name, most in _LENGTHS.items():
        slices[name] = (above < counts) & (counts <= most)
        above = most
    slices[f"more than {above} words"] = counts > above
    emoji = np.array([EMOJI in fold(text) for text in texts])
    capitals = np.array([CAPS in found for found in tokens])
    negation = np.array([not NEGATIONS.isdisjoint(found) for found in tokens])
    question = np.array([any("?" in token for token in found) for found in tokens])
    return slices | {
        "with emoji": emoji,
        "without emoji": ~emoji,
        "with words in capitals": capitals,
        "without capitals": ~capitals,
        "with a negation": negation,
        "without negation": ~negation,
        "a question": question,
        "no question": ~question,
    }


def _words(text: str) -> int:
    """Count the stretches between spaces, which is what people call words."""
    return len(text.split())
