"""spaCy's `textcat_multilabel` with its CNN, stopped after a number of processor minutes."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import numpy as np

from classifiers.base import Classifier
from emoconv import metrics
from peers.spacy_cnn import _MODEL as MODEL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from classifiers.base import Data, Predict

_BATCH, _STEPS_A_ROUND = 64, 340  # half an epoch between looks at dev


def _fit(data: Data, *, dropout: float, minutes: float) -> Predict:
    import spacy  # noqa: PLC0415
    from spacy.training import Example  # noqa: PLC0415

    spacy.util.fix_random_seed(0)
    names = data.train.labels.names
    nlp = spacy.blank("en")
    classifier = nlp.add_pipe("textcat_multilabel", config={"model": MODEL})
    for name in names:
        classifier.add_label(name)
    examples = [
        Example.from_dict(
            nlp.make_doc(text), {"cats": dict(zip(names, map(float, row), strict=True))}
        )
        for text, row in zip(data.train.texts, data.train.y, strict=True)
    ]
    optimizer = nlp.initialize(lambda: examples[:1000])

    def predict(texts: Sequence[str]) -> NDArray[np.float32]:
        documents = nlp.pipe(texts, batch_size=1000)
        rows = [[document.cats[name] for name in names] for document in documents]
        return np.clip(np.array(rows, dtype=np.float32), 0, 1)

    shuffle = random.Random(0)  # noqa: S311 - no secret
    started, best, kept, step = time.process_time(), -1.0, b"", 0
    while time.process_time() - started < 60 * minutes:
        if not step % (len(examples) // _BATCH):
            shuffle.shuffle(examples)
        first = step % (len(examples) // _BATCH) * _BATCH
        nlp.update(examples[first : first + _BATCH], sgd=optimizer, drop=dropout)
        step += 1
        if not step % _STEPS_A_ROUND:
            with nlp.use_params(optimizer.averages):
                found = float(metrics.average_precision(data.dev.y, predict(data.dev.texts)).mean())
                if found > best:
                    best, kept = found, nlp.to_bytes()
            print(f"spacy: step {step}, mean AP on dev {found:.4f}", flush=True)
    nlp.from_bytes(kept)
    return predict


CLASSIFIER = Classifier(
    about="spaCy, `textcat_multilabel`, CNN; 15 processor minutes at most, best half epoch on dev",
    packages=("spacy",),
    candidates=({"dropout": 0.2, "minutes": 15},),
    fit=_fit,
)
