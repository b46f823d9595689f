"""Claims about emoconv.data.goemotions: both published formats, and each way to break them."""

import gzip
from pathlib import Path

import pytest

from emoconv.data import (
    RAW_COLUMNS,
    part_path,
    read_official,
    read_official_split,
    read_rater_rows,
    read_raw,
)
from emoconv.errors import DataError, DataNotFoundError
from emoconv.labels import GOEMOTIONS, LabelSet

TINY = Path(__file__).parents[1] / "data" / "goemotions"


def saved(tmp_path, content, name="train.tsv"):
    path = tmp_path / name
    path.write_bytes(content.encode())
    return path


def complaint(read, path):
    with pytest.raises(DataError) as error:
        read(path)
    return str(error.value).removeprefix(str(path))


def decoded(dataset):
    return list(zip(dataset.texts, dataset.labels.decode(dataset.y), dataset.ids, strict=True))


def test_the_official_format_is_text_numbers_and_id(tmp_path):
    path = saved(tmp_path, "so good 😊\t17,18\tc1\nok \t27\tc2\n")
    expected = [("so good 😊", ("joy", "love"), "c1"), ("ok ", ("neutral",), "c2")]
    assert expected == decoded(read_official(path))


def test_quotes_of_the_official_format_are_text(tmp_path):
    path = saved(tmp_path, '"he said\t27\tc1\n""\t27\tc2\n')
    assert ('"he said', '""') == read_official(path).texts


def test_a_byte_order_mark_crlf_and_blank_lines_at_the_end_are_accepted(tmp_path):
    path = saved(tmp_path, "\ufeffnice\t17\tc1\r\nboo\t2\tc2\r\n\r\n\n")
    expected = [("nice", ("joy",), "c1"), ("boo", ("anger",), "c2")]
    assert expected == decoded(read_official(path))


def test_the_official_format_may_be_packed(tmp_path):
    path = tmp_path / "train.tsv.gz"
    path.write_bytes(gzip.compress(b"nice\t17\tc1\n"))
    assert [("nice", ("joy",), "c1")] == decoded(read_official(path))


def test_the_official_format_takes_other_label_sets(tmp_path):
    labels = LabelSet(("bad", "good"))
    path = saved(tmp_path, "nice\t1\tc1\nmeh\t0,1\tc2\n")
    expected = [("nice", ("good",), "c1"), ("meh", ("bad", "good"), "c2")]
    assert expected == decoded(read_official(path, labels))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("nice", "1 tab-separated fields, expected 3: text, label numbers, comment id"),
        ("", "1 tab-separated fields, expected 3: text, label numbers, comment id"),
        ("a\tb\t17\tc9", "4 tab-separated fields, expected 3: text, label numbers, comment id"),
        (" \t17\tc9", "the text is blank"),
        ("nice\t17\t", "the comment id is blank"),
        ("nice\t\tc9", "no label: expected at least one number, 0 to 27"),
        ("nice\t28\tc9", "label number '28' is not one of 0 to 27"),
        ("nice\t17,\tc9", "label number '' is not one of 0 to 27"),
        ("nice\t-1\tc9", "label number '-1' is not one of 0 to 27"),
        ("nice\t1 7\tc9", "label number '1 7' is not one of 0 to 27"),
        ("nice\tjoy\tc9", "label number 'joy' is not one of 0 to 27"),
        ("nice\t" + 20 * "9" + "\tc9", f"label number '{20 * '9'}' is not one of 0 to 27"),
    ],
)
def test_a_wrong_official_line_is_named(tmp_path, line, expected):
    path = saved(tmp_path, f"fine\t1\tc1\n{line}\nfine\t1\tc2\n")
    assert f":2: {expected}" == complaint(read_official, path)


def test_one_part_is_found_and_no_other_is_touched(tmp_path):
    saved(tmp_path, "nice\t17\tc1\n", "train.tsv")
    saved(tmp_path, "broken", "test.tsv")
    assert ("nice",) == read_official(part_path(tmp_path, "train")).texts


def test_a_missing_part_says_where_to_get_it(tmp_path):
    with pytest.raises(DataNotFoundError) as error:
        part_path(tmp_path, "dev")
    assert str(error.value) == (
        f"{tmp_path / 'dev.tsv'}: no such file, expected train.tsv, dev.tsv, test.tsv in the "
        "folder; 'emoconv download goemotions' fetches them"
    )


def test_the_split_is_read_by_part():
    parts = read_official_split(TINY)
    assert {"train": 262, "dev": 60, "test": 60} == {name: len(p) for name, p in parts.items()}
    assert parts["train"].y.any(axis=0).all()
    assert parts["dev"].y.any(axis=0).all()


def raw_line(text="nice", labels=(), *, index=None, value=None):
    """Return a raw record as fields; the field at ``index`` replaced by ``value``."""
    fields = [text, "r1", "me", "talk", "t3_a1", "t1_b2", "1546300000.0", "4", "False"]
    fields += ["1" if name in labels else "0" for name in GOEMOTIONS.names]
    if index is not None:
        fields[index] = value
    return fields


def raw_file(tmp_path, *records, header=RAW_COLUMNS, name="goemotions_1.csv"):
    return saved(tmp_path, "\n".join(",".join(r) for r in (header, *records)) + "\n", name)


def test_raw_rows_are_read_one_for_each_rater():
    rows = read_rater_rows([TINY / "goemotions_1.csv"])
    assert (30, 2) == (len(rows.dataset), rows.unclear.sum())
    goat = [row for row in decoded(rows.dataset) if row[2] == "r0003"]
    text = "Haha, look at the goat\nand then look at the hat 😂"
    assert [(text, ("amusement",), "r0003")] * 2 + [
        (text, ("amusement", "joy"), "r0003")
    ] == sorted(goat)


def test_unclear_raw_rows_are_left_out_unless_asked_for():
    path = TINY / "goemotions_1.csv"
    assert (28, 30) == (len(read_raw([path])), len(read_raw([path], keep_unclear=True)))


def test_raw_files_are_read_as_one_table(tmp_path):
    first = raw_file(tmp_path, raw_line(labels=["joy"]))
    second = raw_file(
        tmp_path,
        raw_line('"a, ""b"""', index=9, value="1.0"),
        raw_line("c", index=8, value="True"),
        name="goemotions_2.csv",
    )
    expected = [("nice", ("joy",), "r1"), ('a, "b"', ("admiration",), "r1"), ("c", (), "r1")]
    rows = read_rater_rows([first, second])
    assert (expected, [False, False, True]) == (decoded(rows.dataset), rows.unclear.tolist())


def test_no_raw_file_is_an_error():
    with pytest.raises(DataError) as error:
        read_raw([])
    assert str(error.value) == "no raw file was given, expected at least one"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (("tekst", *RAW_COLUMNS[1:]), "column 'tekst' is not one of them; did you mean 'text'?"),
        ((*RAW_COLUMNS, "extra"), "column 'extra' is not one of them"),
        (RAW_COLUMNS[:-2], "missing: surprise, neutral"),
        ((*RAW_COLUMNS[:-1], "joy"), "missing: neutral"),
        ((*RAW_COLUMNS, "joy"), "they are in another order or given twice"),
        (RAW_COLUMNS[::-1], "they are in another order or given twice"),
    ],
)
def test_wrong_raw_columns_are_named(tmp_path, header, expected):
    path = raw_file(tmp_path, ["x"] * len(header), header=header)
    found = complaint(lambda p: read_raw([p]), path)
    assert f":1: expected the 37 columns of the raw GoEmotions release; {expected}" == found


def test_a_raw_file_without_rows_is_told(tmp_path):
    found = complaint(lambda p: read_raw([p]), raw_file(tmp_path))
    assert ": a header and no rows" == found


@pytest.mark.parametrize(
    ("index", "value", "expected"),
    [
        (0, " ", "column 'text' holds ' ', expected a text"),
        (1, "", "column 'id' holds '', expected a comment id"),
        (2, "", "column 'author' holds '', expected a name"),
        (3, "", "column 'subreddit' holds '', expected a name"),
        (4, "x", "column 'link_id' holds 'x', expected a Reddit name such as t3_ab12c"),
        (5, "x", "column 'parent_id' holds 'x', expected a Reddit name such as t1_ab12c"),
        (6, "now", "column 'created_utc' holds 'now', expected seconds since 1970"),
        (7, "1.5", "column 'rater_id' holds '1.5', expected a number"),
        (8, "no", "column 'example_very_unclear' holds 'no', expected True or False"),
        (26, "2", "label column 'joy' holds '2', expected 0 or 1"),
        (26, "", "label column 'joy' holds '', expected 0 or 1"),
    ],
)
def test_a_wrong_raw_value_is_named_with_its_line(tmp_path, index, value, expected):
    path = raw_file(
        tmp_path, raw_line('"two\nlines"'), raw_line(index=index, value=value), raw_line()
    )
    assert f":4: {expected}" == complaint(lambda p: read_raw([p]), path)


@pytest.mark.real_data
def test_the_published_split_is_read_whole(real_data):
    parts = read_official_split(real_data / "goemotions")
    sizes = {name: len(part) for name, part in parts.items()}
    assert {"train": 43_410, "dev": 5_426, "test": 5_427} == sizes
    assert 6 == parts["test"].y[:, GOEMOTIONS.index("grief")].sum()
