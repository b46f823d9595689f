import json
import shutil
import stat
from pathlib import Path

import pytest

from emoconv.errors import BundleError, ConfigError
from emoconv.page import write_page

BUNDLE = Path(__file__).parents[1] / "data/bundle_v2"
PACKAGE = Path(__file__).parents[2] / "src/emoconv"
MODEL = {
    "config.json",
    "labels.json",
    "vocabulary.json",
    "thresholds.json",
    "calibration.json",
    "weights.safetensors",
    "characters.json",
}


def content(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files(folder)}


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def page(tmp_path):
    write_page(BUNDLE, tmp_path / "page")
    return tmp_path / "page"


def test_the_page_has_the_static_files_and_the_model(page):
    static = {f"{name}": data for name, data in content(PACKAGE / "page/static").items()}
    model = {f"model/{name}": (BUNDLE / name).read_bytes() for name in MODEL - {"characters.json"}}
    model["model/characters.json"] = (PACKAGE / "text/characters.json").read_bytes()
    found = content(page)
    head = json.loads(found.pop("page.json"))
    assert static | model == found
    assert ("browser", "model/") == (head["mode"], head["model"])
    assert {name: (page / "model" / name).stat().st_size for name in MODEL} == head["files"]
    assert {*found, "page.json"} == set(head["written"])


def test_the_size_of_what_was_written_is_told(tmp_path):
    written = write_page(BUNDLE, tmp_path / "deep/down/page")
    page = tmp_path / "deep/down/page"
    assert len(files(page)) == written.files
    assert sum(path.stat().st_size for path in files(page)) == written.total_bytes
    assert sum(path.stat().st_size for path in files(page / "model")) == written.model_bytes


def test_two_pages_of_a_model_are_the_same(page, tmp_path):
    write_page(BUNDLE, tmp_path / "again")
    assert content(page) == content(tmp_path / "again")


def test_everybody_may_read_what_a_server_is_to_give_out(page):
    for path in (page, page / "model", page / "page.json", page / "model/config.json"):
        everybody = stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH
        assert everybody == path.stat().st_mode & everybody


def test_nothing_else_is_left_beside_the_page(page, tmp_path):
    write_page(BUNDLE, page, overwrite=True)
    assert [page] == list(tmp_path.iterdir())


def test_a_page_is_replaced_if_that_is_asked_for(page):
    (page / "index.html").write_text("old")
    other = BUNDLE.with_name("bundle_v1")
    write_page(other, page, overwrite=True)
    assert "old" != (page / "index.html").read_text()
    assert (other / "config.json").read_bytes() == (page / "model/config.json").read_bytes()


def test_a_page_is_not_replaced_unasked(page):
    before = content(page)
    with pytest.raises(ConfigError) as caught:
        write_page(BUNDLE, page)
    assert f"{page} is there already; name another folder, or give --overwrite" == str(caught.value)
    assert before == content(page)


@pytest.mark.parametrize("name", ["CNAME", ".git/config", "model/README.md"])
def test_files_of_somebody_else_are_not_removed(page, name):
    (page / name).parent.mkdir(exist_ok=True)
    (page / name).write_text("mine")
    before = content(page)
    with pytest.raises(ConfigError) as caught:
        write_page(BUNDLE, page, overwrite=True)
    assert str(caught.value) == (
        f"{page / name} is not of the page, and replacing {page} would remove it; put it elsewhere "
        "or name another folder"
    )
    assert before == content(page)


@pytest.mark.parametrize(
    "head", [None, "", "[]", '{"mode": "server"}', '{"mode": "browser"}', "[" * 100_000]
)
def test_what_is_no_page_is_not_replaced(tmp_path, head):
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "index.html").write_text("mine")
    if head is not None:
        (folder / "page.json").write_text(head)
    with pytest.raises(ConfigError) as caught:
        write_page(BUNDLE, folder, overwrite=True)
    assert str(caught.value).startswith(
        f"{folder} is there and is no page of emoconv; name another"
    )


def test_a_file_is_no_page(tmp_path):
    (tmp_path / "page").write_text("mine")
    with pytest.raises(ConfigError, match="is there and is no page of emoconv"):
        write_page(BUNDLE, tmp_path / "page", overwrite=True)


@pytest.mark.parametrize("place", [".", "..", "/"])
def test_a_folder_needs_a_name_of_its_own(place):
    with pytest.raises(ConfigError) as caught:
        write_page(BUNDLE, Path(place))
    assert f"{place} has no name of its own; name the new folder" == str(caught.value)


def test_a_model_that_is_not_whole_is_not_written(tmp_path):
    model = shutil.copytree(BUNDLE, tmp_path / "model")
    (model / "labels.json").write_text("[]")
    with pytest.raises(BundleError):
        write_page(model, tmp_path / "page")
    assert [model] == list(tmp_path.iterdir())


def test_a_page_that_cannot_be_written_whole_is_not_written(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device", "page")

    monkeypatch.setattr("shutil.copyfile", full)
    with pytest.raises(OSError, match="No space left"):
        write_page(BUNDLE, tmp_path / "page")
    assert [] == list(tmp_path.iterdir())
