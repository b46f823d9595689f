"""The plain numpy reference of inference: ids to logits.

Computes what `emoconv.nn.TextCNN` computes with its dropouts off, straight from the weights, on
texts of any length, without padding them to each other. What the filters answer to a word is
computed once for all its occurrences in a block of texts, and looked up at each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emoconv.text import Encoded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from emoconv.bundle import Bundle

__all__ = ["BLOCK_TOKENS", "ReferenceEngine"]

BLOCK_TOKENS = 2**17
"""Texts are taken together up to this many tokens: the more, the more often a word comes again,
whose filter answers are computed once."""

_WINDOWS_AT_ONCE = 2**10  # their responses fit a processor's cache (1 MB for 256 filters)


class ReferenceEngine:
    """Computes logits from a bundle's weights.

    Args:
        bundle: The model. Of its word vectors only rows in use are turned into float32.
    """

    def __init__(self, bundle: Bundle) -> None:
        weights = {
            name: array.astype(np.float32)
            for name, array in bundle.weights.items()
            if name != "embedding"
        }
        self._embedding = bundle.weights["embedding"]
        self._convolutions = [
            (np.ascontiguousarray(weights[f"convolution.{k}.weight"].transpose(2, 1, 0)),
             weights[f"convolution.{k}.bias"])
            for k in bundle.config.model.kernel_widths
        ]  # fmt: skip # each (K, D, F) and (F,)
        self._layers = [
            (weights[f"{name}.weight"].T, weights[f"{name}.bias"])
            for name in ("hidden", "output")
            if f"{name}.weight" in weights
        ]

    def logits(self, encoded: Encoded) -> NDArray[np.float32]:
        """Return the uncalibrated logits of N texts, float32 (N, L)."""
        labels = len(self._layers[-1][1])
        blocks = [self._output(self._features(block)) for block in _blocks(encoded)]
        return np.concatenate([np.zeros((0, labels), dtype=np.float32), *blocks])

    def _features(self, texts: Encoded) -> NDArray[np.float32]:
        """Return the ReLU of each filter's largest response, float32 (N, F * widths).

        The texts lie in one stream, each between zero vectors, so that every window which holds a
        word is seen and none holds words of two texts.
        """
        gap = max(len(filters) for filters, _ in self._convolutions) - 1
        lengths = np.diff(texts.offsets)
        starts = gap + texts.offsets[:-1] + gap * np.arange(len(lengths))
        stream = np.zeros(gap + len(texts.ids) + gap * len(lengths) + 1, dtype=np.int64)
        places = np.repeat(starts - texts.offsets[:-1], lengths) + np.arange(len(texts.ids))
        stream[places] = texts.ids
        words, stream = np.unique(stream, return_inverse=True)
        vectors = self._embedding[words].astype(np.float32)  # row 0 of the embedding is zero
        spoken = lengths > 0
        features = []
        for filters, bias in self._convolutions:
            pooled = np.zeros((len(lengths), len(bias)), dtype=np.float32)
            answers = [vectors @ part for part in filters]  # K times (words, F)
            answers[0] += bias
            bounds = (starts[spoken] - len(filters) + 1, (starts + lengths)[spoken])
            pooled[spoken] = _largest_responses(answers, stream, *bounds)
            features.append(pooled)
        return np.concatenate(features, axis=1)

    def _output(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        *hidden, (weight, bias) = self._layers
        for inner_weight, inner_bias in hidden:
            features = np.maximum(features @ inner_weight + inner_bias, np.float32(0))
        logits: NDArray[np.float32] = features @ weight + bias
        return logits


def _largest_responses(
    answers: Sequence[NDArray[np.float32]],
    stream: NDArray[np.int64],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
) -> NDArray[np.float32]:
    """Return each filter's largest response in each text, or 0 if none is above, float32 (N, F).

    Args:
        answers: K arrays float32 (V', F), what a filter's K places answer to each word.
        stream: int64 (P,), the words, each in [0, V').
        starts: int64 (N,), in ascending order, the first window of each text.
        ends: int64 (N,), after its last window; windows begin at it too, but are nobody's.
    """
    largest = np.zeros((len(starts), answers[0].shape[1]), dtype=np.float32)
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
