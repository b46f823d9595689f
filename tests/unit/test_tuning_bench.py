"""A trial is the training that ``emoconv train`` does, scored by what it did not choose."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emoconv.data import Dataset
from emoconv.embeddings import read_vectors
from emoconv.errors import DataError
from emoconv.labels import LabelSet
from emoconv.metrics import Counts
from emoconv.thresholds import choose
from emoconv.train import loop
from emoconv.train import preparation as preparation_module
from emoconv.train.loop import predict_logits
from emoconv.train.pipeline import preparation_of, train_bundle, train_network
from emoconv.train.preparation import Preparation
from emoconv.tuning.bench import Bench, Task, reason_of
from emoconv.tuning.measuring import FOLDS, cross_decided, measure, split_dev
from emoconv.tuning.space import read_space
from trainings import Silent, small_config, weather
from tunings import NoBar

CONFIG = small_config("training.epochs=2")


def bench_of(config=CONFIG, **options):
    _, space, _ = read_space(config)
    task = Task(train=weather(80), dev=weather(60, seed=1), start=config, space=space, **options)
    return Bench(task, NoBar())


def ignore(_row):
    pass


def test_a_trial_is_the_training_of_its_recipe():
    bench = bench_of()
    rows = []
    kept = bench.score(CONFIG, on_epoch=rows.append)
    bundle = train_bundle(bench.task.train, bench.choosing, config=CONFIG, observer=Silent())
    for row, ours in zip(bundle.history, rows, strict=True):
        assert {**row, "seconds": 0} == {**{key: ours[key] for key in row}, "seconds": 0}
    assert kept in rows
    assert max(row["dev_macro_f1"] for row in rows) == kept["dev_macro_f1"]


def test_what_is_kept_for_other_recipes_changes_nothing():
    recipes = [
        small_config("training.epochs=1"),
        small_config("training.epochs=1", 'text.tokenizer="plain"', "text.max_tokens=4"),
        small_config("training.epochs=1", "text.min_count=3"),
    ]
    bench = bench_of()
    for recipe in [*recipes, *recipes]:
        kept = bench.score(recipe, on_epoch=ignore)
        alone = bench_of(recipe).score(recipe, on_epoch=ignore)
        assert {**alone, "seconds": 0} == {**kept, "seconds": 0}


def write_vectors(tmp_path):
    """Two files with emoji of which one is known to the second by another spelling."""
    first, second = tmp_path / "a.txt", tmp_path / "b.txt"
    first.write_text("sun 1 2\nTOWN 3 4\n\N{HEAVY BLACK HEART}\N{VARIATION SELECTOR-16} 5 6\n")
    second.write_text("the 0 1\nsnow 1 1\n\N{HEAVY BLACK HEART} 7 8\nunheard 9 9\n")
    return [str(first), str(second)]


@pytest.mark.parametrize("min_count", [1, 2])
def test_vectors_that_are_kept_are_those_that_would_be_read(tmp_path, min_count):
    heart, full = "\N{HEAVY BLACK HEART}", "\N{HEAVY BLACK HEART}\N{VARIATION SELECTOR-16}"
    texts = ["the sun", f"the snow {heart}", f"in town {heart}", f"sun once {full}", "soooo"]
    config = small_config(f"text.min_count={min_count}", "model.embedding_width=2")
    files = write_vectors(tmp_path)
    kept = Preparation(texts, vector_files=files, keep=True)
    kept.prepare(small_config("text.min_count=1", "model.embedding_width=2"))
    ours, alone = kept.prepare(config), Preparation(texts, vector_files=files).prepare(config)
    assert alone.encoder.vocabulary.tokens == ours.encoder.vocabulary.tokens
    assert alone.vectors == ours.vectors
    np.testing.assert_array_equal(alone.matrix, ours.matrix)


def test_files_are_read_once_for_each_tokenizer(tmp_path, monkeypatch):
    files = write_vectors(tmp_path)
    preparation = Preparation(["the sun", "the snow"], vector_files=files, keep=True)
    read = []
    monkeypatch.setattr(
        preparation_module,
        "read_vectors",
        lambda *arguments, reader=read_vectors: read.append(1) or reader(*arguments),
    )
    for tokenizer in ("rich", "plain", "rich", "plain"):
        for count in (1, 2):
            preparation.prepare(
                small_config(
                    f'text.tokenizer="{tokenizer}"',
                    f"text.min_count={count}",
                    "model.embedding_width=2",
                )
            )
    assert 2 * len(files) == len(read)


def test_a_shared_preparation_gives_the_same_bundle():
    train, dev = weather(60), weather(30, seed=1)
    alone = train_bundle(train, dev, config=CONFIG, observer=Silent())
    shared = train_bundle(
        train, dev, config=CONFIG, observer=Silent(), preparation=preparation_of(train, keep=True)
    )
    assert alone.fingerprint() == shared.fingerprint()


def test_another_seed_gives_another_bundle_with_cuts_of_the_half_to_choose_by():
    bench = bench_of()
    bundles = [bench.bundle(CONFIG, seed=seed) for seed in (0, 1)]
    assert bundles[0].fingerprint() != bundles[1].fingerprint()
    assert [0, 1] == [bundle.config.training.seed for bundle in bundles]
    assert (
        f"the half of the validation data to choose by, {len(bench.choosing)} texts"
        == bundles[0].thresholds.data
    )


def test_a_loss_that_is_no_number_ends_the_training():
    bench = bench_of(targets=np.full((80, 2), np.nan, dtype=np.float32))
    with pytest.raises(FloatingPointError, match="the loss is nan"):
        bench.score(CONFIG, on_epoch=ignore)


def test_logits_that_are_no_numbers_end_the_training(monkeypatch):
    monkeypatch.setattr(
        loop, "predict_logits", lambda *a, real=predict_logits: real(*a) + np.float32("inf")
    )
    with pytest.raises(FloatingPointError, match="answers with what is no number"):
        bench_of().score(CONFIG, on_epoch=ignore)


def test_measures_of_an_epoch_are_of_the_caller():
    train, dev = weather(40), weather(20, seed=1)
    trained = train_network(
        train,
        dev,
        config=CONFIG,
        observer=Silent(),
        preparation=preparation_of(train),
        score=lambda logits: {"macro_f1": float(logits.shape[0])},
    )
    assert [20.0, 20.0] == [row["dev_macro_f1"] for row in trained.history]


def test_the_halves_hold_every_text_once_and_no_comment_twice():
    dataset = weather(60)
    ids = [f"c{i // 3}" for i in range(60)]
    dev = Dataset(dataset.texts, dataset.y, dataset.labels, ids=ids)
    choosing, held_out = split_dev(dev, seed=0)
    assert sorted(ids) == sorted([*choosing.ids, *held_out.ids])
    assert set() == set(choosing.ids) & set(held_out.ids)
    assert abs(len(choosing) - 30) <= 3
    assert choosing.texts == split_dev(dev, seed=0)[0].texts
    assert choosing.texts != split_dev(dev, seed=1)[0].texts


@pytest.mark.parametrize("rows", [1, 8])
def test_too_few_validation_texts_are_refused(rows):
    with pytest.raises(DataError) as caught:
        split_dev(weather(rows), seed=0)
    assert (
        f"the validation data holds {rows} texts; expected at least 5 to choose by and as many to "
        "compare on" == str(caught.value)
    )


@settings(max_examples=25)
@given(st.integers(FOLDS, 40), st.integers(0, 9))
def test_a_text_is_decided_by_what_was_chosen_without_it(n, seed):
    """Its own labels, whatever they are, change nothing of what is said of it."""
    rng = np.random.default_rng(seed)
    y = rng.random((n, 3)) < 0.4
    logits = rng.normal(size=(n, 3)).astype(np.float32)
    changed = y.copy()
    changed[0] = ~changed[0]
    before, after = (
        cross_decided(labels, logits, rule="per-label", seed=seed) for labels in (y, changed)
    )
    np.testing.assert_array_equal(before[0], after[0])


def test_cross_decisions_flatter_less_than_cuts_of_the_texts_themselves():
    rng = np.random.default_rng(0)
    y = rng.random((200, 12)) < 0.05
    noise = rng.normal(size=y.shape).astype(np.float32)  # says nothing of y
    own = choose(y, 1 / (1 + np.exp(-noise)), rule="per-label", data="").decide(
        1 / (1 + np.exp(-noise))
    )
    flattered = float(Counts.of(y=y, predicted=own).macro().f1)
    assert measure(y, noise, rule="per-label", seed=0)["macro_f1"] < flattered


def test_perfect_logits_measure_one():
    y = np.arange(40)[:, None] % 2 == np.arange(2)
    logits = np.where(y, 9, -9).astype(np.float32)
    assert {"macro_f1": 1.0, "micro_f1": 1.0} == measure(y, logits, rule="per-label", seed=0)


def test_fingerprints_tell_what_differs(tmp_path):
    file = tmp_path / "v.txt"
    file.write_text("the 1 2\n")
    _, space, _ = read_space(CONFIG)
    plain = {"train": weather(20), "dev": weather(20), "start": CONFIG, "space": space}
    targets = np.zeros((20, 2), dtype=np.float32)
    others = {
        "recipe": {"start": small_config("training.epochs=3")},
        "space": {"space": type(space)({"text.min_count": space.parameters["text.min_count"]})},
        "objective": {"objective": "micro_f1"},
        "vectors": {"vector_files": [str(file)]},
        "training data": {"train": weather(21)},
        "validation data": {"dev": weather(21)},
        "votes": {"targets": targets},
    }
    before = Task(**plain).fingerprints
    assert list(others) == list(before)
    for name, change in others.items():
        after = Task(**{**plain, **change}).fingerprints
        assert {name} == {part for part in before if before[part] != after[part]}


def test_a_member_of_a_zip_counts_by_its_name():
    _, space, _ = read_space(CONFIG)
    task = {"train": weather(20), "dev": weather(20), "start": CONFIG, "space": space}
    prints = [
        Task(**task, vector_files=[f"there/a.zip:{m}"]).fingerprints["vectors"] for m in "xxy"
    ]
    assert prints[0] == prints[1] != prints[2]


def test_a_reason_is_one_line_and_not_endless():
    assert "MemoryError" == reason_of(MemoryError())
    assert "after epoch 2: ValueError: a b" == reason_of(ValueError("a\n b"), epochs=2)
    assert 300 == len(reason_of(ValueError("x" * 999)))


def test_labels_of_other_names_are_refused():
    bench = bench_of()
    task = Task(
        train=bench.task.train,
        dev=Dataset(bench.task.dev.texts, bench.task.dev.y, LabelSet(("x", "y"))),
        start=CONFIG,
        space=bench.task.space,
    )
    with pytest.raises(DataError, match="have different labels"):
        Bench(task, NoBar()).score(CONFIG, on_epoch=ignore)
