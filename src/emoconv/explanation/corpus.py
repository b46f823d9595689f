"""What a model knows, by a corpus: the phrases that give most to each emotion.

Texts come in parts and are forgotten; what stays is a table of phrases of bounded size.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from emoconv.engine import ReferenceEngine
from emoconv.explanation.attribution import Attributor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from emoconv.bundle import Bundle
    from emoconv.text.tokenizer import Token

__all__ = ["KEPT_PHRASES", "TEXTS_AT_ONCE", "PhraseCounter", "StrongPhrase"]

KEPT_PHRASES = 2**17
"""When there are more, the weaker half of them is forgotten. They take 70 MB with 28 labels."""

TEXTS_AT_ONCE = 2**11
"""Texts whose phrases are added up together."""

_MARGIN = 4
"""So many times the phrases that are wanted have examples kept for them: one that rises later than
its last text would have none."""

_EXAMPLE = 80
"""The longest example, in characters."""


class StrongPhrase(NamedTuple):
    """A phrase and what it gave to a label.

    Attributes:
        text: Its tokens with spaces between, as the vocabulary has them: ``n't``, ``<caps>``.
        texts: In how many texts it gave something.
        total: What it gave in all of them together.
        mean: The same for one of them.
        examples: Some of those texts, the first that came, shortened around the phrase.
    """

    text: str
    texts: int
    total: float
    mean: float
    examples: tuple[str, ...]


@dataclass
class _Table:
    """R phrases, and what they gave to C labels.

    Attributes:
        rows: The row of each phrase, whose key is its tokens' ids in bytes.
        texts: int64 (at least R,), in how many texts each gave something.
        totals: float64 (at least R, C), what it gave.
        examples: Some texts of some phrases.
    """

    rows: dict[bytes, int]
    texts: NDArray[np.int64]
    totals: NDArray[np.float64]
    examples: dict[bytes, list[str]] = field(default_factory=dict)

    def make_room(self) -> None:
        """Have the arrays as long as there are rows, or longer."""
        if len(self.rows) > len(self.texts):
            more = 2 * len(self.rows) - len(self.texts)
            self.texts = np.pad(self.texts, (0, more))
            self.totals = np.pad(self.totals, ((0, more), (0, 0)))


class _Occurrence(NamedTuple):
    """Phrases of one text: keys, bytes (P,); first and last tokens; shares, (P, C)."""

    keys: list[bytes]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    shares: NDArray[np.float64]


class PhraseCounter:
    """Adds up what phrases give to labels over many texts.

    How strong a phrase is, is the geometric mean of what it gives in all texts and what it gives
    in one of them, total and mean share. By the total alone a comma that is everywhere would lead,
    by the mean a phrase of one text.

    A phrase here is a run of tokens, markers among them, so that "SO" and "so" are two. A phrase
    that was forgotten for want of room and comes again is counted from then on: where
    ``forgotten`` is above 0, rare phrases may have come more often than it is said.

    Args:
        bundle: The model.
        labels: Numbers of the C labels that are asked about.
        top: How many phrases of each are going to be.
        examples: How many texts are kept for each.
        against: Whether those are wanted that speak most against a label.

    Attributes:
        texts: How many texts there were.
        forgotten: How many phrases were forgotten.
    """

    def __init__(
        self,
        bundle: Bundle,
        *,
        labels: Sequence[int],
        top: int,
        examples: int,
        against: bool = False,
    ) -> None:
        self._encoder = bundle.encoder()
        self._attributor = Attributor(bundle, ReferenceEngine(bundle))
        self._columns = np.array(labels, dtype=np.int64)
        self._width = max(bundle.config.model.kernel_widths)
        self._top, self._examples = top, examples
        self._sign = -1 if against else 1
        self._table = _Table({}, np.zeros(0, np.int64), np.zeros((0, len(labels))))
        self.texts = self.forgotten = 0

    def add(self, texts: Sequence[str]) -> None:
        """Add texts, any number of them."""
        for first in range(0, len(texts), TEXTS_AT_ONCE):
            self._add(texts[first : first + TEXTS_AT_ONCE])

    def strongest(self, column: int) -> list[StrongPhrase]:
        """Return the strongest phrases for a label, or against it, the strongest first.

        Args:
            column: Which of ``labels``, in [0, C).
        """
        table, tokens = self._table, self._encoder.vocabulary.tokens
        keys = list(table.rows)
        found = []
        for row in self._leading(column, self._top):
            key, texts, total = keys[row], int(table.texts[row]), float(table.totals[row, column])
            ids = np.frombuffer(key, dtype=np.int32)
            found.append(
                StrongPhrase(
                    " ".join(tokens[i] for i in ids[ids > 0]),
                    texts,
                    total,
                    total / texts,
                    tuple(table.examples.get(key, ())),
                )
            )
        return found

    def _add(self, texts: Sequence[str]) -> None:
        table, rows = self._table, self._table.rows
        found, spans = [], []
        for text in texts:
            ids, tokens = self._encoder.encode(text)
            found.append(self._phrases(np.array(ids, dtype=np.int32)))
            spans.append(tokens)
        numbers = [np.array([rows.setdefault(k, len(rows)) for k in one.keys]) for one in found]
        table.make_room()
        self._sum_up(np.concatenate(numbers).astype(np.int64), found)
        self._keep_examples(texts, spans, found, numbers)
        self.texts += len(texts)
        if len(rows) > KEPT_PHRASES:
            self._forget()

    def _phrases(self, ids: NDArray[np.int32]) -> _Occurrence:
        """Return the phrases of one text with what they give."""
        parts = self._attributor.attribute(ids, np.arange(len(ids)), self._columns)
        places = parts.first[:, None] + np.arange(self._width)  # (P, K)
        padded = np.append(ids, np.zeros(self._width, dtype=np.int32))
        tokens = np.where(places <= parts.last[:, None], padded[places], np.int32(0))
        keys = np.ascontiguousarray(tokens).tobytes()
        step = tokens.itemsize * self._width
        cut = [keys[start : start + step] for start in range(0, len(keys), step)]
        return _Occurrence(cut, parts.first, parts.last, parts.shares)

    def _sum_up(self, rows: NDArray[np.int64], found: Sequence[_Occurrence]) -> None:
        """Add what the phrases of some texts gave; a phrase that a text has twice counts once.

        Args:
            rows: int64 (P,), those of all phrases, text by text.
            found: The same, for each text.
        """
        if not len(rows):
            return
        owners = np.repeat(np.arange(len(found)), [len(one.keys) for one in found])
        order = np.argsort(rows, kind="stable")
        rows, owners = rows[order], owners[order]
        starts = np.flatnonzero(np.diff(rows, prepend=-1))
        is_new = (np.diff(rows, prepend=-1) != 0) | (np.diff(owners, prepend=-1) != 0)
        shares = np.concatenate([one.shares for one in found])[order]
        self._table.totals[rows[starts]] += np.add.reduceat(shares, starts)
        self._table.texts[rows[starts]] += np.add.reduceat(is_new.astype(np.int64), starts)

    def _leading(self, column: int, count: int) -> list[int]:
        """Return the rows of the strongest phrases, so many of them at most."""
        strengths = self._strengths([column])[:, 0]
        near = np.arange(len(strengths))
        if len(strengths) > count:
            near = np.argpartition(-strengths, count)[:count]
        near = near[strengths[near] > 0]
        return list(near[np.lexsort((near, -strengths[near]))].tolist())

    def _strengths(self, columns: slice | list[int]) -> NDArray[np.float64]:
        """Return how strong each phrase is, float64 (R, C); below 0 if it speaks otherwise."""
        table, count = self._table, len(self._table.rows)
        return self._sign * table.totals[:count, columns] / np.sqrt(table.texts[:count, None])

    def _keep_examples(
        self,
        texts: Sequence[str],
        spans: Sequence[Sequence[Token]],
        found: Sequence[_Occurrence],
        numbers: Sequence[NDArray[np.int64]],
    ) -> None:
        """Keep examples for the phrases that lead now, from the texts that came last."""
        if not self._examples:
            return
        wanted = np.zeros(len(self._table.rows), dtype=np.bool_)
        for column in range(len(self._columns)):
            wanted[self._leading(column, _MARGIN * self._top)] = True
        for text, tokens, one, rows in zip(texts, spans, found, numbers, strict=True):
            for place in np.flatnonzero(wanted[rows]) if len(rows) else ():
                kept = self._table.examples.setdefault(one.keys[place], [])
                span = tokens[one.first[place]].start, tokens[one.last[place]].end
                shown = _around(text, *span)
                if len(kept) < self._examples and shown not in kept:
                    kept.append(shown)

    def _forget(self) -> None:
        """Forget all but the strongest phrases for any label."""
        table, count = self._table, len(self._table.rows)
        strengths = self._strengths(slice(None)).max(axis=1)
        kept = np.sort(np.argpartition(-strengths, KEPT_PHRASES // 2)[: KEPT_PHRASES // 2])
        keys = list(table.rows)
        rows = {keys[row]: place for place, row in enumerate(kept)}
        examples = {key: some for key, some in table.examples.items() if key in rows}
        self._table = _Table(rows, table.texts[kept], table.totals[kept], examples)
        self.forgotten += count - len(kept)


def _around(text: str, start: int, end: int) -> str:
    """Return a text on one line, or what of it lies around a phrase.

    Example:
        >>> _around("y " * 60 + "so happy" + " y" * 60, 120, 128)
        '…y y y y y y y y y y y y y y y y y y so happy y y y y y y y y y y y y y y y y y y…'
    """
    if len(text) > _EXAMPLE:
        room = max(0, _EXAMPLE - (end - start)) // 2
        low = max(0, min(start - room, len(text) - _EXAMPLE))
        high = min(len(text), low + _EXAMPLE)
        text = "…" * (low > 0) + text[low:high] + "…" * (high < len(text))
    return " ".join(text.split())
