import numpy as np
import pytest

from emoconv.bundle import read_bundle
from emoconv.config import ModelConfig
from emoconv.data import Dataset
from emoconv.errors import BundleError, ConfigError, DataError
from emoconv.estimator.learning import Start, as_often, config_for, find_start, learn
from emoconv.labels import LabelSet
from trainings import Silent
from untrained import untrained_bundle

START = Start(untrained_bundle(), "a bundle")
NOTHING = Start(None, "random numbers")


def test_the_shipped_model_is_where_most_begin():
    start = find_start("shipped")
    assert ("the shipped model", 28) == (start.name, len(start.bundle.labels))


def test_a_folder_is_read(tiny_bundle):
    expected = read_bundle(tiny_bundle).fingerprint()
    for folder in (tiny_bundle, str(tiny_bundle)):
        start = find_start(folder)
        assert ("bundle", expected) == (start.name, start.bundle.fingerprint())


def test_a_bundle_in_memory_is_taken():
    assert START.bundle is find_start(START.bundle).bundle


def test_nothing_is_a_start_too():
    assert NOTHING == find_start(None)


def test_a_folder_that_is_no_bundle_is_named():
    with pytest.raises(BundleError, match="nowhere: no such folder"):
        find_start("nowhere")


def test_anything_else_is_no_start():
    with pytest.raises(ConfigError) as caught:
        find_start(5)
    message = "warm_start_from is 5; expected 'shipped', a bundle, its folder or None"
    assert message == str(caught.value)


@pytest.mark.parametrize(
    ("texts", "batch", "epochs"),
    [
        (2, 8, 15),
        (100, 8, 15),
        (300, 16, 15),
        (1_000, 32, 15),
        (3_000, 64, 15),
        (5_000, 64, 10),
        (10_000, 128, 6),
        (1_000_000, 128, 6),
    ],
)
def test_epochs_and_batches_go_by_the_number_of_texts(texts, batch, epochs):
    training = config_for(texts, NOTHING, settings=[], seed=3).training
    assert (batch, epochs, epochs, 3) == (
        training.batch_size,
        training.epochs,
        training.patience,
        training.seed,
    )


def test_settings_come_last():
    settings = ["training.epochs=3", "training.feature_dropout=0.25", "model.filters=9"]
    config = config_for(100, NOTHING, settings=settings, seed=0)
    expected = (3, 3, 0.25, 9)
    training = config.training
    found = (training.epochs, training.patience, training.feature_dropout, config.model.filters)
    assert expected == found


def test_the_model_is_that_of_the_start():
    start = Start(untrained_bundle(tokenizer="plain", max_tokens=5), "a bundle")
    config = config_for(100, start, settings=[], seed=0)
    assert start.bundle.config.model == config.model
    assert ("plain", 5, 2) == (
        config.text.tokenizer,
        config.text.max_tokens,
        config.text.min_count,
    )
    assert (
        ModelConfig(embedding_storage="int8") == config_for(9, NOTHING, settings=[], seed=0).model
    )


@pytest.mark.parametrize("setting", ["model.filters=9", "text.tokenizer=plain"])
def test_settings_that_do_not_fit_the_start_are_refused(setting):
    with pytest.raises(ConfigError) as caught:
        config_for(100, START, settings=[setting], seed=0)
    assert (
        "settings change the model or the tokenizer of a bundle; leave them as they are, or begin "
        "with warm_start_from=None" == str(caught.value)
    )


@pytest.mark.parametrize(
    ("weights", "places"),
    [
        ([1, 1, 1], [0, 1, 2]),
        ([2, 2, 2], [0, 1, 2]),
        ([2, 0, 1], [0, 0, 2]),
        ([0, 0, 5], [2, 2, 2]),
        ([1.4, 0.8, 0.8], [0, 1, 2]),
        ([2.9, 0.05, 0.05], [0, 0, 0]),
    ],
)
def test_places_come_as_often_as_their_weights_say(weights, places):
    assert places == as_often(np.array(weights, dtype=np.float64)).tolist()


@pytest.mark.parametrize("seed", range(5))
def test_each_place_comes_as_often_as_its_weight_rounded_up_or_down(seed):
    weights = np.random.default_rng(seed).random(200) ** 3
    counts = np.bincount(as_often(weights), minlength=200)
    assert 200 == counts.sum()
    assert bool((np.abs(counts - weights / weights.mean()) < 1).all())


def dataset(texts, y):
    y = np.array(y, dtype=bool)
    return Dataset(texts, y, LabelSet(tuple("ab"[: y.shape[1]])))


@pytest.mark.parametrize("validation", [0, 1, -2, 0.0, 1.0, 1.5, True, "folds", None, float("nan")])
def test_validation_is_folds_or_a_share(validation):
    with pytest.raises(ConfigError) as caught:
        run(dataset(["one", "two"], [[1, 0], [0, 1]]), validation)
    assert (
        f"validation is {validation!r}; expected 'auto', a number of folds of at least 2, or a "
        "share between 0.0 and 1.0" == str(caught.value)
    )


def run(data, validation):
    config = config_for(len(data), START, settings=["training.epochs=1"], seed=0)
    return learn(
        data, config=config, start=START, weights=None, validation=validation, observer=Silent()
    )


@pytest.mark.parametrize(
    ("texts", "y", "validation", "message"),
    [
        (
            ["one"],
            [[1]],
            "auto",
            "one sample is not enough to learn from and to validate on: 1 text",
        ),
        (["A", "a!"], [[1, 0], [0, 1]], 2, "2 texts, equal but for case and punctuation"),
        (["one", "two"], [[1, 0], [0, 1]], 0.1, "too few for the share that is held out"),
        (["one", "two"], [[0, 0], [0, 0]], 2, "no text has any label; nothing can be learnt"),
        (["one", "two"], [[1, 0], [0, 0]], 2, "one sample with a label is not enough to learn"),
        (["one", "ONE", "two"], [[1], [1], [0]], 2, "expected two texts with a label that differ"),
    ],
)
def test_too_few_texts_are_refused(texts, y, validation, message):
    with pytest.raises(DataError, match=message):
        run(dataset(texts, y), validation)


@pytest.mark.parametrize(
    ("validation", "name", "rows"),
    [
        (2, "the texts themselves in 2 folds", 20),
        (np.int64(3), "the texts themselves in 3 folds", 20),
        ("auto", "the texts themselves in 5 folds", 20),
        (0.25, "25% of the texts", 5),
    ],
)
def test_a_bundle_says_what_it_was_validated_on(validation, name, rows):
    texts = [f"word {'abcdefghijklmnopqrst'[number]}" for number in range(20)]
    bundle = run(dataset(texts, [[1, 0], [0, 1]] * 10), validation)
    assert (name, rows) == (bundle.provenance["dev"]["name"], bundle.provenance["dev"]["rows"])
    assert f"{name}, {rows} texts" == bundle.thresholds.data


def test_from_500_texts_on_a_tenth_is_held_out():
    letters = "abcdefghijklmnopqrstuvwxyz"
    texts = [f"{letters[n // 26]} {letters[n % 26]}" for n in range(500)]
    bundle = run(dataset(texts, [[1, 0], [0, 1]] * 250), "auto")
    assert "10% of the texts, 50 texts" == bundle.thresholds.data


def test_folds_that_get_no_text_are_left_out():
    bundle = run(dataset(["one", "two", "three"], [[1, 0], [0, 1], [1, 0]]), 5)
    assert "the texts themselves in 3 folds, 3 texts" == bundle.thresholds.data
