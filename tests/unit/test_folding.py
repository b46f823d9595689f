"""Tables hold what the filters answer, row by row, whenever a row is asked for."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import numpy as np
import pytest

from emoconv.bundle import Bundle
from emoconv.calibration import Calibration
from emoconv.config import Config, ModelConfig
from emoconv.engine import folding
from emoconv.engine.folding import Tables, stack_filters
from emoconv.labels import LabelSet
from emoconv.text import SPECIALS, Vocabulary
from emoconv.thresholds import Thresholds

V, D, F, WIDTHS = 1500, 7, 37, (1, 3)  # F is filled up to 64
COLUMNS, PADDED = 4 * F, 64


@pytest.fixture(scope="module")
def bundle():
    rng = np.random.default_rng(0)
    shapes = {
        "embedding": (V, D),
        "convolution.1.weight": (F, D, 1),
        "convolution.1.bias": (F,),
        "convolution.3.weight": (F, D, 3),
        "convolution.3.bias": (F,),
        "output.weight": (2, 2 * F),
        "output.bias": (2,),
    }
    weights = {name: rng.normal(size=shape).astype(np.float16) for name, shape in shapes.items()}
    weights["embedding"][0] = 0
    return Bundle(
        config=Config(model=ModelConfig(embedding_width=D, kernel_widths=WIDTHS, filters=F)),
        labels=LabelSet(("a", "b")),
        vocabulary=Vocabulary([*SPECIALS, *(f"w{i}" for i in range(V - len(SPECIALS)))]),
        thresholds=Thresholds.fixed(0.5, 2),
        calibration=Calibration.identity(2),
        weights=weights,
    )


@pytest.fixture(scope="module")
def exact(bundle):
    """What the filters answer to each word, float64 (V, columns)."""
    return bundle.weights["embedding"].astype(np.float64) @ stack_filters(bundle).matrix


def rows_of(tables, ids):
    return tables.rows[tables.places(np.asarray(ids, dtype=np.int32))]


def without_padding(rows):
    rows = rows.reshape(len(rows), 4, PADDED)
    assert not rows[:, :, F:].any()
    return rows[:, :, :F].reshape(len(rows), -1)


def test_float32_rows_are_the_products(bundle, exact):
    tables = Tables(bundle, np.float32)
    np.testing.assert_allclose(exact, without_padding(rows_of(tables, range(V))), atol=1e-5)
    assert {1.0} == set(tables.scale.tolist())


def test_int8_rows_are_the_products_in_units(bundle, exact):
    tables = Tables(bundle, np.int8)
    scale = np.repeat(tables.scale.reshape(2, PADDED), WIDTHS, axis=0)[:, :F].ravel()
    rows = without_padding(rows_of(tables, range(V)))
    assert np.int8 == rows.dtype
    assert (np.abs(rows * scale - exact) <= 0.51 * scale).all()


def test_the_unit_leaves_room_for_half_as_much_again(bundle):
    tables = Tables(bundle, np.int8)
    rows = np.abs(rows_of(tables, range(V)).astype(np.int64)).max(axis=0).reshape(4, PADDED)
    largest = np.stack([rows[0], rows[1:].max(axis=0)])[:, :F]  # of each filter
    assert {85} == set(largest.ravel().tolist())  # 127 / 1.5; all words are frequent ones


def test_an_answer_without_room_is_cut(bundle):
    loud = bundle.weights["embedding"].copy()
    loud[-1] = 100 * loud[9]
    loud = dataclasses.replace(bundle, weights={**bundle.weights, "embedding": loud})
    with mock.patch.object(folding, "_FREQUENT_WORDS", V - 1):
        tables = Tables(loud, np.int8)
    assert np.array_equal(tables.scale, Tables(bundle, np.int8).scale)
    row = without_padding(rows_of(tables, [V - 1]))[0].astype(np.int64)
    assert (np.abs(row) <= 127).all()
    assert (np.abs(row) == 127).any()
    same = without_padding(rows_of(tables, [9]))[0]
    assert (np.sign(row) == np.sign(same))[same != 0].all()


@pytest.mark.parametrize("dtype", [np.int8, np.float32])
def test_a_row_is_the_same_bit_for_bit_whatever_it_is_computed_with(bundle, dtype):
    whole = rows_of(Tables(bundle, dtype), range(V))
    rng = np.random.default_rng(1)
    tables = Tables(bundle, dtype)
    for size in (1, 2, 3, 50, 513, V):
        ids = rng.integers(0, V, size)
        assert np.array_equal(whole[ids], rows_of(tables, ids))


def test_rows_lie_in_the_order_in_which_words_are_met(bundle):
    tables = Tables(bundle, np.int8)
    assert [0, 1, 1] == tables.places(np.array([700, 900, 900])).tolist()
    assert [2, 0] == tables.places(np.array([5, 700])).tolist()
    assert [] == tables.places(np.array([], dtype=np.int32)).tolist()


def test_threads_may_ask_at_once(bundle):
    whole = rows_of(Tables(bundle, np.int8), range(V))
    tables = Tables(bundle, np.int8)
    parts = np.random.default_rng(2).integers(0, V, (40, 200))
    with ThreadPoolExecutor(4) as pool:
        for part, rows in zip(parts, pool.map(lambda p: rows_of(tables, p), parts), strict=True):
            assert np.array_equal(whole[part], rows)
    assert len(np.unique(parts)) == tables._used


def test_a_filter_that_answers_nothing_has_a_unit_all_the_same(bundle):
    weights = {n: w if n == "output.bias" else np.zeros_like(w) for n, w in bundle.weights.items()}
    tables = Tables(dataclasses.replace(bundle, weights=weights), np.int8)
    assert {1.0} == set(tables.scale.tolist())
    assert not rows_of(tables, range(V)).any()
