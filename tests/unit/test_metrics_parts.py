"""Pairs of labels, slices of texts, and average precision over resampled texts."""

import numpy as np
import pytest

from emoconv.data import Dataset
from emoconv.data.conflicts import label_conflicts
from emoconv.errors import DataError
from emoconv.labels import LabelSet
from emoconv.metrics import (
    Counts,
    Difference,
    Interval,
    average_precision,
    bootstrap_counts,
    compare,
    compare_average_precision,
    draw_weights,
    pair_counts,
    slice_scores,
    swap_counts,
)
from emoconv.metrics.ranking import _resampled


def random_case(n=200, labels=4, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.random((n, labels)) < 0.3
    return y, np.round(0.3 * y + 0.7 * rng.random(y.shape), 1).astype(np.float32)  # with ties


def test_a_labels_pair_with_itself_is_its_texts():
    y, p = random_case()
    assert y.sum(axis=0).tolist() == pair_counts(y, y).diagonal().tolist()
    true_positives = Counts.of(y=y, predicted=p >= 0.5).true_positives
    assert true_positives.tolist() == pair_counts(y, p >= 0.5).diagonal().tolist()


def test_pairs_are_counted_text_by_text():
    y, p = random_case(n=20)
    said = p >= 0.5
    expected = [[sum(y[:, a] & said[:, b]) for b in range(4)] for a in range(4)]
    assert expected == pair_counts(y, said).tolist()


def test_a_swap_is_a_label_missed_where_another_is_wrongly_said():
    y = np.array([[1, 0, 0], [1, 0, 0], [1, 1, 0], [0, 0, 1]], dtype=bool)
    said = np.array([[0, 1, 0], [1, 1, 0], [0, 1, 1], [0, 0, 0]], dtype=bool)
    assert [[0, 1, 1], [0, 0, 0], [0, 0, 0]] == swap_counts(y=y, predicted=said).tolist()


@pytest.mark.parametrize("count", [pair_counts, lambda a, b: swap_counts(y=a, predicted=b)])
def test_pairs_of_arrays_of_other_shapes_are_refused(count):
    with pytest.raises(DataError, match="expected that of y"):
        count(np.ones((2, 3), dtype=bool), np.ones((2, 2), dtype=bool))


def test_a_slice_of_all_texts_is_the_evaluation():
    y, p = random_case()
    (found,) = slice_scores({"all": np.ones(200, bool)}, y=y, predicted=p >= 0.5, resamples=50)
    counts = Counts.of(y=y, predicted=p >= 0.5)
    draws = bootstrap_counts(y=y, predicted=p >= 0.5, resamples=50, seed=0)
    assert ("all", 200, 4) == (found.name, found.n, found.labels)
    assert (counts.micro().f1, counts.macro().f1) == (found.micro.f1, found.macro.f1)
    assert Interval.of(draws.micro().f1) == found.micro.f1_interval
    assert Interval.of(draws.macro().f1) == found.macro.f1_interval


def test_a_slices_macro_average_is_over_the_labels_that_it_has():
    y = np.array([[True, False], [False, True]])
    first, empty = np.array([True, False]), np.array([False, False])
    (found,) = slice_scores({"first": first, "empty": empty}, y=y, predicted=y)
    assert ("first", 1, 1, 1.0) == (found.name, found.n, found.labels, found.macro.f1)
    assert None is found.macro.f1_interval


def test_a_slice_without_labels_has_rates_of_zero():
    nothing = np.zeros((3, 2), dtype=bool)
    (found,) = slice_scores({"all": np.ones(3, bool)}, y=nothing, predicted=nothing, resamples=5)
    assert (0, 0.0, 0.0) == (found.labels, found.macro.f1, found.micro.f1)


def test_average_precision_of_a_draw_is_that_of_its_texts():
    y, p = random_case(n=60)
    weights = np.concatenate(list(draw_weights(60, resamples=8, seed=3)))
    drawn = [np.repeat(np.arange(60), row.astype(int)) for row in weights]
    expected = [average_precision(y[rows], p[rows]) for rows in drawn]
    np.testing.assert_allclose(expected, _resampled(y, p, np.ascontiguousarray(weights.T)), 1e-6)


def test_average_precision_is_compared_on_average_and_label_by_label():
    y, p = random_case(n=500)
    better = np.clip(p + 0.2 * y, 0, 1)
    found = compare_average_precision(y=y, a=p, b=better, resamples=100)
    gains = average_precision(y, better) - average_precision(y, p)
    assert gains.mean() == pytest.approx(found.mean.estimate)
    assert gains.tolist() == [one.estimate for one in found.per_label]
    assert found.mean.interval.low > 0
    assert 2 / 101 == pytest.approx(found.mean.p_value)


def test_average_precision_of_a_label_that_no_text_has_never_differs():
    y, p = random_case()
    y[:, 0] = False
    found = compare_average_precision(y=y, a=p, b=1 - p, resamples=20)
    assert Difference(0.0, Interval(0.0, 0.0), p_value=1.0) == found.per_label[0]


def test_a_comparison_has_the_difference_of_each_label():
    y, p = random_case()
    a, b = p >= 0.5, p >= 0.6
    rates = [Counts.of(y=y, predicted=x).rates().f1 for x in (a, b)]
    found = compare(y=y, a=a, b=b, resamples=200).per_label
    assert (rates[1] - rates[0]).tolist() == [one.estimate for one in found]
    assert all(one.interval.low <= one.estimate <= one.interval.high for one in found)


def test_a_visible_difference_is_shown_four_times_in_five():
    rng = np.random.default_rng(0)
    difference = Difference.of(0.0, rng.normal(0, 0.01, 10_000))
    assert 0.028 == pytest.approx(difference.visible, rel=0.02)
    shown = rng.normal(difference.visible, 0.01, 10_000) > 1.96 * 0.01
    assert 0.8 == pytest.approx(shown.mean(), abs=0.02)


def test_conflicts_are_texts_with_different_labels_most_rows_first():
    labels = LabelSet(("joy", "fear"))
    texts = ["Wow!", "no", "wow", "No.", "no", "same", "same"]
    y = labels.encode([["joy"], [], ["fear"], ["joy"], [], ["joy"], ["joy"]])
    first, second = label_conflicts(Dataset(texts, y, labels))
    assert ("no", 3, (((), 2), (("joy",), 1))) == (first.text, first.rows, first.variants)
    assert ("Wow!", 2) == (second.text, second.rows)
