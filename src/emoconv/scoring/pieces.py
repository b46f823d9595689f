"""Rows on their way: what a reader yields, and the shards that are scored one at a time.

A shard is what is scored, written and noted as finished at once. Where shards begin depends on a
file's rows alone, not on how a reader came upon them, so that a run that goes on where another
stopped cuts the same ones.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["SHARD_BYTES", "SHARD_ROWS", "Piece", "Reject", "shards"]

SHARD_ROWS = 2**15
"""Most rows of a shard: with the shipped model they are scored in a tenth of a second, and the
row groups that they become are of a size that readers of Parquet work well with."""

SHARD_BYTES = 2**24
"""A shard with more bytes of text than this ends with the row that passes it."""


@dataclass(frozen=True)
class Reject:
    """A row that could not be read.

    Attributes:
        file: The file.
        line: Its 1-based line; in CSV and TSV its 1-based row, where the header is the first.
        reason: What is wrong with it.
        raw: Its bytes, or those that its fields would be written as.
        before: How many rows of the file that were kept come before it.
    """

    file: str
    line: int
    reason: str
    raw: bytes
    before: int

    def to_json(self) -> str:
        """Return a line of JSON; what is not UTF-8 is there in base64 as well."""
        text = self.raw.decode("utf-8", "replace")
        row: dict[str, object] = {
            "file": self.file,
            "line": self.line,
            "reason": self.reason,
            "raw": text,
        }
        if text.encode() != self.raw:
            row["raw_base64"] = base64.b64encode(self.raw).decode()
        return json.dumps(row, ensure_ascii=False) + "\n"


@dataclass(frozen=True)
class Piece:
    """Rows as they are read, or a shard of them.

    Attributes:
        batch: Rows that were kept.
        rejects: Rows that were not read, some of them maybe from between later rows.
        position: How far into the file this is, in the units of its reader.
    """

    batch: pa.RecordBatch
    rejects: list[Reject] = field(default_factory=list)
    position: int = 0


def shards(pieces: Iterable[Piece], *, first: int = 0, start: int = 0) -> Iterator[Piece]:
    """Cut what a reader yields into shards.

    A shard has the rejects that lie before its rows and between them; the last shard has those
    behind it too. A file of rejects only is a shard of no rows.

    Args:
        pieces: Rows of a file, in order.
        first: How many rows of the file come before them.
        start: How many rows of the file are passed over, as they were in earlier shards, with the
            rejects of those; no fewer than ``first``.
    """
    shard, rejects = _Shard(), []
    read, position, empty = first, 0, None
    begin = start  # of the shard
    for piece in pieces:
        position, batch = piece.position, piece.batch
        empty = batch.slice(0, 0)
        rejects += [reject for reject in piece.rejects if reject.before >= start]
        read += batch.num_rows
        batch = batch.slice(max(0, batch.num_rows - max(0, read - start)))
        while batch.num_rows:
            if shard.is_full:
                begin += shard.rows
                inside = [reject for reject in rejects if reject.before < begin]
                rejects = rejects[len(inside) :]
                yield Piece(shard.batch(), inside, position)
                shard = _Shard()
            batch = shard.fill(batch)
    if shard.rows:
        yield Piece(shard.batch(), rejects, position)
    elif rejects and not start:
        yield Piece(empty, rejects, position)


class _Shard:
    """Rows that become a shard once they are enough."""

    def __init__(self) -> None:
        self._held: list[pa.RecordBatch] = []
        self._bytes = 0
        self.rows = 0

    @property
    def is_full(self) -> bool:
        return self.rows >= SHARD_ROWS or self._bytes > SHARD_BYTES

    def fill(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Take as many rows as there is room for, and return the others."""
        ends = self._bytes + np.cumsum(_text_bytes(batch.slice(0, SHARD_ROWS - self.rows)))
        rows = min(int(np.searchsorted(ends, SHARD_BYTES, side="right")) + 1, len(ends))
        self._held.append(batch.slice(0, rows))
        self._bytes = int(ends[rows - 1])
        self.rows += rows
        return batch.slice(rows)

    def batch(self) -> pa.RecordBatch:
        """Return the rows as one batch."""
        import pyarrow as pa  # noqa: PLC0415 - heavy; the readers have it

        if len(self._held) == 1:
            return self._held[0]
        return pa.Table.from_batches(self._held).combine_chunks().to_batches()[0]


def _text_bytes(batch: pa.RecordBatch) -> NDArray[np.int64]:
    """Return how many bytes the strings of each row take, int64 (N,)."""
    import pyarrow as pa  # noqa: PLC0415 - heavy; the readers have it
    import pyarrow.compute as pc  # noqa: PLC0415 - same

    whole = {pa.string(), pa.binary(), pa.large_string(), pa.large_binary()}
    views = {pa.string_view(): pa.large_string(), pa.binary_view(): pa.large_binary()}
    total = np.zeros(batch.num_rows, dtype=np.int64)
    for column in batch.columns:
        strings = column.cast(views[column.type]) if column.type in views else column
        if strings.type in whole:
            total += pc.binary_length(strings).fill_null(0).to_numpy(zero_copy_only=False)
    return total
