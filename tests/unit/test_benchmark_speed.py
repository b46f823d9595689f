"""The pure parts of ``benchmarks/speed.py`` and its peers."""

import importlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def speed(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("speed")


@pytest.fixture
def base(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("peers.base")


def test_batches_pad_to_their_longest_text_and_answers_keep_the_texts_order(base):
    shapes = []

    def encode(texts):
        return base.flat([[ord(letter) for letter in text] for text in texts])

    def run(ids, lengths):
        shapes.append(ids.shape)
        assert [7] * int((ids.shape[1] - lengths).sum()) == ids[ids < ord("a")].tolist()
        return np.repeat(lengths[:, None], base.LABELS, axis=1)

    batched = base.Batched(encode, run, pad=7, batch_sizes=(1, 2))

    assert [3, 0, 1, 4, 2] == batched(["abc", "", "d", "efgh", "ij"])[:, 5].tolist()
    assert [(2, 1), (2, 3), (1, 4)] == shapes


def test_a_rate_is_the_median_of_rounds_with_its_range(speed):
    expected = {"median": 50.0, "low": 25.0, "high": 100.0, "texts": 100, "rounds": 3}
    assert expected == speed.rate([(100, 1.0), (100, 4.0), (100, 2.0)])


def test_no_rounds_give_no_rate(speed):
    assert speed.rate([]) is None


@pytest.mark.parametrize(
    ("per_second", "expected"), [(10, 96), (1_000, 1_000), (10_000_000, 400_000)]
)
def test_a_round_has_as_many_texts_as_its_time_allows_within_bounds(speed, per_second, expected):
    process = SimpleNamespace(ask=lambda _, **asked: {"seconds": asked["count"] / per_second})
    assert expected == speed.text_count(process, "goemotions", 1.0)


def test_cost_is_in_multiples_of_ours_and_a_failed_peer_has_none(speed):
    def peer(rate):
        return {"rates": {"goemotions": {"2": {"median": rate}}}}

    peers = {speed.OURS: peer(400.0), "slow": peer(8.0), "broken": {"error": "no such file"}}
    speed.add_ratios(peers)
    assert [1.0, 50.0, None] == [figures.get("cost_ratio") for figures in peers.values()]
