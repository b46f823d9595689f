"""Bundles with random weights, for what must hold of any: no torch, no training."""

import numpy as np

from emoconv.bundle import Bundle
from emoconv.calibration import Calibration
from emoconv.config import Config, from_dict
from emoconv.labels import LabelSet
from emoconv.text import Vocabulary
from emoconv.text.vocabulary import SPECIALS
from emoconv.thresholds import Thresholds

LABELS = ("joy", "anger", "confusion", "neutral", "boredom")
WORDS = ("so", "happy", "not", "i", "'m", "do", "n't", "!!!", "😂", "👍", ":)", "thanks", "<3")


def untrained_bundle(widths=(1, 2, 3), *, hidden=None, tokenizer="rich", max_tokens=None, seed=0):
    """A bundle of 5 labels, 13 words and 7 filters of each width."""
    config = from_dict(
        Config,
        {
            "text": {"tokenizer": tokenizer, "max_tokens": max_tokens},
            "model": {
                "embedding_width": 6,
                "kernel_widths": list(widths),
                "filters": 7,
                "hidden": hidden,
            },
        },
    )
    rng = np.random.default_rng(seed)
    units, count = 7 * len(widths), len(LABELS)
    shapes = {"embedding": (len(SPECIALS) + len(WORDS), 6)}
    for width in widths:
        shapes |= {f"convolution.{width}.weight": (7, 6, width)}
        shapes |= {f"convolution.{width}.bias": (7,)}
    if hidden is not None:
        shapes |= {"hidden.weight": (hidden, units), "hidden.bias": (hidden,)}
        units = hidden
    shapes |= {"output.weight": (count, units), "output.bias": (count,)}
    weights = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    weights["embedding"][0] = 0
    return Bundle(
        config=config,
        labels=LabelSet(LABELS),
        vocabulary=Vocabulary([*SPECIALS, *WORDS]),
        thresholds=Thresholds.fixed(0.5, count),
        calibration=Calibration(
            rng.uniform(0.5, 2, count).astype(np.float32), rng.normal(size=count).astype(np.float32)
        ),
        weights=weights,
    )
