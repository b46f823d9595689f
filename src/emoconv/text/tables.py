"""What the compiled tokeniser looks up, as plain arrays: characters and tokens.

Holds each character's class, folded and lower-case form in two stages, and a vocabulary's code
points end to end. Knows neither the rules nor numba.
"""

from __future__ import annotations

import enum
import functools
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from emoconv.text.characters import _FIRST, DIGIT, EMOJI, LETTER, MARK, _table
from emoconv.text.tokenizer import KERAS_FILTERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from emoconv.text.vocabulary import Vocabulary

__all__ = [
    "CHARACTER",
    "CLASS",
    "CharacterTables",
    "Kind",
    "Rule",
    "TokenTable",
    "character_tables",
    "token_table",
]


class Kind(enum.IntEnum):
    """What a character is, as bits; a character of no class has none of the first five.

    Attributes:
        LETTER: ``{letter}`` of the specification.
        MARK: **M**.
        DIGIT: ``{digit}``.
        PICTURE: **E**.
        SYMBOL: ``{symbol}``.
        CAPITAL: It has a lower-case form.
        NAME: One of ``[A-Za-z0-9_]``.
        URL_END: One of the symbols that an address may end in.
        TAG: ``{tag}``.
        MODIFIER: U+FE0E, U+FE0F or a skin tone.
        SEPARATOR: What parts the tokens of the plain tokeniser.
    """

    LETTER, MARK, DIGIT, PICTURE, SYMBOL = (1 << bit for bit in range(5))
    CAPITAL, NAME, URL_END, TAG, MODIFIER, SEPARATOR = (1 << bit for bit in range(5, 11))
    WORD = LETTER | MARK | DIGIT
    VISIBLE = WORD | PICTURE | SYMBOL


class Rule(enum.IntEnum):
    """The rules that begin with certain characters only, as bits beside those of `Kind`.

    A character has the bits of the rules that can begin with it. *Word* has none: it takes the
    letters and digits that the others leave.
    """

    URL, USER, SUBREDDIT, PLACEHOLDER, SHRUG, HEART, SIDEWAYS, MIRRORED = (
        1 << bit for bit in range(11, 19)
    )
    FACE, FLAG, KEYCAP, EMOJI, NUMBER, MOOD, ELLIPSIS, SYMBOL = (1 << bit for bit in range(19, 27))
    ANY = (1 << 27) - (1 << 11)


CHARACTER = np.dtype([("raw", "i4"), ("folded", "i4"), ("lowered", "i4"), ("kind", "i4")])
"""A character of a decoded text: its code point, what stands for it, its lower-case form, bits."""

CLASS = np.dtype([("folded", "i4"), ("shift", "i4"), ("kind", "i4")])
"""What characters of a class have in common; see `CharacterTables`."""

_ITSELF = -1
"""Says in `CLASS` that the folded form is the character itself."""
_PAGE = 256
_CODES = 1 << 21
"""All that four bytes of UTF-8 can say, so that no look-up of a decoded one is out of bounds."""
_SPACE = ord(" ")

_SIGNS = {
    "letter": (ord(LETTER), Kind.LETTER),
    "mark": (ord(MARK), Kind.MARK),
    "digit": (ord(DIGIT), Kind.DIGIT | Rule.NUMBER),
    "emoji": (ord(EMOJI), Kind.PICTURE | Rule.EMOJI),
    "symbol": (_ITSELF, Kind.SYMBOL | Rule.SYMBOL),
}
_BEGINNINGS = {
    Rule.URL: "hHwW",
    Rule.USER: "@/u",
    Rule.SUBREDDIT: "/r",
    Rule.PLACEHOLDER: "[",
    Rule.SHRUG: "¯",
    Rule.HEART: "<",
    Rule.SIDEWAYS: ":;=",
    Rule.MIRRORED: "()[]",
    Rule.FACE: "^-<>;oO0tTuU",
    Rule.FLAG: "".join(map(chr, range(0x1F1E6, 0x1F200))),
    Rule.KEYCAP: "0123456789#*",
    Rule.MOOD: "!?",
    Rule.ELLIPSIS: ".…",
}
"""The folded characters that a rule can begin with; *emoji* and *number* begin with a class."""


class CharacterTables(NamedTuple):
    """All that the tokenisers ask of a character.

    Attributes:
        ascii: `CHARACTER` (128,).
        pages: uint8 (2**21 / 256,); the page of a code point's upper bits.
        rows: uint8 (pages * 256,); by page and lower 8 bits, the row in `classes`.
        classes: (classes,) of ``folded``, -1 for the character itself; ``shift`` to its
            lower-case form; and ``kind``.
    """

    ascii: NDArray[np.void]
    pages: NDArray[np.uint8]
    rows: NDArray[np.uint8]
    classes: NDArray[np.void]


class TokenTable(NamedTuple):
    """A vocabulary's tokens end to end, in the order of their ids.

    Attributes:
        points: int32 (total,); code points.
        starts: int32 (V + 1,); token i is ``points[starts[i]:starts[i + 1]]``.
        slots: int64 (a power of two of at least 2 V,), all -1: room for a hash table.
    """

    points: NDArray[np.int32]
    starts: NDArray[np.int32]
    slots: NDArray[np.int64]


def _bits(code: int, folded: str) -> int:
    """Return the bits of a character that are no matter of its class."""
    bits: int = sum(rule for rule, characters in _BEGINNINGS.items() if folded in characters)
    character = chr(code)
    if character.isascii() and (character.isalnum() or character == "_"):
        bits |= Kind.NAME
    if character in "/=&#_~%+-":
        bits |= Kind.URL_END
    if character in KERAS_FILTERS + " ":
        bits |= Kind.SEPARATOR
    if character in "\ufe0e\ufe0f" or 0x1F3FB <= code <= 0x1F3FF:  # noqa: PLR2004 - skin tones
        bits |= Kind.MODIFIER
    if 0xE0020 <= code <= 0xE007F:  # noqa: PLR2004 - tags
        bits |= Kind.TAG
    return bits


def _settled_one_by_one() -> Iterable[int]:
    """Return the code points whose class does not say all."""
    beginnings = map(ord, "".join(_BEGINNINGS.values()))
    return {*range(128), *_FIRST, *beginnings, *range(0x1F3FB, 0x1F400)}


def _settle(code: int, folded: int, kind: int) -> tuple[int, int]:
    """Return the folded form and the bits of a character, given those of its class."""
    if code in _FIRST:
        folded = _ITSELF if _FIRST[code] == code else _FIRST[code]
        kind = kind if folded == _ITSELF else Kind.SYMBOL | Rule.SYMBOL
    elif kind and chr(code).isascii():
        folded = _ITSELF
    return folded, kind | _bits(code, chr(code if folded == _ITSELF else folded))


@functools.cache
def character_tables() -> CharacterTables:
    """Return the tables, drawn once from ``characters.json``."""
    numbers = {(_SPACE, 0, 0): 0}  # of the classes' rows
    rows = np.zeros(_CODES, dtype=np.uint8)

    def number(folded: int, shift: int, kind: int) -> int:
        return numbers.setdefault((folded, shift, kind), len(numbers))

    for name, (folded, kind) in _SIGNS.items():
        for first, last in _table()[name]:
            rows[first : last + 1] = number(folded, 0, kind)
    of_classes = list(numbers)
    for code in _settled_one_by_one():
        folded, _, kind = of_classes[rows[code]]
        folded, kind = _settle(code, folded, kind)
        rows[code] = number(folded, 0, kind)
    without_case = list(numbers)
    for first, last, step, shift in _table()["lower"]:
        cased = rows[first : last + 1 : step]
        for i in np.unique(cased):
            folded, _, kind = without_case[i]
            cased[cased == i] = number(folded, shift, kind | Kind.CAPITAL)
    classes = np.array(list(numbers), dtype=CLASS)
    return CharacterTables(_ascii(classes[rows[:128]]), *_paged(rows), classes)


def _ascii(classes: NDArray[np.void]) -> NDArray[np.void]:
    """Return the characters of ASCII, given the class of each."""
    table = np.empty(len(classes), dtype=CHARACTER)
    table["raw"] = np.arange(len(classes))
    itself = classes["folded"] == _ITSELF
    table["folded"] = np.where(itself, table["raw"], classes["folded"])
    table["lowered"] = table["raw"] + classes["shift"]
    table["kind"] = classes["kind"]
    return table


def _paged(rows: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the number of each page, and the pages that differ, end to end."""
    pages: dict[bytes, int] = {}
    content = (page.tobytes() for page in rows.reshape(-1, _PAGE))
    order = np.array([pages.setdefault(page, len(pages)) for page in content], dtype=np.uint8)
    return order, np.frombuffer(b"".join(pages), dtype=np.uint8).copy()


def token_table(vocabulary: Vocabulary) -> TokenTable:
    """Return a vocabulary's code points, and empty slots for twice its size."""
    starts = np.zeros(len(vocabulary) + 1, dtype=np.int32)
    np.cumsum([len(token) for token in vocabulary.tokens], out=starts[1:])
    content = "".join(vocabulary.tokens).encode("utf-32-le", "surrogatepass")
    slots = np.full(1 << (2 * len(vocabulary)).bit_length(), -1, dtype=np.int64)
    return TokenTable(np.frombuffer(content, dtype=np.int32).copy(), starts, slots)
