"""Files as streams of bytes: plain, gzip, or a member of a zip; told apart by first bytes.

Keeps the place that is being read, so that errors can name it. Knows nothing of what the bytes
mean.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from emoconv.errors import DataError, DataNotFoundError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CHUNK_BYTES", "Source", "open_source"]

CHUNK_BYTES = 1 << 20
"""How much is read at once, and the longest line: 64 bytes for each of 16,384 numbers."""

_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_ZIP_WITH_MEMBER = re.compile(r"(?P<file>.+\.zip):(?P<member>.+)", re.IGNORECASE)
_SHOWN_MEMBERS = 10


@dataclass
class Source:
    """A stream and the place in it.

    Attributes:
        stream: Its bytes, inflated.
        name: ``file``, or ``file.zip:member``.
        line: The 1-based line that was read last; 0 before the first and in binary parts.
        word: The 1-based word that is being read, in binary parts.
    """

    stream: io.BufferedReader
    name: str
    line: int = 0
    word: int = 0

    def error(self, message: str) -> DataError:
        """Return an error that names the file and the place in it."""
        where = f"word {self.word}: " if self.word else ""
        return DataError(where + message, path=self.name, line=self.line or None)

    def read_line(self) -> bytes:
        """Return the next line with its end, or ``b""`` after the last.

        Raises:
            DataError: The line is longer than `CHUNK_BYTES`.
        """
        self.line += 1
        line = self.stream.readline(CHUNK_BYTES)
        if len(line) == CHUNK_BYTES:
            raise self.error(
                f"a line of {CHUNK_BYTES:,} bytes or more: expected a file of word vectors"
            )
        return line


@contextlib.contextmanager
def open_source(path: str | os.PathLike[str], *, member: str | None = None) -> Iterator[Source]:
    """Open a file for reading from its start.

    Args:
        path: The file, or ``"file.zip:member"``.
        member: Which member of a zip; one that holds a single file needs none.

    Raises:
        DataNotFoundError: There is no such file.
        DataError: It is a folder, empty, or not a whole gzip or zip, or it lacks the member;
            also raised for the body of the ``with`` when the stream breaks off there.
    """
    file, member = _split(os.fspath(path), member)
    with contextlib.ExitStack() as stack:
        outer = stack.enter_context(_open(file))
        source = Source(outer, str(file))
        try:
            if outer.peek(4).startswith(_ZIP):
                _enter_zip(source, member, stack)
            elif member is not None:
                raise DataError(f"not a zip file, so it has no member {member!r}", path=file)
            elif outer.peek(2).startswith(_GZIP):
                inflated = stack.enter_context(gzip.GzipFile(fileobj=outer))
                source.stream = io.BufferedReader(inflated, CHUNK_BYTES)
            if not source.stream.peek(1):
                raise source.error("the file is empty")
            yield source
        except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as error:
            raise source.error(
                f"the compressed data is cut short or broken ({error}); fetch the file again"
            ) from error


def _split(path: str, member: str | None) -> tuple[Path, str | None]:
    """Part ``file.zip:member``, unless a member is named or a file of that whole name exists."""
    parted = _ZIP_WITH_MEMBER.fullmatch(path)
    if member is not None or parted is None or Path(path).exists():
        return Path(path), member
    return Path(parted["file"]), parted["member"]


def _open(file: Path) -> io.BufferedReader:
    if file.is_dir():
        raise DataError("this is a folder: expected a file of word vectors", path=file)
    try:
        return io.BufferedReader(io.FileIO(file), CHUNK_BYTES)
    except FileNotFoundError:
        siblings = [p.name for p in file.parent.iterdir()] if file.parent.is_dir() else []
        hint = did_you_mean(file.name, siblings)
        raise DataNotFoundError(f"there is no such file{hint}", path=file) from None


def _enter_zip(source: Source, member: str | None, stack: contextlib.ExitStack) -> None:
    """Turn the source into the stream of one member of its zip file."""
    archive = stack.enter_context(zipfile.ZipFile(source.stream))
    name = _choose(archive, source, member)
    try:
        inflated = cast(zipfile.ZipExtFile, stack.enter_context(archive.open(name)))
    except RuntimeError as error:  # it is encrypted, or packed by a method that zipfile lacks
        raise source.error(f"cannot unpack {name!r} ({error})") from error
    source.stream = io.BufferedReader(inflated, CHUNK_BYTES)
    source.name = f"{source.name}:{name}"


def _choose(archive: zipfile.ZipFile, source: Source, member: str | None) -> str:
    names = [info.filename for info in archive.infolist() if not info.is_dir()]
    if member is None and len(names) == 1:
        return names[0]
    if member in names:
        return str(member)
    listed = ", ".join(names[:_SHOWN_MEMBERS]) + (", ..." if len(names) > _SHOWN_MEMBERS else "")
    if not names:
        raise source.error("the zip file holds no files")
    if member is None:
        raise source.error(
            f"the zip file holds {len(names)} files, name one of them as in"
            f" {source.name + ':' + names[0]!r}: {listed}"
        )
    raise source.error(
        f"the zip file holds {listed}, and no {member!r}{did_you_mean(member, names)}"
    )
