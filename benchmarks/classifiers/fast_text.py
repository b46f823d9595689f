"""fastText, supervised, one-vs-all, with punctuation split off and everything in small letters."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from classifiers.base import Classifier, sigmoid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from classifiers.base import Data, Predict

_VECTORS = "vectors/reddit-top2.5M.sg.300d.txt.gz"
_MARK = re.compile(r"([^\w\s])")


def _cleaned(text: str) -> str:
    return " ".join(_MARK.sub(r" \1 ", text.lower()).split())


def _fit(data: Data, *, vectors: bool = False, **settings: Any) -> Predict:  # noqa: ANN401 - fastText's
    import fasttext  # noqa: PLC0415

    file = data.work / "train.txt"
    lines = [
        " ".join([*(f"__label__{number}" for number in np.flatnonzero(row)), _cleaned(text)])
        for text, row in zip(data.train.texts, data.train.y, strict=True)
    ]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if vectors:
        settings |= {"pretrainedVectors": _with_header(data), "dim": 300}
    model = fasttext.train_supervised(str(file), loss="ova", thread=1, verbose=0, **settings)
    numbers = [int(label.removeprefix("__label__")) for label in model.get_labels()]
    weight = model.get_output_matrix()[np.argsort(numbers)].T

    def predict(texts: Sequence[str]) -> NDArray[np.float32]:
        # What `predict` gives for one text, to the rounding of its table of sigmoids.
        averages = np.array([model.get_sentence_vector(_cleaned(text)) for text in texts])
        return sigmoid(averages @ weight)

    return predict


def _with_header(data: Data) -> str:
    """Write the vectors as fastText reads them: with a line of their shape first."""
    with gzip.open(data.folder / _VECTORS, "rt", encoding="utf-8") as file:
        rows = file.read().splitlines()
    target = data.work / "vectors.vec"
    target.write_text("\n".join([f"{len(rows)} 300", *rows]) + "\n", encoding="utf-8")
    return str(target)


CLASSIFIER = Classifier(
    about="fastText, one-vs-all, 1-2 words, from Reddit vectors where that is better",
    packages=("fasttext-wheel",),
    candidates=(
        {"wordNgrams": 2, "lr": 0.1, "epoch": 15},
        {"wordNgrams": 2, "lr": 0.1, "epoch": 30},
        {"wordNgrams": 2, "lr": 0.1, "epoch": 15, "minn": 3, "maxn": 5},
        {"wordNgrams": 2, "lr": 0.1, "epoch": 10, "vectors": True},
        {"wordNgrams": 2, "lr": 0.05, "epoch": 10, "vectors": True},
        {"wordNgrams": 2, "lr": 0.1, "epoch": 20, "vectors": True},
    ),
    fit=_fit,
)
