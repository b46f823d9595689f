"""The footer of a Parquet file whose row groups were written as files of their own.

pyarrow writes a row group only at the place in the file where it will stay, and learns of it only
when the file is closed; it cannot go on with a file that was cut off. So each shard is written as
a small Parquet file, its pages are put behind those of the shards before it, and the offsets in
its footer, which are counted from the start of the small file, are moved by as much. All else is
pyarrow's: it writes the pages and footers, and makes one footer of them all.

The footer is a ``FileMetaData`` of parquet-format's ``parquet.thrift``, in Thrift's compact
protocol; numbers in it have no fixed length, so it is copied field by field.
https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from __future__ import annotations

from typing import Final

__all__ = ["shift_offsets"]

_BOOLEANS: Final = (1, 2)
_BYTE: Final = 3
_INTEGERS: Final = (4, 5, 6)
_DOUBLE: Final = 7
_BINARY: Final = 8
_LISTS: Final = (9, 10)
_STRUCT: Final = 12

_MANY: Final = 15
"""A list of so many elements or more says how many after its first byte."""

_MORE: Final = 0x80
"""The bit of a byte that says that a number goes on in the next."""

_OFFSETS: Final = {
    (4, 5),  # RowGroup.file_offset
    (4, 1, 2),  # ColumnChunk.file_offset
    (4, 1, 4),  # ColumnChunk.offset_index_offset
    (4, 1, 6),  # ColumnChunk.column_index_offset
    (4, 1, 3, 9),  # ColumnMetaData.data_page_offset
    (4, 1, 3, 10),  # ColumnMetaData.index_page_offset
    (4, 1, 3, 11),  # ColumnMetaData.dictionary_page_offset
    (4, 1, 3, 14),  # ColumnMetaData.bloom_filter_offset
}
"""Where offsets are, by the numbers of the fields that lead there from ``FileMetaData``."""


def shift_offsets(footer: bytes, by: int) -> bytes:
    """Return a footer with all offsets moved.

    Args:
        footer: A ``FileMetaData``, without the length and the magic number behind it.
        by: How many bytes later everything lies.

    Raises:
        ValueError: It is not one.
    """
    copy = _Copy(footer, by)
    try:
        copy.struct(())
    except IndexError:
        raise ValueError("not a Parquet footer: it ends too early") from None
    return bytes(copy.out)


class _Copy:
    """Copies Thrift values from one place in bytes to another."""

    def __init__(self, content: bytes, by: int) -> None:
        self._content, self._by = content, by
        self._at = 0
        self.out = bytearray()

    def struct(self, path: tuple[int, ...]) -> None:
        """Copy fields up to the stop; a field's number is given as a step from the one before."""
        field = 0
        while head := self._byte():
            step, kind = head >> 4, head & 0x0F
            field = field + step if step else _from_zigzag(self._varint())
            if kind not in _BOOLEANS:  # whose value is in the kind
                self._value(kind, (*path, field))

    def _value(self, kind: int, path: tuple[int, ...]) -> None:
        if kind in _INTEGERS:
            self._integer(moved=path in _OFFSETS)
        elif kind == _BINARY:
            self._bytes(self._varint())
        elif kind in _LISTS:
            self._list(path)
        elif kind == _STRUCT:
            self.struct(path)
        elif kind in {*_BOOLEANS, _BYTE}:  # an element of a list, or a byte
            self._bytes(1)
        elif kind == _DOUBLE:
            self._bytes(8)
        else:
            raise ValueError(f"not a Parquet footer: no value is of kind {kind}")

    def _list(self, path: tuple[int, ...]) -> None:
        head = self._byte()
        count, kind = head >> 4, head & 0x0F
        for _ in range(self._varint() if count == _MANY else count):
            self._value(kind, path)

    def _integer(self, *, moved: bool) -> None:
        start = len(self.out)
        value = _from_zigzag(self._varint())
        if moved and value:  # 0 is for what is not there
            del self.out[start:]
            _append_varint(self.out, (value + self._by) << 1)

    def _byte(self) -> int:
        value = self._content[self._at]
        self._bytes(1)
        return value

    def _bytes(self, count: int) -> None:
        end = self._at + count
        if end > len(self._content):
            raise IndexError(end)
        self.out += self._content[self._at : end]
        self._at = end

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 0x7F) << shift
            if byte < _MORE:
                return value
            shift += 7


def _from_zigzag(value: int) -> int:
    return (value >> 1) ^ -(value & 1)


def _append_varint(out: bytearray, value: int) -> None:
    while value >= _MORE:
        out.append(value & 0x7F | _MORE)
        value >>= 7
    out.append(value)
