"""Models that were trained elsewhere and lie in folders: emoconv bundles and transformers."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import numpy as np

from classifiers.base import sigmoid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from classifiers.base import Predict
    from emoconv.labels import LabelSet

_BATCH, _MAX_TOKENS = 64, 128  # a GoEmotions text has 33 words at most


def load_bundle(folder: Path, labels: LabelSet) -> Predict:
    """Return the calibrated probabilities of an emoconv bundle.

    Raises:
        SystemExit: Its labels are others.
    """
    from emoconv import EmotionDetector  # noqa: PLC0415

    detector = EmotionDetector.load(folder)
    if detector.labels != labels.names:
        raise SystemExit(f"{folder}: a bundle of other labels: {', '.join(detector.labels)}")
    return detector.predict_proba


def load_teacher(folder: Path, labels: LabelSet) -> Predict:
    """Return the sigmoid of each logit of a transformers sequence classifier.

    Raises:
        SystemExit: Its labels are others.
    """
    import torch  # noqa: PLC0415
    from transformers import (  # noqa: PLC0415
        AutoModelForSequenceClassification,
        AutoTokenizer,
    )

    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = AutoModelForSequenceClassification.from_pretrained(folder, local_files_only=True).eval()
    try:
        columns = label_columns(model.config.id2label, labels)
    except ValueError as error:
        raise SystemExit(f"{folder}: {error}") from None

    @torch.inference_mode()
    def predict(texts: Sequence[str]) -> NDArray[np.float32]:
        found = np.empty((len(texts), len(labels)), dtype=np.float32)
        order = np.argsort([len(text) for text in texts], kind="stable")
        for first in range(0, len(order), _BATCH):
            rows = order[first : first + _BATCH]
            pieces = tokenizer(
                [texts[row] for row in rows],
                padding=True,
                truncation=True,
                max_length=_MAX_TOKENS,
                return_tensors="pt",
            )
            found[rows] = sigmoid(model(**pieces).logits.float().numpy()[:, columns])
        return found

    return predict


def label_columns(names: Mapping[int, str], labels: LabelSet) -> list[int]:
    """Return the column of each label in a classifier's output, by its names for the columns.

    Names that only number the columns ("LABEL_3") mean our labels in their order.

    Raises:
        ValueError: The names are neither our labels nor numbers.
    """
    ordered = [names[column] for column in sorted(names)]
    if sorted(ordered) == sorted(labels.names):
        return [ordered.index(name) for name in labels.names]
    if len(ordered) == len(labels) and all(re.fullmatch(r"LABEL_\d+", name) for name in ordered):
        return list(range(len(labels)))
    raise ValueError(f"a classifier of other labels: {', '.join(ordered)}")


def mean_of(predicts: Sequence[Predict]) -> Predict:
    """Return the mean probabilities of several models: an ensemble."""

    def predict(texts: Sequence[str]) -> NDArray[np.float32]:
        return np.mean([one(texts) for one in predicts], axis=0, dtype=np.float32)

    return predict


def fingerprint(folders: Sequence[Path]) -> str:
    """Return the SHA-256, in hex, of all files in folders: names and content."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            digest.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def megabytes(folders: Sequence[Path]) -> float:
    """Return the size of the files in folders, in units of a million bytes."""
    sizes = [p.stat().st_size for folder in folders for p in folder.rglob("*") if p.is_file()]
    return sum(sizes) / 1e6
