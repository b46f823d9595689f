"""Copy rows of a data file as they stand: same format, same columns, same bytes of each row."""

from __future__ import annotations

import gzip
import io
from typing import TYPE_CHECKING

from emoconv.data.formats import open_table, table_format
from emoconv.data.records import read_lines, read_text
from emoconv.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

__all__ = ["check_copy", "line_numbers", "write_rows"]

_HEADLESS = ("official", "jsonl")


def line_numbers(path: Path, format: str) -> Sequence[int]:  # noqa: A002 - as in `read`
    """Return the 1-based line of each row's beginning, in Parquet its number.

    Args:
        path: A file that ``emoconv.data.read`` reads.
        format: Its format, as ``emoconv.data.file_format`` tells it; not the raw release's.

    Raises:
        DataError: It cannot be read.
    """
    if format == "official":
        return range(1, len(read_lines(path)) + 1)
    return open_table(path, format).lines


def check_copy(path: Path, format: str, output: Path) -> None:  # noqa: A002 - as in `read`
    """Check that a copy may be written there, before anything else is done.

    Raises:
        DataError: The copy's ending names another format than the file has, or one of the two is
            packed and the other is not, or they are the same file.
    """
    wanted = "tsv" if format == "official" else format
    if table_format(output) != wanted or (output.suffix == ".gz") != (path.suffix == ".gz"):
        raise DataError(
            f"a copy of {path.name} has its format; expected a name that ends in .{wanted}"
            + (".gz" if path.suffix == ".gz" else ""),
            path=output,
        )
    if output.resolve() == path.resolve():
        raise DataError("this is the file itself; name another for its copy", path=output)


def write_rows(path: Path, format: str, rows: Iterable[int], output: Path) -> None:  # noqa: A002 - same
    """Write some rows of a file into another, beside its place first, then move it there.

    Args:
        path: The file.
        format: Its format; not the raw release's.
        rows: Their places, from 0, ascending.
        output: Where the copy goes, of the same format; one that is there is replaced.

    Raises:
        DataError: The file cannot be read, or the copy's name does not fit.
    """
    check_copy(path, format, output)
    output.parent.mkdir(parents=True, exist_ok=True)
    unfinished = output.with_name(output.name + ".part")
    if format == "parquet":
        _write_parquet(path, rows, unfinished)
    else:
        content = _selected(path, format, rows).encode()
        packed = gzip.compress(content, mtime=0) if output.suffix == ".gz" else content
        unfinished.write_bytes(packed)
    unfinished.replace(output)


def _selected(path: Path, format: str, rows: Iterable[int]) -> str:  # noqa: A002 - same
    """Return the header, if there is one, and the lines of the rows."""
    text = read_text(path)
    # The csv module ends lines at a lone carriage return too; the other formats do not.
    lines = list(io.StringIO(text, newline="" if format == "csv" else "\n"))
    begins = line_numbers(path, format)
    ends = [*begins[1:], len(lines) + 1]
    header = [] if format in _HEADLESS else lines[: begins[0] - 1]
    return "".join([*header, *("".join(lines[begins[row] - 1 : ends[row] - 1]) for row in rows)])


def _write_parquet(path: Path, rows: Iterable[int], output: Path) -> None:
    import pyarrow.parquet as pq  # noqa: PLC0415 - heavy, wanted by Parquet only

    pq.write_table(pq.read_table(path).take(list(rows)), output)
