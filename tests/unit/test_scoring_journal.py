import hashlib
import json
import re

import numpy as np
import pytest

from emoconv.errors import DataError
from emoconv.scoring.journal import Done, Journal
from emoconv.scoring.summary import Summary

LABELS = ("joy", "anger")
HEADER = {"inputs": [{"path": "a.csv", "bytes": 3}], "model": "m", "prefix": "", "engine": "exact"}


def done(journal, content, *, rows, start):
    """Write a shard's bytes and note them."""
    with journal.path("output").open("ab") as stream:
        stream.write(content)
    summary = Summary.nothing(LABELS)
    summary.probability_sums[:] = 0.1, 1 / 3
    journal.add(
        Done(
            output="output",
            input=0,
            rows=rows,
            shard_rows=2,
            start=start,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            footer=b"\x00\xff",
            rejects=7,
            summary=summary,
        )
    )


def opened(tmp_path, **changes):
    restart = changes.pop("restart", False)
    return Journal(tmp_path / "o.csv", {**HEADER, **changes}, labels=LABELS, restart=restart)


@pytest.fixture
def half_done(tmp_path):
    """A folder with two finished shards."""
    with opened(tmp_path) as journal:
        done(journal, b"abc", rows=2, start=0)
        done(journal, b"defg", rows=4, start=3)
    return tmp_path / "o.csv.partial"


def test_what_is_finished_is_there_again(half_done, tmp_path):
    with opened(tmp_path) as journal:
        assert half_done == journal.folder
        assert [2, 4] == [shard.rows for shard in journal.done]
        assert b"\x00\xff" == journal.done[0].footer
        assert [0.1, 1 / 3] == journal.done[1].summary.probability_sums.tolist()
        assert np.int64 == journal.done[1].summary.label_counts.dtype


def test_a_run_in_which_nothing_was_finished_leaves_nothing(tmp_path):
    with opened(tmp_path):
        assert (tmp_path / "o.csv.partial").exists()
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("torn", [1, 20, 200])
def test_a_line_that_was_being_written_is_passed_over(half_done, tmp_path, torn):
    path = half_done / "journal.jsonl"
    path.write_bytes(path.read_bytes()[:-torn])
    with opened(tmp_path) as journal:
        assert [2] == [shard.rows for shard in journal.done]
        done(journal, b"xy", rows=4, start=3)
    (half_done / "output").write_bytes(b"abcxy")
    with opened(tmp_path) as journal:
        assert [2, 4] == [shard.rows for shard in journal.done]


@pytest.mark.parametrize(("content", "left"), [(b"abcdefX", [2]), (b"Xbcdefg", []), (b"abcd", [2])])
def test_shards_whose_bytes_have_changed_are_not_finished(half_done, tmp_path, content, left):
    (half_done / "output").write_bytes(content)
    with opened(tmp_path) as journal:
        assert left == [shard.rows for shard in journal.done]


def test_shards_without_their_file_are_not_finished(half_done, tmp_path):
    (half_done / "output").unlink()
    with opened(tmp_path) as journal:
        assert [] == journal.done


def test_a_journal_without_a_first_line_is_none(half_done, tmp_path):
    (half_done / "journal.jsonl").write_bytes(b"{")
    with opened(tmp_path) as journal:
        assert [] == journal.done


def test_a_restart_forgets(half_done, tmp_path):
    (half_done / "output.d").mkdir()
    with opened(tmp_path, restart=True, prefix="x") as journal:
        assert [] == journal.done
        assert ["journal.jsonl", "lock"] == sorted(path.name for path in half_done.iterdir())


def test_the_engine_is_that_of_the_journal(half_done, tmp_path):
    with opened(tmp_path, engine="reference") as journal:
        assert "exact" == journal.header["engine"]
    assert half_done.exists()


@pytest.mark.usefixtures("half_done")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model": "n"}, "the model is another"),
        ({"prefix": "x", "model": "n"}, "the model is another, prefix is 'x' and was ''"),
        ({"inputs": [{"path": "a.csv", "bytes": 4}]}, "a.csv changed meanwhile"),
        ({"inputs": [{"path": "b.csv", "bytes": 3}]}, "the inputs are b.csv and were a.csv"),
        ({"new": 1}, "new is 1 and was None"),
    ],
)
def test_another_run_is_not_gone_on_with(tmp_path, changes, said):
    message = f"asked for: {said}; --restart forgets what was begun"
    with pytest.raises(DataError, match=re.escape(message)), opened(tmp_path, **changes):
        pass  # pragma: no cover - it is not entered


def test_a_second_run_is_refused_and_the_first_goes_on(half_done, tmp_path):
    with opened(tmp_path) as journal:
        with pytest.raises(DataError, match="another run is writing this output"):
            opened(tmp_path, restart=True).__enter__()
        done(journal, b"h", rows=5, start=7)
    assert b"abcdefgh" == (half_done / "output").read_bytes()


def test_a_whole_output_is_said_to_be_so(half_done, tmp_path):
    with opened(tmp_path) as journal:
        journal.complete(rejected=3)
    (half_done / "output").unlink()  # moved to its place
    with opened(tmp_path) as journal:
        assert (True, 3, 2) == (journal.is_complete, journal.rejected, len(journal.done))
        journal.remove()
    assert not half_done.exists()


def test_its_lines_are_json(half_done):
    lines = (half_done / "journal.jsonl").read_text(encoding="ascii").splitlines()
    assert HEADER == json.loads(lines[0])
    assert 3 == len(lines)


@pytest.mark.parametrize("restart", [False, True])
def test_a_folder_of_somebody_else_is_left_alone(tmp_path, restart):
    mine = tmp_path / "o.csv.partial" / "mine.txt"
    mine.parent.mkdir()
    mine.touch()
    with pytest.raises(DataError, match="in the way of a run, and none of ours; move it"):
        opened(tmp_path, restart=restart).__enter__()
    assert mine.exists()


def test_a_file_in_its_way_is_left_alone(tmp_path):
    (tmp_path / "o.csv.partial").touch()
    with pytest.raises(DataError, match="in the way of a run"):
        opened(tmp_path).__enter__()
