"""What a peer is, and what several need: texts of the data, padded batches, forked processes."""

from __future__ import annotations

import gzip
import multiprocessing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

LABELS = 28


@dataclass(frozen=True, kw_only=True)
class Peer:
    """A way from texts to probabilities.

    Attributes:
        about: One line on what it is.
        packages: What to install, dependencies left out.
        load: ``load(work, threads)`` imports, loads and returns ``predict``, which takes N texts
            and returns float32 (N, 28). A ``predict`` with ``batch_sizes`` and ``batch_size`` is
            given the batch size that is fastest on the machine.
        prepare: ``prepare(work, data)`` makes the files that ``load`` reads; done once.
        files: Of the model, in ``work``.
        takes: What ``predict`` takes: a list of strings or a pyarrow array.
        parallel: Whether two cores are used by the library's own threads, or, as it has none, by
            two processes that share the texts.
        same_network: Whether the probabilities are to be those of the shipped model.
    """

    about: str
    packages: tuple[str, ...]
    load: Callable[[Path, int], Callable[[Any], NDArray[np.float32]]]
    prepare: Callable[[Path, Path], None] | None = None
    files: tuple[str, ...] = ()
    takes: Literal["strings", "arrow"] = "strings"
    parallel: Literal["threads", "processes"] = "threads"
    same_network: bool = False


def train_texts(data: Path) -> tuple[list[str], list[list[int]]]:
    """Return the texts of GoEmotions' train split and the label numbers of each."""
    lines = (data / "goemotions/train.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    return [row[0] for row in rows], [[int(n) for n in row[1].split(",")] for row in rows]


def train_matrix(data: Path) -> tuple[list[str], NDArray[np.float32]]:
    """Return the texts of GoEmotions' train split and their labels, float32 (N, 28)."""
    texts, numbers = train_texts(data)
    y = np.zeros((len(texts), LABELS), dtype=np.float32)
    for row, chosen in zip(y, numbers, strict=True):
        row[chosen] = 1
    return texts, y


def benchmark_texts(data: Path) -> dict[str, list[str]]:
    """Return the texts that every peer is timed on."""
    lines = (data / "goemotions/test.tsv").read_text(encoding="utf-8").splitlines()
    comments = data / "unlabelled/reddit_random_comments.txt.gz"
    with gzip.open(comments, "rt", encoding="utf-8") as file:
        paragraphs = [line.strip() for line in file if line.strip()]
    return {"goemotions": [line.split("\t")[0] for line in lines], "reddit": paragraphs}


def unlabelled_texts(data: Path) -> Iterator[str]:
    """Yield the lines of the large unlabelled file."""
    with gzip.open(data / "unlabelled/unlabelled_1M.txt.gz", "rt", encoding="utf-8") as file:
        yield from (line.rstrip("\n") for line in file)


def sigmoid(z: NDArray[np.float32]) -> NDArray[np.float32]:
    return 1 / (1 + np.exp(-np.maximum(z, -80)))  # exp(81) overflows no float32


class Batched:
    """Runs a network over batches of texts of like length, padded with `pad` to the longest.

    Args:
        encode: Turns texts into ids (total,) and offsets (N + 1,).
        run: Turns padded ids int64 (B, T) and lengths int64 (B,) into float32 (B, 28).
        pad: The id to pad with.
        batch_sizes: Those to choose from.
    """

    def __init__(
        self,
        encode: Callable[[list[str]], tuple[NDArray[Any], NDArray[Any]]],
        run: Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.float32]],
        *,
        pad: int,
        batch_sizes: tuple[int, ...],
    ) -> None:
        self._encode = encode
        self._run = run
        self._pad = pad
        self.batch_sizes = batch_sizes
        self.batch_size = batch_sizes[-1]

    def __call__(self, texts: list[str]) -> NDArray[np.float32]:
        """Return probabilities, float32 (N, 28), in the order of the texts."""
        ids, offsets = self._encode(texts)
        lengths = np.diff(offsets)
        found = np.empty((len(texts), LABELS), dtype=np.float32)
        order = np.argsort(lengths, kind="stable")
        for first in range(0, len(order), self.batch_size):
            rows = order[first : first + self.batch_size]
            places = np.arange(max(1, lengths[rows].max()))
            within = places < lengths[rows, None]
            padded = np.full(within.shape, self._pad, dtype=np.int64)
            padded[within] = ids[(offsets[rows, None] + places)[within]]
            found[rows] = self._run(padded, lengths[rows].astype(np.int64))
        return found


def flat(lists: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return lists of ids end to end, and where each begins."""
    offsets = np.cumsum([0, *map(len, lists)], dtype=np.int64)
    return np.fromiter((i for ids in lists for i in ids), np.int64, int(offsets[-1])), offsets


class Forked:
    """Shares the texts between processes, forked once the model is loaded."""

    def __init__(self, predict: Callable[[list[str]], NDArray[np.float32]], count: int) -> None:
        global _predict  # noqa: PLW0603 - how forked processes find it
        _predict = predict
        self._count = count
        self._pool = multiprocessing.get_context("fork").Pool(count)

    def __call__(self, texts: list[str]) -> NDArray[np.float32]:
        """Return probabilities, float32 (N, 28), in the order of the texts."""
        shares = [list(share) for share in np.array_split(np.array(texts, object), self._count)]
        return np.concatenate(self._pool.map(_predict_share, shares, chunksize=1))


_predict: Callable[[list[str]], NDArray[np.float32]] | None = None


def _predict_share(texts: list[str]) -> NDArray[np.float32]:
    assert _predict is not None  # noqa: S101 - for the type checker
    return _predict(texts)
