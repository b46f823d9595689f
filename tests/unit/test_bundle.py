import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from emoconv.bundle import (
    FORMAT_VERSION,
    check_destination,
    read_bundle,
    shipped_bundle,
    write_bundle,
)
from emoconv.calibration import Calibration
from emoconv.errors import BundleError, BundleVersionError
from emoconv.labels import LabelSet
from emoconv.thresholds import Thresholds

FILES = [
    "calibration.json",
    "history.jsonl",
    "labels.json",
    "thresholds.json",
    "vocabulary.json",
    "weights.safetensors",
]


@pytest.fixture
def copy(tiny_bundle, tmp_path):
    """A bundle of our own to spoil."""
    return Path(shutil.copytree(tiny_bundle, tmp_path / "copy"))


@pytest.fixture(scope="module")
def bundle(tiny_bundle):
    return read_bundle(tiny_bundle)


def change_head(folder, **changes):
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def rewrite(folder, name, content):
    """Replace a file and what the head says of it, as only somebody who means to would."""
    import hashlib  # noqa: PLC0415 - here only

    (folder / name).write_bytes(content)
    files = json.loads((folder / "config.json").read_text())["files"]
    files[name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    change_head(folder, files=files)


def error_of(folder):
    with pytest.raises(BundleError) as caught:
        read_bundle(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_bundle_is_a_folder_of_these_files(tiny_bundle):
    assert sorted([*FILES, "README.md", "config.json"]) == sorted(
        file.name for file in tiny_bundle.iterdir()
    )


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    assert (
        f"{tmp_path / 'no'}: no such folder; expected a bundle that `emoconv train` wrote"
        == error_of(tmp_path / "no")
    )


def test_a_folder_that_is_no_bundle_is_refused(tmp_path):
    assert f"{tmp_path}: no bundle: it has no config.json" == error_of(tmp_path)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"3", b"{}", b"\xff\xfe\x00", b"null", b"[" * 10**5]
)
def test_a_garbled_head_is_refused(copy, content):
    (copy / "config.json").write_bytes(content)
    assert f"{copy / 'config.json'}: not the head of an emoconv bundle" == error_of(copy)


@pytest.mark.parametrize("version", [FORMAT_VERSION + 1, 0, "one", None])
def test_a_bundle_of_another_format_is_refused(copy, version):
    change_head(copy, format_version=version)
    with pytest.raises(BundleVersionError) as caught:
        read_bundle(copy)
    assert f"{copy}: bundle format {version!r}, and this emoconv (" in str(caught.value)
    assert "reads formats 1 to 2; upgrade it: pip install -U emoconv" in str(caught.value)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(copy, name):
    (copy / name).unlink()
    assert f"{copy / name}: No such file or directory; the bundle is not whole" == error_of(copy)


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_short_is_named(copy, name):
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[:-1])
    size = len(content)
    assert (
        f"{copy / name}: {size - 1} bytes where {size} were written; "
        "the bundle was cut short or changed: copy it again" == error_of(copy)
    )


@pytest.mark.parametrize("name", FILES)
def test_a_changed_file_is_named(copy, name):
    content = bytearray((copy / name).read_bytes())
    content[-2] ^= 1
    (copy / name).write_bytes(content)
    assert f"{copy / name}: was changed after it was written: copy it again" == error_of(copy)


@pytest.mark.parametrize("files", [{}, [], None, {"labels.json": 3}])
def test_a_head_that_leaves_out_a_file_is_refused(copy, files):
    change_head(copy, files=files)
    assert f"{copy / 'config.json'}: says nothing of labels.json" == error_of(copy)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"model": {"fliters": 8}}, "unknown setting model.fliters; did you mean 'filters'?"),
        ([], "the config is []; expected an object"),
    ],
)
def test_a_head_with_a_wrong_config_is_refused(copy, config, message):
    change_head(copy, config=config)
    assert error_of(copy).startswith(f"{copy}: not a usable bundle: {message}")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("labels.json", b'["joy", 3]'),
        ("labels.json", b"3"),
        ("labels.json", b"{"),
        ("labels.json", b"\xff"),
        ("vocabulary.json", b'["joy"]'),
        ("thresholds.json", b'{"rule": "fixed"}'),
        ("calibration.json", b"[]"),
        ("weights.safetensors", b"not safetensors"),
        ("history.jsonl", b"{"),
    ],
)
def test_a_file_whose_content_is_no_use_is_refused(copy, name, content):
    rewrite(copy, name, content)
    assert error_of(copy).startswith(f"{copy}: not a usable bundle: ")


def test_weights_of_other_shapes_are_refused(bundle):
    model = dataclasses.replace(bundle.config.model, filters=9)
    with pytest.raises(
        BundleError, match=r"^weights do not fit the config; these differ: \[\('con"
    ):
        dataclasses.replace(bundle, config=dataclasses.replace(bundle.config, model=model))


def test_a_vocabulary_of_another_size_is_refused(copy, bundle):
    tokens = list(bundle.vocabulary.tokens)
    rewrite(copy, "vocabulary.json", json.dumps(tokens[:-1]).encode())
    assert f"('embedding', ({len(tokens) - 1}, 16))" in error_of(copy)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_refused(bundle, wrong):
    bias = np.full_like(bundle.weights["output.bias"], wrong)
    with pytest.raises(BundleError) as caught:
        dataclasses.replace(bundle, weights={**bundle.weights, "output.bias": bias})
    assert "weight output.bias is not of finite float16 or float32 numbers" == str(caught.value)


def test_weights_of_whole_numbers_are_refused(bundle):
    bias = bundle.weights["output.bias"].astype(np.int64)
    with pytest.raises(BundleError, match=r"weight output\.bias is not of finite float16"):
        dataclasses.replace(bundle, weights={**bundle.weights, "output.bias": bias})


def test_cuts_and_calibration_are_as_many_as_labels(bundle):
    with pytest.raises(BundleError, match=r"^3 thresholds for 28 labels$"):
        dataclasses.replace(bundle, thresholds=Thresholds.fixed(0.5, 3))
    with pytest.raises(BundleError, match=r"^3 calibration for 28 labels$"):
        dataclasses.replace(bundle, calibration=Calibration.identity(3))


def test_weights_that_do_not_fit_the_labels_are_refused(bundle):
    with pytest.raises(BundleError, match=r"output\.bias"):
        dataclasses.replace(bundle, labels=LabelSet(("joy",)))


def test_a_folder_that_is_there_is_not_written_to(bundle, tmp_path):
    with pytest.raises(BundleError) as caught:
        write_bundle(bundle, tmp_path)
    assert f"{tmp_path} is there already; --overwrite replaces it" == str(caught.value)


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_only_a_bundle_is_overwritten(bundle, tmp_path, kind):
    place = tmp_path / "mine"
    if kind == "folder":
        place.mkdir()
        (place / "thesis.txt").write_text("years of work")
    else:
        place.write_text("years of work")
    with pytest.raises(BundleError) as caught:
        write_bundle(bundle, place, overwrite=True)
    assert f"{place} is there and is no bundle; name another place" == str(caught.value)
    assert place.exists()


def test_a_bundle_is_overwritten_where_that_is_wanted(bundle, copy):
    (copy / "labels.json").unlink()
    write_bundle(bundle, copy, overwrite=True)
    assert bundle.labels == read_bundle(copy).labels


def test_what_a_run_left_that_was_cut_off_after_its_rename_does_not_block_the_next(bundle, copy):
    left = copy.with_name(copy.name + ".old")
    left.mkdir()
    (left / "config.json").touch()
    write_bundle(bundle, copy, overwrite=True)
    assert bundle.labels == read_bundle(copy).labels
    assert not left.exists()


def test_parents_are_made(bundle, tmp_path):
    write_bundle(bundle, tmp_path / "a" / "b", card="# Card\n")
    assert "# Card\n" == (tmp_path / "a" / "b" / "README.md").read_text()


def test_what_an_earlier_write_left_is_cleared_away(bundle, tmp_path):
    (tmp_path / "new.part").mkdir()
    (tmp_path / "new.part" / "junk").write_text("")
    write_bundle(bundle, tmp_path / "new")
    assert ["new"] == [path.name for path in tmp_path.iterdir()]
    assert not (tmp_path / "new" / "junk").exists()


@pytest.mark.parametrize("after", [0, 3, 7])
def test_a_failure_while_writing_leaves_nothing(bundle, tmp_path, monkeypatch, after):
    written, write = [], Path.write_bytes

    def full_disk(path, content):
        if len(written) == after:
            raise OSError(28, "No space left on device", str(path))
        written.append(path)
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_bundle(bundle, tmp_path / "new")
    assert [] == list(tmp_path.iterdir())


def test_a_failure_while_writing_leaves_the_old_bundle(bundle, copy, monkeypatch):
    def full_disk(path, _content):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_bundle(bundle, copy, overwrite=True)
    assert bundle.labels == read_bundle(copy).labels


@pytest.mark.parametrize("place", [".", "/", ".."])
def test_a_place_without_a_name_is_refused(place):
    with pytest.raises(BundleError) as caught:
        check_destination(Path(place), overwrite=True)
    assert f"{place} has no name of its own; name the new folder" == str(caught.value)


def test_a_free_place_is_good(tmp_path):
    check_destination(tmp_path / "new", overwrite=False)
    check_destination(tmp_path / "new", overwrite=True)


def test_the_shipped_bundle_lies_in_the_package():
    assert ("emoconv", "model") == shipped_bundle().parts[-2:]
