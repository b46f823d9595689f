import importlib
import sys

import numpy as np
import pytest

from emoconv.errors import MissingExtraError
from emoconv.metrics import risk_coverage
from emoconv.report.abstention import risk_against_coverage
from emoconv.report.plots import save


@pytest.fixture
def curve():
    rng = np.random.default_rng(0)
    p = rng.random((200, 3), dtype=np.float32)
    return risk_coverage(y=rng.random(p.shape) < p, predicted=p >= 0.5, probabilities=p)


def test_error_and_f1_are_drawn_against_coverage(curve):
    left, right = risk_against_coverage(curve).axes
    shown = curve.coverage >= 0.02
    np.testing.assert_array_equal(curve.error[shown], left.lines[0].get_ydata())
    np.testing.assert_array_equal(curve.micro_f1[shown], right.lines[0].get_ydata())
    assert f"Error: mean over coverages {curve.area:.3f}" == left.get_title(loc="left")
    assert f"Micro F1: {curve.micro_f1[-1]:.3f} of all texts" == right.get_title(loc="left")


def test_some_confidences_are_marked_where_texts_have_them(curve):
    marks = [text.get_text() for text in risk_against_coverage(curve).axes[0].texts]
    assert ["0.3", "0.5", "0.7", "0.9"] == marks
    low = risk_coverage(
        y=np.ones((1, 1), bool),
        predicted=np.ones((1, 1), bool),
        probabilities=np.full((1, 1), 0.4, np.float32),
    )
    assert ["0.3"] == [text.get_text() for text in risk_against_coverage(low).axes[0].texts]


def test_the_plot_can_be_saved(curve, tmp_path):
    save(risk_against_coverage(curve, title="On test"), tmp_path / "a.svg")
    assert (tmp_path / "a.svg").stat().st_size


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "emoconv.report.abstention")
    with pytest.raises(MissingExtraError, match=r"emoconv\[report\]"):
        importlib.import_module("emoconv.report.abstention")
