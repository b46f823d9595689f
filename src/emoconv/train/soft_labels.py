"""What teachers say of texts: probabilities to learn from beside labels, or instead of them.

After Hinton, Vinyals & Dean 2015, "Distilling the Knowledge in a Neural Network",
https://arxiv.org/abs/1503.02531, with independent sigmoids in place of a softmax and no
temperature: with multi-label targets a teacher's probabilities are soft as they are.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from emoconv.train.teacher import Teacher

__all__ = ["SoftLabels", "ask_teachers", "soft_labels"]

_SHARD = 8192
"""Texts that a teacher labels between two writes to disk: half a minute's work of a small
transformer on one core."""


@dataclass(frozen=True, eq=False)
class SoftLabels:
    """Teachers' probabilities.

    Attributes:
        train: float16 (N, L), of the labelled texts, in [0, 1].
        texts: M further texts, without labels.
        others: float16 (M, L), of those, in [0, 1].
        provenance: Where they come from, for whoever reads the bundle.
    """

    train: NDArray[np.float16]
    texts: Sequence[str]
    others: NDArray[np.float16]
    provenance: dict[str, object] = field(default_factory=dict)

    def fingerprint(self) -> str:
        """Return the SHA-256, in hex, of texts and probabilities."""
        digest = hashlib.sha256(_hash_texts(self.texts).encode())
        for array in (self.train, self.others):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()


def soft_labels(
    teachers: Sequence[Teacher],
    *,
    train: Sequence[str],
    texts: Sequence[str],
    rarity: NDArray[np.float64],
    limit: int | None = None,
    scout: Teacher | None = None,
    cache: Path,
    on_texts: Callable[[int], None] = lambda _count: None,
) -> SoftLabels:
    """Have teachers label the texts of the training data, and others.

    Args:
        teachers: At least one.
        train: N texts that have labels.
        texts: Texts that have none, and of which none is held out.
        rarity: float64 (L,), the worth of a label in a text to the scout: one over its share of
            the training texts.
        limit: At most so many of those, drawn at random, the same each time.
        scout: Something cheap that reads all texts first, when there are more than the limit: half
            of those drawn are then the ones of which it expects the most labels, rare ones
            counting more, so that a teacher's time goes where it teaches most.
        cache: As for `ask_teachers`.
        on_texts: As for `ask_teachers`.
    """
    order = np.random.default_rng(0).permutation(len(texts))
    if limit is not None and limit < len(texts):
        order = order[:limit]
        if scout is not None:
            worth = ask_teachers([scout], texts, cache=cache) @ rarity
            order = _draw(worth, limit)
    drawn = [texts[i] for i in order]
    return SoftLabels(
        train=ask_teachers(teachers, train, cache=cache, on_texts=on_texts),
        texts=drawn,
        others=ask_teachers(teachers, drawn, cache=cache, on_texts=on_texts),
        provenance={
            "teachers": [{"name": t.name, "sha256": t.fingerprint} for t in teachers],
            "scout": None if scout is None else {"name": scout.name, "sha256": scout.fingerprint},
            "texts": len(drawn),
            "texts_sha256": _hash_texts(drawn),
        },
    )


def _draw(worth: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    """Return places, half of them of the greatest worth, half at random, in random order."""
    rng = np.random.default_rng(0)
    by_worth = np.argsort(-worth, kind="stable")
    best, rest = by_worth[: count // 2], by_worth[count // 2 :]
    return rng.permutation(np.concatenate([best, rng.choice(rest, count - len(best), False)]))


def ask_teachers(
    teachers: Sequence[Teacher],
    texts: Sequence[str],
    *,
    cache: Path,
    on_texts: Callable[[int], None] = lambda _count: None,
) -> NDArray[np.float16]:
    """Return the probabilities that several teachers give together: their mean log-odds.

    What each says of each shard of texts is kept on disk, under a name that depends on teacher
    and texts alone: a run that was cut off goes on, and another run asks nothing twice.

    Args:
        teachers: At least one.
        texts: N texts.
        cache: The folder to keep answers in.
        on_texts: Called with the number of texts, each time a teacher has labelled some.

    Returns:
        float16 (N, L), in [0, 1].
    """
    cache.mkdir(parents=True, exist_ok=True)
    shards = [np.zeros((0, teachers[0].width), dtype=np.float16)]
    for start in range(0, len(texts), _SHARD):
        shard = texts[start : start + _SHARD]
        total: NDArray[np.float32] | None = None
        for teacher in teachers:
            logits = _ask(teacher, shard, cache)
            on_texts(len(shard))
            total = logits if total is None else total + logits
        assert total is not None  # noqa: S101 - at least one teacher
        shards.append((1 / (1 + np.exp(-total / len(teachers)))).astype(np.float16))
    return np.concatenate(shards)


def _ask(teacher: Teacher, texts: Sequence[str], cache: Path) -> NDArray[np.float32]:
    """Return a teacher's log-odds, float32 (N, L), from the cache or fresh."""
    name = hashlib.sha256(f"{teacher.fingerprint}{_hash_texts(texts)}".encode()).hexdigest()
    path = cache / f"{name}.npy"
    if path.exists():
        found: NDArray[np.float16] = np.load(path)
        return found.astype(np.float32)
    logits = teacher.logits(texts).astype(np.float16)
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as file:
        np.save(file, logits)
    unfinished.replace(path)
    return logits.astype(np.float32)


def _hash_texts(texts: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for text in texts:
        data = text.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()
