"""Strings that look for trouble: for comparing two implementations on very many texts.

Holds what a tokeniser's rules are made of and draws from it, the same strings for the same seed.
No lone surrogates, so that every string can be UTF-8. Knows nothing of what is compared.
"""

# ruff: noqa: RUF001 - the tokeniser is there for such characters

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["fuzzed"]

_SIGNS = (
    *":;='-^[({\\])}/|*dDpPoOsSxX3<>_@uUrRtT0 .,!?…#¯ツ’`~+%&\"$",
    *("  ", "h", "w", "n", "m", "v", "e", "l", "L", "1", "a", "A"),
)
"""What the rules over single characters are made of."""
_PARTS = (
    *("http://", "HTTPS://", "www.", "wWw.", "://", "u/", "/u/", "r/", "/r/", "@", "[NAME]"),
    *("[RELIGION]", "[A", "¯\\_(ツ)_/¯", "¯\\", "(ツ)", "<3", "</3", "<333", ":)", ":-(", ":'("),
    *("=]", ":D", ";-P", ":3", "(:", "(-;", "^_^", "-_-", ">_<", "o_O", "T_T", "u_u", ";_;", "__"),
    *("1,000", "3.5", "10:30", "1/2", "3rd", "٣", "１", "!!", "!?", "...", "..", "……", "'", "’"),
    *("n't", "'s", "'ve", "'LL", "'d", "N'T", "'", "rock'n'roll", "sooo", "AAA", "lll", "I", "I'M"),
    *(
        "don't",
        "so",
        "SO",
        "good",
        "GOOD",
        "the",
        "you",
        "haha",
        "Ünder",
        "ÄRGER",
        "straße",
        "日本",
    ),
    *("हिन्दी", "دنیا", "ＡＢＣ", "İΣ", "ǅ", "Ⅳ", "Ⓐ", "Ⓜ", "½", "\u0301", "\u0345", "\u212a", "ſ"),
    *(
        "😂",
        "❤\ufe0f",
        "👍🏽",
        "👩🏽\u200d🚀",
        "👨\u200d👩\u200d👧",
        "🏴\U000e0067\U000e007f",
        "☺\ufe0e",
    ),
    *("🏽", "\u200d", "\ufe0f", "\ufe0e", "\u20e3", "1\ufe0f\u20e3", "🇬🇧", "🇫", "\U000e0067"),
    *("\t", "\n", "\r", "\x00", "\x7f", "\u00a0", "\u00ad", "\u2028", "\u3000", "\ufeff", "\ufffe"),
)
"""What the rules over several characters are made of, and what comes between."""


def _character(draw: random.Random) -> str:
    """Draw from all of Unicode, the planes that hold something and short UTF-8 more often."""
    most = draw.choice((0x80, 0x800, 0x3000, 0x10000, 0x20000, 0x110000))
    code = draw.randrange(most)
    return chr(code) if not 0xD800 <= code < 0xE000 else "\ue000"  # noqa: PLR2004 - surrogates


def _string(draw: random.Random) -> str:
    kind, length = draw.randrange(8), draw.randrange(1, 16)
    if kind == 0:
        return "".join(_character(draw) for _ in range(length))
    if kind == 1:  # all kinds together
        parts = draw.choices(_PARTS, k=length) + draw.choices(_SIGNS, k=length)
        parts += [_character(draw) for _ in range(length // 4)]
        draw.shuffle(parts)
        return "".join(parts)
    if kind == 2:  # noqa: PLR2004 - one of few parts many times
        return "".join(draw.choices(draw.choices(_PARTS + _SIGNS, k=3), k=3 * length))
    parts = _SIGNS if kind < 5 else _PARTS  # noqa: PLR2004 - signs twice, parts three times
    return draw.choice(("", "", " ")).join(draw.choices(parts, k=length))


def fuzzed(count: int, *, seed: int = 0) -> Iterator[str]:
    """Yield `count` strings of 0 to about 60 characters."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    for _ in range(count):
        yield _string(draw)
