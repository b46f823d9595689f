"""Claims about emoconv.scoring.inputs: which files are scored, and how each is written."""

import hashlib
import os

import pytest

from emoconv.errors import ConfigError, DataError, DataNotFoundError
from emoconv.scoring.inputs import (
    FORMATS,
    Input,
    find_inputs,
    fingerprint,
    format_of,
    known_format,
)


@pytest.fixture
def folder(tmp_path):
    for name in ("b.csv", "a.jsonl.gz", "sub/c.TSV", ".d.csv", "_e.csv", "_tmp/f.csv", "g.md"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.csv", ("csv", None)),
        ("A.CSV", ("csv", None)),
        ("a.tab", ("tsv", None)),
        ("a.ndjson", ("jsonl", None)),
        ("a.txt.zst", ("lines", "zstd")),
        ("a.csv.gz", ("csv", "gzip")),
        ("a.feather", ("arrow", None)),
        ("a.arrows.zstd", ("arrows", "zstd")),
        ("a.gz", (None, "gzip")),
        ("a.md", (None, None)),
        ("a", (None, None)),
        ("-", (None, None)),
    ],
)
def test_an_ending_names_a_format_and_a_packing(name, expected):
    assert expected == known_format(name)


def test_a_named_format_counts_more_than_an_ending():
    assert ("lines", "gzip") == format_of("a.csv.gz", "lines")


def test_a_format_that_is_not_known_has_a_near_name():
    with pytest.raises(ConfigError, match=r"^format 'csb' is not one of csv, .*mean 'csv'\?$"):
        format_of("a.csv", "csb")


def test_without_a_known_ending_a_format_is_asked_for():
    with pytest.raises(DataError, match=r"^a.md: the ending names no format; name one: --format"):
        format_of("a.md")
    with pytest.raises(DataError, match=r"^standard input has no ending; name one: --format csv"):
        format_of("-")


@pytest.mark.parametrize("name", ["a.parquet.gz", "a.arrow.zst"])
def test_what_is_read_from_both_ends_is_not_packed(name):
    with pytest.raises(DataError, match="compresses inside and is not packed as a whole"):
        format_of(name)


def test_every_format_can_be_named():
    assert list(FORMATS) == [format_of("x", name)[0] for name in FORMATS]


def test_a_file_is_itself(folder):
    path = str(folder / "b.csv")
    assert [Input(path, "csv", None, "b.csv")] == find_inputs([path])


def test_a_folder_is_its_files_of_known_endings_in_order(folder):
    found = find_inputs([str(folder)])
    assert ["a.jsonl.gz", "b.csv", os.path.join("sub", "c.TSV")] == [file.name for file in found]  # noqa: PTH118 - as a name
    assert [("jsonl", "gzip"), ("csv", None), ("tsv", None)] == [
        (file.format, file.packing) for file in found
    ]
    assert [str(folder / file.name) for file in found] == [file.path for file in found]


def test_a_folder_is_all_its_files_if_a_format_is_named(folder):
    found = find_inputs([str(folder)], "lines")
    assert ["a.jsonl.gz", "b.csv", "g.md"] == [file.name for file in found][:3]


def test_a_pattern_is_the_files_that_match_it_in_order(folder):
    found = find_inputs([str(folder / "**" / "*.[ct]*v"), str(folder / "**" / "*.TSV")])
    assert ["_e.csv", "_tmp/f.csv", "b.csv", "sub/c.TSV"] == [
        os.path.relpath(file.path, folder) for file in found
    ]
    assert ["_e.csv", "f.csv", "b.csv", "c.TSV"] == [file.name for file in found]


def test_a_name_with_the_marks_of_a_pattern_is_the_file_of_that_name(tmp_path):
    (tmp_path / "a[1].csv").write_bytes(b"")
    assert ["a[1].csv"] == [file.name for file in find_inputs([str(tmp_path / "a[1].csv")])]


@pytest.mark.parametrize(
    ("name", "format_", "complaint"),
    [
        ("none.csv", None, "no such file"),
        ("*.parquet", None, "no file matches this pattern"),
        ("su[b]", None, "no file matches this pattern"),
        ("_tmp", None, None),
        ("empty", None, "no file in this folder has a known ending"),
        ("empty", "csv", "no file in this folder"),
    ],
)
def test_what_names_no_file_is_said_to(folder, name, format_, complaint):
    (folder / "empty").mkdir()
    if complaint is None:  # a folder that is named is looked into, whatever its own name
        assert ["f.csv"] == [file.name for file in find_inputs([str(folder / name)], format_)]
        return
    with pytest.raises(DataNotFoundError) as error:
        find_inputs([str(folder / name)], format_)
    assert f"{folder / name}: {complaint}" == str(error.value)


def test_a_pipe_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(DataError, match=r"pipe.csv: not a file; pipe it into standard input"):
        find_inputs([str(tmp_path / "pipe.csv")])


def test_an_error_on_the_way_through_a_folder_ends_the_search(folder, monkeypatch):
    def walk(path, *, onerror):
        onerror(PermissionError(13, "no", str(path)))
        return []

    monkeypatch.setattr(os, "walk", walk)
    with pytest.raises(PermissionError):
        find_inputs([str(folder)])


def test_no_file_is_scored_twice(folder, monkeypatch):
    monkeypatch.chdir(folder)
    with pytest.raises(ConfigError, match=r"b\.csv is named twice; name each file once$"):
        find_inputs(["b.csv", "./b.csv"])


def test_standard_input_comes_alone(folder):
    assert [Input("-", "csv", None, "standard input")] == find_inputs(["-"], "csv")
    with pytest.raises(ConfigError, match="cannot be scored together with files"):
        find_inputs([str(folder / "b.csv"), "-"], "csv")
    with pytest.raises(ConfigError, match="- is named twice"):
        find_inputs(["-", "-"], "csv")


def test_a_fingerprint_is_the_size_the_time_and_the_ends(tmp_path):
    path = tmp_path / "a.csv"
    content = os.urandom(3 * 2**20)
    path.write_bytes(content)
    os.utime(path, ns=(5, 7))
    ends = hashlib.sha256(content[: 2**20] + content[-(2**20) :]).hexdigest()
    expected = {"path": str(path), "bytes": 3 * 2**20, "changed_ns": 7, "ends_sha256": ends}
    assert [expected] == fingerprint(find_inputs([str(path)]))


def test_a_fingerprint_tells_a_small_file_from_another_of_its_size_and_time(tmp_path):
    found = []
    for content in (b"ab", b"ac"):
        (tmp_path / "a.csv").write_bytes(content)
        os.utime(tmp_path / "a.csv", ns=(5, 7))
        found += fingerprint(find_inputs([str(tmp_path / "a.csv")]))
    assert found[0]["ends_sha256"] != found[1]["ends_sha256"]
