import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from emoconv.errors import DataError
from emoconv.estimator.inputs import read_texts, read_weights

TEXTS = ["so good", "", "😀"]


@pytest.mark.parametrize(
    "column",
    [list, tuple, np.array, pd.Series, pl.Series, pa.array],
    ids=["list", "tuple", "numpy", "pandas", "polars", "pyarrow"],
)
def test_texts_come_in_any_column(column):
    assert TEXTS == read_texts(column(TEXTS))


@pytest.mark.parametrize(
    "texts", [["a", None], pd.Series(["a", np.nan]), pl.Series(["a", None]), pa.array(["a", None])]
)
def test_a_missing_text_is_named(texts):
    with pytest.raises(DataError) as caught:
        read_texts(texts)
    assert "text 1 is missing (None or NaN); leave the row out, or put an empty text there" == str(
        caught.value
    )


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ("a text", "expected a sequence of texts, got one str"),
        ([1, 2], r"text 0 is 1 \(int\); expected str"),
        (np.array([["a"], ["b"]]), "got an array of 2 dimensions"),
        (pd.DataFrame({"text": ["a"]}), "got a DataFrame; give one of its columns"),
    ],
)
def test_what_is_no_column_of_texts_is_refused(texts, message):
    with pytest.raises(TypeError, match=message):
        read_texts(texts)


@pytest.mark.parametrize("weights", [[1, 0, 2.5], (1, 0, 2.5), pd.Series([1, 0, 2.5])])
def test_weights_come_in_any_column(weights):
    assert [1.0, 0.0, 2.5] == read_weights(weights, texts=3).tolist()


def test_one_weight_is_for_all():
    assert [2.0, 2.0, 2.0] == read_weights(2, texts=3).tolist()


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1, 2], "sample_weight has shape (2,); expected (3,)"),
        ([[1], [1], [1]], "sample_weight has shape (3, 1); expected (3,)"),
        ([1, -1, 1], "sample_weight 1 is -1.0; expected a number of at least 0"),
        ([1, 1, float("nan")], "sample_weight 2 is nan; expected a number of at least 0"),
        ([float("inf"), 1, 1], "sample_weight 0 is inf; expected a number of at least 0"),
        ([0, 0, 0], "every sample_weight is zero; expected one above 0 at least"),
    ],
)
def test_weights_that_are_none_are_refused(weights, message):
    with pytest.raises(DataError) as caught:
        read_weights(weights, texts=3)
    assert message == str(caught.value)
