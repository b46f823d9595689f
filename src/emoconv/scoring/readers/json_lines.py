"""JSON Lines: an object a line.

If the file is written as JSON Lines again, its lines travel as they are and only their texts are
parsed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from emoconv.errors import DataError
from emoconv.scoring.readers.faults import Fault
from emoconv.scoring.readers.lines import BLOCK_BYTES, LineReader, not_blank, others, split, take
from emoconv.scoring.readers.objects import lasting_type, loaded, parse, unfit, what_is_wrong
from emoconv.scoring.readers.stream import ROW_BYTES, broken_rows, restored, what_is_broken

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from emoconv.scoring.inputs import Input
    from emoconv.scoring.readers.faults import OnError

__all__ = ["LINE", "JsonReader"]

LINE = "\0line"
"""The column of whole lines, of a name that no key of JSON is likely to have."""


class JsonReader(LineReader):
    """Reads JSON Lines once, from the start to the end; empty lines are no rows.

    Columns and their types are those of the first lines, four mebibytes of them. Strings stay
    strings, whether they look like dates or not.

    Args:
        file: The file.
        column: The key of the texts; a line without it, or with null there, has no text.
        whole: Whether lines travel as they are: then the batches have the column of texts and
            that of lines, and no others.
        forbidden: Keys that no line may have, as columns of that name are going to be added.
        on_error: What becomes of rows that cannot be read.
        encoding: What it is written in.

    Attributes:
        schema: Of what is given on.
        size: Of positions: bytes.

    Raises:
        ConfigError: There is no such encoding.
        DataError: The file is empty or cannot be unpacked, or its first lines are no JSON.
    """

    def __init__(
        self,
        file: Input,
        *,
        column: str,
        whole: bool,
        forbidden: Sequence[str],
        on_error: OnError,
        encoding: str,
    ) -> None:
        import pyarrow as pa  # noqa: PLC0415 - heavy; wanted by who reads

        super().__init__(file, column=column, on_error=on_error, encoding=encoding)
        self._whole, self._forbidden = whole, frozenset(forbidden)
        self._taken = _pattern_of_keys(forbidden)
        lines, numbers = self._first_lines()
        if whole:
            self._parsed = self.schema  # the column of texts
            self._keys = _keys(lines)
            self.schema = pa.schema([*self._parsed, (LINE, pa.string())])
        else:
            self._parsed = self.schema = _schema(lines)
            self._keys = list(self.schema.names)
        if not self._keys and not isinstance(loaded(lines[0].as_py()), dict):
            reason = what_is_wrong("", lines[0].as_py(), self._parsed)
            raise DataError(reason, path=self._stream.name, line=1 + int(numbers[0]))

    @property
    def names(self) -> list[str]:
        """The keys of the first lines, in order."""
        return self._keys

    def _first_lines(self) -> tuple[pa.StringArray, NDArray[np.int64]]:
        """Return the first lines that are not blank, and which those are."""
        content = more = self._stream.read(BLOCK_BYTES)
        while len(more) >= BLOCK_BYTES and len(content) <= ROW_BYTES and not _complete(content):
            more = self._stream.read(BLOCK_BYTES)
            content += more
        self._stream.put_back(content)
        if len(more) >= BLOCK_BYTES:  # the last line may go on
            content = _complete(content) or content
        lines, numbers = not_blank(split(content.removesuffix(b"\n") + b"\n"))
        if not len(lines):
            raise DataError("no line; expected a JSON object a line", path=self._stream.name)
        return lines, numbers

    def _rows(self, lines: pa.StringArray, number: int) -> tuple[pa.RecordBatch, list[Fault]]:
        import pyarrow as pa  # noqa: PLC0415 - heavy; wanted by who reads

        lines, numbers = not_blank(lines)
        self._check_free(lines, number, numbers)
        broken = broken_rows(lines).tolist() if self._stream.broken else []
        reasons = {row: what_is_broken(lines[row].as_py()) for row in broken}
        messages = dict.fromkeys(unfit(lines), "")
        rows = others(len(lines), [*reasons, *messages])
        tables = [self._parsed.empty_table()]
        for first, answer in parse(take(lines, rows), self._parsed, others=self._whole):
            if isinstance(answer, pa.Table):
                tables.append(answer)
            else:
                messages[int(rows[first])] = answer
        for row in messages.keys() - reasons.keys():
            reasons[row] = what_is_wrong(messages[row], lines[row].as_py(), self._parsed)
        values = pa.concat_tables(tables)
        kept = self._objects_among(lines, sorted(messages.keys() - set(broken)))
        batch = self._batch(values, lines, others(len(lines), list(reasons)), kept)
        faults = [
            Fault(row, number + int(numbers[row]), why, restored(lines[row].as_py()), row in kept)
            for row, why in reasons.items()
        ]
        return batch, faults

    def _batch(
        self, values: pa.Table, lines: pa.StringArray, good: NDArray[np.int64], kept: list[int]
    ) -> pa.RecordBatch:
        """Return rows.

        Args:
            values: Of the good lines.
            lines: All lines.
            good: int64, which of them are good.
            kept: Which others stay, without a text.
        """
        import pyarrow as pa  # noqa: PLC0415 - heavy; wanted by who reads

        if kept:
            given = np.union1d(good, kept).astype(np.int64)
            places = pa.array(np.searchsorted(good, given), mask=np.isin(given, kept))
            values, good = values.take(places), given
        columns = [_joined(column) for column in values.columns]
        if self._whole:
            columns.append(take(lines, good))
        return pa.RecordBatch.from_arrays(columns, schema=self.schema)

    def _check_free(self, lines: pa.StringArray, number: int, numbers: NDArray[np.int64]) -> None:
        """Check that no line that travels as it is has a key that is going to be added."""
        import pyarrow.compute as pc  # noqa: PLC0415 - heavy; wanted by who reads

        if not (self._whole and self._forbidden):
            return
        found = pc.match_substring_regex(lines, self._taken).to_numpy(zero_copy_only=False)
        for row in np.flatnonzero(found).tolist():
            line = loaded(lines[row].as_py())
            if isinstance(line, dict) and (taken := self._forbidden & line.keys()):
                raise DataError(
                    f"there is a key {min(taken)!r} already; give the new ones a prefix, such as "
                    "--prefix emoconv_",
                    path=self._stream.name,
                    line=number + int(numbers[row]),
                )

    def _objects_among(self, lines: pa.StringArray, rows: list[int]) -> list[int]:
        """Return which of some rows stay, as lines without a text."""
        if not (self._whole and self._on_error == "null"):
            return []
        return [row for row in rows if isinstance(loaded(lines[row].as_py()), dict)]


def _complete(content: bytes) -> bytes:
    """Return the whole lines of what is read, if one of them is not blank."""
    lines = content[: content.rfind(b"\n") + 1]
    return lines if lines.strip() else b""


def _pattern_of_keys(keys: Sequence[str]) -> str:
    """Return what matches lines that may have one of some keys, or one with an escaped letter."""
    names = "|".join(re.escape(key) for key in keys)
    return rf'"(?:{names})"\s*:|\\u00[2-7][^"]*"\s*:'


def _keys(lines: pa.StringArray) -> list[str]:
    """Return the keys of lines, in the order in which they are found."""
    found: dict[str, None] = {}
    for line in lines.to_pylist():
        row = loaded(line)
        if isinstance(row, dict):
            found |= dict.fromkeys(row)
    return list(found)


def _schema(lines: pa.StringArray) -> pa.Schema:
    """Return the columns of lines; what is not as the first ones is a fault, once it is read."""
    import pyarrow as pa  # noqa: PLC0415 - heavy; wanted by who reads

    fit = take(lines, others(len(lines), unfit(lines)))
    schema = pa.schema([])
    for _, answer in parse(fit, None, others=False):
        if isinstance(answer, pa.Table):
            try:
                schema = pa.unify_schemas([schema, answer.schema], promote_options="permissive")
            except (pa.ArrowTypeError, pa.ArrowInvalid):
                continue
    return pa.schema([(field.name, lasting_type(field.type)) for field in schema])


def _joined(column: pa.ChunkedArray) -> pa.Array:
    """Return a column in one piece."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
