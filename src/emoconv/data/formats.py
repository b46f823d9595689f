"""CSV, TSV, JSON Lines and Parquet files as named columns of plain Python values.

Knows nothing of texts and labels.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emoconv.data.records import check_widths, read_csv, read_lines
from emoconv.errors import ConfigError, DataError, DataNotFoundError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa
    import pyarrow.parquet as pq

__all__ = ["TABLE_FORMATS", "Table", "open_table", "parquet_rows", "parquet_tables", "table_format"]

TABLE_FORMATS = ("csv", "tsv", "jsonl", "parquet")

_ENDINGS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}


@dataclass(frozen=True)
class Table:
    """A table whose columns are read when they are asked for.

    Args:
        path: The file.
        names: The column names, in order.
        lines: For each row its 1-based line, or its row number in Parquet.
        values: The values of the column of that name, one for each row: str in CSV and TSV, what
            JSON or Arrow has in the others (None where a Parquet value is null).
    """

    path: Path
    names: Sequence[str]
    lines: Sequence[int]
    values: Callable[[str], Sequence[object]]

    def column(self, name: str) -> Sequence[object]:
        """Return the values of a column.

        Raises:
            DataError: There is no such column, or (JSON Lines) a row does not have it.
        """
        if name not in self.names:
            raise DataError(
                f"no column {name!r} (the columns are {', '.join(self.names)})"
                f"{did_you_mean(name, self.names)}",
                path=self.path,
            )
        return self.values(name)


def table_format(path: Path) -> str:
    """Return the format that a file's ending names; ``.gz`` after it is passed over.

    Raises:
        DataError: The ending is none of those known.
    """
    name = path.name.lower().removesuffix(".gz")
    for ending, format_ in _ENDINGS.items():
        if name.endswith(ending):
            return format_
    raise DataError(
        f"the ending does not name a format; expected one of {', '.join(_ENDINGS)} "
        "(.gz may follow), or name the format",
        path=path,
    )


def open_table(path: Path, format: str | None = None) -> Table:  # noqa: A002 - the option's name
    """Open a table.

    Args:
        path: The file. Text formats may be packed (``.gz``).
        format: One of ``TABLE_FORMATS``; None takes it from the ending.

    Raises:
        ConfigError: The format is unknown.
        DataNotFoundError: There is no such file.
        DataError: The file is not of its format, has a column twice, or has no rows.
    """
    format_ = format or table_format(path)
    if format_ not in _OPENERS:
        hint = did_you_mean(format_, TABLE_FORMATS)
        raise ConfigError(f"format {format_!r} is not one of {', '.join(TABLE_FORMATS)}{hint}")
    table = _OPENERS[format_](path)
    twice = [name for name in table.names if table.names.count(name) > 1]
    if twice:
        raise DataError(f"column {twice[0]!r} is there twice", path=path)
    if not table.lines:
        raise DataError("a header and no rows", path=path)
    return table


def _open_csv(path: Path) -> Table:
    return _delimited(path, *read_csv(path))


def _open_tsv(path: Path) -> Table:
    """Tabs separate, lines end rows, and nothing is quoted: a quote is part of its text."""
    records = [line.split("\t") for line in read_lines(path)]
    lines = range(1, len(records) + 1)
    check_widths(records, lines, path=path)
    return _delimited(path, records, lines)


def _delimited(path: Path, records: Sequence[list[str]], lines: Sequence[int]) -> Table:
    names, records = records[0], records[1:]

    def values(name: str) -> list[str]:
        column = names.index(name)
        return [record[column] for record in records]

    return Table(path, names, lines[1:], values)


def _open_jsonl(path: Path) -> Table:
    """Open JSON Lines, an object a line; the columns are the keys of the first."""
    lines = read_lines(path)
    rows: list[dict[str, object]] = []
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataError(f"not JSON ({error})", path=path, line=number) from None
        if not isinstance(row, dict):
            raise DataError(
                f"a JSON {type(row).__name__}, expected an object", path=path, line=number
            )
        rows.append(row)

    def values(name: str) -> list[object]:
        for number, row in enumerate(rows, 1):
            if name not in row:
                hint = did_you_mean(name, row)
                raise DataError(f"no key {name!r}{hint}", path=path, line=number)
        return [row[name] for row in rows]

    return Table(path, list(rows[0]), range(1, len(rows) + 1), values)


def parquet_tables(path: Path, columns: Sequence[str], *, rows: int) -> Iterator[Table]:
    """Yield a Parquet file as tables of some of its rows, in their order; memory holds one.

    Args:
        path: The file.
        columns: The columns to read; one that is not there is left to who asks for it.
        rows: How many rows a table has; the last one may have fewer.

    Raises:
        DataNotFoundError: There is no such file.
        DataError: The file is not Parquet, or is broken.
    """
    import pyarrow as pa  # noqa: PLC0415 - heavy, wanted by Parquet only

    file = _parquet_file(path)
    names = file.schema_arrow.names
    there = [name for name in names if name in columns]
    first = 1
    try:
        for batch in file.iter_batches(rows, columns=there):
            lines = range(first, first + batch.num_rows)
            columns_of = {name: batch.column(name) for name in there}
            yield Table(path, names, lines, functools.partial(_listed, columns_of))
            first = lines.stop
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"broken Parquet ({_first_line(error)})", path=path) from None


def parquet_rows(path: Path) -> int:
    """Return how many rows a Parquet file says it has.

    Raises:
        DataNotFoundError: There is no such file.
        DataError: It is not Parquet.
    """
    rows: int = _parquet_file(path).metadata.num_rows
    return rows


def _listed(columns: Mapping[str, pa.Array], name: str) -> list[object]:
    values: list[object] = columns[name].to_pylist()
    return values


def _parquet_file(path: Path) -> pq.ParquetFile:
    import pyarrow as pa  # noqa: PLC0415 - heavy, wanted by Parquet only
    import pyarrow.parquet as pq  # noqa: PLC0415 - same

    if not path.exists():
        raise DataNotFoundError("no such file", path=path)
    if path.is_dir():
        raise DataError("this is a folder, expected a file", path=path)
    try:
        return pq.ParquetFile(path, memory_map=True)
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"not a Parquet file ({_first_line(error)})", path=path) from None


def _open_parquet(path: Path) -> Table:
    import pyarrow as pa  # noqa: PLC0415 - heavy, wanted by Parquet only

    file = _parquet_file(path)
    names = file.schema_arrow.names

    def values(name: str) -> list[object]:
        try:
            column: list[object] = file.read(columns=[name]).column(name).to_pylist()
        except (pa.ArrowException, OSError) as error:
            raise DataError(f"broken Parquet ({_first_line(error)})", path=path) from None
        return column

    return Table(path, names, range(1, file.metadata.num_rows + 1), values)


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n")[0].rstrip(".")


_OPENERS = {
    "csv": _open_csv,
    "tsv": _open_tsv,
    "jsonl": _open_jsonl,
    "parquet": _open_parquet,
}
