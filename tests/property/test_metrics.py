import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emoconv.config import from_dict
from emoconv.labels import LabelSet
from emoconv.metrics import (
    Counts,
    Evaluation,
    average_precision,
    bootstrap_counts,
    calibration_error,
    evaluate,
    log_loss,
    reliability,
)
from strategies import multi_label_scores

cuts = st.floats(0, 1, width=32)


def evaluated(y, p, cut=0.5, **options):
    labels = LabelSet(tuple(f"label {i}" for i in range(y.shape[1])))
    return evaluate(y=y, predicted=p >= cut, probabilities=p, labels=labels, **options)


@given(multi_label_scores(), cuts)
def test_every_rate_is_between_0_and_1_and_json_holds_it(case, cut):
    evaluation = evaluated(*case, cut=cut)
    for scores in (evaluation.micro, evaluation.macro, evaluation.weighted, *evaluation.per_label):
        assert 0 <= min(scores.precision, scores.recall, scores.f1)
        assert max(scores.precision, scores.recall, scores.f1) <= 1
    for value in (
        evaluation.subset_accuracy,
        evaluation.hamming_loss,
        evaluation.average_precision,
        evaluation.calibration_error,
    ):
        assert 0 <= value <= 1
    text = json.dumps(evaluation.to_dict(), allow_nan=False)
    assert evaluation == from_dict(Evaluation, json.loads(text))


@given(multi_label_scores(), st.randoms(use_true_random=False))
def test_the_order_of_the_texts_does_not_matter(case, random):
    y, p = case
    order = list(range(len(y)))
    random.shuffle(order)
    before, after = evaluated(y, p), evaluated(y[order], p[order])
    assert before.micro == after.micro
    assert before.macro == after.macro
    assert average_precision(y, p) == pytest.approx(average_precision(y[order], p[order]))
    assert calibration_error(y, p) == pytest.approx(calibration_error(y[order], p[order]))
    assert log_loss(y, p) == pytest.approx(log_loss(y[order], p[order]))


@given(multi_label_scores())
def test_a_perfect_prediction_scores_1_on_every_label_that_occurs(case):
    y, _ = case
    evaluation = evaluated(y, y.astype(np.float32))
    assert [float(any_) for any_ in y.any(axis=0)] == [s.f1 for s in evaluation.per_label]
    assert y.any(axis=0).astype(float) == pytest.approx(average_precision(y, y.astype(np.float32)))
    assert (1, 0) == (evaluation.subset_accuracy, evaluation.hamming_loss)
    assert 0 == evaluation.calibration_error
    assert 0 == pytest.approx(evaluation.log_loss, abs=1e-6)


@given(multi_label_scores(), cuts)
def test_f1_is_the_harmonic_mean_of_precision_and_recall(case, cut):
    y, p = case
    rates = Counts.of(y=y, predicted=p >= cut).rates()
    total = rates.precision + rates.recall
    expected = 2 * rates.precision * rates.recall / np.where(total > 0, total, 1)
    assert expected == pytest.approx(rates.f1)


@given(multi_label_scores(), cuts)
def test_micro_rates_of_one_label_are_its_own(case, cut):
    y, p = case
    counts = Counts.of(y=y[:, :1], predicted=p[:, :1] >= cut)
    assert [rate[0] for rate in counts.rates()] == list(counts.micro()) == list(counts.macro())


@given(multi_label_scores())
def test_average_precision_depends_on_the_order_of_probabilities_alone(case):
    y, p = case
    ranks = np.searchsorted(np.unique(p), p) / p.size
    assert average_precision(y, p).tolist() == average_precision(y, ranks).tolist()


@given(multi_label_scores())
def test_pooled_calibration_error_is_at_most_the_mean_of_the_labels(case):
    y, p = case
    assert reliability(y, p).error <= calibration_error(y, p).mean() + 1e-9


@given(multi_label_scores(), st.integers(0, 2**32))
def test_a_resample_never_finds_more_than_there_is_to_find(case, seed):
    y, p = case
    counts = bootstrap_counts(y=y, predicted=p >= 0.5, resamples=5, seed=seed)
    assert (5, y.shape[1]) == counts.support.shape
    assert (counts.true_positives <= np.minimum(counts.predicted, counts.support)).all()
    assert (np.maximum(counts.predicted, counts.support) <= len(y)).all()


@given(multi_label_scores(), st.integers(0, 2**32))
def test_one_seed_gives_one_set_of_intervals(case, seed):
    y, p = case
    assert evaluated(y, p, resamples=4, seed=seed) == evaluated(y, p, resamples=4, seed=seed)
