"""The examples of the tokeniser's specification are what the tokeniser does."""

import re
from pathlib import Path

import pytest

from emoconv.text import SPECIALS, Vocabulary, tokenize_plain, tokenize_rich

PAGE = (Path(__file__).parents[2] / "docs/reference/tokenizer.md").read_text(encoding="utf-8")


def examples(start, end):
    """The rows of two code spans between two headings, ``\\u200d`` and the like decoded."""
    part = PAGE[PAGE.index(f"\n{start}\n") : PAGE.index(f"\n{end}\n")]
    rows = re.findall(r"^\| `(.*)` \| `(.*)` \|$", part, flags=re.MULTILINE)
    assert rows
    return [tuple(re.sub(r"\\u(\w{4})", lambda m: chr(int(m[1], 16)), c) for c in r) for r in rows]


@pytest.mark.parametrize(("text", "tokens"), examples("### Examples", "## Plain"), ids=ascii)
def test_rich_examples_hold(text, tokens):
    assert tokens == " ".join(token.text for token in tokenize_rich(text))


@pytest.mark.parametrize(
    ("text", "tokens"), examples("## Plain", "## Vocabulary and ids"), ids=ascii
)
def test_plain_examples_hold(text, tokens):
    assert tokens == " ".join(token.text for token in tokenize_plain(text))


@pytest.mark.parametrize(
    ("token", "expected"),
    examples("### Tokens that the vocabulary lacks", "### The length limit"),
    ids=ascii,
)
def test_examples_of_stand_ins_hold(token, expected):
    words = re.search(r"With the vocabulary `(.*)` after the specials", PAGE)
    vocabulary = Vocabulary([*SPECIALS, *words[1].split()])

    assert expected == vocabulary.tokens[vocabulary.id_of(token)]


def test_the_specials_are_those_of_the_page():
    rows = re.findall(r"^\| (\d) \| `(.*?)` \|", PAGE, flags=re.MULTILINE)

    assert list(enumerate(SPECIALS)) == [(int(number), token) for number, token in rows]


def test_every_rule_of_the_code_is_on_the_page_in_its_place():
    from emoconv.text.tokenizer import _pattern  # noqa: PLC0415 - only this test looks inside

    rules = [name for name in _pattern().groupindex if not name.startswith("_")]

    assert list(enumerate(rules, start=1)) == [
        (int(number), name)
        for number, name in re.findall(r"^\| (\d+) \| (\w+) \| ", PAGE, flags=re.MULTILINE)
    ]
