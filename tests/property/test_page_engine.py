"""The page's engine and Python's code say the same of any text and any number."""

# ruff: noqa: RUF001 - sentences end in characters of all scripts

import base64
import hashlib
import math
import re
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emoconv.columns import to_strings
from emoconv.text import get_tokenizer, sentences
from emoconv.text.characters import _table, fold, lower
from emoconv.text.sentences import _BEFORE_A_NAME, _BEFORE_A_NUMBER, _MAYBE_LAST
from page_engine import PageEngine, as_json, needs_node
from strategies import _FRAGMENTS, texts

pytestmark = needs_node

SENTENCE_PIECES = (
    *("Dr.", "vs.", "etc.", "no.", "No. 5", "e.g.", "U.S.", "J.", "I.", "1.", "٣.", "p.m."),
    *(".", "..", "...", "…", "!", "?!", "‽", "。", "！", "？", "｡", ".)", '."', "?”", "!)", "」"),
    *("well", "Well", "I", "I'm", "Ｉ", "ǅ", "ª", "İ.İ.", "σΣ.", "ß", "𝐀", "ⓐ", "²", "Ⅳ", "_"),
    *(":)", ":'D", "xD", "<3", "</33", "=p", "😀", "(", "“", "-", "•", "「", "ー", "नि"),
    *(" ", "  ", "\n", "\r\n", "\t", "\x1c", "\x85", "\u2028", "\u00a0", "\ufeff", "\u200b"),
    *("\ud800", "\udfff"),
)

SLOW = (
    "(-",
    "[[-",
    ":-",
    "'s'x",
    "[AAAAAAAAAAAAAAAAAAAAA",
    "http://((",
    "u/a-",
    "¯\\_",
    "0_",
    "1,",
)
"""Units of long texts that a rule begins to read and then gives up."""


@pytest.fixture(scope="module")
def engine():
    with PageEngine() as running:
        yield running


def documents():
    """Texts with what ends a sentence and what does not."""
    pieces = st.lists(st.sampled_from(SENTENCE_PIECES) | st.characters(), max_size=25)
    return (pieces.map("".join) | pieces.map(" ".join) | texts()).map(as_json)


def is_of_that_unicode(text):
    """Python has the Unicode of its version; the engine has that of 3.11."""
    return unicodedata.unidata_version == "14.0.0" or all(
        unicodedata.ucd_3_2_0.category(character) != "Cn" for character in text
    )


@pytest.mark.parametrize("tokenizer", ["rich", "plain"])
@given(st.lists(texts().map(as_json), max_size=20))
def test_tokens_are_the_same(engine, tokenizer, some):
    tokenize = get_tokenizer(tokenizer)
    expected = [[list(token) for token in tokenize(text)] for text in to_strings(some)]
    assert expected == engine.ask("tokens", rich=tokenizer == "rich", texts=some)


def test_the_examples_of_the_specification_have_the_same_tokens(engine):
    page = (Path(__file__).parents[2] / "docs/reference/tokenizer.md").read_text(encoding="utf-8")
    spans = re.findall(r"`([^`\n]+)`", page)
    some = [re.sub(r"\\u(\w{4})", lambda m: chr(int(m[1], 16)), span) for span in spans]
    some = [*some, "see https://a.b/c.", "HTTPS://A.B 😂"]
    expected = [[list(token) for token in get_tokenizer("rich")(text)] for text in some]
    assert 100 < len(some)
    assert expected == engine.ask("tokens", rich=True, texts=some)


@given(st.lists(documents().filter(is_of_that_unicode), max_size=20))
def test_sentences_are_the_same(engine, some):
    expected = [[list(span) for span in sentences(text)] for text in some]
    assert expected == engine.ask("sentences", texts=some)


def test_each_character_has_the_same_class_and_lower_case(engine):
    every = "".join(map(chr, range(0x110000)))
    found = {
        name: np.frombuffer(base64.b64decode(data), dtype=np.int32).tolist()
        for name, data in engine.ask("characters").items()
    }
    expected = {"folded": list(map(ord, fold(every))), "lowered": list(map(ord, lower(every)))}
    assert expected == found


def test_each_abbreviation_is_known(engine):
    known = _BEFORE_A_NAME | _MAYBE_LAST | _BEFORE_A_NUMBER | {"so", "x", "I", "X", "a.b"}
    some = [
        f"It is {word}. {after} {word.upper()}. {after}"
        for word in sorted(known)
        for after in ("so", "So", "5", "I am", "If")
    ]
    some += [text.replace(". ", stops) for text in some for stops in ("... ", "… ", '." ')]
    expected = [[list(span) for span in sentences(text)] for text in some]
    assert expected == engine.ask("sentences", texts=some)


@pytest.mark.parametrize("end", ["1a", ":a", "é"])
def test_a_long_text_takes_time_in_proportion(engine, end):
    taken = {
        unit: engine.ask("seconds", unit=unit, count=100_000 // len(unit), end=end)
        for unit in (*_FRAGMENTS, *SLOW, *SENTENCE_PIECES)
    }
    assert {} == {unit: seconds for unit, seconds in taken.items() if seconds > 5}


@pytest.mark.skipif(
    unicodedata.unidata_version != "14.0.0",
    reason="the engine's letters are those of Unicode 14.0.0, this Python's are not",
)
def test_letters_are_those_of_python(engine):
    def codes(belongs):
        return [code for code in range(0x110000) if belongs(chr(code))]

    told = {
        code
        for name in ("letter", "digit")
        for first, last in _table()[name]
        for code in range(first, last + 1)
    }
    expected = {
        "upper": codes(str.isupper),
        "lower": codes(str.islower),
        "numerals": [code for code in codes(str.isalnum) if code not in told],
    }
    assert expected == engine.ask("letters")


@given(st.lists(st.floats(-1e6, 1e6) | st.floats(0, 1, width=32) | st.fractions(
    -4, 4, max_denominator=256
).map(float)), st.integers(0, 6))  # fmt: skip
def test_numbers_are_rounded_alike(engine, numbers, digits):
    expected = [round(number, digits) for number in numbers]
    assert expected == engine.ask("round", numbers=numbers, digits=digits)


def test_halves_way_numbers_are_rounded_to_even(engine):
    numbers = [sign * odd / 32 for odd in range(1, 64, 2) for sign in (1, -1)]
    assert [round(n, 4) for n in numbers] == engine.ask("round", numbers=numbers, digits=4)


def test_all_halves_are_read(engine):
    halves = np.arange(2**16, dtype=np.uint16)
    data = engine.ask("fromHalves", data=base64.b64encode(halves.tobytes()).decode())
    found = np.frombuffer(base64.b64decode(data), dtype=np.float32)
    np.testing.assert_array_equal(halves.view(np.float16).astype(np.float32), found)


def to_halves(engine, numbers):
    data = engine.ask("toHalves", data=base64.b64encode(numbers.tobytes()).decode())
    return np.frombuffer(base64.b64decode(data), dtype=np.float16)


@given(st.lists(st.floats(width=32, allow_nan=False)))
def test_numbers_become_the_nearest_halves(engine, numbers):
    array = np.array(numbers, dtype=np.float32)
    with np.errstate(over="ignore"):
        expected = array.astype(np.float16)
    assert expected.tobytes() == to_halves(engine, array).tobytes()


def test_numbers_between_two_halves_become_the_even_one(engine):
    halves = np.arange(0x7BFF, dtype=np.uint16).view(np.float16).astype(np.float32)
    above = np.nextafter(halves, np.float32(math.inf))
    between = (halves + np.append(halves[1:], np.float32(65504))) / 2
    array = np.concatenate([halves, above, between, -between, np.nextafter(between, np.float32(0))])
    assert array.astype(np.float16).tobytes() == to_halves(engine, array).tobytes()


@given(st.lists(st.binary(max_size=200), max_size=5))
def test_hashes_are_sha256(engine, pieces):
    encoded = [base64.b64encode(piece).decode() for piece in pieces]
    expected = hashlib.sha256(b"".join(pieces)).hexdigest()
    assert expected == engine.ask("sha256", pieces=encoded)
