"""Many texts, tokenised once: first to count their tokens, then to turn them into ids.

A vocabulary is made from the counts of the very texts that are to be encoded with it. Keeping
each distinct token once, and of each occurrence only its number, spares the second tokenising and
fits a million texts into memory.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from emoconv.text.encoder import Encoded
from emoconv.text.tokenizer import get_tokenizer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emoconv.text.vocabulary import Vocabulary

__all__ = ["Corpus"]


class Corpus:
    """N tokenised texts.

    Args:
        texts: N strings.
        tokenizer: ``"rich"`` or ``"plain"``.

    Raises:
        ConfigError: There is no such tokeniser.
    """

    def __init__(self, texts: Iterable[str], *, tokenizer: str) -> None:
        tokenize = get_tokenizer(tokenizer)
        numbers: dict[str, int] = {}
        places: list[np.ndarray[tuple[int], np.dtype[np.int32]]] = []
        lengths = []
        for text in texts:
            tokens = [numbers.setdefault(t.text, len(numbers)) for t in tokenize(text)]
            places.append(np.array(tokens, dtype=np.int32))
            lengths.append(len(tokens))
        self._tokens = tuple(numbers)
        self._places = np.concatenate([np.zeros(0, dtype=np.int32), *places])
        self._offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        self._skips_unknown = tokenizer == "plain"

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def count(self) -> Counter[str]:
        """Return how often each token occurs."""
        counts = np.bincount(self._places, minlength=len(self._tokens)).tolist()
        return Counter(dict(zip(self._tokens, counts, strict=True)))

    def encode(self, vocabulary: Vocabulary, *, max_tokens: int | None = None) -> Encoded:
        """Return what `emoconv.text.Encoder.encode_batch` gives for these texts."""
        ids = np.array([vocabulary.id_of(t) for t in self._tokens] or [0], dtype=np.int32)
        known = np.array([t in vocabulary for t in self._tokens] or [True])
        kept = np.ones(len(self._places), dtype=np.bool_)
        if self._skips_unknown:
            kept = known[self._places]
        before = np.concatenate([[0], np.cumsum(kept)])  # kept tokens before each place
        if max_tokens is not None:
            starts = np.repeat(before[self._offsets[:-1]], np.diff(self._offsets))
            kept &= before[:-1] - starts < max_tokens
            before = np.concatenate([[0], np.cumsum(kept)])
        return Encoded(ids[self._places[kept]], before[self._offsets].astype(np.int64))
