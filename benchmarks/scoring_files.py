"""Files of comments to score, in every format: an id, a time, and a text that is mostly real."""

from __future__ import annotations

import gzip
import io
import json
from itertools import islice
from typing import IO, TYPE_CHECKING, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from growth import batches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

TEXT_COLUMN = "body"
SCHEMA = pa.schema(
    [("id", pa.int64()), ("created_utc", pa.int64()), (TEXT_COLUMN, pa.string())],
)
ENDINGS = ("csv", "csv.gz", "tsv", "jsonl", "jsonl.zst", "parquet", "arrow", "arrows", "txt")
_FIRST_SECOND = 1_500_000_000  # in July 2017
_SECONDS_APART = 3
_ROW_GROUP = 50  # batches: a million rows, about what pyarrow and pandas make of a table


def comments(texts: list[str], count: int) -> Iterator[pa.RecordBatch]:
    """Yield so many rows; the texts are those of `growth.batches`."""
    first = 0
    for batch in batches(texts, count):
        numbers = pa.array(range(first, first + batch.num_rows), pa.int64())
        times = pc.add(pc.multiply(numbers, _SECONDS_APART), _FIRST_SECOND)
        yield pa.RecordBatch.from_arrays([numbers, times, batch.column(0)], schema=SCHEMA)
        first += batch.num_rows


def make(path: Path, texts: list[str], count: int) -> Path:
    """Write a file of so many comments, unless it is there; its ending tells the format."""
    if not path.exists():
        unfinished = path.with_name(f"_{path.name}")
        write(unfinished, comments(texts, count))
        unfinished.replace(path)
    return path


def write(path: Path, rows: Iterable[pa.RecordBatch]) -> None:
    """Write rows in the format that a file's ending names."""
    _, _, ending = path.name.partition(".")
    if ending == "parquet":
        _write_parquet(path, rows)
        return
    form, _, packing = ending.partition(".")
    with path.open("wb") as file:
        if packing == "gz":
            with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=6, mtime=0) as packed:
                _write_rows(form, cast("IO[bytes]", packed), rows)
        elif packing == "zst":
            with pa.CompressedOutputStream(file, "zstd") as packed:
                _write_rows(form, packed, rows)
        else:
            _write_rows(form, file, rows)


def _write_parquet(path: Path, rows: Iterable[pa.RecordBatch]) -> None:
    rows = iter(rows)
    with pq.ParquetWriter(path, SCHEMA) as writer:
        while group := list(islice(rows, _ROW_GROUP)):
            writer.write_table(pa.Table.from_batches(group))


def _write_rows(form: str, file: IO[bytes], rows: Iterable[pa.RecordBatch]) -> None:
    if form in {"arrow", "arrows"}:
        new = pa.ipc.new_file if form == "arrow" else pa.ipc.new_stream
        with new(file, SCHEMA) as writer:
            for batch in rows:
                writer.write_batch(batch)
        return
    header = {"csv": ",", "tsv": "\t"}.get(form, "").join(SCHEMA.names)
    file.write(f"{header}\n".encode() if form in {"csv", "tsv"} else b"")
    for batch in rows:
        file.write(_lines(form, batch))


def _lines(form: str, batch: pa.RecordBatch) -> bytes:
    """Return rows as lines of text."""
    if form == "csv":
        buffer = io.BytesIO()
        arrow_csv.write_csv(batch, buffer, arrow_csv.WriteOptions(include_header=False))
        return buffer.getvalue()
    if form == "jsonl":
        rows = (json.dumps(row, ensure_ascii=False) for row in batch.to_pylist())
        return "".join(f"{row}\n" for row in rows).encode()
    texts = pc.replace_substring_regex(batch.column(TEXT_COLUMN), r"[\t\r\n]", " ")
    if form == "tsv":
        others = [batch.column(n).cast(pa.string()) for n in SCHEMA.names if n != TEXT_COLUMN]
        texts = pc.binary_join_element_wise(*others, texts, "\t")
    return ("\n".join(texts.to_pylist()) + "\n").encode()
