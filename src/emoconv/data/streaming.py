"""Labelled texts in Parquet files that memory need not hold.

Texts are read again whenever they are asked for, a piece of the file at a time; their labels lie
in a file of their own.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emoconv.data.checks import normalise
from emoconv.data.dataset import Dataset, hash_rows
from emoconv.data.formats import parquet_rows, parquet_tables, table_format
from emoconv.data.tabular import ids_of, label_set, texts_of
from emoconv.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from emoconv.data.formats import Table
    from emoconv.data.tabular import LabelColumns
    from emoconv.labels import LabelSet

__all__ = [
    "MOST_HELD_OUT",
    "ROWS_AT_ONCE",
    "ParquetFiles",
    "StreamedDataset",
    "StreamedTexts",
    "stream",
]

ROWS_AT_ONCE = 65_536
"""Rows of a piece: short comments of so many rows take some tens of megabytes."""

MOST_HELD_OUT = 50_000
"""Texts that are held out at most: they are kept in memory, and more would change no cut."""


@dataclass(frozen=True)
class ParquetFiles:
    """Parquet files of the same columns, read one after the other.

    Args:
        paths: At least one.
        columns: Where the labels are.
        text_column: The column of the texts.
        id_column: The column of comment ids; ``None`` for none.

    Raises:
        DataError: The ending of a path is not Parquet's.
    """

    paths: Sequence[Path]
    columns: LabelColumns
    text_column: str = "text"
    id_column: str | None = None

    def __post_init__(self) -> None:
        for path in self.paths:
            if table_format(path) != "parquet":
                raise DataError("only Parquet (.parquet) is read in pieces", path=path)

    def rows(self) -> int:
        """Return how many rows the files say they have."""
        return sum(parquet_rows(path) for path in self.paths)

    def _tables(self, *columns: str | None) -> Iterator[Table]:
        """Yield all rows as tables of at most `ROWS_AT_ONCE`, with these columns but for None."""
        wanted = [name for name in columns if name is not None]
        for path in self.paths:
            yield from parquet_tables(path, wanted, rows=ROWS_AT_ONCE)

    def label_set(self) -> LabelSet | None:
        """Return the labels that a column of names has in any row; ``None`` without such a column.

        Raises:
            DataError: A file is not as said.
        """
        column = self.columns.labels_column
        if column is None:
            return None
        names = set().union(*(self.columns.names(table) for table in self._tables(column)))
        return label_set(names, self.columns, self.paths[0])

    def pieces(self, labels: LabelSet | None) -> Iterator[Dataset]:
        """Yield all rows, at most `ROWS_AT_ONCE` at a time.

        Args:
            labels: The label set; ``None`` for the columns of 0 and 1 that are named.

        Raises:
            DataError: As `emoconv.data.read_table`.
        """
        one_each = self.columns.label_columns or (() if labels is None else labels.names)
        of_names = self.columns.labels_column
        for table in self._tables(self.text_column, of_names, self.id_column, *one_each):
            y, found = self.columns.read(table, labels)
            ids = None if self.id_column is None else ids_of(table, self.id_column)
            yield Dataset(texts_of(table, self.text_column), y, found, ids)

    def texts(self) -> Iterator[list[str]]:
        """Yield the texts of all rows, at most `ROWS_AT_ONCE` at a time."""
        for table in self._tables(self.text_column):
            yield texts_of(table, self.text_column)


@dataclass(frozen=True, eq=False)
class StreamedTexts:
    """The texts of some rows, read anew whenever they are gone through.

    Args:
        files: Where they are.
        kept: bool (M,), which of the files' rows.
    """

    files: ParquetFiles
    kept: NDArray[np.bool_]

    def __iter__(self) -> Iterator[str]:
        """Yield one after the other.

        Raises:
            DataError: The files are not what they were.
        """
        first = 0
        for texts in self.files.texts():
            kept = self.kept[first : first + len(texts)]
            first += len(texts)
            yield from (text for text, keep in zip(texts, kept, strict=False) if keep)
        if first != len(self.kept):
            raise DataError(
                f"{first:,} rows, and there were {len(self.kept):,} a moment ago; leave the files "
                "as they are until the training is done",
                path=self.files.paths[0],
            )


@dataclass(frozen=True, eq=False)
class StreamedDataset:
    """N texts with multi-hot labels, as `Dataset`, but on disk.

    Args:
        texts: The texts.
        y: bool (N, L), read from disk where it is used.
        labels: The L label names.
    """

    texts: StreamedTexts
    y: NDArray[np.bool_]
    labels: LabelSet

    def __len__(self) -> int:
        return len(self.y)

    @functools.cached_property
    def _hash(self) -> str:
        return hash_rows(self.labels, self.texts, self.y)

    def fingerprint(self) -> str:
        """Return what `Dataset.fingerprint` returns for these rows."""
        return self._hash


def stream(
    files: ParquetFiles, folder: Path, *, labels: LabelSet | None = None, held_out: float, seed: int
) -> tuple[StreamedDataset, Dataset]:
    """Read files once, in pieces, and keep their labels on disk.

    Rows of one comment id, or of one text where the id is blank or there is none, are either held
    out or not: a hash of it and of the seed tells.

    Args:
        files: What to read.
        folder: Where the labels go; it must be there, and is to be left alone as long as the
            first of what is returned is used.
        labels: The label set; ``None`` takes what is found.
        held_out: The share of the comments to hold out, in [0, 1); where that would be more than
            `MOST_HELD_OUT` rows, about so many.
        seed: Equal seeds hold out the same comments.

    Returns:
        The rows to learn from, and the rows that are held out, in memory.

    Raises:
        DataError: A file is not as said, or there are no rows to learn from.
    """
    labels = files.label_set() if labels is None else labels
    share = min(held_out, MOST_HELD_OUT / max(1, files.rows()))
    path = folder / "labels.bool"
    kept_rows, held = [], []
    with path.open("wb") as file:
        for piece in files.pieces(labels):
            labels = piece.labels
            kept = ~_held_out(piece, share=share, seed=seed)
            piece.y[kept].tofile(file)
            held.append(piece.select(np.flatnonzero(~kept)))
            kept_rows.append(kept)
    kept = np.concatenate([np.zeros(0, dtype=np.bool_), *kept_rows])
    if labels is None or not kept.any():
        raise DataError("no rows to learn from", path=files.paths[0])
    shape = (int(kept.sum()), len(labels))
    y = np.memmap(path, dtype=np.bool_, mode="c", shape=shape)
    return StreamedDataset(StreamedTexts(files, kept), y, labels), Dataset.concatenate(held)


def _held_out(piece: Dataset, *, share: float, seed: int) -> NDArray[np.bool_]:
    """Return which rows of a piece are held out, bool (N,)."""
    if share == 0:
        return np.zeros(len(piece), dtype=np.bool_)
    salt = seed.to_bytes(8, "little")
    ids = piece.ids or [""] * len(piece)
    found = np.empty(len(piece), dtype=np.bool_)
    for row, (text, name) in enumerate(zip(piece.texts, ids, strict=True)):
        key = f"id {name}" if name.strip() else f"text {normalise(text)}"
        digest = hashlib.blake2b(key.encode(), digest_size=8, salt=salt).digest()
        found[row] = int.from_bytes(digest, "little") < share * 2**64
    return found
