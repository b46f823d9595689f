"""Record batches in, the same with what was found in their texts out, as a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emoconv.annotation import ADDITIONS, check_names, new_fields
from emoconv.detector import EmotionDetector
from emoconv.errors import DataError
from emoconv.scoring.ordered import ordered_map
from emoconv.scoring.pieces import Piece, shards

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from emoconv.annotation import Addition, Form

__all__ = ["check_texts", "score"]


def score(
    source: object,
    column: str = "text",
    *,
    detector: EmotionDetector | None = None,
    columns: Sequence[Addition] = ADDITIONS,
    probabilities: Form = "list",
    prefix: str = "",
) -> pa.RecordBatchReader:
    """Score a stream of record batches of any length.

    Batches are read when scored ones are asked for, and a few of them are held at a time. They are
    cut anew, into at most 32,768 rows; no row is lost and their order stays.

    Args:
        source: A pyarrow ``RecordBatchReader``, ``Table``, ``RecordBatch`` or ``Dataset``, or what
            gives an Arrow stream (``__arrow_c_stream__``): a frame of polars or pandas, a relation
            of DuckDB.
        column: The name of the column that holds the texts.
        detector: The model; ``None`` for the one in the package.
        columns: As of `EmotionDetector.predict_arrow`.
        probabilities: Same.
        prefix: Same.

    Returns:
        A reader of the source's columns and the new ones.

    Raises:
        TypeError: The source gives no Arrow.
        DataError: It has no such column, or one of a new column's name, or no strings in it.
        ConfigError: ``columns`` or ``probabilities`` has what is not known.

    Example:
        >>> import pyarrow as pa, emoconv
        >>> emoconv.score(pa.table({"text": ["Thank you!"]})).read_all()["top_label"].to_pylist()
        ['gratitude']
    """
    import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it

    reader = _reader(source)
    fixed = (detector or EmotionDetector.load()).steady(_known_rows(source))
    fields = new_fields(fixed.labels, columns=columns, form=probabilities, prefix=prefix)
    check_names(reader.schema.names, column, [field.name for field in fields])
    check_texts(reader.schema, column)

    def scored(piece: Piece) -> pa.RecordBatch:
        return fixed.predict_arrow(
            piece.batch, column, columns=columns, probabilities=probabilities, prefix=prefix
        )

    def batches() -> Iterator[pa.RecordBatch]:
        yield from ordered_map(scored, shards(map(Piece, reader)))

    schema = pa.schema([*reader.schema, *fields], metadata=reader.schema.metadata)
    return pa.RecordBatchReader.from_batches(schema, batches())


def check_texts(schema: pa.Schema, column: str) -> None:
    """Check that a column can hold texts.

    Raises:
        DataError: It is of another type.
    """
    import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it

    kind = schema.field(column).type
    values = kind.value_type if pa.types.is_dictionary(kind) else kind
    strings = (pa.string(), pa.large_string(), pa.string_view(), pa.null())
    if values not in strings:
        raise DataError(f"column {column!r} holds {kind}, expected strings; name another column")


def _reader(source: object) -> pa.RecordBatchReader:
    import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it

    if isinstance(source, pa.RecordBatchReader):
        return source
    if isinstance(source, pa.RecordBatch):
        return pa.RecordBatchReader.from_batches(source.schema, [source])
    if isinstance(source, pa.Table):
        return source.to_reader()
    if hasattr(source, "__arrow_c_stream__"):
        return pa.RecordBatchReader.from_stream(source)
    if hasattr(source, "scanner"):  # a pyarrow Dataset
        return source.scanner().to_reader()
    raise TypeError(
        f"expected a stream of Arrow batches, got {type(source).__name__}; give a pyarrow Table or "
        "RecordBatchReader, or a data frame"
    )


def _known_rows(source: object) -> int | None:
    rows = getattr(source, "num_rows", None)
    return rows if isinstance(rows, int) else None
