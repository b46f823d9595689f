"""Claims about emoconv.data.votes: counting, reading, writing and blending raters' votes."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from emoconv.data import (
    Dataset,
    RaterRows,
    Votes,
    count_votes,
    read_official,
    read_rater_rows,
    read_votes,
    write_votes,
)
from emoconv.errors import ConfigError, DataError, DataNotFoundError
from emoconv.labels import GOEMOTIONS, LabelSet

TINY = Path(__file__).parents[1] / "data" / "goemotions"
LABELS = LabelSet(("joy", "anger"))
TABLE = "id\tsplit\tn_rows\tdup_text\tanger\tjoy\nc1\ttrain\t3\t0\t1\t2\nc2\ttrain\t1\t1\t0\t1\n"


def saved(tmp_path, content, name="votes.tsv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def complaint(path, labels=LABELS):
    with pytest.raises(DataError) as error:
        read_votes(path, labels)
    assert "\n" not in str(error.value)
    return str(error.value).removeprefix(str(path))


def votes_of(rows, labels=LABELS):
    """Make votes from rows of id, raters and counts."""
    ids, raters, counts = zip(*rows, strict=True)
    return Votes(ids, np.array(counts), np.array(raters), labels)


def rows_of(votes):
    return list(zip(votes.ids, votes.raters.tolist(), votes.counts.tolist(), strict=True))


def dataset_of(ids, y, labels=LABELS):
    texts = [f"text {number}" for number in range(len(y))]
    return Dataset(texts, np.array(y, dtype=bool), labels, ids)


EXPECTED = [("c1", 3, [2, 1]), ("c2", 1, [1, 0])]
VOTES = votes_of(EXPECTED)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("v.tsv", TABLE),
        ("v.tsv.gz", gzip.compress(TABLE.encode(), mtime=0)),
        ("v.csv", TABLE.replace("\t", ",")),
        ("v.csv", '"joy",n_rows,anger,id\n2,3,1,"c1"\r\n1,1,0,c2\n'),
        ("v.tab", "\ufeff" + TABLE.replace("\n", "\r\n") + "\n"),
    ],
)
def test_votes_are_read_by_column_name(tmp_path, name, content):
    votes = read_votes(saved(tmp_path, content, name), LABELS)
    assert EXPECTED == rows_of(votes)
    assert (np.int64, np.int64, LABELS, 2) == (
        votes.counts.dtype,
        votes.raters.dtype,
        votes.labels,
        len(votes),
    )


def test_labels_that_are_not_asked_for_are_passed_over(tmp_path):
    votes = read_votes(saved(tmp_path, TABLE), LabelSet(("anger",)))
    assert [("c1", 3, [1]), ("c2", 1, [0])] == rows_of(votes)


def test_a_comment_of_no_known_rater_is_read(tmp_path):
    path = saved(tmp_path, "id\tn_rows\tjoy\tanger\nc1\t0\t0\t0\n")
    assert [("c1", 0, [0, 0])] == rows_of(read_votes(path, LABELS))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("c9\ttrain\t3\t0\t1\t-1", "column 'joy' holds '-1', expected a whole number, 0 or more"),
        ("c9\ttrain\t3\t0\t1\t1.0", "column 'joy' holds '1.0', expected a whole number, 0 or more"),
        ("c9\ttrain\t3\t0\t1\t", "column 'joy' holds '', expected a whole number, 0 or more"),
        ("c9\ttrain\t3\t0\t1\t\u0663", "column 'joy' holds '\u0663', expected a whole number"),
        ("c9\ttrain\t3\t0\tx\t1", "column 'anger' holds 'x', expected a whole number, 0 or more"),
        ("c9\ttrain\t\t0\t1\t1", "column 'n_rows' holds '', expected a whole number, 0 or more"),
        (
            f"c9\ttrain\t{'9' * 30}\t0\t1\t1",
            f"column 'n_rows' holds '{'9' * 30}', expected a whole number, 0 or more",
        ),
        (
            "c9\ttrain\t2\t0\t3\t1",
            "3 votes for 'anger' from 2 raters, expected 0 to as many as there are raters",
        ),
        (
            "c9\ttrain\t0\t0\t0\t1",
            "1 votes for 'joy' from 0 raters, expected 0 to as many as there are raters",
        ),
        (" \ttrain\t3\t0\t1\t1", "the comment id is blank"),
        (
            "c1\ttrain\t3\t0\t1\t1",
            "comment id 'c1' is there twice, expected one row for each comment",
        ),
        ("c9\ttrain\t3\t0\t1", "5 fields, expected 6 as in the header"),
        ("", "1 fields, expected 6 as in the header"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, line, expected):
    path = saved(tmp_path, f"{TABLE}{line}\nc3\ttrain\t3\t0\t1\t1\n")
    assert complaint(path).startswith(f":4: {expected}")


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("v.tsv", "", ": the file is empty"),
        ("v.tsv", "id\tn_rows\tjoy\tanger\n", ": a header and no rows"),
        ("v.csv", "joy,anger,n_rows\n1,1,1\n", ": no column 'id' (the columns are joy, anger,"),
        ("v.csv", "id,joy,anger,nrows\nc,1,1,1\n", ": no column 'n_rows' (the columns are id,"),
        (
            "v.csv",
            "id,joy,angr,n_rows\nc,1,1,1\n",
            ": no column 'anger' (the columns are id, joy, angr, n_rows); did you mean 'angr'?",
        ),
        ("v.csv", "id,joy,joy,anger,n_rows\nc,1,1,1,1\n", ": column 'joy' is there twice"),
        ("v.tsv", b"\x89PNG\r\n\0", ":2: a zero byte: a binary file; expected UTF-8 text"),
        ("v.tsv", b"id\tn_rows\xe9\n", ":1: byte 0xe9 is not UTF-8; convert the file to UTF-8"),
        ("v.tsv.gz", b"\x1f\x8b\x08\x00half", ": not a whole gzip file"),
        ("v.txt", "x", ": the ending does not name a format"),
        (
            "v.jsonl",
            '{"id": "c1"}',
            ": votes are kept in CSV or TSV, not in jsonl; expected .csv or .tsv (.gz may follow)",
        ),
    ],
)
def test_what_is_no_table_of_votes_is_told(tmp_path, name, content, expected):
    assert complaint(saved(tmp_path, content, name)).startswith(expected)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(DataNotFoundError):
        read_votes(tmp_path / "votes.tsv", LABELS)


def test_a_label_named_as_another_column_is_told(tmp_path):
    labels = LabelSet(("joy", "n_rows"))
    expected = "a table of votes has a column 'n_rows' that is no label; rename the label"
    assert expected == complaint(saved(tmp_path, TABLE), labels)
    with pytest.raises(DataError) as error:
        write_votes(votes_of(EXPECTED, labels), tmp_path / "w.tsv")
    assert expected == str(error.value)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("c1", 2, [1, 1]), ("", 2, [1, 1])], "votes of row 1: the comment id is blank"),
        (
            [("c1", 2, [1, 1]), ("c1", 2, [1, 1])],
            "votes of row 1: comment id 'c1' is there twice, expected one row for each comment",
        ),
        (
            [("c1", 2, [1, -1])],
            (
                "votes of row 0: -1 votes for 'anger' from 2 raters, expected 0 to as many as "
                "there are raters"
            ),
        ),
        (
            [("c1", -1, [0, 0])],
            (
                "votes of row 0: 0 votes for 'joy' from -1 raters, expected 0 to as many as there "
                "are raters"
            ),
        ),
        (
            [("c1", 2, [1, 1, 1])],
            (
                "votes on 1 comments with 2 labels need counts as an int64 array of shape (1, 2), "
                "got int64 (1, 3)"
            ),
        ),
        (
            [("c1", 2.0, [1, 1])],
            (
                "votes on 1 comments with 2 labels need raters as an int64 array of shape (1,), "
                "got float64 (1,)"
            ),
        ),
    ],
)
def test_votes_that_cannot_be_are_refused(rows, expected):
    with pytest.raises(DataError) as error:
        votes_of(rows)
    assert expected == str(error.value)


def test_votes_are_counted_over_raters():
    votes = count_votes(read_rater_rows([TINY / "goemotions_1.csv"]))
    goat = votes.ids.index("r0003")
    named = {
        name: int(count)
        for name, count in zip(votes.labels.names, votes.counts[goat], strict=True)
        if count
    }
    assert (3, {"amusement": 3, "joy": 1}) == (votes.raters[goat], named)
    assert ("r0008", "r0007", "r0006") == votes.ids[:3]
    assert (GOEMOTIONS, 28) == (votes.labels, votes.raters.sum())


def test_rows_that_are_unclear_or_of_no_comment_are_no_votes():
    dataset = dataset_of(
        ["b", "a", "a", "b", "u", ""], [[1, 0], [0, 1], [0, 0], [1, 1], [0, 0], [1, 0]]
    )
    rows = RaterRows(dataset, np.array([False, False, True, False, True, False]))
    assert [("b", 2, [2, 1]), ("a", 1, [0, 1])] == rows_of(count_votes(rows))


def test_no_clear_row_is_no_vote():
    rows = RaterRows(dataset_of(["a"], [[0, 0]]), np.array([True]))
    assert [] == rows_of(count_votes(rows))


def test_rows_without_ids_cannot_be_counted():
    with pytest.raises(DataError) as error:
        count_votes(RaterRows(dataset_of(None, [[0, 1]]), np.array([False])))
    assert "votes are counted by comment id, and these rows have no ids" == str(error.value)


def test_votes_can_be_narrowed_to_some_comments():
    votes = votes_of([("a", 1, [1, 0]), ("b", 2, [2, 0]), ("c", 3, [0, 3])])
    assert [("a", 1, [1, 0]), ("c", 3, [0, 3])] == rows_of(votes.among({"c", "a", "x"}))
    assert [] == rows_of(votes.among(()))


def test_a_table_of_votes_is_written(tmp_path):
    write_votes(VOTES, tmp_path / "v.tsv")
    assert (
        b"id\tn_rows\tjoy\tanger\nc1\t3\t2\t1\nc2\t1\t1\t0\n" == (tmp_path / "v.tsv").read_bytes()
    )
    assert ["v.tsv"] == [path.name for path in tmp_path.iterdir()]


def test_a_file_that_is_there_is_replaced_and_equal_votes_are_equal_bytes(tmp_path):
    for name in ("a.csv.gz", "b.csv.gz"):
        write_votes(VOTES, saved(tmp_path, "old", name))
    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()
    assert EXPECTED == rows_of(read_votes(tmp_path / "a.csv.gz", LABELS))


@pytest.mark.parametrize(
    ("votes", "name", "expected"),
    [
        (VOTES, "v.jsonl", ": votes are kept in CSV or TSV, not in jsonl"),
        (VOTES, "v", ": the ending does not name a format"),
        (VOTES.among(()), "v.tsv", ": there are no votes to write"),
        (
            votes_of([("c\t1", 1, [0, 0])]),
            "v.tsv",
            ": 'c\\t1' cannot stand in a table of votes, expected printable characters",
        ),
        (
            votes_of([("c1", 1, [0])], LabelSet(("jo\ny",))),
            "v.csv",
            ": 'jo\\ny' cannot stand in a table of votes, expected printable characters",
        ),
    ],
)
def test_what_cannot_be_written_is_told_and_leaves_no_file(tmp_path, votes, name, expected):
    with pytest.raises(DataError) as error:
        write_votes(votes, tmp_path / name)
    assert str(error.value).startswith(f"{tmp_path / name}{expected}")
    assert [] == list(tmp_path.iterdir())


def test_labels_move_towards_the_shares_of_raters():
    votes = votes_of([("c1", 4, [1, 4]), ("c2", 1, [1, 0]), ("c3", 2, [0, 0])])
    dataset = dataset_of(
        ["c3", "c1", "c2", "", "x", "c1"], [[1, 0], [1, 0], [0, 1], [1, 1], [0, 1], [0, 0]]
    )
    targets = votes.blend(dataset, weight=0.25)
    assert [
        [0.75, 0.0],
        [0.8125, 0.25],
        [0.0, 1.0],
        [1.0, 1.0],
        [0.0, 1.0],
        [0.0625, 0.25],
    ] == targets.tolist()
    assert np.float32 == targets.dtype


@pytest.mark.parametrize(("min_raters", "expected"), [(1, 1.0), (2, 0.0), (3, 0.0)])
def test_few_raters_do_not_count(min_raters, expected):
    votes = votes_of([("c1", 1, [1, 0]), ("c2", 3, [2, 0]), ("c3", 0, [0, 0])])
    dataset = dataset_of(["c1", "c3"], [[0, 1], [0, 1]])
    targets = votes.blend(dataset, weight=1, min_raters=min_raters)
    assert [[expected, 1 - expected], [0.0, 1.0]] == targets.tolist()


@pytest.mark.parametrize("rows", [0, 2])
def test_without_any_votes_the_labels_are_the_targets(rows):
    dataset = dataset_of(["x"] * rows, np.eye(2)[:rows])
    assert np.eye(2)[:rows].tolist() == VOTES.blend(dataset, weight=1).tolist()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"weight": -0.1}, "the weight of votes is -0.1, expected 0 to 1"),
        ({"weight": 1.5}, "the weight of votes is 1.5, expected 0 to 1"),
        ({"weight": float("nan")}, "the weight of votes is nan, expected 0 to 1"),
        ({"weight": 1, "min_raters": 0}, "min_raters is 0, expected at least 1"),
    ],
)
def test_a_blend_outside_its_range_is_refused(options, expected):
    with pytest.raises(ConfigError) as error:
        VOTES.blend(dataset_of(["c1"], [[0, 1]]), **options)
    assert expected == str(error.value)


@pytest.mark.parametrize(
    ("dataset", "expected"),
    [
        (
            dataset_of(None, [[0, 1]]),
            (
                "votes are joined to texts by comment id, and this data set has no ids; name its "
                "id column"
            ),
        ),
        (
            dataset_of(["c1"], [[0, 1]], LabelSet(("anger", "joy"))),
            (
                "the votes are on the labels joy, anger, and the data set has anger, joy; they "
                "must be the same, in the same order"
            ),
        ),
    ],
)
def test_a_data_set_that_does_not_go_with_the_votes_is_told(dataset, expected):
    with pytest.raises(DataError) as error:
        VOTES.blend(dataset, weight=0.5)
    assert expected == str(error.value)


def real_file(real_data, pattern):
    """Return a file of raters' rows or votes; the folder need not hold any."""
    found = sorted((real_data / "goemotions_raw").glob(pattern))
    if not found:
        pytest.skip(f"EMOCONV_DATA holds no goemotions_raw/{pattern}")
    return found[0]


@pytest.mark.real_data
def test_votes_on_the_published_train_part_agree_with_its_labels(real_data):
    votes = read_votes(real_file(real_data, "votes_train*.tsv"), GOEMOTIONS)
    train = read_official(real_data / "goemotions" / "train.tsv")
    targets = votes.blend(train, weight=0.5)
    assert set(votes.ids) <= set(train.ids)
    assert 0.5 < (targets != train.y).any(axis=1).mean() < 0.7
    assert (0, 1) == (targets.min(), targets.max())
    # Where a label holds, half of its target is the label's and the other half the raters'.
    assert targets[train.y].min() >= 0.5
    assert targets[~train.y].max() <= 0.5


@pytest.mark.real_data
def test_published_raw_rows_are_counted_and_come_back(real_data, tmp_path):
    rows = read_rater_rows([real_file(real_data, "goemotions_*.csv")])
    votes = count_votes(rows)
    assert votes.raters.sum() == (~rows.unclear).sum()
    assert (votes.counts.sum(axis=0) == rows.dataset.y[~rows.unclear].sum(axis=0)).all()
    write_votes(votes, tmp_path / "votes.tsv")
    assert rows_of(votes) == rows_of(read_votes(tmp_path / "votes.tsv", GOEMOTIONS))
