import json

import numpy as np
import pytest

from emoconv.calibration import Calibration, fit_calibration
from emoconv.errors import ConfigError, DataError
from emoconv.metrics import Counts, average_precision, log_loss, reliability


def miscalibrated(n=20000, scale=(0.5, 1.0, 2.0), offset=(0.0, 1.0, -1.0), seed=0):
    """Logits that tell the truth only after the given scale and offset."""
    rng = np.random.default_rng(seed)
    z = rng.normal(loc=-1.0, scale=2.0, size=(n, len(scale))).astype(np.float32)
    chance = 1 / (1 + np.exp(-(np.array(scale) * z + offset)))
    return rng.random(z.shape) < chance, z


def test_identity_is_the_logistic_function():
    logits = np.float32([[-2.0, 0.0], [1.0, 3.0]])
    expected = 1 / (1 + np.exp(-logits.astype(np.float64)))
    assert expected == pytest.approx(Calibration.identity(2).apply(logits))
    assert np.float32 == Calibration.identity(2).apply(logits).dtype


@pytest.mark.filterwarnings("error")
def test_extreme_logits_stay_between_0_and_1():
    logits = np.float32([[-3e38], [-200.0], [-40.0], [200.0], [3e38]])
    p = Calibration.identity(1).apply(logits)[:, 0]
    assert (0 <= p[0]) & (p[0] < 1e-30)
    assert np.exp(-40) == pytest.approx(p[2])
    assert [1.0, 1.0] == p[3:].tolist()


def test_scale_and_offset_apply_to_each_label():
    calibration = Calibration(np.float32([2.0, 1.0]), np.float32([0.0, -1.0]))
    same = Calibration.identity(2).apply(np.float32([[2.0, 0.0]]))
    assert same.tolist() == calibration.apply(np.float32([[1.0, 1.0]])).tolist()


def test_a_known_miscalibration_is_recovered():
    calibration = fit_calibration(*miscalibrated())
    assert [0.5, 1.0, 2.0] == pytest.approx(calibration.scale, rel=0.05)
    assert [0.0, 1.0, -1.0] == pytest.approx(calibration.offset, abs=0.1)


def test_calibration_error_and_log_loss_fall_on_unseen_texts():
    calibration = fit_calibration(*miscalibrated())
    y, z = miscalibrated(seed=1)
    before, after = Calibration.identity(3).apply(z), calibration.apply(z)
    assert reliability(y, after).error < reliability(y, before).error / 3
    assert (log_loss(y, after) <= log_loss(y, before) + 1e-3).all()
    assert log_loss(y, after).mean() < log_loss(y, before).mean() - 0.05


def test_ranking_is_kept():
    y, z = miscalibrated(n=500)
    calibration = fit_calibration(y, z)
    before, after = Calibration.identity(3).apply(z), calibration.apply(z)
    assert average_precision(y, before) == pytest.approx(average_precision(y, after))


def test_few_positives_move_little_where_platts_own_fit_runs_off():
    z = np.random.default_rng(0).normal(loc=-8, scale=1.5, size=(4000, 1)).astype(np.float32)
    y = z >= np.sort(z, axis=0)[-2]  # two positives, perfectly separated from the rest
    assert 1 < fit_calibration(y, z).scale[0] < 3
    assert 10 < fit_calibration(y, z, strength=1e-6).scale[0]


def test_a_label_without_positives_is_pushed_down_within_reason():
    y = np.zeros((1000, 1), dtype=np.bool_)
    z = np.random.default_rng(0).normal(size=(1000, 1)).astype(np.float32) - 5
    calibration = fit_calibration(y, z)
    assert -6 < calibration.offset[0] < 0
    assert 0 < calibration.scale[0] < 3


def test_logits_that_say_the_opposite_keep_their_order_nearly_flat():
    y, z = miscalibrated(scale=(1.0, 1.0), offset=(0.0, 0.0))
    z[:, 1] *= -1
    calibration = fit_calibration(y, z)
    assert 1 == pytest.approx(calibration.scale[0], rel=0.05)
    assert np.float32(0.05) == calibration.scale[1]
    assert y[:, 1].mean() == pytest.approx(calibration.apply(z)[:, 1].mean(), abs=0.01)


def test_labels_do_not_touch_each_other():
    y, z = miscalibrated(n=300)
    together = fit_calibration(y, z)
    alone = fit_calibration(y[:, 1:2], z[:, 1:2])
    assert together.scale[1] == pytest.approx(alone.scale[0])
    assert together.offset[1] == pytest.approx(alone.offset[0])


def test_a_strong_pull_leaves_the_logits_alone():
    calibration = fit_calibration(*miscalibrated(n=200), strength=1e9)
    assert [1, 1, 1] == pytest.approx(calibration.scale)
    assert [0, 0, 0] == pytest.approx(calibration.offset, abs=1e-6)


def test_huge_logits_are_fitted_too():
    y, z = miscalibrated(n=2000)
    assert (fit_calibration(y, z * 1000).scale > 0).all()


def test_calibration_survives_json_to_the_bit():
    calibration = fit_calibration(*miscalibrated(n=200))
    again = Calibration.from_dict(json.loads(json.dumps(calibration.to_dict())))
    assert calibration.scale.tobytes() == again.scale.tobytes()
    assert calibration.offset.tobytes() == again.offset.tobytes()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"scale": [1.0], "ofset": [0.0]},
            "unknown calibration setting ofset; did you mean 'offset'",
        ),
        ({"scale": [1.0]}, "calibration setting offset is missing"),
        (
            {"scale": "one", "offset": [0.0]},
            "calibration scale is 'one'; expected a list of numbers",
        ),
        (
            {"scale": [1.0, 2.0], "offset": [0.0]},
            r"calibration scale has shape \(2,\) and offset \(1,\); expected one number for each",
        ),
        ({"scale": [[1.0]], "offset": [[0.0]]}, r"calibration scale has shape \(1, 1\)"),
        (
            {"scale": [1.0], "offset": [float("nan")]},
            "a calibration scale or offset is not a finite number",
        ),
        ({"scale": [0.0], "offset": [0.0]}, "calibration scale 0.0 is not above 0"),
    ],
)
def test_a_broken_calibration_is_refused(values, message):
    with pytest.raises(ConfigError, match=message):
        Calibration.from_dict(values)


@pytest.mark.parametrize(
    ("y", "z", "message"),
    [
        (np.zeros((0, 2), bool), np.zeros((0, 2)), "expected at least one text and one label"),
        (np.zeros((3, 2), bool), np.zeros((3, 1)), r"logits has shape \(3, 1\); expected that of"),
        (np.zeros((1, 1), bool), np.float32([[np.inf]]), "a logit is not a finite number"),
    ],
)
def test_data_that_do_not_fit_are_refused(y, z, message):
    with pytest.raises(DataError, match=message):
        fit_calibration(y, z)


@pytest.mark.parametrize("strength", [0.0, -1.0, float("nan")])
def test_strength_must_be_above_zero(strength):
    with pytest.raises(ConfigError, match=r"calibration strength is .*; expected a number above 0"):
        fit_calibration(*miscalibrated(n=10), strength=strength)


def test_the_best_f1_that_a_cut_can_reach_stays():
    y, z = miscalibrated(n=300)
    calibration = fit_calibration(y, z)
    for cut in (0.2, 0.5, 0.8):
        logit = np.log(cut / (1 - cut))
        before = Counts.of(y=y, predicted=z >= (logit - calibration.offset) / calibration.scale)
        after = Counts.of(y=y, predicted=calibration.apply(z) >= cut)
        assert before.rates().f1 == pytest.approx(after.rates().f1, abs=0.01)
