"""Pre-trained word vectors: their files, and the matrix of a vocabulary made from them.

From files to a matrix::

    wanted = all_spellings(vocabulary_words)
    vectors = combine([read_vectors(path, wanted) for path in paths])
    matrix, coverage = embedding_matrix(vocabulary_words, vectors, counts=counts, rng=rng)
    print(coverage.summary())

Knows vocabularies as sequences of words, and nothing of texts, tokenisers or models.
"""

from emoconv.embeddings.coverage import Coverage, CoverageDict
from emoconv.embeddings.matrix import embedding_matrix
from emoconv.embeddings.reader import Format, read_vectors
from emoconv.embeddings.spelling import all_spellings, spellings
from emoconv.embeddings.vectors import Vectors, combine

__all__ = [
    "Coverage",
    "CoverageDict",
    "Format",
    "Vectors",
    "all_spellings",
    "combine",
    "embedding_matrix",
    "read_vectors",
    "spellings",
]
