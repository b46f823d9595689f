import math

import numpy as np
import pytest

from emoconv.monitoring.significance import (
    cohen_h,
    distance,
    distance_p_value,
    share_p_value,
    visible_distance,
    visible_h,
)


@pytest.mark.parametrize(
    ("counts", "totals"),
    [((0, 0), (9, 5)), ((9, 5), (9, 5)), ((3, 3), (10, 10)), ((3, 4), (10, 10)), ((1, 0), (1, 1))],
)
def test_shares_that_differ_by_no_more_than_a_text_are_not_told_apart(counts, totals):
    assert 1 == share_p_value(counts=counts, totals=totals)


def test_the_test_of_shares_does_not_care_which_is_which():
    found = share_p_value(counts=(10, 25), totals=(100, 200))
    assert pytest.approx(found) == share_p_value(counts=(25, 10), totals=(200, 100))
    assert pytest.approx(found) == share_p_value(counts=(90, 175), totals=(100, 200))


def test_a_rare_label_of_unequal_samples_is_no_alarm():
    # The exact probability of 2 or more of 300 at 1 in 10,000 is 0.0004; a z test says 10^-29.
    assert share_p_value(counts=(100, 2), totals=(10**6, 300)) > 0.0004


def test_small_differences_of_many_texts_are_found():
    assert share_p_value(counts=(10**8, 10**8 + 10**5), totals=(10**9, 10**9)) < 1e-10


@pytest.mark.parametrize(("before", "after"), [(0.5, 0.55), (0.04, 0.0617), (0, 0.0025)])
def test_changes_of_one_size_are_smaller_towards_the_ends(before, after):
    assert pytest.approx(0.1, abs=2e-3) == cohen_h(before, after) == cohen_h(after, before)


def test_the_largest_change_of_a_share_is_pi():
    assert pytest.approx(math.pi) == cohen_h(0, 1)


def test_histograms_are_told_apart_where_they_differ_most():
    found = distance(np.array([5, 5, 0, 10]), np.array([1, 1, 7, 1]))
    assert (3, 0.5, 0.9) == tuple(found)
    assert pytest.approx(0.4) == found.value


def test_equal_histograms_have_no_distance():
    assert 0 == distance(np.array([2, 1]), np.array([4, 2])).value
    assert 1 == distance_p_value(0.0, (3, 6))


def test_texts_that_share_no_bin_are_as_far_apart_as_can_be():
    assert 1 == distance(np.array([4, 0, 0]), np.array([0, 0, 9])).value
    assert 0 == distance_p_value(1.0, (10**6, 10**6))


@pytest.mark.parametrize("total", [200, 5_000, 10**6])
def test_what_is_called_visible_is_found_four_times_out_of_five(total):
    rng = np.random.default_rng(0)
    h = visible_h((total, total), alpha=0.001)
    shares = np.sin(np.arcsin(np.sqrt(0.3)) + np.array([0, h / 2])) ** 2
    draws = rng.binomial(total, shares, size=(1_000, 2)).tolist()
    found = [share_p_value(counts=tuple(d), totals=(total, total)) <= 0.001 for d in draws]
    assert pytest.approx(0.8, abs=0.06) == np.mean(found)


def test_what_is_called_visible_of_a_distribution_is_found_as_often_where_it_is_hardest():
    rng, totals = np.random.default_rng(0), (5_000, 5_000)
    moved = visible_distance(totals, alpha=0.001)
    draws = rng.binomial(5_000, [0.5 - moved / 2, 0.5 + moved / 2], size=(1_000, 2)) / 5_000
    found = [distance_p_value(abs(a - b), totals) <= 0.001 for a, b in draws.tolist()]
    assert 0.75 < np.mean(found)


def test_of_a_few_texts_nothing_is_visible():
    assert (math.pi, 1) == (visible_h((1, 1), alpha=0.01), visible_distance((1, 1), alpha=0.01))
