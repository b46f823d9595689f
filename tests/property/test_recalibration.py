import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from emoconv.calibration import Calibration
from emoconv.metrics import log_loss
from emoconv.recalibration import CALIBRATIONS, CUTS, Decisions, refit
from emoconv.thresholds import Thresholds

WAYS = [(c, r) for c in CALIBRATIONS for r in CUTS if not c == r == "keep"]


def calibrations(labels):
    """Scales near those that a fit gives, and offsets."""
    scale = npst.arrays(np.float32, labels, elements=st.floats(0.25, 4, width=32))
    offset = npst.arrays(np.float32, labels, elements=st.floats(-4, 4, width=32))
    return st.builds(Calibration, scale, offset)


@st.composite
def cases(draw):
    """A model's own decisions, truths and logits of texts, and some of the labels."""
    texts, labels = draw(st.integers(2, 30)), draw(st.integers(1, 4))
    y = draw(npst.arrays(np.bool_, (texts, labels)))
    z = draw(npst.arrays(np.float32, (texts, labels), elements=st.floats(-10, 10, width=32)))
    cuts = draw(npst.arrays(np.float32, labels, elements=st.floats(0, 1, width=32)))
    own = Decisions(draw(calibrations(labels)), Thresholds(cuts, rule="fixed", data="before"))
    some = draw(st.sets(st.integers(0, labels - 1), min_size=1))
    return own, y, z, np.array(sorted(some))


@given(st.integers(1, 4).flatmap(lambda n: st.tuples(calibrations(n), calibrations(n))), st.data())
def test_one_calibration_then_another_is_both_lines_in_turn(pair, data):
    first, later = pair
    shape = (3, len(first.scale))
    z = data.draw(npst.arrays(np.float32, shape, elements=st.floats(-10, 10, width=32)))
    found = first.then(later).line(z)
    np.testing.assert_allclose(later.line(first.line(z)), found, rtol=1e-4, atol=1e-3)


@given(cases(), st.sampled_from(WAYS))
def test_labels_that_are_not_fitted_stay_to_the_bit(case, way):
    own, y, z, fitted = case
    new = refit(own, y=y, logits=z, fitted=fitted, calibration=way[0], rule=way[1], data="after")
    others = np.setdiff1d(np.arange(y.shape[1]), fitted)
    for old, now in (
        (own.calibration.scale, new.calibration.scale),
        (own.calibration.offset, new.calibration.offset),
        (own.thresholds.values, new.thresholds.values),
    ):
        assert old[others].tobytes() == now[others].tobytes()


@given(cases(), st.sampled_from(WAYS))
def test_what_is_said_of_labels_that_are_not_fitted_does_not_matter(case, way):
    own, y, z, fitted = case
    other = ~y
    other[:, fitted] = y[:, fitted]
    one, two = (
        refit(own, y=truth, logits=z, fitted=fitted, calibration=way[0], rule=way[1], data="")
        for truth in (y, other)
    )
    assert one.calibration.to_dict() == two.calibration.to_dict()
    assert one.thresholds.to_dict() == two.thresholds.to_dict()


@given(cases(), st.sampled_from(CUTS))
def test_a_fit_never_raises_the_log_loss_of_its_own_texts(case, rule):
    own, y, z, fitted = case
    new = refit(own, y=y, logits=z, fitted=fitted, calibration="line", rule=rule, data="")
    before, after = (log_loss(y, one.calibration.apply(z)) for one in (own, new))
    assert (after <= before + 1e-3).all()


@given(cases())
def test_cuts_that_are_kept_decide_as_before_but_for_rounding(case):
    own, y, z, fitted = case
    new = refit(own, y=y, logits=z, fitted=fitted, calibration="line", rule="keep", data="after")
    before, after = own.of(z), new.of(z)
    near = np.isclose(before.probabilities, own.thresholds.values, rtol=1e-3, atol=1e-6)
    assert (before.predicted == after.predicted)[~near].all()
    assert ("fixed", "before") == (new.thresholds.rule, new.thresholds.data)


@pytest.mark.parametrize("cut", [0.0, 1.0])
def test_a_cut_at_the_end_of_the_scale_stays_there(cut):
    own = Decisions(Calibration.identity(1), Thresholds.fixed(cut, 1))
    z = np.linspace(-9, 9, 20, dtype=np.float32)[:, None]
    new = refit(
        own, y=z > 5, logits=z, fitted=np.array([0]), calibration="line", rule="keep", data=""
    )
    assert cut == pytest.approx(new.thresholds.values[0], abs=1e-30)
    assert own.of(z).predicted.tolist() == new.of(z).predicted.tolist()
