"""How many words of a text the model does not know.

Counting needs the tokens, so only a sample of the texts is looked at. Knows a model's tokeniser
and vocabulary, and nothing of labels.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from emoconv.compiling import is_kept
from emoconv.text import Encoded, Encoder, get_tokenizer
from emoconv.text.compiled import KERNELS, CompiledEncoder
from emoconv.text.vocabulary import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa
    from numpy.typing import NDArray

    from emoconv.bundle import Bundle
    from emoconv.text import Vocabulary

__all__ = ["LATER_SAMPLE", "SAMPLE", "WordCounter", "WordCounts"]

SAMPLE = 6_000
"""So many texts are looked at, or up to twice as many; all of a column that has no more.

A change of five points in the share of texts without an unknown word shows in 5,100
(`emoconv.monitoring.drift`).
"""

LATER_SAMPLE = 1_500
"""The same for a batch that others came before, whose texts are there for a better estimate only:
one of 20 is looked at, which costs a fiftieth of what scoring them all does."""


class WordCounts(NamedTuple):
    """The words of S sampled texts; missing texts and those without words are left out.

    Attributes:
        words: int64 (S,), at least 1: tokens, so marks and emoji too, in the whole of the text.
        unknown: int64 (S,), of them: the vocabulary has neither them nor a stand-in for them.
    """

    words: NDArray[np.int64]
    unknown: NDArray[np.int64]


class WordCounter:
    """Counts the words of texts, and those that a model does not know.

    Uses the compiled tokeniser where its machine code is on the disk, else the plain one; the
    counts are the same. Safe to use from several threads.

    Args:
        bundle: The model.

    Example:
        >>> import pyarrow as pa
        >>> from emoconv import EmotionDetector
        >>> counter = WordCounter(EmotionDetector.load().bundle)
        >>> counter.count(pa.array(["so happy to be at zzyzx", None]))
        WordCounts(words=array([6]), unknown=array([1]))
    """

    def __init__(self, bundle: Bundle) -> None:
        self._vocabulary = bundle.vocabulary
        self._tokenizer = bundle.config.text.tokenizer

    def count(self, texts: pa.Array | pa.ChunkedArray, *, sample: int = SAMPLE) -> WordCounts:
        """Return the counts of some texts, evenly spread over the column.

        Args:
            texts: N of Arrow type string or large_string.
            sample: How many are looked at, at least.
        """
        step = max(1, len(texts) // sample)
        words, unknown = self._count(texts.take(np.arange(0, len(texts), step)).drop_null())
        some = words > 0
        return WordCounts(words[some], unknown[some])

    @functools.cached_property
    def _count(self) -> Callable[[pa.Array | pa.ChunkedArray], WordCounts]:
        """What counts the words of each text, chosen when first asked for."""
        if self._tokenizer == "plain":  # its encoders leave unknown words out
            return functools.partial(_count_plain, vocabulary=self._vocabulary)
        unknown = self._vocabulary.id_of(UNKNOWN)
        encode = _compiled_encode(self._vocabulary) or _reference_encode(self._vocabulary)
        return lambda texts: _count_encoded(encode(texts), unknown)


def _compiled_encode(vocabulary: Vocabulary) -> Callable[[pa.Array], Encoded] | None:
    """Return the compiled encoder if there is no need to compile it first."""
    try:
        if not all(map(is_kept, KERNELS)):
            return None
        encoder = CompiledEncoder(vocabulary, tokenizer="rich")
    except ImportError:
        return None
    return lambda texts: encoder.encode_arrow(
        texts.combine_chunks() if hasattr(texts, "chunks") else texts
    )


def _reference_encode(vocabulary: Vocabulary) -> Callable[[pa.Array], Encoded]:
    encoder = Encoder(vocabulary, tokenizer="rich")
    return lambda texts: encoder.encode_batch(texts.to_pylist())


def _count_encoded(encoded: Encoded, unknown: int) -> WordCounts:
    before = np.concatenate([[0], np.cumsum(encoded.ids == unknown)]).astype(np.int64)
    return WordCounts(np.diff(encoded.offsets), np.diff(before[encoded.offsets]))


def _count_plain(texts: pa.Array | pa.ChunkedArray, vocabulary: Vocabulary) -> WordCounts:
    tokenize = get_tokenizer("plain")
    found = [[token.text in vocabulary for token in tokenize(text)] for text in texts.to_pylist()]
    words = np.array([len(known) for known in found], dtype=np.int64)
    return WordCounts(words, words - np.array([sum(known) for known in found], dtype=np.int64))
