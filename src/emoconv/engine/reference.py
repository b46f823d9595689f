"""The plain numpy reference of inference: ids to logits.

Computes what `emoconv.nn.TextCNN` computes with its dropouts off, straight from the weights, on
texts of any length, without padding them to each other, and without compiling anything.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emoconv.engine.folding import dense_layers, stack_filters
from emoconv.text import Encoded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from emoconv.bundle import Bundle

__all__ = ["BLOCK_TOKENS", "REMEMBERED_WORDS", "ReferenceEngine"]

BLOCK_TOKENS = 2**17
"""Texts are taken together up to this many tokens, so that memory stays flat."""

REMEMBERED_WORDS = 2**13
"""Words whose filter answers are remembered, unless a block of texts holds more."""

_WINDOWS_AT_ONCE = 2**10  # their responses fit a processor's cache (2 MB for 512 filters)

_NOWHERE = -1
"""The place of a word that was not met yet."""


@dataclass
class _Memory:
    """What the filters answer to the words that were met, in the order in which they were.

    Attributes:
        rows: float32 (R, ``F * sum(K)``); row 0, padding, is zero.
        places: int32 (V,), which row is each word's.
        used: Rows in use.
    """

    rows: NDArray[np.float32]
    places: NDArray[np.int32]
    used: int = 1


class ReferenceEngine:
    """Computes logits from a bundle's weights.

    What the filters answer to a word is computed when the word is first met, and remembered: 4
    bytes for each of ``F * sum(K)`` answers, 12 kB for kernels of 1, 2 and 3 words with 512 filters
    each. When there are `REMEMBERED_WORDS` of them, it forgets them all and starts anew.

    Args:
        bundle: The model.
    """

    def __init__(self, bundle: Bundle) -> None:
        self._embedding = bundle.weights["embedding"]
        self._widths = bundle.config.model.kernel_widths
        self._filters = stack_filters(bundle)
        self._layers = dense_layers(bundle)
        self._memory = self._empty_memory(REMEMBERED_WORDS)
        self._lock = threading.Lock()

    def logits(self, encoded: Encoded) -> NDArray[np.float32]:
        """Return the uncalibrated logits of N texts, float32 (N, L)."""
        labels = len(self._layers[-1].bias)
        blocks = [self._output(self._features(block)) for block in _blocks(encoded)]
        return np.concatenate([np.zeros((0, labels), dtype=np.float32), *blocks])

    def _empty_memory(self, words: int) -> _Memory:
        rows = np.empty((words + 1, self._filters.matrix.shape[1]), dtype=np.float32)
        rows[0] = 0  # padding
        places = np.full(len(self._embedding), _NOWHERE, dtype=np.int32)
        places[0] = 0
        return _Memory(rows, places)

    def answers(self, ids: NDArray[np.int32]) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """Return what the filters answer to words, float32 (R, C), and which row is each word's.

        Threads share the memory; one of them may replace it while others go on with the old one.

        Args:
            ids: int32 (T,), the words.
        """
        memory = self._memory
        places = memory.places[ids]
        if len(ids) and places.min() == _NOWHERE:
            with self._lock:
                memory = self._memory
                new = np.unique(ids[memory.places[ids] == _NOWHERE])
                if memory.used + len(new) > len(memory.rows):
                    new = np.unique(ids[ids != 0])
                    memory = self._empty_memory(max(len(new), REMEMBERED_WORDS))
                    self._memory = memory
                here = slice(memory.used, memory.used + len(new))
                memory.rows[here] = self._embedding[new].astype(np.float32) @ self._filters.matrix
                memory.places[new] = np.arange(here.start, here.stop)  # last: others read it
                memory.used = here.stop
            places = memory.places[ids]
        return memory.rows, places

    def _features(self, texts: Encoded) -> NDArray[np.float32]:
        """Return the ReLU of each filter's largest response, float32 (N, F * widths).

        The texts lie in one stream, each between zero vectors, so that every window which holds a
        word is seen and none holds words of two texts.
        """
        rows, words = self.answers(texts.ids)
        gap = max(self._widths) - 1
        lengths = np.diff(texts.offsets)
        starts = gap + texts.offsets[:-1] + gap * np.arange(len(lengths))
        stream = np.zeros(gap + len(texts.ids) + gap * len(lengths) + 1, dtype=np.int64)
        places = np.repeat(starts - texts.offsets[:-1], lengths) + np.arange(len(texts.ids))
        stream[places] = words
        spoken = lengths > 0
        starts, ends = starts[spoken], (starts + lengths)[spoken]
        features = np.zeros((len(lengths), len(self._filters.bias)), dtype=np.float32)
        count = len(self._filters.bias) // len(self._widths)
        column = 0
        for place, width in enumerate(self._widths):
            here = slice(place * count, (place + 1) * count)
            answers = [rows[:, c : c + count] for c in range(column, column + width * count, count)]
            largest = _largest_responses(answers, stream, starts - width + 1, ends)
            features[spoken, here] = np.maximum(largest + self._filters.bias[here], np.float32(0))
            column += width * count
        return features

    def _output(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        *hidden, output = self._layers
        for layer in hidden:
            features = np.maximum(features @ layer.weight.T + layer.bias, np.float32(0))
        logits: NDArray[np.float32] = features @ output.weight.T + output.bias
        return logits


def _largest_responses(
    answers: Sequence[NDArray[np.float32]],
    stream: NDArray[np.int64],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
) -> NDArray[np.float32]:
    """Return each filter's largest response in each text, without its bias, float32 (N, F).

    Args:
        answers: K arrays float32 (R, F), what a filter's K places answer to each word.
        stream: int64 (P,), the words' rows, each in [0, R).
        starts: int64 (N,), in ascending order, the first window of each text.
        ends: int64 (N,), after its last window; windows begin at it too, but are nobody's.
    """
    largest = np.full((len(starts), answers[0].shape[1]), -np.inf, dtype=np.float32)
    for first in range(0, len(stream) - len(answers), _WINDOWS_AT_ONCE):
        last = min(first + _WINDOWS_AT_ONCE, len(stream) - len(answers))
        low, high = np.maximum(starts, first), np.minimum(ends, last)
        seen = low < high  # texts with windows in this part
        responses = answers[0][stream[first : last + 1]]
        for place, answer in enumerate(answers[1:], start=1):
            responses += answer[stream[first + place : last + 1 + place]]
        bounds = np.stack([low[seen], high[seen]], axis=1).ravel() - first
        here = np.maximum.reduceat(responses, bounds, axis=0)[::2]
        largest[seen] = np.maximum(largest[seen], here)
    return largest


def _blocks(encoded: Encoded) -> Iterator[Encoded]:
    """Cut N texts into runs of about `BLOCK_TOKENS` tokens; a longer text is a run of its own.

    A text costs one more than its tokens, so that empty texts fill a run too.
    """
    ids, offsets = encoded
    costs = offsets + np.arange(len(offsets))
    first, count = 0, len(offsets) - 1
    while first < count:
        fits = int(np.searchsorted(costs, costs[first] + BLOCK_TOKENS, side="right")) - 1
        last = max(first + 1, fits)
        start, end = offsets[first], offsets[last]
        yield Encoded(ids[start:end], offsets[first : last + 1] - start)
        first = last
