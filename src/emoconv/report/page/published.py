"""What others have published of each emotion on the official GoEmotions test split.

Shown only beside figures of the very same texts and labels.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emoconv.data import Dataset

__all__ = ["OFFICIAL_TEST", "Published", "published_for"]

OFFICIAL_TEST = "d291d79745c2477cc29ce2d992deab28b83fc8b0e9342570d66525c98d689680"
"""`Dataset.fingerprint` of ``test.tsv``, 5,427 texts, as Google publishes it."""


@dataclass(frozen=True)
class Published:
    """What is known of a published model.

    Args:
        name: What a column is called.
        source: The page that holds its figures.
        cuts: How its cuts were chosen, and on what.
        macro_f1: As published.
        micro_f1: The same; None where the source does not give it.
        f1: Of each label; empty where the source's figures could not be read.
    """

    name: str
    source: str
    cuts: str
    macro_f1: float
    micro_f1: float | None
    f1: Mapping[str, float]


def published_for(dataset: Dataset) -> tuple[Published, ...]:
    """Return what is published of these very texts and labels: nothing, but for the official test.

    Example:
        >>> import numpy as np
        >>> from emoconv.data import Dataset
        >>> from emoconv.labels import LabelSet
        >>> published_for(Dataset(["hm"], np.array([[True]]), LabelSet(("joy",))))
        ()
    """
    if dataset.fingerprint() != OFFICIAL_TEST:
        return ()
    file = Path(__file__).with_name("published.json")
    return tuple(Published(**entry) for entry in json.loads(file.read_text(encoding="utf-8")))
