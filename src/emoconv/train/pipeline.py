"""From labelled texts to a bundle: vocabulary, vectors, network, fit, calibration, cuts."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import torch

from emoconv.bundle import Bundle
from emoconv.calibration import Calibration, fit_calibration
from emoconv.config import to_dict
from emoconv.embeddings import all_spellings, combine, embedding_matrix, read_vectors
from emoconv.errors import ConfigError, DataError
from emoconv.metrics import Counts, average_precision, evaluate, log_loss
from emoconv.nn import TextCNN
from emoconv.text import Encoder, Vocabulary, count_tokens, get_tokenizer
from emoconv.thresholds import choose
from emoconv.train.loop import Examples, fit, predict_logits

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import nn

    from emoconv.config import Config
    from emoconv.data import Dataset

__all__ = ["Observer", "train_bundle"]

_UNIFORM = 0.05
"""Half-width of the uniform first vectors when no file gives any: Keras' ``Embedding`` default."""


class Observer(Protocol):
    """What hears of a run's progress."""

    def message(self, text: str) -> None:
        """Hear one line about what was found or done."""

    def batch(self, texts: int, loss: float) -> None:
        """Hear that so many more texts were seen, and the epoch's mean loss so far."""

    def epoch(self, row: dict[str, float]) -> None:
        """Hear an epoch's row of the history."""


def train_bundle(
    train: Dataset,
    dev: Dataset,
    *,
    config: Config,
    observer: Observer,
    vector_files: Sequence[str | PathLike[str]] = (),
    checkpoint_path: Path | None = None,
    dev_name: str = "dev",
) -> Bundle:
    """Train a network and everything that travels with it.

    Vocabulary and weights come from ``train`` alone. ``dev`` stops the training, calibrates and
    chooses the cuts. The same arguments on the same machine give the same weights, calibration and
    cuts, bit for bit.

    Args:
        train: What to learn from.
        dev: Validation data, with the same labels.
        config: The recipe.
        observer: Hears of the progress.
        vector_files: Word vectors to start from, of the recipe's width; later files fill in
            words that earlier ones lack. None: small random vectors.
        checkpoint_path: Kept after each epoch and gone on from; ``None`` for neither.
        dev_name: What ``dev`` is, for whoever reads the bundle.

    Raises:
        DataError: A data set is empty, their labels differ, or a file is not as expected.
        ConfigError: The vectors' width is not the recipe's.
    """
    _check(train, dev)
    encoder, counts = _make_encoder(train.texts, config)
    rng = np.random.default_rng(config.training.seed)
    matrix, vectors = _first_vectors(encoder.vocabulary, counts, config, vector_files, rng)
    if vectors:
        observer.message(str(vectors["summary"]))
    encoded_dev = encoder.encode_batch(dev.texts)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.training.seed)
        network = _make_network(matrix, config, labels=len(train.labels))
        history = fit(
            network,
            train=Examples(encoder.encode_batch(train.texts), train.y.astype(np.float32)),
            dev=Examples(encoded_dev, dev.y.astype(np.float32)),
            training=config.training,
            score=lambda logits: _measures(dev.y, logits),
            run=_fingerprint(train, dev, config, vectors),
            checkpoint_path=checkpoint_path,
            on_batch=observer.batch,
            on_epoch=observer.epoch,
        )
    network.half().float()  # what follows is computed from the weights as they are stored
    logits = predict_logits(network, encoded_dev)
    calibration = fit_calibration(dev.y, logits)
    probabilities = calibration.apply(logits)
    rule = config.training.threshold_rule
    thresholds = choose(dev.y, probabilities, rule=rule, data=f"{dev_name}, {len(dev):,} texts")
    figures = evaluate(
        y=dev.y,
        predicted=thresholds.decide(probabilities),
        probabilities=probabilities,
        labels=dev.labels,
        thresholds=thresholds.values,
    )
    return Bundle(
        config=config,
        labels=train.labels,
        vocabulary=encoder.vocabulary,
        thresholds=thresholds,
        calibration=calibration,
        weights=_weights(network),
        provenance={
            "train": _describe(train),
            "dev": {"name": dev_name, **_describe(dev)},
            "vectors": vectors,
            "dev_figures": figures.to_dict(),
            "torch": torch.__version__,
        },
        history=history,
    )


def _check(train: Dataset, dev: Dataset) -> None:
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


def _make_encoder(texts: Sequence[str], config: Config) -> tuple[Encoder, NDArray[np.int64]]:
    """Return the encoder, and how often training holds each word of its vocabulary, int64 (V,)."""
    tokenize = get_tokenizer(config.text.tokenizer)
    counts = count_tokens((t.text for t in tokenize(text)) for text in texts)
    vocabulary = Vocabulary.build(
        counts, min_count=config.text.min_count, max_words=config.text.max_words
    )
    encoder = Encoder(
        vocabulary, tokenizer=config.text.tokenizer, max_tokens=config.text.max_tokens
    )
    return encoder, np.array([counts[token] for token in vocabulary.tokens], dtype=np.int64)


def _first_vectors(
    vocabulary: Vocabulary,
    counts: NDArray[np.int64],
    config: Config,
    files: Sequence[str | PathLike[str]],
    rng: np.random.Generator,
) -> tuple[NDArray[np.float32], dict[str, object]]:
    """Return the first word vectors, float32 (V, D), and what to say of them."""
    shape = (len(vocabulary), config.model.embedding_width)
    if not files:
        matrix = rng.uniform(-_UNIFORM, _UNIFORM, shape).astype(np.float32)
        matrix[0] = 0
        return matrix, {}
    wanted = all_spellings(vocabulary.tokens)
    vectors = combine([read_vectors(file, wanted) for file in files])
    if vectors.width != shape[1]:
        raise ConfigError(
            f"{files[0]} holds vectors of width {vectors.width}, and the recipe has "
            f"model.embedding_width {shape[1]}; add --set model.embedding_width={vectors.width}"
        )
    matrix, coverage = embedding_matrix(vocabulary.tokens, vectors, counts=counts, rng=rng)
    digest = hashlib.sha256(matrix.tobytes()).hexdigest()
    names = [str(file).rpartition("/")[2] for file in files]
    return matrix, {
        "files": names,
        "matrix_sha256": digest,
        "coverage": coverage.to_dict(),
        "summary": coverage.summary(),
    }


def _make_network(matrix: NDArray[np.float32], config: Config, *, labels: int) -> TextCNN:
    model, training = config.model, config.training
    return TextCNN(
        torch.from_numpy(matrix),
        kernel_widths=model.kernel_widths,
        filters=model.filters,
        labels=labels,
        hidden=model.hidden,
        word_dropout=training.word_dropout,
        embedding_dropout=training.embedding_dropout,
        feature_dropout=training.feature_dropout,
        hidden_dropout=training.hidden_dropout,
    )


def _measures(y: NDArray[np.bool_], logits: NDArray[np.float32]) -> dict[str, float]:
    """Return what early stopping may watch; each F1 at the cuts that are best for it."""
    probabilities = Calibration.identity(y.shape[1]).apply(logits)
    micro = choose(y, probabilities, rule="shared-micro", data="").decide(probabilities)
    macro = choose(y, probabilities, rule="per-label", data="").decide(probabilities)
    return {
        "loss": float(log_loss(y, probabilities).mean()),
        "micro_f1": float(Counts.of(y=y, predicted=micro).micro().f1),
        "macro_f1": float(Counts.of(y=y, predicted=macro).macro().f1),
        "average_precision": float(average_precision(y, probabilities).mean()),
    }


def _weights(network: nn.Module) -> dict[str, NDArray[np.floating[Any]]]:
    """Return the weights under the names of a bundle, as float16."""
    return {
        _bundle_name(name): tensor.numpy().astype(np.float16)
        for name, tensor in network.state_dict().items()
    }


def _bundle_name(name: str) -> str:
    """Return a bundle's name for a network's tensor: ``convolution.3.bias``, ``embedding``."""
    return name.replace("convolutions.", "convolution.").replace("embedding.weight", "embedding")


def _describe(dataset: Dataset) -> dict[str, object]:
    return {"rows": len(dataset), "sha256": dataset.fingerprint()}


def _fingerprint(train: Dataset, dev: Dataset, config: Config, vectors: dict[str, object]) -> str:
    """Return the SHA-256 of everything that shapes a run."""
    parts = [train.fingerprint(), dev.fingerprint(), to_dict(config), vectors]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
