"""GoEmotions as Google publishes it: the official split, and the raw rows of every rater.

Both formats are strict: a line that Google's files would not hold is an error with its place.

Source: https://github.com/google-research/google-research/tree/master/goemotions; Demszky et al.
2020, "GoEmotions: A Dataset of Fine-Grained Emotions", https://aclanthology.org/2020.acl-main.372.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from emoconv.data.dataset import Dataset
from emoconv.data.records import ZERO_ONE, multi_hot, read_csv, read_lines, zero_one_numbers
from emoconv.errors import DataError, DataNotFoundError, LabelError, did_you_mean
from emoconv.labels import GOEMOTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from numpy.typing import NDArray

    from emoconv.labels import LabelSet

__all__ = [
    "PARTS",
    "RAW_COLUMNS",
    "RaterRows",
    "part_path",
    "read_official",
    "read_official_split",
    "read_rater_rows",
    "read_raw",
]

PARTS = ("train", "dev", "test")
"""The parts of the official split, each a file ``<part>.tsv``."""

_OFFICIAL_FIELDS = 3


def read_official(path: str | PathLike[str], labels: LabelSet = GOEMOTIONS) -> Dataset:
    """Read one part of the official split: ``text<TAB>label numbers<TAB>comment id``.

    There is no header and no quoting: a quote is part of the text. The numbers are separated by
    commas. Blank lines at the end, CR LF line ends and a UTF-8 byte order mark are accepted.

    Args:
        path: The file, also as ``.gz``.
        labels: The names of the numbers, in order.

    Raises:
        DataNotFoundError: There is no such file.
        DataError: It is not UTF-8 text, or a line does not have three fields, its text or id is
            blank, its line is longer than ``MAX_LINE_CHARS``, or a label number is missing or
            outside the set.
    """
    path = Path(path)
    lines = read_lines(path)
    records = [line.split("\t") for line in lines]
    for number, record in enumerate(records, 1):
        if len(record) != _OFFICIAL_FIELDS:
            raise DataError(
                f"{len(record)} tab-separated fields, expected 3: text, label numbers, comment id",
                path=path,
                line=number,
            )
        if not record[0].strip() or not record[2].strip():
            blank = "comment id" if record[0].strip() else "text"
            raise DataError(f"the {blank} is blank", path=path, line=number)
    texts, cells, ids = zip(*records, strict=True)
    y = multi_hot(
        cells,
        range(1, len(lines) + 1),
        lambda cell: _label_numbers(cell, len(labels)),
        width=len(labels),
        path=path,
    )
    return Dataset(texts=texts, y=y, labels=labels, ids=ids)


def _label_numbers(cell: str, count: int) -> list[int]:
    """Return the numbers of ``"3,17"``, each 0 to count - 1."""
    if not cell.strip():
        raise LabelError(f"no label: expected at least one number, 0 to {count - 1}")
    numbers = []
    for number in cell.split(","):
        if not re.fullmatch(r"[0-9]{1,9}", number) or int(number) >= count:
            raise LabelError(f"label number {number!r} is not one of 0 to {count - 1}")
        numbers.append(int(number))
    return numbers


def part_path(folder: str | PathLike[str], part: str) -> Path:
    """Return the file of one part of an official split, so that no other part is opened.

    Args:
        folder: The folder that holds ``train.tsv``, ``dev.tsv`` and ``test.tsv``.
        part: One of ``PARTS``.

    Raises:
        DataNotFoundError: The folder or the file is not there.
    """
    path = Path(folder) / f"{part}.tsv"
    if not path.is_file():
        raise DataNotFoundError(
            f"no such file, expected {', '.join(f'{name}.tsv' for name in PARTS)} in the folder; "
            "'emoconv download goemotions' fetches them",
            path=path,
        )
    return path


def read_official_split(
    folder: str | PathLike[str], labels: LabelSet = GOEMOTIONS
) -> dict[str, Dataset]:
    """Read all three parts of the official split, by name: for checks across them.

    To train or to evaluate, read the one part that is wanted:
    ``read_official(part_path(folder, "train"))``.

    Raises:
        DataNotFoundError: A part is not there.
        DataError: As ``read_official``.
    """
    return {part: read_official(part_path(folder, part), labels) for part in PARTS}


class _Column(NamedTuple):
    """A column of the raw release that is no label, and what its values look like."""

    name: str
    pattern: str
    expected: str


_REDDIT_NAME = r"t[0-9]_\w+"

_COLUMNS = (
    _Column("text", r"(?s:.*\S.*)", "a text"),
    _Column("id", r"\w+", "a comment id"),
    _Column("author", r"(?s:.+)", "a name"),
    _Column("subreddit", r"(?s:.+)", "a name"),
    _Column("link_id", _REDDIT_NAME, "a Reddit name such as t3_ab12c"),
    _Column("parent_id", _REDDIT_NAME, "a Reddit name such as t1_ab12c"),
    _Column("created_utc", r"[0-9]+(\.[0-9]+)?", "seconds since 1970"),
    _Column("rater_id", r"[0-9]+", "a number"),
    _Column("example_very_unclear", r"True|False", "True or False"),
)

RAW_COLUMNS = (*(column.name for column in _COLUMNS), *GOEMOTIONS.names)
"""The 37 columns of the raw release, in order."""


@dataclass(frozen=True, eq=False)
class RaterRows:
    """The raw release: one row for each rater of each comment.

    Args:
        dataset: All N rows, unclear ones too; a comment's id is on every row of it.
        unclear: bool (N,): the rater found the comment too unclear to label.
    """

    dataset: Dataset
    unclear: NDArray[np.bool_]


def read_rater_rows(paths: Sequence[str | PathLike[str]]) -> RaterRows:
    """Read the CSV files of the raw release (``goemotions_1.csv`` and so on) as one table.

    Every file has the 37 ``RAW_COLUMNS``, by name and in order, and every value of every column
    is checked. Label columns hold 0 or 1, which may be written 0.0 or 1.0. Quoting is as in
    RFC 4180; texts may hold line ends.

    Args:
        paths: One file or more, also as ``.gz``.

    Raises:
        DataNotFoundError: A file is not there.
        DataError: No file is given, or one is not as said; the complaint names file and line.
    """
    if not paths:
        raise DataError("no raw file was given, expected at least one")
    tables = [_read_raw_file(Path(path)) for path in paths]
    return RaterRows(
        dataset=Dataset.concatenate([table.dataset for table in tables]),
        unclear=np.concatenate([table.unclear for table in tables]),
    )


def read_raw(paths: Sequence[str | PathLike[str]], *, keep_unclear: bool = False) -> Dataset:
    """Read the raw release as a data set of rater rows.

    Args:
        paths: As ``read_rater_rows``.
        keep_unclear: Also keep the rows that a rater marked as very unclear (they have no label);
            ``read_rater_rows`` counts them.

    Raises:
        DataNotFoundError: A file is not there.
        DataError: As ``read_rater_rows``.
    """
    rows = read_rater_rows(paths)
    if keep_unclear:
        return rows.dataset
    return rows.dataset.select(np.flatnonzero(~rows.unclear))


def _read_raw_file(path: Path) -> RaterRows:
    records, lines = read_csv(path)
    _check_header(records[0], path)
    records, lines = records[1:], lines[1:]
    if not records:
        raise DataError("a header and no rows", path=path)
    columns = [[record[number] for record in records] for number in range(len(_COLUMNS))]
    for column, values in zip(_COLUMNS, columns, strict=True):
        _check_values(column, values, lines, path)
    cells = [tuple(record[len(_COLUMNS) :]) for record in records]
    y = multi_hot(
        cells,
        lines,
        lambda cell: zero_one_numbers(cell, names=GOEMOTIONS.names, values=ZERO_ONE),
        width=len(GOEMOTIONS),
        path=path,
    )
    return RaterRows(
        dataset=Dataset(texts=columns[0], y=y, labels=GOEMOTIONS, ids=columns[1]),
        unclear=np.array([value == "True" for value in columns[-1]]),
    )


def _check_header(header: Sequence[str], path: Path) -> None:
    """Raise DataError unless the header is ``RAW_COLUMNS``."""
    if tuple(header) == RAW_COLUMNS:
        return
    unknown = [name for name in header if name not in RAW_COLUMNS]
    missing = [name for name in RAW_COLUMNS if name not in header]
    if unknown:
        found = f"column {unknown[0]!r} is not one of them{did_you_mean(unknown[0], missing)}"
    elif missing:
        found = f"missing: {', '.join(missing)}"
    else:
        found = "they are in another order or given twice"
    raise DataError(
        f"expected the 37 columns of the raw GoEmotions release; {found}", path=path, line=1
    )


def _check_values(column: _Column, values: Sequence[str], lines: Sequence[int], path: Path) -> None:
    """Raise DataError at the first value that does not look like its column's."""
    pattern = re.compile(column.pattern)
    wrong = {value for value in set(values) if not pattern.fullmatch(value)}
    if wrong:
        row = next(row for row, value in enumerate(values) if value in wrong)
        raise DataError(
            f"column {column.name!r} holds {values[row]!r}, expected {column.expected}",
            path=path,
            line=lines[row],
        )
