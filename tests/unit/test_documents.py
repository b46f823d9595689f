from pathlib import Path

import numpy as np
import pytest

from emoconv import EmotionDetector
from emoconv.documents import read_document

BUNDLE = Path(__file__).parents[1] / "data" / "bundle_v2"
TEXT = "Thank you so much! Thanks again. Why?"


@pytest.fixture(scope="module")
def detector():
    return EmotionDetector.load(BUNDLE, engine="reference")


def test_sentences_are_read_on_their_own_and_the_text_as_one(detector):
    found = read_document(TEXT, detector)
    parts = [TEXT[start:end] for start, end in found.spans]
    assert ["Thank you so much!", "Thanks again.", "Why?"] == parts
    for row, text in zip([*found.probabilities, found.whole], [*parts, TEXT], strict=True):
        np.testing.assert_allclose(detector.predict_proba([text])[0], row, atol=1e-6)


def test_shares_are_of_the_labels_that_hold_those_of_most_sentences_first(detector):
    found = read_document(TEXT, detector)
    holds = found.probabilities >= detector.thresholds
    expected = {
        label: (int(n), round(int(n) / 3, 4), round(float(p), 4))
        for label, n, p in zip(
            detector.labels, holds.sum(axis=0), found.probabilities.max(axis=0), strict=True
        )
        if n
    }
    assert expected == {share.label: share[1:] for share in found.shares}
    order = [(-share.sentences, -share.max_probability) for share in found.shares]
    assert sorted(order) == order


def test_an_unsure_sentence_has_no_labels(detector):
    assert () == read_document(TEXT, detector.replace(min_confidence=1)).shares


@pytest.mark.parametrize("text", ["", " \n "])
def test_a_text_may_have_no_sentence(detector, text):
    found = read_document(text, detector.replace(grouping="ekman"))
    assert ((), ()) == (found.spans, found.shares)
    assert ((0, 7), (7,)) == (found.probabilities.shape, found.whole.shape)
