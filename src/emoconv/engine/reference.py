"""The plain numpy reference of inference: ids to logits.

Computes what `emoconv.nn.TextCNN` computes with its dropouts off, straight from the weights, on
texts of any length, without padding them to each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emoconv.text import Encoded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from emoconv.bundle import Bundle

__all__ = ["BLOCK_TOKENS", "ReferenceEngine"]

BLOCK_TOKENS = 8192
"""Texts are taken together up to this many tokens; at most twice as many windows are convolved at
a time, of one long text too. It bounds memory: some 50 MB for vectors of 300 and 256 filters."""


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
        stream = np.zeros(2 * gap + len(texts.ids) + gap * len(lengths) + 1, dtype=np.int64)
        places = np.repeat(starts - texts.offsets[:-1], lengths) + np.arange(len(texts.ids))
        stream[places] = texts.ids
        features = [
            np.zeros((len(lengths), len(bias)), dtype=np.float32) for _, bias in self._convolutions
        ]
        windows = len(stream) - gap - 1
        for first in range(0, windows, 2 * BLOCK_TOKENS):
            last = min(first + 2 * BLOCK_TOKENS, windows)
            words = self._embedding[stream[first : last + gap + 1]].astype(np.float32)  # (P, D)
            for pooled, (filters, bias) in zip(features, self._convolutions, strict=True):
                low = np.maximum(starts - len(filters) + 1, first)
                high = np.minimum(starts + lengths, last)
                seen = (low < high) & (lengths > 0)  # texts with windows in this part
                bounds = np.stack([low[seen], high[seen]], axis=1).ravel() - first
                responses = _responses(words, filters, bias, windows=last - first + 1)
                largest = np.maximum.reduceat(responses, bounds, axis=0)[::2]
                pooled[seen] = np.maximum(pooled[seen], largest)
        return np.concatenate(features, axis=1)

    def _output(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        *hidden, (weight, bias) = self._layers
        for inner_weight, inner_bias in hidden:
            features = np.maximum(features @ inner_weight + inner_bias, np.float32(0))
        logits: NDArray[np.float32] = features @ weight + bias
        return logits


def _responses(
    words: NDArray[np.float32],
    filters: NDArray[np.float32],
    bias: NDArray[np.float32],
    *,
    windows: int,
) -> NDArray[np.float32]:
    """Return float32 (windows, F): what K filter parts (K, D, F) answer to words (P, D)."""
    responses = np.tile(bias, (windows, 1))
    for j, part in enumerate(filters):
        responses += words[j : j + windows] @ part
    return responses


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
