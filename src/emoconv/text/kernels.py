"""The compiled tokeniser: UTF-8 to ids, in machine code of numba.

Does what `emoconv.text.Encoder` does, over plain arrays. Importing it imports numba;
`emoconv.compiling` does, when there is no machine code yet.

A text is decoded into characters with one more before it and one after it, both spaces. No rule
matches across a space and each looks past a character only once that was no space, so no rule
asks where the text ends, and none reads outside. A rule is a function of its name in
``docs/reference/tokenizer.md``: from an offset to the offset where its token ends, or `_NO`. It
is tried only at characters that have its bit, which are those that it can begin with.
"""

# ruff: noqa: FBT001, PLR0917 - compiled functions have no keyword-only arguments

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

import numpy as np

from emoconv.compiling import compile_inner
from emoconv.text.tables import CharacterTables, Kind, Rule
from emoconv.text.tokenizer import CAPS, LONG, SUBREDDIT, URL, USER
from emoconv.text.vocabulary import EMOJI, NUMBER, SPECIALS, UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    _Text = NDArray[np.void]  # of `CHARACTER`
    _Points = NDArray[np.int32]  # code points, but where it is called ids

__all__ = ["encode", "fill"]

_F = TypeVar("_F", bound=Callable[..., Any])

_NO = 0
"""No match: no token ends where the space before the text is."""
# numba compiles anew for each constant that a function is called with, but not for int64 ones.
_FIRST = cast(int, np.int64(1))
"""Offset of the first character of a text."""
_NONE = cast(int, np.int64(0))
"""No ids yet."""
_MISSING = -1
"""No token of the vocabulary; in its hash table, an empty slot."""
_UNKNOWN, _NUMBER, _EMOJI, _CAPS, _LONG = map(SPECIALS.index, (UNKNOWN, NUMBER, EMOJI, CAPS, LONG))
_URL, _USER, _SUBREDDIT = map(SPECIALS.index, (URL, USER, SUBREDDIT))

# Of the hash FNV-1a, as signed numbers; here it runs over code points, not bytes.
# Source: section 5 of https://datatracker.ietf.org/doc/html/rfc9923.
_BASIS = cast(int, np.int64(-3750763034362895579))
_PRIME = cast(int, np.int64(1099511628211))

# The characters that rules name, as code points.
_SPACE, _APOSTROPHE, _SLASH, _BACKSLASH, _AT, _STAR = map(ord, " '/\\@*")
_DASH, _CARET, _UNDERSCORE, _BAR, _LESS, _THREE, _ZERO = map(ord, "-^_|<30")
_COLON, _SEMICOLON, _EQUALS, _COMMA, _DOT = map(ord, ":;=,.")
_ROUND, _ROUND_END, _SQUARE, _SQUARE_END, _CURLY, _CURLY_END = map(ord, "()[]{}")
_EXCLAMATION, _QUESTION, _MACRON, _TSU = map(ord, "!?¯ツ")
_A, _Z, _D, _E, _L, _M, _N, _O, _R, _S, _T, _U, _V = map(ord, "AZdelmnorstuv")
_JOINER, _KEYCAP, _EMOJI_STYLE = map(ord, "\u200d\u20e3\ufe0f")
_HTTP, _AFTER_HTTP, _WWW = (np.array(list(map(ord, s)), np.int32) for s in ("http", "://", "www."))
_MOUTHS = np.array(list(map(ord, "dpox3s")), np.int32)
_SHRUG = np.array(list(map(ord, "¯\\_(ツ)_/¯")), np.int32)


class _Words(NamedTuple):
    """A vocabulary, by hash, and the classes of its tokens' characters.

    Attributes:
        points: int32; the tokens' code points end to end.
        starts: int32 (V + 1,).
        slots: int64 (a power of two,); `_MISSING`, or 31 bits of a token's hash above its id.
        characters: Of all code points.
    """

    points: _Points
    starts: _Points
    slots: NDArray[np.int64]
    characters: CharacterTables


class _Scratch(NamedTuple):
    """Where one token at a time is made.

    Attributes:
        token: int32, the token's code points.
        shorter: int32, the same with its runs cut.
    """

    token: _Points
    shorter: _Points


def _hot(function: _F) -> _F:
    """Compile into its callers what is called for every word."""
    return compile_inner(function, forceinline=True)


# --- Characters


@compile_inner  # pragma: no cover - compiled
def _class_of(characters: CharacterTables, code: int) -> int:
    """Return the row in `classes` of a code point, or of any other number below 2**21."""
    page = int(characters.pages[code >> 8])
    return int(characters.rows[(page << 8) | (code & 255)])


@compile_inner  # pragma: no cover - compiled
def _kind(characters: CharacterTables, code: int) -> int:
    """Return the bits of a code point."""
    return int(characters.classes[_class_of(characters, code)].kind)


@compile_inner  # pragma: no cover - compiled
def _size(first: int) -> int:
    """Return how many bytes a code point takes, given the first of two to four."""
    return 2 if first < 0xE0 else 3 if first < 0xF0 else 4  # noqa: PLR2004 - of UTF-8


@compile_inner  # pragma: no cover - compiled
def _code_point(data: NDArray[np.uint8], at: int, size: int) -> int:
    """Return the code point of two to four bytes."""
    code = int(data[at]) & (0x7F >> size)
    for i in range(at + 1, at + size):
        code = (code << 6) | (int(data[i]) & 0x3F)
    return code


@_hot  # pragma: no cover - compiled
def _decode(
    data: NDArray[np.uint8], at: int, end: int, characters: CharacterTables, text: _Text
) -> int:
    """Write the characters of ``data[at:end]`` and a space into `text`; return the space's place.

    Bytes that are no UTF-8 give some characters, but none outside of `at` to `end` is read.
    """
    place = _FIRST
    while at < end:
        if data[at] < 0x80:  # noqa: PLR2004 - of UTF-8
            text[place] = characters.ascii[data[at]]
            at += 1
        else:
            size = _size(data[at])
            if at + size > end:
                break
            code = _code_point(data, at, size)
            row = characters.classes[_class_of(characters, code)]
            text[place].raw = code
            text[place].folded = code if row.folded < 0 else row.folded
            text[place].lowered = code + row.shift
            text[place].kind = row.kind
            at += size
        place += 1
    text[place] = characters.ascii[_SPACE]
    return place


# --- The rules


@compile_inner  # pragma: no cover - compiled
def _run(text: _Text, at: int, code: int) -> int:
    """Return the offset after a run of one folded character, which may be empty."""
    while text[at].folded == code:
        at += 1
    return at


@compile_inner  # pragma: no cover - compiled
def _reads(text: _Text, at: int, letters: _Points) -> int:
    """Return the offset after these lower-case letters or signs, in either case, or `_NO`."""
    for i in range(len(letters)):
        if text[at + i].folded | 0x20 != letters[i]:
            return _NO
    return at + len(letters)


@compile_inner  # pragma: no cover - compiled
def _address(text: _Text, at: int) -> int:
    """Return the offset after ``http://``, ``https://`` or ``www.``, or `_NO`."""
    here = _reads(text, at, _HTTP)
    if here == _NO:
        return _reads(text, at, _WWW)
    if text[here].folded | 0x20 == _S:
        here += 1
    return _reads(text, here, _AFTER_HTTP)


@compile_inner  # pragma: no cover - compiled
def _url(text: _Text, at: int) -> int:
    """Rule 1: the beginning of an address, and what may belong to it."""
    here = _address(text, at)
    end = _NO
    if here != _NO:
        while text[here].kind & Kind.VISIBLE and not text[here].kind & Kind.PICTURE:
            here += 1
            if text[here - 1].kind & (Kind.WORD | Kind.URL_END):
                end = here
    return end


@compile_inner  # pragma: no cover - compiled
def _name(text: _Text, at: int, dashes: bool) -> int:
    """Return the offset after a run of ``[A-Za-z0-9_]``, with dashes or without."""
    while text[at].kind & Kind.NAME or (dashes and text[at].folded == _DASH):
        at += 1
    return at


@compile_inner  # pragma: no cover - compiled
def _slashed(text: _Text, at: int, letter: int, dashes: bool) -> int:
    """Return the offset after ``/?u/`` or ``/?r/`` and a whole name, or `_NO`."""
    if text[at].folded == _SLASH:
        at += 1
    if text[at].folded != letter or text[at + 1].folded != _SLASH:
        return _NO
    end = _name(text, at + 2, dashes)
    return _NO if end == at + 2 or text[end].kind & Kind.WORD else end


@compile_inner  # pragma: no cover - compiled
def _user(text: _Text, at: int) -> int:
    """Rule 2: ``@name``, ``u/name`` or ``/u/name``."""
    if text[at].folded == _AT:
        end = _name(text, at + 1, False)
        return _NO if end == at + 1 else end
    return _slashed(text, at, _U, True)


@compile_inner  # pragma: no cover - compiled
def _subreddit(text: _Text, at: int) -> int:
    """Rule 3: ``r/name`` or ``/r/name``."""
    return _slashed(text, at, _R, False)


@compile_inner  # pragma: no cover - compiled
def _placeholder(text: _Text, at: int) -> int:
    """Rule 4: 1 to 20 capitals in square brackets."""
    end = at + 1
    while end <= at + 20 and _A <= text[end].folded <= _Z:
        end += 1
    return end + 1 if end > at + 1 and text[end].folded == _SQUARE_END else _NO


@compile_inner  # pragma: no cover - compiled
def _shrug(text: _Text, at: int) -> int:
    """Rule 5: arms, a face in brackets, arms."""
    here = _run(text, _run(text, at + 1, _BACKSLASH), _UNDERSCORE)
    for code in (_ROUND, _TSU, _ROUND_END):
        if text[here].folded != code:
            return _NO
        here += 1
    here = _run(text, _run(text, here, _UNDERSCORE), _SLASH)
    return here + 1 if text[here].folded == _MACRON else _NO


@compile_inner  # pragma: no cover - compiled
def _heart(text: _Text, at: int) -> int:
    """Rule 6: ``<3``, whole or broken, of any number of 3."""
    threes = at + 2 if text[at + 1].folded == _SLASH else at + 1
    end = _run(text, threes, _THREE)
    return _NO if end == threes or text[end].kind & Kind.DIGIT else end


@compile_inner  # pragma: no cover - compiled
def _after_nose(text: _Text, at: int) -> int:
    """Return the offset after ``-``, ``^`` or nothing."""
    return at + 1 if text[at].folded == _DASH or text[at].folded == _CARET else at


@compile_inner  # pragma: no cover - compiled
def _is_bracket(code: int) -> bool:
    """Tell whether it is one of ``( ) [ ] { }``."""
    return code in (_ROUND, _ROUND_END, _SQUARE, _SQUARE_END, _CURLY, _CURLY_END)


@compile_inner  # pragma: no cover - compiled
def _brackets(text: _Text, at: int) -> int:
    """Return the end of eyes and a mouth of brackets, or `_NO`: the first form of *sideways*."""
    mouth = _after_nose(text, at + 2 if text[at + 1].folded == _APOSTROPHE else at + 1)
    end = mouth
    while _is_bracket(text[end].folded):
        end += 1
    return _NO if end == mouth else end


@compile_inner  # pragma: no cover - compiled
def _strokes(text: _Text, at: int) -> int:
    """Return the end of eyes and a mouth of strokes, or `_NO`: the second form of *sideways*."""
    if text[at].folded != _COLON:
        return _NO
    if text[at + 1].folded == _SLASH and text[at + 2].folded == _SLASH:
        return _NO
    mouth = at + 2 if text[at + 1].folded == _DASH else at + 1
    end = mouth
    while text[end].folded in (_SLASH, _BACKSLASH, _BAR, _STAR):
        end += 1
    return _NO if end == mouth else end


@compile_inner  # pragma: no cover - compiled
def _letter_mouth(text: _Text, at: int) -> int:
    """Return the end of eyes and a letter for a mouth, or `_NO`: the third form of *sideways*."""
    if text[at].folded == _EQUALS:
        return _NO
    mouth = _after_nose(text, at + 1)
    for letter in _MOUTHS:
        if text[mouth].folded | 0x20 == letter and not text[mouth + 1].kind & Kind.WORD:
            return mouth + 1
    return _NO


@compile_inner  # pragma: no cover - compiled
def _sideways(text: _Text, at: int) -> int:
    """Rule 7: eyes, then a mouth."""
    end = _brackets(text, at)
    if end == _NO:
        end = _strokes(text, at)
    return _letter_mouth(text, at) if end == _NO else end


@compile_inner  # pragma: no cover - compiled
def _mirrored(text: _Text, at: int) -> int:
    """Rule 8: a mouth, then eyes, with nothing visible before or after."""
    if text[at - 1].kind & Kind.VISIBLE:
        return _NO
    eyes = _after_nose(text, _run(text, at, text[at].folded))
    if text[eyes].folded not in (_COLON, _SEMICOLON, _EQUALS):
        return _NO
    return _NO if text[eyes + 1].kind & Kind.VISIBLE else eyes + 1


@compile_inner  # pragma: no cover - compiled
def _eye(text: _Text, at: int) -> int:
    """Return one code point for all characters that can be eyes of the same *face*."""
    code = text[at].folded
    if text[at].kind & Kind.CAPITAL:
        code = text[at].lowered
    if code == _ZERO:
        return _O
    return _LESS if code == _LESS + 2 else code


@compile_inner  # pragma: no cover - compiled
def _face(text: _Text, at: int) -> int:
    """Rule 9: two eyes and a long mouth between them."""
    eye = _run(text, at + 1, _UNDERSCORE)
    if eye == at + 1 and text[at].folded != _CARET:
        return _NO
    if _eye(text, at) != _eye(text, eye):
        return _NO
    if text[at].kind & Kind.WORD and text[eye + 1].kind & Kind.WORD:
        return _NO
    return eye + 1


@compile_inner  # pragma: no cover - compiled
def _flag(text: _Text, at: int) -> int:
    """Rule 10: two regional indicators."""
    return at + 2 if text[at + 1].kind & Rule.FLAG else _NO


@compile_inner  # pragma: no cover - compiled
def _keycap(text: _Text, at: int) -> int:
    """Rule 11: a digit or sign in a key."""
    key = at + 2 if text[at + 1].folded == _EMOJI_STYLE else at + 1
    return key + 1 if text[key].folded == _KEYCAP else _NO


@compile_inner  # pragma: no cover - compiled
def _emoji(text: _Text, at: int) -> int:
    """Rule 12: elements, joined."""
    while True:
        at += 1
        while text[at].kind & Kind.MODIFIER:
            at += 1
        while text[at].kind & Kind.TAG:
            at += 1
        if text[at].folded != _JOINER or not text[at + 1].kind & Kind.PICTURE:
            return at
        at += 1


@compile_inner  # pragma: no cover - compiled
def _digits(text: _Text, at: int) -> int:
    """Return the offset after a *part* of a number, or `_NO`."""
    end = at
    while text[end].kind & Kind.DIGIT:
        end += 1
    return _NO if end == at or text[end].kind & (Kind.LETTER | Kind.MARK) else end


@compile_inner  # pragma: no cover - compiled
def _number(text: _Text, at: int) -> int:
    """Rule 13: parts, with one sign between two."""
    end = here = _digits(text, at)
    while here != _NO:
        end = here
        here = _NO
        if text[end].folded in (_DOT, _COMMA, _COLON, _SLASH):
            here = _digits(text, end + 1)
    return end


@compile_inner  # pragma: no cover - compiled
def _mood(text: _Text, at: int) -> int:
    """Rule 15: a run of ``!`` and ``?``."""
    while text[at].kind & Rule.MOOD:
        at += 1
    return at


@compile_inner  # pragma: no cover - compiled
def _ellipsis(text: _Text, at: int) -> int:
    """Rule 16: two dots or more, or a run of the sign for three."""
    end = _run(text, at, text[at].folded)
    return _NO if text[at].folded == _DOT and end == at + 1 else end


@_hot  # pragma: no cover - compiled
def _first_rule(text: _Text, at: int) -> tuple[int, int]:  # noqa: C901, PLR0912 - one a rule
    """Return the first rule but *word* that matches, and its end; else `_NO` twice."""
    kind = text[at].kind
    rule = end = _NO
    if not kind & Rule.ANY:
        return rule, end
    if kind & Rule.URL:
        rule, end = Rule.URL.value, _url(text, at)
    if end == _NO and kind & Rule.USER:
        rule, end = Rule.USER.value, _user(text, at)
    if end == _NO and kind & Rule.SUBREDDIT:
        rule, end = Rule.SUBREDDIT.value, _subreddit(text, at)
    if end == _NO and kind & Rule.PLACEHOLDER:
        rule, end = Rule.PLACEHOLDER.value, _placeholder(text, at)
    if end == _NO and kind & Rule.SHRUG:
        rule, end = Rule.SHRUG.value, _shrug(text, at)
    if end == _NO and kind & Rule.HEART:
        rule, end = Rule.HEART.value, _heart(text, at)
    if end == _NO and kind & Rule.SIDEWAYS:
        rule, end = Rule.SIDEWAYS.value, _sideways(text, at)
    if end == _NO and kind & Rule.MIRRORED:
        rule, end = Rule.MIRRORED.value, _mirrored(text, at)
    if end == _NO and kind & Rule.FACE:
        rule, end = Rule.FACE.value, _face(text, at)
    if end == _NO and kind & Rule.FLAG:
        rule, end = Rule.FLAG.value, _flag(text, at)
    if end == _NO and kind & Rule.KEYCAP:
        rule, end = Rule.KEYCAP.value, _keycap(text, at)
    if end == _NO and kind & Rule.EMOJI:
        rule, end = Rule.EMOJI.value, _emoji(text, at)
    if end == _NO and kind & Rule.NUMBER:
        rule, end = Rule.NUMBER.value, _number(text, at)
    if end == _NO and kind & Rule.MOOD:
        rule, end = Rule.MOOD.value, _mood(text, at)
    if end == _NO and kind & Rule.ELLIPSIS:
        rule, end = Rule.ELLIPSIS.value, _ellipsis(text, at)
    if end == _NO and kind & Rule.SYMBOL:
        rule, end = Rule.SYMBOL.value, _run(text, at, text[at].folded)
    return (_NO if end == _NO else rule), end


# --- The tokens: from a rule's span of the text to code points in `token`, whose number is returned


@compile_inner  # pragma: no cover - compiled
def _write_sideways(text: _Text, at: int, end: int, token: _Points) -> int:
    """Write the eyes, a tear and one mouth: ``=-))`` is ``:)``."""
    token[0] = _SEMICOLON if text[at].folded == _SEMICOLON else _COLON
    length = 1
    if text[at + 1].folded == _APOSTROPHE:
        token[1] = _APOSTROPHE
        length = 2
    mouth = text[end - 1].lowered
    if mouth in (_SQUARE, _CURLY):
        mouth = _ROUND
    elif mouth in (_SQUARE_END, _CURLY_END):
        mouth = _ROUND_END
    elif mouth == _BACKSLASH:
        mouth = _SLASH
    token[length] = mouth
    return length + 1


@compile_inner  # pragma: no cover - compiled
def _write_mirrored(text: _Text, at: int, end: int, token: _Points) -> int:
    """Write the emoticon turned round: ``(-:`` is ``:)``."""
    token[0] = _SEMICOLON if text[end - 1].folded == _SEMICOLON else _COLON
    token[1] = _ROUND_END if text[at].folded in (_ROUND, _SQUARE) else _ROUND
    return 2


@compile_inner  # pragma: no cover - compiled
def _write_face(text: _Text, at: int, end: int, token: _Points) -> int:
    """Write the eyes with one underscore between them."""
    token[0] = text[at].lowered
    token[1] = _UNDERSCORE
    token[2] = text[end - 1].lowered
    return 3


@compile_inner  # pragma: no cover - compiled
def _write_emoji(text: _Text, at: int, end: int, token: _Points) -> int:
    """Write the emoji without its variation selectors and skin tones."""
    length = 0
    for i in range(at, end):
        if not text[i].kind & Kind.MODIFIER:
            token[length] = text[i].raw
            length += 1
    return length


@compile_inner  # pragma: no cover - compiled
def _write_mood(text: _Text, at: int, end: int, token: _Points) -> int:
    """Write ``!``, ``!!``, ``!!!``, the same of ``?``, or ``?!`` for a mixture."""
    if _run(text, at, text[at].folded) < end:
        token[0], token[1] = _QUESTION, _EXCLAMATION
        return 2
    token[0] = token[1] = token[2] = text[at].folded
    return min(3, end - at)


@compile_inner  # pragma: no cover - compiled
def _write(  # noqa: C901, PLR0911, PLR0912 - one a rule
    rule: int, text: _Text, at: int, end: int, token: _Points
) -> int:
    """Write the token of any rule but *word* and those that have an id of their own."""
    if rule == Rule.SYMBOL:
        token[0] = text[at].folded
        return 1
    if rule == Rule.SIDEWAYS:
        return _write_sideways(text, at, end, token)
    if rule == Rule.MIRRORED:
        return _write_mirrored(text, at, end, token)
    if rule == Rule.FACE:
        return _write_face(text, at, end, token)
    if rule == Rule.EMOJI:
        return _write_emoji(text, at, end, token)
    if rule == Rule.MOOD:
        return _write_mood(text, at, end, token)
    if rule == Rule.SHRUG:
        for i in range(len(_SHRUG)):
            token[i] = _SHRUG[i]
        return len(_SHRUG)
    if rule == Rule.ELLIPSIS:
        token[0] = token[1] = token[2] = _DOT
        return 3
    if rule == Rule.HEART:
        token[0], token[1], token[2] = _LESS, _SLASH, _THREE
        if text[at + 1].folded == _SLASH:
            return 3
        token[1] = _THREE
        return 2
    if rule == Rule.KEYCAP:
        token[0], token[1] = text[at].folded, _KEYCAP
        return 2
    for i in range(at, end):
        token[i - at] = text[i].lowered if rule == Rule.PLACEHOLDER else text[i].raw
    return end - at


# --- The vocabulary


@_hot  # pragma: no cover - compiled
def _hash(points: _Points) -> int:
    """Return 64 bits, the upper ones the better mixed."""
    value = _BASIS
    for point in points:
        value = (value ^ int(point)) * _PRIME
    return value


@compile_inner  # pragma: no cover - compiled
def fill(points: _Points, starts: _Points, slots: NDArray[np.int64]) -> None:
    """Put every token into the first slot that is empty, from the one of its hash on."""
    for i in range(len(starts) - 1):
        value = _hash(points[starts[i] : starts[i + 1]])
        slot = (value >> 32) & (len(slots) - 1)
        while slots[slot] != _MISSING:
            slot = (slot + 1) & (len(slots) - 1)
        slots[slot] = (value & 0x7FFFFFFF) << 32 | i


@_hot  # pragma: no cover - compiled
def _is_token(words: _Words, i: int, token: _Points) -> bool:
    """Tell whether token `i` of the vocabulary is this one."""
    start = words.starts[i]
    if words.starts[i + 1] - start != len(token):
        return False
    same = 0
    while same < len(token) and words.points[start + same] == token[same]:
        same += 1
    return same == len(token)


@_hot  # pragma: no cover - compiled
def _find(words: _Words, token: _Points) -> int:
    """Return the id of a token, or `_MISSING`; at least half of the slots are empty."""
    value = _hash(token)
    slot = (value >> 32) & (len(words.slots) - 1)
    while words.slots[slot] != _MISSING:
        entry = words.slots[slot]
        if entry >> 32 == value & 0x7FFFFFFF and _is_token(words, entry & 0xFFFFFFFF, token):
            return int(entry & 0xFFFFFFFF)
        slot = (slot + 1) & (len(words.slots) - 1)
    return _MISSING


@compile_inner  # pragma: no cover - compiled
def _is_number(words: _Words, token: _Points) -> bool:
    """Tell whether it is a digit and then digits and ``. , : /``."""
    for i in range(len(token)):
        if not _kind(words.characters, token[i]) & Kind.DIGIT and (
            i == 0 or token[i] not in (_DOT, _COMMA, _COLON, _SLASH)
        ):
            return False
    return True


@compile_inner  # pragma: no cover - compiled
def _cut_runs(token: _Points, keep: int, shorter: _Points) -> int:
    """Write the token with `keep` of each run of three or more, and return its length."""
    length = start = 0
    while start < len(token):
        end = start + 1
        while end < len(token) and token[end] == token[start]:
            end += 1
        for _ in range(keep if end - start > 2 else end - start):  # noqa: PLR2004 - a pair is no run
            shorter[length] = token[start]
            length += 1
        start = end
    return length


@compile_inner  # pragma: no cover - compiled
def _stand_in(words: _Words, token: _Points, shorter: _Points) -> int:
    """Return the id of what stands in for a token that the vocabulary lacks."""
    if _is_number(words, token):
        return _NUMBER
    if _kind(words.characters, token[0]) & (Kind.PICTURE | Rule.FLAG):
        found = _find(words, token[:1])
        return _EMOJI if found == _MISSING else found
    for keep in (2, 1):
        length = _cut_runs(token, keep, shorter)
        if length == len(token):
            break
        found = _find(words, shorter[:length])
        if found != _MISSING:
            return found
    return _UNKNOWN


@_hot  # pragma: no cover - compiled
def _id_of(words: _Words, scratch: _Scratch, length: int) -> int:
    """Return the id of the token in `scratch`, or of its stand-in."""
    token = scratch.token[:length]
    found = _find(words, token)
    return _stand_in(words, token, scratch.shorter) if found == _MISSING else found


# --- Rule 14: words


@_hot  # pragma: no cover - compiled
def _word(text: _Text, at: int, token: _Points) -> tuple[int, int, int, bool]:
    """Rule 14: return a word's end, letters, capitals, and if it may have clitics or lengthening.

    Writes its lower-case form, with each apostrophe as one, into the text and as a token.
    """
    letters = capitals = length = run = 0
    special = False
    before = _SPACE
    while True:
        kind = text[at].kind
        if not kind & Kind.WORD:
            if text[at].folded != _APOSTROPHE or not text[at + 1].kind & Kind.WORD:
                return at, letters, capitals, special
            text[at].lowered = _APOSTROPHE
            special = True
        letters += (kind & Kind.LETTER) != 0
        capitals += (kind & Kind.CAPITAL) != 0
        code = text[at].lowered
        run = run + 1 if code == before else 1
        special |= run > 2  # noqa: PLR2004 - a pair is no run
        before = token[length] = code
        length += 1
        at += 1


@_hot  # pragma: no cover - compiled
def _clitic(text: _Text, start: int, end: int) -> int:
    """Return the length of the clitic that a word's rest ends in, or 0."""
    last = text[end - 1].lowered
    if end - 2 > start and text[end - 2].lowered == _APOSTROPHE:
        if last == _T and text[end - 3].lowered == _N and end - 3 > start:
            return 3
        return 2 if last in (_S, _M, _D) else 0
    if end - 3 > start and text[end - 3].lowered == _APOSTROPHE:
        middle = text[end - 2].lowered
        if (last == _E and middle in (_R, _V)) or (last == _L and middle == _L):
            return 3
    return 0


@compile_inner  # pragma: no cover - compiled
def _stem(text: _Text, start: int, end: int) -> int:
    """Return the offset where a word's clitics begin."""
    length = _clitic(text, start, end)
    while length > 0:
        end -= length
        length = _clitic(text, start, end)
    return end


@_hot  # pragma: no cover - compiled
def _after_clitic(text: _Text, at: int) -> int:
    """Return the offset after the clitic that begins here."""
    short = text[at].lowered == _APOSTROPHE and text[at + 1].lowered in (_S, _M, _D)
    return at + 2 if short else at + 3


@_hot  # pragma: no cover - compiled
def _write_part(text: _Text, at: int, end: int, token: _Points) -> tuple[int, bool]:
    """Write a part with three of each run of letters; return its length, and if there was one."""
    length = run = 0
    long = False
    before = 0
    for i in range(at, end):
        code = text[i].lowered
        run = run + 1 if code == before else 1
        before = code
        if run > 2 and text[i].kind & Kind.LETTER:  # noqa: PLR2004 - a pair is no run
            long = True
            if run > 3:  # noqa: PLR2004 - three stay
                continue
        token[length] = code
        length += 1
    return length, long


# --- Texts


@compile_inner  # pragma: no cover - compiled
def _id_of_rule(rule: int, text: _Text, at: int, end: int, words: _Words, scratch: _Scratch) -> int:
    """Return the id of the token of any rule but *word*."""
    if rule == Rule.URL:
        return _URL
    if rule == Rule.USER:
        return _USER
    if rule == Rule.SUBREDDIT:
        return _SUBREDDIT
    return _id_of(words, scratch, _write(rule, text, at, end, scratch.token))


@compile_inner  # pragma: no cover - compiled
def _encode_parts(
    text: _Text, at: int, end: int, words: _Words, scratch: _Scratch, ids: _Points, count: int
) -> int:
    """Write the ids of a word's stem and clitics from ``ids[count]`` on; return the new count."""
    after = _stem(text, at, end)
    while at < end:
        length, long = _write_part(text, at, after, scratch.token)
        ids[count] = _id_of(words, scratch, length)
        count += 1
        if long:
            ids[count] = _LONG
            count += 1
        at = after
        after = _after_clitic(text, at)
    return count


@compile_inner  # pragma: no cover - compiled
def _encode_rich(
    text: _Text, end: int, words: _Words, scratch: _Scratch, ids: _Points, count: int, stop: int
) -> int:
    """Write the ids of a text's rich tokens from ``ids[count]`` on; return the new count.

    Even where the last word's tokens go beyond `stop`, they are no more than the text's code
    points. For a rule gives one token for one code point or more. A word's part gives one, and
    one more where it has three letters in a row; a clitic has two code points or more and no
    such row. ``<caps>`` comes with two letters or more. So a word of one part gives at most 1,
    2 or 3 for 1, 2 or more code points. With clitics, the stem gives no more than its code
    points, each clitic gives at least one less than its own, and ``<caps>`` takes that one.
    """
    shouting = False
    at = _FIRST
    while at < end and count < stop:
        rule, after = _first_rule(text, at)
        if rule != _NO:
            ids[count] = _id_of_rule(rule, text, at, after, words, scratch)
            count += 1
        elif text[at].kind & (Kind.LETTER | Kind.DIGIT):
            after, letters, capitals, special = _word(text, at, scratch.token)
            loud = 1 < capitals == letters
            if loud and not shouting:
                ids[count] = _CAPS
                count += 1
            shouting = loud or (shouting and capitals == letters)
            if special:
                count = _encode_parts(text, at, after, words, scratch, ids, count)
            else:
                ids[count] = _id_of(words, scratch, after - at)
                count += 1
        else:
            after = at + 1
        at = after
    return min(count, stop)


@compile_inner  # pragma: no cover - compiled
def _encode_plain(
    text: _Text, end: int, words: _Words, token: _Points, ids: _Points, count: int, stop: int
) -> int:
    """Write the ids of a text's known plain tokens from ``ids[count]`` on; return the new count.

    A token has a code point of the text or more, so they are no more than those.
    """
    at = _FIRST
    while at < end and count < stop:
        length = 0
        while not text[at].kind & Kind.SEPARATOR:
            token[length] = text[at].lowered
            length += 1
            at += 1
        if length > 0:
            found = _find(words, token[:length])
            if found != _MISSING:
                ids[count] = found
                count += 1
        at += 1
    return count


@compile_inner  # pragma: no cover - compiled
def encode(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    points: _Points,
    starts: _Points,
    slots: NDArray[np.int64],
    ascii_: NDArray[np.void],
    pages: NDArray[np.uint8],
    rows: NDArray[np.uint8],
    classes: NDArray[np.void],
    text: _Text,
    token: _Points,
    shorter: _Points,
    rich: int,
    max_tokens: int,
    ids: _Points,
    bounds: NDArray[np.int64],
) -> None:
    """Write the ids of N texts, and their offsets.

    Args:
        data: uint8, UTF-8.
        offsets: int64 (N + 1,), of `data`.
        points: As in `_Words`, and so `starts` and `slots`.
        starts: Same.
        slots: Same.
        ascii_: As in `emoconv.text.tables.CharacterTables`, and so the next three.
        pages: Same.
        rows: Same.
        classes: Same.
        text: (bytes of the longest text + 2,), scratch.
        token: int32 (same + 9 at least,), scratch.
        shorter: Same, scratch.
        rich: 1 for the rich tokeniser, 0 for the plain one.
        max_tokens: Keep the first of each text only.
        ids: int32 (bytes of all texts,): no fewer than ids. The result.
        bounds: int64 (N + 1,), the result: the offsets of each text's ids.
    """
    words = _Words(points, starts, slots, CharacterTables(ascii_, pages, rows, classes))
    scratch = _Scratch(token, shorter)
    text[0] = words.characters.ascii[_SPACE]
    bounds[0] = count = _NONE
    for n in range(len(offsets) - 1):
        end = _decode(data, offsets[n], offsets[n + 1], words.characters, text)
        stop = count + min(max_tokens, end)
        if rich:
            count = _encode_rich(text, end, words, scratch, ids, count, stop)
        else:
            count = _encode_plain(text, end, words, token, ids, count, stop)
        bounds[n + 1] = count
