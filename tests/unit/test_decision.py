import numpy as np
import pytest

from emoconv.decision import check_confidence, confidence, held
from emoconv.errors import ConfigError

FOUND = np.array([[0.5, 0.25], [0.25, 0.25], [np.nan, np.nan]], dtype=np.float32)
CUTS = np.array([0.5, 0.25], dtype=np.float32)


def test_the_confidence_of_a_text_is_its_highest_probability():
    np.testing.assert_array_equal(np.array([0.5, 0.25, np.nan], np.float32), confidence(FOUND))


def test_a_label_holds_at_or_above_its_cut():
    assert [[True, True], [False, True], [False, False]] == held(FOUND, CUTS).tolist()


def test_none_holds_in_a_text_below_the_least_confidence_and_all_at_it():
    expected = [[True, True], [False, False], [False, False]]
    assert expected == held(FOUND, CUTS, min_confidence=0.5).tolist()
    assert not held(FOUND, CUTS, min_confidence=0.51).any()


def test_one_cut_may_be_for_all():
    assert [[True, True], [True, True], [False, False]] == held(FOUND, 0.0).tolist()


@pytest.mark.parametrize("bound", [-0.1, 1.1, float("nan")])
def test_a_bound_is_a_number_from_0_to_1(bound):
    with pytest.raises(ConfigError, match=f"min_confidence is {bound}; expected a number"):
        check_confidence(bound)
