"""Claims about emoconv.data.dataset."""

import inspect

import numpy as np
import pytest

import emoconv.data
from emoconv.data import Dataset
from emoconv.errors import DataError
from emoconv.labels import LabelSet

LABELS = LabelSet(("joy", "anger"))


def dataset(**changes):
    values = {
        "texts": ["nice", "boo", "hm"],
        "y": np.array([[True, False], [False, True], [False, False]]),
        "labels": LABELS,
        "ids": ["c1", "c2", "c2"],
    }
    return Dataset(**{**values, **changes})


def test_keeps_texts_and_ids_as_tuples():
    d = dataset()
    assert (("nice", "boo", "hm"), ("c1", "c2", "c2"), 3) == (d.texts, d.ids, len(d))


def test_ids_may_be_unknown():
    assert dataset(ids=None).select(np.array([2, 0])).ids is None


def test_an_empty_data_set_is_legal():
    empty = Dataset([], np.zeros((0, 2), dtype=bool), LABELS)
    assert (0, 0) == (len(empty), len(empty.select(np.array([], dtype=np.intp))))


def test_select_takes_rows_in_the_order_asked():
    d = dataset().select(np.array([2, 0, 0]))
    assert (("hm", "nice", "nice"), ("c2", "c1", "c1")) == (d.texts, d.ids)
    assert [[False, False], [True, False], [True, False]] == d.y.tolist()


def test_a_wrong_number_of_ids_is_named():
    with pytest.raises(DataError) as error:
        dataset(ids=["c1"])
    assert str(error.value) == "3 texts need as many ids, got 1"


@pytest.mark.parametrize(
    ("y", "found"),
    [
        (np.zeros((3, 3), dtype=bool), "bool (3, 3)"),
        (np.zeros((2, 2), dtype=bool), "bool (2, 2)"),
        (np.zeros((3, 2), dtype=np.float32), "float32 (3, 2)"),
    ],
)
def test_labels_of_a_wrong_shape_or_type_are_named(y, found):
    with pytest.raises(DataError) as error:
        dataset(y=y)
    assert str(error.value) == (
        f"3 texts with 2 labels need a bool array of shape (3, 2), got {found}"
    )


def test_the_fingerprint_is_stable():
    expected = "2ffe387817623cdb40a3f8cc9081acfe54a5e489be62cbeb8eabb8d92bef2e3a"
    assert expected == dataset().fingerprint()


@pytest.mark.parametrize(
    "changes",
    [
        {"texts": ["nice", "boo", "hm!"]},
        {"texts": ["niceboo", "", "hm"]},
        {"y": np.eye(3, 2, dtype=bool)[::-1]},
        {"labels": LabelSet(("joy", "fear"))},
    ],
)
def test_the_fingerprint_tells_other_content(changes):
    assert dataset().fingerprint() != dataset(**changes).fingerprint()


def test_the_fingerprint_does_not_depend_on_ids():
    assert dataset().fingerprint() == dataset(ids=None).fingerprint()


def test_exported_names_are_what_the_package_holds():
    public = {
        name
        for name, value in vars(emoconv.data).items()
        if not name.startswith("_") and not inspect.ismodule(value) and name != "annotations"
    }
    assert public == set(emoconv.data.__all__)


def test_concatenated_parts_keep_their_rows_in_order():
    labels = LabelSet(("joy", "anger"))
    first = Dataset(["a"], np.array([[True, False]]), labels, ids=["1"])
    second = Dataset(["b", "c"], np.array([[False, True], [True, True]]), labels, ids=["2", "3"])
    whole = Dataset.concatenate([first, second])
    assert (("a", "b", "c"), ("1", "2", "3")) == (whole.texts, whole.ids)
    assert [[True, False], [False, True], [True, True]] == whole.y.tolist()


def test_concatenating_a_part_without_ids_drops_the_ids():
    labels = LabelSet(("joy",))
    y = np.array([[True]])
    whole = Dataset.concatenate([Dataset(["a"], y, labels, ids=["1"]), Dataset(["b"], y, labels)])
    assert whole.ids is None


def test_parts_with_different_labels_are_not_concatenated():
    y = np.array([[True]])
    parts = [Dataset(["a"], y, LabelSet(("joy",))), Dataset(["b"], y, LabelSet(("anger",)))]
    with pytest.raises(DataError) as caught:
        Dataset.concatenate(parts)
    assert "data file 2 has the labels anger, and the first has joy; they must be the same" == str(
        caught.value
    )
