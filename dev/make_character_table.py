"""Write ``src/emoconv/text/characters.json``: the character classes of the tokeniser.

The tokeniser must give the same ids for ever, whatever Unicode version the running Python knows,
so its classes are frozen here from the Unicode Character Database 14.0.0 (Python 3.11's
`unicodedata`), and from the property Extended_Pictographic of the `regex` library, which is
read over characters assigned in Unicode 14.

Run:  python dev/make_character_table.py
"""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from collections.abc import Callable

TARGET = Path(__file__).parents[1] / "src/emoconv/text/characters.json"
VARIATION_SELECTORS_AND_KEYCAP = {*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0), 0x20E3}
APOSTROPHES = {0x27, 0x60, 0xB4, 0x2018, 0x2019, 0x201B, 0x2BC, 0x2032, 0xFF07}


def ranges(belongs: Callable[[int], bool]) -> list[list[int]]:
    """Return the code points that belong, as inclusive [first, last] pairs."""
    found: list[list[int]] = []
    for code in range(0x110000):
        if belongs(code):
            if found and found[-1][1] == code - 1:
                found[-1][1] = code
            else:
                found.append([code, code])
    return found


def category(code: int) -> str:
    return unicodedata.category(chr(code))


pictographic = regex.compile(r"\p{Extended_Pictographic}")


def is_emoji(code: int) -> bool:
    assigned = category(code) not in ("Cn", "Cs")
    return assigned and code > 0x7F and pictographic.match(chr(code)) is not None  # noqa: PLR2004 - end of ASCII


def is_letter(code: int) -> bool:
    return category(code)[0] == "L" and code not in APOSTROPHES and not is_emoji(code)


def is_mark(code: int) -> bool:
    return category(code)[0] == "M" and code not in VARIATION_SELECTORS_AND_KEYCAP


def is_symbol(code: int) -> bool:
    listed = category(code)[0] in "PS" or category(code) in ("Nl", "No")
    return (listed or code in APOSTROPHES) and not is_emoji(code)


def lower_case() -> list[list[int]]:
    """Return the simple lower-case mapping as [first, last, step, shift] runs."""
    runs: list[list[int]] = []
    for code in range(0x110000):
        lower = chr(code).lower()
        if lower == chr(code) or len(lower) != 1:
            continue
        shift = ord(lower) - code
        if runs and runs[-1][3] == shift:
            first, last, step, _ = runs[-1]
            gap = code - last
            if gap in (1, 2) and (first == last or gap == step):
                runs[-1][1:3] = [code, gap]
                continue
        runs.append([code, code, 1, shift])
    return runs


if unicodedata.unidata_version != "14.0.0":
    raise SystemExit(f"this Python knows Unicode {unicodedata.unidata_version}, not 14.0.0")
table = {
    "unicode": unicodedata.unidata_version,
    "letter": ranges(is_letter),
    "mark": ranges(is_mark),
    "digit": ranges(lambda code: category(code) == "Nd"),
    "emoji": ranges(is_emoji),
    "symbol": ranges(is_symbol),
    "lower": lower_case(),
}
TARGET.write_text(json.dumps(table, separators=(",", ":")) + "\n")
print({key: len(value) for key, value in table.items()}, TARGET.stat().st_size, "bytes")
