"""What a model says of texts that it did not learn from: cross-validation."""

from __future__ import annotations

import hashlib
import json
import shutil
from typing import TYPE_CHECKING

import numpy as np

from emoconv.config import to_dict
from emoconv.data import Dataset, normalise, split_by_group
from emoconv.labels import LabelSet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike
    from pathlib import Path

    from numpy.typing import NDArray

    from emoconv.config import Config
    from emoconv.train import Observer

__all__ = ["FOLDS", "cross_validated", "draw_folds"]

FOLDS = 5
"""As cleanlab's tutorials have it; each model sees four fifths of the texts."""

_VALIDATION = 10
"""A tenth of what a fold's model may see stops its training and calibrates it, as ``emoconv train``
does where no validation data are given."""


def draw_folds(texts: Sequence[str], *, folds: int, seed: int) -> list[NDArray[np.intp]]:
    """Deal texts out so that those equal after ``normalise`` are in one fold.

    Args:
        texts: N texts; blank ones are apart from each other.
        folds: How many, at least 2.
        seed: Equal seeds give equal folds.

    Returns:
        The rows of each fold, ascending.

    Raises:
        DataError: There are too few different texts.

    Example:
        >>> [fold.tolist() for fold in draw_folds(["a", "b", "A!"], folds=2, seed=0)]
        [[0, 2], [1]]
    """
    # `split_by_group` draws by comment; the comments here are the texts, the texts their rows.
    rows = Dataset(
        tuple(map(str, range(len(texts)))),
        np.zeros((len(texts), 1), dtype=np.bool_),
        LabelSet(("row",)),
        ids=[normalise(text) for text in texts],
    )
    shares = {f"fold {number}": 1 / folds for number in range(1, folds + 1)}
    parts = split_by_group(rows, fractions=shares, seed=seed)
    return [np.array([int(row) for row in part.texts], dtype=np.intp) for part in parts.values()]


def cross_validated(
    dataset: Dataset,
    *,
    config: Config,
    observer: Observer,
    folds: int = FOLDS,
    vector_files: Sequence[str | PathLike[str]] = (),
    work: Path | None = None,
) -> NDArray[np.float32]:
    """Return what models that did not see a text, nor one equal to it, say of it.

    For each fold a model is trained on the others, as the config says, and scores the fold. The
    same arguments on the same machine give the same probabilities.

    Args:
        dataset: N labelled texts.
        config: The recipe; its seed draws the folds too.
        observer: Hears of the progress.
        folds: How many, at least 2.
        vector_files: As of ``emoconv.train.train_bundle``.
        work: A folder of finished folds and of checkpoints, which a run that was cut off goes on
            from; what is put there is taken away at the end. ``None`` for none.

    Returns:
        float32 (N, L), calibrated.

    Raises:
        MissingExtraError: torch is not installed.
        DataError: There are too few texts, or none has a label.
    """
    from emoconv.detector import EmotionDetector  # noqa: PLC0415 - light commands need neither
    from emoconv.train import train_bundle  # noqa: PLC0415 - imports torch

    seed = config.training.seed
    found = np.empty((len(dataset), len(dataset.labels)), dtype=np.float32)
    parts = draw_folds(dataset.texts, folds=folds, seed=seed)
    place = None if work is None else work / _run_of(dataset, config, folds, vector_files)
    if place is not None:
        place.mkdir(parents=True, exist_ok=True)
    for number, rows in enumerate(parts, start=1):
        kept = None if place is None else place / f"fold-{number}.npy"
        if kept is not None and kept.exists():
            found[rows] = np.load(kept)
            observer.message(f"fold {number} of {folds}: there already")
            continue
        observer.message(f"fold {number} of {folds}: {len(rows):,} texts")
        others = dataset.select(np.setdiff1d(np.arange(len(dataset)), rows))
        held = draw_folds(others.texts, folds=_VALIDATION, seed=seed)[0]
        bundle = train_bundle(
            others.select(np.setdiff1d(np.arange(len(others)), held)),
            others.select(held),
            config=config,
            observer=observer,
            vector_files=vector_files,
            checkpoint_path=None if kept is None else kept.with_suffix(".checkpoint"),
        )
        detector = EmotionDetector(bundle, engine="reference")
        found[rows] = detector.predict_proba(dataset.select(rows).texts)
        if kept is not None:
            _keep(kept, found[rows])
    if place is not None:
        shutil.rmtree(place)
    if work is not None and not any(work.iterdir()):
        work.rmdir()
    return found


def _keep(path: Path, probabilities: NDArray[np.float32]) -> None:
    """Write a fold's probabilities in one move, then forget how they came about."""
    unfinished = path.with_suffix(".part.npy")
    np.save(unfinished, probabilities)
    unfinished.replace(path)
    path.with_suffix(".checkpoint").unlink(missing_ok=True)


def _run_of(
    dataset: Dataset,
    config: Config,
    folds: int,
    vector_files: Sequence[str | PathLike[str]],
) -> str:
    """Return a name that other data or settings do not have."""
    settings = [dataset.fingerprint(), to_dict(config), folds, [str(file) for file in vector_files]]
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]
