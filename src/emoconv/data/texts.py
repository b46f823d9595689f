"""Texts without labels: a text file of one a line, or a column of any table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from emoconv.data.formats import open_table
from emoconv.data.records import read_lines
from emoconv.data.tabular import texts_of

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["read_texts"]


def read_texts(path: str | PathLike[str], *, text_column: str = "text") -> list[str]:
    """Read texts; blank ones are left out.

    Args:
        path: ``.txt`` with a text a line, or a table (CSV, TSV, JSON Lines, Parquet); text formats
            also as ``.gz``.
        text_column: The column of the texts, in a table.

    Raises:
        DataNotFoundError: There is no such file.
        DataError: It is not of its format, has no such column, or holds no text.
    """
    path = Path(path)
    if path.name.lower().removesuffix(".gz").endswith(".txt"):
        texts = read_lines(path)
    else:
        texts = texts_of(open_table(path), text_column)
    return [text for text in texts if text.strip()]
