"""Write ``src/emoconv/page/static/engine/letters.js``: what sentences ask of letters in a browser.

`emoconv.text.sentences` asks Python's strings, which follow the Unicode version of the running
Python. A browser has another, so what its engine asks is frozen here from the Unicode Character
Database 14.0.0 (Python 3.11's `unicodedata`), the version of ``characters.json``.

Run:  python dev/make_page_letters.py
"""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1] / "src/emoconv"
TARGET = ROOT / "page/static/engine/letters.js"
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
LINE = 92

HEAD = """\
/**
 * What sentences ask of a character, frozen from Unicode 14.0.0 as `characters.json` is.
 *
 * Written by dev/make_page_letters.py. Each list has runs of code points, numbers in base 36: from
 * the end of the run before to the first, how many there are if more than one, and "/" where it is
 * every other one.
 */
"""
LISTS = {
    "UPPER": ("Those of which `str.isupper` is true.", str.isupper),
    "LOWER": ("Those of which `str.islower` is true.", str.islower),
    "NUMERALS": (
        "Those of which `str.isalnum` is true besides letters and digits of `characters.json`.",
        None,
    ),
}
TAIL = """
const read = (list) => {
  const found = new Set();
  let code = 0;
  for (const run of list.split(" ")) {
    const [gap, count = "1"] = run.split(/[+/]/);
    code += parseInt(gap, 36);
    for (let i = 1; i < parseInt(count, 36); i++) {
      found.add(code);
      code += run.includes("/") ? 2 : 1;
    }
    found.add(code);
  }
  return found;
};

/** @type {Set<number>} Capital letters. */
export const upper = read(UPPER);
/** @type {Set<number>} Small letters. */
export const lower = read(LOWER);
/** @type {Set<number>} What counts as part of a word and is neither a letter nor a digit there. */
export const numerals = read(NUMERALS);
"""


def base36(number: int) -> str:
    digits = ""
    while number or not digits:
        number, last = divmod(number, 36)
        digits = DIGITS[last] + digits
    return digits


def runs(belongs: Callable[[int], bool]) -> list[str]:
    """Return the code points that belong, as the file's head describes."""
    found: list[list[int]] = []  # first, last, step
    for code in filter(belongs, range(0x110000)):
        if found:
            first, last, step = found[-1]
            gap = code - last
            if gap in (1, 2) and (first == last or gap == step):
                found[-1][1:] = [code, gap]
                continue
        found.append([code, code, 1])
    written = []
    end = 0
    for first, last, step in found:
        count = (last - first) // step + 1
        more = ("/" if step > 1 else "+") + base36(count) if count > 1 else ""
        written.append(base36(first - end) + more)
        end = last
    return written


def constant(name: str, doc: str, items: list[str]) -> str:
    lines = [""]
    for item in items:
        if len(lines[-1]) + len(item) + 1 > LINE:
            lines.append("")
        lines[-1] += (" " if lines[-1] or len(lines) > 1 else "") + item
    text = " +\n".join(f'  "{line}"' for line in lines)
    return f"\n/** {doc} */\nconst {name} =\n{text};\n"


def numerals() -> Callable[[int], bool]:
    table = json.loads((ROOT / "text/characters.json").read_bytes())
    told = {
        code
        for name in ("letter", "digit")
        for first, last in table[name]
        for code in range(first, last + 1)
    }
    return lambda code: chr(code).isalnum() and code not in told


def main() -> None:
    if unicodedata.unidata_version != "14.0.0":
        raise SystemExit(f"this Python knows Unicode {unicodedata.unidata_version}, not 14.0.0")
    parts = [HEAD]
    for name, (doc, method) in LISTS.items():
        belongs = numerals() if method is None else lambda code, method=method: method(chr(code))
        parts.append(constant(name, doc, runs(belongs)))
    TARGET.write_text("".join(parts) + TAIL)
    print(f"{TARGET.stat().st_size:,} bytes in {TARGET}")


if __name__ == "__main__":
    main()
