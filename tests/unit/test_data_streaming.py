import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from emoconv.data import LabelColumns, ParquetFiles, read_table, stream, streaming
from emoconv.errors import ConfigError, DataError, DataNotFoundError
from emoconv.labels import LabelSet

TEXTS = ["so happy", "oh no", "well", "grr", "ha", "hm", "oh!"]
NAMES = [["joy"], ["fear"], [], ["anger", "fear"], ["joy"], [], ["fear"]]


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    """Three rows at a time."""
    monkeypatch.setattr(streaming, "ROWS_AT_ONCE", 3)


@pytest.fixture
def written(tmp_path):
    def write(name="data.parquet", **columns):
        pq.write_table(pa.table(columns), tmp_path / name, row_group_size=2)
        return tmp_path / name

    return write


@pytest.fixture
def named(written):
    return written(text=TEXTS, labels=NAMES)


def files(*paths, **options):
    columns = LabelColumns(options.pop("label_columns", None), options.pop("labels_column", None))
    return ParquetFiles(paths, columns, **options)


def test_names_are_read_as_a_table_is(named, tmp_path):
    found, held = stream(files(named, labels_column="labels"), tmp_path, held_out=0, seed=0)
    expected = read_table(named, labels_column="labels")
    assert list(expected.texts) == list(found.texts)
    assert (expected.labels, len(expected)) == (found.labels, len(found))
    np.testing.assert_array_equal(expected.y, found.y)
    assert (expected.fingerprint(), 0) == (found.fingerprint(), len(held))


def test_columns_of_zero_and_one_are_read_as_a_table_is(written, tmp_path):
    path = written(comment=TEXTS, joy=[1, 0, 0, 0, 1, 0, 0], fear=[0, 1, 0, 1, 0, 0, 1])
    source = files(path, label_columns=["joy", "fear"], text_column="comment")
    found, _ = stream(source, tmp_path, held_out=0, seed=0)
    expected = read_table(path, label_columns=["joy", "fear"], text_column="comment")
    assert expected.fingerprint() == found.fingerprint()


def test_known_labels_name_their_columns(written, tmp_path):
    path = written(text=TEXTS, joy=[1, 0, 0, 0, 1, 0, 0], fear=[0, 1, 0, 1, 0, 0, 1])
    labels = LabelSet(("fear", "joy"))
    found, _ = stream(files(path), tmp_path, labels=labels, held_out=0, seed=0)
    assert read_table(path, labels=labels).fingerprint() == found.fingerprint()


def test_texts_are_the_same_whenever_they_are_read(named, tmp_path):
    found, _ = stream(files(named, labels_column="labels"), tmp_path, held_out=0, seed=0)
    assert list(found.texts) == list(found.texts) == TEXTS


def test_files_are_read_one_after_the_other_with_the_labels_of_all(written, tmp_path):
    one = written("one.parquet", text=TEXTS[:2], labels=NAMES[:2])
    two = written("two.parquet", text=TEXTS[2:], labels=NAMES[2:])
    found, _ = stream(files(one, two, labels_column="labels"), tmp_path, held_out=0, seed=0)
    assert (TEXTS, ("anger", "fear", "joy")) == (list(found.texts), found.labels.names)


def test_what_is_held_out_is_about_its_share_and_the_same_each_time(written, tmp_path):
    path = written(text=[f"text {i}" for i in range(400)], labels=[["joy"]] * 400)
    source = files(path, labels_column="labels")
    learnt, held = stream(source, tmp_path, held_out=0.25, seed=3)
    assert 70 < len(held) < 130
    assert {f"text {i}" for i in range(400)} == {*learnt.texts, *held.texts}
    assert 400 == len(learnt) + len(held)
    assert list(held.texts) == list(stream(source, tmp_path, held_out=0.25, seed=3)[1].texts)
    assert list(held.texts) != list(stream(source, tmp_path, held_out=0.25, seed=4)[1].texts)


def test_equal_texts_are_on_one_side(written, tmp_path):
    path = written(text=["Thanks!", "thanks", "THANKS :)"] * 20, labels=[["joy"]] * 60)
    source = files(path, labels_column="labels")
    seeds = [stream_or_none(source, tmp_path, seed) for seed in range(6)]
    assert {0} == set(seeds)


def stream_or_none(source, folder, seed):
    """The number held out, 0 where all are."""
    try:
        learnt, held = stream(source, folder, held_out=0.5, seed=seed)
    except DataError:
        return 0
    assert len(learnt) == 60
    return len(held)


def test_rows_of_one_comment_are_on_one_side(written, tmp_path):
    ids = [f"comment {i // 4}" for i in range(400)]
    path = written(text=[f"text {i}" for i in range(400)], labels=[["joy"]] * 400, id=ids)
    source = files(path, labels_column="labels", id_column="id")
    _, held = stream(source, tmp_path, held_out=0.25, seed=0)
    counts = np.unique(held.ids, return_counts=True)[1]
    assert {4} == set(counts.tolist())


def test_no_more_are_held_out_than_memory_is_to_hold(written, tmp_path, monkeypatch):
    monkeypatch.setattr(streaming, "MOST_HELD_OUT", 10)
    path = written(text=[f"text {i}" for i in range(400)], labels=[["joy"]] * 400)
    source = files(path, labels_column="labels")
    assert 0 < len(stream(source, tmp_path, held_out=0.25, seed=0)[1]) < 25


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        ({"text": ["a"], "labels": [[]]}, {"labels_column": "labels"}, "names no label in any row"),
        ({"text": ["a"], "labels": [["joy"]]}, {}, "say which column holds the label names"),
        (
            {"text": ["a"] * 4 + [None], "labels": [["joy"]] * 5},
            {"labels_column": "labels"},
            ":5: column 'text' holds null, expected a text",
        ),
        (
            {"text": ["a"], "labels": [["joy"]]},
            {"labels_column": "label"},
            "no column 'label' .the columns are text, labels.; did you mean",
        ),
        (
            {"text": ["a"] * 4, "joy": [0, 1, 1, 2]},
            {"label_columns": ["joy"]},
            ":4: label column 'joy' holds '2', expected 0 or 1",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_row(written, tmp_path, columns, options, message):
    with pytest.raises(DataError, match=message):
        stream(files(written(**columns), **options), tmp_path, held_out=0, seed=0)


def test_a_file_without_rows_teaches_nothing(written, tmp_path):
    path = written(text=pa.array([], pa.string()), joy=pa.array([], pa.int8()))
    with pytest.raises(DataError, match=r"data\.parquet: no rows to learn from"):
        stream(files(path, label_columns=["joy"]), tmp_path, held_out=0, seed=0)


def test_only_parquet_is_read_in_pieces(tmp_path):
    with pytest.raises(DataError, match=r"a\.csv: only Parquet \(\.parquet\) is read in pieces"):
        files(tmp_path / "a.csv")


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path):
    with pytest.raises(DataNotFoundError, match=r"a\.parquet: no such file"):
        stream(files(tmp_path / "a.parquet"), tmp_path, held_out=0, seed=0)


def test_a_broken_file_is_said_to_be_broken(named, tmp_path):
    raw = bytearray(named.read_bytes())
    raw[4:200] = bytes(196)
    named.write_bytes(raw)
    with pytest.raises(DataError, match=r"data\.parquet: broken Parquet"):
        stream(files(named, labels_column="labels"), tmp_path, held_out=0, seed=0)


def test_both_kinds_of_label_column_are_one_too_many():
    with pytest.raises(ConfigError, match="give label columns or one labels column, not both"):
        LabelColumns(["joy"], "labels")


def test_a_file_that_changes_meanwhile_is_noticed(named, written, tmp_path):
    found, _ = stream(files(named, labels_column="labels"), tmp_path, held_out=0, seed=0)
    written(text=TEXTS[:4], labels=NAMES[:4])
    with pytest.raises(DataError, match="4 rows, and there were 7 a moment ago"):
        list(found.texts)
