"""The pure parts of ``benchmarks/scoring.py`` and ``benchmarks/interruptions.py``."""

import importlib
import json
from pathlib import Path

import pyarrow as pa
import pytest

from emoconv.scoring.inputs import find_inputs
from emoconv.scoring.readers import open_reader

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
TEXTS = ['she said "no"', "a, b\tc", "thank you"]


@pytest.fixture
def module(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module


@pytest.fixture
def files(module):
    return module("scoring_files")


@pytest.fixture
def command(module, tmp_path):
    """A command that nobody starts: files are written in its stead."""
    return module("cutting_off").Command(tmp_path, ["in.csv"], output="out.csv")


@pytest.mark.parametrize(
    "ending", ["csv", "csv.gz", "tsv", "jsonl", "jsonl.zst", "parquet", "arrow", "arrows", "txt"]
)
def test_every_format_holds_the_same_texts(files, tmp_path, ending):
    path = files.make(tmp_path / f"comments.{ending}", TEXTS, 7)
    expected = [text for batch in files.comments(TEXTS, 7) for text in batch["body"].to_pylist()]
    if ending in {"tsv", "txt"}:  # where a text is on one line and no tab is in it
        expected = [text.replace("\t", " ") for text in expected]
    pieces = list(open_reader(find_inputs([str(path)])[0], column="body").read(0))
    assert expected == [text for piece in pieces for text in piece.batch["body"].to_pylist()]
    assert [path] == list(tmp_path.iterdir())


def test_endings_are_those_that_are_tested_above(files):
    marks = test_every_format_holds_the_same_texts.pytestmark
    assert marks[0].args[1] == list(files.ENDINGS)


def test_rows_are_numbered_across_batches_and_three_seconds_apart(files):
    rows = pa.Table.from_batches(files.comments(TEXTS, 20_001))
    assert list(range(20_001)) == rows["id"].to_pylist()
    assert 1_500_000_000 + 3 * 20_000 == rows["created_utc"][-1].as_py()


def test_a_file_that_is_there_is_not_made_again(files, tmp_path):
    (tmp_path / "comments.txt").write_text("kept")
    assert "kept" == files.make(tmp_path / "comments.txt", TEXTS, 7).read_text()


def test_a_share_is_of_the_engines_before_and_after_at_their_faster_way(module):
    engines = [{"rates": {"whole": whole, "slices": 90.0}} for whole in (100.0, 60.0, 110.0)]
    runs = [{"rows": 800, "seconds": seconds, "peak_mb": 5.0} for seconds in (10.0, 8.0)]
    found = module("scoring").compare(runs, engines)
    assert [80 / 95, 100 / 100] == found["shares"]
    assert (9.0, 90.0, 100.0) == (found["seconds"], found["rate"], found["engine_rate"])


def test_a_rate_is_the_median_of_runs_with_its_range(module):
    runs = [{"rows": 100, "seconds": seconds} for seconds in (1.0, 4.0, 2.0)]
    expected = {"median": 50.0, "low": 25.0, "high": 100.0, "rows": 100, "runs": 3}
    assert expected == module("scoring").rate(runs)


def test_results_are_of_all_that_was_made_and_leave_the_times_of_a_run_out(command):
    summary = command.folder / "out.csv.summary.json"
    command.partial.mkdir()
    (command.folder / "in.csv").write_text("text\n")
    command.output.write_text("a")
    summary.write_text(json.dumps({"run": {"seconds": 1}, "rows": 2}))
    before = command.results()
    assert {"out.csv", "out.csv.summary.json"} == set(before)
    summary.write_text(json.dumps({"run": {"seconds": 7}, "rows": 2}))
    assert before == command.results()
    summary.write_text(json.dumps({"run": {"seconds": 7}, "rows": 3}))
    assert before != command.results()
    command.clear()
    assert ["in.csv"] == [path.name for path in command.folder.iterdir()]


def test_shards_are_the_lines_of_the_journal_that_speak_of_one(command):
    assert 0 == command.shards()
    command.partial.mkdir()
    (command.partial / "journal.jsonl").write_text('{"inputs": []}\n{"shard_rows": 3}\n{"comp')
    assert 1 == command.shards()


@pytest.mark.parametrize(
    ("end", "content", "counts", "faults"),
    [
        ((0, ""), "whole", (0, 1), []),
        ((2, "emoconv: error: out.csv is there already; choose"), "whole", (1, 1), []),
        ((0, ""), "other", (0, 0), ["not what the whole run made: out.csv"]),
        ((1, "emoconv: error:\nbroken"), "whole", (0, 0), ["exit code 1: emoconv: error: broken"]),
    ],
)
def test_a_run_that_ends_is_held_against_the_whole_one(
    module, command, *, end, content, counts, faults
):
    cutting_off = module("cutting_off")
    command.output.write_text("whole")
    whole = cutting_off.Whole(1.0, 0.1, 1, command.results())
    command.output.write_text(content)
    tally = cutting_off.Tally()
    tally.ended(command, whole, *end)
    assert counts == (tally.told, tally.identical)
    assert faults == tally.faults
    assert not command.output.exists()


@pytest.mark.parametrize(("content", "early"), [("whole", 0), ("who", 1)])
def test_an_output_that_is_not_whole_after_a_kill_is_noted(module, command, content, early):
    cutting_off = module("cutting_off")
    command.output.write_text("whole")
    whole = cutting_off.Whole(1.0, 0.1, 1, command.results())
    command.output.write_text(content)
    tally = cutting_off.Tally()
    tally.killed(command, whole, kind="time")
    assert (early, early) == (tally.early, len(tally.faults))
    assert [{"kind": "time", "shards": 0, "output_there": True}] == tally.kills


def rated(median):
    return {"median": median, "low": median, "high": median, "rows": 1000, "runs": 1}


def test_the_tables_say_what_was_measured(module):
    tables = module("scoring_tables")
    run = {"rows": 1000, "seconds": 4.0, "peak_mb": 300.4}
    large = {**run, "rate": 250.0, "engine_rate": 300.0, "share": 0.833}
    read_only = {"reading": rated(5.0), "writing": None, "output_bytes": None}
    result = {
        "large": large,
        "growth": [run],
        "formats": {"txt": {**read_only, "input_bytes": 2_000_000, "peak_mb": 1.0}},
        "peers": {"loop": {"about": "a loop", "rate": rated(50.0), "times_slower": 5.0, **run}},
    }
    expected = {
        tables.headline_table: ["1,000", "4.0", "250", "300", "83%", "300"],
        tables.growth_table: ["1,000", "4.0", "250", "300"],
        tables.formats_table: ["`.txt`", "2.0", "5 ± 0%", "-", "-", "1"],
        tables.peers_table: ["a loop", "1,000", "50 ± 0%", "5.0", "300"],
    }
    for table, cells in expected.items():
        assert cells == cells_of(table(result))[-1]


def test_the_tables_say_what_became_of_runs_that_were_cut_off(module):
    tables = module("scoring_tables")
    tally = {"kills": [{}] * 20, "finished": 7, "identical": 6, "early": 0, "faults": ["x"]}
    case = {"about": "Arrow", "at_random": tally, "at_changes": {**tally, "kills": []}}
    stopped = {"code": 130, "said": ["emoconv: stopped"], "identical": True}
    events = {
        "ctrl_c": {"ends": [stopped], "identical": True},
        "input_deleted": {"code": 0, "said": ["joy 1%"], "identical": True},
        "second_run": {"code": 1, "said": ["first", "refused"], "identical": False},
        "disk_full": {"not_tried": "no disk"},
    }
    result = {"cases": {"arrow": case}, "events": events}
    assert [
        ["Arrow", "by chance", "20", "7", "6", "0", "1"],
        ["Arrow", "before each change", "0", "7", "6", "0", "1"],
    ] == cells_of(tables.interruptions_table(result))[2:]
    assert [
        ["Ctrl-C, 1 times", "130", "`emoconv: stopped`", "yes"],
        ["input deleted while it is read", "0", "-", "yes"],
        ["the same command a second time", "1", "`refused`", "no"],
    ] == cells_of(tables.events_table(result))[2:]


def cells_of(table):
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
