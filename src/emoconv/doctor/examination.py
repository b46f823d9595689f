"""A labelled file and all that was found in it, as one value that JSON can hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emoconv.data import check_leaks, normalise
from emoconv.data.checks import known_rows
from emoconv.doctor.repeats import MATCHES, find_repeats

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from emoconv.data import Dataset, Overlap, PartSummary
    from emoconv.doctor.cleaning import Removal
    from emoconv.doctor.repeats import Match, Repeats
    from emoconv.doctor.suspects import Suspect

__all__ = ["Examination", "examine"]

_THIS = "the file"


@dataclass(frozen=True, eq=False)
class Examination:
    """What `examine` found.

    Args:
        dataset: N rows.
        lines: The line of each.
        summary: Their number, empty texts, rows of each label.
        repeats: Repeated texts, by way to match.
        overlaps: What is shared with each of the other data sets.
        leaks: bool (N,), which rows are in any of these, by id or by text after ``normalise``.
        suspects: Rows of likely wrong labels; None where nobody looked.
    """

    dataset: Dataset
    lines: Sequence[int]
    summary: PartSummary
    repeats: Mapping[Match, Repeats]
    overlaps: tuple[Overlap, ...]
    leaks: NDArray[np.bool_]
    suspects: tuple[Suspect, ...] | None

    def to_dict(self, *, top: int) -> dict[str, Any]:
        """Return plain values for JSON; of the suspects the ``top`` worst."""
        found: dict[str, Any] = {
            "rows": self.summary.rows,
            "sha256": self.dataset.fingerprint(),
            "rows_without_label": self.summary.rows_without_label,
            "empty_texts": self.summary.empty_texts,
            "label_counts": dict(self.summary.label_counts),
            "repeats": {match: repeats.to_dict() for match, repeats in self.repeats.items()},
            "leaks": {
                one.first: {
                    "ids": one.ids,
                    "texts": one.texts,
                    "normalised_texts": one.normalised_texts,
                }
                for one in self.overlaps
            },
        }
        if self.suspects is not None:
            found["suspects"] = len(self.suspects)
            found["worst"] = [one.to_dict(self.lines) for one in self.suspects[:top]]
        return found

    def removed(self, removals: Sequence[Removal]) -> list[dict[str, object]]:
        """Return plain values for JSON: each row that a copy lacks, by line."""
        return [
            {
                "line": self.lines[one.row],
                "why": one.why,
                "because_of_line": None if one.because is None else self.lines[one.because],
            }
            for one in removals
        ]


def examine(
    dataset: Dataset,
    *,
    lines: Sequence[int],
    others: Mapping[str, Dataset] | None = None,
    suspects: tuple[Suspect, ...] | None = None,
) -> Examination:
    """Look at a labelled file.

    Args:
        dataset: Its N rows.
        lines: The line of each.
        others: Data by name whose rows must not be in it: what figures are measured on.
        suspects: What `find_suspects` found.
    """
    others = others or {}
    checked = check_leaks({**others, _THIS: dataset})
    ids = [one for other in others.values() for one in other.ids or ()]
    texts = [normalise(text) for other in others.values() for text in other.texts]
    return Examination(
        dataset=dataset,
        lines=lines,
        summary=checked.parts[-1],
        repeats={match: find_repeats(dataset, match=match) for match in MATCHES},
        overlaps=tuple(one for one in checked.overlaps if one.second == _THIS),
        leaks=known_rows(ids, dataset.ids or [""] * len(dataset))
        | known_rows(texts, map(normalise, dataset.texts)),
        suspects=suspects,
    )
