"""The layouts of word vector files: bytes to rows, a row to numbers.

Three layouts, all with one word a row and D numbers after it:

- ``glove``: text, ``word 0.1 0.2 ...`` and nothing else; D is the number of fields of the first
  line, less one.
- ``word2vec``: the same after a first line ``V D``; fastText's ``.vec`` is this.
- ``word2vec-binary``: the same first line, then ``word``, a space and D little-endian float32,
  and after each, or not, a line feed.

In text, fields are parted by one ASCII space and lines by a line feed, as in the files published,
whose words hold other kinds of space. The last D fields of a line are its numbers: what is before
is the word, which may hold spaces, though not in the first line of ``glove``. A line whose word
would end in a number is taken for one with too many numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Literal, Protocol, get_args

import numpy as np

from emoconv.embeddings.source import CHUNK_BYTES
from emoconv.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from emoconv.embeddings.source import Source

__all__ = ["BinaryRows", "Format", "Rows", "TextRows", "open_rows"]

Format = Literal["glove", "word2vec", "word2vec-binary"]

_MAX_WIDTH = 16_384
_LINE_END = b" \r\n"  # the tools of word2vec and fastText leave a space at a line's end
_HEADER = re.compile(rb"(\d{1,18}) (\d{1,18})[ \r]*\n?")
_NUMBER = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_NOT_PRINTABLE = re.compile(rb"[^\x20-\x7e\r\n]")


class Rows(Protocol):
    """The rows of a file of word vectors, and how to read their numbers."""

    @property
    def width(self) -> int:
        """D, how many numbers a row has."""

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield each word, and the bytes of its numbers."""

    def parse(self, word: bytes, numbers: bytes) -> NDArray[np.float32]:
        """Return float32 (D,), finite.

        Raises:
            DataError: A number is broken, infinite or nan.
        """


def open_rows(source: Source, layout: Format | None) -> Rows:
    """Return the rows of a file from its start.

    Args:
        source: At its first byte.
        layout: Told from the first bytes when ``None``.

    Raises:
        ConfigError: There is no such layout.
        DataError: The first line is not one of this layout.
    """
    if layout is not None and layout not in get_args(Format):
        known = get_args(Format)
        raise ConfigError(
            f"expected format {', '.join(known)} or None, got {layout!r}"
            f"{did_you_mean(layout, known)}"
        )
    first = source.read_line()
    if layout == "glove" or (layout is None and not _HEADER.fullmatch(first)):
        return TextRows(source, width=_glove_width(source, first), first=first)
    promised, width = _read_header(source, first)
    if layout == "word2vec-binary" or (layout is None and _is_binary(source, width)):
        return BinaryRows(source, width=width, promised=promised)
    return TextRows(source, width=width, promised=promised)


def _glove_width(source: Source, first: bytes) -> int:
    width = first.rstrip(_LINE_END).count(b" ")
    if not 1 <= width <= _MAX_WIDTH or b"\0" in first:
        raise source.error(
            f"expected a word and its numbers, parted by spaces, found {first[:40]!r}"
        )
    return width


def _read_header(source: Source, first: bytes) -> tuple[int, int]:
    """Return V and D."""
    header = _HEADER.fullmatch(first)
    promised, width = (int(header[1]), int(header[2])) if header else (0, 0)
    if promised < 1 or not 1 <= width <= _MAX_WIDTH:
        raise source.error(
            "expected the number of words and the width of their vectors, as in b'400000 300',"
            f" found {first[:40]!r}"
        )
    return promised, width


def _is_binary(source: Source, width: int) -> bool:
    """Tell from what follows the first word: as text, D numbers take 2 D - 1 bytes or more."""
    numbers = source.stream.peek(1).partition(b" ")[2][: 2 * width - 1]
    return _NOT_PRINTABLE.search(numbers) is not None


@dataclass(frozen=True, kw_only=True)
class TextRows:
    """The rows of a ``glove`` or ``word2vec`` file.

    Args:
        source: After the header, or after the first line.
        width: D.
        promised: V of the header, where there is one.
        first: The first line, where there is no header.
    """

    source: Source = field(kw_only=False)
    width: int
    promised: int | None = None
    first: bytes = b""

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield each word and its numbers as text; each line has the right number of fields."""
        rows = 0
        for line in chain(filter(None, [self.first]), iter(self.source.read_line, b"")):
            if rows == self.promised:
                raise self.source.error(f"the header promises {rows:,} words, and there are more")
            rows += 1
            row = line.rstrip(_LINE_END)
            word = row.partition(b" ")[0] if row.count(b" ") == self.width else self._word(row)
            yield word, row[len(word) + 1 :]
        if self.promised is not None and rows < self.promised:
            self.source.line = 1
            remedy = f" (limit={rows} reads it as it is)" if rows else ""
            raise self.source.error(
                f"the header promises {self.promised:,} words, and there are {rows:,}: the file may"
                f" be cut short{remedy}"
            )

    def _word(self, row: bytes) -> bytes:
        """Return the word of a row that has not one word and D numbers, if it holds spaces."""
        word, *numbers = row.rsplit(b" ", self.width)
        if len(numbers) < self.width or _NUMBER.fullmatch(word.rpartition(b" ")[2]):
            raise self.source.error(
                f"expected a word and {self.width} numbers, found"
                f" {row.count(b' ') + bool(row)} fields, {row[:40]!r}"
            )
        return word

    def parse(self, word: bytes, numbers: bytes) -> NDArray[np.float32]:
        """Return float32 (D,); see `Rows.parse`."""
        fields = numbers.split(b" ")
        row = _floats(fields)
        _check_finite(row, self.source, word, shown=lambda i: fields[i].decode(errors="replace"))
        return row


def _floats(fields: list[bytes]) -> NDArray[np.float32]:
    """Return the numbers that fields hold, nan for a broken one."""
    try:
        return np.array(fields, dtype=np.float32)
    except ValueError:
        if len(fields) == 1:
            return np.full(1, np.nan, dtype=np.float32)
        return np.concatenate([_floats([field]) for field in fields])


def _check_finite(
    row: NDArray[np.float32], source: Source, word: bytes, *, shown: Callable[[int], str]
) -> None:
    finite = np.isfinite(row)
    if not finite.all():
        bad = int(finite.argmin())
        raise source.error(
            f"number {bad + 1} of the vector of {word.decode(errors='replace')!r} is"
            f" {shown(bad)!r}: expected a finite number"
        )


@dataclass(frozen=True, kw_only=True)
class BinaryRows:
    """The rows of a ``word2vec-binary`` file.

    Args:
        source: After the header.
        width: D.
        promised: V of the header.
    """

    source: Source = field(kw_only=False)
    width: int
    promised: int

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield each word and the bytes of its numbers."""
        size = 4 * self.width
        buffer, start = b"", 0
        self.source.line = 0
        for word in range(1, self.promised + 1):
            self.source.word = word
            space = buffer.find(b" ", start)
            while space < 0 or len(buffer) < space + 1 + size:
                buffer, start = buffer[start:] + self._more(len(buffer) - start), 0
                space = buffer.find(b" ")
            yield buffer[start:space].lstrip(b"\n"), buffer[space + 1 : space + 1 + size]
            start = space + 1 + size
        if (buffer[start:] + self.source.stream.read(CHUNK_BYTES)).strip(b"\n"):
            raise self.source.error(
                f"the header promises {self.promised:,} words, and there is more"
            )

    def _more(self, pending: int) -> bytes:
        more = self.source.stream.read(CHUNK_BYTES)
        if not more:
            raise self.source.error(
                f"the file ends here, and its header promises {self.promised:,} words: it may be"
                " cut short"
            )
        if pending > 2 * CHUNK_BYTES:
            raise self.source.error(f"expected a word, a space and {self.width} float32 numbers")
        return more

    def parse(self, word: bytes, numbers: bytes) -> NDArray[np.float32]:
        """Return float32 (D,); see `Rows.parse`."""
        row = np.frombuffer(numbers, dtype="<f4").astype(np.float32, copy=False)
        _check_finite(row, self.source, word, shown=lambda i: str(row[i]))
        return row
