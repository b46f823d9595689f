"""Vocabularies: their order, their specials, what stands in for a missing token."""

from collections import Counter

import pytest

from emoconv.errors import ConfigError
from emoconv.text import SPECIALS, Vocabulary, count_tokens


def test_the_specials_never_change():
    assert (
        "<pad>", "<unk>", "<number>", "<emoji>", "<url>", "<user>", "<subreddit>", "<caps>",
        "<long>",
    ) == SPECIALS  # fmt: skip


def test_words_follow_the_specials_by_count_then_code_points():
    vocabulary = Vocabulary.build(Counter({"b": 2, "a": 2, "é": 2, "z": 3}))

    assert (*SPECIALS, "z", "a", "b", "é") == vocabulary.tokens


def test_rare_words_and_words_past_the_limit_are_left_out():
    counts = Counter({"a": 3, "b": 2, "c": 2, "d": 1})

    assert (*SPECIALS, "a", "b", "c") == Vocabulary.build(counts, min_count=2).tokens
    assert (*SPECIALS, "a", "b") == Vocabulary.build(counts, max_words=2).tokens


def test_specials_that_were_counted_are_not_there_twice():
    assert SPECIALS == Vocabulary.build(Counter({"<caps>": 5, "<long>": 1})).tokens


def test_a_vocabulary_without_its_specials_is_refused():
    with pytest.raises(ConfigError, match=r"^a vocabulary starts with <pad>, <unk>, <number>, "):
        Vocabulary(["a", "b"])


def test_a_token_given_twice_is_named():
    with pytest.raises(ConfigError, match=r"^token 'b' is in the vocabulary twice$"):
        Vocabulary([*SPECIALS, "a", "b", "b"])


def test_a_vocabulary_knows_its_size_and_its_tokens():
    vocabulary = Vocabulary([*SPECIALS, "a"])

    assert (len(SPECIALS) + 1, True, False) == (
        len(vocabulary),
        "a" in vocabulary,
        "b" in vocabulary,
    )


def stand_in(token, *words):
    vocabulary = Vocabulary([*SPECIALS, *words])
    return vocabulary.tokens[vocabulary.id_of(token)]


@pytest.mark.parametrize(
    ("token", "words", "expected"),
    [
        ("so", ["so"], "so"),
        ("sooo", ["so", "soo"], "soo"),
        ("sooo", ["so"], "so"),
        ("!!!", ["!"], "!"),
        ("soooooo", ["so"], "so"),
        ("zzz", [], "<unk>"),
        ("so", ["sooo"], "<unk>"),
        ("1000", ["100", "10"], "<number>"),
        ("10:30", [], "<number>"),
        ("٣٤", [], "<number>"),
        ("3rd", [], "<unk>"),
        ("👩\u200d🚀", ["👩"], "👩"),
        ("👩\u200d🚀", ["🚀"], "<emoji>"),
        ("🇬🇧", [], "<emoji>"),
        ("…", [], "<unk>"),
        ("", [], "<unk>"),
    ],
)
def test_the_best_known_stand_in_takes_the_place_of_a_missing_token(token, words, expected):
    assert expected == stand_in(token, *words)


def test_tokens_are_counted_over_all_documents():
    assert Counter({"a": 3, "b": 1}) == count_tokens([["a", "b"], [], ["a", "a"]])
