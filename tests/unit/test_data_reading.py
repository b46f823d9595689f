"""Claims about emoconv.data.reading: the rule by which a file's format is told."""

from pathlib import Path

import pytest

from emoconv.data import RAW_COLUMNS, file_format, read
from emoconv.errors import ConfigError, DataError, DataNotFoundError
from emoconv.labels import GOEMOTIONS, LabelSet

TINY = Path(__file__).parents[1] / "data" / "goemotions"
RAW_HEADER = ",".join(RAW_COLUMNS)


@pytest.mark.parametrize(
    ("name", "first", "expected"),
    [
        ("a.tsv", "so good\t17,18\tc1", "official"),
        ("a.tsv", "\ufeffso good\t17\tc1\r", "official"),
        ("a.tsv", "text\tlabels\tid", "tsv"),
        ("a.tsv", "so good\t17,18", "tsv"),
        ("a.tsv", "so good\t17\tc1\tmore", "tsv"),
        ("a.csv", RAW_HEADER, "raw"),
        ("a.csv", "\ufeff" + RAW_HEADER + "\r", "raw"),
        ("a.csv", RAW_HEADER.replace("text", "Text"), "csv"),
        ("A.CSV", "text,labels", "csv"),
        ("a.jsonl", "so good\t17,18\tc1", "jsonl"),
        ("a.ndjson", "{}", "jsonl"),
        ("a.parquet", "PAR1\udcff", "parquet"),
    ],
)
def test_ending_and_first_line_tell_the_format(tmp_path, name, first, expected):
    path = tmp_path / name
    path.write_bytes(f"{first}\n".encode("utf-8", "surrogateescape"))
    assert expected == file_format(path)


def test_naming_a_column_makes_it_a_table(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(RAW_HEADER)
    assert ("raw", "csv") == (file_format(path), file_format(path, columns_named=True))


def test_a_named_format_is_taken_without_a_look(tmp_path):
    assert "jsonl" == file_format(tmp_path / "none", format="jsonl")


def test_an_unknown_format_is_told(tmp_path):
    with pytest.raises(ConfigError) as error:
        read(tmp_path / "a.csv", format="offical")
    assert str(error.value) == (
        "format 'offical' is not one of official, raw, csv, tsv, jsonl, parquet; "
        "did you mean 'official'?"
    )


def test_a_missing_file_and_a_folder_are_told(tmp_path):
    with pytest.raises(DataNotFoundError) as error:
        read(tmp_path / "none.tsv")
    assert str(error.value) == f"{tmp_path / 'none.tsv'}: no such file"
    with pytest.raises(DataError) as error:
        read(tmp_path)
    assert str(error.value) == f"{tmp_path}: this is a folder, expected a file"


def test_the_official_format_is_read():
    assert (60, GOEMOTIONS) == (len(read(TINY / "dev.tsv")), read(TINY / "dev.tsv").labels)


def test_the_official_format_takes_other_label_sets(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("good\t1\tc1\n")
    labels = LabelSet(("bad", "good"))
    assert labels == read(path, labels=labels).labels


def test_the_raw_format_is_read_without_unclear_rows():
    assert 28 == len(read(TINY / "goemotions_1.csv", labels=GOEMOTIONS))


def test_the_raw_format_has_its_own_labels():
    path = TINY / "goemotions_1.csv"
    with pytest.raises(DataError) as error:
        read(path, labels=LabelSet(("bad", "good")))
    expected = f"{path}: raw rows carry GoEmotions' labels, other labels are wanted"
    assert expected == str(error.value)


def test_raw_rows_can_be_read_as_any_table():
    path = TINY / "goemotions_1.csv"
    dataset = read(path, label_columns=["joy", "love"], id_column="id")
    assert (30, ("joy", "love")) == (len(dataset), dataset.labels.names)
