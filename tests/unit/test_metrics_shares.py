import numpy as np
import pytest

from emoconv.metrics.shares import wilson


@pytest.mark.parametrize(
    ("count", "total", "interval"), [(0, 10, (0, 0.2775)), (5, 10, (0.2366, 0.7634))]
)
def test_intervals_are_those_of_wilson(count, total, interval):
    low, high = wilson(np.array([count]), np.array([total]))
    np.testing.assert_allclose(interval, (low[0], high[0]), atol=1e-4)


def test_no_cases_have_no_interval():
    assert np.isnan(wilson(np.array([0]), np.array([0]))).all()
