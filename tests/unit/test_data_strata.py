import numpy as np
import pytest

from emoconv.data.strata import deal


def texts(count):
    return [f"text {number}" for number in range(count)]


def one_hot(counts):
    """Rows of one label each, so many of each label."""
    return np.repeat(np.eye(len(counts), dtype=bool), counts, axis=0)


@pytest.mark.parametrize("seed", range(5))
def test_each_part_gets_its_share_of_each_label(seed):
    y = one_hot([50, 30, 10, 10])
    parts = deal(texts(100), y, shares=[0.2] * 5, seed=seed)
    assert [[10, 6, 2, 2]] * 5 == [y[parts == part].sum(axis=0).tolist() for part in range(5)]


@pytest.mark.parametrize("seed", range(5))
def test_labels_that_come_together_are_shared_out_too(seed):
    y = np.random.default_rng(seed).random((2_000, 6)) < [0.5, 0.3, 0.1, 0.05, 0.02, 0.01]
    parts = deal(texts(2_000), y, shares=[0.9, 0.1], seed=seed)
    np.testing.assert_allclose(y[parts == 1].sum(axis=0), y.sum(axis=0) / 10, atol=10)
    assert 200 == pytest.approx((parts == 1).sum(), abs=20)


@pytest.mark.parametrize("seed", range(5))
def test_the_only_text_of_a_label_goes_to_the_largest_part(seed):
    y = one_hot([1, 19])
    assert 0 == deal(texts(20), y, shares=[0.8, 0.2], seed=seed)[0]
    assert 1 == deal(texts(20), y, shares=[0.2, 0.8], seed=seed)[0]


@pytest.mark.parametrize("seed", range(5))
def test_texts_that_are_equal_but_for_case_and_signs_go_together(seed):
    same = ["So good!", "so GOOD", "so, good"]
    y = np.array([[True], [False], [True], *[[True]] * 17])
    parts = deal([*same, *texts(17)], y, shares=[0.5, 0.5], seed=seed)
    assert 1 == len(set(parts[:3].tolist()))


def test_blank_texts_are_apart():
    parts = deal([""] * 10, np.ones((10, 1), dtype=bool), shares=[0.5, 0.5], seed=0)
    assert [5, 5] == np.bincount(parts).tolist()


def test_texts_without_a_label_are_spread():
    parts = deal(texts(10), np.zeros((10, 1), dtype=bool), shares=[0.5, 0.5], seed=0)
    assert [5, 5] == np.bincount(parts).tolist()


def test_equal_seeds_give_equal_parts():
    first, second, other = (
        deal(texts(50), one_hot([25, 25]), shares=[0.5, 0.5], seed=seed).tolist()
        for seed in (3, 3, 4)
    )
    assert first == second
    assert first != other


def test_no_texts_have_no_parts():
    assert 0 == len(deal([], np.zeros((0, 2), dtype=bool), shares=[0.5, 0.5], seed=0))
