"""Claims about rendering: columns as fields of CSV and as values of JSON."""

import datetime as dt
import json
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from emoconv.errors import DataError
from emoconv.scoring.encoders.rendering import (
    csv_field,
    csv_fields,
    data_of,
    decimals,
    joined,
    json_key,
    json_value,
)

DAY = dt.date(2020, 1, 2)
MOMENT = dt.datetime(2020, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
NO_PLACE = {
    "map": pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())),
    "interval": pa.array([(1, 2, 3)], pa.month_day_nano_interval()),
    "union": pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([1])]),
}


def fields_of(column, separator=","):
    batch = pa.record_batch({"c": column})
    return csv_fields(batch, separator=separator)[0].to_pylist()


def values_of(column):
    return json_value(column, "c").to_pylist()


def test_columns_and_strings_are_joined_row_by_row():
    parts = [pa.array(["a", "b"]), "-", pa.array(["c", "é"], pa.large_string())]
    found = joined(parts, "\n")
    assert ["a-c\n", "b-é\n"] == found.to_pylist()
    assert "a-c\nb-é\n".encode() == data_of(found).to_pybytes()


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_the_data_of_a_slice_are_its_own(kind):
    assert b"bcc" == data_of(pa.array(["a", "b", "cc", "d"], kind).slice(1, 2)).to_pybytes()
    assert b"" == data_of(pa.array(["a"], kind).slice(1)).to_pybytes()
    assert b"" == data_of(pa.array([None], kind)).to_pybytes()


def test_probabilities_have_four_decimals():
    found = decimals(np.array([[0, 1], [0.00005, 0.99996], [0.5, 0.12344]], np.float32), "<,>")
    assert ["<0.0000,1.0000>", "<0.0000,1.0000>", "<0.5000,0.1234>"] == found.to_pylist()


def test_what_is_about_probabilities_may_be_of_any_characters():
    found = decimals(np.array([[0.25, 1]], dtype=np.float32), ["é:", "😂0.0000", ""])
    assert ["é:0.2500😂0.00001.0000"] == found.to_pylist()


def test_a_missing_probability_has_the_width_of_another():
    found = decimals(np.array([[np.nan], [0.5]], dtype=np.float32), ["", ";"])
    assert [7, 7] == [len(text) for text in found.to_pylist()]


def test_of_no_rows_there_are_no_decimals():
    assert [] == decimals(np.zeros((0, 2), dtype=np.float32), "abc").to_pylist()


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array(["a", None, ""]), ["a", "", ""]),
        (
            pa.array(['a"b', "c,d", "e\nf", "g\rh", " "]),
            ['"a""b"', '"c,d"', '"e\nf"', '"g\rh"', " "],
        ),
        (pa.array(["a,"], pa.large_string()), ['"a,"']),
        (pa.array(["a,"], pa.string_view()), ['"a,"']),
        (pa.array(["a,", None, "b"]).dictionary_encode(), ['"a,"', "", "b"]),
        (pa.array([1, None, -(2**63)]), ["1", "", "-9223372036854775808"]),
        (pa.array([0.1, 1e300, None]), ["0.1", "1e+300", ""]),
        (pa.array([True, False, None]), ["true", "false", ""]),
        (pa.array([DAY]), ["2020-01-02"]),
        (pa.array([MOMENT], pa.timestamp("s", "UTC")), ["2020-01-02 03:04:05Z"]),
        (pa.array([Decimal("1.50")]), ["1.50"]),
        (pa.array([["a", "b"], [], None, ["c", None, ""]]), ['"a,b"', "", "", '"c,,"']),
        (pa.array([["a"]], pa.list_(pa.large_string(), 1)), ["a"]),
        (pa.array([[None]], pa.list_(pa.null())), [""]),
        (pa.array([None]), [""]),
        (pa.array([b"a"]), ["a"]),
    ],
)
def test_a_column_is_fields_of_csv(column, expected):
    assert expected == fields_of(column)
    doubled = pa.concat_arrays([column, column])
    assert expected == fields_of(doubled.slice(len(column)))


def test_tsv_has_no_quotes():
    assert ['a"b', "c,d"] == fields_of(pa.array(['a"b', "c,d"]), "\t")


@pytest.mark.parametrize("text", ["a\tb", "a\nb", "a\rb"])
def test_tsv_cannot_hold_tabs_and_line_ends(text):
    with pytest.raises(DataError) as error:
        csv_field(pa.array(["x", text + "c" * 60]), "note", separator="\t")
    shown = repr((text + "c" * 60)[:40])
    expected = (
        f"column 'note' has a tab or a line end in it, which TSV cannot hold ({shown}); write"
    )
    assert str(error.value).startswith(expected)


@pytest.mark.parametrize("column", [*NO_PLACE.values(), pa.array([[1]]), pa.array([{"a": 1}])])
def test_what_has_no_place_in_csv_is_told(column):
    with pytest.raises(DataError) as error:
        fields_of(column)
    expected = f"column 'c' is of type {column.type}, which has no place in CSV or TSV; write JSON"
    assert str(error.value).startswith(expected)


def test_bytes_that_are_not_utf_8_have_no_place():
    with pytest.raises(DataError, match="of type binary, which has no place in CSV"):
        fields_of(pa.array([b"\xff"]))


def test_a_key_is_a_string_of_json():
    assert '"a\\"é":' == json_key('a"é')


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array(["é", None, ""]), ['"é"', "null", '""']),
        (pa.array(['"\\\n\0\x1f\x7f\u2028']), ['"\\"\\\\\\n\\u0000\\u001f\x7f\u2028"']),
        (pa.array(['a"'], pa.large_string()), ['"a\\""']),
        (pa.array(['a"'], pa.string_view()), ['"a\\""']),
        (pa.array(["a", None]).dictionary_encode(), ['"a"', "null"]),
        (pa.array([1, None, 2**64 - 1], pa.uint64()), ["1", "null", "18446744073709551615"]),
        (pa.array([0.1, np.nan, np.inf, None], pa.float32()), ["0.1", "null", "null", "null"]),
        (pa.array([True, False, None]), ["true", "false", "null"]),
        (pa.array([None]), ["null"]),
        (pa.array([DAY]), ['"2020-01-02"']),
        (pa.array([dt.time(1, 2)]), ['"01:02:00.000000"']),
        (pa.array([MOMENT], pa.timestamp("s", "UTC")), ['"2020-01-02T03:04:05Z"']),
        (pa.array([MOMENT], pa.timestamp("ms")), ['"2020-01-02T03:04:05.000"']),
        (pa.array([Decimal("1.50")]), ['"1.50"']),
        (pa.array([[1, None], [], None]), ["[1,null]", "[]", "null"]),
        (pa.array([["a"], None], pa.large_list(pa.string())), ['["a"]', "null"]),
        (pa.array([[1, 2], None], pa.list_(pa.int8(), 2)), ["[1,2]", "null"]),
        (pa.array([[[True]], [None, []]]), ["[[true]]", "[null,[]]"]),
        (pa.array([{"a": 1, "b": None}, None]), ['{"a":1,"b":null}', "null"]),
        (pa.array([[{"a": ["x"]}]]), ['[{"a":["x"]}]']),
        (pa.array([{}, None], pa.struct([])), ["{}", "null"]),
    ],
)
def test_a_column_is_values_of_json(column, expected):
    assert expected == values_of(column)
    doubled = pa.concat_arrays([column, column])
    assert expected == values_of(doubled.slice(len(column)))


@pytest.mark.parametrize("column", NO_PLACE.values(), ids=NO_PLACE)
def test_what_has_no_place_in_json_is_told(column):
    with pytest.raises(DataError, match=r"^column 'c' is of type .*, which has no place in JSON"):
        values_of(column)
    with pytest.raises(DataError, match=r"^column 'c' is of type .*, which has no place in JSON"):
        values_of(column.slice(0, 0))


def test_escapes_of_json_are_those_of_python():
    text = "".join(map(chr, range(0x80)))
    assert text == json.loads(values_of(pa.array([text]))[0])
