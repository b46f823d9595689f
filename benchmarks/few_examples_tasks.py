"""The two tasks of ``few_examples.py``, and the model that the first of them begins from.

Emotions: texts of GoEmotions with one label, which is one of eleven. The shipped model knows these
labels, so the start is a model of the recipe ``small`` that learnt the other emotions alone, from
texts that none of the eleven is a label of.

Reactions: which of five reactions is at least 60 % of those that a post on Facebook got. Pages are
either in the pool, in dev or in test, as a page is told by its posts. The start is the shipped
model.
"""

from __future__ import annotations

import csv
import functools
import gzip
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emoconv.bundle import write_bundle
from emoconv.data import Dataset, read_official, without_held_out
from emoconv.labels import GOEMOTIONS, LabelSet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

EMOTIONS = (
    *("approval", "amusement", "curiosity", "love", "anger", "confusion", "disappointment"),
    *("surprise", "excitement", "desire", "remorse"),
)
TOO_RARE = ("relief", "pride")
"""Neither classes of the task nor labels of its start."""
REACTIONS = ("love", "wow", "haha", "sad", "angry")
POSTS = "unlabelled/facebook_news_posts_reactions.tsv.gz"
ENGLISH = "vectors/glove.6B.50d.20k.txt.gz"
VECTORS = "vectors/reddit-top2.5M.sg.300d.txt.gz"
_FEWEST_REACTIONS, _CLEAR = 200, 0.6
_FEWEST_WORDS, _KNOWN_WORDS = 3, 0.7
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Part:
    """Some texts and their classes.

    Args:
        texts: N texts.
        y: intp (N,), the number of each one's class.
    """

    texts: list[str]
    y: NDArray[np.intp]

    def select(self, rows: NDArray[np.intp]) -> Part:
        """Return some of the texts."""
        return Part([self.texts[row] for row in rows], self.y[rows])

    def fingerprint(self, classes: tuple[str, ...]) -> str:
        """Return the SHA-256, in hex, of texts and classes."""
        y = self.y[:, None] == np.arange(len(classes))
        return Dataset(self.texts, y, LabelSet(classes)).fingerprint()


@dataclass(frozen=True)
class Task:
    """A task of several classes.

    Args:
        about: What it is.
        classes: The names of the classes.
        pool: What examples are drawn from.
        dev: What the defaults of `EmotionClassifier` were chosen on.
        test: What is measured on, once.
        left_out: The texts of the pool that equal one of dev or test and are not in it.
    """

    about: str
    classes: tuple[str, ...]
    pool: Part
    dev: Part
    test: Part
    left_out: int

    def draw(self, texts: int, seed: int) -> Part:
        """Return so many texts of the pool; those of a smaller number are among them."""
        return self.pool.select(np.random.default_rng(seed).permutation(len(self.pool.y))[:texts])


def _task(about: str, classes: tuple[str, ...], pool: Part, dev: Part, test: Part) -> Task:
    kept, left_out = without_held_out(pool.texts, [*dev.texts, *test.texts])
    return Task(about, classes, pool.select(kept), dev, test, left_out)


@functools.cache
def read_task(name: str, data: Path) -> Task:
    """Return one of TASKS."""
    return TASKS[name](data)


def _emotions(data: Path) -> Task:
    numbers = [GOEMOTIONS.index(name) for name in EMOTIONS]
    parts = []
    for part in ("train", "dev", "test"):
        read = read_official(data / f"goemotions/{part}.tsv")
        rows = np.flatnonzero((read.y.sum(axis=1) == 1) & read.y[:, numbers].any(axis=1))
        parts.append(Part([read.texts[r] for r in rows], read.y[rows][:, numbers].argmax(axis=1)))
    about = "eleven emotions of GoEmotions, texts with one label, official split"
    return _task(about, EMOTIONS, *parts)


def _reactions(data: Path) -> Task:
    posts = list(_posts(data))
    pages = sorted({page for page, _, _ in posts})
    order = np.random.default_rng(0).permutation(len(pages))
    cuts = [math.ceil(share * len(pages)) for share in (0.6, 0.8)]
    parts = []
    for places in np.split(order, cuts):
        inside = {pages[place] for place in places}
        chosen = [(text, reaction) for page, text, reaction in posts if page in inside]
        parts.append(Part([text for text, _ in chosen], np.array([r for _, r in chosen])))
    about = "the reaction that most readers had to a post on Facebook, other pages in each part"
    return _task(about, REACTIONS, *parts)


def _posts(data: Path) -> Iterator[tuple[str, str, int]]:
    """Yield page, text and reaction of the English posts whose reaction is clear."""
    with gzip.open(data / ENGLISH, "rt", encoding="utf-8") as file:
        english = {line.partition(" ")[0] for line in file}
    seen = set()
    with gzip.open(data / POSTS, "rt", encoding="utf-8") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        header = next(rows)
        for row in rows:
            if len(row) != len(header):
                continue
            page, text, counts = row[0], row[1].strip(), [int(count) for count in row[4:]]
            most = max(counts)
            if sum(counts) < _FEWEST_REACTIONS or most < _CLEAR * sum(counts):
                continue
            if text.lower() in seen or not _is_english(text, english):
                continue
            seen.add(text.lower())
            yield page, text, counts.index(most)


def _is_english(text: str, english: set[str]) -> bool:
    words = _WORD.findall(text.lower())
    known = sum(word in english for word in words)
    return len(words) >= _FEWEST_WORDS and known >= _KNOWN_WORDS * len(words)


TASKS = {"emotions": _emotions, "reactions": _reactions}


class _Lines:
    """Prints an epoch's measures."""

    def message(self, text: str) -> None:
        print(text, flush=True)

    def batch(self, texts: int, loss: float) -> None:
        pass

    def epoch(self, row: dict[str, float]) -> None:
        print("start:", {name: round(value, 4) for name, value in row.items()}, flush=True)


def make_start(data: Path, folder: Path) -> None:
    """Train the model that the emotions begin from, unless it is there.

    No text of the task teaches it, nor chooses its best epoch.
    """
    from emoconv.train import load_recipe, override, train_bundle  # noqa: PLC0415 - imports torch

    if (folder / "config.json").exists():
        return
    task = read_task("emotions", data)
    of_task = [*task.pool.texts, *task.dev.texts, *task.test.texts]
    taken = [GOEMOTIONS.index(name) for name in (*EMOTIONS, *TOO_RARE)]
    others = [number for number in range(len(GOEMOTIONS)) if number not in taken]
    labels = LabelSet(tuple(GOEMOTIONS.names[number] for number in others))
    parts = []
    for part in ("train", "dev"):
        read = read_official(data / f"goemotions/{part}.tsv")
        rows = np.flatnonzero(~read.y[:, taken].any(axis=1))
        texts = [read.texts[row] for row in rows]
        kept, _ = without_held_out(texts, of_task)
        parts.append(Dataset([texts[row] for row in kept], read.y[rows[kept]][:, others], labels))
    config = override(load_recipe("small"), ["training.seed=0"])
    bundle = train_bundle(*parts, config=config, observer=_Lines(), vector_files=[data / VECTORS])
    write_bundle(bundle, folder)
