"""What an encoder is, and what encoders have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from emoconv.annotation import ADDITIONS, new_fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from emoconv.annotation import Addition, Form
    from emoconv.scoring.inputs import Packing

__all__ = ["Added", "Encoded", "Encoder", "Packed", "extended"]

_LEVELS: dict[Packing, int] = {"gzip": 4, "zstd": 3}
"""On tables of probabilities gzip at 9, pyarrow's own choice, takes 20 times as long as at 4, for
an eighth less; zstd at 3 is as fast as what feeds it."""


@dataclass(frozen=True)
class Encoded:
    """A shard as bytes.

    Attributes:
        content: The bytes.
        footer: What has to be known of them at the end of the file; in Parquet where columns lie,
            counted from the start of these bytes.
    """

    content: bytes | memoryview
    footer: bytes = b""


@dataclass(frozen=True)
class Added:
    """What is added to rows.

    Attributes:
        labels: L names.
        columns: What is added.
        form: How probabilities are written.
        prefix: What the names of new columns begin with.
    """

    labels: tuple[str, ...]
    columns: tuple[Addition, ...] = ADDITIONS
    form: Form = "list"
    prefix: str = ""

    def fields(self) -> list[pa.Field]:
        """Return the fields of the new columns, in their order."""
        return new_fields(self.labels, columns=self.columns, form=self.form, prefix=self.prefix)


class Encoder(Protocol):
    """Makes the bytes of one file.

    Attributes:
        columns: What it wants added to the batches that it is given.
    """

    columns: tuple[Addition, ...]

    def start(self) -> bytes:
        """Return the beginning of the file."""

    def shard(self, batch: pa.RecordBatch, probabilities: NDArray[np.float32]) -> Encoded:
        """Return the bytes of a shard.

        Args:
            batch: N rows, with what is wanted added to them.
            probabilities: float32 (N, L), NaN for a missing text.

        Raises:
            DataError: A value has no place in the format.
        """

    def end(self, shards: Sequence[tuple[int, bytes]]) -> bytes:
        """Return the end of the file.

        Args:
            shards: Of each shard where in the file it starts, and its footer.
        """


def extended(schema: pa.Schema, added: Added) -> pa.Schema:
    """Return the columns of rows with those that are added to them."""
    for field in added.fields():
        schema = schema.append(field)
    return schema


class Packed:
    """What formats have in common that are compressed as a whole: each part of them on its own.

    Parts that follow each other are one file to every reader (RFC 1952, section 2.2; RFC 8878,
    section 3).
    """

    def __init__(self, packing: Packing | None) -> None:
        self._packing = packing

    def pack(self, content: bytes | pa.Buffer) -> bytes:
        """Return bytes, compressed if the file is."""
        import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it

        if self._packing is None:
            return bytes(content)
        codec = pa.Codec(self._packing, compression_level=_LEVELS[self._packing])
        packed: bytes = codec.compress(content, asbytes=True)
        return packed
