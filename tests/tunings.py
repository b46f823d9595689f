"""A search whose trainings take no time, for tests of everything around them."""

import math

import numpy as np

from emoconv.config import Config
from emoconv.data import Dataset
from emoconv.labels import LabelSet
from emoconv.tuning.bench import Task
from emoconv.tuning.parameters import Choices, Range
from emoconv.tuning.space import Space

SPACE = Space(
    {
        "training.learning_rate": Range(low=0.0002, high=0.008, scale="log"),
        "model.filters": Range(low=64, high=512, step=64),
        "model.kernel_widths": Choices(values=([1, 2, 3], [3])),
    }
)
EPOCHS = 4


def quick_task(*, rows=40, space=SPACE, objective="macro_f1"):
    """Something to tune: a few texts and three settings."""
    texts = [f"text {i}" for i in range(rows)]
    y = np.arange(rows)[:, None] % 2 == np.arange(2)
    dataset = Dataset(texts, y, LabelSet(("odd", "even")))
    return Task(train=dataset, dev=dataset, start=Config(), space=space, objective=objective)


def value_of(config):
    """What a recipe is worth: the higher the nearer its rate is to .002, a little by filters."""
    distance = abs(math.log(config.training.learning_rate / 0.002))
    return round(0.5 - 0.1 * distance + 1e-4 * config.model.filters, 6)


class QuickBench:
    """Scores recipes by a formula; `before` may raise or wait in place of a training."""

    def __init__(self, task=None, *, before=lambda _config, _epoch: None):
        self.task, self.seed, self._before = task or quick_task(), 0, before
        self.scored = []

    def score(self, config, *, on_epoch):
        self.scored.append(config)
        row = {}
        for epoch in range(1, EPOCHS + 1):
            self._before(config, epoch)
            value = value_of(config) * epoch / EPOCHS
            row = {"epoch": epoch, "macro_f1": value, "micro_f1": value / 2}
            on_epoch(row)
        return row


class Heard:
    """Keeps what a search says."""

    def __init__(self):
        self.messages, self.trials, self.finals = [], [], []

    def message(self, text):
        self.messages.append(text)

    def trial(self, found, best):
        self.trials.append((found, best))

    def final(self, trial, run):
        self.finals.append((trial, run))


class NoBar:
    """Shows nothing."""

    def batch(self, texts, loss):
        pass

    def close(self):
        pass
