"""The examples in docstrings are what the code does."""

import doctest
import importlib
import pkgutil

import pytest

import emoconv
from emoconv.bundle import shipped_bundle

MODULES = [
    module.name for module in pkgutil.walk_packages(emoconv.__path__, prefix=f"{emoconv.__name__}.")
]
NEED_THE_SHIPPED_BUNDLE = {"emoconv.detector"}


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples_hold(name):
    if name in NEED_THE_SHIPPED_BUNDLE and not (shipped_bundle() / "config.json").exists():
        pytest.skip("the shipped bundle has not been trained")

    assert 0 == doctest.testmod(importlib.import_module(name), report=True).failed
