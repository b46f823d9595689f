"""The compiled tokeniser does what the reference does, on any text in any Arrow array."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from emoconv.text import SPECIALS, Encoder, Vocabulary, get_tokenizer
from emoconv.text.compiled import CompiledEncoder
from emoconv.text.vocabulary import _stand_ins
from strategies import texts

TOKENIZERS = st.sampled_from(["rich", "plain"])
TYPES = st.sampled_from([pa.string(), pa.large_string()])
LIMITS = st.none() | st.integers(0, 8)


def utf8_texts():
    return texts().map(lambda text: text.encode("utf-8", "ignore").decode())


@st.composite
def vocabularies(draw, tokenizer, known):
    """Some of the texts' tokens and of what may stand in for them."""
    tokens = {token.text for text in known for token in get_tokenizer(tokenizer)(text)}
    tokens |= {stand_in for token in tokens for stand_in in _stand_ins(token)}
    words = sorted(tokens - set(SPECIALS))
    return Vocabulary([*SPECIALS, *(draw(st.sets(st.sampled_from(words))) if words else ())])


def lists(encoded):
    return encoded.ids.tolist(), encoded.offsets.tolist()


@given(st.data(), TOKENIZERS, TYPES, LIMITS, st.lists(utf8_texts(), max_size=8))
def test_the_ids_are_those_of_the_reference(data, tokenizer, dtype, limit, documents):
    vocabulary = data.draw(vocabularies(tokenizer, documents))
    options = {"tokenizer": tokenizer, "max_tokens": limit}

    encoded = CompiledEncoder(vocabulary, **options).encode_arrow(pa.array(documents, dtype))

    assert lists(Encoder(vocabulary, **options).encode_batch(documents)) == lists(encoded)
    assert (np.int32, np.int64) == (encoded.ids.dtype, encoded.offsets.dtype)


@given(st.data(), TOKENIZERS, TYPES, st.lists(st.none() | utf8_texts(), max_size=8))
def test_slices_and_nulls_are_encoded_as_the_texts_they_hold(data, tokenizer, dtype, column):
    start, length = data.draw(st.integers(0, len(column))), data.draw(st.integers(0, 8))
    documents = [text or "" for text in column[start : start + length]]
    vocabulary = data.draw(vocabularies(tokenizer, documents))
    array = pa.array(column, dtype).slice(start, length)

    encoded = CompiledEncoder(vocabulary, tokenizer=tokenizer).encode_arrow(array)

    assert lists(Encoder(vocabulary, tokenizer=tokenizer).encode_batch(documents)) == lists(encoded)


@given(TOKENIZERS, st.binary(max_size=40), st.lists(st.integers(0, 40), max_size=8))
def test_bytes_that_are_no_utf8_do_no_harm(tokenizer, content, cuts):
    places = np.array(sorted(min(cut, len(content)) for cut in [0, *cuts]))
    encoder = CompiledEncoder(Vocabulary(SPECIALS), tokenizer=tokenizer)

    encoded = encoder.encode_buffer(np.frombuffer(content, dtype=np.uint8), places)

    assert len(places) == len(encoded.offsets)
    assert np.all(np.diff(encoded.offsets) <= np.diff(places))
    assert np.all((encoded.ids > 0) & (encoded.ids < len(SPECIALS)))
