import gzip
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from emoconv.embeddings import Vectors, combine, embedding_matrix, read_vectors, spellings
from emoconv.embeddings.spelling import without_selectors

FORMATS = ("glove", "word2vec", "word2vec-binary")

words = st.text(
    st.characters(codec="utf-8", exclude_characters=" \n\r\0") | st.sampled_from("❤\ufe0f\u00a0"),
    min_size=1,
    max_size=8,
)


@st.composite
def vector_sets(draw, min_width=1):
    floats = st.floats(width=32, allow_nan=False, allow_infinity=False)
    shape = array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=6)
    if min_width > 1:
        shape = st.tuples(st.integers(1, 6), st.integers(min_width, min_width + 8))
    matrix = draw(arrays(np.float32, shape, elements=floats))
    n = len(matrix)
    return Vectors(tuple(draw(st.lists(words, min_size=n, max_size=n, unique=True))), matrix)


def encode(vectors, layout, *, row_end=b"\n"):
    header = b"" if layout == "glove" else b"%d %d\n" % vectors.matrix.shape
    rows = []
    for word, row in zip(vectors.words, vectors.matrix, strict=True):
        as_text = " ".join(f"{x:.9g}" for x in row.tolist()).encode()
        numbers = row.astype("<f4").tobytes() if layout == "word2vec-binary" else as_text
        rows.append(word.encode() + b" " + numbers + row_end)
    return header + b"".join(rows)


def write(path, content, packing):
    if packing == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("vectors.txt", content)
    else:
        path.write_bytes(gzip.compress(content) if packing == "gzip" else content)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("vectors") / "vectors"


def assert_same(expected, actual):
    assert expected.words == actual.words
    np.testing.assert_array_equal(expected.matrix, actual.matrix)


@pytest.mark.parametrize("layout", FORMATS)
@settings(deadline=None)  # it writes and reads a file
@given(vectors=vector_sets(), packing=st.sampled_from(["plain", "gzip", "zip"]), data=st.data())
def test_what_is_written_is_read_back(path, layout, vectors, packing, data):
    ends = (b"", b"\n") if layout == "word2vec-binary" else (b"\n", b" \n", b"\r\n")
    content = encode(vectors, layout, row_end=data.draw(st.sampled_from(ends)))
    write(path, content, packing)
    assert_same(vectors, read_vectors(path, format=layout))


@pytest.mark.parametrize("layout", FORMATS)
@settings(deadline=None)
@given(vectors=vector_sets(min_width=16))
def test_formats_of_some_width_are_told_apart(path, layout, vectors):
    vectors.matrix[0, 0] = 0.1  # as float32 it has bytes that no text of numbers has
    write(path, encode(vectors, layout), "plain")
    assert_same(vectors, read_vectors(path))


@pytest.mark.parametrize("layout", FORMATS)
@settings(deadline=None)
@given(vectors=vector_sets(), data=st.data())
def test_the_wanted_rows_are_a_subset_of_all(path, layout, vectors, data):
    wanted = set(data.draw(st.lists(st.sampled_from(vectors.words)))) | {"absent"}
    write(path, encode(vectors, layout), "plain")
    kept = [w for w in vectors.words if w in wanted or without_selectors(w) in wanted]
    rows = [vectors.words.index(w) for w in kept]
    expected = Vectors(tuple(kept), vectors.matrix[rows])
    assert_same(expected, read_vectors(path, wanted, format=layout))


@given(vectors=vector_sets(), seed=st.integers(0, 99), more=st.lists(words, unique=True))
def test_a_vocabulary_gets_the_vectors_of_its_words(vectors, seed, more):
    extra = [word for word in more if word not in vectors.words]
    vocabulary = ["<pad>", *vectors.words, *extra]
    counts = np.arange(len(vocabulary), dtype=np.int64)
    rng = np.random.default_rng(seed)
    matrix, coverage = embedding_matrix(vocabulary, vectors, counts=counts, rng=rng)
    assert (len(vocabulary), vectors.width) == matrix.shape
    assert not matrix[0].any()
    assert np.isfinite(matrix).all()
    np.testing.assert_array_equal(vectors.matrix, matrix[1 : len(vectors) + 1])
    assert len(vectors) <= coverage.types_covered <= coverage.types == len(vocabulary) - 1
    assert coverage.tokens == counts.sum()


@given(first=vector_sets(), second=vector_sets())
def test_combining_keeps_the_first_and_no_word_twice(first, second):
    width = min(first.width, second.width)
    first, second = (Vectors(v.words, v.matrix[:, :width]) for v in (first, second))
    joined = combine([first, second])
    assert first.words == joined.words[: len(first)]
    assert len(set(joined.words)) == len(joined)
    assert {without_selectors(w) for w in first.words + second.words} == {
        without_selectors(w) for w in joined.words
    }


@given(word=words)
def test_spellings_start_with_the_word_and_repeat_none(word):
    tried = spellings(word)
    assert word == tried[0]
    assert len(set(tried)) == len(tried)
    assert all(tried)
