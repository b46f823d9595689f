import json

import numpy as np
import pytest
from hypothesis import given

from emoconv.decision import confidence
from emoconv.errors import DataError
from emoconv.labels import LabelSet
from emoconv.metrics import evaluate, risk_coverage
from strategies import multi_label_scores

P = np.array([[0.25, 0.125], [0.75, 0.5], [0.5, 0.5], [0.0, 0.5]], dtype=np.float32)
Y = np.array([[True, False], [True, True], [True, False], [False, True]])


def test_the_most_confident_texts_come_first_and_equal_ones_together():
    curve = risk_coverage(y=Y, predicted=P >= 0.5, probabilities=P)
    assert [0.75, 0.5, 0.25] == curve.min_confidence.tolist()
    assert [0.25, 0.75, 1] == curve.coverage.tolist()
    np.testing.assert_allclose([0, 1 / 3, 1 / 2], curve.error)
    np.testing.assert_allclose([1, 8 / 9, 4 / 5], curve.micro_f1)
    np.testing.assert_allclose([1, (1 + 4 / 5) / 2, (4 / 5 + 4 / 5) / 2], curve.macro_f1)
    assert pytest.approx((0 + 1 / 3 + 1 / 3 + 1 / 2) / 4) == curve.area


@given(multi_label_scores())
def test_each_point_is_an_evaluation_of_the_texts_that_are_answered(scores):
    y, p = scores
    predicted = p >= 0.5
    curve = risk_coverage(y=y, predicted=predicted, probabilities=p)
    labels = LabelSet(tuple(f"l{i}" for i in range(y.shape[1])))
    assert 1 == curve.coverage[-1]
    assert 0 <= curve.area <= 1
    for place in {0, len(curve.coverage) // 2, len(curve.coverage) - 1}:
        kept = confidence(p) >= curve.min_confidence[place]
        assert pytest.approx(kept.mean()) == curve.coverage[place]
        found = evaluate(y=y[kept], predicted=predicted[kept], probabilities=p[kept], labels=labels)
        assert pytest.approx(1 - found.subset_accuracy) == curve.error[place]
        assert pytest.approx(found.micro.f1) == curve.micro_f1[place]
        assert pytest.approx(found.macro.f1) == curve.macro_f1[place]


def test_json_has_points_a_hundredth_of_the_texts_apart():
    rng = np.random.default_rng(0)
    p = rng.random((1000, 2), dtype=np.float32)
    curve = risk_coverage(y=p > 0.3, predicted=p > 0.4, probabilities=p)
    found = json.loads(json.dumps(curve.to_dict()))
    assert curve.area == found["area"]
    expected = np.arange(1, 101) / 100
    np.testing.assert_allclose(expected, [point["coverage"] for point in found["points"]])
    assert 1 == len(
        risk_coverage(y=Y[:1], predicted=Y[:1], probabilities=P[:1]).to_dict()["points"]
    )


def test_arrays_that_do_not_fit_are_refused():
    with pytest.raises(DataError, match="predicted has shape"):
        risk_coverage(y=Y, predicted=Y[1:], probabilities=P)
    with pytest.raises(DataError, match="expected a number from 0 to 1"):
        risk_coverage(y=Y, predicted=Y, probabilities=P + 1)
