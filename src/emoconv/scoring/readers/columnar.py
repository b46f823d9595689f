"""Parquet and Arrow: batches of rows as they lie in the file, from any row on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeVar

from emoconv.errors import DataError
from emoconv.scoring.inputs import STANDARD
from emoconv.scoring.pieces import SHARD_ROWS, Piece
from emoconv.scoring.readers.base import Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

    from emoconv.scoring.inputs import Input

__all__ = ["ArrowReader", "ArrowStreamReader", "ParquetReader"]

Result = TypeVar("Result")

_BUFFER_BYTES = 2**20
"""A column's pages are read through a buffer of this size, not all of a row group's at once."""


class ParquetReader(Reader):
    """Reads a Parquet file.

    Attributes:
        schema: Its columns.
        size: Of positions: rows.

    Raises:
        DataError: It is no Parquet file.
    """

    def __init__(self, file: Input) -> None:
        import pyarrow.parquet as pq  # noqa: PLC0415 - heavy; wanted by who reads

        _check_seekable(file)
        self._path = file.path
        self._file = _tried(
            lambda: pq.ParquetFile(
                file.path, buffer_size=_BUFFER_BYTES, pre_buffer=False, memory_map=False
            ),
            "not a Parquet file",
            file.path,
        )
        self.schema: pa.Schema = self._file.schema_arrow
        self.size: int = self._file.metadata.num_rows

    def first(self, start: int) -> int:
        """Return which row `read` begins with where row ``start`` is wanted."""
        return self._group(start)[1]

    def read(self, start: int) -> Iterator[Piece]:
        """Yield the rows from the start of a row group on.

        Raises:
            DataError: The file is broken.
        """
        group, position = self._group(start)
        groups = range(group, self._file.num_row_groups)
        with self._file:
            batches = self._file.iter_batches(batch_size=SHARD_ROWS, row_groups=groups)
            for batch in _sound(batches, "broken Parquet", self._path):
                position += batch.num_rows
                yield Piece(batch, [], position)

    def _group(self, start: int) -> tuple[int, int]:
        """Return the row group that holds a row, and the number of its first."""
        first = 0
        for group in range(self._file.num_row_groups):
            rows = self._file.metadata.row_group(group).num_rows
            if start < first + rows:
                return group, first
            first += rows
        return self._file.num_row_groups, first


class ArrowReader(Reader):
    """Reads an Arrow IPC file, also called Feather (version 2).

    Attributes:
        schema: Its columns.
        size: Of positions: batches of the file.

    Raises:
        DataError: It is no Arrow IPC file.
    """

    def __init__(self, file: Input) -> None:
        import pyarrow as pa  # noqa: PLC0415 - heavy; wanted by who reads

        _check_seekable(file)
        self._path = file.path
        self._source = pa.OSFile(file.path)
        self._file = _tried(
            lambda: pa.ipc.open_file(self._source),
            "not an Arrow IPC file (a stream ends with .arrows)",
            file.path,
        )
        self.schema: pa.Schema = self._file.schema
        self.size: int = self._file.num_record_batches

    def read(self, start: int) -> Iterator[Piece]:  # noqa: ARG002 - batches do not say how long they are
        """Yield the rows.

        Raises:
            DataError: The file is broken.
        """
        with self._source:
            batches = map(self._file.get_batch, range(self.size))
            for number, batch in enumerate(_sound(batches, "broken Arrow", self._path), start=1):
                yield Piece(batch, [], number)


class ArrowStreamReader(Reader):
    """Reads an Arrow IPC stream, a file or standard input.

    Attributes:
        schema: Its columns.
        size: Of positions: bytes; 0 if that is not known.

    Raises:
        DataError: It is no Arrow IPC stream.
    """

    def __init__(self, file: Input) -> None:
        import pyarrow as pa  # noqa: PLC0415 - heavy; wanted by who reads

        self._path = file.path
        if file.path == STANDARD:
            self._source, self.size = pa.PythonFile(sys.stdin.buffer, mode="r"), 0
        else:
            self._source = pa.OSFile(file.path)
            self.size = int(self._source.size())
        packing = file.packing
        stream = pa.CompressedInputStream(self._source, packing) if packing else self._source
        self._stream = _tried(
            lambda: pa.ipc.open_stream(stream), "not an Arrow IPC stream", file.path
        )
        self.schema: pa.Schema = self._stream.schema

    def read(self, start: int) -> Iterator[Piece]:  # noqa: ARG002 - a stream has one beginning
        """Yield the rows.

        Raises:
            DataError: The stream is broken.
        """
        with self._source:
            for batch in _sound(iter(self._stream), "broken Arrow", self._path):
                yield Piece(batch, [], self._source.tell() if self.size else 0)


def _check_seekable(file: Input) -> None:
    if file.path == STANDARD:
        raise DataError(
            f"{file.format} cannot be read from standard input, as its end is read first; give "
            "the file's path (an Arrow stream, --format arrows, can)"
        )


def _sound(batches: Iterator[pa.RecordBatch], what: str, path: str) -> Iterator[pa.RecordBatch]:
    """Yield batches that can be worked on without harm, or say what is wrong with the file.

    What lies in a broken file may point outside of itself, and strings may be other than UTF-8.
    """

    def following() -> pa.RecordBatch | None:
        batch = next(batches, None)
        if batch is not None:
            batch.validate(full=True)
        return batch

    while (batch := _tried(following, what, path)) is not None:
        yield batch


def _tried(call: Callable[[], Result], what: str, path: str) -> Result:
    """Return what a call returns, or say in a line what is wrong with the file."""
    import pyarrow as pa  # noqa: PLC0415 - heavy; wanted by who reads

    try:
        return call()
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, FileNotFoundError | PermissionError):
            raise
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise DataError(f"{what} ({reason})", path=path) from None
