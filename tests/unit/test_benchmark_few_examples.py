"""The parts of ``benchmarks/few_examples.py`` that need neither its data nor hours."""

import gzip
import importlib
from pathlib import Path

import numpy as np
import pytest

from teachers import make_encoder

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
TEXTS = ["good good day", "a good one", "bad bad day", "a bad one"] * 6
Y = np.array([0, 0, 1, 1] * 6)


@pytest.fixture
def module(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module


@pytest.fixture
def part(module):
    return module("few_examples_tasks").Part(TEXTS, Y)


@pytest.fixture
def tools(module, tmp_path):
    return module("few_examples_methods").Tools(tmp_path, tmp_path, tmp_path)


def test_a_larger_draw_holds_the_smaller_one(module, part):
    tasks = module("few_examples_tasks")
    numbered = tasks.Part([str(row) for row in range(24)], Y)
    task = tasks.Task("", ("up", "down"), numbered, part, part, 0)
    few, more = task.draw(5, seed=1), task.draw(15, seed=1)
    assert few.texts == more.texts[:5]
    assert few.y.tolist() == [Y[int(text)] for text in few.texts]
    assert few.texts != task.draw(5, seed=2).texts


def test_a_text_that_is_measured_on_is_not_learnt_from(module, part):
    tasks = module("few_examples_tasks")
    pool = tasks.Part(["new", "Good good day!", "other"], np.array([0, 1, 1]))
    task = tasks._task("", ("up", "down"), pool, part, part)
    assert (["new", "other"], [0, 1], 1) == (task.pool.texts, task.pool.y.tolist(), task.left_out)


def test_a_post_is_english_if_most_of_its_words_are_known(module):
    is_english = module("few_examples_tasks")._is_english
    assert is_english("A good day, Pedro!", {"a", "good", "day"})
    assert not is_english("Hoy es a good día", {"a", "good"})
    assert not is_english("good day", {"good", "day"})


def test_pairs_are_half_of_one_class_and_go_round_all_texts(module):
    pairs_of = module("few_examples_encoder").pairs_of
    y = np.array([0] * 5 + [1] * 4 + [2])
    pairs = pairs_of(y, np.random.default_rng(0))
    alike = y[pairs[:, 0]] == y[pairs[:, 1]]
    assert (400, 200) == (len(pairs), alike.sum())
    assert (
        [20] * 10 == np.bincount(pairs[alike, 0]).tolist() == np.bincount(pairs[~alike, 0]).tolist()
    )
    assert {(9, 9)} == {(a, b) for a, b in pairs[alike].tolist() if a == b}


def test_there_are_no_more_pairs_than_are_told(module):
    encoder = module("few_examples_encoder")
    y = np.arange(300) % 7
    assert encoder.PAIRS == len(encoder.pairs_of(y, np.random.default_rng(0)))


def test_a_text_has_its_vector_whatever_stands_beside_it(module, tmp_path):
    encoder = module("few_examples_encoder").Encoder.load(make_encoder(tmp_path / "encoder"))
    texts = ["i love you so much", "not", "the day was"] * 20
    found = encoder.embed(texts)
    assert (60, 16) == found.shape
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-5)
    alone = np.concatenate([encoder.embed([text]) for text in texts[:3]])
    assert found == pytest.approx(np.tile(alone, (20, 1)), abs=0.02)  # of bfloat16


def test_tuning_brings_texts_of_a_class_together_and_leaves_the_encoder(
    module, tmp_path, monkeypatch
):
    code = module("few_examples_encoder")
    monkeypatch.setattr(code, "_STEP_SIZE", 1e-3)  # there are 50 steps, from random numbers
    encoder = code.Encoder.load(make_encoder(tmp_path / "encoder"))
    texts = ["i love you", "love it", "i hate you", "hate it"] * 5
    before = encoder.embed(texts)
    after = encoder.tuned(texts, Y[:20], seed=0).embed(texts)
    assert before == pytest.approx(encoder.embed(texts))
    alike = Y[:20, None] == Y[None, :20]
    gaps = [(v @ v.T)[alike].mean() - (v @ v.T)[~alike].mean() for v in (before, after)]
    assert gaps[1] > gaps[0] + 0.2


def test_every_method_has_its_jobs_and_slow_ones_come_last(module):
    benchmark = module("few_examples")
    found = benchmark.jobs(["warm", "tuned"])
    assert 2 * (4 * 3 + 2) + 2 * 2 * 2 == len(found) == len(set(found))
    assert ["warm"] * 28 + ["tuned"] * 8 == [job.method for job in found]
    assert [100, 300] == sorted({job.texts for job in found if job.method == "tuned"})


def test_a_class_that_is_never_found_counts_in_the_mean(module):
    found = module("few_examples").scores(np.array([0, 0, 1, 2]), np.array([0, 0, 1, 1]), classes=4)
    assert {"macro_f1": round((1 + 2 / 3) / 4, 5), "accuracy": 0.75} == found


def test_the_baseline_of_tf_idf_solves_words_that_tell(module, part, tools):
    fit = module("few_examples_methods").METHODS["tfidf"].load("emotions", tools)
    assert Y.tolist() == fit(part, 0)(TEXTS).tolist()


def test_word_vectors_are_read_and_their_means_solve_words_that_tell(module, part, tools):
    methods = module("few_examples_methods")
    (tools.data / "vectors").mkdir()
    lines = ["good 1 0", "bad 0 1", "day 0.5 0.5"]
    with gzip.open(tools.data / methods.VECTORS, "wt", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    predict = methods.METHODS["static"].load("emotions", tools)(part, 0)
    assert [0, 1] == predict(["so GOOD!", "bad"]).tolist()
    assert 1 == len(predict(["unknown words"]))


def test_what_is_installed_weighs_more_with_what_it_requires(module):
    installed_mb = module("few_examples_methods").installed_mb
    assert 0 < installed_mb(["numpy"]) < installed_mb(["scikit-learn"])
    assert installed_mb(["scikit_learn", "numpy"]) == pytest.approx(installed_mb(["scikit-learn"]))


def test_results_are_written_whole(module, tmp_path):
    path = tmp_path / "found.json"
    module("few_examples").write({"runs": []}, path)
    assert '{\n "runs": []\n}\n' == path.read_text()
    assert [path] == list(tmp_path.iterdir())


@pytest.mark.real_data
def test_parts_share_no_text(module, real_data):
    tasks = module("few_examples_tasks")
    if not (real_data / tasks.POSTS).exists():
        pytest.skip(f"EMOCONV_DATA holds no {tasks.POSTS}")
    for name in tasks.TASKS:
        task = tasks.read_task(name, real_data)
        measured = {*task.dev.texts, *task.test.texts}
        assert not measured & set(task.pool.texts)
        assert len(task.classes) == len(set(task.test.y)) == len(set(task.pool.y))
