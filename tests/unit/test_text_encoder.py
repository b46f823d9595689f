"""Texts to ids."""

import numpy as np
import pytest

from emoconv.errors import ConfigError
from emoconv.text import SPECIALS, Encoder, Vocabulary

VOCABULARY = Vocabulary([*SPECIALS, "so", "happy"])
UNKNOWN, LONG, SO, HAPPY = 1, 8, 9, 10


def test_rich_puts_a_stand_in_for_unknown_words():
    ids, tokens = Encoder(VOCABULARY, tokenizer="rich").encode("Sooo very happy")

    assert [SO, LONG, UNKNOWN, HAPPY] == ids
    assert ["sooo", "<long>", "very", "happy"] == [t.text for t in tokens]


def test_plain_leaves_unknown_words_out():
    ids, tokens = Encoder(VOCABULARY, tokenizer="plain").encode("Sooo very happy, so!")

    assert [HAPPY, SO] == ids
    assert [(10, 15), (17, 19)] == [(t.start, t.end) for t in tokens]


def test_the_limit_keeps_the_first_tokens():
    assert [SO, LONG] == Encoder(VOCABULARY, tokenizer="rich", max_tokens=2).encode("sooo happy")[0]


def test_the_limit_counts_known_words_only_in_plain_mode():
    encoder = Encoder(VOCABULARY, tokenizer="plain", max_tokens=2)

    assert [SO, HAPPY] == encoder.encode("what a so very happy so")[0]


def test_a_batch_lies_end_to_end_with_its_offsets():
    encoded = Encoder(VOCABULARY, tokenizer="rich").encode_batch(["so happy", "", "happy"])

    assert [SO, HAPPY, HAPPY] == encoded.ids.tolist()
    assert [0, 2, 2, 3] == encoded.offsets.tolist()
    assert (np.int32, np.int64) == (encoded.ids.dtype, encoded.offsets.dtype)


def test_no_texts_give_one_offset():
    encoded = Encoder(VOCABULARY, tokenizer="rich").encode_batch([])

    assert ([], [0]) == (encoded.ids.tolist(), encoded.offsets.tolist())
    assert np.int32 == encoded.ids.dtype


def test_an_unknown_tokenizer_is_refused():
    with pytest.raises(ConfigError, match="no tokenizer 'fast'"):
        Encoder(VOCABULARY, tokenizer="fast")
