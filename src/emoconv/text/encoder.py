"""Texts to ids: a tokeniser, a vocabulary and a length limit in one object."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from emoconv.text.tokenizer import get_tokenizer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from emoconv.text.tokenizer import Token
    from emoconv.text.vocabulary import Vocabulary

__all__ = ["Encoded", "Encoder"]


class Encoded(NamedTuple):
    """N texts as ids, one after the other, with no padding.

    Attributes:
        ids: int32 (total tokens,), each in [1, V).
        offsets: int64 (N + 1,); text n is ``ids[offsets[n]:offsets[n + 1]]``.
    """

    ids: NDArray[np.int32]
    offsets: NDArray[np.int64]


class Encoder:
    """Turns texts into ids.

    Args:
        vocabulary: Tokens to ids.
        tokenizer: ``"rich"`` or ``"plain"``. Plain leaves out words that the vocabulary does not
            hold, as Keras does; rich puts a stand-in there.
        max_tokens: Keep the first tokens only; ``None`` for all.

    Raises:
        ConfigError: There is no such tokeniser.
    """

    def __init__(
        self, vocabulary: Vocabulary, *, tokenizer: str, max_tokens: int | None = None
    ) -> None:
        self.vocabulary = vocabulary
        self.max_tokens = max_tokens
        self._tokenize = get_tokenizer(tokenizer)
        self._skips_unknown = tokenizer == "plain"

    def encode(self, text: str) -> tuple[list[int], list[Token]]:
        """Return the ids of one text and, in step with them, its tokens with their spans."""
        tokens = self._tokenize(text)
        if self._skips_unknown:
            tokens = [t for t in tokens if t.text in self.vocabulary]
        tokens = tokens[: self.max_tokens]
        return [self.vocabulary.id_of(t.text) for t in tokens], tokens

    def encode_batch(self, texts: Iterable[str]) -> Encoded:
        """Return the ids of N texts, one after the other."""
        ids: list[int] = []
        offsets = [0]
        for text in texts:
            ids.extend(self.encode(text)[0])
            offsets.append(len(ids))
        return Encoded(np.array(ids, dtype=np.int32), np.array(offsets, dtype=np.int64))
