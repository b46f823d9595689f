"""The embedding matrix of a vocabulary: pre-trained vectors where there are, random elsewhere."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from emoconv.embeddings.coverage import measure_coverage
from emoconv.embeddings.spelling import spellings, without_selectors
from emoconv.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from emoconv.embeddings.coverage import Coverage
    from emoconv.embeddings.vectors import Vectors

__all__ = ["embedding_matrix"]


def embedding_matrix(
    vocabulary_words: Sequence[str],
    vectors: Vectors,
    *,
    counts: NDArray[np.int64],
    rng: np.random.Generator,
    candidates: Callable[[str], Iterable[str]] = spellings,
) -> tuple[NDArray[np.float32], Coverage]:
    """Make the embedding matrix of a vocabulary.

    A word that the vectors lack is drawn from U[-a, a], with a chosen so that its numbers have
    the variance of those that were found: a = sqrt(3) * standard deviation. Source: Kim 2014,
    "Convolutional Neural Networks for Sentence Classification", section 4.3,
    https://arxiv.org/abs/1408.5882.

    Args:
        vocabulary_words: V words, the padding first.
        vectors: Width D.
        counts: int64 (V,), how often each word occurs in the training texts; for the coverage.
        rng: Draws the missing rows, in the order of the vocabulary.
        candidates: A word to the spellings to look it up by; the first that is there is taken.
            A word of the vectors is also found by its spelling without variation selectors.

    Returns:
        float32 (V, D), row 0 (the padding) all zeros; and how much was found.

    Raises:
        DataError: None of the words has a vector, or ``counts`` is not of shape (V,).
    """
    V, D = len(vocabulary_words), vectors.width
    if counts.shape != (V,):
        raise DataError(f"expected counts of shape ({V},), got {counts.shape}")
    rows = _find(vocabulary_words, vectors.words, candidates)
    found = rows >= 0
    if not found.any():
        raise DataError(
            f"none of the {V:,} words of the vocabulary is among the {len(vectors):,} word vectors:"
            " are they of another language, or was another set of words read?"
        )
    matrix = np.zeros((V, D), dtype=np.float32)
    matrix[found] = known = vectors.matrix[rows[found]]
    a = math.sqrt(3) * _standard_deviation(known)
    missing = np.flatnonzero(~found)[1:]  # the padding stays zero
    matrix[missing] = rng.uniform(-a, a, (len(missing), D))
    return matrix, measure_coverage(vocabulary_words, counts=counts, found=found)


def _standard_deviation(matrix: NDArray[np.float32]) -> float:
    """Return it over all numbers, summed as float64 with no copy of the matrix."""
    mean_square = float(np.einsum("vd,vd->", matrix, matrix, dtype=np.float64)) / matrix.size
    mean = float(matrix.mean(dtype=np.float64))
    return math.sqrt(max(mean_square - mean**2, 0.0))  # below 0 by rounding when all are equal


def _find(
    vocabulary_words: Sequence[str],
    words: Sequence[str],
    candidates: Callable[[str], Iterable[str]],
) -> NDArray[np.intp]:
    """Return intp (V,): the row of each vocabulary word's vector, -1 for none and for padding."""
    row_of = {word: row for row, word in enumerate(words)}
    for row, word in enumerate(words):
        row_of.setdefault(without_selectors(word), row)
    rows = np.full(len(vocabulary_words), -1, dtype=np.intp)
    for v, vocabulary_word in enumerate(vocabulary_words[1:], start=1):
        rows[v] = next((row_of[c] for c in candidates(vocabulary_word) if c in row_of), -1)
    return rows
