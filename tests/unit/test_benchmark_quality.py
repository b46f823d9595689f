"""The pure parts of ``benchmarks/quality_peers.py``, and of what it trains."""

import importlib
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from emoconv import metrics
from emoconv.data import Dataset
from emoconv.labels import GOEMOTIONS, LabelSet

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
N = 60


@pytest.fixture
def peers(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("quality_peers")


@pytest.fixture
def ready(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("classifiers.ready")


@pytest.fixture
def tables(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("quality_tables")


def labelled(seed):
    rng = np.random.default_rng(seed)
    y = rng.random((N, 28)) < 0.3
    return Dataset([f"{seed} {row}" for row in range(N)], y, GOEMOTIONS)


@pytest.fixture
def data(peers, tmp_path):
    return peers.Data(labelled(0), labelled(1), tmp_path, tmp_path)


def guesses(dataset, *, noise):
    """Probabilities that know the truth but for noise."""
    rng = np.random.default_rng(5)
    p = 0.25 + 0.5 * dataset.y + noise * rng.standard_normal(dataset.y.shape)
    return np.clip(p, 0, 1).astype(np.float32)


def system(peers, data, test, *, noise, about="a system"):
    dev = guesses(data.dev, noise=noise)
    return peers.System({"about": about}, dev, guesses(test, noise=noise))


def test_log_odds_are_bounded(peers):
    found = peers.logits(np.array([[0, 0.5, 1]], np.float32))
    np.testing.assert_allclose([[-16.118, 0, 16.118]], found, atol=1e-3)
    assert np.float32 == found.dtype


def test_cuts_and_calibration_come_from_dev_alone(peers, data):
    test = labelled(2)
    one = peers.decide(system(peers, data, test, noise=0.1), data.dev.y, "test")
    other = peers.decide(system(peers, data, labelled(3), noise=0.1), data.dev.y, "test")
    assert set(peers.RULES) == set(one.cuts) == set(other.cuts)
    for rule in peers.RULES:
        np.testing.assert_array_equal(one.cuts[rule].values, other.cuts[rule].values)
    assert 1 == len(set(one.cuts["shared"].values))


def test_the_better_system_has_the_better_figures_on_dev(peers, data):
    good, bad = (
        peers.quick_figures(data.dev.y, guesses(data.dev, noise=noise)) for noise in (0.1, 1.0)
    )
    assert all(good[name] > bad[name] for name in good)
    assert peers.merit(good) > peers.merit(bad)


def test_a_saved_system_comes_back(peers, data, tmp_path):
    one = system(peers, data, labelled(2), noise=0.1)
    assert peers.System.load(tmp_path, "one") is None
    one.save(tmp_path, "one")
    back = peers.System.load(tmp_path, "one")
    assert one.about == back.about
    np.testing.assert_array_equal(one.dev, back.dev)
    np.testing.assert_array_equal(one.test, back.test)


def test_dev_chooses_among_candidates_and_none_is_trained_twice(peers, data):
    trained = []

    def fit(_, *, noise):
        trained.append(noise)

        def predict(texts):
            return guesses(data.dev if texts == data.dev.texts else labelled(2), noise=noise)

        return predict

    classifier = peers.CLASSIFIERS["tfidf"].__class__(
        about="noise", packages=(), candidates=({"noise": 1.0}, {"noise": 0.1}), fit=fit
    )
    for _ in range(2):
        best = peers.train("noise", classifier, data, labelled(2).texts)
    assert [1.0, 0.1] == trained
    assert {"noise": 0.1} == best.about["settings"]
    assert [{"noise": 1.0}, {"noise": 0.1}] == [c["settings"] for c in best.about["candidates"]]


def test_a_folder_is_read_again_when_its_files_change(peers, data, tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "weights").write_text("one")
    loads = []

    def load(_, labels):
        loads.append(labels)
        return lambda texts: np.full((len(texts), 28), len(loads) / 10, np.float32)

    def read():
        return peers.read_ready(
            [folder], load, kept="bundle-x", about="x", data=data, test_texts=("a", "b")
        )

    first = read()
    assert (2, 28) == read().test.shape
    assert [GOEMOTIONS] == loads
    (folder / "weights").write_text("two")
    assert read().dev[0, 0] > first.dev[0, 0]


def test_results_score_every_system_and_compare_the_first_with_the_others(peers, tables, data):
    test = labelled(2)
    systems = {
        "ours": system(peers, data, test, noise=0.1),
        "theirs": system(peers, data, test, noise=1.0, about="theirs"),
    }
    systems["ours"].about["megabytes"] = 9.26
    systems["theirs"].about.update(settings={"C": 1}, candidates=[{}, {}], train_seconds=61.4)
    found = peers.results(systems, dev=data.dev, measured=test, split="test", resamples=50)
    json.dumps(found)
    decided = peers.decide(systems["ours"], data.dev.y, "test")
    micro = metrics.Counts.of(y=test.y, predicted=decided.predicted("per_label")).micro().f1
    ours = found["systems"]["ours"]["figures"]
    assert micro == pytest.approx(ours["per_label"]["micro"]["f1"], abs=1e-5)
    gain = found["paired"]["theirs"]["per_label"]["macro_f1"]
    macro = [s["figures"]["per_label"]["macro"]["f1"] for s in found["systems"].values()]
    assert gain["estimate"] == pytest.approx(macro[0] - macro[1], abs=2e-5)
    assert 0 < gain["low"] < gain["high"]
    assert ["theirs"] == list(found["paired"])

    made = {"command": "run", "commit": "abc", "machine": {"processor": "p", "cores": 2}}
    made["machine"]["python"] = "3.11"
    for split, flatters in (("test", False), ("dev", True)):
        section = tables.peers_section({**found, **made, "split": split})
        assert f"Measured on the official {split} split, 60 texts" in section
        assert flatters is ("flatter" in section)
    assert "| `theirs` |" in tables.systems_table(found)
    assert "61 |" in tables.systems_table(found)
    assert "p = .039" in tables.paired_table(found)  # 2 / 51: no resample is without the gain
    assert 30 == len(tables.emotions_table(found).splitlines())
    expected = "- `ours`: a system, 9.3 MB\n- `theirs`: theirs (C 1; best of 2 on dev)"
    assert expected == tables.systems_list(found)


def test_columns_of_a_classifier_are_found_by_its_names_for_them(ready):
    labels = LabelSet(("joy", "anger"))
    assert [1, 0] == ready.label_columns({0: "anger", 1: "joy"}, labels)
    assert [0, 1] == ready.label_columns({0: "LABEL_0", 1: "LABEL_1"}, labels)
    with pytest.raises(ValueError, match="a classifier of other labels: anger, fear"):
        ready.label_columns({0: "anger", 1: "fear"}, labels)


def test_an_ensemble_is_the_mean(ready):
    ones = [lambda texts, p=p: np.full((len(texts), 2), p, np.float32) for p in (0.25, 0.75)]
    assert [[0.5, 0.5]] == ready.mean_of(ones)(["a"]).tolist()


def test_bundles_of_other_labels_are_refused(ready, monkeypatch):
    import emoconv  # noqa: PLC0415 - what is replaced

    detector = SimpleNamespace(load=lambda _: SimpleNamespace(labels=("joy",)))
    monkeypatch.setattr(emoconv, "EmotionDetector", detector)
    with pytest.raises(SystemExit, match="x: a bundle of other labels: joy"):
        ready.load_bundle(Path("x"), GOEMOTIONS)


def test_the_command_names_what_was_left_out(peers):
    every = SimpleNamespace(
        bundle={"a": "x"}, teacher={}, peers=list(peers.CLASSIFIERS), resamples=10_000, test=True
    )
    typed = "python benchmarks/quality_peers.py --data DATA --work FOLDER --bundle a=FOLDER"
    assert f"{typed} --test" == peers.as_typed(every)
    some = SimpleNamespace(**{**vars(every), "peers": ["tfidf"], "resamples": 9, "test": False})
    assert f"{typed} --peers tfidf --resamples 9" == peers.as_typed(some)
