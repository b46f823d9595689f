"""CSV, TSV and JSON Lines, shard by shard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emoconv.errors import DataError
from emoconv.scoring.encoders.base import Encoded, Packed, extended
from emoconv.scoring.encoders.rendering import (
    csv_field,
    csv_fields,
    data_of,
    decimals,
    joined,
    json_key,
    json_value,
)
from emoconv.scoring.readers import LINE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from emoconv.annotation import Addition
    from emoconv.scoring.encoders.base import Added
    from emoconv.scoring.inputs import Packing

__all__ = ["DelimitedEncoder", "JsonEncoder"]


class DelimitedEncoder(Packed):
    """CSV or TSV; a probability is a column of four decimals, empty for a missing text."""

    def __init__(
        self, schema: pa.Schema, added: Added, packing: Packing | None, *, separator: str
    ) -> None:
        super().__init__(packing)
        self.columns = _in_batch(added)
        self._names = extended(schema, added).names
        self._separator = separator
        csv_fields(_no_rows(schema), separator=separator)  # says what has no place
        self._blanks = separator * len(added.labels) if "probabilities" in added.columns else ""

    def start(self) -> bytes:
        """Return the beginning of the file."""
        import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it

        names = csv_field(pa.array(self._names), "header", separator=self._separator)
        return self.pack((self._separator.join(names.to_pylist()) + "\n").encode())

    def shard(self, batch: pa.RecordBatch, probabilities: NDArray[np.float32]) -> Encoded:
        """Return the bytes of a shard."""
        parts: list[pa.Array | str] = []
        for number, field in enumerate(csv_fields(batch, separator=self._separator)):
            parts += [self._separator, field] if number else [field]
        if self._blanks:
            parts.append(_numbers(probabilities, [*self._blanks, ""], missing=self._blanks))
        return Encoded(self.pack(data_of(joined(parts, "\n"))))

    def end(self, shards: Sequence[tuple[int, bytes]]) -> bytes:  # noqa: ARG002 - text needs none
        """Return the end of the file."""
        return b""


class JsonEncoder(Packed):
    """JSON Lines; probabilities are an object, or members of their own, of four decimals.

    A line that travelled as it is has members put behind its own.
    """

    def __init__(self, schema: pa.Schema, added: Added, packing: Packing | None) -> None:
        super().__init__(packing)
        self.columns = _in_batch(added)
        self._whole = LINE in schema.names
        self._passed = len(schema) if self._whole else 0  # columns that are not written
        for name, column in zip(schema.names, _no_rows(schema).columns, strict=True):
            json_value(column, name)  # says what has no place
            if schema.names.count(name) > 1:
                raise DataError(f"column {name!r} is there twice, which JSON cannot hold")
        self._numbers: tuple[list[str], str] | None = None  # the text around them; and if missing
        if "probabilities" in added.columns:
            self._numbers = _json_template(added)

    def start(self) -> bytes:
        """Return the beginning of the file."""
        return self.pack(b"")  # a packed file of nothing is one

    def shard(self, batch: pa.RecordBatch, probabilities: NDArray[np.float32]) -> Encoded:
        """Return the bytes of a shard."""
        names, columns = batch.schema.names[self._passed :], batch.columns[self._passed :]
        members: list[list[pa.Array | str]] = [
            [json_key(name), json_value(column, name)]
            for name, column in zip(names, columns, strict=True)
        ]
        if self._numbers is not None:
            template, missing = self._numbers
            members.append([_numbers(probabilities, template, missing=missing)])
        parts: list[pa.Array | str] = ["{"]
        if self._whole:
            parts = _opened(batch.column(LINE), more=bool(members))
        for number, member in enumerate(members):
            parts += [",", *member] if number else member
        return Encoded(self.pack(data_of(joined(parts, "}\n"))))

    def end(self, shards: Sequence[tuple[int, bytes]]) -> bytes:  # noqa: ARG002 - text needs none
        """Return the end of the file."""
        return b""


def _no_rows(schema: pa.Schema) -> pa.RecordBatch:
    import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it

    return pa.RecordBatch.from_arrays([pa.array([], f.type) for f in schema], schema=schema)


def _in_batch(added: Added) -> tuple[Addition, ...]:
    """Return what is wanted in a batch where probabilities are written from their array."""
    return tuple(column for column in added.columns if column != "probabilities")


def _numbers(
    probabilities: NDArray[np.float32], template: Sequence[str], *, missing: str
) -> pa.Array:
    """Return the text of probabilities, and of missing ones."""
    import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it
    import pyarrow.compute as pc  # noqa: PLC0415 - same

    gone = np.isnan(probabilities[:, 0])
    text = decimals(probabilities, template)
    return pc.if_else(pa.array(gone), missing, text) if gone.any() else text


def _json_template(added: Added) -> tuple[list[str], str]:
    """Return the text around the probabilities of a row, and the text of missing ones."""
    if added.form == "list":
        name = json_key(f"{added.prefix}probabilities")
        keys = [json_key(label) for label in added.labels]
        first = f"{name}{{{keys[0]}"
        return [first, *("," + key for key in keys[1:]), "}"], f"{name}null"
    keys = [json_key(f"{added.prefix}probability_{label}") for label in added.labels]
    return [keys[0], *("," + key for key in keys[1:]), ""], ",".join(key + "null" for key in keys)


def _opened(lines: pa.Array, *, more: bool) -> list[pa.Array | str]:
    """Return JSON objects without what closes them, and what comes before more members."""
    import pyarrow.compute as pc  # noqa: PLC0415 - heavy; the caller has it

    lines = pc.ascii_rtrim_whitespace(lines.fill_null("{}"))
    opened = pc.ascii_rtrim_whitespace(pc.binary_slice(lines.cast("binary"), 0, -1).cast("string"))
    return [opened, pc.if_else(pc.ends_with(opened, "{"), "", ",")] if more else [opened]
