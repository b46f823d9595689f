"""CSV and TSV: rows by pyarrow, every value a string, as it stands in the file.

CSV is that of RFC 4180: a value may be quoted, and a quoted one may hold quotes (twice each),
separators and line ends. In TSV nothing is quoted and a line is a row. Columns have no types:
``007`` stays ``007``.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from emoconv.errors import DataError
from emoconv.scoring.readers.base import Reader
from emoconv.scoring.readers.faults import Fault, settle
from emoconv.scoring.readers.feed import Feed
from emoconv.scoring.readers.stream import (
    ROW_BYTES,
    TextStream,
    broken_rows,
    restored,
    what_is_broken,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    import pyarrow.csv

    from emoconv.scoring.inputs import Input
    from emoconv.scoring.pieces import Piece
    from emoconv.scoring.readers.faults import OnError

__all__ = ["DelimitedReader"]

_HEADER_BYTES = 2**20
"""The header is looked for in so many bytes."""

_LAST = "\0the end as put here by emoconv\0"
"""A row that is put after the last one: if it is not found again, a quote was never closed."""

_FIRST_ROW = 2
"""The number of the first row behind the header."""

_UNCLOSED = "a quote that opens in this row is never closed"


class DelimitedReader(Reader):
    """Reads a CSV or TSV file once, from its start to its end.

    Args:
        file: The file.
        on_error: What becomes of rows that cannot be read.
        encoding: What it is written in.

    Attributes:
        schema: Its columns, strings.
        size: Of positions: bytes.

    Raises:
        ConfigError: There is no such encoding.
        DataError: The file is empty or cannot be unpacked, or two columns have one name.
    """

    def __init__(self, file: Input, *, on_error: OnError, encoding: str) -> None:
        import pyarrow as pa  # noqa: PLC0415 - heavy; wanted by who reads

        self._stream = TextStream(file, encoding)
        self._on_error = on_error
        self._separator = "," if file.format == "csv" else "\t"
        self._quotes = file.format == "csv"
        self.schema = pa.schema([(name, pa.string()) for name in self._header()])
        self.size = self._stream.size
        self._ragged: deque[pyarrow.csv.InvalidRow] = deque()  # not given on yet
        self._settled = 0  # so many have been

    def read(self, start: int) -> Iterator[Piece]:  # noqa: ARG002 - all rows have to be read again
        """Yield the rows.

        Raises:
            DataError: A row cannot be read, and none is to be passed over, or is too long.
        """
        import pyarrow as pa  # noqa: PLC0415 - heavy; wanted by who reads

        good = kept = 0  # rows of the file so far
        feed = Feed(self._stream, last=_LAST.encode() if self._quotes else b"")
        batches = self._batches(feed)
        batch = None
        try:
            batch = feed.following(batches)
            while batch is not None:
                following = feed.following(batches)
                strings, faults = self._checked(batch, good, last=following is None)
                piece = settle(
                    strings,
                    faults,
                    file=self._stream.name,
                    before=kept,
                    on_error=self._on_error,
                    position=self._stream.position,
                )
                good += batch.num_rows
                kept += piece.batch.num_rows
                yield piece
                batch = following
        except pa.ArrowInvalid as error:
            reason = str(error).partition("\n")[0].rstrip(".")
            if "straddling" in reason:
                reason = f"a row of more than {ROW_BYTES >> 20} MiB: is a quote never closed?"
            before = good + (0 if batch is None else batch.num_rows)
            line = before + self._settled + len(self._ragged) + _FIRST_ROW
            raise DataError(reason, path=self._stream.name, line=line) from None
        finally:
            feed.end()
            self._stream.close()

    def _header(self) -> list[str]:
        """Return the names of the columns, and leave the stream behind them."""
        content = self._stream.read(_HEADER_BYTES)
        text = content.decode("utf-8", "ignore")  # its last character may be cut
        lines = io.StringIO(text, newline="")
        rows = csv.reader(lines, strict=True) if self._quotes else map(_cells, lines)
        try:
            names = next((row for row in rows if row), [])
        except csv.Error as error:
            raise self._wrong_header(f"the header is no CSV ({error})") from None
        used = lines.tell()
        if used == len(text) and len(content) >= _HEADER_BYTES:
            raise self._wrong_header(f"the header does not end in {_HEADER_BYTES} bytes")
        self._stream.put_back(content[len(text[:used].encode()) :])
        self._check_header(names)
        return names

    def _check_header(self, names: list[str]) -> None:
        if not names:
            raise DataError("the file is empty; expected a header", path=self._stream.name)
        for name in names:
            if self._stream.broken and restored(name) != name.encode():
                raise self._wrong_header(what_is_broken(name))
            if names.count(name) > 1:
                raise self._wrong_header(f"column {name!r} is there twice")

    def _wrong_header(self, reason: str) -> DataError:
        return DataError(reason, path=self._stream.name, line=1)

    def _batches(self, feed: Feed) -> Iterator[pa.RecordBatch]:
        """Yield rows, at least once; those of a wrong number of fields go elsewhere."""
        import pyarrow as pa  # noqa: PLC0415 - heavy; wanted by who reads
        import pyarrow.csv as arrow_csv  # noqa: PLC0415 - same

        def refuse(row: pyarrow.csv.InvalidRow) -> str:
            self._ragged.append(row)
            return "skip"

        empty = pa.RecordBatch.from_pylist([], schema=self.schema)
        if not self._quotes and self._stream.is_over():  # pyarrow does not read a file of nothing
            yield empty
            return
        batches = arrow_csv.open_csv(
            pa.PythonFile(feed, mode="r"),
            # In one thread rows are numbered; texts are scored meanwhile in others.
            read_options=arrow_csv.ReadOptions(
                use_threads=False, block_size=ROW_BYTES, column_names=self.names
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=self._separator,
                quote_char='"' if self._quotes else False,
                newlines_in_values=self._quotes,
                # With a single column an empty line is an empty text.
                ignore_empty_lines=len(self.schema) > 1,
                invalid_row_handler=refuse,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(self.names, pa.string()),
                check_utf8=False,  # it is, see TextStream
            ),
        )
        yield next(batches, empty)
        yield from batches

    def _checked(
        self, batch: pa.RecordBatch, good: int, *, last: bool
    ) -> tuple[pa.RecordBatch, list[Fault]]:
        """Return rows, and what is wrong with some of them and with the ragged ones among them.

        Args:
            batch: Rows of the right number of fields.
            good: How many of those came before.
            last: Whether none come after.
        """
        ragged, before = self._ragged_among(batch.num_rows, good, last=last)
        first = good + self._settled + _FIRST_ROW  # the number of the first of all these rows
        self._settled += len(ragged)
        wrong: dict[int, str] = {}
        if last and self._quotes:
            batch, ragged, wrong = _without_last(batch, ragged)
        faults = [
            Fault(
                rows + number,
                row.number - 1 + _FIRST_ROW,
                self._why_ragged(row),
                _as_it_was(row.text),
            )
            for number, (row, rows) in enumerate(zip(ragged, before, strict=False))
        ]
        gone = list(wrong)
        good_ones = batch
        if self._stream.broken:
            broken, good_ones = _without_broken(batch)
            wrong = broken | wrong
            gone += broken if self._on_error == "skip" else []
        for row, reason in wrong.items():
            place = row + int(np.searchsorted(before, row, side="right"))
            raw = self._raw(batch, row)
            faults.append(Fault(place, first + place, reason, raw, kept=row not in gone))
        if gone:
            kept = np.ones(batch.num_rows, dtype=np.bool_)
            kept[gone] = False
            good_ones = good_ones.take(np.flatnonzero(kept))
        return good_ones, faults

    def _ragged_among(
        self, rows: int, good: int, *, last: bool
    ) -> tuple[list[pyarrow.csv.InvalidRow], list[int]]:
        """Return the ragged rows that stand among good ones, and before which of those each is."""
        ragged: list[pyarrow.csv.InvalidRow] = []
        before: list[int] = []
        while self._ragged:
            place = self._ragged[0].number - 1 - self._settled - len(ragged) - good
            if place >= rows and not last:
                break
            ragged.append(self._ragged.popleft())
            before.append(place)
        return ragged, before

    def _why_ragged(self, row: pyarrow.csv.InvalidRow) -> str:
        if _LAST in row.text:
            return _UNCLOSED
        found = row.actual_columns
        return f"{found} field{'' if found == 1 else 's'}, expected {len(self.schema)}"

    def _raw(self, batch: pa.RecordBatch, row: int) -> bytes:
        """Return what a row's fields would be written as, without quotes."""
        fields = batch.slice(row, 1).to_pylist()[0].values()
        return _as_it_was(self._separator.join(fields))


def _cells(line: str) -> list[str]:
    """Return the cells of a line of TSV; none if it is blank."""
    bare = line.rstrip("\r\n")
    return bare.split("\t") if bare else []


def _as_it_was(text: str) -> bytes:
    """Return a row without what was put behind it."""
    return restored(text.removesuffix(_LAST).removesuffix("\n") if _LAST in text else text)


def _without_last(
    batch: pa.RecordBatch, ragged: list[pyarrow.csv.InvalidRow]
) -> tuple[pa.RecordBatch, list[pyarrow.csv.InvalidRow], dict[int, str]]:
    """Take away the row that was put after the last one, or say which row it is part of."""
    if ragged and ragged[-1].text == _LAST:
        return batch, ragged[:-1], {}
    if ragged and ragged[-1].text.endswith(_LAST):
        return batch, ragged, {}
    row = batch.num_rows - 1
    if batch.num_columns == 1 and batch.column(0)[row].as_py() == _LAST:
        return batch.slice(0, row), ragged, {}
    return batch, ragged, {row: _UNCLOSED}


def _without_broken(batch: pa.RecordBatch) -> tuple[dict[int, str], pa.RecordBatch]:
    """Return which rows have a value that is not UTF-8 and why, and rows with nulls for those."""
    import pyarrow as pa  # noqa: PLC0415 - heavy; wanted by who reads
    import pyarrow.compute as pc  # noqa: PLC0415 - same

    reasons: dict[int, str] = {}
    columns = []
    for column in batch.columns:
        rows = broken_rows(column)
        for row in rows.tolist():
            reasons.setdefault(row, what_is_broken(column[row].as_py()))
        bad = np.zeros(len(column), dtype=np.bool_)
        bad[rows] = True
        columns.append(pc.if_else(pa.array(bad), None, column) if len(rows) else column)
    return reasons, pa.RecordBatch.from_arrays(columns, schema=batch.schema)
