"""Which files are scored, what format each has, and whether one has changed since.

Knows names and bytes of files, and nothing of what is in them.
"""

from __future__ import annotations

import glob
import hashlib
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from emoconv.errors import ConfigError, DataError, DataNotFoundError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = [
    "FORMATS",
    "STANDARD",
    "Format",
    "Input",
    "Packing",
    "find_inputs",
    "fingerprint",
    "format_of",
    "known_format",
]

Format = Literal["csv", "tsv", "jsonl", "lines", "parquet", "arrow", "arrows"]
"""``lines``: a text a line; ``arrow``: Arrow's IPC file; ``arrows``: its IPC stream."""

FORMATS: tuple[Format, ...] = ("csv", "tsv", "jsonl", "lines", "parquet", "arrow", "arrows")

Packing = Literal["gzip", "zstd"]
"""What a whole file is compressed with."""

STANDARD = "-"
"""The name that stands for standard input and output."""

_ENDINGS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".txt": "lines",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".arrows": "arrows",
}

_PACKINGS: dict[str, Packing] = {".gz": "gzip", ".zst": "zstd", ".zstd": "zstd"}

_UNPACKED = ("parquet", "arrow")
"""Formats that are read from any place in the file, and so not from a packed one."""

_ENDS_BYTES = 2**20
"""So much of a file's start and of its end is in its fingerprint."""


@dataclass(frozen=True)
class Input:
    """A file to score.

    Attributes:
        path: Where it is, or ``-``.
        format: How its rows are written.
        packing: What it is compressed with, if it is.
        name: Its path below the folder that was named, or its own name.
    """

    path: str
    format: Format
    packing: Packing | None
    name: str


def known_format(path: str) -> tuple[Format | None, Packing | None]:
    """Return the format and the packing that a file's ending names; None for what it does not.

    Example:
        >>> known_format("comments.csv.gz")
        ('csv', 'gzip')
    """
    stem, ending = os.path.splitext(path.lower())  # noqa: PTH122 - a name, perhaps a URI
    packing = _PACKINGS.get(ending)
    if packing is not None:
        ending = os.path.splitext(stem)[1]  # noqa: PTH122 - same
    return _ENDINGS.get(ending), packing


def format_of(path: str, named: Format | None = None) -> tuple[Format, Packing | None]:
    """Return a file's format, the named one or that of its ending, and its packing.

    Raises:
        ConfigError: There is no such format.
        DataError: Nothing tells the format, or a file of it cannot be packed.
    """
    if named is not None and named not in FORMATS:
        hint = did_you_mean(named, FORMATS)
        raise ConfigError(f"format {named!r} is not one of {', '.join(FORMATS)}{hint}")
    by_ending, packing = known_format(path)
    found = named or by_ending
    if found is None:
        what = "standard input has no ending" if path == STANDARD else "the ending names no format"
        raise DataError(
            f"{what}; name one: --format {'|'.join(FORMATS)} (known endings: "
            f"{', '.join(_ENDINGS)}, and .gz or .zst after them)",
            path=None if path == STANDARD else path,
        )
    if packing is not None and found in _UNPACKED:
        raise DataError(
            f"{found} compresses inside and is not packed as a whole; unpack the file first, or "
            "write it without the last ending",
            path=path,
        )
    return found, packing


def find_inputs(names: Sequence[str], named: Format | None = None) -> list[Input]:
    """Return the files that paths, patterns and folders name, in their order.

    A folder stands for all files below it whose ending is known, or for all if a format is named,
    but for those that start with a dot or an underscore; they come in the order of their paths,
    and so do those of a pattern.

    Args:
        names: Paths, patterns such as ``"2024/*.csv"``, folders, or ``-`` for standard input.
        named: The format of all of them; None takes it from each ending.

    Raises:
        ConfigError: There is no such format, a file is named twice, or ``-`` is not alone.
        DataNotFoundError: There is no such file, or a folder or pattern has none.
        DataError: Nothing tells a file's format.
    """
    found = [
        Input(path, *format_of(path, named), name=below)
        for name in names
        for path, below in _files(name, every=named is not None)
    ]
    for path, count in Counter(_absolute(file.path) for file in found).items():
        if count > 1:
            raise ConfigError(f"{path} is named twice; name each file once")
    if len(found) > 1 and STANDARD in {file.path for file in found}:
        raise ConfigError("standard input (-) cannot be scored together with files")
    return found


def _files(name: str, *, every: bool) -> Iterator[tuple[str, str]]:
    """Yield the path of each file that a name stands for, and its name below."""
    path = Path(name)
    if name == STANDARD:
        yield name, "standard input"
    elif path.is_dir():
        yield from ((str(path / file), str(file)) for file in _below(path, every=every))
    elif path.is_file():
        yield name, path.name
    elif path.exists():
        raise DataError("not a file; pipe it into standard input (-) instead", path=name)
    else:
        matches = sorted(glob.glob(name, recursive=True)) if glob.has_magic(name) else []  # noqa: PTH207 - a pattern may be absolute
        files = [match for match in matches if Path(match).is_file()]
        if not files:
            kind = "no file matches this pattern" if glob.has_magic(name) else "no such file"
            raise DataNotFoundError(kind, path=name)
        yield from ((match, Path(match).name) for match in files)


def _below(folder: Path, *, every: bool) -> list[Path]:
    """Return the files below a folder that are wanted, in order, from there on."""
    below = [
        Path(inner, file).relative_to(folder)
        for inner, _, files in os.walk(folder, onerror=_raise)
        for file in files
    ]
    chosen = [
        file
        for file in sorted(below)
        if not any(part.startswith((".", "_")) for part in file.parts)
        and (every or known_format(file.name)[0] is not None)
    ]
    if not chosen:
        what = "no file in this folder" + ("" if every else " has a known ending")
        raise DataNotFoundError(what, path=folder)
    return chosen


def _raise(error: OSError) -> None:
    """Have a folder that cannot be looked into end the search."""
    raise error


def _absolute(path: str) -> str:
    return path if path == STANDARD else os.path.abspath(path)  # noqa: PTH100 - keeps links apart


def fingerprint(files: Iterable[Input]) -> list[dict[str, object]]:
    """Return what tells whether files are those they were.

    For each its path, its size in bytes, when it was changed, in nanoseconds, and the SHA-256 of
    its first and last mebibyte: enough to see a change, and quick for files of any size.
    """
    return [_print_of(file.path) for file in files]


def _print_of(path: str) -> dict[str, object]:
    with Path(path).open("rb") as stream:
        status = os.fstat(stream.fileno())
        digest = hashlib.sha256(stream.read(_ENDS_BYTES))
        stream.seek(max(0, status.st_size - _ENDS_BYTES))
        digest.update(stream.read(_ENDS_BYTES))
    return {
        "path": path,
        "bytes": status.st_size,
        "changed_ns": status.st_mtime_ns,
        "ends_sha256": digest.hexdigest(),
    }
