"""Runs of ``emoconv score`` that are cut off, and what is there afterwards.

Used by `interruptions.py` and by the tests. Knows where the command keeps what it has finished
(the folder ``OUT.partial`` and its journal), and nothing else of how it works.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence
    from pathlib import Path

_POLL_SECONDS = 0.002
_MOST_SECONDS = 600
_MOST_CHANGES = 500
_SHARD_SECONDS = 0.1  # about what a shard takes
_THERE, _THERE_CODE = "is there already", 2
"""What the command says of an output that is in its place, and its exit code."""

_KINDS = ("time", "shard", "end")
"""When kills come, in turn: at a moment of a whole run; just after a shard, or within it; when all
rows are scored and the output is being finished."""

CHANGES = """
import os, signal, sys
number, rows = int(sys.argv.pop(1)), int(sys.argv.pop(1))
number = number or sys.maxsize
changes = {"open", "os.mkdir", "os.remove", "os.rename", "os.rmdir"}
folder = os.getcwd()

def count(event, arguments):
    global number
    if event not in changes:
        return
    if event == "open" and not arguments[2] & (os.O_WRONLY | os.O_RDWR):
        return
    path = arguments[0]
    if not isinstance(path, (str, os.PathLike)) or not os.path.abspath(path).startswith(folder):
        return
    number -= 1
    if number <= 0:
        sys.stderr.write(f"{event} {os.path.relpath(path)}\\n")
        sys.stderr.flush()
    if number == 0:
        os.kill(os.getpid(), signal.SIGKILL)

import emoconv.scoring.pieces
if rows:
    emoconv.scoring.pieces.SHARD_ROWS = rows
from emoconv.cli import main
sys.argv[0] = "emoconv"
sys.addaudithook(count)
main()
"""
"""A program that is the command, but kills itself just before the n-th time that it opens a file
for writing, or makes, moves or removes one, and says which. Arguments: n, or 0 for never, or -1 to
say of all; rows of a shard, or 0; the command's.
"""


class Command:
    """One command, run again and again in one folder.

    Args:
        folder: Where it is run; inputs and output are below.
        arguments: Of ``emoconv score``, but for the output.
        output: The output's name; a folder's ends with a slash.
        shard_rows: Of a shard, where there are to be many of few rows.
    """

    def __init__(
        self, folder: Path, arguments: Sequence[str], *, output: str, shard_rows: int = 0
    ) -> None:
        self.folder = folder
        self.arguments = ("score", *arguments, "--output", output)
        self.output = folder / output
        self.partial = self.output.with_name(f"{self.output.name}.partial")
        self._shard_rows = shard_rows

    def start(self, *more: str, change: int = 0) -> subprocess.Popen[str]:
        """Start it; it kills itself before that change to files.

        Args:
            more: Further arguments.
            change: Its number, from 1 on; 0 for never, and -1 to have all said.
        """
        program = [sys.executable, "-c", CHANGES, str(change), str(self._shard_rows)]
        return subprocess.Popen(
            [*program, *self.arguments, *more],
            cwd=self.folder,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )

    def run(self, *more: str, change: int = 0) -> tuple[int, str]:
        """Run it, and return its exit code and what it said."""
        return ended(self.start(*more, change=change))

    def results(self) -> dict[str, str]:
        """Return the SHA-256 of all that it made, by name, but for its partial folder.

        Of the summary, it is that of what was found; the run's times are left out.
        """
        found = {}
        for path in sorted(self.output.parent.glob(f"{self.output.name}*")):
            if path != self.partial:
                files = [file for file in (path, *path.rglob("*")) if file.is_file()]
                found |= {str(file.relative_to(self.folder)): _digest(file) for file in files}
        return found

    def shards(self) -> int:
        """Return how many shards the journal has."""
        try:
            content = (self.partial / "journal.jsonl").read_bytes()
        except OSError:
            return 0
        return sum(b'"shard_rows"' in line for line in content.splitlines())

    def clear(self) -> None:
        """Remove all that it made."""
        for path in self.output.parent.glob(f"{self.output.name}*"):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def _digest(file: Path) -> str:
    content = file.read_bytes()
    if file.name.endswith(".summary.json"):
        values = json.loads(content)
        del values["run"]
        content = json.dumps(values).encode()
    return hashlib.sha256(content).hexdigest()


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for a process, and return its exit code and what it said."""
    _, said = process.communicate(timeout=_MOST_SECONDS)
    return process.returncode, said


def wait_until(true: Callable[[], bool], process: subprocess.Popen[str]) -> bool:
    """Wait until something is true, or the process has ended; return whether it is true."""
    while not (found := true()) and process.poll() is None:
        time.sleep(_POLL_SECONDS)
    return found


@dataclass(frozen=True)
class Whole:
    """A run that nothing cut off.

    Attributes:
        seconds: What it took.
        end_seconds: What of that came when the last shard had been noted.
        shards: How many there are.
        results: Its `Command.results`.
    """

    seconds: float
    end_seconds: float
    shards: int
    results: dict[str, str]


def whole(command: Command) -> Whole:
    """Run a command to its end, and remove what it made."""
    process, start, shards, last = command.start(), time.perf_counter(), 0, 0.0
    while process.poll() is None:
        if (found := command.shards()) > shards:
            shards, last = found, time.perf_counter() - start
        time.sleep(_POLL_SECONDS)
    seconds = time.perf_counter() - start
    code, said = ended(process)
    if code:
        raise RuntimeError(said)
    results = command.results()
    command.clear()
    return Whole(seconds, seconds - last, shards, results)


@dataclass
class Tally:
    """What became of runs that were cut off.

    Attributes:
        runs: How many were started.
        finished: How many came to the end, or were told that all is done: the one before was
            killed when nothing but its lock was left.
        told: How many were told so.
        identical: How many of those left what the whole run left, and nothing else.
        early: How many kills found an output that was not whole.
        kills: Of each its moment and how many shards were finished.
        faults: What else was not as it should be.
    """

    runs: int = 0
    finished: int = 0
    told: int = 0
    identical: int = 0
    early: int = 0
    kills: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def killed(self, command: Command, expected: Whole, **facts: Any) -> None:  # noqa: ANN401 - for JSON
        """Note a kill."""
        is_there = command.output.exists()
        found = {name: digest for name, digest in command.results().items() if _is_output(name)}
        if is_there and not found.items() <= expected.results.items():
            self.early += 1
            self.faults.append(f"an output that is not whole after a kill: {facts}")
        self.kills.append({**facts, "shards": command.shards(), "output_there": is_there})

    def ended(self, command: Command, expected: Whole, code: int, said: str) -> None:
        """Note a run that came to an end, and remove what it made."""
        told = code == _THERE_CODE and _THERE in said
        if code and not told:
            self.faults.append(f"exit code {code}: {' '.join(said.split())}")
        else:
            self.finished += 1
            self.told += told
            if command.partial.exists():
                self.faults.append("a partial folder is left behind")
            if command.results() == expected.results:
                self.identical += 1
            else:
                names = sorted(dict(command.results().items() ^ expected.results.items()))
                self.faults.append(f"not what the whole run made: {', '.join(names)}")
        command.clear()


def _is_output(name: str) -> bool:
    return not name.endswith((".rejects.jsonl", ".summary.json", ".part", ".old"))


def kill_at_random(
    command: Command, expected: Whole, *, kills: int, chance: random.Random
) -> Tally:
    """Kill a command so many times at moments by chance, each run going on from the last.

    One that finished begins anew until there were enough kills; the last is let finish.
    """
    tally, unfinished = Tally(), False
    while len(tally.kills) < kills or unfinished:
        finished = command.shards()
        process, start = command.start(), time.perf_counter()
        tally.runs += 1
        kind = _KINDS[len(tally.kills) % len(_KINDS)]
        if len(tally.kills) < kills:
            _wait(kind, command, process, expected=expected, chance=chance, finished=finished)
            process.kill()
        code, said = ended(process)
        unfinished = code == -signal.SIGKILL
        if unfinished:
            seconds = round(time.perf_counter() - start, 3)
            tally.killed(command, expected, seconds=seconds, kind=kind)
        else:
            tally.ended(command, expected, code, said)
    return tally


def _wait(
    kind: str,
    command: Command,
    process: subprocess.Popen[str],
    *,
    expected: Whole,
    chance: random.Random,
    finished: int,
) -> None:
    """Wait for the moment of a kill."""
    seconds = chance.uniform(0, expected.seconds)
    if kind != "time":
        # Files move soon after the last shard; the interpreter's end takes most of the rest.
        wanted, seconds = expected.shards, expected.end_seconds * chance.random() ** 2
        if kind == "shard" and finished < wanted:
            wanted = chance.randint(finished + 1, wanted)
            seconds = chance.uniform(0, _SHARD_SECONDS)
        wait_until(lambda: command.shards() >= wanted, process)
    end = time.perf_counter() + seconds
    wait_until(lambda: time.perf_counter() >= end, process)


def kill_at_changes(command: Command, expected: Whole) -> Tally:
    """Kill a command before each change that it makes to files, then have it go on to its end."""
    tally = Tally()
    for change in range(1, _MOST_CHANGES):
        code, said = command.run(change=change)
        tally.runs += 1
        if code != -signal.SIGKILL:
            tally.ended(command, expected, code, said)
            break
        before = said.splitlines()[-1]
        tally.killed(command, expected, before=before)
        faults = len(tally.faults)
        tally.runs += 1
        tally.ended(command, expected, *command.run())
        tally.faults[faults:] = [f"killed before {before}: {f}" for f in tally.faults[faults:]]
    return tally
