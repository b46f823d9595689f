"""That training learns, stops, starts again and repeats itself, on data that a child could sort."""

import json

import numpy as np
import pytest

from emoconv import EmotionDetector
from emoconv.bundle import write_bundle
from emoconv.data import Dataset
from emoconv.engine import ReferenceEngine
from emoconv.errors import ConfigError, DataError
from emoconv.labels import LabelSet
from emoconv.text import Encoded
from emoconv.thresholds import RULES
from trainings import Silent, train_small, weather

TRAIN, DEV = weather(300), weather(80, seed=1)


@pytest.fixture(scope="module")
def trained():
    return train_small(TRAIN, DEV)


def without_seconds(bundle):
    return [{k: v for k, v in row.items() if k != "seconds"} for row in bundle.history]


def assert_same(expected, actual):
    """Bit for bit, but for the time it took."""
    assert without_seconds(expected) == without_seconds(actual)
    assert expected.weights.keys() == actual.weights.keys()
    for name, array in expected.weights.items():
        np.testing.assert_array_equal(array, actual.weights[name])
    for part in ("config", "labels", "provenance"):
        assert getattr(expected, part) == getattr(actual, part)
    assert expected.vocabulary.tokens == actual.vocabulary.tokens
    assert expected.thresholds.to_dict() == actual.thresholds.to_dict()
    assert expected.calibration.to_dict() == actual.calibration.to_dict()


@pytest.mark.parametrize("rule", RULES)
def test_a_separable_set_is_solved(rule):
    bundle = train_small(TRAIN, DEV, f"training.threshold_rule={rule}")
    test = weather(100, seed=2)
    np.testing.assert_array_equal(test.y, EmotionDetector(bundle).predict(test.texts))
    assert (rule, "dev, 80 texts") == (bundle.thresholds.rule, bundle.thresholds.data)


def test_a_separable_set_is_solved_by_a_hidden_layer():
    bundle = train_small(TRAIN, DEV, "model.hidden=16", "training.epochs=14")
    test = weather(100, seed=2)
    np.testing.assert_array_equal(test.y, EmotionDetector(bundle).predict(test.texts))


def test_an_empty_text_gets_about_the_labels_shares_of_the_training_texts():
    bundle = train_small(TRAIN, DEV, "training.empty_text_weight=1", "training.epochs=20")
    logits = ReferenceEngine(bundle).logits(Encoded(np.zeros(0, np.int32), np.zeros(2, np.int64)))
    np.testing.assert_allclose(1 / (1 + np.exp(-logits[0])), TRAIN.y.mean(axis=0), atol=0.1)


def test_the_loss_falls(trained):
    losses = [row["train_loss"] for row in trained.history]
    assert losses[-1] < losses[0] / 4
    assert losses == sorted(losses, reverse=True)


def test_the_history_has_a_row_of_measures_for_each_epoch(trained):
    assert [*range(1, 9)] == [row["epoch"] for row in trained.history]
    assert {
        "epoch",
        "train_loss",
        "dev_loss",
        "dev_micro_f1",
        "dev_macro_f1",
        "dev_average_precision",
        "seconds",
    } == trained.history[0].keys()


def test_the_observer_hears_of_every_text_and_epoch():
    observer = Silent()
    bundle = train_small(TRAIN, DEV, "training.epochs=2", observer=observer)
    assert bundle.history == observer.rows
    assert 2 * 300 == sum(texts for texts, _ in observer.batches)
    assert pytest.approx(observer.rows[-1]["train_loss"]) == observer.batches[-1][1]


def test_two_runs_agree_bit_for_bit(trained):
    assert_same(trained, train_small(TRAIN, DEV))


def test_another_seed_gives_another_model(trained):
    other = train_small(TRAIN, DEV, "training.seed=1")
    assert not np.array_equal(trained.weights["output.weight"], other.weights["output.weight"])


def test_training_does_not_touch_the_global_generator():
    import torch  # noqa: PLC0415 - here only

    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    train_small(TRAIN, DEV, "training.epochs=1")
    assert torch.equal(expected, torch.rand(3))


@pytest.mark.parametrize("monitor", ["loss", "micro_f1", "macro_f1", "average_precision"])
def test_training_stops_when_validation_no_longer_improves(monitor):
    noise = Dataset(TRAIN.texts, np.random.default_rng(0).random((300, 2)) < 0.5, TRAIN.labels)
    bundle = train_small(
        noise, DEV, "training.epochs=60", "training.patience=2", f"training.monitor={monitor}"
    )
    sign = -1 if monitor == "loss" else 1
    values = [sign * row[f"dev_{monitor}"] for row in bundle.history]
    assert len(values) < 60
    assert len(values) - 3 == int(np.argmax(values))  # two epochs without a better one


def test_the_weights_of_the_best_epoch_are_kept():
    settings = ("training.learning_rate=0.5", "training.monitor=loss", "training.epochs=6")
    bundle = train_small(TRAIN, DEV, *settings)
    losses = [row["dev_loss"] for row in bundle.history]
    best = 1 + int(np.argmin(losses))
    assert best < 6
    until_best = train_small(TRAIN, DEV, *settings[:2], f"training.epochs={best}")
    for name, array in until_best.weights.items():
        np.testing.assert_array_equal(array, bundle.weights[name])


class Interrupted(Exception):  # noqa: N818 - a signal, no error
    pass


class StopsAfter(Silent):
    def __init__(self, epochs):
        super().__init__()
        self.epochs = epochs

    def epoch(self, row):
        super().epoch(row)
        if len(self.rows) == self.epochs:
            raise Interrupted


@pytest.mark.parametrize("settings", [(), ("training.embedding_learning_rate=0",)])
def test_a_run_that_was_cut_off_goes_on_bit_for_bit(tmp_path, settings):
    whole = train_small(TRAIN, DEV, *settings)
    path = tmp_path / "checkpoint"
    for epochs in (2, 3):  # cut off twice
        with pytest.raises(Interrupted):
            train_small(TRAIN, DEV, *settings, observer=StopsAfter(epochs), checkpoint_path=path)
    observer = Silent()
    resumed = train_small(TRAIN, DEV, *settings, observer=observer, checkpoint_path=path)
    assert [6, 7, 8] == [row["epoch"] for row in observer.rows]
    assert_same(whole, resumed)


def test_a_run_that_had_ended_is_not_trained_again(tmp_path):
    path = tmp_path / "checkpoint"
    first = train_small(TRAIN, DEV, "training.epochs=2", checkpoint_path=path)
    observer = Silent()
    again = train_small(TRAIN, DEV, "training.epochs=2", observer=observer, checkpoint_path=path)
    assert [] == observer.rows
    assert first.history == again.history
    assert_same(first, again)


@pytest.mark.parametrize("change", ["settings", "train", "dev", "vectors"])
def test_a_checkpoint_of_another_run_is_not_gone_on_from(tmp_path, change, vectors):
    path = tmp_path / "checkpoint"
    train_small(TRAIN, DEV, "training.epochs=1", checkpoint_path=path)
    with pytest.raises(DataError, match="a checkpoint of a run with other settings, data or vec"):
        train_small(
            weather(300, seed=9) if change == "train" else TRAIN,
            weather(80, seed=9) if change == "dev" else DEV,
            "training.epochs=1",
            *(["training.seed=1"] if change == "settings" else []),
            vector_files=[vectors] if change == "vectors" else [],
            checkpoint_path=path,
        )


@pytest.fixture
def vectors(tmp_path):
    path = tmp_path / "vectors.txt"
    rng = np.random.default_rng(0)
    words = ["sun", "snow", "burning", "frozen", "the", "elsewhere"]
    rows = [f"{word} {' '.join(f'{x:.3f}' for x in rng.normal(size=16))}" for word in words]
    path.write_text("\n".join(rows) + "\n")
    return path


def test_vectors_stay_as_they_were_given_at_a_learning_rate_of_0(vectors):
    bundle = train_small(TRAIN, DEV, "training.embedding_learning_rate=0", vector_files=[vectors])
    word, *numbers = vectors.read_text().splitlines()[0].split()
    row = bundle.vocabulary.id_of(word)
    expected = np.array(numbers, dtype=np.float32).astype(np.float16)
    np.testing.assert_array_equal(expected, bundle.weights["embedding"][row])


def test_vectors_move_at_another_learning_rate(vectors):
    bundle = train_small(TRAIN, DEV, vector_files=[vectors])
    numbers = vectors.read_text().splitlines()[0].split()[1:]
    row = bundle.weights["embedding"][bundle.vocabulary.id_of("sun")]
    assert np.abs(np.array(numbers, dtype=np.float32) - row).max() > 0.01


def test_the_bundle_says_which_vectors_it_started_from(vectors):
    observer = Silent()
    bundle = train_small(TRAIN, DEV, "training.epochs=1", observer=observer, vector_files=[vectors])
    told = bundle.provenance["vectors"]
    assert ["vectors.txt"] == told["files"]
    assert [told["summary"]] == observer.messages
    json.dumps(bundle.provenance)


def test_vectors_of_another_width_are_refused(vectors):
    with pytest.raises(ConfigError) as caught:
        train_small(TRAIN, DEV, "model.embedding_width=20", vector_files=[vectors])
    assert (
        f"{vectors} holds vectors of width 16, and the recipe has model.embedding_width 20; "
        "add --set model.embedding_width=16" == str(caught.value)
    )


def test_at_most_so_many_words_enter_the_vocabulary(trained):
    fewer = train_small(TRAIN, DEV, "training.epochs=1", "text.max_words=4")
    assert len(trained.vocabulary) - len(fewer.vocabulary) == len(trained.vocabulary) - 9 - 4


def test_texts_are_cut_after_so_many_tokens():
    """What tells the labels stands behind the fifth word, so nothing can be learnt."""
    bundle = train_small(TRAIN, DEV, "text.max_tokens=5")
    assert bundle.history[-1]["train_loss"] > 0.6


def test_the_padding_row_stays_zero(trained):
    assert not trained.weights["embedding"][0].any()


def test_what_is_stored_is_what_was_measured(trained, tmp_path):
    write_bundle(trained, tmp_path / "bundle")
    detector = EmotionDetector.load(tmp_path / "bundle")
    predicted = detector.predict(DEV.texts)
    hits = 2 * (predicted & DEV.y).sum() / (predicted.sum() + DEV.y.sum())
    assert pytest.approx(trained.provenance["dev_figures"]["micro"]["f1"]) == hits


def dataset(texts, rows, names=("hot", "cold")):
    labels = LabelSet(names)
    return Dataset(texts, labels.encode(rows), labels)


def test_different_labels_are_refused():
    other = dataset(["a"], [["joy"]], names=("joy",))
    with pytest.raises(DataError) as caught:
        train_small(TRAIN, other)
    assert "training and validation data have different labels: hot, cold and joy" == str(
        caught.value
    )


@pytest.mark.parametrize(
    ("train", "dev", "name"),
    [(dataset([], []), DEV, "training"), (TRAIN, dataset([], []), "validation")],
)
def test_data_without_rows_is_refused(train, dev, name):
    with pytest.raises(DataError) as caught:
        train_small(train, dev)
    assert f"the {name} data holds no rows; expected at least one labelled text" == str(
        caught.value
    )


def test_data_without_any_label_is_refused():
    with pytest.raises(DataError, match="no text of the training data has any label"):
        train_small(dataset(["a", "b"], [[], []]), DEV)


@pytest.mark.parametrize("part", ["train", "dev", "both"])
def test_a_label_without_positives_is_no_hindrance(part):
    def only_hot(data):
        return Dataset(data.texts, data.y & [True, False], data.labels)

    bundle = train_small(
        only_hot(TRAIN) if part != "dev" else TRAIN,
        only_hot(DEV) if part != "train" else DEV,
        "training.epochs=2",
    )
    assert bool(np.isfinite(EmotionDetector(bundle).predict_proba(DEV.texts)).all())


def test_dev_without_any_label_is_no_hindrance():
    dev = Dataset(DEV.texts, np.zeros_like(DEV.y), DEV.labels)
    bundle = train_small(TRAIN, dev, "training.epochs=1")
    assert bool(np.isfinite(bundle.thresholds.values).all())


def test_one_label_is_enough():
    train, dev = (Dataset(data.texts, data.y[:, :1], LabelSet(("hot",))) for data in (TRAIN, DEV))
    found = EmotionDetector(train_small(train, dev)).predict(dev.texts)
    np.testing.assert_array_equal(dev.y, found)


def test_odd_texts_are_learnt_from(tmp_path):
    train = dataset(
        ["", "😀", "\ud800", "a" * 1000, "x"], [["hot"], ["cold"], ["hot"], [], ["cold"]]
    )
    bundle = train_small(train, train, "training.epochs=1")
    write_bundle(bundle, tmp_path / "bundle")
    probabilities = EmotionDetector.load(tmp_path / "bundle").predict_proba(train.texts)
    assert bool(np.isfinite(probabilities).all())
