"""model2vec: the mean of potion's word vectors under a head, trained by model2vec itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classifiers.base import Classifier, label_names
from peers import PEERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from classifiers.base import Data, Predict

_PEER = PEERS["model2vec"]  # the one that speed.py times, with the same words


def _fit(data: Data, *, freeze: bool, token_dropout: float = 0.0) -> Predict:
    import torch  # noqa: PLC0415
    from model2vec import StaticModel  # noqa: PLC0415
    from model2vec.train import StaticModelForClassification  # noqa: PLC0415

    torch.set_num_threads(1)
    folder = data.work / _PEER.files[0]
    if not folder.exists():
        _PEER.prepare(data.work, data.folder)
    model = StaticModelForClassification.from_static_model(
        model=StaticModel.from_pretrained(folder), freeze=freeze
    )
    model.fit(
        data.train.texts,
        label_names(data.train),
        X_val=data.dev.texts,
        y_val=label_names(data.dev),
        token_dropout=token_dropout,
        device="cpu",
    )
    columns = [list(model.classes_).index(name) for name in data.train.labels.names]

    def predict(texts: Sequence[str]) -> NDArray[np.float32]:
        return model.predict_proba(list(texts))[:, columns]

    return predict


CLASSIFIER = Classifier(
    about="model2vec, potion vectors of width 128, a hidden layer of 512",
    packages=("model2vec[train]",),
    candidates=(
        {"freeze": True},
        {"freeze": False},
        {"freeze": False, "token_dropout": 0.2},
    ),
    fit=_fit,
)
