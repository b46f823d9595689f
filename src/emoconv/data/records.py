"""UTF-8 text files as lines and as CSV records, and cells as multi-hot rows.

Every complaint names the file and the line. Knows nothing of what the columns mean.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from emoconv.errors import DataError, DataNotFoundError, LabelError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = [
    "MAX_LINE_CHARS",
    "ZERO_ONE",
    "check_widths",
    "multi_hot",
    "open_bytes",
    "read_csv",
    "read_lines",
    "read_text",
    "zero_one_numbers",
]

MAX_LINE_CHARS = 10_000_000
"""The longest line, or quoted CSV field, that is taken for data and not for a broken file.

A book of 1,500 pages has 3 million characters; a file without line ends is nearly always longer.
"""

ZERO_ONE = {"0": False, "0.0": False, "1": True, "1.0": True}
"""How files write whether a label holds."""

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")

Cell = TypeVar("Cell")


@contextmanager
def open_bytes(path: Path) -> Iterator[gzip.GzipFile | io.BufferedReader]:
    """Open a file to read bytes; one whose name ends in ``.gz`` is unpacked.

    Raises:
        DataNotFoundError: There is no such file.
        DataError: It is a folder, cannot be read, or is not a whole gzip file.
    """
    try:
        with path.open("rb") as file:
            yield gzip.GzipFile(fileobj=file) if path.suffix == ".gz" else file
    except FileNotFoundError:
        raise DataNotFoundError("no such file", path=path) from None
    except IsADirectoryError:
        raise DataError("this is a folder, expected a file", path=path) from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(f"not a whole gzip file ({error})", path=path) from None
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror})", path=path) from None


def read_text(path: Path) -> str:
    """Read a whole UTF-8 text file; a byte order mark at its start is dropped.

    Raises:
        DataNotFoundError: There is no such file.
        DataError: It is a folder, empty, binary, UTF-16 or not valid UTF-8 (names the line).
    """
    with open_bytes(path) as file:
        raw = file.read()
    if raw.startswith(_UTF16_MARKS):
        raise DataError("looks like UTF-16; convert it to UTF-8", path=path)
    if (at := raw.find(b"\0")) >= 0:
        line = raw.count(b"\n", 0, at) + 1
        raise DataError("a zero byte: a binary file; expected UTF-8 text", path=path, line=line)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        byte = error.object[error.start]
        raise DataError(
            f"byte 0x{byte:02x} is not UTF-8; convert the file to UTF-8", path=path, line=line
        ) from None
    if not text.strip("\r\n"):
        raise DataError("the file is empty", path=path)
    return text


def read_lines(path: Path) -> list[str]:
    r"""Read the lines of a UTF-8 text file without their ends (LF or CR LF).

    Only these end a line: U+2028 and its kind may be part of a text. Blank lines at the end of
    the file are dropped.

    Raises:
        DataNotFoundError: There is no such file.
        DataError: As ``read_text``, or a line is longer than ``MAX_LINE_CHARS``.
    """
    lines = [line.removesuffix("\r") for line in read_text(path).split("\n")]
    while not lines[-1]:
        lines.pop()
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_LINE_CHARS:
            raise DataError(
                f"a line of {len(line):,} characters, expected at most {MAX_LINE_CHARS:,}: "
                "are line ends missing?",
                path=path,
                line=number,
            )
    return lines


def read_csv(path: Path) -> tuple[list[list[str]], list[int]]:
    """Read comma-separated records, quoted as in RFC 4180 (line ends may stand inside quotes).

    Blank lines at the end of the file are dropped.

    Returns:
        The records, each a list of fields, all as many as the first has, and the 1-based line
        on which each begins.

    Raises:
        DataNotFoundError: There is no such file.
        DataError: As ``read_text``, or the quoting is broken, a field is longer than
            ``MAX_LINE_CHARS``, or a record has more or fewer fields than the first.
    """
    # The limit belongs to the csv module as a whole; it is only ever raised here.
    csv.field_size_limit(max(csv.field_size_limit(), MAX_LINE_CHARS))
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    records: list[list[str]] = []
    lines: list[int] = []
    line = 1
    try:
        for record in reader:
            records.append(record)
            lines.append(line)
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"not CSV as in RFC 4180 ({error})", path=path, line=line) from None
    while not records[-1]:
        records.pop()
        lines.pop()
    check_widths(records, lines, path=path)
    return records, lines


def check_widths(records: Sequence[Sequence[str]], lines: Sequence[int], *, path: Path) -> None:
    """Raise DataError at the first record that is not as wide as the first one."""
    width = len(records[0])
    for record, line in zip(records, lines, strict=True):
        if len(record) != width:
            raise DataError(
                f"{len(record)} fields, expected {width} as in the header", path=path, line=line
            )


def multi_hot(
    cells: Sequence[Cell],
    lines: Sequence[int],
    decode: Callable[[Cell], Sequence[int]],
    *,
    width: int,
    path: Path,
) -> NDArray[np.bool_]:
    """Turn N label cells into a bool (N, width) array, decoding each distinct cell once.

    Args:
        cells: N hashable cells.
        lines: The line of each.
        decode: The numbers of a cell's labels, 0 to width - 1; raises LabelError.
        width: L, the number of labels.
        path: The file, for the complaint.

    Raises:
        DataError: A cell cannot be decoded.
    """
    kinds: dict[Cell, int] = {}
    known: list[Sequence[int]] = []
    rows = np.empty(len(cells), dtype=np.intp)
    for row, cell in enumerate(cells):
        kind = kinds.get(cell)
        if kind is None:
            try:
                known.append(decode(cell))
            except LabelError as error:
                raise DataError(str(error), path=path, line=lines[row]) from None
            kind = kinds[cell] = len(kinds)
        rows[row] = kind
    table = np.zeros((len(known), width), dtype=np.bool_)
    for kind, numbers in enumerate(known):
        table[kind, list(numbers)] = True
    return table[rows]


def zero_one_numbers(
    cells: Sequence[str], *, names: Sequence[str], values: Mapping[str, bool]
) -> list[int]:
    """Return the numbers of the labels that hold, from one cell for each label.

    Args:
        cells: L cells.
        names: The L labels' names, for the complaint.
        values: What may stand in a cell, and whether the label then holds.

    Raises:
        LabelError: A cell holds something else.
    """
    for name, cell in zip(names, cells, strict=True):
        if cell not in values:
            raise LabelError(f"label column {name!r} holds {cell!r}, expected 0 or 1")
    return [number for number, cell in enumerate(cells) if values[cell]]
