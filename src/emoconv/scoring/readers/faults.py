"""Rows that could not be read, among those that could.

What happens to them is one of three things: the run fails at the first, they are put aside, or
they stay in their places with nulls in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from emoconv.errors import DataError
from emoconv.scoring.pieces import Piece, Reject

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

__all__ = ["ON_ERROR", "Fault", "OnError", "settle"]

OnError = Literal["fail", "skip", "null"]
"""What becomes of a row that cannot be read."""

ON_ERROR: tuple[OnError, ...] = ("fail", "skip", "null")


@dataclass(frozen=True)
class Fault:
    """A row that could not be read.

    Attributes:
        place: Which of the rows that were read together it is, from 0; all rows count.
        line: Where it is in the file.
        reason: What is wrong with it.
        raw: Its bytes.
        kept: Whether it is among the good rows nevertheless, with nulls for what is wrong.
    """

    place: int
    line: int
    reason: str
    raw: bytes
    kept: bool = False


def settle(
    good: pa.RecordBatch,
    faults: Sequence[Fault],
    *,
    file: str,
    before: int,
    on_error: OnError,
    position: int,
) -> Piece:
    """Return rows that were read together as a piece.

    Args:
        good: Those that could be read, and those that are kept with nulls.
        faults: The others, and those too, in any order.
        file: Where they are from.
        before: How many rows of the file were kept before them.
        on_error: What becomes of the others.
        position: How far into the file they reach.

    Raises:
        DataError: There is one, and none is to be passed over.
    """
    import pyarrow as pa  # noqa: PLC0415 - heavy; the readers have it

    if not faults:
        return Piece(good, [], position)
    faults = sorted(faults, key=lambda fault: fault.place)
    if on_error == "fail":
        worst = faults[0]
        raise DataError(
            f"{worst.reason}; mend it, or put such rows aside by --on-error skip (or null)",
            path=file,
            line=worst.line,
        )
    gone = np.array([fault.place for fault in faults if not fault.kept], dtype=np.int64)
    if on_error == "null":
        rows = np.full(good.num_rows + len(gone), -1, dtype=np.int64)
        there = np.ones(len(rows), dtype=np.bool_)
        there[gone] = False
        rows[there] = np.arange(good.num_rows)
        good = good.take(pa.array(rows, mask=~there))  # a null takes a row of nulls
        gone = gone[:0]
    rejects = [
        Reject(
            file=file,
            line=fault.line,
            reason=fault.reason,
            raw=fault.raw,
            before=before + fault.place - int(np.searchsorted(gone, fault.place)),
        )
        for fault in faults
    ]
    return Piece(good, rejects, position)
