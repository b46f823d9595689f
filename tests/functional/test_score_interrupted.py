"""`emoconv score`, cut off in real processes, goes on to what a run without a break makes."""

import importlib
import random
import signal
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
TEXTS = ["So proud of you!!", "what? why\tthis", "I hate waiting, honestly.", "thank you", ""]
ROWS = 6_000
SHARD_ROWS = 256
STOPPED = "emoconv: stopped: {:,} rows are finished and kept; the same command goes on from there\n"


@pytest.fixture
def cutting_off(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("cutting_off")


@pytest.fixture
def command(monkeypatch, tmp_path):
    """Return what makes one of the benchmark's commands, of few rows in many shards."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    cases = importlib.import_module("interruptions").CASES
    return lambda name: cases[name].command(tmp_path / "run", TEXTS, ROWS, shard_rows=SHARD_ROWS)


@pytest.mark.parametrize("name", ["csv", "folder"])
def test_runs_that_are_killed_at_random_come_to_the_same_files(cutting_off, command, name):
    files = command(name)
    expected = cutting_off.whole(files)
    chance = random.Random(name)  # noqa: S311 - no secret
    found = cutting_off.kill_at_random(files, expected, kills=3, chance=chance)
    assert [] == found.faults
    assert (3, 0) == (len(found.kills), found.early)
    assert 1 <= found.identical == found.finished


def test_a_run_that_is_killed_as_it_moves_its_output_goes_on(cutting_off, command):
    files = command("arrow")
    expected = cutting_off.whole(files)
    changes = changes_of(files)
    summary = changes.index("os.rename out.arrow.partial/summary.json") + 1
    output = changes.index("os.rename out.arrow.partial/output") + 1
    for change in (summary, output, output + 1, len(changes)):
        assert -signal.SIGKILL == files.run(change=change)[0]
        assert files.output.exists() == (change > output)
        found = cutting_off.Tally()
        found.ended(files, expected, *files.run())
        assert ([], 1) == (found.faults, found.identical)


def changes_of(files):
    """Return all changes that a run makes to files, in order."""
    code, said = files.run(change=-1)
    assert 0 == code
    files.clear()
    return [line for line in said.splitlines() if line.startswith(("open ", "os."))]


def test_ctrl_c_says_what_is_kept_and_the_same_command_goes_on(cutting_off, command):
    files = command("jsonl")
    expected = cutting_off.whole(files)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # for what is started
    try:
        process = files.start()
        cutting_off.wait_until(lambda: files.shards() > 0, process)
        process.send_signal(signal.SIGINT)
        code, said = cutting_off.ended(process)
    finally:
        signal.signal(signal.SIGINT, before)
    kept = min(files.shards() * SHARD_ROWS, ROWS)
    assert 130 == code
    # The last shard may have been noted and not yet counted.
    assert said in {STOPPED.format(rows) for rows in (kept, max(0, kept - SHARD_ROWS))}
    assert not files.output.exists()
    assert 0 == files.run()[0]
    assert expected.results == files.results()


def test_a_second_run_of_one_output_is_refused_and_the_first_is_not_harmed(cutting_off, command):
    files = command("parquet")
    expected = cutting_off.whole(files)
    process = files.start()
    cutting_off.wait_until(lambda: files.shards() > 0, process)
    process.send_signal(signal.SIGSTOP)
    refused, said = files.run()
    process.send_signal(signal.SIGCONT)
    assert (1, 1) == (refused, said.count("\n"))
    assert "another run is writing this output" in said
    assert 0 == cutting_off.ended(process)[0]
    assert expected.results == files.results()
