import dataclasses
import re

import numpy as np
import pyarrow as pa
import pytest

from emoconv import EmotionDetector
from emoconv.bundle import read_bundle
from emoconv.errors import BundleError
from emoconv.labels import GOEMOTIONS
from emoconv.thresholds import Thresholds

TEXTS = ["Thank you so much!", "", "I'm scared of spiders 😱", "zzyzx"]


@pytest.fixture(scope="module", params=["linear", "hidden"])
def detector(request):
    name = {"linear": "tiny_bundle", "hidden": "tiny_hidden_bundle"}[request.param]
    return EmotionDetector.load(request.getfixturevalue(name))


@pytest.fixture(scope="module")
def probabilities(detector):
    return detector.predict_proba(TEXTS)


def with_cuts(detector, values):
    cuts = Thresholds(np.asarray(values, dtype=np.float32), rule="fixed", data="")
    return EmotionDetector(dataclasses.replace(detector.bundle, thresholds=cuts))


def test_probabilities_are_a_float32_row_for_each_text(probabilities):
    assert ((4, 28), np.float32) == (probabilities.shape, probabilities.dtype)
    assert 0 <= probabilities.min() <= probabilities.max() <= 1


def test_the_labels_and_cuts_are_the_bundles(detector):
    assert GOEMOTIONS.names == detector.labels
    assert ((28,), np.float32) == (detector.thresholds.shape, detector.thresholds.dtype)


def test_a_folder_is_a_str_or_a_path(tiny_bundle):
    assert EmotionDetector.load(str(tiny_bundle)).labels == GOEMOTIONS.names


def test_a_folder_that_is_no_bundle_is_refused(tmp_path):
    with pytest.raises(BundleError, match="no bundle"):
        EmotionDetector.load(tmp_path)


@pytest.mark.parametrize(
    "wrap",
    [
        tuple,
        iter,
        np.array,
        lambda texts: np.array(texts, dtype=object),
        pa.array,
        lambda texts: pa.array(texts, pa.large_string()),
        lambda texts: pa.chunked_array([texts[:1], texts[1:]]),
        lambda texts: pa.array(texts).dictionary_encode(),
    ],
    ids=["tuple", "iterator", "numpy", "object", "arrow", "large", "chunked", "dictionary"],
)
def test_texts_may_come_as(detector, probabilities, wrap):
    np.testing.assert_array_equal(probabilities, detector.predict_proba(wrap(TEXTS)))


@pytest.mark.parametrize("wrap", [list, pa.array, lambda t: pa.chunked_array([t])])
def test_a_missing_text_has_no_probabilities_and_no_labels(detector, probabilities, wrap):
    texts = wrap([TEXTS[0], None, TEXTS[2]])
    found = detector.predict_proba(texts)
    assert bool(np.isnan(found[1]).all())
    np.testing.assert_allclose(probabilities[[0, 2]], found[[0, 2]], rtol=1e-5)
    assert not detector.predict(texts)[1].any()


def test_an_empty_text_is_not_a_missing_one(probabilities):
    assert bool(np.isfinite(probabilities[1]).all())


@pytest.mark.parametrize("texts", [[], (), pa.array([], pa.string()), pa.chunked_array([[]])])
def test_no_texts_give_no_rows(detector, texts):
    found = detector.predict_proba(texts)
    assert ((0, 28), np.float32) == (found.shape, found.dtype)
    decided = detector.predict(texts)
    assert ((0, 28), np.bool_) == (decided.shape, decided.dtype)


@pytest.mark.parametrize("method", ["predict_proba", "predict"])
def test_a_single_string_is_refused(detector, method):
    with pytest.raises(TypeError) as caught:
        getattr(detector, method)("thanks")
    assert "expected a sequence of texts, got one str; put it in a list: [text]" == str(
        caught.value
    )


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["a", 3], "text 1 is 3 (int); expected str, or None for a missing text"),
        ([b"a"], "text 0 is b'a' (bytes); expected str, or None for a missing text"),
        ([float("nan")], "text 0 is nan (float); expected str, or None for a missing text"),
        (pa.array([7]), "text 0 is 7 (int); expected str, or None for a missing text"),
    ],
)
def test_what_is_no_text_is_named_with_its_place(detector, texts, message):
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        detector.predict_proba(texts)


def test_a_label_holds_at_its_threshold(detector):
    row = detector.predict_proba(TEXTS[:1])[0]
    just_above = np.nextafter(row, np.float32(1))
    assert with_cuts(detector, row).predict(TEXTS[:1]).all()
    assert not with_cuts(detector, just_above).predict(TEXTS[:1]).any()


def test_detect_gives_the_labels_that_hold_strongest_first(detector):
    row = detector.predict_proba(TEXTS[:1])[0]
    cuts = np.ones(28, dtype=np.float32)
    chosen = row.argsort()[[-9, -1, -5]]
    cuts[chosen] = row[chosen]
    found = with_cuts(detector, cuts).detect(TEXTS[0])
    strongest = sorted(chosen, key=lambda i: -row[i])
    assert [(GOEMOTIONS.names[i], float(row[i])) for i in strongest] == found
    assert {float} == {type(probability) for _, probability in found}


def test_detect_may_find_nothing(detector):
    assert [] == with_cuts(detector, np.ones(28)).detect("table")


@pytest.mark.parametrize("text", [None, ["thanks"], b"thanks"])
def test_detect_takes_one_text(detector, text):
    with pytest.raises(TypeError) as caught:
        detector.detect(text)
    assert f"detect takes one text, a str; got {type(text).__name__}" == str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["thanks " * 150_000, "a" * 1_000_000, "😀" * 1000, "\ud800 thanks \udfff", "\0", "\u2028\n"],
    ids=["a megabyte of words", "one long word", "emoji", "surrogates", "zero", "line ends"],
)
def test_any_text_has_probabilities(detector, text):
    assert bool(np.isfinite(detector.predict_proba([text])).all())


def test_a_text_is_cut_where_the_recipe_says(tiny_bundle):
    bundle = read_bundle(tiny_bundle)
    text = dataclasses.replace(bundle.config.text, max_tokens=2)
    short = dataclasses.replace(bundle, config=dataclasses.replace(bundle.config, text=text))
    found = EmotionDetector(short).predict_proba(["I love", "I love this terrible movie"])
    np.testing.assert_allclose(found[0], found[1], rtol=1e-6)
