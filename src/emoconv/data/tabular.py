"""Any multi-label table as a data set: CSV, TSV, JSON Lines or Parquet.

Labels stand either in columns of 0 and 1, one for each label, or in one column of label names: a
string with a separator, or a list in JSON Lines and Parquet.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from emoconv.data.dataset import Dataset
from emoconv.data.formats import open_table
from emoconv.data.records import ZERO_ONE, multi_hot, zero_one_numbers
from emoconv.errors import ConfigError, DataError, did_you_mean
from emoconv.labels import LabelSet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    import numpy as np
    from numpy.typing import NDArray

    from emoconv.data.formats import Table

__all__ = ["LabelColumns", "ids_of", "label_set", "read_table", "texts_of"]

_TRUE_FALSE = {"false": False, "False": False, "true": True, "True": True}


def read_table(
    path: str | PathLike[str],
    *,
    text_column: str = "text",
    label_columns: Sequence[str] | None = None,
    labels_column: str | None = None,
    id_column: str | None = None,
    labels: LabelSet | None = None,
    format: str | None = None,  # noqa: A002 - the option's name
    separator: str = ",",
) -> Dataset:
    """Read a table of texts and labels.

    A row without any label is legal ("none of these"): zeros everywhere, an empty cell or an
    empty list; a null is not, for it may as well mean "nobody looked". An empty text is legal in
    CSV and TSV, a null or a number in place of a text is not. ``data check`` counts both.

    Args:
        path: The file; text formats also as ``.gz``. CSV is quoted as in RFC 4180; TSV is not
            quoted at all.
        text_column: The column of the texts.
        label_columns: Columns of 0 and 1 (also 0.0, 1.0, true, false), one for each label, named
            as the label is.
        labels_column: Or else one column of label names. If neither is given and ``labels`` is,
            the label columns are those of its names.
        id_column: The column of comment ids, strings or integers; null is a blank id.
        labels: The label set. None takes what is found: the label columns in their order, or the
            names found, sorted.
        format: One of ``TABLE_FORMATS``; None takes it from the file's ending.
        separator: What stands between two names in a string of names; spaces around are dropped.

    Raises:
        ConfigError: Both kinds of label column are given, or the format is unknown.
        DataNotFoundError: There is no such file.
        DataError: The file is not of its format, a column is not there, or a value is not as
            said; the complaint names file and line, in Parquet the row.
    """
    columns = LabelColumns(label_columns, labels_column, separator)
    table = open_table(Path(path), format)
    y, labels = columns.read(table, labels)
    texts = texts_of(table, text_column)
    ids = None if id_column is None else ids_of(table, id_column)
    return Dataset(texts=texts, y=y, labels=labels, ids=ids)


@dataclass(frozen=True)
class LabelColumns:
    """Where a table has its labels; the arguments are those of `read_table`."""

    label_columns: Sequence[str] | None = None
    labels_column: str | None = None
    separator: str = ","

    def __post_init__(self) -> None:
        if self.label_columns is not None and self.labels_column is not None:
            raise ConfigError("give label columns or one labels column, not both")
        if not self.separator:
            raise ConfigError("the separator of label names is empty, expected something like ','")

    def read(self, table: Table, labels: LabelSet | None) -> tuple[NDArray[np.bool_], LabelSet]:
        """Return the labels of N rows, bool (N, L), and the label set.

        Raises:
            DataError: As `read_table`.
        """
        if self.labels_column is None:
            return _zero_one_labels(table, self.label_columns, labels)
        cells = self._cells(table, self.labels_column)
        if labels is None:
            labels = label_set(set().union(*set(cells)), self, table.path)
        return _multi_hot_names(table, cells, labels), labels

    def names(self, table: Table) -> set[str]:
        """Return the names in the one column of names.

        Raises:
            DataError: As `read_table`.
        """
        assert self.labels_column is not None  # noqa: S101 - who calls it looked
        return set().union(*set(self._cells(table, self.labels_column)))

    def _cells(self, table: Table, column: str) -> list[tuple[str, ...]]:
        return [
            _names(value, self.separator, where=f"column {column!r}", path=table.path, line=line)
            for value, line in zip(table.column(column), table.lines, strict=True)
        ]


def label_set(names: set[str], columns: LabelColumns, path: Path) -> LabelSet:
    """Return the labels that a column of names was found to have.

    Raises:
        DataError: It has none.
    """
    if not names:
        raise DataError(f"column {columns.labels_column!r} names no label in any row", path=path)
    return LabelSet(tuple(sorted(names)))


def texts_of(table: Table, name: str) -> list[str]:
    """Return the column of texts.

    Raises:
        DataError: There is no such column, or a value in it is no text.
    """
    texts: list[str] = []
    for value, line in zip(table.column(name), table.lines, strict=True):
        if not isinstance(value, str):
            found = "null" if value is None else repr(value)
            raise DataError(
                f"column {name!r} holds {found}, expected a text", path=table.path, line=line
            )
        if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
            raise DataError(
                f"column {name!r} holds half of a surrogate pair, expected a text",
                path=table.path,
                line=line,
            )
        texts.append(value)
    return texts


def ids_of(table: Table, name: str) -> list[str]:
    """Return the column of comment ids, blank where there is none.

    Raises:
        DataError: There is no such column, or a value in it is no id.
    """
    ids: list[str] = []
    for value, line in zip(table.column(name), table.lines, strict=True):
        if value is not None and (isinstance(value, bool) or not isinstance(value, (str, int))):
            raise DataError(
                f"column {name!r} holds {value!r}, expected a comment id (a string or a whole "
                "number)",
                path=table.path,
                line=line,
            )
        ids.append("" if value is None else str(value))
    return ids


def _zero_one_labels(
    table: Table, names: Sequence[str] | None, labels: LabelSet | None
) -> tuple[NDArray[np.bool_], LabelSet]:
    if names is None:
        if labels is None or labels.names[0] not in table.names:
            raise DataError(
                "say which column holds the label names, or which columns of 0 and 1 are the "
                f"labels; the columns are {', '.join(table.names)}",
                path=table.path,
            )
        names = labels.names
    labels = LabelSet(tuple(names)) if labels is None else labels
    for name in names:
        if name not in labels.names:
            hint = did_you_mean(name, labels.names)
            raise DataError(f"label column {name!r} is not a known label{hint}", path=table.path)
    if missing := [name for name in labels.names if name not in names]:
        raise DataError(f"no label column for {', '.join(missing)}", path=table.path)
    cells = zip(*([str(value) for value in table.column(n)] for n in labels.names), strict=True)
    known = labels
    y = multi_hot(
        list(cells),
        table.lines,
        lambda cell: zero_one_numbers(cell, names=known.names, values=ZERO_ONE | _TRUE_FALSE),
        width=len(known),
        path=table.path,
    )
    return y, known


def _multi_hot_names(
    table: Table, cells: Sequence[tuple[str, ...]], labels: LabelSet
) -> NDArray[np.bool_]:
    return multi_hot(
        cells,
        table.lines,
        lambda cell: [labels.index(label) for label in cell],
        width=len(labels),
        path=table.path,
    )


def _names(value: object, separator: str, *, where: str, path: Path, line: int) -> tuple[str, ...]:
    """Return the label names of one cell: a string with separators, or a list of strings."""
    if isinstance(value, str):
        value = value.split(separator) if value.strip() else []
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        found = "null" if value is None else repr(value)
        raise DataError(
            f"{where} holds {found}, expected label names (none: an empty cell or list)",
            path=path,
            line=line,
        )
    names = tuple(name.strip() for name in value)
    if not all(names):
        raise DataError(f"{where} holds an empty label name: {value!r}", path=path, line=line)
    return names
