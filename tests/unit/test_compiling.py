"""Compiled code is kept on disk where there is a place for it."""

import sys

import pytest

from emoconv.compiling import compile_entry, compile_inner


@compile_inner
def _double(x):
    return 2 * x


def twice(x):
    return _double(x)


def test_code_is_kept_on_disk(monkeypatch, tmp_path):
    monkeypatch.setattr("numba.core.config.CACHE_DIR", str(tmp_path))
    assert 42 == compile_entry(twice)(21)
    assert {".nbc", ".nbi"} == {path.suffix for path in tmp_path.rglob("*") if path.is_file()}


def test_code_that_can_be_kept_nowhere_is_compiled_all_the_same(monkeypatch):
    monkeypatch.setattr("numba.core.caching.CacheImpl._locator_classes", [])
    assert 42 == compile_entry(twice)(21)


def test_numba_is_asked_for_when_a_function_is_compiled(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(ImportError):
        compile_entry(twice)
