import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emoconv import EmotionDetector

texts = st.text(st.characters(), max_size=40) | st.sampled_from(
    ["thanks a lot", "I love it", "so sad 😔", ""]
)


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
