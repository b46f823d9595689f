"""Ragged ids to padded batches, texts of like length together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from torch import Tensor

    from emoconv.text import Encoded

__all__ = ["POOL", "Batch", "chunks_of_like_length", "iterate", "pad"]

POOL = 50
"""Batches whose texts are sorted by length together: long enough to save padding, short enough
to keep the order of texts random."""


class Batch(NamedTuple):
    """B texts, padded on the right.

    Attributes:
        ids: int64 (B, T); 0 pads.
        lengths: int64 (B,).
        rows: int64 (B,), the texts' places in the data.
        whole: The texts of the batch in all processes, B where there is one.
    """

    ids: Tensor
    lengths: Tensor
    rows: Tensor
    whole: int


def pad(encoded: Encoded, rows: NDArray[np.int64]) -> Batch:
    """Return the given texts as one batch, as wide as its longest text and at least 1."""
    starts = encoded.offsets[rows]
    lengths = encoded.offsets[rows + 1] - starts
    inside = np.arange(max(1, lengths.max(initial=0))) < lengths[:, None]  # (B, T)
    ids = np.zeros(inside.shape, dtype=np.int64)
    places = starts[:, None] + np.arange(inside.shape[1])
    ids[inside] = encoded.ids[places[inside]]
    return Batch(
        torch.from_numpy(ids), torch.from_numpy(lengths), torch.from_numpy(rows), len(rows)
    )


def iterate(
    encoded: Encoded,
    *,
    batch_size: int,
    rng: np.random.Generator | None = None,
    rows: NDArray[np.int64] | None = None,
    rank: int = 0,
    world_size: int = 1,
) -> Iterator[Batch]:
    """Yield every text once, or this process's part of each batch.

    Args:
        encoded: The texts.
        batch_size: B; the last batch may be smaller.
        rng: Draws a random order, texts of like length together; ``None`` keeps the given order.
        rows: int64 (M,), the texts to yield; ``None`` for all.
        rank: This process's number, from 0.
        world_size: How many processes share each batch; the same ``rng`` in all of them.
    """
    order = np.arange(len(encoded.offsets) - 1) if rows is None else rows
    if rng is None:
        chunks = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
    else:
        lengths = np.diff(encoded.offsets)[order]
        chunks = [
            order[places]
            for places in chunks_of_like_length(lengths, batch_size=batch_size, rng=rng)
        ]
    for chunk in chunks:
        yield pad(encoded, chunk[rank::world_size])._replace(whole=len(chunk))


def chunks_of_like_length(
    lengths: NDArray[np.integer[Any]], *, batch_size: int, rng: np.random.Generator
) -> list[NDArray[np.int64]]:
    """Return the places 0 to N - 1 in batches, in random order, texts of like length together.

    Args:
        lengths: Whole numbers (N,), the tokens of each text.
        batch_size: B; a batch may be smaller at the end of each `POOL` of batches.
        rng: Draws the order.
    """
    order = rng.permutation(len(lengths))
    pools = [order[i : i + batch_size * POOL] for i in range(0, len(order), batch_size * POOL)]
    by_length = [pool[np.argsort(lengths[pool], kind="stable")] for pool in pools]
    chunks = [p[i : i + batch_size] for p in by_length for i in range(0, len(p), batch_size)]
    return [chunks[i] for i in rng.permutation(len(chunks))]
