import pytest

from emoconv.metrics import holm


def test_correction_keeps_the_order_and_never_passes_one():
    assert [] == holm([])
    assert [0.03] == holm([0.03])
    assert [1.0, 1.0, 0.75] == holm([0.9, 0.5, 0.25])
    assert [0.04, 0.04, 0.04, 0.04] == pytest.approx(holm([0.01, 0.01, 0.01, 0.04]))
