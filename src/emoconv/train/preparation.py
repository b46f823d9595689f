"""What a recipe makes of texts before a network sees them: vocabulary, ids, first word vectors."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from emoconv.embeddings import Vectors, all_spellings, combine, embedding_matrix, read_vectors
from emoconv.embeddings.spelling import without_selectors
from emoconv.errors import ConfigError
from emoconv.text import Corpus, Encoded, Encoder, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from os import PathLike
    from pathlib import Path

    from numpy.typing import NDArray

    from emoconv.config import Config

__all__ = ["Preparation", "Prepared"]

_UNIFORM = 0.05
"""Half-width of the uniform first vectors when no file gives any: Keras' ``Embedding`` default."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """What a recipe made of texts.

    Attributes:
        encoder: Turns other texts into ids of the same vocabulary.
        encoded: The labelled texts and, in distillation, those without labels.
        matrix: float32 (V, D), the first word vectors.
        vectors: What to say of them; nothing where no file gave any.
        weights: Other weights to begin from, under a bundle's names; what is not there begins at
            random (`emoconv.train.continuation`).
    """

    encoder: Encoder
    encoded: tuple[Encoded, ...]
    matrix: NDArray[np.float32]
    vectors: dict[str, object]
    weights: Mapping[str, NDArray[np.floating[Any]]] = field(default_factory=dict)


class Preparation:
    """Prepares the same texts by one recipe or by many.

    Args:
        texts: The labelled texts.
        others: Texts without labels; only distillation has such.
        vector_files: Word vectors to start from; later files fill in words that earlier ones
            lack. None: small random vectors.
        keep: Keep tokens and vectors in memory for the next recipe, as a search of recipes wants
            it. It changes the time and the memory, not the result.
        folder: Where to keep what memory need not hold (`emoconv.text.Corpus`); ``None``: memory.
    """

    def __init__(
        self,
        texts: Iterable[str],
        *,
        others: Iterable[str] | None = None,
        vector_files: Sequence[str | PathLike[str]] = (),
        keep: bool = False,
        folder: Path | None = None,
    ) -> None:
        self._texts = [texts] if others is None else [texts, others]
        self._folder = folder
        self._files = vector_files
        self._keep = keep
        self._corpora: dict[str, list[Corpus]] = {}
        self._vectors: dict[str, list[Vectors]] = {}

    def prepare(self, config: Config) -> Prepared:
        """Return what a recipe makes of the texts; the same each time.

        Raises:
            ConfigError: The vectors' width is not the recipe's.
            DataError: A file of vectors is not as expected, or has none of the words.
        """
        corpora = self._tokenised(config.text.tokenizer)
        vocabulary, counts = _make_vocabulary(corpora, config)
        encoder = Encoder(
            vocabulary, tokenizer=config.text.tokenizer, max_tokens=config.text.max_tokens
        )
        matrix, vectors = self._first_vectors(vocabulary, counts, config)
        limit = config.text.max_tokens
        encoded = tuple(corpus.encode(vocabulary, max_tokens=limit) for corpus in corpora)
        return Prepared(encoder, encoded, matrix, vectors)

    def _tokenised(self, tokenizer: str) -> list[Corpus]:
        corpora = self._corpora.get(tokenizer)
        if corpora is None:
            folders = [self._folder and self._folder / name for name in ("labelled", "others")]
            corpora = [
                Corpus(texts, tokenizer=tokenizer, folder=folder)
                for texts, folder in zip(self._texts, folders, strict=False)
            ]
        if self._keep:
            self._corpora[tokenizer] = corpora
        return corpora

    def _first_vectors(
        self, vocabulary: Vocabulary, counts: NDArray[np.int64], config: Config
    ) -> tuple[NDArray[np.float32], dict[str, object]]:
        """Return the first word vectors, float32 (V, D), and what to say of them."""
        rng = np.random.default_rng(config.training.seed)
        shape = (len(vocabulary), config.model.embedding_width)
        if not self._files:
            matrix = rng.uniform(-_UNIFORM, _UNIFORM, shape).astype(np.float32)
            matrix[0] = 0
            return matrix, {}
        vectors = combine(self._read(vocabulary, config.text.tokenizer))
        if vectors.width != shape[1]:
            raise ConfigError(
                f"{self._files[0]} holds vectors of width {vectors.width}, and the recipe has "
                f"model.embedding_width {shape[1]}; add --set model.embedding_width={vectors.width}"
            )
        matrix, coverage = embedding_matrix(vocabulary.tokens, vectors, counts=counts, rng=rng)
        return matrix, {
            "files": [str(file).rpartition("/")[2] for file in self._files],
            "matrix_sha256": hashlib.sha256(matrix.tobytes()).hexdigest(),
            "coverage": coverage.to_dict(),
            "summary": coverage.summary(),
        }

    def _read(self, vocabulary: Vocabulary, tokenizer: str) -> list[Vectors]:
        """Return what each file has of a vocabulary."""
        wanted = all_spellings(vocabulary.tokens)
        if not self._keep:
            return [read_vectors(file, wanted) for file in self._files]
        if tokenizer not in self._vectors:
            tokens = {t for corpus in self._corpora[tokenizer] for t in corpus.count()}
            known = all_spellings(tokens | set(vocabulary.tokens))
            self._vectors[tokenizer] = [read_vectors(file, known) for file in self._files]
        return [_only(vectors, wanted) for vectors in self._vectors[tokenizer]]


def _only(vectors: Vectors, wanted: set[str]) -> Vectors:
    """Return what `emoconv.embeddings.read_vectors` would have read of the wanted words."""
    rows = [
        row
        for row, word in enumerate(vectors.words)
        if word in wanted or without_selectors(word) in wanted
    ]
    return Vectors(tuple(vectors.words[row] for row in rows), vectors.matrix[rows])


def _make_vocabulary(
    corpora: Iterable[Corpus], config: Config
) -> tuple[Vocabulary, NDArray[np.int64]]:
    """Return the vocabulary, and how often the texts hold each of its words, int64 (V,).

    Args:
        corpora: The labelled texts and, in distillation, those without labels.
        config: The recipe.
    """
    counts: Counter[str] = Counter()
    needed = (config.text.min_count, config.text.unlabelled_min_count)
    words: set[str] = set()
    for corpus, min_count in zip(corpora, needed, strict=False):  # the second may not be there
        found = corpus.count()
        words |= {word for word, count in found.items() if count >= min_count}
        counts += found
    kept = Counter({word: counts[word] for word in words})
    vocabulary = Vocabulary.build(kept, max_words=config.text.max_words)
    return vocabulary, np.array([counts[t] for t in vocabulary.tokens], dtype=np.int64)
