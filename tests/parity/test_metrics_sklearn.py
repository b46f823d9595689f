import numpy as np
import pytest
from hypothesis import given
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

from emoconv.labels import LabelSet
from emoconv.metrics import average_precision, calibration_error, evaluate, log_loss, reliability
from emoconv.thresholds import sweep
from strategies import multi_label_scores


def fixed_case():
    rng = np.random.default_rng(0)
    y = rng.random((500, 28)) < np.linspace(0.003, 0.3, 28)
    return y, np.round(np.clip(0.3 * y + 0.7 * rng.random(y.shape), 0, 1), 2).astype(np.float32)


def names(y):
    return LabelSet(tuple(f"label {i}" for i in range(y.shape[1])))


def assert_rates_agree(y, p):
    predicted = p >= 0.5
    evaluation = evaluate(y=y, predicted=predicted, probabilities=p, labels=names(y))
    for average in ("micro", "macro", "weighted"):
        # one column alone would be read as a two-class problem: micro and the like need two
        wide = [np.hstack([a, np.zeros_like(a[:, :1])]) for a in (y, predicted)]
        labels = list(range(y.shape[1]))
        theirs = sk.precision_recall_fscore_support(
            *wide, labels=labels, average=average, zero_division=0
        )[:3]
        ours = getattr(evaluation, average)
        assert theirs == pytest.approx((ours.precision, ours.recall, ours.f1))
    table = sk.precision_recall_fscore_support(*wide, labels=labels, zero_division=0)
    ours = [(s.precision, s.recall, s.f1, s.support) for s in evaluation.per_label]
    assert np.array(table).T == pytest.approx(np.array(ours))
    assert sk.accuracy_score(*wide) == pytest.approx(evaluation.subset_accuracy)
    assert sk.hamming_loss(y.ravel(), predicted.ravel()) == pytest.approx(evaluation.hamming_loss)


@pytest.mark.filterwarnings("ignore:No positive class found")
def assert_average_precision_agrees(y, p):
    ours = average_precision(y, p)
    for label in np.flatnonzero(y.any(axis=0)):  # for the others scikit-learn warns and says 0
        theirs = sk.average_precision_score(y[:, label], p[:, label])
        assert theirs == pytest.approx(ours[label])
    assert [0] * int((~y.any(axis=0)).sum()) == ours[~y.any(axis=0)].tolist()


def assert_log_loss_agrees(y, p):
    margin = np.finfo(np.float32).eps
    exact = np.clip(p, margin, 1 - margin).astype(np.float64)  # in float32, 1 - p loses digits
    theirs = [sk.log_loss(t, q, labels=[False, True]) for t, q in zip(y.T, exact.T, strict=True)]
    assert theirs == pytest.approx(log_loss(y, p))


def assert_reliability_agrees(y, p):
    frequency, probability = calibration_curve(y.ravel(), p.ravel(), n_bins=15)
    ours = reliability(y, p)
    assert frequency == pytest.approx(ours.frequency)
    assert probability == pytest.approx(ours.probability, rel=1e-5)


def test_fixed_rates_agree():
    assert_rates_agree(*fixed_case())


def test_fixed_average_precision_agrees():
    assert_average_precision_agrees(*fixed_case())


def test_fixed_log_loss_agrees():
    assert_log_loss_agrees(*fixed_case())


def test_fixed_reliability_agrees():
    assert_reliability_agrees(*fixed_case())


@given(multi_label_scores())
def test_rates_agree(case):
    assert_rates_agree(*case)


@given(multi_label_scores())
def test_average_precision_agrees(case):
    assert_average_precision_agrees(*case)


@given(multi_label_scores())
def test_log_loss_agrees(case):
    assert_log_loss_agrees(*case)


@given(multi_label_scores().filter(lambda case: case[0].any() and not case[0].all()))
def test_reliability_agrees(case):
    assert_reliability_agrees(*case)


def test_average_precision_without_positives_is_what_sklearn_gives():
    y = np.zeros((3, 1), dtype=np.bool_)
    p = np.float32([[0.1], [0.2], [0.3]])
    with pytest.warns(UserWarning, match="No positive class found"):
        theirs = sk.average_precision_score(y[:, 0], p[:, 0])
    assert [theirs] == average_precision(y, p).tolist()


def test_calibration_error_of_one_label_is_the_weighted_gap_of_sklearns_curve():
    y, p = fixed_case()
    y, p = y[:, -1:], p[:, -1:]
    frequency, probability = calibration_curve(y.ravel(), p.ravel(), n_bins=15)
    edges = np.linspace(0, 1, 16)
    count = np.bincount(np.searchsorted(edges[1:-1], p.ravel()), minlength=15)
    gap = np.abs(frequency - probability) @ count[count > 0] / len(y)
    assert [gap] == pytest.approx(calibration_error(y, p), rel=1e-5)


@given(multi_label_scores())
def test_each_row_of_a_sweep_agrees(case):
    y, p = case
    for row in sweep(y, p):
        predicted = p >= np.float32(row.cut)
        theirs = sk.f1_score(y.ravel(), predicted.ravel(), zero_division=0)
        assert theirs == pytest.approx(row.micro.f1)
