"""Texts that stand in the data more than once with different labels.

No model can be right on all rows of such a text, so they bound what can be reached.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emoconv.data.checks import normalise

if TYPE_CHECKING:
    from emoconv.data.dataset import Dataset

__all__ = ["Conflict", "label_conflicts"]


@dataclass(frozen=True)
class Conflict:
    """One text and the sets of labels that its rows have.

    Args:
        text: As its first row has it.
        rows: How many rows it has.
        variants: Each set of labels, in label order, with its rows; the most frequent first.
    """

    text: str
    rows: int
    variants: tuple[tuple[tuple[str, ...], int], ...]


def label_conflicts(dataset: Dataset) -> tuple[Conflict, ...]:
    """Return the texts whose rows do not all have the same labels, those of most rows first.

    Texts are the same if they are after `emoconv.data.normalise`.

    Example:
        >>> import numpy as np
        >>> from emoconv.data import Dataset
        >>> from emoconv.labels import LabelSet
        >>> y = np.array([[True, False], [False, True], [True, False]])
        >>> label_conflicts(Dataset(["Wow!", "wow", "no"], y, LabelSet(("joy", "fear"))))
        (Conflict(text='Wow!', rows=2, variants=((('joy',), 1), (('fear',), 1))),)
    """
    rows_of: dict[str, list[int]] = defaultdict(list)
    for row, text in enumerate(dataset.texts):
        rows_of[normalise(text)].append(row)
    labels = dataset.labels.decode(dataset.y)
    found = []
    for rows in rows_of.values():
        variants = Counter(labels[row] for row in rows)
        if len(variants) > 1:
            text = dataset.texts[rows[0]]
            found.append(Conflict(text, len(rows), tuple(variants.most_common())))
    return tuple(sorted(found, key=lambda conflict: -conflict.rows))
