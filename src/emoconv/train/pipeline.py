"""From labelled texts to a bundle: vocabulary, vectors, network, fit, calibration, cuts."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Protocol

import numpy as np
import torch

from emoconv.bundle import Bundle, as_stored
from emoconv.calibration import fit_calibration
from emoconv.config import to_dict
from emoconv.embeddings import all_spellings, combine, embedding_matrix, read_vectors
from emoconv.errors import ConfigError, DataError
from emoconv.metrics import evaluate
from emoconv.text import Corpus, Encoded, Encoder, Vocabulary
from emoconv.thresholds import choose
from emoconv.train.loop import Examples, fit, predict_logits
from emoconv.train.measures import measures
from emoconv.train.network import bundle_weights, load_weights, make_network

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike
    from pathlib import Path

    from numpy.typing import NDArray

    from emoconv.config import Config
    from emoconv.data import Dataset
    from emoconv.train.soft_labels import SoftLabels

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
    targets: NDArray[np.float32] | None = None,
    soft: SoftLabels | None = None,
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
        targets: float32 (N, L), what to answer to the texts of ``train``, in [0, 1]: labels and
            votes, perhaps. ``None``: their labels.
        soft: What a teacher says of ``train`` and of texts without labels (distillation).
        checkpoint_path: Kept after each epoch and gone on from; ``None`` for neither.
        dev_name: What ``dev`` is, for whoever reads the bundle.

    Raises:
        DataError: A data set is empty, their labels differ, or a file is not as expected.
        ConfigError: The vectors' width is not the recipe's.
    """
    _check(train, dev)
    targets = train.y.astype(np.float32) if targets is None else targets
    corpora = [Corpus(train.texts, tokenizer=config.text.tokenizer)]
    if soft is not None:
        corpora.append(Corpus(soft.texts, tokenizer=config.text.tokenizer))
    vocabulary, counts = _make_vocabulary(corpora, config)
    encoder = Encoder(
        vocabulary, tokenizer=config.text.tokenizer, max_tokens=config.text.max_tokens
    )
    rng = np.random.default_rng(config.training.seed)
    matrix, vectors = _first_vectors(vocabulary, counts, config, vector_files, rng)
    if vectors:
        observer.message(str(vectors["summary"]))
    encoded_dev = encoder.encode_batch(dev.texts)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.training.seed)
        network = make_network(matrix, config, labels=len(train.labels))
        history = fit(
            network,
            train=_examples(targets, soft, corpora, vocabulary, config),
            dev=Examples(encoded_dev, dev.y.astype(np.float32)),
            training=config.training,
            score=lambda logits: measures(dev.y, logits),
            run=_fingerprint(train, dev, to_dict(config), vectors, targets, soft),
            checkpoint_path=checkpoint_path,
            on_batch=observer.batch,
            on_epoch=observer.epoch,
        )
    weights = as_stored(bundle_weights(network), config.model)
    load_weights(network, weights)  # what follows is computed from what a reader will have
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
        weights=weights,
        provenance={
            "train": _describe(train),
            "dev": {"name": dev_name, **_describe(dev)},
            "vectors": vectors,
            **({} if soft is None else {"distillation": soft.provenance}),
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


def _make_vocabulary(
    corpora: Sequence[Corpus], config: Config
) -> tuple[Vocabulary, NDArray[np.int64]]:
    """Return the vocabulary, and how often the texts hold each of its words, int64 (V,).

    Args:
        corpora: The labelled texts and, in distillation, those without labels.
        config: The recipe.
    """
    counts: Counter[str] = Counter()
    needed = (config.text.min_count, config.text.unlabelled_min_count)
    words: set[str] = set()
    for corpus, min_count in zip(corpora, needed, strict=False):  # the second may not be there
        found = corpus.count()
        words |= {word for word, count in found.items() if count >= min_count}
        counts += found
    kept = Counter({word: counts[word] for word in words})
    vocabulary = Vocabulary.build(kept, max_words=config.text.max_words)
    return vocabulary, np.array([counts[t] for t in vocabulary.tokens], dtype=np.int64)


def _examples(
    targets: NDArray[np.float32],
    soft: SoftLabels | None,
    corpora: Sequence[Corpus],
    vocabulary: Vocabulary,
    config: Config,
) -> Examples:
    """Return what to learn from: labelled texts, then those that only teachers labelled."""
    parts = [c.encode(vocabulary, max_tokens=config.text.max_tokens) for c in corpora]
    if soft is None:
        return Examples(parts[0], targets)
    weight = config.training.soft_weight
    blended = (1 - weight) * targets + weight * soft.train.astype(np.float32)
    encoded = Encoded(
        np.concatenate([part.ids for part in parts]),
        np.concatenate([parts[0].offsets, parts[0].offsets[-1] + parts[1].offsets[1:]]),
    )
    return Examples(
        encoded, np.concatenate([blended.astype(np.float16), soft.others]), labelled=len(targets)
    )


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


def _describe(dataset: Dataset) -> dict[str, object]:
    return {"rows": len(dataset), "sha256": dataset.fingerprint()}


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
