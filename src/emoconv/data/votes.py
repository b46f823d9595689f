"""Votes: how many raters gave a comment each label, and soft targets made of them.

Raters disagree, and a label that one of three gave is neither right nor wrong. The labels of a data
set are yes or no; targets that blend them with the votes tell a model how sure the raters were.
Votes are joined to texts by comment id alone.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from emoconv.data.formats import open_table, table_format
from emoconv.errors import ConfigError, DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence
    from os import PathLike

    from numpy.typing import NDArray

    from emoconv.data.dataset import Dataset
    from emoconv.data.formats import Table
    from emoconv.data.goemotions import RaterRows
    from emoconv.labels import LabelSet

__all__ = ["Votes", "count_votes", "read_votes", "write_votes"]

_ID = "id"
_RATERS = "n_rows"
_WHOLE_NUMBER = re.compile("[0-9]{1,9}")
_FORMATS = ("csv", "tsv")


@dataclass(frozen=True, eq=False)
class Votes:
    """How many raters gave each of M comments each label.

    Args:
        ids: M comment ids, none blank, none twice; kept as a tuple.
        counts: int64 (M, L): how many raters gave comment m label l, 0 to ``raters[m]``. A rater
            may give several labels, or none.
        raters: int64 (M,): how many raters looked at the comment; 0 where nothing is known of them.
        labels: The L label names.

    Raises:
        DataError: The arrays are not as said.

    Example:
        >>> from emoconv.data import Dataset
        >>> from emoconv.labels import LabelSet
        >>> labels = LabelSet(("joy", "love"))
        >>> votes = Votes(["c1"], np.array([[3, 1]]), np.array([4]), labels)
        >>> dataset = Dataset(["nice!", "hm"], np.eye(2, dtype=bool), labels, ["c1", "c2"])
        >>> votes.blend(dataset, weight=0.5).tolist()
        [[0.875, 0.125], [0.0, 1.0]]
    """

    ids: Sequence[str]
    counts: NDArray[np.int64]
    raters: NDArray[np.int64]
    labels: LabelSet

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", tuple(self.ids))
        wanted = {"counts": (len(self.ids), len(self.labels)), "raters": (len(self.ids),)}
        for name, shape in wanted.items():
            array: NDArray[np.int64] = getattr(self, name)
            if array.shape != shape or array.dtype != np.int64:
                raise DataError(
                    f"votes on {len(self.ids)} comments with {len(self.labels)} labels need "
                    f"{name} as an int64 array of shape {shape}, got {array.dtype} {array.shape}"
                )
        if fault := _fault(self.ids, self.counts, self.raters, self.labels):
            row, message = fault
            raise DataError(f"votes of row {row}: {message}")

    def __len__(self) -> int:
        return len(self.ids)

    def among(self, ids: Container[str]) -> Votes:
        """Return the votes on those comments that are among ``ids``, in their order here."""
        rows = np.array([row for row, id_ in enumerate(self.ids) if id_ in ids], dtype=np.intp)
        return Votes(
            [self.ids[row] for row in rows], self.counts[rows], self.raters[rows], self.labels
        )

    def blend(self, dataset: Dataset, *, weight: float, min_raters: int = 2) -> NDArray[np.float32]:
        """Return soft targets: the labels of a data set, moved towards the raters' votes.

        A text whose comment has enough raters gets ``(1 - weight) * labels + weight * shares``,
        where a label's share is the fraction of the raters who gave it. Any other text keeps its
        labels, as 0 and 1.

        Args:
            dataset: N texts with comment ids and the labels of the votes. Texts of one id get the
                same votes.
            weight: What the votes count, 0 (only labels) to 1 (only votes).
            min_raters: How many raters are enough, at least 1. One rater says nothing of how sure
                raters are.

        Returns:
            float32 (N, L), 0 to 1.

        Raises:
            ConfigError: ``weight`` or ``min_raters`` is outside its range.
            DataError: The data set has no ids, or other labels.
        """
        if not 0 <= weight <= 1:
            raise ConfigError(f"the weight of votes is {weight}, expected 0 to 1")
        if min_raters < 1:
            raise ConfigError(f"min_raters is {min_raters}, expected at least 1")
        if dataset.ids is None:
            raise DataError(
                "votes are joined to texts by comment id, and this data set has no ids; name its "
                "id column"
            )
        if dataset.labels != self.labels:
            raise DataError(
                f"the votes are on the labels {', '.join(self.labels.names)}, and the data set has "
                f"{', '.join(dataset.labels.names)}; they must be the same, in the same order"
            )
        enough = {id_: row for row, id_ in enumerate(self.ids) if self.raters[row] >= min_raters}
        found = np.array([enough.get(id_, -1) for id_ in dataset.ids], dtype=np.intp)  # (N,)
        texts = np.flatnonzero(found >= 0)
        rows = found[texts]
        shares = self.counts[rows] / self.raters[rows, None]  # (texts with votes, L)
        targets = dataset.y.astype(np.float32)
        targets[texts] = (1 - weight) * dataset.y[texts] + weight * shares
        return targets


def _fault(
    ids: Sequence[str],
    counts: NDArray[np.int64],
    raters: NDArray[np.int64],
    labels: LabelSet,
) -> tuple[int, str] | None:
    """Return the number of a row that cannot be, and what is wrong with it; or None."""
    seen: set[str] = set()
    for row, id_ in enumerate(ids):
        if not id_.strip():
            return row, "the comment id is blank"
        if id_ in seen:
            return row, f"comment id {id_!r} is there twice, expected one row for each comment"
        seen.add(id_)
    wrong = (counts < 0) | (counts > raters[:, None])  # (M, L)
    if not wrong.any():
        return None
    row, label = (int(number) for number in np.argwhere(wrong)[0])
    return row, (
        f"{counts[row, label]} votes for {labels.names[label]!r} from {raters[row]} raters, "
        "expected 0 to as many as there are raters"
    )


def count_votes(rows: RaterRows) -> Votes:
    """Count the votes on each comment of the raw release.

    Rows that a rater marked as very unclear carry no label and are no vote: they are left out, and
    so is a comment that has no other row. Rows of a blank id belong to no known comment and are
    left out too.

    Args:
        rows: What ``read_rater_rows`` returned.

    Returns:
        The comments in the order in which they first appear, each with at least one rater.

    Raises:
        DataError: The rows have no ids.
    """
    ids = rows.dataset.ids
    if ids is None:
        raise DataError("votes are counted by comment id, and these rows have no ids")
    kept = [row for row in np.flatnonzero(~rows.unclear).tolist() if ids[row].strip()]
    numbers: dict[str, int] = {}
    comments = np.array([numbers.setdefault(ids[row], len(numbers)) for row in kept], dtype=np.intp)
    counts = np.zeros((len(numbers), len(rows.dataset.labels)), dtype=np.int64)
    np.add.at(counts, comments, rows.dataset.y[kept])
    raters = np.bincount(comments, minlength=len(numbers)).astype(np.int64)
    return Votes(tuple(numbers), counts, raters, rows.dataset.labels)


def read_votes(path: str | PathLike[str], labels: LabelSet) -> Votes:
    """Read a table of votes: a comment a row.

    Its columns are ``id``; one for each label, named as the label is, with the number of raters
    who gave it; and ``n_rows``, the number of raters. They may stand in any order, and other
    columns are passed over. A comment of which no rater is known has zeros everywhere.

    Args:
        path: A CSV or TSV file with a header, also as ``.gz``. ``write_votes`` writes such files.
        labels: The labels to read, all of which must have a column.

    Raises:
        DataNotFoundError: There is no such file.
        DataError: It is not CSV or TSV, a column is missing, a number is not whole or is above
            the number of raters, or a comment id is blank or there twice; the complaint names
            file and line.
    """
    path = Path(path)
    _check_label_names(labels)
    table = open_table(path, _format(path))
    ids = [str(value) for value in table.column(_ID)]
    counts = np.stack([_whole_numbers(table, name) for name in labels.names], axis=1)  # (M, L)
    raters = _whole_numbers(table, _RATERS)  # (M,)
    if fault := _fault(ids, counts, raters, labels):
        row, message = fault
        raise DataError(message, path=path, line=table.lines[row])
    return Votes(ids, counts, raters, labels)


def _format(path: Path) -> str:
    format_ = table_format(path)
    if format_ not in _FORMATS:
        raise DataError(
            f"votes are kept in CSV or TSV, not in {format_}; expected .csv or .tsv (.gz may "
            "follow)",
            path=path,
        )
    return format_


def _check_label_names(labels: LabelSet) -> None:
    if taken := {_ID, _RATERS} & set(labels.names):
        raise DataError(
            f"a table of votes has a column {min(taken)!r} that is no label; rename the label"
        )


def _whole_numbers(table: Table, name: str) -> NDArray[np.int64]:
    """Return a column of whole numbers as int64 (M,)."""
    values = [str(value) for value in table.column(name)]
    wrong = {value for value in set(values) if not _WHOLE_NUMBER.fullmatch(value)}
    if wrong:
        row = next(row for row, value in enumerate(values) if value in wrong)
        raise DataError(
            f"column {name!r} holds {values[row]!r}, expected a whole number, 0 or more",
            path=table.path,
            line=table.lines[row],
        )
    return np.array([int(value) for value in values], dtype=np.int64)


def write_votes(votes: Votes, path: str | PathLike[str]) -> None:
    """Write votes as ``read_votes`` reads them, beside their place first, then move them there.

    Args:
        votes: What to write.
        path: A ``.csv`` or ``.tsv`` file, packed if ``.gz`` follows; one that is there is replaced.

    Raises:
        DataError: The ending is another, there are no votes, or an id or a label cannot stand in
            such a table.
    """
    path = Path(path)
    format_ = _format(path)
    if not len(votes):
        raise DataError("there are no votes to write", path=path)
    _check_label_names(votes.labels)
    for name in (*votes.labels.names, *votes.ids):
        if not name.isprintable():
            raise DataError(
                f"{name!r} cannot stand in a table of votes, expected printable characters",
                path=path,
            )
    out = io.StringIO(newline="")
    write_row = _row_writer(out, format_)
    write_row([_ID, _RATERS, *votes.labels.names])
    numbers = np.column_stack([votes.raters, votes.counts]).tolist()  # M lists of 1 + L
    for id_, row in zip(votes.ids, numbers, strict=True):
        write_row([id_, *map(str, row)])
    content = out.getvalue().encode()
    if path.suffix == ".gz":
        content = gzip.compress(content, mtime=0)  # equal votes, equal bytes
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def _row_writer(out: io.StringIO, format_: str) -> Callable[[Sequence[str]], object]:
    """Return what writes a row; TSV is not quoted, as it is not when read."""
    if format_ == "csv":
        return csv.writer(out, lineterminator="\n").writerow
    return lambda row: out.write("\t".join(row) + "\n")
