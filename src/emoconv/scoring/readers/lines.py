"""Plain lines: the rows of a file whose line ends are its row ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emoconv.errors import DataError
from emoconv.scoring.readers.base import Reader
from emoconv.scoring.readers.faults import Fault, settle
from emoconv.scoring.readers.stream import (
    ROW_BYTES,
    TextStream,
    broken_rows,
    restored,
    what_is_broken,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from numpy.typing import NDArray

    from emoconv.scoring.inputs import Input
    from emoconv.scoring.pieces import Piece
    from emoconv.scoring.readers.faults import OnError

__all__ = ["BLOCK_BYTES", "LineReader", "not_blank", "others", "split", "take"]

BLOCK_BYTES = 2**22
"""So much is read, and its lines parsed, at once."""


class LineReader(Reader):
    """Reads a file of texts, one a line, once, from its start to its end.

    Args:
        file: The file.
        column: What the column of texts is called.
        on_error: What becomes of rows that cannot be read.
        encoding: What it is written in.

    Attributes:
        schema: The one column.
        size: Of positions: bytes.

    Raises:
        ConfigError: There is no such encoding.
        DataError: The file cannot be unpacked.
    """

    def __init__(self, file: Input, *, column: str, on_error: OnError, encoding: str) -> None:
        import pyarrow as pa  # noqa: PLC0415 - heavy; wanted by who reads

        self._stream = TextStream(file, encoding)
        self._on_error = on_error
        self.schema = pa.schema([(column, pa.string())])
        self.size = self._stream.size

    def read(self, start: int) -> Iterator[Piece]:  # noqa: ARG002 - all rows have to be read again
        """Yield the rows.

        Raises:
            DataError: A row cannot be read, and none is to be passed over, or is too long.
        """
        number, kept = 1, 0
        try:
            for lines in _blocks(self._stream):
                good, faults = self._rows(lines, number)
                piece = settle(
                    good,
                    faults,
                    file=self._stream.name,
                    before=kept,
                    on_error=self._on_error,
                    position=self._stream.position,
                )
                number += len(lines)
                kept += piece.batch.num_rows
                yield piece
        finally:
            self._stream.close()

    def _rows(self, lines: pa.StringArray, number: int) -> tuple[pa.RecordBatch, list[Fault]]:
        """Return the rows of lines, and what is wrong with some.

        Args:
            lines: Without their ends.
            number: Of the first of them.
        """
        import pyarrow as pa  # noqa: PLC0415 - heavy; wanted by who reads

        faults: list[Fault] = []
        if self._stream.broken:
            lines, faults = _without_broken(lines, number, nulls=self._on_error == "null")
        return pa.RecordBatch.from_arrays([lines], schema=self.schema), faults


def _blocks(stream: TextStream) -> Iterator[pa.StringArray]:
    """Yield the lines of a text, many at once, without their ends."""
    rest, number = b"", 1
    while content := stream.read(BLOCK_BYTES):
        block = rest + content
        end = block.rfind(b"\n") + 1
        rest = block[end:]
        if end:
            lines = split(block[:end])
            number += len(lines)
            yield lines
        if len(rest) > ROW_BYTES:
            raise DataError(
                f"a line of more than {ROW_BYTES >> 20} MiB: are line ends missing?",
                path=stream.name,
                line=number,
            )
    if rest:
        yield split(rest + b"\n")


def split(block: bytes) -> pa.StringArray:
    """Return the lines of a text that ends with a line end."""
    import pyarrow as pa  # noqa: PLC0415 - heavy; wanted by who reads

    block = block.replace(b"\r\n", b"\n")
    ends = np.flatnonzero(np.frombuffer(block, dtype=np.uint8) == ord("\n"))
    offsets = np.zeros(len(ends) + 1, dtype=np.int32)
    offsets[1:] = ends - np.arange(len(ends))  # where they are once line ends are gone
    content = block.replace(b"\n", b"")
    return pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(content))


def others(count: int, rows: list[int]) -> NDArray[np.int64]:
    """Return the numbers of so many rows, but for some."""
    there = np.ones(count, dtype=np.bool_)
    there[rows] = False
    return np.flatnonzero(there)


def take(lines: pa.StringArray, rows: NDArray[np.int64]) -> pa.StringArray:
    """Return the lines of some rows; quick if that is all of them."""
    import pyarrow as pa  # noqa: PLC0415 - heavy; wanted by who reads

    return lines if len(rows) == len(lines) else lines.take(pa.array(rows, pa.int64()))


def not_blank(lines: pa.StringArray) -> tuple[pa.StringArray, NDArray[np.int64]]:
    """Return the lines that are not blank, and which those are."""
    import pyarrow.compute as pc  # noqa: PLC0415 - heavy; wanted by who reads

    lengths = pc.binary_length(pc.ascii_trim_whitespace(lines))
    rows = np.flatnonzero(lengths.to_numpy(zero_copy_only=False))
    return take(lines, rows), rows


def _without_broken(
    lines: pa.StringArray, number: int, *, nulls: bool
) -> tuple[pa.StringArray, list[Fault]]:
    """Take lines that are not UTF-8 away, or put nulls in their places."""
    import pyarrow as pa  # noqa: PLC0415 - heavy; wanted by who reads
    import pyarrow.compute as pc  # noqa: PLC0415 - same

    rows = broken_rows(lines)
    faults = [
        Fault(row, number + row, what_is_broken(text), restored(text), kept=nulls)
        for row in rows.tolist()
        for text in [lines[row].as_py()]
    ]
    if nulls:
        bad = np.isin(np.arange(len(lines)), rows)
        return pc.if_else(pa.array(bad), None, lines), faults
    return take(lines, others(len(lines), rows.tolist())), faults
