"""Claims about emoconv.data.mapping."""

import json

import numpy as np
import pytest

from emoconv.data import Dataset, read_mapping, read_official
from emoconv.errors import DataError, DataNotFoundError, LabelError
from emoconv.labels import EKMAN, GOEMOTIONS, LabelSet

OWN = LabelSet(("joy", "amusement", "anger", "annoyance", "neutral"))
TEXT = '{"happy": ["joy", "amusement"], "bored": null, "anger": ["anger", "annoyance"]}'


@pytest.fixture
def write(tmp_path):
    def write(content):
        path = tmp_path / "map.json"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def mapping(write):
    return read_mapping(write(TEXT), OWN)


def rows(labels, *names):
    labels = LabelSet(tuple(labels.split()))
    return Dataset(names, labels.encode([n.split() for n in names]), labels, [""] * len(names))


def named(dataset):
    return [" ".join(names) for names in dataset.labels.decode(dataset.y)]


def test_the_labels_that_are_judged_keep_the_order_of_the_file(mapping):
    assert ("happy", "anger") == mapping.labels.names
    assert (("bored",), "map.json") == (mapping.ignored, mapping.taxonomy.name)
    assert {"name": "map.json", "labels": json.loads(TEXT)} == mapping.to_dict()


def test_data_with_the_files_labels_keeps_its_columns(mapping):
    theirs = rows("anger bored happy", "anger", "bored happy", "bored", "")
    found = mapping.relabel(theirs)
    assert mapping.names(theirs.labels)
    assert ["anger", "happy", "", ""] == named(found)
    assert (theirs.texts, theirs.ids) == (found.texts, found.ids)


def test_a_label_that_the_data_lacks_holds_nowhere(mapping):
    assert ["anger", ""] == named(mapping.relabel(rows("anger", "anger", "")))


def test_data_with_the_models_labels_is_grouped(mapping):
    ours = rows("neutral annoyance joy", "annoyance", "joy annoyance", "neutral", "")
    assert not mapping.names(ours.labels)
    assert ["anger", "happy anger", "", ""] == named(mapping.relabel(ours))


def test_a_label_of_neither_is_refused(mapping):
    with pytest.raises(LabelError) as caught:
        mapping.relabel(rows("anger hapy", "anger"))
    assert str(caught.value) == (
        "the data has the label 'hapy', which map.json does not name; did you mean 'happy'?; give "
        "it labels of the model there, or null to leave it unjudged"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"a": ["joy"]', ":1: not JSON: Expecting ',' delimiter"),
        ("", ": the file is empty"),
        (b"\xff", ":1: byte 0xff is not UTF-8; convert the file to UTF-8"),
        ("[" * 100_000, ": not JSON that can be read: "),
        ('{"a": ' + "1" * 5000 + "}", ": not JSON that can be read: "),
        ('["joy"]', ": holds a list; expected an object of labels and lists of the model's labels"),
        ("3", ": holds 3; expected an object of labels and lists of the model's labels"),
        ("{}", ": a label set needs at least one label; none was given"),
        ('{"a": null}', ": every label is null; expected one to judge"),
        ('{"a": ["joy"], "a": null}', ": label 'a' is given twice"),
        ('{"": ["joy"]}', ": label '' is empty or starts or ends with a space"),
        (
            '{"a": []}',
            ": label 'a' has an empty list; give it labels of the model, or null",
        ),
        (
            '{"a": "joy"}',
            ": label 'a' has \"joy\"; expected a list of the model's labels, or null",
        ),
        (
            '{"a": {"joy": 1}}',
            ": label 'a' has an object; expected a list of the model's labels, or null",
        ),
        (
            '{"a": [["joy"]]}',
            ": label 'a' has a list in its list; expected names of the model's labels",
        ),
        (
            '{"a": [null]}',
            ": label 'a' has null in its list; expected names of the model's labels",
        ),
        (
            '{"a": ["jooy"]}',
            ": label 'a' has 'jooy', which is not one of the model's 5 labels; did you mean 'joy'?",
        ),
        ('{"a": ["joy", "joy"]}', ": label 'a' has 'joy' twice"),
    ],
)
def test_a_file_that_is_no_mapping_is_refused(write, content, message):
    path = write(content)
    with pytest.raises(DataError) as caught:
        read_mapping(path, OWN)
    assert str(caught.value).startswith(f"{path}{message}")


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(DataNotFoundError, match="no such file"):
        read_mapping(tmp_path / "none.json", OWN)


@pytest.mark.real_data
def test_the_published_ekman_file_is_a_mapping(real_data):
    mapping = read_mapping(real_data / "goemotions/ekman_mapping.json", GOEMOTIONS)
    dev = read_official(real_data / "goemotions/dev.tsv")
    by_name = dict(zip(mapping.labels.names, mapping.relabel(dev).y.T, strict=True))
    ours = EKMAN.any_of(dev.y, GOEMOTIONS)
    for name, column in zip(EKMAN.groups, ours.T, strict=True):
        if name != "neutral":  # the published file leaves it out
            np.testing.assert_array_equal(column, by_name[name])
