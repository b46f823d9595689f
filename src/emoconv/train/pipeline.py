"""From labelled texts to a bundle: vocabulary, vectors, network, fit, calibration, cuts."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import TYPE_CHECKING, Protocol

import numpy as np
import torch

from emoconv.config import to_dict
from emoconv.errors import DataError
from emoconv.text import Encoded
from emoconv.train.examples import Examples
from emoconv.train.finishing import Trained, finish, stored
from emoconv.train.loop import fit, predict_logits
from emoconv.train.measures import measures
from emoconv.train.network import begin_from, make_network
from emoconv.train.placement import Placement, find_device
from emoconv.train.preparation import Preparation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from os import PathLike
    from pathlib import Path

    from numpy.typing import NDArray

    from emoconv.bundle import Bundle
    from emoconv.config import Config
    from emoconv.data import Dataset
    from emoconv.data.dataset import LabelledTexts
    from emoconv.train.soft_labels import SoftLabels

__all__ = ["Observer", "preparation_of", "train_bundle", "train_network"]


class Observer(Protocol):
    """What hears of a run's progress."""

    def message(self, text: str) -> None:
        """Hear one line about what was found or done."""

    def batch(self, texts: int, loss: float) -> None:
        """Hear that so many more texts were seen, and the epoch's mean loss so far."""

    def epoch(self, row: dict[str, float]) -> None:
        """Hear an epoch's row of the history."""


def preparation_of(
    train: LabelledTexts,
    *,
    soft: SoftLabels | None = None,
    vector_files: Sequence[str | PathLike[str]] = (),
    keep: bool = False,
    folder: Path | None = None,
) -> Preparation:
    """Return what prepares the texts of a training; the arguments are those of `Preparation`."""
    others = None if soft is None else soft.texts
    return Preparation(
        train.texts, others=others, vector_files=vector_files, keep=keep, folder=folder
    )


def train_network(
    train: LabelledTexts,
    dev: Dataset | None,
    *,
    config: Config,
    observer: Observer,
    preparation: Preparation,
    targets: NDArray[np.float32] | None = None,
    soft: SoftLabels | None = None,
    checkpoint_path: Path | None = None,
    score: Callable[[NDArray[np.float32]], dict[str, float]] | None = None,
    weights: NDArray[np.float32] | None = None,
    placement: Placement | None = None,
) -> Trained:
    """Train a network, as `train_bundle` does, and leave it at that.

    Args:
        train: As there.
        dev: As there; ``None`` to train through all epochs and keep the last one's weights.
        config: As there.
        observer: As there; what it raises at the end of an epoch ends the training.
        preparation: Of the texts of ``train`` and ``soft``.
        targets: As there.
        soft: As there.
        checkpoint_path: As there.
        score: Turns dev logits float32 (N, L) into the measures of an epoch's row, all of
            `emoconv.train.measures` among them; ``None`` for just those.
        weights: As there.
        placement: As there.
    """
    judged = train if dev is None else dev
    _check(train, judged)
    placement = Placement(find_device()) if placement is None else placement
    prepared = preparation.prepare(config)
    if prepared.vectors:
        observer.message(str(prepared.vectors["summary"]))
    encoded_dev = prepared.encoder.encode_batch(() if dev is None else dev.texts)
    gpus = [placement.device] if placement.device.type == "cuda" else []
    with torch.random.fork_rng(devices=gpus):
        torch.manual_seed(config.training.seed)
        network = make_network(
            prepared.matrix, config, labels=len(train.labels), device=placement.device
        )
        if prepared.weights:
            begin_from(network, prepared.weights)
        history = fit(
            network,
            train=dataclasses.replace(
                _examples(train.y if targets is None else targets, soft, prepared.encoded, config),
                weights=weights,
            ),
            dev=None if dev is None else Examples(encoded_dev, dev.y.astype(np.float32)),
            training=config.training,
            score=score or (lambda logits: measures(judged.y, logits)),
            run=_fingerprint(train, dev, to_dict(config), prepared.vectors, targets, soft, weights),
            checkpoint_path=checkpoint_path,
            placement=placement,
            on_batch=observer.batch,
            on_epoch=observer.epoch,
        )
    return Trained(network, prepared, encoded_dev, history)


def train_bundle(
    train: LabelledTexts,
    dev: Dataset,
    *,
    config: Config,
    observer: Observer,
    vector_files: Sequence[str | PathLike[str]] = (),
    targets: NDArray[np.float32] | None = None,
    soft: SoftLabels | None = None,
    checkpoint_path: Path | None = None,
    dev_name: str = "dev",
    preparation: Preparation | None = None,
    weights: NDArray[np.float32] | None = None,
    placement: Placement | None = None,
) -> Bundle:
    """Train a network and everything that travels with it.

    Vocabulary and weights come from ``train`` alone. ``dev`` stops the training, calibrates and
    chooses the cuts. On a processor the same arguments on the same machine give the same weights,
    calibration and cuts, bit for bit; a GPU, or several processes, draw other random numbers.

    Args:
        train: What to learn from.
        dev: Validation data, with the same labels.
        config: The recipe.
        observer: Hears of the progress.
        vector_files: Word vectors to start from, of the recipe's width; later files fill in
            words that earlier ones lack. None: small random vectors.
        targets: float32 (N, L), what to answer to the texts of ``train``, in [0, 1]: labels and
            votes, perhaps. ``None``: their labels.
        soft: What a teacher says of ``train`` and of texts without labels (distillation).
        checkpoint_path: Kept after each epoch and gone on from; ``None`` for neither.
        dev_name: What ``dev`` is, for whoever reads the bundle.
        preparation: Of these very texts and files, where several trainings share one; ``None``
            makes it.
        weights: float32 (N,), what each text of ``train`` counts, 1 on average; ``None`` for all
            the same. Not with ``soft``.
        placement: Where to learn (`emoconv.train.placed`). ``None``: in this process
            alone, on a GPU where there is one.

    Raises:
        DataError: A data set is empty, their labels differ, or a file is not as expected.
        ConfigError: The vectors' width is not the recipe's.
    """
    trained = train_network(
        train,
        dev,
        config=config,
        observer=observer,
        preparation=preparation or preparation_of(train, soft=soft, vector_files=vector_files),
        targets=targets,
        soft=soft,
        checkpoint_path=checkpoint_path,
        weights=weights,
        placement=placement,
    )
    return finish(
        trained,
        config=config,
        weights=stored(trained, config),
        train=train,
        held=dev,
        logits=predict_logits(trained.network, trained.encoded_dev),
        held_name=dev_name,
        provenance={} if soft is None else {"distillation": soft.provenance},
    )


def _check(train: LabelledTexts, dev: LabelledTexts) -> None:
    for name, part in (("training", train), ("validation", dev)):
        if not len(part):
            raise DataError(f"the {name} data holds no rows; expected at least one labelled text")
    if train.labels != dev.labels:
        raise DataError(
            f"training and validation data have different labels: {', '.join(train.labels.names)} "
            f"and {', '.join(dev.labels.names)}"
        )
    if not train.y.any():
        raise DataError("no text of the training data has any label; nothing can be learnt")


def _examples(
    targets: NDArray[np.float32] | NDArray[np.bool_],
    soft: SoftLabels | None,
    encoded: Sequence[Encoded],
    config: Config,
) -> Examples:
    """Return what to learn from: labelled texts, then those that only teachers labelled."""
    if soft is None:
        return Examples(encoded[0], targets)
    weight = config.training.soft_weight
    blended = (1 - weight) * targets + weight * soft.train.astype(np.float32)
    together = Encoded(
        np.concatenate([part.ids for part in encoded]),
        np.concatenate([encoded[0].offsets, encoded[0].offsets[-1] + encoded[1].offsets[1:]]),
    )
    return Examples(
        together, np.concatenate([blended.astype(np.float16), soft.others]), labelled=len(targets)
    )


def _fingerprint(*parts: Dataset | SoftLabels | NDArray[np.float32] | object) -> str:
    """Return the SHA-256 of everything that shapes a run."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            found = hashlib.sha256(np.ascontiguousarray(part).tobytes()).hexdigest()
        elif hasattr(part, "fingerprint"):
            found = part.fingerprint()
        else:
            found = json.dumps(part, sort_keys=True)
        digest.update(found.encode())
    return digest.hexdigest()
