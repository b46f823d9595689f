"""The frozen character classes of the tokeniser, from ``characters.json``.

The table is made by ``dev/make_character_table.py`` from the Unicode Character Database 14.0.0
and never changes with the running Python, so a bundle gives the same ids everywhere. Knows
nothing of the rules that use the classes.
"""

from __future__ import annotations

import functools
import json
from bisect import bisect_right
from pathlib import Path

__all__ = ["DIGIT", "EMOJI", "LETTER", "MARK", "fold", "lower"]

LETTER = "\u00aa"
"""Stands in folded text for every letter outside ASCII but ``ツ``, which a rule names."""
MARK = "\u0300"
"""Stands for every combining mark."""
DIGIT = "\u0660"
"""Stands for every decimal digit outside ASCII."""
EMOJI = "\u263a"
"""Stands for every emoji of one code point."""

_STANDS_FOR = {"letter": LETTER, "mark": MARK, "digit": DIGIT, "emoji": EMOJI}
_ITSELF = "ツ\u200d\u20e3\ufe0e\ufe0f" + "".join(map(chr, range(0xE0020, 0xE0080)))
_FIRST = {
    **dict.fromkeys(map(ord, "'`\u00b4\u02bc\u2018\u2019\u201b\u2032\uff07"), ord("'")),
    **{ord(wide): ord(plain) for wide, plain in zip("！？", "!?", strict=True)},  # noqa: RUF001 - the full-width ones
    **{ord(character): ord(character) for character in _ITSELF},
}
"""What is looked up before the table: apostrophes, full-width marks, parts of emoji."""


@functools.cache
def _table() -> dict[str, list[list[int]]]:
    file = Path(__file__).with_name("characters.json")
    table: dict[str, list[list[int]]] = json.loads(file.read_bytes())
    return table


@functools.cache
def _ranges() -> tuple[list[int], list[tuple[int, str]]]:
    """Return the first code points of all classes' ranges, sorted, and their (last, class)."""
    ranges = sorted(
        (first, last, name) for name in (*_STANDS_FOR, "symbol") for first, last in _table()[name]
    )
    return [first for first, _, _ in ranges], [(last, name) for _, last, name in ranges]


@functools.lru_cache(maxsize=2**12)
def _fold_one(code: int) -> int:
    if code in _FIRST:
        return _FIRST[code]
    firsts, rest = _ranges()
    place = bisect_right(firsts, code) - 1
    if place < 0 or code > rest[place][0]:
        return ord(" ")
    name = rest[place][1]
    return code if name == "symbol" or code < 128 else ord(_STANDS_FOR[name])  # noqa: PLR2004 - end of ASCII


class _Folding:
    """Looks a code point up for `str.translate`."""

    def __getitem__(self, code: int) -> int:
        return _fold_one(code)


_FOLDING = _Folding()


def fold(text: str) -> str:
    r"""Replace each character by what stands for its class, so that every offset stays.

    ASCII letters, digits and all symbols stand for themselves, every apostrophe is ``'``, and
    what is of no class is a space.

    Example:
        >>> fold("naïve 3½\N{RIGHT SINGLE QUOTATION MARK}")
        "naªve 3½'"
    """
    return text.translate(_FOLDING)


@functools.cache
def _lower_table() -> dict[int, int]:
    return {
        code: code + shift
        for first, last, step, shift in _table()["lower"]
        for code in range(first, last + 1, step)
    }


def lower(text: str) -> str:
    """Lower-case character by character, so that every offset stays.

    Example:
        >>> lower("ÄRGER")
        'ärger'
    """
    return text.lower() if text.isascii() else text.translate(_lower_table())
