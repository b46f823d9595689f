"""A corpus counts and encodes as the tokeniser and the encoder do."""

from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from emoconv.text import (
    SPECIALS,
    Corpus,
    Encoder,
    Vocabulary,
    corpus,
    count_tokens,
    get_tokenizer,
)
from strategies import texts

TOKENIZERS = st.sampled_from(["rich", "plain"])


@given(st.data(), TOKENIZERS, st.lists(texts(), max_size=6), st.none() | st.integers(1, 6))
def test_a_corpus_is_encoded_as_the_encoder_does(data, tokenizer, documents, limit):
    tokenize = get_tokenizer(tokenizer)
    words = sorted({t.text for text in documents for t in tokenize(text)} - set(SPECIALS))
    known = data.draw(st.sets(st.sampled_from(words))) if words else ()
    vocabulary = Vocabulary([*SPECIALS, *known])

    encoded = Corpus(documents, tokenizer=tokenizer).encode(vocabulary, max_tokens=limit)

    expected = Encoder(vocabulary, tokenizer=tokenizer, max_tokens=limit).encode_batch(documents)
    np.testing.assert_array_equal(expected.ids, encoded.ids)
    np.testing.assert_array_equal(expected.offsets, encoded.offsets)
    assert (np.int32, np.int64) == (encoded.ids.dtype, encoded.offsets.dtype)


@given(st.data(), TOKENIZERS, st.lists(texts(), max_size=6), st.none() | st.integers(1, 6))
def test_on_disk_it_counts_and_encodes_as_in_memory(data, tokenizer, documents, limit):
    tokenize = get_tokenizer(tokenizer)
    words = sorted({t.text for text in documents for t in tokenize(text)} - set(SPECIALS))
    known = data.draw(st.sets(st.sampled_from(words))) if words else ()
    vocabulary = Vocabulary([*SPECIALS, *known])
    memory = Corpus(documents, tokenizer=tokenizer)
    expected = memory.encode(vocabulary, max_tokens=limit)
    at_once = data.draw(st.integers(1, 3))
    with mock.patch.object(corpus, "_TEXTS_AT_ONCE", at_once), TemporaryDirectory() as folder:
        disk = Corpus(iter(documents), tokenizer=tokenizer, folder=Path(folder) / "corpus")
        encoded = disk.encode(vocabulary, max_tokens=limit)
        np.testing.assert_array_equal(expected.ids, encoded.ids)
        np.testing.assert_array_equal(expected.offsets, encoded.offsets)
        assert (memory.count(), len(memory)) == (disk.count(), len(disk))
        assert (np.int32, np.int64) == (encoded.ids.dtype, encoded.offsets.dtype)


@given(TOKENIZERS, st.lists(texts(), max_size=6))
def test_a_corpus_counts_each_token(tokenizer, documents):
    tokenize = get_tokenizer(tokenizer)
    found = Corpus(documents, tokenizer=tokenizer)
    expected = count_tokens([t.text for t in tokenize(text)] for text in documents)
    assert (expected, len(documents)) == (found.count(), len(found))
