"""What the parts of a data set share, and where equal texts carry different labels.

Counting on a test part is allowed: nothing is chosen by it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from emoconv.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from emoconv.data.dataset import Dataset

__all__ = ["LeakReport", "Overlap", "PartSummary", "check_leaks", "known_rows", "normalise"]

_NOT_WORDS = re.compile(r"[\W_]+")


def normalise(text: str) -> str:
    """Return what is compared when texts are compared loosely.

    Unicode NFKC, case folded, every run of characters that are no letters or digits made one
    space, none at the ends. A text without letters and digits (``:)``) keeps its other
    characters, or all such texts would be equal.

    Example:
        >>> normalise("Thanks,  that FIXED it!!")
        'thanks that fixed it'
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _NOT_WORDS.sub(" ", folded).strip() or "".join(folded.split())


def known_rows(known: Iterable[str], asked: Iterable[str]) -> NDArray[np.bool_]:
    """Return bool (M,): whether each of M strings asked is among those known; a blank never is."""
    there = {item for item in known if item.strip()}
    return np.array([item in there for item in asked], dtype=np.bool_)


@dataclass(frozen=True)
class PartSummary:
    """One part.

    Args:
        name: What it is called.
        rows: N.
        rows_without_label: Rows of no label.
        empty_texts: Rows whose text is empty or blank.
        label_counts: For each label, the rows that have it.
    """

    name: str
    rows: int
    rows_without_label: int
    empty_texts: int
    label_counts: Mapping[str, int]


@dataclass(frozen=True)
class Overlap:
    """How many rows of the second part are known from the first.

    Args:
        first: Name of a part.
        second: Name of another.
        ids: Rows of the second whose comment id is in the first.
        texts: Rows of the second whose exact text is in the first.
        normalised_texts: Rows of the second whose text is in the first after ``normalise``.
    """

    first: str
    second: str
    ids: int
    texts: int
    normalised_texts: int


@dataclass(frozen=True)
class LeakReport:
    """What ``check_leaks`` found.

    Args:
        parts: A summary of each part.
        overlaps: What each pair of parts shares.
        repeated_texts: Distinct texts, after ``normalise``, that are on more than one row, in all
            parts together.
        conflicting_texts: Those of them whose rows do not all have the same labels.
    """

    parts: tuple[PartSummary, ...]
    overlaps: tuple[Overlap, ...]
    repeated_texts: int
    conflicting_texts: int

    @property
    def leaks(self) -> bool:
        """Whether any two parts share a comment id or an exact text."""
        return any(overlap.ids or overlap.texts for overlap in self.overlaps)

    def to_dict(self) -> dict[str, object]:
        """Return plain values for JSON, by the names above."""
        return asdict(self)


def check_leaks(parts: Mapping[str, Dataset]) -> LeakReport:
    """Count what parts share, repeated texts, conflicting labels, and rows of each label.

    Args:
        parts: The parts by name, in the order in which pairs are to be named; one is enough.

    Raises:
        DataError: There are no parts.
    """
    if not parts:
        raise DataError("no parts to check, expected at least one")
    loose = {name: [normalise(text) for text in part.texts] for name, part in parts.items()}
    labels_of: dict[str, list[frozenset[str]]] = defaultdict(list)
    for name, part in parts.items():
        for text, labels in zip(loose[name], part.labels.decode(part.y), strict=True):
            labels_of[text].append(frozenset(labels))
    repeated = [rows for rows in labels_of.values() if len(rows) > 1]
    return LeakReport(
        parts=tuple(_summary(name, part) for name, part in parts.items()),
        overlaps=tuple(
            Overlap(
                first=a,
                second=b,
                ids=int(known_rows(parts[a].ids or (), parts[b].ids or ()).sum()),
                texts=int(known_rows(parts[a].texts, parts[b].texts).sum()),
                normalised_texts=int(known_rows(loose[a], loose[b]).sum()),
            )
            for a, b in combinations(parts, 2)
        ),
        repeated_texts=len(repeated),
        conflicting_texts=sum(len(set(rows)) > 1 for rows in repeated),
    )


def _summary(name: str, part: Dataset) -> PartSummary:
    counts = part.y.sum(axis=0)
    return PartSummary(
        name=name,
        rows=len(part),
        rows_without_label=int(np.sum(~part.y.any(axis=1))),
        empty_texts=sum(not text.strip() for text in part.texts),
        label_counts=dict(zip(part.labels.names, counts.tolist(), strict=True)),
    )
