"""Files that ``emoconv score`` wrote, read again: when, which labels, what probabilities.

Yields what was found in the rows of a file as arrays, whatever the file's format. Reads only the
columns that it needs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emoconv.errors import DataError, did_you_mean
from emoconv.scoring.readers import open_reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from emoconv.scoring.inputs import Input

__all__ = ["Found", "read_scored"]


@dataclass(frozen=True)
class Found:
    """What was found in N rows of a file.

    Attributes:
        first: How many rows of the file come before them.
        times: The N values of the column of times, of Arrow.
        is_text: bool (N,), whether a row had a text.
        rows: int64 (H,), the rows of the labels that hold, each as often as it has labels.
        held: The names of those labels, of Arrow's type string.
        labels: L names, of the columns of probabilities; none where there are no probabilities.
        probabilities: float32 (N, L), NaN where a row has none.
    """

    first: int
    times: pa.Array
    is_text: NDArray[np.bool_]
    rows: NDArray[np.int64]
    held: pa.Array
    labels: tuple[str, ...]
    probabilities: NDArray[np.float32]


def read_scored(
    file: Input, *, time: str, prefix: str = "", known: Callable[[], Sequence[str]]
) -> Iterator[Found]:
    """Yield what was found in a file's rows, some ten thousand at a time.

    Args:
        file: A table with a column of times and those that ``emoconv score`` adds, or some.
        time: The name of the column of times.
        prefix: What the names of the added columns begin with.
        known: Gives the names of the labels for lists of probabilities that have none by them.

    Raises:
        DataError: The file is not of its format, lacks a column or has one of another kind.
    """
    first = 0
    for batch in _batches(file, wanted=(time, prefix)):
        try:
            yield _found(batch, first, time=time, prefix=prefix, known=known)
        except DataError as error:
            raise DataError(str(error), path=file.path) from None
        first += batch.num_rows


def _found(
    batch: pa.RecordBatch, first: int, *, time: str, prefix: str, known: Callable[[], Sequence[str]]
) -> Found:
    import pyarrow.compute as pc  # noqa: PLC0415 - heavy; the batch has it

    lists = _label_lists(_column(batch, prefix + "labels", "the labels that hold"))
    times = _column(batch, time, "times (--time names it)")
    labels, probabilities = _probabilities(batch, prefix, known)
    is_text = lists.is_valid().to_numpy(zero_copy_only=False)
    if labels:  # in a text table no labels and no text look the same
        is_text = is_text & ~np.isnan(probabilities[:, 0])
    rows = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False).astype(np.int64)
    held = pc.list_flatten(lists)
    named = pc.not_equal(held, "").to_numpy(zero_copy_only=False)  # no label, in a text table
    return Found(first, times, is_text, rows[named], held.filter(named), labels, probabilities)


def _column(batch: pa.RecordBatch, name: str, what: str) -> pa.Array:
    names = batch.schema.names
    if names.count(name) != 1:
        raise DataError(
            f"no column {name!r} for {what} (the columns are "
            f"{', '.join(names)}){did_you_mean(name, names)}"
        )
    return batch.column(name)


def _label_lists(column: pa.Array) -> pa.Array:
    """Return lists of names from those, or from names with commas between."""
    import pyarrow as pa  # noqa: PLC0415 - heavy; the column has it
    import pyarrow.compute as pc  # noqa: PLC0415 - same

    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pc.split_pattern(column, ",").cast(pa.list_(pa.string()))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_null(kind):
        return column.cast(pa.list_(pa.string()))
    raise DataError(f"the labels are of type {kind}; expected lists of names")


def _probabilities(
    batch: pa.RecordBatch, prefix: str, known: Callable[[], Sequence[str]]
) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Return the names of labels and their probabilities, in whichever form they are."""
    import pyarrow as pa  # noqa: PLC0415 - heavy; the batch has it

    start = f"{prefix}probability_"
    columns = {name[len(start) :]: name for name in batch.schema.names if name.startswith(start)}
    if columns:
        return _of_columns({label: batch.column(name) for label, name in columns.items()})
    name = prefix + "probabilities"
    kind = batch.schema.field(name).type if name in batch.schema.names else pa.null()
    if pa.types.is_null(kind):  # not there, or in none of these rows, which have no text
        return (), np.zeros((batch.num_rows, 0), dtype=np.float32)
    column, field = batch.column(name), batch.schema.field(name)
    if pa.types.is_struct(kind):
        parts = zip(field.type, column.flatten(), strict=True)  # null where the struct is
        return _of_columns({part.name: values for part, values in parts})
    if not hasattr(kind, "value_type"):
        raise DataError(f"column {name!r} is of type {kind}; expected lists of numbers")
    return _of_lists(column, field, known)


def _of_columns(
    columns: dict[str, pa.Array],
) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    import pyarrow as pa  # noqa: PLC0415 - heavy; the columns have it

    try:
        numbers = [_filled(column).cast(pa.float32(), safe=False) for column in columns.values()]
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise DataError(f"a probability is no number: {_first_line(error)}") from None
    values = [number.to_numpy(zero_copy_only=False) for number in numbers]
    return tuple(columns), np.stack(values, axis=1).astype(np.float32)


def _filled(column: pa.Array) -> pa.Array:
    """Return a column with nulls for what is empty in a text table."""
    import pyarrow as pa  # noqa: PLC0415 - heavy; the column has it
    import pyarrow.compute as pc  # noqa: PLC0415 - same

    if not pa.types.is_string(column.type):
        return column
    return pc.if_else(pc.equal(column, ""), None, column)


def _of_lists(
    column: pa.Array, field: pa.Field, known: Callable[[], Sequence[str]]
) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    import pyarrow as pa  # noqa: PLC0415 - heavy; the column has it
    import pyarrow.compute as pc  # noqa: PLC0415 - same

    there = column.is_valid().to_numpy(zero_copy_only=False)
    given = (field.metadata or {}).get(b"labels")
    labels = tuple(known() if given is None else json.loads(given))
    lengths = pc.unique(pc.list_value_length(column.drop_null())).to_pylist()
    if set(lengths) - {len(labels)}:
        raise DataError(
            f"lists of {lengths[0]} probabilities for {len(labels)} labels; name the model that "
            "made them: --model FOLDER"
        )
    found = np.full((len(column), len(labels)), np.nan, dtype=np.float32)
    values = pc.list_flatten(column).cast(pa.float32(), safe=False)
    found[there] = values.to_numpy(zero_copy_only=False).reshape(-1, len(labels))
    return labels, found


def _batches(file: Input, *, wanted: tuple[str, str]) -> Iterator[pa.RecordBatch]:
    """Yield a file's rows, of the columns that are wanted."""
    if file.format == "lines":
        raise DataError("a file of lines has no columns; expected a table", path=file.path)
    time, prefix = wanted
    added = tuple(prefix + name for name in ("labels", "probabilities", "probability_"))
    reader = open_reader(file, column=time)
    names = [
        name
        for name in reader.names
        if name == time or name in added[:2] or name.startswith(added[2])
    ]
    for piece in reader.read(0):
        yield piece.batch.select(names)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
