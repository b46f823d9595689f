import json

import numpy as np
import pytest

from emoconv.embeddings import (
    Coverage,
    Vectors,
    all_spellings,
    combine,
    embedding_matrix,
    spellings,
)
from emoconv.errors import DataError


def vectors_of(**rows):
    return Vectors(tuple(rows), np.array(list(rows.values()), dtype=np.float32))


def embed(words, vectors, counts=None, seed=0, **kwargs):
    counts = np.ones(len(words), dtype=np.int64) if counts is None else np.array(counts)
    return embedding_matrix(
        words, vectors, counts=counts, rng=np.random.default_rng(seed), **kwargs
    )


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("glad", ("glad", "Glad", "GLAD")),
        ("Glad", ("Glad", "glad", "GLAD")),
        ("sooo", ("sooo", "Sooo", "SOOO", "soo", "so")),
        ("heyyyaaa", ("heyyyaaa", "Heyyyaaa", "HEYYYAAA", "heyyaa", "heya")),
        ("1000", ("1000",)),
        ("!!!", ("!!!", "!!", "!")),
        ("?!", ("?!",)),
        ("n't", ("n't", "N't", "N'T", "not")),
        ("n\u2019t", ("n\u2019t", "n't", "N't", "N'T", "not")),
        ("'s", ("'s", "'S", "is")),
        ("❤", ("❤",)),
        ("❤️", ("❤️", "❤")),
        ("🤷\u200d♀", ("🤷\u200d♀", "🤷")),
        ("👍🏽", ("👍🏽", "👍")),
        ("🏽", ("🏽",)),
        ("[name]", ("[name]", "[NAME]")),
        ("<caps>", ("<caps>", "<CAPS>")),
    ],
)
def test_spellings_come_in_the_documented_order(word, expected):
    assert expected == spellings(word)


def test_all_spellings_are_those_of_every_word():
    assert {"so", "So", "SO", "!!!", "!!", "!"} == all_spellings(["so", "!!!"])


def test_a_word_found_gets_its_vector_and_padding_gets_zeros():
    vectors = vectors_of(glad=[1, 2], the=[3, 4], **{"<pad>": [5, 6]})
    matrix, _ = embed(["<pad>", "the", "glad"], vectors)
    assert [[0, 0], [3, 4], [1, 2]] == matrix.tolist()
    assert np.float32 == matrix.dtype


@pytest.mark.parametrize(
    ("word", "in_file"),
    [
        ("i", "I"),
        ("paris", "Paris"),
        ("nasa", "NASA"),
        ("sooo", "so"),
        ("n't", "not"),
        ("don\u2019t", "don't"),
        ("❤", "❤️"),
        ("❤", "❤︎"),
        ("👩\u200d❤\u200d👩", "👩\u200d❤️\u200d👩"),
        ("🤷\u200d♀", "🤷"),
    ],
)
def test_a_word_is_found_by_another_spelling(word, in_file):
    matrix, coverage = embed(["<pad>", word], vectors_of(**{"x": [9, 9], in_file: [1, 2]}))
    assert [1, 2] == matrix[1].tolist()
    assert 1 == coverage.types_covered


def test_the_nearer_spelling_wins():
    vectors = vectors_of(**{"so": [1], "soo": [2], "❤️": [3], "❤": [4]})
    assert [[0], [2], [4]] == embed(["<pad>", "sooo", "❤"], vectors)[0].tolist()


def test_the_spellings_to_try_can_be_given():
    vectors = vectors_of(glad=[1], sad=[2])
    assert [[0], [2]] == embed(["<pad>", "glad"], vectors, candidates=lambda _: ["sad"])[0].tolist()


def test_missing_words_are_drawn_with_the_spread_of_the_found_ones():
    rng = np.random.default_rng(3)
    known = rng.normal(0.1, 0.3, (500, 100)).astype(np.float32)
    words = [f"w{i}" for i in range(500)]
    unknown = [f"x{i}" for i in range(500)]
    matrix, _ = embed(["<pad>", *unknown, *words], Vectors(tuple(words), known))
    drawn, spread = matrix[1:501], float(known.std())
    assert spread == pytest.approx(float(drawn.std()), rel=0.01)
    assert 0 == pytest.approx(float(drawn.mean()), abs=0.01)
    assert np.sqrt(3) * spread >= float(np.abs(drawn).max())
    np.testing.assert_array_equal(known, matrix[501:])


def test_one_seed_draws_one_matrix():
    words, vectors = ["<pad>", "glad", "x", "y"], vectors_of(glad=[1, 2, 3])
    first, again, other = (embed(words, vectors, seed=s)[0] for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("words", [[], ["<pad>"], ["<pad>", "chat", "chien"]])
def test_a_vocabulary_that_shares_no_word_is_refused(words):
    with pytest.raises(DataError) as caught:
        embed(words, vectors_of(the=[1, 2], dog=[3, 4]))
    assert (
        f"none of the {len(words)} words of the vocabulary is among the 2 word vectors:"
        " are they of another language, or was another set of words read?"
    ) == str(caught.value)


def test_counts_of_another_length_are_refused():
    with pytest.raises(DataError) as caught:
        embed(["<pad>", "the"], vectors_of(the=[1]), counts=[0, 1, 2])
    assert "expected counts of shape (2,), got (3,)" == str(caught.value)


def test_coverage_counts_types_and_tokens_without_the_padding():
    words = ["<pad>", "<unk>", "the", "glad", "zyx", "qqq"]
    _, coverage = embed(words, vectors_of(the=[1], glad=[2]), counts=[50, 7, 1000, 90, 7, 9])
    assert (
        Coverage(
            types=5,
            types_covered=2,
            tokens=1113,
            tokens_covered=1090,
            missing=(("qqq", 9), ("<unk>", 7), ("zyx", 7)),
        )
        == coverage
    )
    assert "vectors cover 40.0 % of 5 words and 97.9 % of 1,113 tokens" == coverage.summary()


def test_coverage_keeps_the_twenty_most_frequent_missing_words():
    words = ["<pad>", "the", *(f"x{i}" for i in range(30))]
    _, coverage = embed(words, vectors_of(the=[1]), counts=[0, 5, *range(30)])
    assert tuple((f"x{i}", i) for i in range(29, 9, -1)) == coverage.missing


def test_coverage_goes_through_json():
    _, coverage = embed(["<pad>", "the", "zyx"], vectors_of(the=[1]), counts=[0, 2, 1])
    assert {
        "types": 2,
        "types_covered": 1,
        "tokens": 3,
        "tokens_covered": 2,
        "missing": [["zyx", 1]],
    } == json.loads(json.dumps(coverage.to_dict()))


def test_coverage_of_no_tokens_is_nothing():
    _, coverage = embed(["<pad>", "the"], vectors_of(the=[1]), counts=[0, 0])
    assert "vectors cover 100.0 % of 1 words and 0.0 % of 0 tokens" == coverage.summary()


def test_later_vectors_fill_what_earlier_ones_lack():
    first, second = vectors_of(a=[1], b=[2]), vectors_of(b=[3], c=[4])
    joined = combine([first, second, vectors_of(c=[5], d=[6])])
    assert (("a", "b", "c", "d"), [[1], [2], [4], [6]]) == (joined.words, joined.matrix.tolist())


def test_an_emoji_with_a_selector_is_the_emoji_without():
    joined = combine([vectors_of(**{"❤": [1], "❗": [2], "❗️": [3]}), vectors_of(**{"❤️": [4]})])
    assert (("❤", "❗", "❗️"), [[1], [2], [3]]) == (joined.words, joined.matrix.tolist())


def test_one_set_of_vectors_is_not_copied():
    vectors = vectors_of(a=[1], b=[2])
    assert vectors.matrix is combine([vectors]).matrix


def test_vectors_of_two_widths_cannot_be_combined():
    with pytest.raises(DataError) as caught:
        combine([vectors_of(a=[1, 2]), vectors_of(b=[1, 2]), vectors_of(c=[1, 2, 3])])
    assert (
        "word vectors 3 of 3 are 3 numbers wide and the first are 2:"
        " only vectors of one width can be combined"
    ) == str(caught.value)


def test_no_vectors_cannot_be_combined():
    with pytest.raises(DataError) as caught:
        combine([])
    assert "expected at least one set of word vectors, got none" == str(caught.value)


@pytest.mark.parametrize("shape", [(3, 2), (2,)])
def test_vectors_need_one_row_for_each_word(shape):
    with pytest.raises(DataError) as caught:
        Vectors(("a", "b"), np.zeros(shape, dtype=np.float32))
    assert f"expected a matrix of 2 rows, got shape {shape}" == str(caught.value)
