"""Encoded texts with what to answer to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from emoconv.config import TrainingConfig
    from emoconv.text import Encoded

__all__ = ["Examples"]


@dataclass(frozen=True)
class Examples:
    """Encoded texts and what to answer to them.

    Attributes:
        encoded: N texts.
        targets: float32, float16 or bool (N, L), each in [0, 1].
        labelled: The first so many have labels and are seen in every epoch; the rest have targets
            of a teacher and take turns (`TrainingConfig.unlabelled_per_epoch`). ``None``: all.
        weights: float32 (N,), what each text counts, 1 on average; ``None``: all the same.
    """

    encoded: Encoded
    targets: NDArray[np.floating[Any] | np.bool_]
    labelled: int | None = None
    weights: NDArray[np.float32] | None = None

    def split_point(self) -> int:
        """Return how many have labels."""
        return len(self.targets) if self.labelled is None else self.labelled

    def rows_of_epoch(self, epoch: int, training: TrainingConfig) -> NDArray[np.int64]:
        """Return the texts of an epoch, counted from 0: int64 (M,), in no particular order.

        Those without labels come in one random order, a slice an epoch, over and over.
        """
        labelled = self.split_point()
        others = len(self.targets) - labelled
        count = others
        if training.unlabelled_per_epoch is not None:
            count = min(training.unlabelled_per_epoch, others)
        order = np.random.default_rng(training.seed).permutation(others)
        turn = order[(epoch * count + np.arange(count)) % max(others, 1)]
        return np.concatenate([np.arange(labelled), labelled + turn])

    def shares(self) -> Tensor:
        """Return how much of the labelled texts has each label, float32 (1, L)."""
        labelled = self.targets[: self.split_point()]
        if self.weights is not None:
            labelled = labelled * self.weights[: self.split_point(), None]
        return torch.from_numpy(labelled.mean(axis=0, dtype=np.float64, keepdims=True)).float()
