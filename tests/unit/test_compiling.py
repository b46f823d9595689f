"""Machine code is made once, kept on disk, and loaded without numba."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from emoconv import compiling
from emoconv.compiling import compiled
from scaling import SCALE, scaled


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("EMOCONV_CACHE", str(tmp_path / "cache"))
    compiled.cache_clear()
    yield tmp_path / "cache"
    compiled.cache_clear()


EXPECTED = [[5.0, 10.0, 15.0], [5.0, 10.0, 15.0]]


def test_code_is_kept_on_disk_and_loaded_from_there(folder, monkeypatch):
    assert EXPECTED == scaled()
    (file,) = folder.iterdir()
    assert ".o" == file.suffix
    compiled.cache_clear()
    monkeypatch.setattr(compiling, "_compile", None)
    assert EXPECTED == scaled()


@pytest.mark.parametrize(("told", "kept"), [("generic", True), (None, False)])
def test_code_for_any_processor_is_used_on_another(folder, monkeypatch, told, kept):
    if told is not None:
        monkeypatch.setenv("NUMBA_CPU_NAME", told)
    name = compiling._file_name(SCALE)
    monkeypatch.setattr("llvmlite.binding.get_host_cpu_name", lambda: "another")
    assert kept == (name == compiling._file_name(SCALE))
    assert not folder.exists()


@pytest.mark.usefixtures("folder")
def test_a_later_process_does_not_import_numba():
    assert EXPECTED == scaled()
    code = "import sys, scaling; print(scaling.scaled(), 'numba' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (f"{EXPECTED} False\n", "") == (done.stdout, done.stderr)


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-9], lambda _: b"", lambda b: b"x" + b], ids=["cut", "empty", "garbled"]
)
def test_a_damaged_file_is_made_anew(folder, damage):
    scaled()
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    compiled.cache_clear()
    assert EXPECTED == scaled()
    assert json.loads(whole.partition(b"\n")[0]).keys() == {"symbol", "absent", "sha256"}
    assert len(whole) == pytest.approx(len(file.read_bytes()), abs=99)


def test_another_numba_makes_its_own(folder, monkeypatch):
    scaled()
    compiled.cache_clear()
    monkeypatch.setattr("importlib.metadata.version", lambda _: "99")
    assert EXPECTED == scaled()
    assert 2 == len(list(folder.iterdir()))


def test_code_that_can_be_kept_nowhere_is_compiled_all_the_same(folder):
    folder.write_text("a file where the folder should be")
    assert EXPECTED == scaled()
    assert folder.is_file()


def test_code_that_needs_what_only_this_process_has_is_not_kept(folder, monkeypatch):
    monkeypatch.setattr(compiling, "_NEVER_CALLED", ("none",))
    assert EXPECTED == scaled()
    assert not folder.exists()


def test_without_the_variable_code_lies_beside_the_package_or_in_the_users_cache(monkeypatch):
    monkeypatch.delenv("EMOCONV_CACHE", raising=False)
    beside, users = compiling._folders()
    assert (Path(compiling.__file__).parent / "__pycache__", "emoconv") == (beside, users.name)


@pytest.mark.usefixtures("folder")
def test_numba_is_asked_for_when_something_is_compiled(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(ImportError):
        compiled(SCALE)


@pytest.mark.parametrize(
    "row",
    [
        np.zeros(3),
        np.zeros((1, 3), dtype=np.float32),
        np.zeros(6, dtype=np.float32)[::2],
    ],
    ids=["dtype", "axes", "gaps"],
)
def test_an_array_of_another_kind_is_refused(row):
    with pytest.raises(TypeError, match=r"^scale takes a C-contiguous array of float32 "):
        compiled(SCALE)(row, 5, np.zeros((2, 3)))
