"""Parquet and Arrow, shard by shard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emoconv.errors import DataError
from emoconv.scoring.encoders.base import Encoded, Packed, extended
from emoconv.scoring.encoders.footer import shift_offsets

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq
    from numpy.typing import NDArray

    from emoconv.scoring.encoders.base import Added
    from emoconv.scoring.inputs import Packing

__all__ = ["ArrowEncoder", "ParquetEncoder"]

_MAGIC = b"PAR1"
_LENGTH_BYTES = 4
_END_OF_STREAM = b"\xff\xff\xff\xff\x00\x00\x00\x00"
"""Ends an Arrow stream (Arrow columnar format, "IPC Streaming Format")."""


class ParquetEncoder:
    """Parquet, a row group a shard; compressed by zstd.

    Values are in dictionaries but for probabilities and texts, of which hardly two are the same.
    """

    def __init__(self, schema: pa.Schema, added: Added, *, texts: str = "") -> None:
        self.columns = added.columns
        self._schema = extended(schema, added)
        numbers = f"{added.prefix}probabilit"
        self._options = {
            "compression": "zstd",
            "use_dictionary": [
                leaf
                for leaf in _leaves(self._schema)
                if leaf != texts and not leaf.startswith(numbers)
            ],
        }

    def start(self) -> bytes:
        """Return the beginning of the file."""
        return _MAGIC

    def shard(self, batch: pa.RecordBatch, probabilities: NDArray[np.float32]) -> Encoded:  # noqa: ARG002 - they are in the batch
        """Return the bytes of a shard."""
        import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it
        import pyarrow.parquet as pq  # noqa: PLC0415 - same

        if not batch.num_rows:
            return Encoded(b"")  # no row group: some readers take none without rows
        sink = pa.BufferOutputStream()
        table = pa.Table.from_batches([batch], self._schema)
        with pq.ParquetWriter(sink, self._schema, **self._options) as writer:
            writer.write_table(table, row_group_size=len(table))
        content = memoryview(sink.getvalue())
        tail = len(_MAGIC) + _LENGTH_BYTES
        length = int.from_bytes(content[-tail:][:_LENGTH_BYTES], "little")
        pages, footer = content[len(_MAGIC) : -tail - length], content[-tail - length : -tail]
        return Encoded(pages, bytes(footer))

    def end(self, shards: Sequence[tuple[int, bytes]]) -> bytes:
        """Return the end of the file."""
        import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it
        import pyarrow.parquet as pq  # noqa: PLC0415 - same

        sink = pa.BufferOutputStream()
        moved = [shift_offsets(footer, start - len(_MAGIC)) for start, footer in shards if footer]
        if moved:
            first, *others = map(_metadata, moved)
            for other in others:
                first.append_row_groups(other)
            first.write_metadata_file(sink)
        else:
            pq.ParquetWriter(sink, self._schema, **self._options).close()
        content: bytes = sink.getvalue().to_pybytes()
        return content[len(_MAGIC) :]


def _metadata(footer: bytes) -> pq.FileMetaData:
    import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it
    import pyarrow.parquet as pq  # noqa: PLC0415 - same

    length = len(footer).to_bytes(_LENGTH_BYTES, "little")
    return pq.read_metadata(pa.BufferReader(_MAGIC + footer + length + _MAGIC))


def _leaves(schema: pa.Schema) -> list[str]:
    """Return the names that Parquet gives to a table's columns, those inside others too."""
    import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it
    import pyarrow.parquet as pq  # noqa: PLC0415 - same

    sink = pa.BufferOutputStream()
    try:
        pq.ParquetWriter(sink, schema).close()
    except pa.ArrowNotImplementedError as error:
        raise DataError(f"a column has no place in Parquet ({error}); write Arrow") from None
    columns = pq.ParquetFile(pa.BufferReader(sink.getvalue())).schema
    return [columns.column(number).path for number in range(len(columns))]


class ArrowEncoder(Packed):
    """An Arrow stream, a record batch a shard; what becomes a file of it is elsewhere."""

    def __init__(self, schema: pa.Schema, added: Added, packing: Packing | None) -> None:
        super().__init__(packing)
        self.columns = added.columns
        self._schema = extended(schema, added)
        self._head = self._schema.serialize().to_pybytes()

    def start(self) -> bytes:
        """Return the beginning of the file."""
        return self.pack(self._head)

    def shard(self, batch: pa.RecordBatch, probabilities: NDArray[np.float32]) -> Encoded:  # noqa: ARG002 - they are in the batch
        """Return the bytes of a shard."""
        import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it

        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, self._schema) as writer:
            writer.write_batch(batch)
        content = sink.getvalue().to_pybytes()
        return Encoded(self.pack(content[len(self._head) : -len(_END_OF_STREAM)]))

    def end(self, shards: Sequence[tuple[int, bytes]]) -> bytes:  # noqa: ARG002 - streams need none
        """Return the end of the file."""
        return self.pack(_END_OF_STREAM)
