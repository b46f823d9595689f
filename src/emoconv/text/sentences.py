"""Where the sentences of a text are.

A rule, and not a model: a sentence ends at the end of a line, and behind a word that ends in
``.``, ``!``, ``?`` or ``\u2026``, unless what stands there says otherwise. Written for comments and
posts: a sentence may begin with a small letter, and what follows its end and is no word, an emoji
say, belongs to it. Knows nothing of tokens.
"""

# ruff: noqa: RUF001 - full stops and quotes of other scripts are what this is about

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Span", "sentences"]

_WIDE = "。！？｡"
"""Full stops of scripts without spaces: they end a sentence wherever they stand."""

_STOPS = frozenset(".!?…‽" + _WIDE)

_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")

_CHUNK = re.compile(rf"(?=\S)[^\s{_WIDE}]*+(?:[{_WIDE}]++[^\w\s{_WIDE}「『（《〈【“‘]*+)?")
"""What stands between white space, and up to a full stop that needs none."""

_SYMBOLS = re.compile(
    r"(?:[:;=]['’-]?[DPpOo3]+|[xX]D+|</?3+|(?![\"'“‘«„¿¡(\[{<*#@>•·–—/&+~=|-])[^\w\s]+)\Z"
)
"""An emoji, emoticon or the like that follows a sentence; nothing that begins another."""

# fmt: off
_BEFORE_A_NAME = frozenset((
    "adm", "approx", "capt", "cf", "cmdr", "col", "dr", "e.g", "eg", "esp", "fig", "gen", "gov",
    "hon", "i.e", "ie", "lt", "maj", "messrs", "mr", "mrs", "ms", "mt", "mx", "prof", "rep",
    "rev", "sen", "sgt", "st", "viz", "vs",
))
# fmt: on
"""Abbreviations that end no sentence: something follows them."""

# fmt: off
_MAYBE_LAST = frozenset((
    "a.k.a", "a.m", "al", "apr", "ave", "aug", "blvd", "co", "corp", "dec", "dept", "est", "etc",
    "feb", "inc", "jan", "jr", "jul", "jun", "ltd", "mar", "nov", "oct", "p.m", "p.s", "ph.d",
    "sept", "sr", "tel", "u.k", "u.s", "univ", "vol",
))
# fmt: on
"""Abbreviations that end one where a capital follows."""

_BEFORE_A_NUMBER = frozenset(("no", "nos", "nr", "p", "pp", "pg", "ch", "sec", "art"))

_CLOSERS = frozenset("\"'”’»)]}」』）")


class Span(NamedTuple):
    """A piece of a text.

    Attributes:
        start: Offset of its first character, in code points.
        end: Offset after its last.
    """

    start: int
    end: int


def sentences(text: str) -> list[Span]:
    """Return the spans of a text's sentences, in order.

    They do not overlap, none is empty or begins or ends with white space, and every other
    character is in one. Takes time in proportion to the text's length.

    A word that ends in a full stop ends a sentence unless it is:

    - an abbreviation ("Mr.", "vs."; "etc." where no capital follows; "no." before a number),
      an initial ("J. Smith", but not "I.") or letters with dots where no capital follows ("U.S.");
    - a number at the start of a sentence ("1. Go home");
    - followed by dots, an ellipsis, where no capital follows but that of "I" ("well... maybe");
    - in quotes or brackets that close behind it where a small letter follows ("why?" he asked).

    Args:
        text: Of any length.

    Example:
        >>> text = "Thanks, Dr. Who! 😀 it works... mostly. Bye"
        >>> [text[start:end] for start, end in sentences(text)]
        ['Thanks, Dr. Who! 😀', 'it works... mostly.', 'Bye']
    """
    return [span for line in _LINE.finditer(text) for span in _in_line(text, *line.span())]


def _in_line(text: str, first: int, last: int) -> Iterator[Span]:
    chunks = [match.span() for match in _CHUNK.finditer(text, first, last)]
    start, is_over = first, False
    begins = True
    for number, (chunk_start, end) in enumerate(chunks):
        if begins:
            start, is_over = chunk_start, False
        chunk = text[chunk_start:end]
        following = "" if number + 1 == len(chunks) else text[slice(*chunks[number + 1])]
        is_symbol = not begins and _SYMBOLS.match(chunk) is not None
        is_over = (is_over and is_symbol) or _ends(chunk, following, begins=begins)
        begins = not following or (is_over and not _SYMBOLS.match(following))
        if begins:
            yield Span(start, end)


def _ends(chunk: str, following: str, *, begins: bool) -> bool:
    """Tell whether a chunk ends its sentence.

    Args:
        chunk: Without white space.
        following: The chunk behind it on its line, if there is one.
        begins: Whether its sentence begins with it.
    """
    if _STOPS.isdisjoint(chunk):
        return False
    word, stops, behind = _parts(chunk)
    if not stops:
        return False
    small = following[:1].islower()
    if not _CLOSERS.isdisjoint(behind) and small:
        return False
    if set(stops) <= {".", "…"}:
        if stops != ".":
            return following[:1].isupper() and re.match(r"I\b", following) is None
        return not _is_open(word, following, begins=begins)
    return True


def _parts(chunk: str) -> tuple[str, str, str]:
    """Return a chunk's word, the stops behind it, and what is behind those."""
    end = len(chunk)
    while end and not chunk[end - 1].isalnum():
        end -= 1
    tail = chunk[end:]
    stop = next((i for i, character in enumerate(tail) if character in _STOPS), len(tail))
    behind = stop
    while behind < len(tail) and tail[behind] in _STOPS:
        behind += 1
    return chunk[:end], tail[stop:behind], tail[behind:]


def _is_open(word: str, following: str, *, begins: bool) -> bool:
    """Tell whether the full stop behind a word is part of it."""
    bare = word.lower().lstrip("\"'“‘«([{*_")
    if bare in _BEFORE_A_NAME:
        return True
    if bare in _BEFORE_A_NUMBER and following[:1].isdecimal():
        return True
    if begins and word.isdecimal():
        return True
    dotted = re.fullmatch(r"(?:\w\.)+\w", bare) is not None
    if bare in _MAYBE_LAST or dotted:
        return not following[:1].isupper()
    return len(bare) == 1 and word[-1].isupper() and word[-1] != "I"
