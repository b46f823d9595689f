import re

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from emoconv.columns import gather, to_arrow, to_strings

TEXTS = ["so", None, "é 😂", ""]
RUNS = pa.RunEndEncodedArray.from_arrays([1, 2, 3, 4], pa.array(TEXTS))

COLUMNS = {
    "list": TEXTS,
    "tuple": tuple(TEXTS),
    "iterator": iter(TEXTS),
    "numpy object": np.array(TEXTS, dtype=object),
    "arrow": pa.array(TEXTS),
    "arrow large": pa.array(TEXTS, pa.large_string()),
    "arrow view": pa.array(TEXTS).cast(pa.string_view()),
    "arrow run-end": RUNS,
    "arrow dictionary": pa.array(TEXTS).dictionary_encode(),
    "arrow large dictionary": pa.array(TEXTS, pa.large_string()).dictionary_encode(),
    "arrow slice": pa.array(["x", *TEXTS, "y"]).slice(1, 4),
    "chunked": pa.chunked_array([TEXTS[:1], TEXTS[1:]]),
    "chunked dictionary": pa.chunked_array([TEXTS[:3], TEXTS[3:]]).dictionary_encode(),
    "pandas": pd.Series(TEXTS),
    "pandas backwards": pd.Series(TEXTS[::-1]).iloc[::-1],
    "pandas object": pd.Series(TEXTS, dtype=object),
    "pandas string": pd.Series(TEXTS, dtype="string"),
    "pandas category": pd.Series(TEXTS, dtype="category"),
    "pandas index": pd.Index(TEXTS),
    "pandas NaN": pd.Series([*TEXTS[:1], np.nan, *TEXTS[2:]], dtype=object),
    "polars": pl.Series(TEXTS),
    "polars categorical": pl.Series(TEXTS, dtype=pl.Categorical),
}
NOTHING = {
    "arrow": pa.nulls(2),
    "chunked": pa.chunked_array([pa.nulls(1), pa.nulls(1)]),
    "pandas": pd.Series([None, None]),
    "pandas float": pd.Series([np.nan, np.nan]),
    "polars": pl.Series([None, None]),
}


@pytest.mark.parametrize("column", COLUMNS.values(), ids=COLUMNS)
def test_a_column_becomes_strings_and_arrow(column):
    gathered = gather(column)
    array = to_arrow(gathered)

    assert TEXTS == to_strings(gathered) == array.to_pylist()
    assert 4 == len(gathered) == len(array)
    assert array.type in (pa.string(), pa.large_string())
    assert TEXTS[1:3] == to_strings(gathered[1:3])


@pytest.mark.parametrize("column", NOTHING.values(), ids=NOTHING)
def test_a_column_of_nothing_is_missing_texts(column):
    array = to_arrow(gather(column))

    assert [None, None] == array.to_pylist()
    assert pa.string() == array.type


@pytest.mark.parametrize("dtype", [np.str_, object, np.dtypes.StringDType()])
def test_numpy_strings_become_strings_of_python(dtype):
    column = np.array(["a", "é"], dtype)
    assert [str, str] == [type(text) for text in to_strings(gather(column))]
    assert ["a", "é"] == to_arrow(gather(column)).to_pylist()


def test_a_list_is_not_copied():
    assert gather(TEXTS) is TEXTS


SURROGATES = ["\ud83d\ude02", "\ud800 so", "so \udfff", "\ude02\ud83d", None, "\ud800\ud800"]
VALID = ["😂", "\ufffd so", "so \ufffd", "\ufffd\ufffd", None, "\ufffd\ufffd"]


@pytest.mark.parametrize("wrap", [list, lambda texts: pd.Series(texts, dtype=object)])
def test_surrogates_are_joined_or_replaced(wrap):
    gathered = gather(wrap(SURROGATES))

    assert VALID == to_strings(gathered) == to_arrow(gathered).to_pylist()


@pytest.mark.parametrize(
    ("column", "place", "value"),
    [
        (["a", 3], 1, "3 (int)"),
        ([b"a"], 0, "b'a' (bytes)"),
        (["a", None, float("nan")], 2, "nan (float)"),
        (np.array(["a", 3], dtype=object), 1, "3 (int)"),
        (np.array([3]), 0, "3 (int)"),
        (pa.array([None, 7]), 1, "7 (int)"),
        (pa.array([b"a"]), 0, "b'a' (bytes)"),
        (pa.chunked_array([[None], [7]], pa.int8()), 1, "7 (int)"),
        (pd.Series(["a", None, 3]), 2, "3 (int)"),
        (pd.Series([1, 2]), 0, "1 (int)"),
        (pl.Series([1, 2]), 0, "1 (int)"),
        ({"a": 1, 2: 3}, 1, "2 (int)"),
    ],
)
def test_what_is_no_text_is_named_with_its_place(column, place, value):
    message = f"text {place} is {value}; expected str, or None for a missing text"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        gather(column)


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (pd.DataFrame({"text": ["a"]}), "DataFrame"),
        (pl.DataFrame({"text": ["a"]}), "DataFrame"),
        (pl.LazyFrame({"text": ["a"]}), "LazyFrame"),
        (pa.table({"text": ["a"]}), "Table"),
        (pa.record_batch({"text": ["a"]}), "RecordBatch"),
        (pa.scalar("a"), "StringScalar"),
    ],
)
@pytest.mark.filterwarnings("ignore::polars.exceptions.PerformanceWarning")
def test_what_is_no_column_is_refused(column, kind):
    message = f"expected one column of texts, got a {kind}; give one of its columns"
    with pytest.raises(TypeError, match=f"^{message}$"):
        gather(column)


@pytest.mark.parametrize("text", ["a", b"a", np.str_("a")], ids=["str", "bytes", "numpy"])
def test_a_single_text_is_refused(text):
    kind = type(text).__name__
    message = f"expected a sequence of texts, got one {kind}; put it in a list: [text]"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        gather(text)


@pytest.mark.parametrize("shape", [(), (1, 1)])
def test_an_array_that_is_no_column_is_refused(shape):
    message = f"expected one column of texts, got an array of {len(shape)} dimensions"
    with pytest.raises(TypeError, match=message):
        gather(np.full(shape, "a"))
