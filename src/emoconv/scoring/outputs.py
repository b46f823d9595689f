"""Where the bytes of shards go: standard output, or files under way beside their place."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from emoconv.scoring.arrow_files import stream_to_file
from emoconv.scoring.journal import Done

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emoconv.scoring.encoders import Encoded, Encoder
    from emoconv.scoring.journal import Journal
    from emoconv.scoring.request import Destination
    from emoconv.scoring.summary import Summary

__all__ = ["SUMMARY", "FileOutput", "Output", "Shard", "StandardOutput", "move"]

_OUTPUT = "output"
_REJECTS = "rejects.jsonl"
_REPLACED = "replaced"
"""The folder that was in the output's place."""

_STREAMS = "streams"
"""Where an Arrow file is while it is under way: it is a stream until it is whole."""

SUMMARY = "summary.json"
"""The summary, once the output is whole."""


@dataclass(frozen=True)
class Shard:
    """A shard that is to be written.

    Attributes:
        input: Which input it is of.
        rows: How many rows of that were kept up to its end.
        encoded: Its bytes.
        summary: Of its rows.
        rejects: Lines of JSON, for the rows among its own that could not be read.
        position: How far into the input it reaches.
    """

    input: int
    rows: int
    encoded: Encoded
    summary: Summary
    rejects: bytes
    position: int


class Output(Protocol):
    """Takes the shards of one file after the other."""

    def begin(self, destination: Destination, encoder: Encoder) -> None:
        """Begin a file, or go on with it."""

    def start(self, number: int) -> int | None:
        """Return with which row of an input to begin, or None if it is finished."""

    def add(self, shard: Shard) -> None:
        """Write a shard."""

    def end(self, destination: Destination, encoder: Encoder) -> None:
        """End the file."""


class StandardOutput:
    """Writes to standard output, and what could not be read to a file.

    Args:
        rejects: The file; ``None`` where there is none.

    Attributes:
        rejected: How many rows could not be read.
    """

    def __init__(self, rejects: Path | None) -> None:
        self._rejects = rejects
        self._part: BinaryIO | None = None
        self._shards: list[tuple[int, bytes]] = []
        self._at = 0
        self.rejected = 0

    def begin(self, destination: Destination, encoder: Encoder) -> None:  # noqa: ARG002 - there is one
        """Write the beginning of the one file."""
        self._write(encoder.start())
        if self._rejects is not None:
            self._part = _beside(self._rejects).open("wb")

    def start(self, number: int) -> int:  # noqa: ARG002 - nothing is ever finished
        """Return that all of an input is to be read."""
        return 0

    def add(self, shard: Shard) -> None:
        """Write a shard, and see that it goes out."""
        self._shards.append((self._at, shard.encoded.footer))
        self._write(shard.encoded.content)
        self.rejected += shard.rejects.count(b"\n")
        if self._part is not None:
            self._part.write(shard.rejects)

    def end(self, destination: Destination, encoder: Encoder) -> None:  # noqa: ARG002 - same
        """Write the end of the file."""
        self._write(encoder.end(self._shards))
        if self._part is not None and self._rejects is not None:
            self._part.close()
            _beside(self._rejects).replace(self._rejects)

    def _write(self, content: bytes | memoryview) -> None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        self._at += len(content)


class FileOutput:
    """Writes files in a run's folder, each shard with a line in its journal.

    Args:
        journal: Of the run; held.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._ends: dict[str, int] = {}  # of the last finished shard of each file
        self._shards: dict[str, list[tuple[int, bytes]]] = {}  # starts and footers
        for done in journal.done:
            self._note(done)
        self._rows = {done.input: done.rows for done in journal.done}
        self._name = ""
        self._file: BinaryIO
        self._at = 0
        self._stack = contextlib.ExitStack()
        path = journal.path(_REJECTS)
        self._rejects = self._stack.enter_context(path.open("r+b" if path.exists() else "w+b"))
        self._rejects.truncate(journal.done[-1].rejects if journal.done else 0)
        self._rejected = self._rejects.read().count(b"\n")

    def close(self) -> None:
        """Close what is open; what is written stays."""
        self._stack.close()

    def begin(self, destination: Destination, encoder: Encoder) -> None:
        """Open a file where its last finished shard ends."""
        self._name = _stored(destination)
        path = self._journal.path(self._name)
        path.parent.mkdir(parents=True, exist_ok=True)
        finished = self._name in self._ends
        self._file = self._stack.enter_context(path.open("r+b" if finished else "w+b"))
        if finished:
            self._at = self._ends[self._name]
            self._file.truncate(self._at)
            self._file.seek(self._at)
        else:
            self._at = self._file.write(encoder.start())

    def start(self, number: int) -> int | None:
        """Return with which row of an input to begin, or None if a later one has been begun."""
        if number < max(self._rows, default=0):
            return None
        return self._rows.get(number, 0)

    def add(self, shard: Shard) -> None:
        """Write a shard, and note that it is finished."""
        content = shard.encoded.content
        with _writing(self._journal.path(self._name)):
            self._file.write(content)
            self._file.flush()
            self._rejects.write(shard.rejects)
            self._rejects.flush()
        self._rejected += shard.rejects.count(b"\n")
        done = Done(
            output=self._name,
            input=shard.input,
            rows=shard.rows,
            shard_rows=shard.summary.rows,
            start=self._at,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            footer=shard.encoded.footer,
            rejects=self._rejects.tell(),
            summary=shard.summary,
        )
        self._journal.add(done)
        self._note(done)
        self._at += len(content)

    def end(self, destination: Destination, encoder: Encoder) -> None:
        """End the file, and see that it is on the disk."""
        with _writing(self._journal.path(self._name)):
            self._file.write(encoder.end(self._shards.pop(self._name, [])))
            _to_disk(self._file)
            self._file.close()
        if destination.format == "arrow":
            final = self._journal.path(_final(destination))
            final.parent.mkdir(parents=True, exist_ok=True)
            stream_to_file(self._journal.path(self._name), final)

    def _note(self, done: Done) -> None:
        self._ends[done.output] = done.start + done.size
        self._shards.setdefault(done.output, []).append((done.start, done.footer))

    def whole(self) -> None:
        """Note that the output is whole; it is ready to be moved."""
        _to_disk(self._rejects)
        self.close()
        self._journal.complete(rejected=self._rejected)


def move(journal: Journal, *, output: Path, rejects: Path, summary: Path) -> None:
    """Move a whole output, and what goes with it, to their places; the output last.

    Args:
        journal: Of the run; its folder is removed.
        output: The place of the output.
        rejects: That of the rows that could not be read; if there are none, no such file is.
        summary: That of the summary.
    """
    found = journal.path(_REJECTS)
    if found.exists() and not found.stat().st_size:
        found.unlink()
        rejects.unlink(missing_ok=True)  # of an output that is replaced
    _place(found, rejects)
    _place(journal.path(SUMMARY), summary)
    if output.is_dir() and journal.path(_OUTPUT).exists():
        output.rename(journal.path(_REPLACED))  # a folder cannot be renamed to one that is there
    _place(journal.path(_OUTPUT), output)
    journal.remove()


def _place(source: Path, target: Path) -> None:
    """Move a file or folder to its place, in the stead of a file that is there.

    Args:
        source: If it is not there, it has been moved before.
        target: On another file system it is written beside its place first.
    """
    if not source.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        shutil.copyfile(source, _beside(target))
        _beside(target).replace(target)


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Have an error of the system say which file could not be written."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".part")


def _final(destination: Destination) -> str:
    return str(Path(_OUTPUT, destination.name)) if destination.name else _OUTPUT


def _stored(destination: Destination) -> str:
    if destination.format == "arrow":
        return str(Path(_STREAMS, destination.name or "output"))
    return _final(destination)


def _to_disk(stream: BinaryIO) -> None:
    stream.flush()
    os.fsync(stream.fileno())
