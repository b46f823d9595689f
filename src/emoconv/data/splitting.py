"""Draw the parts of a data set: by comment, or at random as the 2020 blog post did.

The rule of a split by comment: all rows of one comment id are on one side. Rows whose id is blank,
or all rows where there are no ids, go together if their texts are equal. The groups are shuffled by
NumPy's PCG64 generator from the seed and laid out in a row; a group belongs to the part in which
its middle falls.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emoconv.data.checks import known_rows, normalise
from emoconv.errors import ConfigError, DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from emoconv.data.dataset import Dataset

__all__ = ["BLOG_TEST_FRACTION", "BlogSplit", "blog_split", "split_by_group"]

BLOG_TEST_FRACTION = 0.2
"""The post's 80/20 split."""


def split_by_group(
    dataset: Dataset, *, fractions: Mapping[str, float], seed: int
) -> dict[str, Dataset]:
    """Split a data set so that no comment is in two parts; the module says by what rule.

    Args:
        dataset: What to split.
        fractions: The name of each part and its share of the rows, above 0, 1 together. A part
            may miss its share by as much as half a group at each end.
        seed: Equal seeds give equal splits.

    Returns:
        The parts by name, rows in their original order.

    Raises:
        ConfigError: The fractions are not as said.
        DataError: There are too few comments for a part to get a row.

    Example:
        >>> from emoconv.data import Dataset
        >>> from emoconv.labels import LabelSet
        >>> d = Dataset(list("abcde"), np.ones((5, 1), dtype=bool), LabelSet(("joy",)))
        >>> parts = split_by_group(d, fractions={"train": 0.8, "dev": 0.2}, seed=0)
        >>> {name: len(part) for name, part in parts.items()}
        {'train': 4, 'dev': 1}
    """
    shares = np.array(list(fractions.values()), dtype=np.float64)
    if not len(shares) or shares.min() <= 0 or not math.isclose(shares.sum(), 1):
        raise ConfigError(f"fractions must be above 0 and sum to 1, got {dict(fractions)}")
    groups = _groups(dataset)  # (N,)
    sizes = np.bincount(groups)
    order = np.random.default_rng(seed).permutation(len(sizes))
    middles = np.empty(len(sizes))
    middles[order] = np.cumsum(sizes[order]) - sizes[order] / 2
    bounds = np.cumsum(shares[:-1]) * len(dataset)
    part_of_row = np.searchsorted(bounds, middles, side="right")[groups]
    parts = {}
    for number, name in enumerate(fractions):
        rows = np.flatnonzero(part_of_row == number)
        if not len(rows):
            raise DataError(f"part {name!r} gets no row: too few comments ({len(sizes)})")
        parts[name] = dataset.select(rows)
    return parts


def _groups(dataset: Dataset) -> NDArray[np.intp]:
    """Return intp (N,): the number of each row's group."""
    numbers: dict[tuple[str, str], int] = {}
    ids = dataset.ids or [""] * len(dataset)
    keys = [
        ("id", id_) if id_.strip() else ("text", text)
        for id_, text in zip(ids, dataset.texts, strict=True)
    ]
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.intp)


@dataclass(frozen=True, eq=False)
class BlogSplit:
    """A random split of rater rows, and how much of the test part is known from the train part.

    Args:
        train: 80 % of the rows.
        test: 20 % of the rows, rounded up.
        same_id: How many test rows have a row of the same comment id in train.
        same_text: How many test rows have an equal text in train, after ``normalise``.
        siblings: How many have either.
    """

    train: Dataset
    test: Dataset
    same_id: int
    same_text: int
    siblings: int


def blog_split(dataset: Dataset, *, seed: int) -> BlogSplit:
    """Split rows 80/20 at random, as the 2020 post did with the rater rows of GoEmotions.

    A comment has a row for each of its raters, so most test rows have a sibling in train, and
    scores on such a test part are too good. This is for comparison with the post only.

    Args:
        dataset: Rater rows.
        seed: Equal seeds give equal splits.

    Raises:
        DataError: There are fewer than two rows.
    """
    if len(dataset) < 2:  # noqa: PLR2004 - one for each side
        raise DataError(f"a split needs two rows or more, got {len(dataset)}")
    order = np.random.default_rng(seed).permutation(len(dataset))
    cut = len(dataset) - math.ceil(BLOG_TEST_FRACTION * len(dataset))
    train, test = dataset.select(order[:cut]), dataset.select(order[cut:])
    blank = ("",) * len(test)
    same_id = known_rows(train.ids or (), test.ids or blank)  # (M,)
    same_text = known_rows(
        [normalise(text) for text in train.texts], [normalise(text) for text in test.texts]
    )  # (M,)
    return BlogSplit(
        train=train,
        test=test,
        same_id=int(same_id.sum()),
        same_text=int(same_text.sum()),
        siblings=int((same_id | same_text).sum()),
    )
