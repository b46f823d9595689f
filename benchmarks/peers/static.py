"""model2vec: a text is the mean of its words' vectors, here potion's, under a linear head."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import numpy as np

from peers.base import LABELS, Peer, sigmoid, train_matrix

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

_FOLDER, _HEAD = "model2vec", "model2vec-head.npz"
_RIDGE = 10.0


def _prepare(work: Path, data: Path) -> None:
    """Build the model, and a head by ridge regression: what it has learnt changes no speed."""
    from model2vec import StaticModel  # noqa: PLC0415
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers  # noqa: PLC0415

    words, rows = ["[PAD]", "[UNK]"], [np.zeros(128), np.zeros(128)]
    file = data / "vectors/potion-base-4M-int8.words.128d.txt.gz"
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            word, *numbers = line.rstrip("\n").split(" ")
            if len(numbers) == len(rows[0]):
                words.append(word)
                rows.append(np.array(numbers, dtype=np.float32))
    numbered = dict(zip(dict.fromkeys(words), range(len(words)), strict=False))
    tokenizer = Tokenizer(models.WordLevel(numbered, unk_token="[UNK]"))  # noqa: S106 - no password
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    model = StaticModel(np.array(rows, dtype=np.float32), tokenizer)
    model.save_pretrained(work / _FOLDER)
    texts, y = train_matrix(data)
    x = np.c_[model.encode(texts), np.ones(len(texts))]
    head = np.linalg.solve(x.T @ x + _RIDGE * np.eye(x.shape[1]), x.T @ y).astype(np.float32)
    np.savez(work / _HEAD, weight=head[:-1], bias=head[-1])


def _load(work: Path, _: int) -> Callable[[list[str]], NDArray[np.float32]]:
    from model2vec import StaticModel  # noqa: PLC0415

    model = StaticModel.from_pretrained(work / _FOLDER)
    head = np.load(work / _HEAD)
    weight, bias = head["weight"], head["bias"]

    def predict(texts: list[str]) -> NDArray[np.float32]:
        found = sigmoid(model.encode(texts, use_multiprocessing=False) @ weight + bias)
        return found.astype(np.float32).reshape(len(texts), LABELS)

    return predict


PEERS = {
    "model2vec": Peer(
        about="model2vec, potion vectors 128d, linear head",
        packages=("model2vec",),
        prepare=_prepare,
        load=_load,
        files=(_FOLDER, _HEAD),
        parallel="processes",  # its threads only tokenise: two processes are twice as fast
    )
}
