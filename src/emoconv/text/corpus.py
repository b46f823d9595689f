"""Many texts, tokenised once: first to count their tokens, then to turn them into ids.

A vocabulary is made from the counts of the very texts that are to be encoded with it. Keeping
each distinct token once, and of each occurrence only its number, spares the second tokenising and
fits a million texts into memory. More go to disk.
"""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from emoconv.text.encoder import Encoded
from emoconv.text.tokenizer import get_tokenizer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from emoconv.text.vocabulary import Vocabulary

__all__ = ["Corpus"]

_TEXTS_AT_ONCE = 1 << 16
_TOKENS_AT_ONCE = 1 << 20


class Corpus:
    """N tokenised texts.

    Args:
        texts: N strings; they are taken once, from the first to the last.
        tokenizer: ``"rich"`` or ``"plain"``.
        folder: Where to keep what grows with the number of words, and what `encode` makes of it;
            made if it is not there, and to be left alone while either is used. ``None``: memory.

    Raises:
        ConfigError: There is no such tokeniser.
    """

    def __init__(self, texts: Iterable[str], *, tokenizer: str, folder: Path | None = None) -> None:
        tokenize = get_tokenizer(tokenizer)
        numbers: dict[str, int] = {}
        places, lengths = _Growing(folder, "tokens"), []
        taken = iter(texts)
        while some := list(itertools.islice(taken, _TEXTS_AT_ONCE)):
            tokens = [
                [numbers.setdefault(t.text, len(numbers)) for t in tokenize(text)] for text in some
            ]
            lengths.append(np.array([len(of_text) for of_text in tokens], dtype=np.int64))
            places.append(np.fromiter(itertools.chain.from_iterable(tokens), dtype=np.int32))
        self._folder = folder
        self._tokens = tuple(numbers)
        self._places = places.whole()
        self._offsets = np.concatenate([np.zeros(1, dtype=np.int64), *lengths]).cumsum()
        self._skips_unknown = tokenizer == "plain"

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def count(self) -> Counter[str]:
        """Return how often each token occurs."""
        counts = np.zeros(len(self._tokens), dtype=np.int64)
        for first in range(0, len(self._places), _TOKENS_AT_ONCE):
            part = self._places[first : first + _TOKENS_AT_ONCE]
            counts += np.bincount(part, minlength=len(counts))
        return Counter(dict(zip(self._tokens, counts.tolist(), strict=True)))

    def encode(self, vocabulary: Vocabulary, *, max_tokens: int | None = None) -> Encoded:
        """Return what `emoconv.text.Encoder.encode_batch` gives for these texts."""
        ids = np.array([vocabulary.id_of(t) for t in self._tokens] or [0], dtype=np.int32)
        known = np.array([t in vocabulary for t in self._tokens] or [True])
        found, lengths = _Growing(self._folder, "ids"), [np.zeros(1, dtype=np.int64)]
        for first in range(0, len(self), _TEXTS_AT_ONCE):
            offsets = self._offsets[first : first + _TEXTS_AT_ONCE + 1]
            places = self._places[offsets[0] : offsets[-1]]
            kept = np.ones(len(places), dtype=np.bool_)
            if self._skips_unknown:
                kept = known[places]
            before = np.concatenate([[0], np.cumsum(kept)])  # kept tokens before each place
            if max_tokens is not None:
                starts = np.repeat(before[offsets[:-1] - offsets[0]], np.diff(offsets))
                kept &= before[:-1] - starts < max_tokens
                before = np.concatenate([[0], np.cumsum(kept)])
            found.append(ids[places[kept]])
            lengths.append(np.diff(before[offsets - offsets[0]]))
        return Encoded(found.whole(), np.concatenate(lengths).cumsum())


class _Growing:
    """An int32 array that grows at its end, in memory or in a file of a folder."""

    def __init__(self, folder: Path | None, name: str) -> None:
        self._parts: list[NDArray[np.int32]] = [np.zeros(0, dtype=np.int32)]
        self._path = None
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            self._path = folder / f"{name}.int32"
            self._path.write_bytes(b"")

    def append(self, part: NDArray[np.int32]) -> None:
        if self._path is None:
            self._parts.append(part)
        else:
            with self._path.open("ab") as file:
                part.tofile(file)

    def whole(self) -> NDArray[np.int32]:
        """Return all that was appended, int32 (N,); from a file, what is used of it is read."""
        if self._path is None or not self._path.stat().st_size:
            return np.concatenate(self._parts)
        return np.memmap(self._path, dtype=np.int32, mode="c")
