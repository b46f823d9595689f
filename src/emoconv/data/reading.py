"""One entry to every format: tell what a file is, and read it.

The rule, also for what the command line reads:

1. A format that is named is taken.
2. If any column of a table is named (labels, label columns, ids), the file is a table of the
   format that its ending names.
3. A ``.tsv`` file whose first line has three fields, the second of them numbers separated by
   commas, is a part of the official GoEmotions split: it has no header.
4. A ``.csv`` file whose first line is the 37 columns of the raw release is the raw release.
5. Any other file is a table of the format that its ending names.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from emoconv.data.formats import TABLE_FORMATS, table_format
from emoconv.data.goemotions import RAW_COLUMNS, read_official, read_raw
from emoconv.data.records import MAX_LINE_CHARS, open_bytes
from emoconv.data.tabular import read_table
from emoconv.errors import ConfigError, DataError, did_you_mean
from emoconv.labels import GOEMOTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from emoconv.data.dataset import Dataset
    from emoconv.labels import LabelSet

__all__ = ["FORMATS", "file_format", "read"]

FORMATS = ("official", "raw", *TABLE_FORMATS)
"""Every format that ``read`` knows."""

_OFFICIAL_LINE = re.compile(r"[^\t]*\t[0-9]+(,[0-9]+)*\t[^\t]*")


def file_format(
    path: str | PathLike[str],
    *,
    format: str | None = None,  # noqa: A002 - the option's name
    columns_named: bool = False,
) -> str:
    """Return the format of a file, one of ``FORMATS``, by the rule above.

    Args:
        path: The file.
        format: The format if it is named.
        columns_named: Whether a column of a table is named.

    Raises:
        ConfigError: The format is unknown.
        DataNotFoundError: There is no such file.
        DataError: It is a folder, or its ending tells no format.
    """
    if format is not None:
        if format not in FORMATS:
            hint = did_you_mean(format, FORMATS)
            raise ConfigError(f"format {format!r} is not one of {', '.join(FORMATS)}{hint}")
        return format
    path = Path(path)
    with open_bytes(path) as file:
        first = file.readline(MAX_LINE_CHARS).decode("utf-8-sig", errors="replace").rstrip("\r\n")
    by_ending = table_format(path)
    if not columns_named and by_ending == "tsv" and _OFFICIAL_LINE.fullmatch(first):
        return "official"
    if not columns_named and by_ending == "csv" and first == ",".join(RAW_COLUMNS):
        return "raw"
    return by_ending


def read(
    path: str | PathLike[str],
    *,
    labels: LabelSet | None = None,
    format: str | None = None,  # noqa: A002 - the option's name
    text_column: str = "text",
    label_columns: Sequence[str] | None = None,
    labels_column: str | None = None,
    id_column: str | None = None,
    separator: str = ",",
) -> Dataset:
    """Read a data set of any format; the module says how the format is told.

    Args:
        path: The file, also as ``.gz`` where it is text.
        labels: The label set; None is GoEmotions' for its own formats, and what is found for a
            table.
        format: One of ``FORMATS``, or None.
        text_column: As ``read_table``; the official and the raw format have no use for it and
            what follows.
        label_columns: As ``read_table``.
        labels_column: As ``read_table``.
        id_column: As ``read_table``.
        separator: As ``read_table``.

    Raises:
        ConfigError: The format is unknown, or both kinds of label column are named.
        DataNotFoundError: There is no such file.
        DataError: The content is not as expected.
    """
    named = any(option is not None for option in (label_columns, labels_column, id_column))
    format_ = file_format(path, format=format, columns_named=named)
    if format_ == "official":
        return read_official(path, GOEMOTIONS if labels is None else labels)
    if format_ == "raw":
        if labels not in (None, GOEMOTIONS):
            raise DataError("raw rows carry GoEmotions' labels, other labels are wanted", path=path)
        return read_raw([path])
    return read_table(
        path,
        text_column=text_column,
        label_columns=label_columns,
        labels_column=labels_column,
        id_column=id_column,
        labels=labels,
        format=format_,
        separator=separator,
    )
