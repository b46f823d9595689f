"""A text as a file for pyarrow's reader of CSV, which would read far ahead of who uses its rows.

That reader reads on a thread of its own, up to 32 blocks ahead (arrow, ``MakeBackgroundGenerator``
in ``async_generator.h``). Here the thread waits while it is a few blocks ahead.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emoconv.scoring.readers.stream import TextStream

__all__ = ["Feed"]

Item = TypeVar("Item")

_AHEAD = 2
"""So many blocks may be read whose rows are not there yet: one is parsed, and its last row may end
in the next."""

_PATIENCE_S = 0.2
"""Rows that are waited for longer may be in no block that has been read: one of bad rows gives
none."""


class Feed:
    """A text, and a row more at its end.

    Args:
        stream: The text.
        last: The row; empty for none.
    """

    closed = False

    def __init__(self, stream: TextStream, *, last: bytes) -> None:
        self._stream, self._last = stream, last
        self._ends_line = True
        self._turn = threading.Condition()
        self._ahead, self._awaited, self._over = 0, False, False

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def writable(self) -> bool:
        """Say that it cannot be written."""
        return False

    def seekable(self) -> bool:
        """Say that it is read from its start to its end."""
        return False

    def close(self) -> None:
        """Leave the text open; it is closed by who opened it."""

    def read(self, size: int) -> bytes:
        """Return the next block, once it is wanted; called on the reader's thread."""
        with self._turn:
            while self._ahead >= _AHEAD and not self._over:
                if not self._turn.wait(_PATIENCE_S) and self._awaited:
                    self._ahead -= 1
            if self._over:
                return b""
            self._ahead += 1
        content = self._stream.read(size)
        if content:
            self._ends_line = content.endswith((b"\n", b"\r"))
        elif self._last:
            content = (b"" if self._ends_line else b"\n") + self._last
            self._last = b""
        return content

    def following(self, batches: Iterator[Item]) -> Item | None:
        """Return the next of the rows that are made of the text, or None."""
        self._awaited = True
        try:
            return next(batches, None)
        finally:
            with self._turn:
                self._awaited = False
                self._ahead = max(0, self._ahead - 1)
                self._turn.notify()

    def end(self) -> None:
        """Let the reader's thread find the end of the text."""
        with self._turn:
            self._over = True
            self._turn.notify()
