"""A detector of groups in the place of labels, and one that says nothing where it is not sure."""

import copy
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from emoconv import EmotionDetector
from emoconv.errors import ConfigError, LabelError
from emoconv.labels import EKMAN, GOEMOTIONS, SENTIMENT, Taxonomy
from emoconv.scoring.work import settled

BUNDLE = Path(__file__).parents[1] / "data" / "bundle_v2"
TEXTS = ["Thank you so much!", "so sad", None, "", "why would you do that"]


@pytest.fixture(scope="module")
def fine():
    return EmotionDetector.load(BUNDLE, engine="reference")


@pytest.fixture(scope="module")
def grouped(fine):
    return fine.replace(grouping="ekman")


def test_groups_are_in_the_place_of_labels(grouped):
    assert tuple(EKMAN.groups) == grouped.labels
    assert (7,) == grouped.thresholds.shape
    assert [list(EKMAN.groups)] * 2 == [
        list(dict(grouped.ranked(row, 0))) for row in np.tile(np.linspace(1, 0.1, 7), (2, 1))
    ]


def test_probabilities_are_those_of_the_taxonomy(fine, grouped):
    own = fine.predict_proba(TEXTS)
    expected = EKMAN.probabilities(own, GOEMOTIONS)
    np.testing.assert_array_equal(expected, grouped.predict_proba(TEXTS))
    assert np.isnan(expected[2]).all()
    expected[2] = 0
    np.testing.assert_array_equal(expected >= grouped.thresholds, grouped.predict(TEXTS))


def test_no_texts_have_no_rows_of_groups(grouped):
    assert (0, 7) == grouped.predict_proba([]).shape


def test_a_batch_gets_the_groups(grouped):
    batch = pa.record_batch({"text": TEXTS})
    found = grouped.predict_arrow(batch, probabilities="columns")
    names = [f"probability_{group}" for group in EKMAN.groups]
    assert ["text", "labels", "top_label", *names] == found.schema.names
    assert set(found["top_label"].to_pylist()) <= {*EKMAN.groups, None}


@pytest.mark.parametrize("grouping", ["sentiment", SENTIMENT])
def test_a_grouping_is_given_when_a_model_is_loaded(grouping):
    detector = EmotionDetector.load(BUNDLE, engine="reference", grouping=grouping)
    assert ("positive", "negative", "ambiguous", "neutral") == detector.labels


def test_a_grouping_that_the_model_cannot_have_is_refused():
    with pytest.raises(LabelError, match="'boredom', which is not one of the model's 28 labels"):
        EmotionDetector.load(BUNDLE, grouping=Taxonomy("t", {"x": ("boredom",)}))


def test_a_copy_has_the_grouping_and_the_least_confidence(fine):
    first = fine.replace(grouping="sentiment", min_confidence=0.5)
    second = copy.deepcopy(first)
    assert (SENTIMENT, 0.5) == (second.grouping, second.min_confidence)
    assert first.fingerprint() == second.fingerprint()


def test_other_choices_leave_the_rest_as_it_is(fine):
    first = fine.replace(grouping="ekman", min_confidence=0.5)
    second = first.replace(threads=2).replace(engine="auto").steady(1)
    found = (second.engine, second.threads, second.grouping, second.min_confidence)
    assert ("reference", 2, EKMAN, 0.5) == found
    assert 0 == first.replace(min_confidence=0).min_confidence
    assert SENTIMENT is first.replace(grouping="sentiment").grouping


def test_a_worker_of_a_cluster_has_the_grouping_and_the_least_confidence(fine):
    found = settled(fine.replace(grouping="ekman", min_confidence=0.5))
    assert (1, EKMAN, 0.5) == (found.threads, found.grouping, found.min_confidence)
    assert found.labels == tuple(EKMAN.groups)


def test_engines_that_have_started_are_shared(fine):
    fine.predict(["so"])
    assert fine._reference is fine.replace(grouping="ekman")._reference
    first = EmotionDetector(fine.bundle, engine="auto")
    first._compiled = object()
    assert first._compiled is first.replace(grouping="ekman")._compiled
    for other in ({"engine": "reference"}, {"engine": "exact"}, {"threads": 2}):
        assert None is first.replace(**other)._compiled


def test_wrong_choices_are_refused(fine):
    with pytest.raises(ConfigError, match="threads is 0"):
        fine.replace(threads=0)
    with pytest.raises(ConfigError, match="min_confidence is 2"):
        fine.replace(min_confidence=2)
    with pytest.raises(ConfigError, match="no grouping and no file 'moods'"):
        fine.replace(grouping="moods")


def test_a_fingerprint_tells_all_that_an_answer_depends_on(fine):
    others = ({"grouping": "ekman"}, {"grouping": "sentiment"}, {"min_confidence": 0.5})
    prints = {fine.replace(**other).fingerprint() for other in others}
    assert 3 == len(prints - {fine.fingerprint()})
    assert fine.bundle.fingerprint() == fine.fingerprint()


def test_an_unsure_text_has_no_labels_and_no_top_label(fine):
    highest = fine.predict_proba(TEXTS).max(axis=1)
    bound = float(np.nanmedian(highest))
    unsure = fine.replace(min_confidence=bound)
    sure = highest >= bound
    np.testing.assert_array_equal(fine.predict(TEXTS) & sure[:, None], unsure.predict(TEXTS))
    for text, is_sure in zip(TEXTS, sure, strict=True):
        if text is not None:
            assert unsure.detect(text) == (fine.detect(text) if is_sure else [])
    batch = pa.record_batch({"text": TEXTS})
    found = unsure.predict_arrow(batch, columns=["confidence", "labels", "top"])
    assert ["text", "labels", "top_label", "confidence"] == found.schema.names
    expected = [
        None if text is None else p for text, p in zip(TEXTS, highest.tolist(), strict=True)
    ]
    assert expected == found["confidence"].to_pylist()
    assert sure.tolist() == found["top_label"].is_valid().to_pylist()
    assert [text is not None for text in TEXTS] == found["labels"].is_valid().to_pylist()
    np.testing.assert_array_equal(fine.predict_proba(TEXTS), unsure.predict_proba(TEXTS))
