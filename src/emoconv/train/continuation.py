"""Begin where another training ended: its vocabulary, word vectors and filters, other labels.

What the labels were is left behind with the output layer. A word that the texts bring along starts
from the vector of what stood in for it, the unknown word mostly: so the network answers as it did
until the texts teach it otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emoconv.text import SPECIALS, Encoder, Vocabulary
from emoconv.train.preparation import Preparation, Prepared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emoconv.bundle import Bundle
    from emoconv.config import Config

__all__ = ["Continuation"]


class Continuation(Preparation):
    """Prepares texts for a network that begins from a bundle's.

    Args:
        texts: The labelled texts.
        start: The bundle. Recipes must have its model and its tokeniser.
        name: What it is called, for whoever reads the new bundle.
    """

    def __init__(self, texts: Sequence[str], *, start: Bundle, name: str) -> None:
        super().__init__(texts)
        self._start, self._name = start, name

    def prepare(self, config: Config) -> Prepared:
        """Return what a recipe makes of the texts; the same each time.

        The words of the texts come first, the most frequent of them first, as in any vocabulary;
        after them those that only the bundle has, in its order.
        """
        (corpus,) = self._tokenised(config.text.tokenizer)
        counts, old = corpus.count(), self._start.vocabulary
        enough = {word for word, count in counts.items() if count >= config.text.min_count}
        new = sorted(enough - set(old.tokens))
        words = [*old.tokens[len(SPECIALS) :], *new]
        words.sort(key=lambda word: -counts[word])
        vocabulary = Vocabulary([*SPECIALS, *words])
        known = self._start.weights["embedding"].astype(np.float32)
        matrix = known[[old.id_of(word) for word in vocabulary.tokens]]
        limit = config.text.max_tokens
        return Prepared(
            encoder=Encoder(vocabulary, tokenizer=config.text.tokenizer, max_tokens=limit),
            encoded=(corpus.encode(vocabulary, max_tokens=limit),),
            matrix=matrix,
            vectors={
                "files": [self._name],
                "bundle_sha256": self._start.fingerprint(),
                "new_words": len(new),
                "summary": (
                    f"begins from {self._name}: its {len(old):,} words and its filters; "
                    f"{len(new):,} of the {len(enough):,} words of the texts are new"
                ),
            },
            weights={
                key: array
                for key, array in self._start.weights.items()
                if key.partition(".")[0] not in {"embedding", "output"}
            },
        )
