"""A bundle that learnt from all texts, calibrated and cut on what others say of them.

Where texts are few, to hold some out costs what they would have taught, and those that are held
out are too few to choose cuts on. So each text is judged by a network that learnt from the others
(cross-fitting, Stone 1974, "Cross-Validatory Choice and Assessment of Statistical Predictions"),
and a last one, of the same recipe, learns from all. It is taken to be as sure of new texts as
those are, which learnt from a little less.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emoconv.train.finishing import finish, stored
from emoconv.train.loop import predict_logits
from emoconv.train.pipeline import train_network

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from emoconv.bundle import Bundle
    from emoconv.config import Config
    from emoconv.data import Dataset
    from emoconv.train.pipeline import Observer
    from emoconv.train.preparation import Preparation

__all__ = ["cross_train_bundle"]


def cross_train_bundle(
    data: Dataset,
    *,
    folds: NDArray[np.intp],
    config: Config,
    observer: Observer,
    prepare: Callable[[Sequence[str]], Preparation],
    weights: NDArray[np.float32] | None = None,
    judged: NDArray[np.intp] | None = None,
) -> Bundle:
    """Train a network on all texts, and everything that travels with it by folds.

    The recipe's epochs are all taken: nothing stops them early.

    Args:
        data: N texts; there must be a label among those of any folds but one.
        folds: intp (N,), the fold of each text, from 0; at least two.
        config: The recipe.
        observer: Hears of the progress.
        prepare: Makes the preparation of some of the texts.
        weights: float32 (N,), what each text counts in what is learnt, 1 on average; ``None`` for
            all the same.
        judged: intp (M,), the texts that calibrate and cut, any of them more than once; ``None``
            for all.

    Raises:
        DataError: A fold's others have no label.
    """

    def part(rows: NDArray[np.intp]) -> tuple[Dataset, NDArray[np.float32] | None]:
        return data.select(rows), None if weights is None else weights[rows]

    logits = np.empty(data.y.shape, dtype=np.float32)
    count = int(folds.max()) + 1
    for fold in range(count):
        observer.message(f"fold {fold + 1} of {count}")
        train, counts = part(np.flatnonzero(folds != fold))
        trained = train_network(
            train,
            None,
            config=config,
            observer=observer,
            preparation=prepare(train.texts),
            weights=counts,
        )
        stored(trained, config)
        rows = np.flatnonzero(folds == fold)
        encoded = trained.prepared.encoder.encode_batch(data.select(rows).texts)
        logits[rows] = predict_logits(trained.network, encoded)
    trained = train_network(
        data,
        None,
        config=config,
        observer=observer,
        preparation=prepare(data.texts),
        weights=weights,
    )
    rows = np.arange(len(data)) if judged is None else judged
    return finish(
        trained,
        config=config,
        weights=stored(trained, config),
        train=data,
        held=data.select(rows),
        logits=logits[rows],
        held_name=f"the texts themselves in {count} folds",
        provenance={},
    )
