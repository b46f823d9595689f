import numpy as np
import pytest

from emoconv.data import Dataset, normalise
from emoconv.doctor import cross_validated, draw_folds
from emoconv.doctor import folds as folds_module
from emoconv.errors import DataError
from trainings import Silent, small_config, weather


def test_folds_part_the_rows_and_equal_texts_stay_together():
    texts = [f"{word}{sign}" for word in "abcdefgh" for sign in ("", "!", "?!")] + ["", " "]
    found = draw_folds(texts, folds=3, seed=1)
    assert list(range(26)) == sorted(np.concatenate(found).tolist())
    words = [{normalise(texts[row]) for row in fold} - {""} for fold in found]
    assert 8 == sum(map(len, words))


def test_folds_depend_on_the_seed_alone():
    texts = [str(i) for i in range(50)]
    same, other = (draw_folds(texts, folds=2, seed=s)[0].tolist() for s in (0, 1))
    assert same == draw_folds(texts, folds=2, seed=0)[0].tolist()
    assert same != other


def test_too_few_texts_are_said_to_be():
    with pytest.raises(DataError, match="too few"):
        draw_folds(["a", "A"], folds=2, seed=0)


@pytest.fixture
def config():
    return small_config("training.epochs=6")


def test_models_that_did_not_see_a_text_tell_its_labels():
    dataset, observer = weather(240), Silent()
    config = small_config("training.epochs=20", "training.monitor=loss")
    found = cross_validated(dataset, config=config, observer=observer, folds=2)
    assert (240, 2) == found.shape
    assert ((found >= 0.5) == dataset.y).mean() > 0.9
    assert ["fold 1 of 2: 120 texts", "fold 2 of 2: 120 texts"] == observer.messages


def test_what_a_model_says_of_a_text_does_not_depend_on_its_labels(config):
    dataset = weather(80)
    one = draw_folds(dataset.texts, folds=2, seed=0)[0]
    flipped = dataset.y.copy()
    flipped[one] ^= True
    other = Dataset(dataset.texts, flipped, dataset.labels)
    found = [
        cross_validated(data, config=config, observer=Silent(), folds=2)[one]
        for data in (dataset, other)
    ]
    np.testing.assert_array_equal(*found)


def test_a_run_that_is_cut_off_goes_on_and_ends_the_same(config, tmp_path, monkeypatch):
    dataset, work = weather(80), tmp_path / "work"
    expected = cross_validated(dataset, config=config, observer=Silent(), folds=2)
    keep = folds_module._keep
    kept = []

    def keep_one(path, probabilities):
        if kept:
            raise KeyboardInterrupt
        kept.append(path)
        keep(path, probabilities)

    monkeypatch.setattr(folds_module, "_keep", keep_one)
    with pytest.raises(KeyboardInterrupt):
        cross_validated(dataset, config=config, observer=Silent(), folds=2, work=work)
    monkeypatch.setattr(folds_module, "_keep", keep)
    again = Silent()
    found = cross_validated(dataset, config=config, observer=again, folds=2, work=work)
    np.testing.assert_array_equal(expected, found)
    assert "fold 1 of 2: there already" == again.messages[0]
    assert [] == list(tmp_path.iterdir())


def test_another_run_in_the_same_place_is_left_alone(config, tmp_path):
    (tmp_path / "other").mkdir()
    cross_validated(weather(60), config=config, observer=Silent(), folds=2, work=tmp_path)
    assert [tmp_path / "other"] == list(tmp_path.iterdir())
