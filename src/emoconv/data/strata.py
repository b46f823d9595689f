"""Deal rows out to parts so that each part gets its share of every label, equal texts together.

At random, a part of twenty texts may well get none of a label that a twentieth of the texts have.
This is algorithm 1 of Sechidis et al. 2011, "On the Stratification of Multi-Label Data",
https://doi.org/10.1007/978-3-642-23808-6_10, with groups of equal texts in the place of texts: the
label with the fewest groups left goes first, and each of its groups goes to the part that lacks
most of that label.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emoconv.data.checks import normalise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["deal"]


def deal(
    texts: Sequence[str], y: NDArray[np.bool_], *, shares: Sequence[float], seed: int
) -> NDArray[np.intp]:
    """Return the part of each row, intp (N,), counted from 0.

    Args:
        texts: N texts; those equal after ``normalise`` go together, blank ones are apart.
        y: bool (N, L). Rows of no label are spread as if that were a label.
        shares: Of each part, above 0, 1 together. A label that only one group has goes to the part
            with the largest share, the first of them.
        seed: Equal seeds give equal parts.

    Example:
        >>> y = np.array([[True], [True], [False], [False]])
        >>> sorted(deal(["a", "b", "c", "d"], y, shares=[0.5, 0.5], seed=0)[:2].tolist())
        [0, 1]
    """
    groups = _groups(texts)
    sizes = np.bincount(groups)
    count = len(sizes)
    has = np.zeros((count, y.shape[1] + 1), dtype=np.bool_)
    np.logical_or.at(has, groups, np.column_stack([y, ~y.any(axis=1)]))
    order = np.random.default_rng(seed).permutation(count)
    wanted = np.outer(shares, sizes @ has)  # (parts, L + 1) rows of each label still to get
    room = np.multiply(shares, len(texts))  # (parts,) rows still to get
    part = np.full(count, -1, dtype=np.intp)
    left = has.sum(axis=0)
    while left.any():
        label = int(np.where(left > 0, left, count + 1).argmin())
        for group in order[has[order, label] & (part[order] < 0)]:
            chosen = int(np.lexsort((-room, -wanted[:, label]))[0])
            part[group] = chosen
            wanted[chosen, has[group]] -= sizes[group]
            room[chosen] -= sizes[group]
        left = has[part < 0].sum(axis=0)
    return part[groups]


def _groups(texts: Sequence[str]) -> NDArray[np.intp]:
    """Return the number of each text's group, intp (N,)."""
    numbers: dict[str, int] = {}
    keys = (normalise(text) or f" {place}" for place, text in enumerate(texts))
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.intp)
