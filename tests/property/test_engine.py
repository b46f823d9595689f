from unittest import mock

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emoconv import EmotionDetector
from emoconv.columns import to_strings
from emoconv.engine import compiled

texts = st.text(st.characters(), max_size=40) | st.sampled_from(
    ["thanks a lot", "I love it", "so sad 😔", ""]
)


@pytest.fixture(scope="module", params=["tiny_bundle", "tiny_hidden_bundle"])
def engines(request):
    """The reference, and the compiled engine on one, two and three threads."""
    folder = request.getfixturevalue(request.param)
    return EmotionDetector.load(folder, engine="reference"), [
        EmotionDetector.load(folder, engine="compiled", threads=threads) for threads in (1, 2, 3)
    ]


@pytest.fixture(scope="module")
def detector(tiny_hidden_bundle):
    return EmotionDetector.load(tiny_hidden_bundle)


@settings(max_examples=60)
@given(texts=st.lists(texts, min_size=1, max_size=6), data=st.data())
def test_a_text_does_not_mind_its_company(detector, texts, data):
    place = data.draw(st.integers(0, len(texts) - 1))
    together = detector.predict_proba(texts)
    assert bool(((together >= 0) & (together <= 1)).all())
    np.testing.assert_allclose(
        together[place], detector.predict_proba([texts[place]])[0], rtol=1e-4, atol=1e-6
    )


@settings(max_examples=60)
@given(
    texts=st.lists(st.none() | texts, min_size=1, max_size=12),
    block=st.integers(1, 13),
    cut=st.integers(0, 12),
)
def test_a_text_has_the_same_bits_in_any_company_block_and_thread(engines, texts, block, cut):
    reference, (one, two, three) = engines
    valid = to_strings(texts)  # Arrow takes no lone surrogates
    alone = np.concatenate([one.predict_proba([text]) for text in texts])
    with mock.patch.object(compiled, "_BLOCK_TEXTS", block):
        for found in (
            one.predict_proba(texts),
            two.predict_proba(texts),
            three.predict_proba(pa.chunked_array([valid[:cut], valid[cut:]], pa.large_string())),
        ):
            np.testing.assert_array_equal(alone, found)
    np.testing.assert_allclose(reference.predict_proba(texts), alone, atol=0.01)
