"""What a reader of one file is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from emoconv.scoring.pieces import Piece

__all__ = ["Reader"]


class Reader(Protocol):
    """Reads one file once.

    Attributes:
        schema: The columns of its batches.
        size: How far its end is, in the units of its pieces' positions; 0 if that is not known.
    """

    schema: pa.Schema
    size: int

    @property
    def names(self) -> list[str]:
        """The names of the file's columns, as far as they are known."""
        return list(self.schema.names)

    def first(self, start: int) -> int:  # noqa: ARG002 - most read all rows again
        """Return which row `read` begins with where row ``start`` is wanted; no later one."""
        return 0

    def read(self, start: int) -> Iterator[Piece]:
        """Yield the rows from that one on."""
