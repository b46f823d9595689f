import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from emoconv.calibration import fit_calibration


def fixed_case():
    rng = np.random.default_rng(0)
    z = rng.normal(loc=-2, scale=2, size=(400, 4)).astype(np.float32)
    return rng.random(z.shape) < 1 / (1 + np.exp(-0.7 * z - 0.5)), z


def test_without_a_pull_the_line_is_sklearns_logistic_regression():
    y, z = fixed_case()
    calibration = fit_calibration(y, z, strength=1e-9)
    model = LogisticRegression(C=np.inf, tol=1e-10, solver="newton-cg")
    for label in range(y.shape[1]):
        theirs = model.fit(z[:, [label]].astype(np.float64), y[:, label])
        assert theirs.coef_[0, 0] == pytest.approx(calibration.scale[label], rel=1e-4)
        assert theirs.intercept_[0] == pytest.approx(calibration.offset[label], rel=1e-3)


@pytest.mark.parametrize("strength", [0.1, 1.0, 100.0])
def test_with_a_pull_the_line_is_the_minimum_that_scipy_finds(strength):
    y, z = fixed_case()
    calibration = fit_calibration(y, z, strength=strength)
    for label in range(y.shape[1]):

        def loss(line, label=label):
            t = line[0] * z[:, label].astype(np.float64) + line[1]
            penalty = strength / 2 * ((line[0] - 1) ** 2 + line[1] ** 2)
            return (np.logaddexp(0, t) - y[:, label] * t).sum() + penalty

        theirs = minimize(loss, [1.0, 0.0], method="BFGS", options={"gtol": 1e-4}).x
        ours = [calibration.scale[label], calibration.offset[label]]
        assert theirs == pytest.approx(ours, abs=1e-4)


def test_where_the_scale_is_bounded_the_offset_is_the_minimum_that_scipy_finds():
    y, z = fixed_case()
    calibration = fit_calibration(y, -z)
    for label in range(y.shape[1]):

        def loss(line, label=label):
            t = -line[0] * z[:, label].astype(np.float64) + line[1]
            penalty = ((line[0] - 1) ** 2 + line[1] ** 2) / 2
            return (np.logaddexp(0, t) - y[:, label] * t).sum() + penalty

        theirs = minimize(loss, [1.0, 0.0], method="L-BFGS-B", bounds=[(0.05, None), (None, None)])
        assert np.float32(0.05) == calibration.scale[label]
        assert theirs.x == pytest.approx([0.05, calibration.offset[label]], abs=1e-3)
