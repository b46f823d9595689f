"""The contract of scikit-learn, kept by an estimator of texts; `parity/test_estimator_sklearn.py`
has the checks that scikit-learn makes itself."""

import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import sklearn
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.metrics import f1_score
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MultiLabelBinarizer
from sklearn.utils import estimator_checks, get_tags

from emoconv import EmotionClassifier, EmotionDetector
from emoconv.bundle import read_bundle
from emoconv.errors import BundleError, ConfigError, DataError
from trainings import weather

SMALL = (
    "text.min_count=1",
    "model.embedding_width=8",
    "model.filters=8",
    "model.kernel_widths=[1]",
    "training.embedding_dropout=0",
    "training.feature_dropout=0",
)
DATA = weather(60)
TEXTS = list(DATA.texts)
CLASSES = ["hot" if hot else "cold" if cold else "mild" for hot, cold in DATA.y.tolist()]
INDICATOR = DATA.y.astype(int)
NAMES = [list(row) for row in DATA.labels.decode(DATA.y)]


def small(**parameters):
    """An estimator that learns the weather in a tenth of a second."""
    own = {"epochs": 12, "learning_rate": 0.05, "validation": 2, "settings": SMALL}
    return EmotionClassifier(warm_start_from=None, **(own | parameters))


@pytest.fixture(scope="module")
def classes():
    return small().fit(TEXTS, CLASSES)


@pytest.fixture(scope="module")
def labels():
    return small().fit(TEXTS, INDICATOR)


def test_it_is_a_classifier_of_texts_of_one_label_or_many():
    tags = get_tags(EmotionClassifier())
    assert is_classifier(EmotionClassifier())
    assert tags.input_tags.string
    assert tags.input_tags.one_d_array
    assert not tags.input_tags.two_d_array
    assert not tags.input_tags.allow_nan
    assert tags.target_tags.required
    assert tags.classifier_tags.multi_class
    assert tags.classifier_tags.multi_label


@pytest.mark.parametrize(
    "check",
    [
        estimator_checks.check_estimator_cloneable,
        estimator_checks.check_estimator_tags_renamed,
        estimator_checks.check_valid_tag_types,
        estimator_checks.check_estimator_repr,
        estimator_checks.check_no_attributes_set_in_init,
        estimator_checks.check_mixin_order,
        estimator_checks.check_do_not_raise_errors_in_init_or_set_params,
        estimator_checks.check_parameters_default_constructible,
        estimator_checks.check_get_params_invariance,
        estimator_checks.check_set_params,
    ],
    ids=lambda check: check.__name__,
)
def test_a_check_that_fits_nothing_holds_of_the_class_itself(check):
    check("EmotionClassifier", EmotionClassifier())


def test_a_clone_has_the_parameters_and_nothing_that_was_learnt(classes):
    copy = clone(classes)
    assert classes.get_params() == copy.get_params()
    assert not hasattr(copy, "classes_")


def test_classes_are_learnt(classes):
    assert ["cold", "hot", "mild"] == classes.classes_.tolist()
    assert CLASSES == classes.predict(TEXTS).tolist()
    assert 1.0 == classes.score(TEXTS, CLASSES)
    assert 12 == classes.n_iter_


def test_probabilities_of_classes_sum_to_1_and_the_highest_is_the_prediction(classes):
    found = classes.predict_proba([*TEXTS, "", "zzyzx", "hot " * 500])
    assert (63, 3, np.float32) == (*found.shape, found.dtype)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-6)
    predicted = classes.classes_[found[:60].argmax(axis=1)]
    np.testing.assert_array_equal(classes.predict(TEXTS), predicted)


def test_the_bundle_of_classes_has_each_ones_own_probability(classes):
    own = classes.detector_.predict_proba(TEXTS)
    expected = own / own.sum(axis=1, keepdims=True)
    np.testing.assert_array_equal(expected, classes.predict_proba(TEXTS))
    assert np.abs(own.sum(axis=1) - 1).max() > 0.001


def test_labels_are_learnt(labels):
    assert [0, 1] == labels.classes_.tolist()
    np.testing.assert_array_equal(INDICATOR, labels.predict(TEXTS))
    assert 1.0 == labels.score(TEXTS, INDICATOR)
    np.testing.assert_array_equal(
        labels.detector_.predict_proba(TEXTS), labels.predict_proba(TEXTS)
    )


def test_lists_of_names_are_learnt():
    fitted = small().fit(TEXTS, NAMES)
    assert ["cold", "hot"] == fitted.classes_.tolist()
    assert [tuple(sorted(row)) for row in NAMES] == fitted.predict(TEXTS).tolist()
    assert 1.0 == fitted.score(TEXTS, NAMES)
    assert 0.5 == fitted.score(TEXTS[:2], [NAMES[0], ["hot"] if NAMES[1] == ["cold"] else ["cold"]])


def test_the_three_forms_of_labels_are_learnt_alike(labels):
    frame = pd.DataFrame(INDICATOR, columns=["hot", "cold"])
    expected = labels.predict_proba(TEXTS)
    fitted = small().fit(TEXTS, frame)
    assert ["hot", "cold"] == fitted.classes_.tolist()
    np.testing.assert_array_equal(expected, fitted.predict_proba(TEXTS))
    binarizer = MultiLabelBinarizer(classes=["hot", "cold"])
    fitted = small().fit(TEXTS, binarizer.fit_transform(NAMES))
    np.testing.assert_array_equal(expected, fitted.predict_proba(TEXTS))


def test_class_names_are_the_labels_of_the_bundle():
    numbers = [["mild", "hot", "cold"].index(name) for name in CLASSES]
    fitted = small(class_names=["mild", "hot", "cold"]).fit(TEXTS, numbers)
    assert [0, 1, 2] == fitted.classes_.tolist()
    assert ("mild", "hot", "cold") == fitted.bundle_.labels.names
    assert numbers == fitted.predict(TEXTS).tolist()


CONTAINERS = {
    "list": (list, list),
    "numpy": (np.array, np.array),
    "pandas": (pd.Series, lambda y: pd.Series(y, dtype="category")),
    "polars": (pl.Series, pl.Series),
    "pyarrow": (pa.array, pa.array),
    "pyarrow, chunked": (lambda x: pa.chunked_array([x]), lambda y: pa.chunked_array([y])),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_container_gives_the_same_answers_and_can_be_cross_validated(name, classes):
    X, y = (make(values) for make, values in zip(CONTAINERS[name], (TEXTS, CLASSES), strict=True))
    fitted = small().fit(X, y)
    np.testing.assert_array_equal(classes.predict_proba(TEXTS), fitted.predict_proba(X))
    assert 1.0 == fitted.score(X, y)
    scores = cross_val_score(small(), X, y, cv=3)
    np.testing.assert_array_equal(cross_val_score(small(), TEXTS, CLASSES, cv=3), scores)
    assert scores.mean() > 0.7


def test_labels_can_be_cross_validated():
    scores = cross_val_score(small(), TEXTS, INDICATOR, cv=3, scoring="f1_macro")
    assert scores.mean() > 0.7
    found = cross_val_predict(small(), TEXTS, INDICATOR, cv=3, method="predict_proba")
    assert (60, 2) == found.shape


def test_a_grid_is_searched():
    grid = {"epochs": [1, 8], "settings": [SMALL]}
    search = GridSearchCV(small(), grid, cv=2, scoring="neg_log_loss").fit(TEXTS, CLASSES)
    assert 8 == search.best_params_["epochs"]
    assert CLASSES == search.predict(TEXTS).tolist()


def test_a_grid_is_searched_by_several_processes():
    search = GridSearchCV(small(), {"epochs": [1, 8]}, cv=2, n_jobs=2).fit(TEXTS, CLASSES)
    assert 8 == search.best_params_["epochs"]


def test_it_ends_a_pipeline():
    def shouted(texts):
        return [text.lower() for text in texts]

    pipeline = make_pipeline(FunctionTransformer(shouted), small())
    pipeline.fit([text.upper() for text in TEXTS], CLASSES)
    assert CLASSES == pipeline.predict([text.upper() for text in TEXTS]).tolist()
    assert 8 == pipeline.set_params(emotionclassifier__epochs=8)[-1].epochs


def test_it_can_be_wrapped():
    wrapped = OneVsRestClassifier(small()).fit(np.array(TEXTS), CLASSES)
    assert f1_score(CLASSES, wrapped.predict(np.array(TEXTS)), average="macro") > 0.9


def test_weights_are_routed_by_scikit_learn():
    weights = np.where(np.array(CLASSES) == "mild", 0.0, 1.0)
    with sklearn.config_context(enable_metadata_routing=True):
        estimator = small().set_fit_request(sample_weight=True)
        search = GridSearchCV(
            estimator.set_score_request(sample_weight=True), {"epochs": [8]}, cv=2
        )
        search.fit(TEXTS, CLASSES, sample_weight=weights)
    assert ["cold", "hot"] == search.best_estimator_.classes_.tolist()
    assert search.best_score_ > 0.8


def test_texts_of_weight_0_are_left_out():
    weights = [0 if name == "mild" else 2 for name in CLASSES]
    kept = [place for place, weight in enumerate(weights) if weight]
    some = small().fit([TEXTS[i] for i in kept], [CLASSES[i] for i in kept])
    fitted = small().fit(TEXTS, CLASSES, sample_weight=weights)
    assert ["cold", "hot"] == fitted.classes_.tolist()
    np.testing.assert_allclose(some.predict_proba(TEXTS), fitted.predict_proba(TEXTS), atol=1e-6)


@pytest.mark.parametrize("validation", [2, 0.3])
def test_contradictions_are_settled_by_weight(validation):
    texts, y = [*TEXTS, *TEXTS], [*CLASSES, *("mild" for _ in CLASSES)]
    for share in (0.05, 0.95):
        weights = [1 - share] * 60 + [share] * 60
        fitted = small(validation=validation).fit(texts, y, sample_weight=weights)
        hot = fitted.predict_proba(["burning sun"])[0]
        expected = "hot" if share < 0.5 else "mild"
        assert expected == fitted.classes_[hot.argmax()]


def test_the_same_seed_gives_the_same_model_and_another_another():
    first, second, other = (
        small(random_state=seed).fit(TEXTS, CLASSES).predict_proba(TEXTS) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, second)
    assert (first != other).any()


def test_a_generator_and_none_are_seeds():
    first, second = (
        small(random_state=np.random.RandomState(4)).fit(TEXTS, CLASSES) for _ in range(2)
    )
    assert first.bundle_.config.training.seed == second.bundle_.config.training.seed
    fitted = [small(random_state=None, epochs=1).fit(TEXTS, CLASSES) for _ in range(2)]
    assert 2 == len({one.bundle_.config.training.seed for one in fitted})


def test_fit_begins_anew_each_time(classes):
    estimator = small()
    estimator.fit(TEXTS, INDICATOR)
    np.testing.assert_array_equal(
        classes.predict_proba(TEXTS), estimator.fit(TEXTS, CLASSES).predict_proba(TEXTS)
    )


def test_a_copy_for_another_process_answers_alike(classes):
    copy = pickle.loads(pickle.dumps(classes))  # noqa: S301 - our own
    np.testing.assert_array_equal(classes.predict_proba(TEXTS), copy.predict_proba(TEXTS))
    assert CLASSES == copy.predict(TEXTS).tolist()


def test_one_class_is_always_the_answer():
    fitted = small(epochs=1).fit(TEXTS, ["fine"] * 60)
    assert {"fine"} == set(fitted.predict([*TEXTS, ""]).tolist())
    np.testing.assert_array_equal(np.ones((60, 1)), fitted.predict_proba(TEXTS))


@pytest.mark.parametrize("validation", [3, 0.2])
def test_a_class_of_one_text_is_learnt(validation):
    fitted = small(validation=validation).fit([*TEXTS, "an eclipse"], [*CLASSES, "dark"])
    assert ["cold", "dark", "hot", "mild"] == fitted.classes_.tolist()
    assert (1, 4) == fitted.predict_proba(["an eclipse"]).shape


def test_texts_without_words_are_learnt_from():
    fitted = small().fit([*TEXTS, "", " ", "\ud800", "😀"], [*CLASSES, *["mild"] * 4])
    assert bool(np.isfinite(fitted.predict_proba(["", "😀", "\ud800"])).all())


def test_no_texts_get_no_answers(classes, labels):
    assert (0, 3) == classes.predict_proba([]).shape
    assert [] == classes.predict([]).tolist()
    assert (0, 2) == labels.predict([]).shape


@pytest.mark.parametrize("method", ["predict", "predict_proba", "score", "save"])
def test_nothing_is_known_before_fit(method):
    arguments = {"score": (TEXTS, CLASSES), "save": ("model",)}.get(method, (TEXTS,))
    with pytest.raises(NotFittedError, match="This EmotionClassifier instance is not fitted yet"):
        getattr(EmotionClassifier(), method)(*arguments)


@pytest.mark.parametrize(
    ("X", "y", "weight", "message"),
    [
        (["a", "b"], ["x"], None, "inconsistent numbers of samples"),
        (["a", None], ["x", "y"], None, "text 1 is missing"),
        (["a", "b"], ["x", None], None, "target 1 is missing"),
        (["a", "b"], ["x", "y"], [1.0], "sample_weight has shape"),
        (["a", "b"], None, None, "requires y to be passed"),
        ([], [], None, "0 sample"),
        (["a"], ["x"], None, "one sample is not enough"),
    ],
)
def test_what_cannot_be_learnt_from_is_refused(X, y, weight, message):
    with pytest.raises(ValueError, match=message):
        small().fit(X, y, weight)


def test_a_missing_text_gets_no_answer(classes):
    with pytest.raises(DataError, match="text 0 is missing"):
        classes.predict([None])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"epochs": 0}, "training.epochs is 0; expected at least 1"),
        ({"batch_size": "many"}, "training.batch_size is 'many'; expected a whole number"),
        ({"learning_rate": 2}, "training.learning_rate is 2.0; expected above 0 and at most 1"),
        ({"threshold_rule": "best"}, "training.threshold_rule is 'best'; expected one of"),
        ({"settings": ["training.epoch=3"]}, "did you mean 'epochs'"),
        ({"random_state": -1}, "training.seed is -1; expected between 0"),
    ],
)
def test_a_parameter_that_is_out_of_range_is_named(parameters, message):
    with pytest.raises(ConfigError, match=message):
        small(**parameters).fit(TEXTS, CLASSES)


def test_it_says_nothing_unless_it_is_asked_to(capsys):
    small().fit(TEXTS, CLASSES)
    assert ("", "") == capsys.readouterr()


def test_it_tells_of_folds_and_epochs(capsys):
    small(epochs=1, verbose=True).fit(TEXTS, CLASSES)
    out, err = capsys.readouterr()
    lines = [line.partition(",")[0].split(":")[0] for line in err.splitlines()]
    assert ("", ["fold 1 of 2", "epoch 1", "fold 2 of 2", "epoch 1", "epoch 1"]) == (out, lines)


def test_it_tells_of_what_is_held_out(capsys):
    small(epochs=1, validation=0.2, verbose=True).fit(TEXTS, CLASSES)
    assert "; held out: loss 0." in capsys.readouterr().err


def test_a_saved_model_is_a_bundle(classes, tmp_path):
    classes.save(tmp_path / "model")
    detector = EmotionDetector.load(tmp_path / "model", engine="reference")
    assert ("cold", "hot", "mild") == detector.labels
    np.testing.assert_array_equal(
        classes.detector_.predict_proba(TEXTS), detector.predict_proba(TEXTS)
    )
    bundle = read_bundle(tmp_path / "model")
    assert classes.bundle_.fingerprint() == bundle.fingerprint()
    assert "EmotionClassifier" == bundle.provenance["made_by"]
    assert "multi-class" == bundle.provenance["target"]
    card = Path(tmp_path / "model/README.md").read_text(encoding="utf-8")
    assert "trained with `EmotionClassifier`" in card
    assert "In the data each text had exactly one of them." in card
    assert "- Trained for 12 epochs." in card


def test_a_saved_model_of_labels_says_so(labels, tmp_path):
    labels.save(str(tmp_path / "model"))
    assert "multi-label" == read_bundle(tmp_path / "model").provenance["target"]
    card = Path(tmp_path / "model/README.md").read_text(encoding="utf-8")
    assert "exactly one" not in card


def test_a_model_that_is_there_is_replaced_only_if_asked(classes, tmp_path):
    classes.save(tmp_path / "model")
    with pytest.raises(BundleError, match="is there already"):
        classes.save(tmp_path / "model")
    classes.save(tmp_path / "model", overwrite=True)
