"""What a run has finished, kept so that another run can go on from there.

Beside the output a folder of its name and ``.partial`` holds, while a run is under way::

    lock            held by the run's process, and let go by the system when it ends
    journal.jsonl   what is scored and how, then a line for each finished shard
    output          the output so far: a file, or a folder of files
    rejects.jsonl   the rows that could not be read, so far

A line of the journal is written when the bytes that it speaks of are. What lies behind the last
line's bytes is cut off when a run goes on, and shards whose bytes do not have the checksum of
their line are scored again. Knows nothing of formats and models.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import itertools
import json
import shutil
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, BinaryIO, Self

import numpy as np

from emoconv.errors import DataError
from emoconv.scoring.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["Done", "Journal"]

_JOURNAL = "journal.jsonl"


@dataclass(frozen=True)
class Done:
    """A finished shard.

    Attributes:
        output: The file that it is in, of the output's.
        input: Which input it is of.
        rows: How many rows of that input were kept up to its end.
        shard_rows: How many of them are its own.
        start: Where in the file its bytes start.
        size: How many they are.
        sha256: Of them.
        footer: What the end of the file has to know of it.
        rejects: How long the rejects are after it, in bytes.
        summary: Of its rows.
    """

    output: str
    input: int
    rows: int
    shard_rows: int
    start: int
    size: int
    sha256: str
    footer: bytes
    rejects: int
    summary: Summary

    def to_json(self) -> str:
        """Return a line of JSON."""
        row = {field.name: getattr(self, field.name) for field in fields(self)}
        row["footer"] = base64.b64encode(self.footer).decode()
        row["summary"] = [
            value.tolist() if isinstance(value, np.ndarray) else value
            for value in (getattr(self.summary, field.name) for field in fields(Summary)[1:])
        ]
        return json.dumps(row)

    @classmethod
    def from_dict(cls, row: dict[str, Any], labels: Sequence[str]) -> Done:
        """Make one of what `to_json` wrote."""
        names = [field.name for field in fields(Summary)[1:]]  # all but the labels
        empty = Summary.nothing(labels)
        values: dict[str, Any] = {
            name: np.array(value, dtype=getattr(empty, name).dtype)
            if isinstance(value, list)
            else value
            for name, value in zip(names, row.pop("summary"), strict=True)
        }
        footer = base64.b64decode(row.pop("footer"))
        return cls(**row, footer=footer, summary=Summary(labels=tuple(labels), **values))


class Journal:
    """The folder of a run under way; a context that holds its lock.

    Args:
        output: Where the output is going to be.
        header: What is scored, by what, and how: plain values for JSON. A run that goes on takes
            the ``engine`` from the journal; all else has to be the same.
        labels: L names.
        restart: Whether what an earlier run left is forgotten.

    Attributes:
        folder: The folder.
        header: That of the journal.
        done: The finished shards that an earlier run left, in order.
        count: How many shards are finished.
        is_complete: Whether nothing is left to do but to move the output to its place.
        rejected: If so, how many rows could not be read.

    Raises:
        DataError: Another run holds the lock, or what is left is of something else.
    """

    def __init__(
        self, output: Path, header: Mapping[str, Any], *, labels: Sequence[str], restart: bool
    ) -> None:
        self.folder = output.with_name(output.name + ".partial")
        self.header = dict(header)
        self.done: list[Done] = []
        self.count = 0
        self.is_complete, self.rejected = False, 0
        self._labels, self._restart = tuple(labels), restart
        self._stack = contextlib.ExitStack()
        self._lines: BinaryIO

    def __enter__(self) -> Self:
        """Take the lock and read what is there."""
        with contextlib.ExitStack() as stack:
            self._check_ours()
            stack.enter_context(self._lock())
            if self._restart:
                self._clear()
            path = self.path(_JOURNAL)
            length = self._load(path.read_bytes()) if path.exists() else 0
            self._lines = stack.enter_context(path.open("r+b" if length else "w+b"))
            self._lines.truncate(length)
            self._lines.seek(length)
            if not length:
                self._append(json.dumps(self.header))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        """Let the lock go; where no shard was finished, leave nothing."""
        if self.folder.exists() and not self.count and not self.is_complete:
            self.remove()
        self._stack.close()

    def path(self, name: str) -> Path:
        """Return where a file of the run is."""
        return self.folder / name

    def add(self, done: Done) -> None:
        """Note that a shard is finished; its bytes have been written."""
        self.count += 1
        self._append(done.to_json())

    def complete(self, *, rejected: int) -> None:
        """Note that the output is whole, and how many rows could not be read."""
        self._append(json.dumps({"complete": True, "rejected": rejected}))
        self.is_complete, self.rejected = True, rejected

    def remove(self) -> None:
        """Remove the folder, as its output has been moved away."""
        self._clear()
        self._stack.close()
        self.path("lock").unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # another run has come and waits in it
            self.folder.rmdir()

    def _append(self, line: str) -> None:
        self._lines.write(line.encode() + b"\n")
        self._lines.flush()

    def _check_ours(self) -> None:
        """Check that a folder that is there is a run's, and may be changed."""
        there = {path.name for path in self.folder.iterdir()} if self.folder.is_dir() else set()
        if self.folder.is_file() or (there - {"lock"} and _JOURNAL not in there):
            raise DataError(
                "this is in the way of a run, and none of ours; move it, or choose another output",
                path=self.folder,
            )

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        import filelock  # noqa: PLC0415 - wanted by who writes files

        self.folder.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(self.path("lock"), timeout=0)
        try:
            lock.acquire()
        except filelock.Timeout:
            raise DataError(
                "another run is writing this output; wait for it, or choose another output",
                path=self.folder,
            ) from None
        try:
            yield
        finally:
            lock.release()

    def _clear(self) -> None:
        """Remove all but the lock; the journal last, so that what is complete stays so."""
        for path in sorted(self.folder.iterdir(), key=lambda path: path.name == _JOURNAL):
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != "lock":
                path.unlink()

    def _load(self, content: bytes) -> int:
        """Take over what is finished, and return the length of the journal up to there."""
        lines = list(_rows(content))
        if not lines:
            return 0
        ends = list(itertools.accumulate(length for _, length in lines))
        header, *rows = [row for row, _ in lines]
        self.header["engine"] = header.get("engine")
        self._check_same(header)
        self.is_complete = bool(rows) and "complete" in rows[-1]
        self.rejected = rows[-1]["rejected"] if self.is_complete else 0
        shards = [Done.from_dict(row, self._labels) for row in rows if "complete" not in row]
        self.done = shards if self.is_complete else self._whole(shards)
        self.count = len(self.done)
        return ends[-1] if self.is_complete else ends[len(self.done)]

    def _check_same(self, header: Mapping[str, Any]) -> None:
        """Check that what is half done is what is to be done."""
        changed = [name for name in self.header if header.get(name) != self.header[name]]
        if changed:
            raise DataError(
                "what was begun here is not what is asked for: "
                f"{_differences(header, self.header)}; --restart forgets what was begun",
                path=self.folder,
            )

    def _whole(self, shards: Sequence[Done]) -> list[Done]:
        """Return the shards, from the first on, whose bytes are those that they were."""
        whole: list[Done] = []
        for name, group in itertools.groupby(shards, key=lambda done: done.output):
            path = self.path(name)
            if not path.exists():
                return whole
            with path.open("rb") as stream:
                for done in group:
                    stream.seek(done.start)
                    if hashlib.sha256(stream.read(done.size)).hexdigest() != done.sha256:
                        return whole
                    whole.append(done)
        while whole and not whole[-1].shard_rows:  # rejects alone, which would come again
            whole.pop()
        return whole


def _rows(content: bytes) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield what each line says, and its length; none behind one that is not whole."""
    for line in content.splitlines(keepends=True):
        try:
            row = json.loads(line)
        except ValueError:
            return
        if not line.endswith(b"\n"):
            return
        yield row, len(line)


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Say in what two headers differ."""
    parts = []
    for name, value in now.items():
        old: Any = before.get(name)
        if old == value:
            continue
        if name == "inputs":
            parts.append(_changed_inputs(old, value))
        elif name == "model":
            parts.append("the model is another")
        else:
            parts.append(f"{name} is {value!r} and was {old!r}")
    return ", ".join(parts)


def _changed_inputs(before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> str:
    paths = [[file["path"] for file in files] for files in (before, now)]
    if paths[0] != paths[1]:
        return f"the inputs are {', '.join(paths[1])} and were {', '.join(paths[0])}"
    changed = [new["path"] for old, new in zip(before, now, strict=True) if old != new]
    return f"{', '.join(changed)} changed meanwhile"
