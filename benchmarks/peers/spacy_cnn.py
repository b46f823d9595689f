"""spaCy's text classifier: its CNN encoder under a pooled linear layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from peers.base import LABELS, Peer, train_texts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

_FOLDER = "spacy"
_STEPS, _BATCH = 200, 64
_MODEL = {
    "@architectures": "spacy.TextCatCNN.v2",
    "exclusive_classes": False,
    "tok2vec": {
        "@architectures": "spacy.HashEmbedCNN.v2",
        "pretrained_vectors": None,
        "width": 96,
        "depth": 4,
        "embed_size": 2000,
        "window_size": 1,
        "maxout_pieces": 3,
        "subword_features": True,
    },
}


def _prepare(work: Path, data: Path) -> None:
    import spacy  # noqa: PLC0415
    from spacy.training import Example  # noqa: PLC0415

    nlp = spacy.blank("en")
    classifier = nlp.add_pipe("textcat_multilabel", config={"model": _MODEL})
    for number in range(LABELS):
        classifier.add_label(str(number))
    examples = [
        Example.from_dict(
            nlp.make_doc(text), {"cats": {str(n): float(n in numbers) for n in range(LABELS)}}
        )
        for text, numbers, _ in zip(*train_texts(data), range(_STEPS * _BATCH), strict=False)
    ]
    optimizer = nlp.initialize(lambda: examples[:1000])
    for first in range(0, len(examples), _BATCH):
        nlp.update(examples[first : first + _BATCH], sgd=optimizer)
    nlp.to_disk(work / _FOLDER)


def _load(work: Path, _: int) -> Callable[[list[str]], NDArray[np.float32]]:
    import spacy  # noqa: PLC0415

    nlp = spacy.load(work / _FOLDER)
    names = [str(number) for number in range(LABELS)]

    def predict(texts: list[str]) -> NDArray[np.float32]:
        documents = nlp.pipe(texts, batch_size=1000)
        rows = [[document.cats[name] for name in names] for document in documents]
        return np.array(rows, dtype=np.float32)

    return predict


PEERS = {
    "spacy": Peer(
        about="spaCy, CNN text classifier",
        packages=("spacy",),
        prepare=_prepare,
        load=_load,
        files=(_FOLDER,),
        parallel="processes",
    )
}
