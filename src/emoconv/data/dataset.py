"""The data set: texts, their labels as a multi-hot array, and comment ids.

Knows nothing of files or models.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from emoconv.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from emoconv.labels import LabelSet

__all__ = ["Dataset", "LabelledTexts", "hash_rows"]

_ROWS_AT_ONCE = 1 << 20  # a multiple of 8: bits of rows are hashed byte by byte


class LabelledTexts(Protocol):
    """What a network learns from: a `Dataset`, or one that lies on disk."""

    @property
    def texts(self) -> Iterable[str]:
        """N strings, the same each time."""

    @property
    def y(self) -> NDArray[np.bool_]:
        """Whether text n has label l, bool (N, L)."""

    @property
    def labels(self) -> LabelSet:
        """The L label names."""

    def __len__(self) -> int:
        """Return N."""

    def fingerprint(self) -> str:
        """Return the SHA-256, in hex, of label names, texts and labels."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """N texts with multi-hot labels.

    Args:
        texts: N strings; kept as a tuple.
        y: bool (N, L): whether text n has label l. A row of no label is legal.
        labels: The L label names.
        ids: N comment ids, kept as a tuple; a blank one is unknown. None where the source has none.

    Raises:
        DataError: The lengths differ, or ``y`` is not bool (N, L).

    Example:
        >>> from emoconv.labels import LabelSet
        >>> d = Dataset(["nice!", "boo"], np.eye(2, dtype=bool), LabelSet(("joy", "anger")))
        >>> len(d.select(np.array([1])))
        1
    """

    texts: Sequence[str]
    y: NDArray[np.bool_]
    labels: LabelSet
    ids: Sequence[str] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "texts", tuple(self.texts))
        if self.ids is not None:
            object.__setattr__(self, "ids", tuple(self.ids))
            if len(self.ids) != len(self.texts):
                raise DataError(f"{len(self.texts)} texts need as many ids, got {len(self.ids)}")
        expected = (len(self.texts), len(self.labels))
        if self.y.shape != expected or self.y.dtype != np.bool_:
            raise DataError(
                f"{expected[0]} texts with {expected[1]} labels need a bool array of shape "
                f"{expected}, got {self.y.dtype} {self.y.shape}"
            )

    def __len__(self) -> int:
        return len(self.texts)

    def select(self, indices: NDArray[np.intp]) -> Dataset:
        """Return the rows at ``indices``, in their order.

        Args:
            indices: Integers (M,), 0 to N - 1.
        """
        ids = self.ids
        return Dataset(
            texts=[self.texts[i] for i in indices],
            y=self.y[indices],
            labels=self.labels,
            ids=None if ids is None else [ids[i] for i in indices],
        )

    @classmethod
    def concatenate(cls, parts: Sequence[Dataset]) -> Dataset:
        """Return the rows of data sets that have the same labels, one after the other.

        Ids are kept where every part has them.

        Args:
            parts: At least one.

        Raises:
            DataError: Two parts have different labels.
        """
        first = parts[0]
        for place, part in enumerate(parts[1:], start=2):
            if part.labels != first.labels:
                raise DataError(
                    f"data file {place} has the labels {', '.join(part.labels.names)}, and the "
                    f"first has {', '.join(first.labels.names)}; they must be the same"
                )
        ids = [part.ids for part in parts if part.ids is not None]
        return cls(
            texts=[text for part in parts for text in part.texts],
            y=np.concatenate([part.y for part in parts]),
            labels=first.labels,
            ids=[i for some in ids for i in some] if len(ids) == len(parts) else None,
        )

    def fingerprint(self) -> str:
        """Return the SHA-256, in hex, of label names, texts and labels; ids do not count.

        Every string is hashed after its length, so that no two data sets share a byte stream.
        """
        return hash_rows(self.labels, self.texts, self.y)


def hash_rows(labels: LabelSet, texts: Iterable[str], y: NDArray[np.bool_]) -> str:
    """Return `Dataset.fingerprint` of rows that need not be in memory."""
    digest = hashlib.sha256()
    for strings, count in ((labels.names, len(labels)), (texts, len(y))):
        digest.update(count.to_bytes(8, "little"))
        for string in strings:
            data = string.encode("utf-8", "surrogatepass")
            digest.update(len(data).to_bytes(8, "little"))
            digest.update(data)
    for first in range(0, len(y), _ROWS_AT_ONCE):
        digest.update(np.packbits(y[first : first + _ROWS_AT_ONCE]).tobytes())
    return digest.hexdigest()
