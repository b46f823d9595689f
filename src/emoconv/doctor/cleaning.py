"""Which rows a cleaned copy leaves out, and why each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from emoconv.doctor.repeats import find_repeats
from emoconv.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from emoconv.data import Dataset
    from emoconv.doctor.repeats import Match

__all__ = ["CONFLICTS", "Conflicts", "Reason", "Removal", "removals"]

Conflicts = Literal["majority", "drop", "keep"]
"""What becomes of rows of one text with different labels: the labels of most of them stay, or none
if no labels are on more rows than all others; or none of the rows stay; or all."""

CONFLICTS: tuple[Conflicts, ...] = get_args(Conflicts)

Reason = Literal["leak", "suspect", "conflict", "duplicate"]


@dataclass(frozen=True)
class Removal:
    """A row that is left out.

    Args:
        row: Its place, from 0.
        why: It is known from other data, its labels are likely wrong, they contradict another
            row's, or an earlier row says the same.
        because: The row that it contradicts or repeats; None for the other reasons.
    """

    row: int
    why: Reason
    because: int | None = None


def removals(
    dataset: Dataset,
    *,
    match: Match = "exact",
    conflicts: Conflicts = "majority",
    leaks: Iterable[int] = (),
    suspects: Iterable[int] = (),
) -> tuple[Removal, ...]:
    """Say which rows to leave out, in the order of the rows.

    Leaks and suspects go first; then rows that contradict each other are looked at among what is
    left, and of rows with the same text and labels the first stays.

    Args:
        dataset: What is cleaned.
        match: Which texts are taken for one.
        conflicts: What becomes of contradictions.
        leaks: Rows known from other data that are to go.
        suspects: Rows of likely wrong labels that are to go.

    Raises:
        ConfigError: There is no such way to match, or to treat conflicts.

    Example:
        >>> import numpy as np
        >>> from emoconv.data import Dataset
        >>> from emoconv.labels import LabelSet
        >>> y = np.array([[True], [False], [True]])
        >>> removals(Dataset(["hi", "hi", "hi"], y, LabelSet(("joy",))))[0]
        Removal(row=1, why='conflict', because=0)
    """
    if conflicts not in CONFLICTS:
        hint = did_you_mean(conflicts, CONFLICTS)
        raise ConfigError(f"no way {conflicts!r}{hint} (known: {', '.join(CONFLICTS)})")
    out: dict[int, Removal] = {row: Removal(row, "suspect") for row in suspects}
    out |= {row: Removal(row, "leak") for row in leaks}
    kept = np.setdiff1d(np.arange(len(dataset)), np.array(list(out), dtype=np.intp))
    repeats = find_repeats(dataset.select(kept), match=match)
    for group in (*repeats.agreeing, *repeats.conflicting):
        rows = kept[list(group)]
        labels = [row.tobytes() for row in dataset.y[rows]]
        if conflicts != "keep" and len(set(labels)) > 1:
            stays = _winner(labels) if conflicts == "majority" else None
            out |= _contradictions(rows, labels, stays)
            labels, rows = _only(labels, rows, stays)
        out |= _duplicates(rows, labels)
    return tuple(out[row] for row in sorted(out))


def _winner(labels: list[bytes]) -> bytes | None:
    """Return the labels of most rows; None where two are as frequent."""
    (first, count), *others = Counter(labels).most_common()
    return None if others and others[0][1] == count else first


def _contradictions(
    rows: NDArray[np.intp], labels: list[bytes], stays: bytes | None
) -> dict[int, Removal]:
    """Return the removals of all rows but those whose labels stay."""
    found = {}
    for row, own in zip(rows.tolist(), labels, strict=True):
        if own != stays:
            other = next(r for r, o in zip(rows.tolist(), labels, strict=True) if o != own)
            found[row] = Removal(row, "conflict", other)
    return found


def _only(
    labels: list[bytes], rows: NDArray[np.intp], stays: bytes | None
) -> tuple[list[bytes], NDArray[np.intp]]:
    places = [place for place, own in enumerate(labels) if own == stays]
    return [labels[place] for place in places], rows[places]


def _duplicates(rows: NDArray[np.intp], labels: list[bytes]) -> dict[int, Removal]:
    """Return the removals of all rows but the first of each labels."""
    first: dict[bytes, int] = {}
    found = {}
    for row, own in zip(rows.tolist(), labels, strict=True):
        if first.setdefault(own, row) != row:
            found[row] = Removal(row, "duplicate", first[own])
    return found
