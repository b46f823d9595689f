"""Shards as the bytes of a file: each format's beginning, its shards, and its end.

A file is its beginning, the bytes of its shards one after the other, and its end; so one that was
cut off can be gone on with after the last whole shard. Shards are made into bytes with no regard
to each other, several at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emoconv.scoring.encoders.base import Added, Encoded, Encoder
from emoconv.scoring.encoders.columnar import ArrowEncoder, ParquetEncoder
from emoconv.scoring.encoders.text import DelimitedEncoder, JsonEncoder

if TYPE_CHECKING:
    import pyarrow as pa

    from emoconv.scoring.inputs import Format, Packing

__all__ = ["Added", "Encoded", "Encoder", "encoder_of"]


def encoder_of(
    format: Format,  # noqa: A002 - the option's name
    *,
    packing: Packing | None,
    schema: pa.Schema,
    added: Added,
    texts: str = "",
) -> Encoder:
    """Return what makes a file of rows.

    Args:
        format: The file's; not ``"lines"``.
        packing: What it is compressed with.
        schema: The rows' own columns; ``LINE`` and that of texts, where lines of JSON travel as
            they are.
        added: What is added to them.
        texts: The name of the column of texts.

    Raises:
        DataError: A column has no place in the format.
    """
    if format == "parquet":
        return ParquetEncoder(schema, added, texts=texts)
    if format in {"arrow", "arrows"}:
        return ArrowEncoder(schema, added, packing)
    if format == "jsonl":
        return JsonEncoder(schema, added, packing)
    return DelimitedEncoder(schema, added, packing, separator="," if format == "csv" else "\t")
