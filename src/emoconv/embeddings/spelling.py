"""The spellings under which a vocabulary word may be found in a file of word vectors.

Knows nothing of files or vectors.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["all_spellings", "spellings", "without_selectors"]

_SELECTORS = str.maketrans("", "", "\N{VARIATION SELECTOR-15}\N{VARIATION SELECTOR-16}")
_JOINER_OR_SKIN_TONE = re.compile("[\N{ZERO WIDTH JOINER}\U0001f3fb-\U0001f3ff]")
_LENGTHENED = re.compile(r"([^\d\s])\1{2,}")
_CLITICS = {
    "n't": "not",
    "'s": "is",
    "'m": "am",
    "'re": "are",
    "'ve": "have",
    "'ll": "will",
    "'d": "would",
}


def without_selectors(word: str) -> str:
    """Return a word without U+FE0E and U+FE0F, which choose how an emoji is drawn."""
    return word.translate(_SELECTORS)


def spellings(word: str) -> tuple[str, ...]:
    """Return the spellings to look a word up by, in this order, each once.

    1. as it is;
    2. with straight apostrophes and no variation selectors;
    3. an emoji without what follows its first joiner or skin tone: ``🤷`` for ``🤷‍♀``;
    4. lower-case, then Capitalised, then UPPER-CASE, for files that keep case;
    5. lengthenings (three or more of one character, digits aside) squeezed to two, then to one:
       ``sooo``, ``soo``, ``so``; ``!!!``, ``!!``, ``!``;
    6. a clitic written out, for files that keep contractions whole: ``not`` for ``n't``, ``is``
       for ``'s``, and so on.

    Example:
        >>> spellings("sooo")
        ('sooo', 'Sooo', 'SOOO', 'soo', 'so')
    """
    plain = without_selectors(word).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    lower = plain.lower()
    tries = (
        word,
        plain,
        _JOINER_OR_SKIN_TONE.split(plain, maxsplit=1)[0],
        lower,
        lower.capitalize(),
        lower.upper(),
        _LENGTHENED.sub(r"\1\1", lower),
        _LENGTHENED.sub(r"\1", lower),
        _CLITICS.get(lower, ""),
    )
    return tuple(dict.fromkeys(filter(None, tries)))


def all_spellings(words: Iterable[str]) -> set[str]:
    """Return every spelling of every word: what to ask of a file of word vectors."""
    return {spelling for word in words for spelling in spellings(word)}
