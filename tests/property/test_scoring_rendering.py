"""What is written as CSV or JSON is what is read from there."""

import csv
import io
import json
import math

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from emoconv.scoring.encoders.rendering import csv_fields, data_of, decimals, joined, json_value

strings = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
special = st.lists(st.sampled_from('",\\\n\r\t\0\x1fé😂 a'), max_size=8).map("".join)
any_string = strings | special
numbers = st.integers(-(2**63), 2**63 - 1)
floats = st.floats(allow_nan=False, allow_infinity=False)


def columns_of(values):
    return st.lists(st.none() | values, min_size=1, max_size=8)


kinds = st.sampled_from([pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
structs = st.fixed_dictionaries({"a": st.none() | any_string, 'b"': st.none() | numbers})
columns = (
    st.builds(pa.array, columns_of(any_string), kinds)
    | columns_of(numbers).map(lambda values: pa.array(values, pa.int64()))
    | columns_of(floats).map(lambda values: pa.array(values, pa.float64()))
    | columns_of(st.booleans()).map(lambda values: pa.array(values, pa.bool_()))
    | columns_of(columns_of(any_string)).map(lambda values: pa.array(values, pa.list_(pa.string())))
    | columns_of(columns_of(structs)).map(
        lambda values: pa.array(
            values, pa.list_(pa.struct([("a", pa.string()), ('b"', pa.int64())]))
        )
    )
)


@given(columns, st.data())
def test_json_is_read_as_the_values(column, data):
    start = data.draw(st.integers(0, len(column)))
    column = column.slice(start)
    found = [json.loads(text) for text in json_value(column, "c").to_pylist()]
    assert column.to_pylist() == found


@given(columns_of(st.floats(width=32)))
def test_numbers_that_json_has_not_are_nulls(values):
    found = [
        json.loads(text) for text in json_value(pa.array(values, pa.float32()), "c").to_pylist()
    ]
    finite = [value if value is not None and math.isfinite(value) else None for value in values]
    assert finite == [None if value is None else float(np.float32(value)) for value in found]


@given(st.lists(st.tuples(any_string, any_string, numbers), min_size=1, max_size=8))
def test_csv_is_read_as_the_values(rows):
    batch = pa.RecordBatch.from_arrays([pa.array(c) for c in zip(*rows, strict=True)], names="abc")
    parts = []
    for number, field in enumerate(csv_fields(batch, separator=",")):
        parts += [",", field] if number else [field]
    text = data_of(joined(parts, "\n")).to_pybytes().decode()
    read = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert [[first, second, str(third)] for first, second, third in rows] == list(read)


@given(
    npst.arrays(
        np.float32,
        st.tuples(st.integers(0, 5), st.integers(1, 4)),
        elements=st.floats(0, 1, width=32),
    )
)
def test_decimals_are_the_nearest_and_of_one_width(probabilities):
    template = [",", *"|" * (probabilities.shape[1] - 1), ";"]
    found = decimals(probabilities, template).to_pylist()
    for text, row in zip(found, probabilities.tolist(), strict=True):
        assert len(text) == 7 * len(row) + 1
        written = [float(part) for part in text[1:-1].split("|")]
        assert all(abs(w - p) <= 0.5e-4 + 1e-7 for w, p in zip(written, row, strict=True))
