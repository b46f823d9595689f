"""What Keras computes, in numpy: texts of one length, padded, through the layers.

Written after Keras' documentation of ``pad_sequences``, ``Conv1D`` and ``GlobalMaxPooling1D``, to
compare a converted model with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from emoconv.migration.layout import Network

__all__ = ["KerasInput", "Side", "keras_probabilities", "pad_sequences"]

Side = Literal["post", "pre"]
"""After the words, or before them."""

_TEXTS_AT_ONCE = 2**7


class KerasInput(NamedTuple):
    """The arguments of ``pad_sequences``.

    Attributes:
        length: To how many words texts are padded and cut (``maxlen``).
        padding: Where zeros are put, ``"post"``, after the words, or ``"pre"``.
        truncating: Where words are dropped: ``"pre"`` keeps the last, ``"post"`` the first.
    """

    length: int
    padding: Side
    truncating: Side


def pad_sequences(rows: Sequence[Sequence[int]], shape: KerasInput) -> NDArray[np.int64]:
    """Return N texts' ids padded and cut to one length, int64 (N, length).

    Example:
        >>> pad_sequences([[5], [1, 2, 3]], KerasInput(2, padding="post", truncating="pre"))
        array([[5, 0],
               [2, 3]])
    """
    padded = np.zeros((len(rows), shape.length), dtype=np.int64)
    for place, row in zip(padded, rows, strict=True):
        kept = row[-shape.length :] if shape.truncating == "pre" else row[: shape.length]
        first = shape.length - len(kept) if shape.padding == "pre" else 0
        place[first : first + len(kept)] = kept
    return padded


def keras_probabilities(network: Network, ids: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return what the layers give for N padded texts, float32 (N, L).

    Args:
        network: The layers.
        ids: int64 (N, M), of the word index; 0 pads.
    """
    parts = [
        _probabilities(network, ids[first : first + _TEXTS_AT_ONCE])
        for first in range(0, len(ids), _TEXTS_AT_ONCE)
    ]
    return np.concatenate(parts)


def _probabilities(network: Network, ids: NDArray[np.int64]) -> NDArray[np.float32]:
    width = len(network.kernel)
    words = network.vectors[ids]  # (N, M, D)
    if network.padding == "same":
        words = np.pad(words, ((0, 0), ((width - 1) // 2, width // 2), (0, 0)))
    windows = words.shape[1] - width + 1
    responses = sum(words[:, j : j + windows] @ network.kernel[j] for j in range(width))
    units = np.maximum(responses + network.bias, np.float32(0)).max(axis=1)  # (N, F)
    if network.hidden is not None:
        units = np.maximum(units @ network.hidden.kernel + network.hidden.bias, np.float32(0))
    logits = units @ network.output.kernel + network.output.bias
    return np.asarray(1 / (1 + np.exp(-np.maximum(logits, -80))), dtype=np.float32)
