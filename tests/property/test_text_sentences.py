from hypothesis import given
from hypothesis import strategies as st

from emoconv.text import sentences
from strategies import texts

WORDS = (
    "Mr.",
    "etc.",
    "no.",
    "1.",
    "5",
    "I.",
    "J.",
    "U.S.",
    "so",
    "So",
    "I",
    "...",
    "…",
    "!",
    "?!",
)
MARKS = ("😀", ":)", '"', "(", ")", "”", "“", "。", "「", "」", "**", "-", "<3", "xD")
SPACES = (" ", "\n", "\u2028", "\u00a0", "")

some_texts = texts() | st.lists(
    st.tuples(st.sampled_from(WORDS + MARKS), st.sampled_from(SPACES)).map("".join), max_size=15
).map("".join)


@given(some_texts)
def test_spans_are_in_order_apart_and_hold_all_but_white_space(text):
    last = 0
    for start, end in sentences(text):
        assert last <= start < end <= len(text)
        assert not text[last:start].strip()
        assert text[start:end].strip() == text[start:end]
        last = end
    assert not text[last:].strip()


@given(some_texts)
def test_a_sentence_is_one_sentence(text):
    for start, end in sentences(text):
        assert [(0, end - start)] == sentences(text[start:end])
