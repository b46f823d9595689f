"""What a run found, in some hundred numbers: shares of labels, lengths, confidence, unknown words.

The summary of many texts is the sum of the summaries of its parts. Knows arrays and Arrow, and
nothing of models.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from emoconv.decision import confidence, held
from emoconv.errors import DataError, LabelError
from emoconv.labels import LabelSet
from emoconv.scoring.values import (
    count_of,
    counts_of,
    number_of,
    object_of,
    objects_of,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from emoconv.scoring.words import WordCounts

__all__ = [
    "CONFIDENCES_BELOW",
    "FORMAT_VERSION",
    "LENGTHS_BELOW",
    "UNKNOWN_UP_TO",
    "Summary",
    "summarize",
]

FORMAT_VERSION = 1
"""The version of the JSON that this emoconv writes, and the newest it reads."""

LENGTHS_BELOW = tuple(2**k for k in range(17))
"""Where a bin of text lengths in characters ends and the next begins; the last has no end.

Doubling: lengths are spread about as a log-normal distribution is, and one of 100,000 characters
has its place as well as one of three.
"""

CONFIDENCES_BELOW = tuple(k / 20 for k in range(1, 20))
"""The same for the highest probability of a text."""

UNKNOWN_UP_TO = tuple(k / 20 for k in range(20))
"""Where a bin of the share of unknown words in a text ends, itself in it: the first is of none."""

_BINS = {
    "lengths": len(LENGTHS_BELOW) + 1,
    "confidences": len(CONFIDENCES_BELOW) + 1,
    "unknown_shares": len(UNKNOWN_UP_TO) + 1,
}


@dataclass(frozen=True, eq=False)
class Summary:
    """What was found in so many texts.

    Every count is exact; sums of probabilities are added in the order of the texts.

    Attributes:
        labels: L names.
        rows: Rows of the input, those without a text too.
        missing: Rows without a text; nothing below counts them but ``rows``.
        empty: Texts of no characters, or of white space only.
        characters: Of all texts together.
        label_counts: int64 (L,), texts in which each label holds.
        probability_sums: float64 (L,), over all texts.
        labels_per_text: int64 (L + 1,), texts in which so many labels hold.
        lengths: int64 (18,), texts by their characters, in the bins of `LENGTHS_BELOW`.
        confidences: int64 (20,), texts by their highest probability, in those of
            `CONFIDENCES_BELOW`.
        unknown_shares: int64 (21,), sampled texts by the share of their words that the model does
            not know, in those of `UNKNOWN_UP_TO`.
        words: Of the sampled texts.
        unknown_words: Of them, those that the model does not know.
    """

    labels: tuple[str, ...]
    rows: int
    missing: int
    empty: int
    characters: int
    label_counts: NDArray[np.int64]
    probability_sums: NDArray[np.float64]
    labels_per_text: NDArray[np.int64]
    lengths: NDArray[np.int64]
    confidences: NDArray[np.int64]
    unknown_shares: NDArray[np.int64]
    words: int
    unknown_words: int

    @property
    def texts(self) -> int:
        """How many texts there were."""
        return self.rows - self.missing

    @property
    def sampled(self) -> int:
        """How many texts were looked at for unknown words."""
        return int(self.unknown_shares.sum())

    @classmethod
    def nothing(cls, labels: Sequence[str]) -> Summary:
        """Return the summary of no rows, to add others to."""
        count = len(labels)
        return cls(
            labels=tuple(labels),
            rows=0,
            missing=0,
            empty=0,
            characters=0,
            label_counts=np.zeros(count, dtype=np.int64),
            probability_sums=np.zeros(count, dtype=np.float64),
            labels_per_text=np.zeros(count + 1, dtype=np.int64),
            **{name: np.zeros(bins, dtype=np.int64) for name, bins in _BINS.items()},
            words=0,
            unknown_words=0,
        )

    def __add__(self, other: Summary) -> Summary:
        """Return the summary of both.

        Raises:
            LabelError: Their labels differ.
        """
        if self.labels != other.labels:
            raise LabelError(
                f"cannot add summaries of different labels: {', '.join(self.labels)} and "
                f"{', '.join(other.labels)}"
            )
        names = [field.name for field in fields(self) if field.name != "labels"]
        sums = {name: getattr(self, name) + getattr(other, name) for name in names}
        return Summary(labels=self.labels, **sums)

    def to_dict(self) -> dict[str, object]:
        """Return plain values for JSON; shares and means are there for people."""
        found = zip(
            self.labels, self.label_counts.tolist(), self.probability_sums.tolist(), strict=True
        )
        texts = self.texts
        return {
            "format_version": FORMAT_VERSION,
            "rows": self.rows,
            "missing": self.missing,
            "empty": self.empty,
            "characters": self.characters,
            "mean_characters": _ratio(self.characters, texts),
            "labels": [
                {
                    "label": label,
                    "texts": count,
                    "share": _ratio(count, texts),
                    "mean_probability": _ratio(total, texts),
                    "probability_sum": total,
                }
                for label, count, total in found
            ],
            "labels_per_text": self.labels_per_text.tolist(),
            "lengths": {"below": [*LENGTHS_BELOW, None], "texts": self.lengths.tolist()},
            "confidences": {
                "below": [*CONFIDENCES_BELOW, None],
                "texts": self.confidences.tolist(),
            },
            "unknown_words": {
                "sampled_texts": self.sampled,
                "words": self.words,
                "unknown": self.unknown_words,
                "share": _ratio(self.unknown_words, self.words),
                "up_to": [*UNKNOWN_UP_TO, None],
                "texts": self.unknown_shares.tolist(),
            },
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Summary:
        """Make a summary from what `json` reads; names that are none of its own are ignored.

        Raises:
            DataError: A value is missing or not what it should be, the counts do not add up, or a
                newer emoconv wrote it.
        """
        version = count_of(values, "format_version")
        if not 1 <= version <= FORMAT_VERSION:
            raise DataError(
                f"format_version is {version}; this emoconv reads up to {FORMAT_VERSION}: update it"
            )
        found = objects_of(values, "labels")
        lengths, confidences = (object_of(values, name) for name in ("lengths", "confidences"))
        unknown = object_of(values, "unknown_words")
        try:
            labels = LabelSet(tuple(text_of(entry, "label") for entry in found)).names
        except LabelError as error:
            raise DataError(str(error)) from None
        summary = cls(
            labels=labels,
            rows=count_of(values, "rows"),
            missing=count_of(values, "missing"),
            empty=count_of(values, "empty"),
            characters=count_of(values, "characters"),
            label_counts=np.array([count_of(entry, "texts") for entry in found], dtype=np.int64),
            probability_sums=np.array([number_of(entry, "probability_sum") for entry in found]),
            labels_per_text=counts_of(values, "labels_per_text", length=len(labels) + 1),
            lengths=counts_of(lengths, "texts", length=_BINS["lengths"]),
            confidences=counts_of(confidences, "texts", length=_BINS["confidences"]),
            unknown_shares=counts_of(unknown, "texts", length=_BINS["unknown_shares"]),
            words=count_of(unknown, "words"),
            unknown_words=count_of(unknown, "unknown"),
        )
        _check_sums(summary)
        return summary


def summarize(
    texts: pa.Array | pa.ChunkedArray,
    probabilities: NDArray[np.float32],
    *,
    labels: Sequence[str],
    cuts: NDArray[np.float32],
    min_confidence: float = 0.0,
    words: WordCounts | None = None,
) -> Summary:
    """Summarise N texts in which labels were looked for.

    Args:
        texts: N of Arrow type string or large_string.
        probabilities: float32 (N, L) in [0, 1]; the rows of missing texts are not looked at.
        labels: L names.
        cuts: float32 (L,): a label holds at or above it.
        min_confidence: In a text whose highest probability is below it, none does.
        words: What `emoconv.scoring.words.WordCounter` counted in them; ``None`` for none.

    Raises:
        DataError: The probabilities are not of N texts and L labels.
    """
    import pyarrow.compute as pc  # noqa: PLC0415 - heavy; the caller has it

    rows = len(texts)
    if probabilities.shape != (rows, len(labels)):
        raise DataError(
            f"probabilities have shape {probabilities.shape}; expected {(rows, len(labels))} for "
            f"{rows} texts and {len(labels)} labels"
        )
    if texts.null_count:
        probabilities = probabilities[pc.is_valid(texts).to_numpy(zero_copy_only=False)]
        texts = texts.drop_null()
    characters = pc.utf8_length(texts).to_numpy(zero_copy_only=False).astype(np.int64)
    blank = pc.sum(pc.utf8_is_space(texts)).as_py() or 0  # of an empty text it is false
    holds = held(probabilities, cuts, min_confidence=min_confidence)  # (N, L)
    highest = confidence(probabilities)
    counted, unknown = (np.zeros(0, dtype=np.int64),) * 2 if words is None else words
    return Summary(
        labels=tuple(labels),
        rows=rows,
        missing=rows - len(texts),
        empty=int(np.count_nonzero(characters == 0)) + blank,
        characters=int(characters.sum()),
        label_counts=holds.sum(axis=0, dtype=np.int64),
        probability_sums=probabilities.sum(axis=0, dtype=np.float64),
        labels_per_text=np.bincount(holds.sum(axis=1), minlength=len(labels) + 1),
        lengths=_histogram("lengths", np.frexp(characters)[1]),  # bits: 1 for 1, 2 for 2 and 3
        confidences=_histogram("confidences", (highest * np.float32(20)).astype(np.int64)),
        unknown_shares=_histogram("unknown_shares", -(-20 * unknown // np.maximum(counted, 1))),
        words=int(counted.sum()),
        unknown_words=int(unknown.sum()),
    )


def _histogram(name: str, bins: NDArray[np.signedinteger]) -> NDArray[np.int64]:
    """Count bins' numbers; what is past the last is in it."""
    return np.bincount(np.minimum(bins, _BINS[name] - 1), minlength=_BINS[name])


def _ratio(part: float, whole: int) -> float | None:
    """Return a share or a mean for people, of four digits; None of nothing."""
    return float(f"{part / whole:.4g}") if whole else None


def _check_sums(summary: Summary) -> None:
    """Say that a file was changed by hand, or cut and mended."""
    held = int(summary.labels_per_text @ np.arange(len(summary.labels_per_text)))
    sums = {
        "'lengths'": (int(summary.lengths.sum()), summary.texts),
        "'confidences'": (int(summary.confidences.sum()), summary.texts),
        "'labels_per_text'": (int(summary.labels_per_text.sum()), summary.texts),
        "the labels in 'labels_per_text'": (held, int(summary.label_counts.sum())),
    }
    for name, (found, expected) in sums.items():
        if found != expected:
            raise DataError(f"the counts do not add up: {name} are {found}, not {expected}")
