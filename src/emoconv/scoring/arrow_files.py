"""An Arrow file of a stream.

In a stream each batch may come with dictionaries of its own; in a file a column has one. Where a
column has dictionaries the stream is read twice, once to know them all.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from emoconv.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

__all__ = ["stream_to_file"]


def stream_to_file(stream: Path, file: Path) -> None:
    """Write an Arrow file of an Arrow stream, and see that it is on the disk.

    Raises:
        DataError: A column has more values than its dictionaries have numbers for.
        OSError: The file cannot be written.
    """
    import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it

    dictionaries = _dictionaries(stream)
    with file.open("wb") as sink:
        batches = _batches(stream)
        with pa.ipc.new_file(sink, next(batches).schema) as writer:
            for batch in batches:
                writer.write_batch(_with(batch, dictionaries))
        sink.flush()
        os.fsync(sink.fileno())


def _batches(stream: Path) -> Iterator[pa.RecordBatch]:
    """Yield a batch of no rows, and then those of a stream."""
    import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it

    with pa.OSFile(str(stream)) as source, pa.ipc.open_stream(source) as batches:
        columns = [pa.array([], field.type) for field in batches.schema]
        yield pa.RecordBatch.from_arrays(columns, schema=batches.schema)
        yield from batches


def _dictionaries(stream: Path) -> dict[int, pa.Array]:
    """Return the values of all dictionaries of each column that has some."""
    import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it
    import pyarrow.compute as pc  # noqa: PLC0415 - same

    batches = _batches(stream)
    kinds = enumerate(next(batches).schema.types)
    found = {
        place: pa.array([], kind.value_type)
        for place, kind in kinds
        if pa.types.is_dictionary(kind)
    }
    for batch in batches if found else ():
        for place, known in found.items():
            values = batch.column(place).dictionary
            new = values.filter(pc.invert(pc.is_in(values, value_set=known)))
            found[place] = pa.concat_arrays([known, new])
    return found


def _with(batch: pa.RecordBatch, dictionaries: dict[int, pa.Array]) -> pa.RecordBatch:
    """Return a batch whose columns have these dictionaries."""
    import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it
    import pyarrow.compute as pc  # noqa: PLC0415 - same

    columns = batch.columns
    for place, values in dictionaries.items():
        column = columns[place]
        kind = column.type
        numbers = pc.index_in(column.dictionary, value_set=values).take(column.indices)
        try:
            columns[place] = pa.DictionaryArray.from_arrays(
                numbers.cast(kind.index_type), values, ordered=kind.ordered
            )
        except pa.ArrowInvalid:
            raise DataError(
                f"column {batch.schema.names[place]!r} has {len(values):,} values in its "
                f"dictionaries, too many for {kind.index_type}; write a stream (.arrows) or Parquet"
            ) from None
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)
