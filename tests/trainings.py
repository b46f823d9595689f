"""Small trainings that several test modules share."""

import numpy as np

from emoconv.config import Config, from_dict
from emoconv.data import Dataset
from emoconv.labels import LabelSet
from emoconv.train import override, train_bundle

SMALL = {
    "text": {"min_count": 1},
    "model": {"embedding_width": 16, "filters": 8, "kernel_widths": [1, 2]},
    "training": {
        "epochs": 8,
        "batch_size": 32,
        "learning_rate": 0.01,
        "embedding_learning_rate": 0.01,
        "embedding_dropout": 0.0,
        "feature_dropout": 0.1,
        "patience": 8,
        "threshold_rule": "per-label",
    },
}
"""A recipe that learns something from a few hundred texts in a second."""


class Silent:
    """An observer that keeps what it hears."""

    def __init__(self):
        self.messages, self.rows, self.batches = [], [], []

    def message(self, text):
        self.messages.append(text)

    def batch(self, texts, loss):
        self.batches.append((texts, loss))

    def epoch(self, row):
        self.rows.append(row)


def small_config(*settings):
    """The small recipe with settings replaced: ``"training.epochs=3"``."""
    return override(from_dict(Config, SMALL), settings)


def train_small(train, dev, *settings, observer=None, **options):
    """Train by the small recipe with settings replaced."""
    config = small_config(*settings)
    return train_bundle(train, dev, config=config, observer=observer or Silent(), **options)


def weather(count, *, seed=0):
    """Texts whose labels (hot, cold, both, none) one or two words give away."""
    rng = np.random.default_rng(seed)
    fillers = ["the", "day", "was", "long", "and", "we", "saw", "some", "friends", "in", "town"]
    y = rng.random((count, 2)) < 0.5
    texts = []
    for hot, cold in y:
        words = list(rng.choice(fillers, size=5))
        words += ["burning", "sun"] * int(hot) + ["frozen", "snow"] * int(cold)
        texts.append(" ".join(words))
    return Dataset(texts, y, LabelSet(("hot", "cold")))
