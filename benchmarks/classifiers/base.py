"""What a classifier is here: something with settings to try that is fitted and then predicts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from emoconv.data import Dataset

    Predict: TypeAlias = Callable[[Sequence[str]], NDArray[np.float32]]


@dataclass(frozen=True)
class Data:
    """What a classifier may learn from.

    Args:
        train: The official train split.
        dev: The official dev split: for stopping and for choosing settings, never for weights.
        folder: The data folder, for vectors.
        work: A folder for the classifier's own files.
    """

    train: Dataset
    dev: Dataset
    folder: Path
    work: Path


@dataclass(frozen=True, kw_only=True)
class Classifier:
    """A classifier that is trained here.

    Args:
        about: One line on what it is.
        packages: What it needs, beyond numpy.
        candidates: The settings to try; those that do best on dev are kept.
        fit: ``fit(data, **settings)`` trains and returns ``predict``, which takes N texts and
            returns probabilities, float32 (N, 28).
    """

    about: str
    packages: tuple[str, ...]
    candidates: tuple[dict[str, Any], ...]
    fit: Callable[..., Predict]


def sigmoid(z: NDArray[np.floating]) -> NDArray[np.float32]:
    return (1 / (1 + np.exp(-np.maximum(z, -80)))).astype(np.float32)


def label_names(data: Dataset) -> list[list[str]]:
    """Return the label names of each text."""
    return [list(names) for names in data.labels.decode(data.y)]
