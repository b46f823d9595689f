"""Where in a text each filter reaches its largest response.

Knows the filters' answers to words, and nothing of labels or characters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["WINDOWS_AT_ONCE", "Peaks", "find_peaks"]

WINDOWS_AT_ONCE = 2**10
"""Windows whose responses are in memory at the same time: 2 MB for 512 filters."""


class Peaks(NamedTuple):
    """The largest response of each of U filters to a text of T tokens.

    A window may hang over the text's edges; its place here is that of the tokens it holds. Of
    windows with equal responses it is the first.

    Attributes:
        largest: float32 (U,), without the filters' biases; minus infinity for a text without
            tokens.
        first: int64 (U,), the first token of its window.
        last: int64 (U,), the last one, of the window too.
    """

    largest: NDArray[np.float32]
    first: NDArray[np.int64]
    last: NDArray[np.int64]


def find_peaks(
    rows: NDArray[np.float32], words: NDArray[np.int32], widths: Sequence[int], *, filters: int
) -> Peaks:
    """Return the peaks of all filters, those of the first width first.

    Args:
        rows: float32 (R, ``F * sum(K)``), what each place of each filter answers to a word; row 0
            is zero.
        words: int32 (T,), the text's rows.
        widths: The K of each width.
        filters: F, of each width.
    """
    if not len(words):  # windows of padding only are nobody's
        nowhere = np.zeros(filters * len(widths), dtype=np.int64)
        return Peaks(np.full(len(nowhere), -np.inf, dtype=np.float32), nowhere, nowhere)
    gap = max(widths) - 1
    stream = np.zeros(len(words) + 2 * gap, dtype=np.int64)
    stream[gap : gap + len(words)] = words
    found = []
    column = 0
    for width in widths:
        answers = [
            rows[:, start : start + filters]
            for start in range(column, column + width * filters, filters)
        ]
        column += width * filters
        largest, places = _highest(answers, stream[gap - width + 1 : len(stream) - gap + width - 1])
        first = np.maximum(places - width + 1, 0)
        found.append((largest, first, np.minimum(places, len(words) - 1)))
    return Peaks(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def _highest(
    answers: Sequence[NDArray[np.float32]], stream: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return each filter's largest response, float32 (F,), and its window, int64 (F,).

    Args:
        answers: K arrays float32 (R, F), what a filter's K places answer to each word.
        stream: int64 (T + 2 * (K - 1),), the words' rows between zeros.
    """
    count, windows = answers[0].shape[1], len(stream) - len(answers) + 1
    largest = np.full(count, -np.inf, dtype=np.float32)
    places = np.zeros(count, dtype=np.int64)
    for start in range(0, windows, WINDOWS_AT_ONCE):
        end = min(start + WINDOWS_AT_ONCE, windows)
        responses = answers[0][stream[start:end]]  # (windows, F)
        for place, answer in enumerate(answers[1:], start=1):
            responses += answer[stream[start + place : end + place]]
        best = responses.argmax(axis=0)
        here = responses[best, np.arange(count)]
        higher = here > largest
        largest[higher] = here[higher]
        places[higher] = best[higher] + start
    return largest, places
