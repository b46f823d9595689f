import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from emoconv.calibration import Calibration, fit_calibration
from emoconv.metrics import log_loss


@st.composite
def labelled_logits(draw):
    shape = draw(st.tuples(st.integers(1, 40), st.integers(1, 4)))
    y = draw(npst.arrays(np.bool_, shape))
    return y, draw(npst.arrays(np.float32, shape, elements=st.floats(-30, 30, width=32)))


@given(labelled_logits())
def test_probabilities_stay_in_the_order_of_the_logits(case):
    y, z = case
    p = fit_calibration(y, z).apply(z)
    order = np.argsort(z, axis=0)
    assert (np.diff(np.take_along_axis(p, order, axis=0), axis=0) >= 0).all()
    assert ((p >= 0) & (p <= 1)).all()


@given(labelled_logits())
def test_calibration_never_raises_the_log_loss_of_its_own_data(case):
    y, z = case
    before, after = Calibration.identity(y.shape[1]).apply(z), fit_calibration(y, z).apply(z)
    assert (log_loss(y, after) <= log_loss(y, before) + 1e-4).all()


@given(labelled_logits())
def test_any_calibration_survives_json(case):
    calibration = fit_calibration(*case)
    again = Calibration.from_dict(json.loads(json.dumps(calibration.to_dict())))
    assert calibration.scale.tobytes() == again.scale.tobytes()
    assert calibration.offset.tobytes() == again.offset.tobytes()
