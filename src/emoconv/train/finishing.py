"""From a trained network to a bundle: weights as they are stored, calibration, cuts, figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from emoconv.bundle import Bundle, as_stored
from emoconv.calibration import fit_calibration
from emoconv.metrics import evaluate
from emoconv.thresholds import choose
from emoconv.train.network import bundle_weights, load_weights

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from emoconv.config import Config
    from emoconv.data import Dataset
    from emoconv.data.dataset import LabelledTexts
    from emoconv.nn import TextCNN
    from emoconv.text import Encoded
    from emoconv.train.preparation import Prepared

__all__ = ["Trained", "finish", "stored"]


@dataclass(frozen=True, eq=False)
class Trained:
    """A network and what it came from.

    Attributes:
        network: With its best weights.
        prepared: Vocabulary and first vectors.
        encoded_dev: The validation texts as ids; none where there are none.
        history: A row an epoch.
    """

    network: TextCNN
    prepared: Prepared
    encoded_dev: Encoded
    history: list[dict[str, float]]


def stored(trained: Trained, config: Config) -> dict[str, NDArray[np.floating[Any]]]:
    """Return the weights that a reader of the bundle will have, and put them into the network.

    What follows is to be computed from them.
    """
    weights = as_stored(bundle_weights(trained.network), config.model)
    load_weights(trained.network, weights)
    return weights


def finish(
    trained: Trained,
    *,
    config: Config,
    weights: dict[str, NDArray[np.floating[Any]]],
    train: LabelledTexts,
    held: Dataset,
    logits: NDArray[np.float32],
    held_name: str,
    provenance: Mapping[str, object],
) -> Bundle:
    """Calibrate a network, choose its cuts and put a bundle together.

    Args:
        trained: The network.
        config: The recipe.
        weights: What `stored` returns.
        train: What it learnt from.
        held: M texts that calibrate and cut.
        logits: float32 (M, L), what networks that did not learn from them say of those texts.
        held_name: What ``held`` is, for whoever reads the bundle.
        provenance: What else is to be told of where the bundle comes from.
    """
    calibration = fit_calibration(held.y, logits)
    probabilities = calibration.apply(logits)
    rule = config.training.threshold_rule
    thresholds = choose(held.y, probabilities, rule=rule, data=f"{held_name}, {len(held):,} texts")
    figures = evaluate(
        y=held.y,
        predicted=thresholds.decide(probabilities),
        probabilities=probabilities,
        labels=held.labels,
        thresholds=thresholds.values,
    )
    return Bundle(
        config=config,
        labels=train.labels,
        vocabulary=trained.prepared.encoder.vocabulary,
        thresholds=thresholds,
        calibration=calibration,
        weights=weights,
        provenance={
            "train": _describe(train),
            "dev": {"name": held_name, **_describe(held)},
            "vectors": trained.prepared.vectors,
            **provenance,
            "dev_figures": figures.to_dict(),
            "torch": torch.__version__,
        },
        history=trained.history,
    )


def _describe(dataset: LabelledTexts) -> dict[str, object]:
    return {"rows": len(dataset), "sha256": dataset.fingerprint()}
