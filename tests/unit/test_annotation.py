import json
import re

import numpy as np
import pyarrow as pa
import pytest

from emoconv.annotation import FORMS, annotate, new_fields
from emoconv.errors import ConfigError, DataError

LABELS = ("joy", "anger", "fear")
CUTS = np.array([0.5, 0.25, 0.5], dtype=np.float32)
FOUND = np.array(
    [[0.5, 0.75, 0.125], [0.375, 0.125, 0.25], [np.nan] * 3, [0.5, 0.5, 0.5]], dtype=np.float32
)
BATCH = pa.record_batch(
    {"id": [7, 8, 9, 10], "text": ["a", "b", None, "d"]},
    metadata={"made": "by a test"},
)


def annotated(batch=BATCH, column="text", **options):
    asked = []

    def predict_proba(texts):
        asked.append(texts)
        return FOUND

    found = annotate(
        batch, column, labels=LABELS, predict_proba=predict_proba, cuts=CUTS, **options
    )
    assert [batch.column(column)] == asked
    return found


def test_the_batch_keeps_its_columns_and_metadata():
    found = annotated()
    assert BATCH == found.select(["id", "text"])
    assert BATCH.schema.metadata == found.schema.metadata
    assert ["id", "text", "labels", "top_label", "probabilities"] == found.schema.names


def test_labels_are_those_at_or_above_their_cuts_strongest_first_ties_in_label_order():
    assert [["anger", "joy"], [], None, ["joy", "anger", "fear"]] == annotated()[2].to_pylist()


def test_the_top_label_is_there_whether_it_holds_or_not():
    assert ["anger", "joy", None, "joy"] == annotated()[3].to_pylist()


def test_probabilities_may_be_a_list():
    found = annotated(form="list")[4]
    assert pa.list_(pa.float32(), 3) == found.type
    assert [*FOUND[:2].tolist(), None, FOUND[3].tolist()] == found.to_pylist()


def test_probabilities_may_be_a_column_for_each_label():
    found = annotated(form="columns")
    assert [f"probability_{label}" for label in LABELS] == found.schema.names[4:]
    assert [0.75, 0.125, None, 0.5] == found["probability_anger"].to_pylist()
    assert {pa.float32()} == set(found.schema.types[4:])


def test_probabilities_may_be_left_out():
    found = annotated(columns=["labels", "top"])
    assert ["labels", "top_label"] == found.schema.names[2:]


def test_new_columns_have_one_order_however_they_are_asked_for():
    found = annotated(columns=["probabilities", "labels"])
    assert ["labels", "probabilities"] == found.schema.names[2:]


def test_a_list_of_probabilities_knows_the_names_of_its_labels():
    field = annotated().schema.field("probabilities")
    assert list(LABELS) == json.loads(field.metadata[b"labels"])


def test_a_prefix_makes_other_names():
    found = annotated(prefix="my_", form="columns")
    assert ["my_labels", "my_top_label", "my_probability_joy"] == found.schema.names[2:5]


@pytest.mark.parametrize("form", FORMS)
def test_the_fields_are_known_beforehand(form):
    found = annotated(form=form, prefix="x")
    assert new_fields(LABELS, form=form, prefix="x") == [*found.schema][2:]
    found.validate(full=True)


@pytest.mark.parametrize("form", FORMS)
def test_no_rows_give_no_rows(form):
    found = annotate(
        BATCH.slice(0, 0),
        "text",
        labels=LABELS,
        predict_proba=lambda _: FOUND[:0],
        cuts=CUTS,
        form=form,
    )
    found.validate(full=True)
    assert (0, new_fields(LABELS, form=form)) == (found.num_rows, [*found.schema][2:])


@pytest.mark.parametrize(
    ("batch", "options", "message"),
    [
        (
            BATCH,
            {"column": "txt"},
            "no column 'txt' (the columns are id, text); did you mean 'text'?",
        ),
        (
            pa.RecordBatch.from_arrays([pa.array(["a"])] * 2, names=["text", "text"]),
            {},
            "2 columns are called 'text'; rename all but one",
        ),
        (
            BATCH.rename_columns(["top_label", "text"]),
            {},
            (
                "there is a column 'top_label' already; give the new columns a prefix, such as "
                "prefix='emoconv_' (--prefix emoconv_)"
            ),
        ),
    ],
)
def test_columns_that_are_not_there_or_there_already_are_refused(batch, options, message):
    with pytest.raises(DataError, match=f"^{re.escape(message)}$"):
        annotated(batch, **options)


def test_a_form_that_is_not_there_is_met_with_the_nearest_one():
    message = r"^probabilities is 'column'; did you mean 'columns'\?; expected 'list' or 'columns'$"
    with pytest.raises(ConfigError, match=message):
        annotated(form="column")


def test_what_cannot_be_added_is_met_with_what_can():
    message = r"^columns has 'label'; did you mean 'labels'\?; expected some of 'labels', 'top', "
    with pytest.raises(ConfigError, match=message):
        annotated(columns=["label"])


def test_a_table_is_no_record_batch():
    with pytest.raises(TypeError, match=r"got Table; a table gives its batches by to_batches\(\)$"):
        annotated(pa.table(BATCH.to_pydict()))


def test_the_confidence_is_added_if_it_is_asked_for():
    found = annotated(columns=["confidence", "top"])
    assert ["id", "text", "top_label", "confidence"] == found.schema.names
    assert pa.float32() == found["confidence"].type
    assert [0.75, 0.375, None, 0.5] == found["confidence"].to_pylist()


def test_an_unsure_text_has_no_labels_and_no_top_label():
    found = annotated(min_confidence=0.625)
    assert [["anger", "joy"], [], None, []] == found["labels"].to_pylist()
    assert ["anger", None, None, None] == found["top_label"].to_pylist()
    assert FOUND[3].tolist() == found["probabilities"][3].as_py()
