"""What a model knows, by its own tables: what each word would give if it stood alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from emoconv.engine import ReferenceEngine
from emoconv.text import Encoded
from emoconv.text.vocabulary import SPECIALS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emoconv.bundle import Bundle

__all__ = ["StrongWord", "WordShares"]

_WORDS_AT_ONCE = 2**12  # half of what the engine remembers


class StrongWord(NamedTuple):
    """A word and what it gives to a label.

    Attributes:
        text: The word, as the vocabulary has it.
        share: The logit of a text of this word alone, less that of a text without words.
    """

    text: str
    share: float


class WordShares:
    """What each word of a vocabulary gives to each label if it stands alone.

    No corpus is behind it: rare words are here too, some of them learnt from a text or two, and
    what words give together is not.

    Args:
        bundle: The model.

    Attributes:
        shares: float32 (V without specials, L).
    """

    def __init__(self, bundle: Bundle) -> None:
        engine = ReferenceEngine(bundle)
        self._tokens = bundle.vocabulary.tokens
        empty = engine.logits(Encoded(np.zeros(0, np.int32), np.zeros(2, np.int64)))
        parts = [np.zeros((0, len(bundle.labels)), dtype=np.float32)]
        for first in range(len(SPECIALS), len(self._tokens), _WORDS_AT_ONCE):
            last = min(first + _WORDS_AT_ONCE, len(self._tokens))
            alone = Encoded(np.arange(first, last, dtype=np.int32), np.arange(last - first + 1))
            parts.append((engine.logits(alone) - empty) * bundle.calibration.scale)
        self.shares: NDArray[np.float32] = np.concatenate(parts)

    def strongest(self, label: int, *, top: int, against: bool = False) -> list[StrongWord]:
        """Return the words that give most to a label, or most against it, strongest first.

        Args:
            label: Its number.
            top: How many.
            against: Whether those are wanted that speak against it.
        """
        shares = self.shares[:, label]
        order = np.argsort(shares if against else -shares, kind="stable")[:top]
        words = self._tokens[len(SPECIALS) :]
        return [StrongWord(words[i], float(shares[i])) for i in order]
