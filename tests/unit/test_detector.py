import copy
import dataclasses
import itertools
import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from emoconv import EmotionDetector
from emoconv import detector as detector_module
from emoconv.bundle import read_bundle
from emoconv.engine.compiled import is_compiled
from emoconv.errors import BundleError, ConfigError, MissingExtraError
from emoconv.labels import GOEMOTIONS
from emoconv.thresholds import Thresholds

TEXTS = ["Thank you so much!", "", "I'm scared of spiders 😱", "zzyzx"]


@pytest.fixture(
    scope="module",
    params=itertools.product(["tiny_bundle", "tiny_hidden_bundle"], ["auto", "compiled"]),
    ids=" ".join,
)
def detector(request):
    name, engine = request.param
    return EmotionDetector.load(request.getfixturevalue(name), engine=engine)


@pytest.fixture(scope="module")
def probabilities(detector):
    return detector.predict_proba(TEXTS)


def with_cuts(detector, values):
    cuts = Thresholds(np.asarray(values, dtype=np.float32), rule="fixed", data="")
    bundle = dataclasses.replace(detector.bundle, thresholds=cuts)
    return EmotionDetector(bundle, engine=detector.engine)


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
        pd.Series,
        pl.Series,
    ],
    ids=[
        *("tuple", "iterator", "numpy", "object", "arrow", "large", "chunked", "dictionary"),
        *("pandas", "polars"),
    ],
)
def test_texts_may_come_as(detector, probabilities, wrap):
    np.testing.assert_array_equal(probabilities, detector.predict_proba(wrap(TEXTS)))


@pytest.mark.parametrize(
    "wrap",
    [list, pa.array, lambda t: pa.chunked_array([t]), pd.Series, pl.Series],
    ids=["list", "arrow", "chunked", "pandas", "polars"],
)
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


def test_lone_surrogates_are_the_same_text_for_both_engines(tiny_bundle):
    texts = ["\ud800\udfff so", "\ud83d\ude14", "😔"]
    found = [
        EmotionDetector.load(tiny_bundle, engine=engine).predict_proba(texts)
        for engine in ("reference", "compiled")
    ]
    np.testing.assert_allclose(*found, atol=0.01)
    np.testing.assert_array_equal(found[1][1], found[1][2])


def test_the_reference_takes_a_long_column_piece_by_piece(detector, probabilities, monkeypatch):
    monkeypatch.setattr(detector_module, "_SLICE_TEXTS", 3)
    np.testing.assert_allclose(
        np.concatenate([probabilities] * 2), detector.predict_proba(TEXTS * 2), rtol=1e-5
    )


def test_exact_tables_give_what_the_reference_gives(tiny_bundle):
    exact = EmotionDetector.load(tiny_bundle, engine="exact")
    reference = EmotionDetector.load(tiny_bundle, engine="reference")
    np.testing.assert_allclose(
        reference.predict_proba(TEXTS), exact.predict_proba(TEXTS), atol=1e-5, rtol=0
    )


def test_many_texts_start_the_compiled_engine_and_few_go_on_with_it(tiny_bundle, monkeypatch):
    monkeypatch.setattr(detector_module, "MANY_TEXTS", 5)
    monkeypatch.setattr("emoconv.engine.compiled.is_compiled", lambda: True)
    detector = EmotionDetector.load(tiny_bundle)
    few = detector.predict_proba(TEXTS)
    assert detector._compiled is None
    many = detector.predict_proba(TEXTS * 2)
    assert detector._compiled is not None
    np.testing.assert_allclose(few, many[:4], atol=0.01)
    np.testing.assert_array_equal(many[:4], detector.predict_proba(TEXTS))


def test_many_texts_do_not_wait_for_a_compiler_and_very_many_do(tiny_bundle, monkeypatch):
    monkeypatch.setattr(detector_module, "MANY_TEXTS", 5)
    monkeypatch.setattr(detector_module, "MANY_TEXTS_UNCOMPILED", 9)
    monkeypatch.setattr("emoconv.engine.compiled.is_compiled", lambda: False)
    detector = EmotionDetector.load(tiny_bundle)
    detector.predict_proba(TEXTS * 2)
    assert detector._compiled is None
    detector.predict_proba(TEXTS * 3)
    assert detector._compiled is not None


def test_the_engine_is_compiled_once_its_code_is_on_the_disk(tiny_bundle, tmp_path, monkeypatch):
    EmotionDetector.load(tiny_bundle).warm()
    assert is_compiled()
    monkeypatch.setenv("EMOCONV_CACHE", str(tmp_path))
    assert not is_compiled()
    monkeypatch.setattr("emoconv.engine.compiled.is_kept", forbidden)
    assert not is_compiled()


def test_warm_starts_the_compiled_engine(tiny_bundle):
    detector = EmotionDetector.load(tiny_bundle)
    detector.warm()
    compiled = EmotionDetector.load(tiny_bundle, engine="compiled")
    np.testing.assert_array_equal(compiled.predict_proba(TEXTS), detector.predict_proba(TEXTS))


def test_the_reference_stays_the_reference(tiny_bundle, monkeypatch):
    monkeypatch.setattr(detector_module, "MANY_TEXTS", 1)
    detector = EmotionDetector.load(tiny_bundle, engine="reference")
    detector.warm()
    assert (4, 28) == detector.predict_proba(TEXTS).shape
    assert detector._compiled is None


def forbidden(name):
    raise ModuleNotFoundError(f"No module named {name!r}", name=name)


@pytest.mark.parametrize("find_spec", [lambda _: None, forbidden], ids=["absent", "forbidden"])
def test_without_numba_the_reference_computes(tiny_bundle, monkeypatch, find_spec):
    monkeypatch.setattr("importlib.util.find_spec", find_spec)
    monkeypatch.setattr(detector_module, "MANY_TEXTS", 1)
    detector = EmotionDetector.load(tiny_bundle)
    detector.warm()
    assert (4, 28) == detector.predict_proba(TEXTS).shape
    message = r"^the compiled engine needs .*: pip install 'emoconv\[fast\]'$"
    with pytest.raises(MissingExtraError, match=message):
        EmotionDetector.load(tiny_bundle, engine="compiled")


def test_a_numba_that_cannot_be_imported_is_as_good_as_none(tiny_bundle, monkeypatch):
    monkeypatch.setattr("emoconv.engine.compiled.compiled", forbidden)
    detector = EmotionDetector.load(tiny_bundle)
    detector.warm()
    detector.warm()
    assert (4, 28) == detector.predict_proba(TEXTS).shape
    with pytest.raises(MissingExtraError):
        EmotionDetector.load(tiny_bundle, engine="compiled").warm()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"engine": "compile"},
            (
                "no engine 'compile'; did you mean 'compiled'? "
                "(known: 'auto', 'compiled', 'exact', 'reference')"
            ),
        ),
        ({"threads": 0}, "threads is 0; expected at least 1, or None for all cores"),
    ],
    ids=["engine", "threads"],
)
def test_an_option_that_cannot_be_is_refused(tiny_bundle, options, message):
    with pytest.raises(ConfigError, match=f"^{re.escape(message)}$"):
        EmotionDetector.load(tiny_bundle, **options)


def test_threads_that_share_a_detector_get_what_each_would_get_alone(tiny_bundle):
    alone = EmotionDetector.load(tiny_bundle, engine="compiled").predict_proba(TEXTS * 50)
    shared = EmotionDetector.load(tiny_bundle, engine="compiled")
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(shared.predict_proba, [TEXTS * 50] * 8):
            np.testing.assert_array_equal(alone, found)


def test_a_copy_finds_the_same_and_starts_its_own_engine(detector, probabilities):
    detector.predict_proba(TEXTS)
    copied = copy.deepcopy(detector)
    assert (detector.engine, detector.threads) == (copied.engine, copied.threads)
    assert copied._compiled is None
    np.testing.assert_array_equal(probabilities, copied.predict_proba(TEXTS))


def test_a_record_batch_gets_what_the_other_methods_find(detector, probabilities):
    batch = pa.record_batch({"id": [1, 2, 3, 4], "body": TEXTS})
    found = detector.predict_arrow(batch, column="body")
    rows = np.array(found["probabilities"].to_pylist(), dtype=np.float32)
    np.testing.assert_array_equal(probabilities, rows)
    expected = [[label for label, _ in detector.ranked(row, detector.thresholds)] for row in rows]
    assert expected == found["labels"].to_pylist()
    assert [detector.labels[i] for i in rows.argmax(axis=1)] == found["top_label"].to_pylist()


def test_a_record_batch_may_hold_missing_texts_and_take_other_names(detector):
    batch = pa.record_batch({"text": ["so", None], "labels": ["a", "b"]})
    found = detector.predict_arrow(batch, probabilities="columns", prefix="emotion_")
    assert 2 + 2 + 28 == found.num_columns
    assert {None} == set(found.slice(1).select(range(2, 32)).to_pylist()[0].values())
