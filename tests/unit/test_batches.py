import numpy as np
import pytest

from emoconv.text import Encoded
from emoconv.train.batches import POOL, iterate, pad


def encoded(*lengths):
    """Texts of the given lengths; the ids of text n are n + 1."""
    ids = np.repeat(np.arange(1, len(lengths) + 1, dtype=np.int32), lengths)
    return Encoded(ids, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))


def test_texts_are_padded_on_the_right_to_the_longest():
    batch = pad(encoded(2, 0, 3), np.array([2, 0]))
    assert [[3, 3, 3], [1, 1, 0]] == batch.ids.tolist()
    assert ([3, 2], [2, 0]) == (batch.lengths.tolist(), batch.rows.tolist())


def test_a_batch_of_empty_texts_is_one_token_wide():
    batch = pad(encoded(0, 0), np.array([0, 1]))
    assert ([[0], [0]], [0, 0]) == (batch.ids.tolist(), batch.lengths.tolist())


def test_without_a_generator_the_order_is_kept():
    batches = list(iterate(encoded(1, 2, 3, 4, 5), batch_size=2))
    assert [[0, 1], [2, 3], [4]] == [batch.rows.tolist() for batch in batches]


@pytest.mark.parametrize("size", [1, 7, 700])
def test_with_a_generator_every_text_comes_once(size):
    lengths = np.random.default_rng(0).integers(0, 9, 200)
    batches = iterate(encoded(*lengths), batch_size=size, rng=np.random.default_rng(1))
    rows = [row for batch in batches for row in batch.rows.tolist()]
    assert list(range(200)) == sorted(rows)
    assert list(range(200)) != rows


def test_texts_of_like_length_come_together():
    lengths = np.random.default_rng(0).integers(0, 100, 4 * POOL)
    batches = iterate(encoded(*lengths), batch_size=4, rng=np.random.default_rng(1))
    spreads = [int(batch.lengths.max() - batch.lengths.min()) for batch in batches]
    assert max(spreads) < 10


def test_equal_seeds_give_equal_orders():
    data = encoded(*range(30))
    first, second, other = (
        [b.rows.tolist() for b in iterate(data, batch_size=4, rng=np.random.default_rng(seed))]
        for seed in (3, 3, 4)
    )
    assert first == second
    assert first != other
