import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse
from sklearn.exceptions import DataConversionWarning

from emoconv.errors import DataError, LabelError
from emoconv.estimator.targets import read_targets

NAMES = ["joy", "fear", "joy"]


def told(targets):
    return targets.form, targets.classes.tolist(), targets.labels.names, targets.y.tolist()


@pytest.mark.parametrize(
    "y",
    [
        NAMES,
        tuple(NAMES),
        np.array(NAMES),
        np.array(NAMES, dtype=object),
        pd.Series(NAMES),
        pd.Series(NAMES, index=[7, 8, 9]),
        pd.Series(NAMES, dtype="category"),
        pd.Series(NAMES, dtype="string"),
        pl.Series(NAMES),
        pl.Series(NAMES, dtype=pl.Categorical),
        pa.array(NAMES),
        pa.chunked_array([NAMES]).dictionary_encode(),
    ],
)
def test_strings_are_classes_in_ascending_order(y):
    expected = ("classes", ["fear", "joy"], ("fear", "joy"), [[0, 1], [1, 0], [0, 1]])
    assert expected == told(read_targets(y))


@pytest.mark.parametrize(
    ("y", "classes", "names"),
    [
        ([5, -1, 5], [-1, 5], ("-1", "5")),
        ([True, False, True], [False, True], ("False", "True")),
        ([2.0, 1.0, 2.0], [1.0, 2.0], ("1.0", "2.0")),
        (pd.Series([5, 2, 5], dtype="Int64"), [2, 5], ("2", "5")),
        (pd.Series([True, False, True], dtype="boolean"), [False, True], ("False", "True")),
        (pl.Series([5, 2, 5]), [2, 5], ("2", "5")),
        (pa.array([5, 2, 5]), [2, 5], ("2", "5")),
        (np.array([5, 2, 5], dtype=np.uint8), [2, 5], ("2", "5")),
    ],
)
def test_numbers_and_bools_are_classes(y, classes, names):
    assert ("classes", classes, names, [[0, 1], [1, 0], [0, 1]]) == told(read_targets(y))


ROWS = [[1, 0], [0, 0], [1, 1]]


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        (ROWS, [0, 1]),
        ([tuple(row) for row in ROWS], [0, 1]),
        ([[bool(v) for v in row] for row in ROWS], [0, 1]),
        (np.array(ROWS), [0, 1]),
        (np.array(ROWS, dtype=bool), [0, 1]),
        (np.array(ROWS, dtype=np.float32), [0, 1]),
        (sparse.csr_matrix(ROWS), [0, 1]),
        (sparse.coo_array(ROWS), [0, 1]),
        (pd.DataFrame(ROWS, columns=["a", "b"]), ["a", "b"]),
        (pd.DataFrame(ROWS, columns=["a", "b"]).astype("boolean"), ["a", "b"]),
        (pl.DataFrame(ROWS, schema=["a", "b"], orient="row"), ["a", "b"]),
        (pa.table({"a": [1, 0, 1], "b": [0, 0, 1]}), ["a", "b"]),
    ],
)
def test_rows_of_0_and_1_are_an_indicator(y, classes):
    expected = ("indicator", classes, tuple(map(str, classes)), ROWS)
    assert expected == told(read_targets(y))


@pytest.mark.parametrize(
    "y",
    [
        [["b"], [], ["b", "a"]],
        [("b",), (), ("b", "a")],
        [{"b"}, set(), {"b", "a"}],
        np.array([["b"], [], ["b", "a"]], dtype=object),
        pd.Series([["b"], [], ["b", "a"]]),
        pl.Series([["b"], [], ["b", "a"]]),
        pa.array([["b"], [], ["b", "a"]]),
    ],
)
def test_collections_of_names_are_names(y):
    expected = ("names", ["a", "b"], ("a", "b"), [[0, 1], [0, 0], [1, 1]])
    assert expected == told(read_targets(y))


def test_one_column_is_a_target_and_said_to_be_odd():
    with pytest.warns(DataConversionWarning):
        assert ["a", "b"] == read_targets(np.array([["a"], ["b"]])).classes.tolist()


@pytest.mark.parametrize(
    ("y", "names"),
    [
        ([0, 1, 0], ("calm", "wild")),
        ([False, True, False], ("calm", "wild")),
        ([1, 1, 1], ("wild",)),
        (ROWS, ("calm", "wild")),
        (pd.DataFrame(ROWS, columns=["a", "b"]), ("calm", "wild")),
        ([["wild"], [], ["wild"]], ("calm", "wild")),
    ],
)
def test_names_can_be_given(y, names):
    assert names == read_targets(y, class_names=["calm", "wild"]).labels.names


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([0, 2], "class_names has 2 names, for the classes 0 to 1; the targets hold 2"),
        ([0, -1], "class_names has 2 names, for the classes 0 to 1; the targets hold -1"),
        (["a"], "class_names has 2 names, for the classes 0 to 1; the targets hold 'a'"),
        ([[0, 1, 1]], "class_names has 2 names, and the targets 3 columns"),
        ([["joyy"]], "label 'joyy' is not one of the 2 known labels; did you mean 'joy'?"),
    ],
)
def test_names_that_do_not_fit_are_refused(y, message):
    with pytest.raises(LabelError) as caught:
        read_targets(y, class_names=["joy", "fear"])
    assert message == str(caught.value)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (
            ["a", None],
            "target 1 is missing (None): Input y contains NaN or None; leave the row out",
        ),
        ([1.0, float("nan")], "target 1 is missing (nan): Input y contains NaN"),
        (np.array([1.0, np.nan]), "target 1 is nan: Input y contains NaN or infinity"),
        (np.array([np.inf, 1.0]), "target 0 is inf: Input y contains NaN or infinity"),
        (pd.Series(["a", pd.NA]), "target 1 is missing (nan)"),
        (pd.Series(["a", pd.NA], dtype=object), "target 1 is missing (<NA>)"),
        (pd.Series([1, None], dtype="Int64"), "target 1 is missing (<NA>)"),
        (pl.Series(["a", None]), "target 1 is missing (None)"),
        (pa.array([["a"], None]), "target 1 is missing (None)"),
        (["a", 1, "b"], "cannot be compared: int, str; target 1 is 1: make them all strings"),
        ([["a"], "b"], "target 1 is 'b'; expected a list of label names, as the others are"),
        ([["a"], [1]], "target 1 is [1]; expected a list of label names"),
        ([[1, 0], [1]], "target 0 is [1, 0]; expected a list of label names"),
        ([[], []], "no text has any label; nothing can be learnt"),
        ([[0, 5], [1, 0]], "target 0 has 5 in column 1; expected 0 or 1 for each label"),
        (pd.DataFrame({"a": [1, 0], "b": [None, 1]}), "target 0 has nan in column 1"),
        ("joy", "the targets are 'joy'; expected one for each text"),
        (5, "the targets are 5; expected one for each text"),
    ],
)
def test_targets_that_are_none_of_the_three_forms_are_refused(y, message):
    with pytest.raises(DataError) as caught:
        read_targets(y)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (None, "EmotionClassifier requires y to be passed, but the target y is None"),
        ([0.5, 0.25], "Unknown label type: continuous"),
        (np.zeros((2, 2, 2)), "Found array with dim 3"),
        (np.array([0.5, 0.25]), "Unknown label type: continuous"),
        (["joy", ""], "label '' is empty"),
        (["joy", " fear"], "label ' fear' is empty or starts or ends with a space"),
    ],
)
def test_targets_that_cannot_be_classes_are_refused(y, message):
    with pytest.raises(ValueError, match=message):
        read_targets(y)


def test_some_rows_keep_only_the_classes_that_they_have():
    some = read_targets(["a", "b", "c"]).select(np.array([2, 0]))
    assert ("classes", ["a", "c"], ("a", "c"), [[0, 1], [1, 0]]) == told(some)


def test_some_rows_of_an_indicator_keep_all_columns():
    some = read_targets(ROWS).select(np.array([1]))
    assert ("indicator", [0, 1], ("0", "1"), [[0, 0]]) == told(some)


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        (["b", "a", "b"], ["b", "a", "b"]),
        (ROWS, ROWS),
        ([["b"], [], ["b", "a"]], [("b",), (), ("a", "b")]),
    ],
)
def test_decisions_come_back_in_the_form_of_the_targets(y, expected):
    targets = read_targets(y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert expected == targets.restore(targets.y).tolist()


def test_names_come_back_one_a_text_even_if_each_has_as_many():
    targets = read_targets([["a", "b"], ["b", "a"]])
    assert (2,) == targets.restore(targets.y).shape
