"""The frozen classes and their folding."""

# ruff: noqa: RUF001 - the tokeniser is there for such characters

import hashlib
import json
import unicodedata
from importlib import resources
from itertools import pairwise

import pytest

from emoconv.text.characters import DIGIT, EMOJI, LETTER, MARK, fold, lower

TABLE = json.loads((resources.files("emoconv.text") / "characters.json").read_bytes())
CLASSES = ("letter", "mark", "digit", "emoji", "symbol")


def test_the_table_never_changes():
    content = (resources.files("emoconv.text") / "characters.json").read_bytes()

    assert (
        "a1317111a23382b4d11878668d24f0aafd5f0c896ed76137b785838334830c9d"
        == hashlib.sha256(content).hexdigest()
    )


def test_no_character_is_of_two_classes():
    ranges = sorted(tuple(r) for name in CLASSES for r in TABLE[name])

    assert all(a[1] < b[0] for a, b in pairwise(ranges))


def test_every_sign_is_of_the_class_that_it_stands_for():
    assert (LETTER, MARK, DIGIT, EMOJI) == tuple(map(fold, (LETTER, MARK, DIGIT, EMOJI)))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("aZ09", "aZ09"),
        ("éß日ツ", f"{LETTER}{LETTER}{LETTER}ツ"),
        ("'`´ʼ‘’‛′＇", "'" * 9),
        ("！？", "!?"),
        ("٣\u0301😂©", DIGIT + MARK + EMOJI + EMOJI),
        ("½Ⅳ“🏽🇬", "½Ⅳ“🏽🇬"),
        ("\u200d\ufe0e\ufe0f\u20e3\U000e0067", "\u200d\ufe0e\ufe0f\u20e3\U000e0067"),
        ("\x00\t\n\x7f\xa0\u00ad\u200c\u2028\ufe00\ue000\ud800\U000e0100\U0010ffff", " " * 13),
    ],
)  # fmt: skip
def test_each_character_folds_to_what_stands_for_its_class(text, folded):
    assert folded == fold(text)


def test_every_symbol_stands_for_itself_unless_an_apostrophe_or_full_width():
    symbols = "".join(chr(c) for first, last in TABLE["symbol"] for c in range(first, last + 1))
    changed = [c for c, folded in zip(symbols, fold(symbols), strict=True) if c != folded]

    assert sorted("`´‘’‛′＇ʼ！？") == sorted(changed)


def test_lower_case_leaves_every_offset():
    assert "iσas̶İ" == lower("IΣAS̶İ")


@pytest.mark.skipif(unicodedata.unidata_version != "14.0.0", reason="the table's Unicode version")
def test_lower_case_is_pythons_where_that_is_one_character():
    every = [chr(code) for code in range(0x110000)]

    assert [c.lower() if len(c.lower()) == 1 else c for c in every] == list(lower("".join(every)))
