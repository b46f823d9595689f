import json
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from emoconv.data import Dataset
from emoconv.doctor import find_suspects, read_probabilities, write_probabilities, write_suspects
from emoconv.errors import DataError, DataNotFoundError, MissingExtraError
from emoconv.labels import LabelSet

LABELS = LabelSet(("joy", "anger", "grief"))


@pytest.fixture
def noisy():
    """Texts whose probabilities are right, and labels that are wrong of three; nobody grieves."""
    rng = np.random.default_rng(0)
    truth = rng.random((200, 3)) < [0.5, 0.3, 0.0]
    probabilities = np.where(truth, 0.9, 0.1)
    given = truth.copy()
    given[[3, 50], 0] ^= True
    given[7, 1] ^= True
    dataset = Dataset([f"text {i}" for i in range(200)], given, LABELS)
    return dataset, probabilities.astype(np.float32), truth


def test_labels_that_held_out_models_doubt_are_found_and_set_right(noisy):
    dataset, probabilities, truth = noisy
    found = find_suspects(dataset, probabilities)
    assert {3, 7, 50} == {one.row for one in found}
    for one in found:
        assert LABELS.decode(dataset.y[[one.row]])[0] == one.given
        assert LABELS.decode(truth[[one.row]])[0] == one.suggested
        assert dataset.texts[one.row] == one.text
    assert sorted(one.score for one in found) == [one.score for one in found]


def test_probabilities_of_another_shape_are_refused(noisy):
    dataset, probabilities, _ = noisy
    with pytest.raises(DataError, match=r"need probabilities of shape \(200, 3\), got \(200, 2\)"):
        find_suspects(dataset, probabilities[:, :2])


def test_without_cleanlab_the_extra_is_named(noisy, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "cleanlab"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cleanlab", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'emoconv\[doctor\]'"):
        find_suspects(*noisy[:2])


def test_suspects_are_written_with_their_lines(noisy, tmp_path):
    found = find_suspects(*noisy[:2])
    lines = range(2, 202)
    for ending in ("csv", "json"):
        write_suspects(tmp_path / f"new/report.{ending}", found, lines)
    first = found[0]
    objects = json.loads((tmp_path / "new/report.json").read_text("utf-8"))
    assert 3 == len(objects)
    assert {
        "line": first.row + 2,
        "score": round(first.score, 6),
        "given": list(first.given),
        "suggested": list(first.suggested),
        "text": first.text,
    } == objects[0]
    header, row, *_ = (tmp_path / "new/report.csv").read_text("utf-8").splitlines()
    assert "line,score,given,suggested,text" == header
    assert row.startswith(f"{first.row + 2},{round(first.score, 6)},")
    assert 2 == len(list((tmp_path / "new").iterdir()))


def test_a_report_of_another_kind_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"report.txt: .* CSV or JSON; expected .csv or .json"):
        write_suspects(tmp_path / "report.txt", (), ())


def test_probabilities_come_back(noisy, tmp_path):
    dataset, probabilities, _ = noisy
    path = tmp_path / "new" / "p.parquet"
    write_probabilities(path, probabilities, dataset)
    np.testing.assert_array_equal(probabilities, read_probabilities(path, dataset))
    assert [path] == list(path.parent.iterdir())


def test_anybody_may_write_probabilities(tmp_path):
    dataset = Dataset(["a"], np.zeros((1, 3), dtype=bool), LABELS)
    columns = {"id": ["x"], "grief": [1.0], "anger": [0.5], "joy": [0]}
    pq.write_table(pa.table(columns), tmp_path / "p.parquet")
    assert [[0.0, 0.5, 1.0]] == read_probabilities(tmp_path / "p.parquet", dataset).tolist()


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"joy": [0.1]}, r"1 rows of probabilities, expected 2, one for each row"),
        ({"joy": [0.1, 0.2]}, r"no column 'anger'"),
        (
            {"joy": [0.1, 1.5], "anger": [0.1, 0.2], "grief": [0.1, 0.2]},
            r"p.parquet:2: column 'joy' holds 1.5, expected a probability, 0 to 1",
        ),
        (
            {"joy": [0.1, None], "anger": [0.1, 0.2], "grief": [0.1, 0.2]},
            r"p.parquet:2: column 'joy' holds nan",
        ),
        ({"joy": ["a", "b"], "anger": [0.1, 0.2], "grief": [0.1, 0.2]}, r"what is no number"),
    ],
)
def test_what_are_no_probabilities_of_the_data_is_refused(tmp_path, columns, message):
    dataset = Dataset(["a", "b"], np.zeros((2, 3), dtype=bool), LABELS)
    pq.write_table(pa.table(columns), tmp_path / "p.parquet")
    with pytest.raises(DataError, match=message):
        read_probabilities(tmp_path / "p.parquet", dataset)


def test_probabilities_of_other_data_are_refused(noisy, tmp_path):
    dataset, probabilities, truth = noisy
    write_probabilities(tmp_path / "p.parquet", probabilities, dataset)
    with pytest.raises(DataError, match="of other data, or the data has changed since"):
        read_probabilities(tmp_path / "p.parquet", Dataset(dataset.texts, truth, LABELS))
    with pytest.raises(DataNotFoundError):
        read_probabilities(tmp_path / "q.parquet", dataset)
