import dataclasses
import json

import numpy as np
import pytest

from emoconv import metrics
from emoconv.config import from_dict
from emoconv.errors import DataError, LabelError
from emoconv.labels import LabelSet
from emoconv.metrics import (
    Counts,
    Difference,
    Evaluation,
    Interval,
    average_precision,
    bootstrap_counts,
    calibration_error,
    compare,
    evaluate,
    log_loss,
    reliability,
)

LABELS = LabelSet(("joy", "anger", "grief"))
Y = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 0]], dtype=np.bool_)
P = np.array([[0.9, 0.1, 0.1], [0.4, 0.8, 0.2], [0.2, 0.7, 0.6], [0.6, 0.3, 0.1]], dtype=np.float32)
# at 0.5: joy 1 right of 2 said of 2 true; anger 2 of 2 of 2; grief 0 of 1 of 0


def evaluated(**options) -> Evaluation:
    return evaluate(y=Y, predicted=P >= 0.5, probabilities=P, labels=LABELS, **options)


def random_case(n=200, labels=5, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.random((n, labels)) < 0.2
    p = (0.35 * y + rng.random((n, labels)) * 0.6).astype(np.float32)
    return y, p


def test_counts_of_a_small_case():
    counts = Counts.of(y=Y, predicted=P >= 0.5)
    assert [1, 2, 0] == counts.true_positives.tolist()
    assert [2, 2, 1] == counts.predicted.tolist()
    assert [2, 2, 0] == counts.support.tolist()


def test_rates_are_zero_where_there_is_nothing_to_divide_by():
    rates = Counts.of(y=Y, predicted=P >= 0.5).rates()
    assert [0.5, 1, 0] == rates.precision.tolist()
    assert [0.5, 1, 0] == rates.recall.tolist()
    assert [0.5, 1, 0] == rates.f1.tolist()


def test_averages_of_a_small_case():
    counts = Counts.of(y=Y, predicted=P >= 0.5)
    assert (3 / 5, 3 / 4, 6 / 9) == counts.micro()
    assert (0.5, 0.5, 0.5) == counts.macro()
    assert (0.75, 0.75, 0.75) == counts.weighted()


def test_averages_without_any_positive_or_prediction_are_zero():
    nothing = np.zeros((3, 2), dtype=np.bool_)
    counts = Counts.of(y=nothing, predicted=nothing)
    assert (0, 0, 0) == counts.micro() == counts.macro() == counts.weighted()


def test_average_precision_of_a_small_case():
    assert [0.5 + 0.5 * 2 / 3, 1, 0] == pytest.approx(average_precision(Y, P))


def test_average_precision_takes_texts_of_equal_probability_together():
    y = np.array([[1], [0], [0], [1]], dtype=np.bool_)
    p = np.full((4, 1), 0.3, dtype=np.float32)
    assert [0.5] == average_precision(y, p).tolist()


def test_log_loss_of_certain_and_wrong_is_finite():
    wrong = log_loss(np.array([[True]]), np.array([[0.0]], dtype=np.float32))
    assert [-np.log(np.finfo(np.float32).eps)] == pytest.approx(wrong)


def test_log_loss_of_a_half_is_the_log_of_two():
    half = np.full((2, 1), 0.5, dtype=np.float32)
    assert [np.log(2)] == pytest.approx(log_loss(np.array([[True], [False]]), half))


def test_calibration_error_is_the_gap_between_probability_and_frequency():
    y = np.array([[1], [0], [0], [0]], dtype=np.bool_)
    p = np.array([[0.75], [0.75], [0.125], [0.125]])
    # two texts in a bin of mean 0.75 and frequency 0.5, two in a bin of mean 0.125 and frequency 0
    assert [0.5 * 0.25 + 0.5 * 0.125] == pytest.approx(calibration_error(y, p))


def test_calibration_error_uses_fifteen_bins_closed_above():
    y = np.array([[True], [False]])
    one_bin = np.array([[1 / 15 + 1e-9], [2 / 15 - 1e-9]])
    two_bins = np.array([[1 / 15 - 1e-9], [1 / 15 + 1e-9]])
    assert [abs(1 - 3 / 15) / 2] == pytest.approx(calibration_error(y, one_bin))
    assert [0.5] == pytest.approx(calibration_error(y, two_bins))


def test_calibration_error_of_too_few_bins_hides_the_gap():
    y = np.array([[True], [False]])
    p = np.array([[0.2], [0.8]])
    assert [0.8] == pytest.approx(calibration_error(y, p))
    assert [0.0] == pytest.approx(calibration_error(y, p, bins=1))


def test_reliability_leaves_out_empty_bins():
    result = reliability(Y, P)
    assert Y.size == result.count.sum()
    assert result.count.min() >= 1
    assert result.probability.shape == result.frequency.shape == result.count.shape
    assert (np.diff(result.probability) > 0).all()


def test_reliability_error_pools_all_decisions():
    y, p = random_case()
    pooled = calibration_error(y.reshape(-1, 1), p.reshape(-1, 1))
    assert pooled == pytest.approx([reliability(y, p).error])


def test_evaluation_of_a_small_case():
    evaluation = evaluated()
    assert 4 == evaluation.n
    assert LABELS.names == evaluation.labels
    assert 6 / 9 == evaluation.micro.f1
    assert 0.5 == evaluation.macro.recall
    assert 0.75 == evaluation.weighted.precision
    assert 0.25 == evaluation.subset_accuracy
    assert 3 / 12 == evaluation.hamming_loss
    assert (2, 1) == (evaluation["joy"].support, evaluation["grief"].predicted)
    assert average_precision(Y, P).mean() == pytest.approx(evaluation.average_precision)
    assert log_loss(Y, P).mean() == pytest.approx(evaluation.log_loss)
    assert reliability(Y, P).error == evaluation.calibration_error


def test_evaluation_has_intervals_only_when_asked():
    assert evaluated().micro.f1_interval is None
    assert evaluated()["joy"].f1_interval is None
    assert evaluated(resamples=10)["joy"].f1_interval is not None


def test_evaluation_carries_its_thresholds():
    cuts = np.array([0.5, 0.25, 0.125], dtype=np.float32)
    evaluation = evaluated(thresholds=cuts)
    assert [0.5, 0.25, 0.125] == [scores.threshold for scores in evaluation.per_label]
    assert evaluated()["joy"].threshold is None


def test_evaluation_does_not_know_a_label_it_was_not_given():
    with pytest.raises(KeyError, match="fear"):
        evaluated()["fear"]


@pytest.mark.parametrize("options", [{}, {"resamples": 5, "thresholds": np.float32([0.5] * 3)}])
def test_evaluation_survives_json(options):
    evaluation = evaluated(**options)
    text = json.dumps(evaluation.to_dict(), allow_nan=False)
    assert evaluation == from_dict(Evaluation, json.loads(text))


def test_evaluation_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        evaluated().n = 5


def test_intervals_hold_the_estimate_and_narrow_with_more_texts():
    widths = []
    for n in (100, 1600):
        y, p = random_case(n)
        scores = evaluate(
            y=y,
            predicted=p >= 0.5,
            probabilities=p,
            labels=LabelSet(tuple("abcde")),
            resamples=400,
        )
        interval = scores.micro.f1_interval
        assert interval.low < scores.micro.f1 < interval.high
        widths.append(interval.high - interval.low)
    assert 4 == pytest.approx(widths[0] / widths[1], rel=0.3)  # the square root of 16


def test_intervals_depend_on_the_seed_alone():
    assert evaluated(resamples=50, seed=3) == evaluated(resamples=50, seed=3)
    assert evaluated(resamples=50, seed=3) != evaluated(resamples=50, seed=4)


def test_each_resample_draws_as_many_texts_as_there_are():
    everywhere = np.ones((7, 1), dtype=np.bool_)
    counts = bootstrap_counts(y=everywhere, predicted=everywhere, resamples=20, seed=0)
    assert [[7]] * 20 == counts.support.tolist()


def test_drawing_in_blocks_gives_as_many_resamples(monkeypatch):
    monkeypatch.setattr(metrics.bootstrap, "_WEIGHTS_AT_ONCE", 8)
    counts = bootstrap_counts(y=Y, predicted=P >= 0.5, resamples=5, seed=0)
    assert (5, 3) == counts.true_positives.shape
    assert (counts.true_positives <= counts.support).all()


def test_bootstrap_spread_agrees_with_the_binomial():
    y = np.ones((400, 1), dtype=np.bool_)
    predicted = np.arange(400)[:, None] < 100
    recall = bootstrap_counts(y=y, predicted=predicted, resamples=2000, seed=0).rates().recall
    assert np.sqrt(0.25 * 0.75 / 400) == pytest.approx(recall.std(), rel=0.1)


def test_comparison_with_itself_is_zero():
    zero = Difference(0.0, Interval(0.0, 0.0), p_value=1.0)
    comparison = compare(y=Y, a=P >= 0.5, b=P >= 0.5, resamples=20)
    assert zero == comparison.micro_f1 == comparison.macro_f1


def test_comparison_is_paired_so_a_steady_small_gain_shows():
    y, p = random_case(2000)
    a = p >= 0.5
    b = a.copy()
    b[:, 0] |= y[:, 0]  # everything a has, and the rest of one label
    comparison = compare(y=y, a=a, b=b, resamples=300)
    gain = Counts.of(y=y, predicted=b).micro().f1 - Counts.of(y=y, predicted=a).micro().f1
    assert gain == comparison.micro_f1.estimate
    assert 0 < comparison.micro_f1.interval.low < gain < comparison.micro_f1.interval.high
    alone = evaluate(
        y=y, predicted=a, probabilities=p, labels=LabelSet(tuple("abcde")), resamples=300
    ).micro.f1_interval
    paired = comparison.micro_f1.interval
    assert paired.high - paired.low < alone.high - alone.low
    assert 2 / 301 == comparison.micro_f1.p_value  # no resample is without the gain


def test_comparison_turned_round_changes_sign():
    y, p = random_case()
    there, back = (
        compare(y=y, a=p >= a, b=p >= b, resamples=30) for a, b in ((0.5, 0.7), (0.7, 0.5))
    )
    assert there.macro_f1.estimate == -back.macro_f1.estimate
    assert there.macro_f1.interval.low == pytest.approx(-back.macro_f1.interval.high)
    assert there.macro_f1.p_value == back.macro_f1.p_value


def test_differences_that_are_luck_have_p_values_of_every_size():
    rng = np.random.default_rng(0)
    y = rng.random((200, 1)) < 0.5
    p_values = [
        compare(y=y, a=a < 0.5, b=b < 0.5, resamples=100, seed=1).micro_f1.p_value
        for a, b in (rng.random((2, *y.shape)) for _ in range(200))
    ]
    assert np.mean(p_values) == pytest.approx(0.5, abs=0.1)
    assert np.mean(np.array(p_values) < 0.1) == pytest.approx(0.1, abs=0.06)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"y": Y.astype(int)}, r"y is int64 of shape \(4, 3\); expected bool of shape \(N, L\)"),
        ({"y": Y[0]}, r"y is bool of shape \(3,\); expected bool of shape \(N, L\)"),
        ({"y": Y[:0]}, r"y has shape \(0, 3\); expected at least one text and one label"),
        (
            {"predicted": P[:3] >= 0.5},
            r"predicted has shape \(3, 3\); expected that of y, \(4, 3\)",
        ),
        (
            {"probabilities": P[:, :2]},
            r"probabilities has shape \(4, 2\); expected that of y, \(4, 3\)",
        ),
        (
            {"probabilities": np.where(P == P[2, 1], np.nan, P)},
            "the probability of text 2, label 1 is nan; expected a number from 0 to 1",
        ),
        (
            {"probabilities": P + np.float32(0.25)},
            "the probability of text 0, label 0 is 1.149.*; expected a number from 0 to 1",
        ),
    ],
)
def test_arrays_that_do_not_fit_are_refused(changes, message):
    arguments = {"y": Y, "predicted": P >= 0.5, "probabilities": P, **changes}
    with pytest.raises(DataError, match=message):
        evaluate(**arguments, labels=LABELS)


def test_every_column_needs_a_label():
    with pytest.raises(LabelError, match="y has 3 columns; expected 2, one for each label"):
        evaluate(y=Y, predicted=P >= 0.5, probabilities=P, labels=LabelSet(("joy", "anger")))
