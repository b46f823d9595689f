import importlib

import pytest

import emoconv


def test_the_package_offers_its_public_names():
    assert sorted({*emoconv.__all__, "EmotionClassifier"}) == dir(emoconv)


@pytest.mark.parametrize("name", emoconv.__all__)
def test_a_public_name_is_the_one_of_its_home(name):
    value = getattr(emoconv, name)
    home = emoconv._HOMES.get(name, "emoconv.version")
    assert getattr(importlib.import_module(home), name) is value


def test_another_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"^module 'emoconv' has no attribute 'Detector'$"):
        _ = emoconv.Detector
