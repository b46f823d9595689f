"""From labelled texts to a bundle: where to begin, how long to learn, what to validate on.

The defaults were chosen on development data, see ``dev/LOG.md``; `benchmarks/few_examples.py`
measures them on other texts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from emoconv.bundle import Bundle, read_bundle, shipped_bundle
from emoconv.data.strata import deal
from emoconv.errors import ConfigError, DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from emoconv.config import Config
    from emoconv.data import Dataset
    from emoconv.train import Observer
    from emoconv.train.preparation import Preparation

    Validation: TypeAlias = Literal["auto"] | int | float

__all__ = [
    "FEW_TEXTS",
    "FOLDS",
    "HELD_OUT",
    "Start",
    "as_often",
    "config_for",
    "find_start",
    "learn",
]

FEW_TEXTS = 500
"""Below so many texts each is validated on in turn."""

FOLDS = 5
HELD_OUT = 0.1

_TEXTS_SEEN = 50_000
_EPOCHS = (6, 15)


@dataclass(frozen=True)
class Start:
    """What a training begins from.

    Attributes:
        bundle: ``None`` for random numbers.
        name: What it is called.
    """

    bundle: Bundle | None
    name: str

    def prepare(self, texts: Sequence[str]) -> Preparation:
        """Return what prepares some texts."""
        from emoconv.train.continuation import Continuation  # noqa: PLC0415 - imports torch
        from emoconv.train.preparation import Preparation  # noqa: PLC0415 - same

        if self.bundle is None:
            return Preparation(texts)
        return Continuation(texts, start=self.bundle, name=self.name)


def find_start(warm_start_from: str | PathLike[str] | Bundle | None) -> Start:
    """Return what to begin from: ``"shipped"``, a bundle or its folder, or ``None``.

    Raises:
        BundleError: The folder is no whole bundle.
        ConfigError: It is nothing of that kind.
    """
    if warm_start_from is None:
        return Start(None, "random numbers")
    if isinstance(warm_start_from, Bundle):
        return Start(warm_start_from, "a bundle")
    if warm_start_from == "shipped":
        return Start(read_bundle(shipped_bundle()), "the shipped model")
    if isinstance(warm_start_from, str | PathLike):
        folder = Path(warm_start_from)
        return Start(read_bundle(folder), folder.name)
    raise ConfigError(
        f"warm_start_from is {warm_start_from!r}; expected 'shipped', a bundle, its folder or None"
    )


def config_for(texts: int, start: Start, *, settings: Sequence[str], seed: int) -> Config:
    """Return the recipe for so many texts: the start's model, or that of the recipe ``small``.

    Args:
        texts: N.
        start: What to begin from.
        settings: What to change of it: ``"training.epochs=3"``.
        seed: The seed.

    Raises:
        ConfigError: A setting is unknown or out of range, or does not fit the start.
    """
    from emoconv.train import load_recipe, override  # noqa: PLC0415 - imports torch

    config = load_recipe("small")
    if start.bundle is not None:
        own = start.bundle.config
        text = replace(own.text, min_count=config.text.min_count, max_words=None)
        config = replace(config, model=own.model, text=text)
    config = override(config, [*_by_size(texts), *settings])
    training = replace(config.training, patience=config.training.epochs, seed=seed)
    config = replace(config, training=training)
    if start.bundle is not None and (
        config.model != own.model or config.text.tokenizer != own.text.tokenizer
    ):
        raise ConfigError(
            f"settings change the model or the tokenizer of {start.name}; leave them as they are, "
            "or begin with warm_start_from=None"
        )
    return config


def _by_size(texts: int) -> list[str]:
    """Return the settings that go with a number of texts.

    Few texts need small batches, or there are not enough steps to leave random numbers behind.
    Passes over many are cut to about `_TEXTS_SEEN`, for a time that does not grow with them until
    there are some 8,000.
    """
    batch = int(2 ** np.clip(round(0.6 * np.log2(texts) - 1), 3, 7))
    epochs = int(np.clip(round(_TEXTS_SEEN / texts), *_EPOCHS))
    return [f"training.batch_size={batch}", f"training.epochs={epochs}"]


def learn(
    data: Dataset,
    *,
    config: Config,
    start: Start,
    weights: NDArray[np.float64] | None,
    validation: Validation,
    observer: Observer,
) -> Bundle:
    """Train a bundle; calibration and cuts come from texts that did not teach it.

    Args:
        data: N labelled texts.
        config: The recipe.
        start: What to begin from.
        weights: float64 (N,), above 0; ``None`` for all the same.
        validation: The number of folds, the share that is held out, or ``"auto"``.
        observer: Hears of the progress.

    Raises:
        ConfigError: ``validation`` is neither.
        DataError: The texts are too few or have no label.
    """
    from emoconv.train import train_bundle  # noqa: PLC0415 - imports torch
    from emoconv.train.crossing import cross_train_bundle  # noqa: PLC0415 - same

    folds, share = _plan(validation, len(data))
    shares = [1 / folds] * folds if folds else [1 - share, share]
    dealt = deal(data.texts, data.y, shares=shares, seed=config.training.seed)
    parts = np.unique(dealt, return_inverse=True)[1]  # without those that got no text
    _check_parts(data, parts, folds=folds)
    counts = None if weights is None else (weights / weights.mean()).astype(np.float32)
    if folds:
        return cross_train_bundle(
            data,
            folds=parts,
            config=config,
            observer=observer,
            prepare=start.prepare,
            weights=counts,
            judged=None if weights is None else as_often(weights),
        )
    learnt, held = np.flatnonzero(parts == 0), np.flatnonzero(parts == 1)
    return train_bundle(
        data.select(learnt),
        data.select(held if weights is None else held[as_often(weights[held])]),
        config=config,
        observer=observer,
        preparation=start.prepare(data.select(learnt).texts),
        weights=None if counts is None else counts[learnt],
        dev_name=f"{share:.0%} of the texts",
    )


def _plan(validation: Validation, texts: int) -> tuple[int, float]:
    """Return the number of folds and 0, or 0 and the share that is held out."""
    if validation == "auto":
        return (FOLDS, 0.0) if texts < FEW_TEXTS else (0, HELD_OUT)
    if isinstance(validation, int | np.integer) and validation > 1:
        return int(validation), 0.0
    if isinstance(validation, float) and 0 < validation < 1:
        return 0, validation
    raise ConfigError(
        f"validation is {validation!r}; expected 'auto', a number of folds of at least 2, or a "
        "share between 0.0 and 1.0"
    )


def _check_parts(data: Dataset, parts: NDArray[np.intp], *, folds: int) -> None:
    """Say early that there is nothing to learn from without some part.

    Args:
        data: The texts.
        parts: The part of each.
        folds: Their number; 0 where the second part is held out.
    """
    if not data.y.any():
        raise DataError("no text has any label; nothing can be learnt")
    if not parts.any():
        raise DataError(
            f"one sample is not enough to learn from and to validate on: {len(data)} texts, equal "
            "but for case and punctuation, or too few for the share that is held out"
        )
    taught_by = [parts != part for part in range(folds)] or [parts == 0]
    if not all(data.y[rows].any() for rows in taught_by):
        raise DataError(
            "one sample with a label is not enough to learn from and to validate on; expected two "
            "texts with a label that differ"
        )


def as_often(weights: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return N places among N, each as often as its weight says, rounded up or down.

    Systematic sampling (Madow 1949, "On the theory of systematic sampling, II"), from the middle
    of the first step.

    Example:
        >>> as_often(np.array([3.0, 0.5, 0.5, 0.0])).tolist()
        [0, 0, 0, 1]
    """
    edges = np.cumsum(weights) / weights.sum() * len(weights)
    return np.searchsorted(edges, np.arange(len(weights)) + 0.5)
