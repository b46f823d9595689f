"""The text of a file from its start to its end: unpacked, as UTF-8, and how far it went.

Bytes that are not UTF-8 are replaced by stand-ins, characters that Unicode leaves to private use,
so that whoever splits the text into rows can do so, tell which rows had them, and have them back.
"""

from __future__ import annotations

import codecs
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from emoconv.errors import ConfigError, DataError
from emoconv.scoring.inputs import STANDARD

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from emoconv.scoring.inputs import Input

__all__ = ["ROW_BYTES", "TextStream", "broken_rows", "restored", "what_is_broken"]

ROW_BYTES = 2**24
"""The longest row that is taken for one, and not for a file whose rows do not end."""

_STAND_INS = "\U0010ff80-\U0010ffff"
"""One for each byte from 0x80 on, the last of the private use planes."""

_SHIFT = 0x10FF80 - 0xDC80
"""From the surrogate that Python puts for a byte (PEP 383) to the stand-in."""

_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""Byte order marks of what is not UTF-8."""

_MARK_BYTES = 4
"""A byte order mark is no longer, in whichever encoding."""


class TextStream:
    """An input's text, as UTF-8.

    Args:
        file: The input.
        encoding: What its text is written in; given on as UTF-8.

    Attributes:
        name: What messages call it.
        size: How many bytes it has, packed; 0 if that is not known.
        broken: Whether there was a byte so far that is not of the encoding.

    Raises:
        ConfigError: There is no such encoding.
        DataError: It is UTF-16 by its first bytes, and another encoding was named.
    """

    def __init__(self, file: Input, encoding: str = "utf-8") -> None:
        import pyarrow as pa  # noqa: PLC0415 - heavy; the readers have it

        self.name = "standard input" if file.path == STANDARD else file.path
        self.size = 0 if file.path == STANDARD else Path(file.path).stat().st_size
        self.broken = False
        self._encoding = _known(encoding)
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogateescape")
        self._raw = _opened(file)
        self._stream = self._raw
        if file.packing is not None:
            self._stream = pa.CompressedInputStream(self._raw, file.packing)
        start = self._read(_MARK_BYTES)
        if start.startswith(_MARKS) and self._encoding == "utf-8":
            raise DataError("this is UTF-16; give --encoding utf-16", path=self.name)
        self._waiting = self._as_utf8(start).removeprefix(codecs.BOM_UTF8)

    @property
    def position(self) -> int:
        """How many bytes have been read, packed; 0 if that is not known."""
        return int(self._raw.tell()) if self.size else 0

    def read(self, size: int) -> bytes:
        """Return so many bytes or more, or fewer at the end, or none behind it.

        Raises:
            DataError: They cannot be read or unpacked, or are not of the encoding.
        """
        pieces = [self._waiting]
        self._waiting = b""
        length = len(pieces[0])
        while length < size:
            read = self._read(size - length)
            pieces.append(self._as_utf8(read))
            length += len(pieces[-1])
            if not read:
                break
        return b"".join(pieces)

    def is_over(self) -> bool:
        """Say whether there is nothing more."""
        self._waiting = self.read(1)
        return not self._waiting

    def put_back(self, content: bytes) -> None:
        """Have bytes read again."""
        self._waiting = content + self._waiting

    def close(self) -> None:
        """Close the file."""
        self._stream.close()
        self._raw.close()

    def _read(self, size: int) -> bytes:
        try:
            content: bytes = self._stream.read(size)
        except OSError as error:
            reason = str(error).partition("\n")[0].rstrip(".")
            raise DataError(f"cannot be read ({reason})", path=self.name) from None
        return content

    def _as_utf8(self, content: bytes) -> bytes:
        if self._encoding == "utf-8" and content.isascii() and not self._decoder.getstate()[0]:
            return content
        try:
            text = self._decoder.decode(content, final=not content)
            try:
                return text.encode()
            except UnicodeEncodeError:
                marked = re.sub("[\udc80-\udcff]", lambda m: chr(ord(m[0]) + _SHIFT), text)
                self.broken = True
                return marked.encode()
        except UnicodeError as error:
            raise DataError(f"not {self._encoding}: {error}", path=self.name) from None


def broken_rows(values: pa.StringArray) -> NDArray[np.int64]:
    """Return which of N values have stand-ins in them."""
    import pyarrow.compute as pc  # noqa: PLC0415 - heavy; the readers have it

    found = pc.match_substring_regex(values, f"[{_STAND_INS}]").fill_null(False)
    return np.flatnonzero(found.to_numpy(zero_copy_only=False))


def restored(text: str) -> bytes:
    """Return the bytes that a text was in the file, if that is UTF-8."""
    escaped = re.sub(f"[{_STAND_INS}]", lambda m: chr(ord(m[0]) - _SHIFT), text)
    return escaped.encode("utf-8", "surrogateescape")


def what_is_broken(text: str) -> str:
    """Say which byte of a text is not UTF-8."""
    match = re.search(f"[{_STAND_INS}]", text)
    byte = 0 if match is None else ord(match[0]) - _SHIFT - 0xDC00
    return f"byte 0x{byte:02x} is not UTF-8 (if the file is of another encoding, give --encoding)"


def _known(encoding: str) -> str:
    """Return Python's name of an encoding.

    Raises:
        ConfigError: It has none, or not one for text.
    """
    try:
        "a".encode(encoding)  # what is for bytes cannot
        return codecs.lookup(encoding).name
    except (LookupError, ValueError):
        raise ConfigError(
            f"no encoding {encoding!r}; known are utf-8, utf-16, latin-1, cp1252 and what else "
            "Python has"
        ) from None


def _opened(file: Input) -> pa.NativeFile:
    import pyarrow as pa  # noqa: PLC0415 - heavy; the readers have it

    if file.path == STANDARD:
        return pa.PythonFile(sys.stdin.buffer, mode="r")
    return pa.OSFile(os.fspath(file.path))
