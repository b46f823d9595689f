"""Emotions over time: how often each label held in each period, and how probable it was.

Knows what was found in rows and when, and nothing of files. What is kept in memory grows with the
number of periods, not with that of texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emoconv.errors import ConfigError, DataError
from emoconv.labels import LabelSet
from emoconv.monitoring.times import NO_TIME, to_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from emoconv.monitoring.scored import Found
    from emoconv.monitoring.times import Every

__all__ = ["COLUMNS", "LEAST_SHARE", "MOST_PERIODS", "Skipped", "Trend", "TrendBuilder"]

COLUMNS = ("period", "label", "texts", "count", "share", "mean_probability")
"""Of a trend as a table. It is long, a row for each period and label: that is what grouping,
filtering and plotting take as it is (Wickham 2014, "Tidy Data")."""

MOST_PERIODS = 100_000
"""More are a mistake: a time far off, or periods that are too short."""

LEAST_SHARE = 0.005
"""A label that holds in fewer texts is not chosen for a plot: one of two hundred is what an eye
can make out, and with fewer the test that chooses needs more texts than a period may have."""

_LONGEST_SHOWN = 60


@dataclass
class Skipped:
    """Rows that are in no period.

    Attributes:
        missing_texts: Rows without a text.
        missing_times: Rows with a text and without a time.
        unreadable_times: Rows with a text and a time that cannot be read.
        first_unreadable: The first of the last, for a message.
    """

    missing_texts: int = 0
    missing_times: int = 0
    unreadable_times: int = 0
    first_unreadable: str = ""


@dataclass(frozen=True, eq=False)
class Trend:
    """What was found in P periods, one after the other without a gap.

    Attributes:
        labels: L names.
        every: How long a period is.
        edges: datetime64[s] (P + 1,), when each begins and the last ends, in UTC.
        texts: int64 (P,).
        counts: int64 (P, L), texts in which each label holds.
        probability_sums: float64 (P, L); NaN where texts have no probabilities.
        skipped: Rows that are in no period.
    """

    labels: tuple[str, ...]
    every: Every
    edges: NDArray[np.datetime64]
    texts: NDArray[np.int64]
    counts: NDArray[np.int64]
    probability_sums: NDArray[np.float64]
    skipped: Skipped

    def of(self, names: Sequence[str]) -> Trend:
        """Return the trend of some labels, in the order given.

        Raises:
            LabelError: A name is none of the labels, or is given twice.
        """
        known = LabelSet(self.labels)
        chosen = [known.index(name) for name in LabelSet(tuple(names)).names]
        return Trend(
            labels=tuple(names),
            every=self.every,
            edges=self.edges,
            texts=self.texts,
            counts=self.counts[:, chosen],
            probability_sums=self.probability_sums[:, chosen],
            skipped=self.skipped,
        )

    def most_moved(self, number: int, *, without: Sequence[str] = ()) -> tuple[str, ...]:
        """Return the labels whose share moved most beyond what chance does to it.

        That is those of the largest chi-squared of their counts against a share that stays the
        same (Pearson 1900; of two classes and P periods), largest first. Labels that hold in fewer
        than `LEAST_SHARE` of the texts come after all others.

        Args:
            number: How many, or fewer if there are fewer.
            without: Labels that are not wanted.
        """
        some = self.texts > 0
        texts, counts = self.texts[some][:, None], self.counts[some]
        share = counts.sum(axis=0) / texts.sum()
        spread = np.maximum(texts * share * (1 - share), np.finfo(np.float64).tiny)
        moved = ((counts - texts * share) ** 2 / spread).sum(axis=0)
        order = np.lexsort((-moved, share < LEAST_SHARE))
        ranked = [self.labels[i] for i in order if self.labels[i] not in without]
        return tuple(ranked[:number])

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Yield the cells of `COLUMNS`, a period after the other; empty where there is no text."""
        days = self.edges[:-1].astype("datetime64[D]").astype(np.str_)
        seconds = np.char.add(self.edges[:-1].astype(np.str_), "Z")
        starts = (days if self.every.is_whole_days else seconds).tolist()
        for period, start in enumerate(starts):
            texts = int(self.texts[period])
            found = zip(
                self.labels, self.counts[period], self.probability_sums[period], strict=True
            )
            for label, count, total in found:
                share = f"{count / texts:.6g}" if texts else ""
                mean = f"{total / texts:.6g}" if texts and not np.isnan(total) else ""
                yield start, label, str(texts), str(count), share, mean


class TrendBuilder:
    """Adds up what was found in rows, in whatever order they come.

    Args:
        every: How long a period is.
    """

    def __init__(self, every: Every) -> None:
        self._every = every
        self._labels: list[str] = []
        self._of_probabilities: tuple[str, ...] | None = None  # before the first rows
        self._numbers = np.zeros(0, dtype=np.int64)  # of periods with texts, ascending
        self._texts = np.zeros(0, dtype=np.int64)
        self._counts = np.zeros((0, 0), dtype=np.int64)
        self._sums = np.zeros((0, 0), dtype=np.float64)
        self._skipped = Skipped()

    def add(self, found: Found, *, file: str) -> None:
        """Add rows of a file.

        Raises:
            DataError: Their times are of no type of times, or their probabilities are of other
                labels than those of earlier rows.
            ConfigError: There are too many periods by now.
        """
        try:
            seconds = to_seconds(found.times)
        except DataError as error:
            raise DataError(f"the column of times {error}", path=file) from None
        self._note_skipped(found, seconds, file)
        there = found.is_text & (seconds != NO_TIME)
        if not there.any():
            return
        numbers, places = np.unique(self._every.number(seconds[there]), return_inverse=True)
        local = np.full(len(there), -1, dtype=np.int64)
        local[there] = places
        self._note_labels(found, file)
        rows, labels = self._held(found)
        of_texts = local[rows] >= 0
        cells = local[rows[of_texts]] * len(self._labels) + labels[of_texts]
        shape = (len(numbers), len(self._labels))
        self._grow(numbers)
        slots = np.searchsorted(self._numbers, numbers)
        self._texts[slots] += np.bincount(places)
        self._counts[slots] += np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)
        for column, values in enumerate(found.probabilities[there].T):
            self._sums[slots, column] += np.bincount(places, weights=values)

    def trend(self) -> Trend:
        """Return what was added, with the periods between that have no texts.

        Raises:
            DataError: No row has a text and a time.
            ConfigError: There are too many periods.
        """
        if not len(self._numbers):
            unreadable = self._skipped.first_unreadable
            raise DataError(
                "no row has a text and a time"
                + (f"; the first time that cannot be read: {unreadable}" if unreadable else "")
            )
        first, last = int(self._numbers[0]), int(self._numbers[-1])
        self._check_number(last - first + 1, self._numbers)
        slots = self._numbers - first
        texts = np.zeros(last - first + 1, dtype=np.int64)
        counts = np.zeros((len(texts), len(self._labels)), dtype=np.int64)
        sums = np.zeros(counts.shape, dtype=np.float64)
        texts[slots], counts[slots] = self._texts, self._counts
        sums[slots] = self._sums if self._of_probabilities else np.nan
        return Trend(
            labels=tuple(self._labels),
            every=self._every,
            edges=self._every.start(np.arange(first, last + 2)),
            texts=texts,
            counts=counts,
            probability_sums=sums,
            skipped=self._skipped,
        )

    def _note_skipped(self, found: Found, seconds: NDArray[np.int64], file: str) -> None:
        skipped = self._skipped
        skipped.missing_texts += int(np.count_nonzero(~found.is_text))
        without = found.is_text & (seconds == NO_TIME)
        if not without.any():
            return
        null = found.times.is_null().to_numpy(zero_copy_only=False)
        unreadable = np.flatnonzero(without & ~null)
        skipped.missing_times += int(np.count_nonzero(without & null))
        skipped.unreadable_times += len(unreadable)
        if len(unreadable) and not skipped.first_unreadable:
            row = int(unreadable[0])
            value = repr(found.times[row].as_py())[:_LONGEST_SHOWN]
            skipped.first_unreadable = f"{file}, row {found.first + row + 1}: {value}"

    def _note_labels(self, found: Found, file: str) -> None:
        """Have every label of these rows among those that are counted."""
        if self._of_probabilities is None:
            self._of_probabilities = found.labels
        elif self._of_probabilities != found.labels:
            raise DataError(
                "its probabilities are not of the same labels as those before; follow what one "
                "model found at a time",
                path=file,
            )
        held = found.held.unique().to_pylist()
        if found.labels and (strange := [name for name in held if name not in found.labels]):
            raise DataError(f"label {strange[0]!r} holds and has no probability", path=file)
        new = [name for name in (*found.labels, *held) if name not in self._labels]
        new = list(dict.fromkeys(new))
        self._labels += new
        width = ((0, 0), (0, len(new)))
        self._counts, self._sums = np.pad(self._counts, width), np.pad(self._sums, width)

    def _held(self, found: Found) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the rows in which labels hold and the labels' numbers, int64 (H,) each."""
        encoded = found.held.dictionary_encode()
        number_of = np.array(
            [self._labels.index(name) for name in encoded.dictionary.to_pylist()], dtype=np.int64
        )
        return found.rows, number_of[encoded.indices.to_numpy()]

    def _grow(self, numbers: NDArray[np.int64]) -> None:
        """Have a slot for each of some periods."""
        wanted = np.union1d(self._numbers, numbers)
        if len(wanted) == len(self._numbers):
            return
        self._check_number(len(wanted), wanted)
        slots = np.searchsorted(wanted, self._numbers)
        for name in ("_texts", "_counts", "_sums"):
            old = getattr(self, name)
            new = np.zeros((len(wanted), *old.shape[1:]), dtype=old.dtype)
            new[slots] = old
            setattr(self, name, new)
        self._numbers = wanted

    def _check_number(self, periods: int, numbers: NDArray[np.int64]) -> None:
        if periods > MOST_PERIODS:
            first, last = self._every.start(numbers[[0, -1]])
            raise ConfigError(
                f"{periods:,} periods of one {self._every.name} each, from {first} to {last}, and "
                f"{MOST_PERIODS:,} at most; give longer ones (--every), or look for times far off"
            )
