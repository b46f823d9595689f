"""What to read and how: shared by the commands that read a model or a data file."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import click

from emoconv.data import FORMATS, Dataset, LabelColumns, ParquetFiles, file_format, read
from emoconv.data.formats import open_table
from emoconv.data.records import read_lines
from emoconv.errors import DataError
from emoconv.hub import find_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

    from emoconv.labels import LabelSet

__all__ = [
    "TableOptions",
    "confidence_option",
    "grouping_option",
    "model_option",
    "read_texts",
    "split_names",
    "table_options",
    "text_column_option",
]

Result = TypeVar("Result")


def _fetched(
    _context: click.Context, _parameter: click.Parameter, value: Path | None
) -> Path | None:
    """Return the folder of a model, which is fetched if it is on the Hub; None for None."""
    return None if value is None else find_folder(value)


model_option = click.option(
    "--model",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    callback=_fetched,
    help="A model that `emoconv train` wrote, or hub:USER/NAME@REVISION for one on the Hugging "
    "Face Hub; by default the one in the package.",
)

grouping_option = click.option(
    "--grouping",
    metavar="NAME|FILE",
    help="Groups in the place of the labels: ekman, sentiment, or a JSON file of each group with "
    "the list of its labels.",
)

confidence_option = click.option(
    "--min-confidence",
    type=click.FloatRange(0, 1),
    default=0,
    help="Give no label to a text whose highest probability is below this.",
)


text_column_option = click.option(
    "--text-column",
    default="text",
    show_default=True,
    metavar="NAME",
    help="The column of the texts.",
)
"""Of the commands that read what `emoconv.scoring.readers` reads."""


@dataclass(frozen=True)
class TableOptions:
    """What ``table_options`` collected; the fields are those of ``emoconv.data.read``."""

    format: str | None
    text_column: str
    labels_column: str | None
    label_columns: tuple[str, ...] | None
    id_column: str | None
    separator: str

    @property
    def names_columns(self) -> bool:
        """Whether a column of labels or ids is named, as only a table has them."""
        columns = (self.labels_column, self.label_columns, self.id_column)
        return any(column is not None for column in columns)

    def format_of(self, path: str | PathLike[str]) -> str:
        """Return the format in which ``read`` reads a file.

        Raises:
            DataError: The file is not there, or nothing tells its format.
        """
        return file_format(path, format=self.format, columns_named=self.names_columns)

    def read(self, *paths: str | PathLike[str], labels: LabelSet | None = None) -> Dataset:
        """Read data files as these options say, one after the other.

        Raises:
            ConfigError: Two options contradict each other.
            DataError: A file is not there or not as the options say, or their labels differ.
        """
        return Dataset.concatenate([self._read_one(path, labels=labels) for path in paths])

    def parquet(self, *paths: Path) -> ParquetFiles:
        """Return Parquet files as what `emoconv.data.stream` reads.

        Raises:
            ConfigError: Two options contradict each other.
            DataError: The ending of a path is not Parquet's.
        """
        columns = LabelColumns(self.label_columns, self.labels_column, self.separator)
        return ParquetFiles(paths, columns, self.text_column, self.id_column)

    def _read_one(self, path: str | PathLike[str], *, labels: LabelSet | None) -> Dataset:
        return read(
            path,
            labels=labels,
            format=self.format,
            text_column=self.text_column,
            labels_column=self.labels_column,
            label_columns=self.label_columns,
            id_column=self.id_column,
            separator=self.separator,
        )


def split_names(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> tuple[str, ...] | None:
    """Return the names that an option has, separated by commas; None for None."""
    return None if value is None else tuple(name.strip() for name in value.split(","))


_OPTIONS = (
    click.option(
        "--format",
        type=click.Choice(FORMATS),
        help="The format of the file; by default its ending and its first line tell.",
    ),
    click.option(
        "--text-column",
        default="text",
        show_default=True,
        metavar="NAME",
        help="The column of the texts, in a table.",
    ),
    click.option(
        "--labels-column",
        metavar="NAME",
        help="The one column of label names, in a table.",
    ),
    click.option(
        "--label-columns",
        metavar="NAMES",
        callback=split_names,
        help="Or the columns of 0 and 1, one for each label, separated by commas.",
    ),
    click.option(
        "--id-column",
        metavar="NAME",
        help="The column of comment ids, in a table.",
    ),
    click.option(
        "--separator",
        default=",",
        show_default=True,
        metavar="TEXT",
        help="What stands between two names in the labels column.",
    ),
)


def table_options(command: Callable[..., Result]) -> Callable[..., Result]:
    """Give a command the options for reading a data file, as one argument ``table``.

    The command takes ``table: TableOptions`` and calls ``table.read(path)``.
    """

    @functools.wraps(command)
    def wrapper(
        *,
        format: str | None,  # noqa: A002 - the option's name
        text_column: str,
        labels_column: str | None,
        label_columns: tuple[str, ...] | None,
        id_column: str | None,
        separator: str,
        **others: object,
    ) -> Result:
        table = TableOptions(
            format, text_column, labels_column, label_columns, id_column, separator
        )
        return command(table=table, **others)

    decorated: Callable[..., Result] = wrapper
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated


def read_texts(path: Path, *, text_column: str) -> list[str]:
    """Read texts without their labels: the lines of a text file, or a column of a table.

    Args:
        path: A ``.txt`` file, a part of the official GoEmotions split, or a table; ``.gz`` too.
        text_column: The column, of a table that has names for its columns.

    Raises:
        DataError: The file is not there, its ending tells no format, it has no such column, or a
            value of that is no text.
    """
    if path.name.lower().removesuffix(".gz").endswith(".txt"):
        return read_lines(path)
    if file_format(path) == "official":
        return [line.partition("\t")[0] for line in read_lines(path)]
    table = open_table(path)
    texts = table.column(text_column)
    for text, line in zip(texts, table.lines, strict=True):
        if not isinstance(text, str):
            raise DataError(
                f"column {text_column!r} holds {text!r}, expected a text", path=path, line=line
            )
    return cast("list[str]", list(texts))
