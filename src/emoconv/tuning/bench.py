"""One recipe, trained and scored: what all trials of a search share, and what each does."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from emoconv.config import to_dict
from emoconv.errors import EmoconvError
from emoconv.tuning.measuring import measure, split_dev

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from emoconv.bundle import Bundle
    from emoconv.config import Config
    from emoconv.data import Dataset
    from emoconv.train.preparation import Preparation
    from emoconv.tuning.measuring import Objective
    from emoconv.tuning.space import Space

__all__ = ["FAILURES", "Bar", "Bench", "Task", "hash_of", "named", "reason_of"]

FAILURES = (EmoconvError, ArithmeticError, MemoryError, RuntimeError)
"""What a trial may raise without ending the search: the recipe does not fit the data, the loss is
no number, there is too little memory (of which torch makes a RuntimeError)."""

_LONGEST_REASON = 300


class Bar(Protocol):
    """What shows that a training is at work."""

    def batch(self, texts: int, loss: float) -> None:
        """Hear that so many more texts were seen, and the epoch's mean loss so far."""

    def close(self) -> None:
        """Hear that an epoch is over."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Task:
    """What is to be tuned, and by what.

    Args:
        train: What recipes learn from.
        dev: Validation data, with the same labels.
        start: The recipe that the search begins from and has to beat.
        space: What is searched around it.
        objective: What is to rise.
        targets: float32 (N, L), what to answer to the texts of ``train``; None for their labels.
        vector_files: Word vectors that all recipes start from.
    """

    train: Dataset
    dev: Dataset
    start: Config
    space: Space
    objective: Objective = "macro_f1"
    targets: NDArray[np.float32] | None = None
    vector_files: Sequence[str] = ()

    @cached_property
    def fingerprints(self) -> dict[str, str]:
        """A digest of each thing that makes two trials comparable.

        Why a setting is searched is not one. Word vectors count by name and size, as a file may be
        at another place on another machine.
        """
        vectors = [(Path(file).name, _size(file)) for file in self.vector_files]
        parts: dict[str, object] = {
            "recipe": to_dict(self.start),
            "space": [{**one, "why": ""} for one in self.space.to_list()],
            "objective": self.objective,
            "vectors": vectors,
            "training data": self.train.fingerprint(),
            "validation data": self.dev.fingerprint(),
            "votes": None if self.targets is None else hash_of(self.targets.tobytes()),
        }
        return {name: hash_of(json.dumps(part).encode()) for name, part in parts.items()}


def reason_of(error: BaseException, *, epochs: int = 0) -> str:
    """Return one line of why a training failed, and after how many epochs."""
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    where = f"after epoch {epochs}: " if epochs else ""
    return " ".join(f"{where}{said}".split())[:_LONGEST_REASON]


def hash_of(content: bytes) -> str:
    """Return the SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()


def _size(file: str) -> int:
    path = Path(file)
    return path.stat().st_size if path.exists() else 0  # a member of a zip has no size of its own


class Bench:
    """Trains and scores recipes on the same texts; tokens and vectors are read once.

    Args:
        task: What is tuned.
        bar: Shows that a training is at work.
    """

    def __init__(self, task: Task, bar: Bar) -> None:
        self.task, self._bar = task, bar
        self.seed = task.start.training.seed
        self.choosing, self.held_out = split_dev(task.dev, seed=self.seed)

    @cached_property
    def preparation(self) -> Preparation:
        """What prepares the texts to learn from."""
        from emoconv.train.pipeline import preparation_of  # noqa: PLC0415 - imports torch

        return preparation_of(self.task.train, vector_files=self.task.vector_files, keep=True)

    def score(
        self, config: Config, *, on_epoch: Callable[[dict[str, float]], None]
    ) -> dict[str, float]:
        """Train a recipe and return the row of the epoch that it keeps.

        Beside what every training's rows have, a row has ``macro_f1`` and ``micro_f1``:
        `emoconv.tuning.measuring.measure` on the half to choose by.

        Args:
            config: The recipe.
            on_epoch: Called with each epoch's row; what it raises ends the training.

        Raises:
            FloatingPointError: The loss or a logit is no number any more.
            EmoconvError: The recipe does not fit the data.
        """
        from emoconv.train.loop import best_row  # noqa: PLC0415 - imports torch
        from emoconv.train.measures import measures  # noqa: PLC0415 - same
        from emoconv.train.pipeline import train_network  # noqa: PLC0415 - same

        y, rule = self.choosing.y, config.training.threshold_rule

        def score(logits: NDArray[np.float32]) -> dict[str, float]:
            _check_logits(logits)
            found = measure(y, logits, rule=rule, seed=self.seed)
            return measures(y, logits) | {f"cross_{name}": value for name, value in found.items()}

        trained = train_network(
            self.task.train,
            self.choosing,
            config=config,
            observer=_Watch(self._bar, on_epoch),
            preparation=self.preparation,
            targets=self.task.targets,
            score=score,
        )
        return named(best_row(trained.history, config.training.monitor))

    def bundle(self, config: Config, *, seed: int) -> Bundle:
        """Train a recipe by another seed, to the end: with its calibration and its cuts."""
        from emoconv.train import train_bundle  # noqa: PLC0415 - imports torch

        training = dataclasses.replace(config.training, seed=seed)
        return train_bundle(
            self.task.train,
            self.choosing,
            config=dataclasses.replace(config, training=training),
            observer=_Watch(self._bar, lambda _row: None),
            targets=self.task.targets,
            preparation=self.preparation,
            dev_name="the half of the validation data to choose by",
        )


def named(row: Mapping[str, float]) -> dict[str, float]:
    """Return an epoch's row with the objectives under their own names."""
    return {name.removeprefix("dev_cross_"): value for name, value in row.items()}


def _check_logits(logits: NDArray[np.float32]) -> None:
    if not np.isfinite(logits).all():
        raise FloatingPointError("the network answers with what is no number")


class _Watch:
    """Hears of a training: shows a bar, ends what has diverged, hands rows on."""

    def __init__(self, bar: Bar, on_epoch: Callable[[dict[str, float]], None]) -> None:
        self._bar, self._on_epoch = bar, on_epoch

    def message(self, text: str) -> None:
        """Hear of the vectors, which are the same each time."""

    def batch(self, texts: int, loss: float) -> None:
        """Show it, unless there is nothing left to train."""
        if not math.isfinite(loss):
            raise FloatingPointError(f"the loss is {loss}")
        self._bar.batch(texts, loss)

    def epoch(self, row: dict[str, float]) -> None:
        """Hand it on."""
        self._bar.close()
        self._on_epoch(named(row))
