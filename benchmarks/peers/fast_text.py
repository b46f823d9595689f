"""fastText, supervised, one-vs-all: words and pairs of words.

Its Python package is asked for the mean vector of each text, and all texts' labels are computed
from them at once. That gives what its `predict` gives for one text, to the rounding of fastText's
own table of sigmoids, at twice the speed; `predict` of a list, in 0.9.2, repeats one label's
probability for all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from peers.base import Peer, sigmoid, train_texts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

_FILE = "fasttext.bin"


def _prepare(work: Path, data: Path) -> None:
    import fasttext  # noqa: PLC0415

    lines = [
        " ".join([*(f"__label__{number}" for number in numbers), text.lower()])
        for text, numbers in zip(*train_texts(data), strict=True)
    ]
    (work / "fasttext.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    model = fasttext.train_supervised(
        str(work / "fasttext.txt"),
        loss="ova",
        wordNgrams=2,
        bucket=200_000,  # a tenth of the default: better for its caches, enough for these texts
        epoch=10,
        lr=0.1,
        thread=1,
        verbose=0,
    )
    model.save_model(str(work / _FILE))


def _load(work: Path, _: int) -> Callable[[list[str]], NDArray[np.float32]]:
    import fasttext  # noqa: PLC0415

    model = fasttext.load_model(str(work / _FILE))
    numbers = [int(label.removeprefix("__label__")) for label in model.get_labels()]
    weight = model.get_output_matrix()[np.argsort(numbers)].T

    def predict(texts: list[str]) -> NDArray[np.float32]:
        cleaned = [text.lower().replace("\n", " ") for text in texts]
        vectors = np.array([model.get_sentence_vector(text) for text in cleaned])
        return sigmoid(vectors @ weight)

    return predict


PEERS = {
    "fasttext": Peer(
        about="fastText, one-vs-all, words and pairs",
        packages=("fasttext-wheel",),
        prepare=_prepare,
        load=_load,
        files=(_FILE,),
        parallel="processes",
    )
}
