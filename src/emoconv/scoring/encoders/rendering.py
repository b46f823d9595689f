"""Columns as text: the fields of CSV and TSV, the members of JSON objects.

Whole columns at a time by pyarrow's functions on strings, never a row at a time in Python.
Probabilities are written with four decimals.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, cast

import numpy as np

from emoconv.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["csv_field", "csv_fields", "data_of", "decimals", "joined", "json_key", "json_value"]

_DIGITS = 10_000
"""A probability is written as a number of these parts."""

_SPACE = 0x20
"""Characters before it are written as escapes in JSON."""


def joined(columns: Sequence[pa.Array | str], end: str = "") -> pa.Array:
    """Return what stands in each row of some columns, one after the other, and an end.

    Args:
        columns: Of strings without nulls, or one string for all rows.
        end: What every row ends with.

    Returns:
        Large strings, of which the data are the text of all rows.
    """
    import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it
    import pyarrow.compute as pc  # noqa: PLC0415 - same

    wide = pa.large_string()
    parts = [pa.scalar(c, wide) if isinstance(c, str) else c.cast(wide) for c in columns]
    return pc.binary_join_element_wise(*parts, pa.scalar(end, wide), pa.scalar("", wide))


def decimals(probabilities: NDArray[np.float32], template: Sequence[str]) -> pa.Array:
    """Return probabilities with four decimals, those of a row in one string.

    Args:
        probabilities: float32 (N, L) in [0, 1]. NaN gives digits of no meaning.
        template: L + 1 strings: what stands before each of them, and behind the last.

    Returns:
        N strings, all of one length.

    Example:
        >>> decimals(np.array([[0.25, 1]], dtype=np.float32), ["<", ", ", ">"]).to_pylist()
        ['<0.2500, 1.0000>']
    """
    import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it

    row = "0.0000".join(template).encode()
    ends = np.cumsum([len(part.encode()) + len("0.0000") for part in template[:-1]])
    fields = {
        "names": [str(number) for number in range(len(ends))],
        "formats": ["S6"] * len(ends),
        "offsets": (ends - len("0.0000")).tolist(),
        "itemsize": len(row),
    }
    text = np.empty((len(probabilities), len(row)), dtype=np.uint8)
    text[:] = np.frombuffer(row, dtype=np.uint8)
    numbers = text.view(np.dtype(fields)).ravel()  # type: ignore[call-overload]
    clean = np.nan_to_num(probabilities, nan=0.0).clip(0, 1)
    parts = np.rint(clean * np.float32(_DIGITS)).astype(np.int32)
    written = _written()
    for number, part in enumerate(parts.T):
        numbers[str(number)] = written[part]
    offsets = np.arange(len(probabilities) + 1, dtype=np.int64) * len(row)
    return pa.LargeStringArray.from_buffers(
        len(probabilities), pa.py_buffer(offsets), pa.py_buffer(text)
    )


@functools.cache
def _written() -> NDArray[np.bytes_]:
    """Return how each number of parts is written."""
    return np.array([f"{part / _DIGITS:.4f}" for part in range(_DIGITS + 1)], dtype="S6")


def csv_fields(batch: pa.RecordBatch, *, separator: str) -> list[pa.Array]:
    """Return the columns of a batch as fields, with a null as an empty one.

    Args:
        batch: Columns of strings, numbers, truth values, times, or lists of strings, which become
            one field with commas in it.
        separator: A comma for CSV, whose fields are quoted where they need it, or a tab.

    Raises:
        DataError: A column is of a type that has no place in a field, or a value has a tab or line
            end that TSV cannot hold.
    """
    return [
        csv_field(_plain(column, name), name, separator=separator)
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    ]


def csv_field(values: pa.Array, name: str, *, separator: str) -> pa.Array:
    """Return strings as fields.

    Args:
        values: Strings of any kind.
        name: The column's, for messages.
        separator: What stands between fields.

    Raises:
        DataError: A value has a tab or line end and the separator is a tab.
    """
    import pyarrow.compute as pc  # noqa: PLC0415 - heavy; the caller has it

    values = values.fill_null("")
    special = pc.match_substring_regex(values, '[",\\r\\n]' if separator == "," else "[\\t\\r\\n]")
    if not pc.any(special).as_py():
        return values
    if separator != ",":
        row = pc.index(special, value=True).as_py()
        raise DataError(
            f"column {name!r} has a tab or a line end in it, which TSV cannot hold "
            f"({values[row].as_py()[:40]!r}); write CSV or another format"
        )
    doubled = pc.replace_substring(values, '"', '""')
    return pc.if_else(special, joined(['"', doubled, '"']).cast(values.type), values)


def _plain(column: pa.Array, name: str) -> pa.Array:
    """Return a column as strings."""
    import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it
    import pyarrow.compute as pc  # noqa: PLC0415 - same

    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return column
    if pa.types.is_dictionary(kind):
        return _plain(column.cast(kind.value_type), name)
    if _is_list(kind) and kind.value_type in {pa.string(), pa.large_string(), pa.null()}:
        return pc.binary_join(
            _lists(column, lambda values: values.cast(pa.string()).fill_null("")), ","
        )
    return _strings(column, name, "CSV or TSV; write JSON Lines, Parquet or Arrow")


def _strings(column: pa.Array, name: str, home: str) -> pa.Array:
    """Return what pyarrow writes as text.

    Raises:
        DataError: There is no text for it.
    """
    import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it

    try:
        return column.cast(pa.string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        raise DataError(
            f"column {name!r} is of type {column.type}, which has no place in {home}"
        ) from None


def _is_list(kind: pa.DataType) -> bool:
    import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it

    types = pa.types
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


def _lists(column: pa.Array, written: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """Return lists of other values: strings that are made of theirs."""
    import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it
    import pyarrow.compute as pc  # noqa: PLC0415 - same

    lengths = pc.list_value_length(column).fill_null(0).to_numpy(zero_copy_only=False)
    offsets = np.zeros(len(column) + 1, dtype=np.int32)
    np.cumsum(lengths, out=offsets[1:])
    values = written(column.flatten()).cast(pa.string())
    return pa.ListArray.from_arrays(pa.array(offsets), values, mask=column.is_null())


def json_key(name: str) -> str:
    """Return a name as the key of a member, with its colon."""
    return json.dumps(name, ensure_ascii=False) + ":"


def json_value(column: pa.Array, name: str) -> pa.Array:
    """Return a column as values of JSON, ``null`` for a null.

    Numbers are written as numbers, but decimals as strings, which lose nothing; times as ISO 8601
    strings, lists as arrays, structs as objects. JSON has no infinite numbers: they become null.

    Args:
        column: Of any type but maps and unions.
        name: The column's, for messages.

    Raises:
        DataError: The type has no place in JSON.
    """
    return cast("pa.Array", _json(column, name).fill_null("null"))


def _json(column: pa.Array, name: str) -> pa.Array:
    """Return a column as values of JSON, null for a null."""
    import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it
    import pyarrow.compute as pc  # noqa: PLC0415 - same

    kind = column.type
    if pa.types.is_dictionary(kind):
        return _json(column.cast(kind.value_type), name)
    if _is_list(kind):
        lists = _lists(column, lambda values: json_value(values, name))
        return pc.binary_join_element_wise("[", pc.binary_join(lists, ","), "]", "")
    if pa.types.is_struct(kind):
        return _json_object(column, name)
    text = _strings(column, name, "JSON; write Parquet or Arrow")
    if pa.types.is_floating(kind):
        return pc.if_else(pc.is_finite(column), text, None)
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_null(kind):
        return text
    if pa.types.is_timestamp(kind):
        text = pc.replace_substring(text, " ", "T")
    return _json_string(text)


def _json_object(column: pa.Array, name: str) -> pa.Array:
    """Return structs as objects of JSON."""
    import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it
    import pyarrow.compute as pc  # noqa: PLC0415 - same

    members: list[pa.Array | str] = [pc.if_else(column.is_valid(), "{", None)]
    for number, field in enumerate(column.type):
        key = ("," if number else "") + json_key(field.name)
        members += [key, json_value(column.field(number), name)]
    return joined(members, "}").cast(pa.string())


def _json_string(values: pa.Array) -> pa.Array:
    """Return strings as strings of JSON (RFC 8259, section 7); a null stays one."""
    import pyarrow.compute as pc  # noqa: PLC0415 - heavy; the caller has it

    text = np.frombuffer(data_of(values), dtype=np.uint8)
    special = text[(text < _SPACE) | (text == ord('"')) | (text == ord("\\"))]
    for character in sorted(map(chr, np.unique(special).tolist()), key="\\".__ne__):  # that first
        values = pc.replace_substring(values, character, json.dumps(character)[1:-1])
    return pc.binary_join_element_wise('"', values, '"', "")


def data_of(values: pa.Array) -> pa.Buffer:
    """Return the bytes of strings or large strings, one after the other."""
    import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it

    _, offsets, data = values.buffers()
    if not len(values) or data is None:
        return pa.py_buffer(b"")
    wide = np.int64 if pa.types.is_large_string(values.type) else np.int32
    bounds = np.frombuffer(offsets, dtype=wide)[values.offset :][: len(values) + 1]
    return data.slice(int(bounds[0]), int(bounds[-1] - bounds[0]))
