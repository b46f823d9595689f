"""Files of any size as record batches: CSV, TSV, JSON Lines, lines, Parquet and Arrow.

Knows nothing of models. Each reader gives the rows of one file in order, in pieces of no
particular size, and tells of the rows that it could not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emoconv.scoring.readers.base import Reader
from emoconv.scoring.readers.columnar import ArrowReader, ArrowStreamReader, ParquetReader
from emoconv.scoring.readers.delimited import DelimitedReader
from emoconv.scoring.readers.faults import ON_ERROR, OnError
from emoconv.scoring.readers.json_lines import LINE, JsonReader
from emoconv.scoring.readers.lines import LineReader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emoconv.scoring.inputs import Input

__all__ = ["LINE", "ON_ERROR", "OnError", "Reader", "open_reader"]


def open_reader(
    file: Input,
    *,
    column: str,
    forbidden: Sequence[str] = (),
    whole_lines: bool = False,
    on_error: OnError = "fail",
    encoding: str = "utf-8",
) -> Reader:
    """Open a file.

    Args:
        file: The file.
        column: What the column of texts is called.
        forbidden: Names of columns that are going to be added.
        whole_lines: Whether lines of JSON are to travel as they are, in a column ``LINE`` beside
            that of texts.
        on_error: What becomes of rows of a text format that cannot be read.
        encoding: What a text format is written in.

    Raises:
        ConfigError: There is no such encoding.
        DataError: The file is not of its format, or has a column twice.
    """
    if file.format in {"csv", "tsv"}:
        return DelimitedReader(file, on_error=on_error, encoding=encoding)
    if file.format == "lines":
        return LineReader(file, column=column, on_error=on_error, encoding=encoding)
    if file.format == "jsonl":
        return JsonReader(
            file,
            column=column,
            whole=whole_lines,
            forbidden=forbidden,
            on_error=on_error,
            encoding=encoding,
        )
    if file.format == "parquet":
        return ParquetReader(file)
    return ArrowReader(file) if file.format == "arrow" else ArrowStreamReader(file)
