"""Claims about emoconv.data.records: what is not a sound text file is named in one line."""

import csv
import gzip

import numpy as np
import pytest

from emoconv.data import records
from emoconv.data.records import MAX_LINE_CHARS, multi_hot, read_csv, read_lines, read_text
from emoconv.errors import DataError, DataNotFoundError, LabelError


def saved(tmp_path, content, name="file.txt"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def complaint(read, path):
    with pytest.raises(DataError) as error:
        read(path)
    assert "\n" not in str(error.value)
    return str(error.value).removeprefix(str(path))


def test_a_missing_file_is_a_file_not_found_error(tmp_path):
    path = tmp_path / "none.tsv"
    with pytest.raises(DataNotFoundError) as error:
        read_text(path)
    assert str(error.value) == f"{path}: no such file"
    assert isinstance(error.value, FileNotFoundError)


@pytest.mark.parametrize("name", ["folder", "folder.gz"])
def test_a_folder_is_no_file(tmp_path, name):
    (tmp_path / name).mkdir()
    assert ": this is a folder, expected a file" == complaint(read_text, tmp_path / name)


def test_a_path_below_a_file_cannot_be_read(tmp_path):
    path = saved(tmp_path, "x") / "inner.tsv"
    assert ": cannot be read (Not a directory)" == complaint(read_text, path)


@pytest.mark.parametrize("content", ["", "\n", "\r\n\n", "\ufeff", "\ufeff\n"])
def test_a_file_of_nothing_is_empty(tmp_path, content):
    assert ": the file is empty" == complaint(read_text, saved(tmp_path, content))


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_told(tmp_path, codec):
    path = saved(tmp_path, ("\ufeff" * (codec != "utf-16") + "joy\n").encode(codec))
    assert ": looks like UTF-16; convert it to UTF-8" == complaint(read_text, path)


def test_a_binary_file_is_told(tmp_path):
    path = saved(tmp_path, b"PK\x03\x04\n\x00\x01")
    expected = ":2: a zero byte: a binary file; expected UTF-8 text"
    assert expected == complaint(read_text, path)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"one\ntwo\nthr\xe9e\n", ":3: byte 0xe9 is not UTF-8; convert the file to UTF-8"),
        (b"\xef\xbb\xbf\n\xff\n", ":2: byte 0xff is not UTF-8; convert the file to UTF-8"),
    ],
)
def test_a_byte_that_is_not_utf_8_is_named_with_its_line(tmp_path, content, expected):
    assert expected == complaint(read_text, saved(tmp_path, content))


def test_packed_text_is_unpacked(tmp_path):
    path = saved(tmp_path, gzip.compress("so good 😊\n".encode()), "file.txt.gz")
    assert "so good 😊\n" == read_text(path)


@pytest.mark.parametrize(
    "content",
    [b"not packed", gzip.compress(b"cut short" * 99, mtime=0)[:-12], b"\x1f\x8b\x08" + 20 * b"\7"],
)
def test_a_broken_gzip_file_is_told(tmp_path, content):
    found = complaint(read_text, saved(tmp_path, content, "file.gz"))
    assert found.startswith(": not a whole gzip file (")


def test_lines_end_at_line_feeds_only(tmp_path):
    content = "\ufeffone\r\ntwo\u2028still two\x85\n\nfour\n\r\n\n"
    expected = ["one", "two\u2028still two\x85", "", "four"]
    assert expected == read_lines(saved(tmp_path, content))


def test_a_line_without_end_is_read(tmp_path):
    assert ["one", "two"] == read_lines(saved(tmp_path, "one\ntwo"))


def test_a_line_of_50_mb_is_told(tmp_path):
    path = saved(tmp_path, b"short\n" + 50_000_000 * b"x")
    assert (
        ":2: a line of 50,000,000 characters, expected at most 10,000,000: are line ends missing?"
        == complaint(read_lines, path)
    )


def test_the_longest_line_is_read(tmp_path):
    line = MAX_LINE_CHARS * "x"
    assert [line] == read_lines(saved(tmp_path, line))


def test_csv_is_read_as_in_rfc_4180(tmp_path):
    content = '\ufeffa,b\r\n"say ""hi"", ok",1\r\n"two\nlines",2\r\n it\'s "so",3\r\n\r\n\n'
    expected = [["a", "b"], ['say "hi", ok', "1"], ["two\nlines", "2"], [' it\'s "so"', "3"]]
    assert (expected, [1, 2, 3, 5]) == read_csv(saved(tmp_path, content))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a,b\n1,2\n3\n", ":3: 1 fields, expected 2 as in the header"),
        ('a,b\n"x\ny",2\n1,2,3\n', ":4: 3 fields, expected 2 as in the header"),
        ("a,b\n\n1,2\n", ":2: 0 fields, expected 2 as in the header"),
        ('a,b\n1,2\n"open,2\n3,4\n', ":3: not CSV as in RFC 4180 (unexpected end of data)"),
        ('a,b\n"x"y,2\n', ":2: not CSV as in RFC 4180 (',' expected after '\"')"),
    ],
)
def test_a_broken_record_is_named_by_the_line_it_begins_on(tmp_path, content, expected):
    assert expected == complaint(read_csv, saved(tmp_path, content))


def test_a_field_of_50_mb_is_told(tmp_path):
    path = saved(tmp_path, b"text\nfine\n" + 50_000_000 * b"x")
    expected = ":3: not CSV as in RFC 4180 (field larger than field limit (10000000))"
    assert expected == complaint(read_csv, path)


def test_a_larger_field_limit_of_the_caller_is_left_alone(tmp_path):
    before = csv.field_size_limit(MAX_LINE_CHARS + 1)
    try:
        read_csv(saved(tmp_path, "a,b"))
        assert MAX_LINE_CHARS + 1 == csv.field_size_limit()
    finally:
        csv.field_size_limit(before)


def test_cells_become_multi_hot_rows_and_each_kind_is_decoded_once(tmp_path):
    asked = []

    def decode(cell):
        asked.append(cell)
        return [int(digit) for digit in cell]

    y = multi_hot(["02", "", "02", "1"], [1, 2, 3, 4], decode, width=3, path=tmp_path)
    assert [[1, 0, 1], [0, 0, 0], [1, 0, 1], [0, 1, 0]] == y.astype(int).tolist()
    assert (["02", "", "1"], np.bool_) == (asked, y.dtype)


def test_a_cell_that_cannot_be_decoded_is_named_with_its_line(tmp_path):
    def decode(_cell):
        raise LabelError("no such label")

    with pytest.raises(DataError) as error:
        multi_hot(["x"], [7], decode, width=1, path=tmp_path / "f.csv")
    assert str(error.value) == f"{tmp_path / 'f.csv'}:7: no such label"


def test_exported_names_are_there():
    assert [] == [name for name in records.__all__ if not hasattr(records, name)]
