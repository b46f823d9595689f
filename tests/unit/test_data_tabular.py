"""Claims about emoconv.data.tabular and formats: any multi-label table."""

import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from emoconv.data import read_table
from emoconv.data.formats import open_table
from emoconv.errors import ConfigError, DataError, DataNotFoundError
from emoconv.labels import GOEMOTIONS, LabelSet

JOY_ANGER = LabelSet(("joy", "anger"))


def saved(tmp_path, content, name):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def jsonl(tmp_path, *rows, name="t.jsonl"):
    return saved(tmp_path, "".join(json.dumps(row) + "\n" for row in rows), name)


def parquet(tmp_path, columns, name="t.parquet"):
    pq.write_table(pa.table(columns), tmp_path / name)
    return tmp_path / name


def complaint(path, **options):
    with pytest.raises(DataError) as error:
        read_table(path, **options)
    assert "\n" not in str(error.value)
    return str(error.value).removeprefix(str(path))


def decoded(dataset):
    return list(zip(dataset.texts, dataset.labels.decode(dataset.y), strict=True))


JSON_LINES = """\
{"text": "nice", "labels": "joy"}
{"text": "hm", "labels": []}
{"labels": ["joy", "anger"], "text": "what?!", "more": 1}

"""
WHICH_COLUMN = (
    ": say which column holds the label names, or which columns of 0 and 1 are the labels; "
    "the columns are text, l"
)
EXPECTED = [("nice", ("joy",)), ("hm", ()), ("what?!", ("anger", "joy"))]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", 'text,labels\nnice,joy\nhm,\nwhat?!,"joy, anger"\n'),
        ("t.tsv", "text\tlabels\nnice\tjoy\nhm\t\nwhat?!\tanger,joy\n"),
        ("t.csv.gz", gzip.compress(b'text,labels\nnice,joy\nhm,\nwhat?!,"joy,anger"\n', mtime=0)),
        ("t.jsonl", JSON_LINES),
    ],
)
def test_a_column_of_names_is_read_from_every_text_format(tmp_path, name, content):
    dataset = read_table(saved(tmp_path, content, name), labels_column="labels")
    assert (EXPECTED, ("anger", "joy"), None) == (
        decoded(dataset),
        dataset.labels.names,
        dataset.ids,
    )


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
def test_lists_of_names_are_read_from_parquet(tmp_path, kind):
    texts = pa.array(["nice", "hm", "what?!"], kind)
    path = parquet(tmp_path, {"text": texts, "labels": [["joy"], [], ["anger", "joy"]]})
    assert EXPECTED == decoded(read_table(path, labels_column="labels"))


def test_label_columns_are_read_in_their_order(tmp_path):
    path = saved(tmp_path, "joy,text,anger\n1,nice,0\n0,hm,0.0\n1.0,what?!,True\n", "t.csv")
    dataset = read_table(path, label_columns=["joy", "anger"])
    assert ("joy", "anger") == dataset.labels.names
    assert [("nice", ("joy",)), ("hm", ()), ("what?!", ("joy", "anger"))] == decoded(dataset)


@pytest.mark.parametrize("truth", [(1, 0), (1.0, 0.0), (True, False)])
def test_label_columns_may_be_numbers_or_booleans(tmp_path, truth):
    yes, no = truth
    rows = [{"text": "a", "joy": yes, "anger": no}, {"text": "b", "joy": no, "anger": no}]
    expected = [("a", ("joy",)), ("b", ())]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    for path in (jsonl(tmp_path, *rows), parquet(tmp_path, columns)):
        assert expected == decoded(read_table(path, label_columns=["joy", "anger"]))


def test_with_a_label_set_its_columns_are_found_in_any_order(tmp_path):
    path = saved(tmp_path, "anger,text,joy\n1,boo,0\n0,nice,1\n", "t.csv")
    dataset = read_table(path, labels=JOY_ANGER)
    assert (JOY_ANGER, [("boo", ("anger",)), ("nice", ("joy",))]) == (
        dataset.labels,
        decoded(dataset),
    )


def test_with_a_label_set_names_take_its_numbers(tmp_path):
    path = saved(tmp_path, "text,l\nnice,joy\n", "t.csv")
    dataset = read_table(path, labels_column="l", labels=GOEMOTIONS)
    assert (28, [("nice", ("joy",))]) == (dataset.y.shape[1], decoded(dataset))


def test_ids_may_be_numbers_or_null(tmp_path):
    path = jsonl(
        tmp_path,
        {"text": "a", "joy": 1, "n": 7},
        {"text": "b", "joy": 0, "n": "x9"},
        {"text": "c", "joy": 0, "n": None},
    )
    assert ("7", "x9", "") == read_table(path, label_columns=["joy"], id_column="n").ids


def test_names_may_have_another_separator_and_the_text_another_column(tmp_path):
    path = saved(tmp_path, "comment,l\nwow,joy | anger\n", "t.csv")
    dataset = read_table(path, text_column="comment", labels_column="l", separator="|")
    assert [("wow", ("anger", "joy"))] == decoded(dataset)


def test_tsv_is_not_quoted_at_all(tmp_path):
    path = saved(tmp_path, 'text\tl\n"so\tjoy\n""\tjoy\n', "t.tab")
    assert ('"so', '""') == read_table(path, labels_column="l").texts


def test_an_empty_text_is_legal_in_csv(tmp_path):
    path = saved(tmp_path, "text,l\n,joy\nNaN,joy\n", "t.csv")
    assert ("", "NaN") == read_table(path, labels_column="l").texts


def test_the_format_can_be_named(tmp_path):
    path = saved(tmp_path, "text;l\nhi, joy\n".replace(";", "\t").replace(", ", "\t"), "t.data")
    assert [("hi", ("joy",))] == decoded(read_table(path, labels_column="l", format="tsv"))


def test_an_unknown_ending_is_told(tmp_path):
    assert (
        ": the ending does not name a format; expected one of .csv, .tsv, .tab, .jsonl, .ndjson, "
        ".parquet (.gz may follow), or name the format"
        == complaint(saved(tmp_path, "x", "t.xlsx"), labels_column="l")
    )


def test_an_unknown_format_is_told(tmp_path):
    with pytest.raises(ConfigError) as error:
        open_table(tmp_path / "t", "jsonlines")
    assert str(error.value) == (
        "format 'jsonlines' is not one of csv, tsv, jsonl, parquet; did you mean 'jsonl'?"
    )


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {"label_columns": ["joy"], "labels_column": "l"},
            "give label columns or one labels column, not both",
        ),
        (
            {"labels_column": "l", "separator": ""},
            "the separator of label names is empty, expected something like ','",
        ),
    ],
)
def test_options_that_make_no_sense_are_told(tmp_path, options, expected):
    with pytest.raises(ConfigError) as error:
        read_table(tmp_path / "t.csv", **options)
    assert expected == str(error.value)


@pytest.mark.parametrize(
    ("content", "options", "expected"),
    [
        (
            "txet,l\nhi,joy\n",
            {"labels_column": "l"},
            ": no column 'text' (the columns are txet, l); did you mean 'txet'?",
        ),
        (
            "text,l\nhi,joy\n",
            {"labels_column": "emotion"},
            ": no column 'emotion' (the columns are text, l)",
        ),
        (
            "text,l\nhi,joy\n",
            {"labels_column": "l", "id_column": "id"},
            ": no column 'id' (the columns are text, l)",
        ),
        ("text,l,l\nhi,joy,joy\n", {"labels_column": "l"}, ": column 'l' is there twice"),
        ("text,l\n", {"labels_column": "l"}, ": a header and no rows"),
        ("", {"labels_column": "l"}, ": the file is empty"),
        ("text,l\nhi,joy,1\n", {"labels_column": "l"}, ":2: 3 fields, expected 2 as in the header"),
        ("text,l\nhi,joy\n", {}, WHICH_COLUMN),
        ("text,l\nhi,joy\n", {"labels": JOY_ANGER}, WHICH_COLUMN),
        (
            "text,joy\nhi,1\n",
            {"labels": JOY_ANGER},
            ": no column 'anger' (the columns are text, joy)",
        ),
        (
            "text,joy\nhi,1\n",
            {"labels": JOY_ANGER, "label_columns": ["joy"]},
            ": no label column for anger",
        ),
        (
            "text,joy,angr\nhi,1,0\n",
            {"labels": JOY_ANGER, "label_columns": ["joy", "angr"]},
            ": label column 'angr' is not a known label; did you mean 'anger'?",
        ),
        (
            "text,joy\nhi,1\nho,2\n",
            {"label_columns": ["joy"]},
            ":3: label column 'joy' holds '2', expected 0 or 1",
        ),
        (
            "text,joy\nhi,\n",
            {"label_columns": ["joy"]},
            ":2: label column 'joy' holds '', expected 0 or 1",
        ),
        (
            "text,l\nhi,joy\nho,jou\n",
            {"labels_column": "l", "labels": JOY_ANGER},
            ":3: label 'jou' is not one of the 2 known labels; did you mean 'joy'?",
        ),
        (
            'text,l\nhi,"joy,"\n',
            {"labels_column": "l"},
            ":2: column 'l' holds an empty label name: ['joy', '']",
        ),
        ("text,l\nhi,\nho, \n", {"labels_column": "l"}, ": column 'l' names no label in any row"),
    ],
)
def test_what_is_wrong_with_a_csv_table_is_named(tmp_path, content, options, expected):
    assert expected == complaint(saved(tmp_path, content, "t.csv"), **options)


def test_a_ragged_tsv_row_is_named(tmp_path):
    path = saved(tmp_path, "text\tl\nhi\tjoy\nhi\n", "t.tsv")
    assert ":3: 1 fields, expected 2 as in the header" == complaint(path, labels_column="l")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("{'text': 1}", "not JSON (Expecting property name enclosed in double quotes"),
        ("[" * 100_000, "not JSON (maximum recursion depth exceeded"),
        ("[1]", "a JSON list, expected an object"),
        ("", "not JSON (Expecting value"),
        ('{"txt": "b", "l": "joy"}', "no key 'text'; did you mean 'txt'?"),
        ('{"text": null, "l": "joy"}', "column 'text' holds null, expected a text"),
        ('{"text": NaN, "l": "joy"}', "column 'text' holds nan, expected a text"),
        ('{"text": 3, "l": "joy"}', "column 'text' holds 3, expected a text"),
        (
            '{"text": "\\ud83d", "l": "joy"}',
            "column 'text' holds half of a surrogate pair, expected a text",
        ),
        (
            '{"text": "b", "l": null}',
            "column 'l' holds null, expected label names (none: an empty cell or list)",
        ),
        (
            '{"text": "b", "l": [3]}',
            "column 'l' holds [3], expected label names (none: an empty cell or list)",
        ),
        ('{"text": "b", "l": ["joy", ""]}', "column 'l' holds an empty label name: ['joy', '']"),
    ],
)
def test_what_is_wrong_with_a_json_line_is_named(tmp_path, line, expected):
    good = '{"text": "a", "l": "joy"}\n'
    path = saved(tmp_path, f"{good}{line}\n{good}", "t.jsonl")
    assert complaint(path, labels_column="l").startswith(f":2: {expected}")


def test_a_surrogate_pair_written_as_escapes_is_one_character(tmp_path):
    path = saved(tmp_path, '{"text": "\\ud83d\\ude0a", "l": "joy"}\n', "t.jsonl")
    assert ("😊",) == read_table(path, labels_column="l").texts


@pytest.mark.parametrize("value", [1.5, True, ["x"]])
def test_an_id_that_is_no_string_and_no_whole_number_is_told(tmp_path, value):
    path = jsonl(tmp_path, {"text": "a", "joy": 1, "n": value})
    expected = f":1: column 'n' holds {value!r}, expected a comment id (a string or a whole number)"
    assert expected == complaint(path, label_columns=["joy"], id_column="n")


def test_a_null_label_in_parquet_is_named_with_its_row(tmp_path):
    path = parquet(tmp_path, {"text": ["a", "b"], "joy": [1, None], "l": [["joy"], None]})
    assert ":2: label column 'joy' holds 'None', expected 0 or 1" == complaint(
        path, label_columns=["joy"]
    )
    assert complaint(path, labels_column="l").startswith(":2: column 'l' holds null, expected")


def test_a_null_text_in_parquet_is_named_with_its_row(tmp_path):
    path = parquet(tmp_path, {"text": ["a", None], "joy": [1, 0]})
    expected = ":2: column 'text' holds null, expected a text"
    assert expected == complaint(path, label_columns=["joy"])


def test_a_file_that_is_not_parquet_is_told(tmp_path):
    found = complaint(saved(tmp_path, "text,l\nhi,joy\n", "t.parquet"), labels_column="l")
    assert found.startswith(": not a Parquet file (")


def test_a_parquet_file_cut_in_the_middle_is_told(tmp_path):
    path = parquet(tmp_path, {"text": [f"text {i}" for i in range(999)], "l": ["joy"] * 999})
    content = bytearray(path.read_bytes())
    content[4:2000] = bytes(1996)
    path.write_bytes(content)
    assert complaint(path, labels_column="l").startswith(": broken Parquet (")


def test_a_missing_parquet_file_or_a_folder_is_told(tmp_path):
    with pytest.raises(DataNotFoundError) as error:
        read_table(tmp_path / "none.parquet", labels_column="l")
    assert str(error.value) == f"{tmp_path / 'none.parquet'}: no such file"
    (tmp_path / "t.parquet").mkdir()
    assert ": this is a folder, expected a file" == complaint(
        tmp_path / "t.parquet", labels_column="l"
    )


def test_an_empty_parquet_table_is_told(tmp_path):
    path = parquet(tmp_path, {"text": pa.array([], pa.string()), "l": pa.array([], pa.string())})
    assert ": a header and no rows" == complaint(path, labels_column="l")
