"""Record batches in, the same with what was found in their texts out, as a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emoconv.annotation import ADDITIONS
from emoconv.detector import EmotionDetector
from emoconv.scoring.ordered import ordered_map
from emoconv.scoring.pieces import Piece, shards
from emoconv.scoring.work import Scoring

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from emoconv.annotation import Addition, Form

__all__ = ["score"]


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
    scoring = Scoring(fixed, column, tuple(columns), probabilities, prefix)
    scoring.check(reader.schema)

    def batches() -> Iterator[pa.RecordBatch]:
        pieces = shards(map(Piece, reader))
        yield from ordered_map(scoring, (piece.batch for piece in pieces))

    fields = scoring.new_fields()
    schema = pa.schema([*reader.schema, *fields], metadata=reader.schema.metadata)
    return pa.RecordBatchReader.from_batches(schema, batches())


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
