"""How far a converted model's probabilities are from those that Keras gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from emoconv.engine import ReferenceEngine
from emoconv.errors import BundleError
from emoconv.migration.forward import keras_probabilities, pad_sequences
from emoconv.text import SPECIALS, Encoded

if TYPE_CHECKING:
    from emoconv.bundle import Bundle
    from emoconv.migration.forward import KerasInput
    from emoconv.migration.layout import Network
    from emoconv.migration.words import WordIndex

__all__ = ["TOLERANCE", "Distances", "compare"]

TOLERANCE = 1e-4
"""How far a probability of a text that is short enough may be from Keras': float32 rounds."""

_TEXTS_PER_LENGTH = 8
_TOO_LONG_BY = 8  # words


class Distances(NamedTuple):
    """Largest distances of a probability, on texts of words drawn from the index.

    Attributes:
        alike: In texts of few enough words to be treated alike; None where there are none.
        longer: In longer texts.
    """

    alike: float | None
    longer: float


def compare(
    bundle: Bundle, network: Network, words: WordIndex, *, shape: KerasInput, alike_words: int
) -> Distances:
    """Compare a bundle with the network that it was made of.

    Args:
        bundle: The converted model; its words are the index's, in its order, after the specials.
        network: What it was made of.
        words: Same.
        shape: How texts were padded and cut for it.
        alike_words: Texts of at most so many words should get the same.

    Raises:
        BundleError: They do not; which would be a mistake of emoconv.
    """
    rng = np.random.default_rng(0)
    known = np.array(list(words.ids.values()), dtype=np.int64)
    lengths = np.repeat(np.arange(shape.length + _TOO_LONG_BY + 1), _TEXTS_PER_LENGTH)
    drawn = [rng.integers(len(known), size=n) for n in lengths]
    expected = keras_probabilities(
        network, pad_sequences([known[row].tolist() for row in drawn], shape)
    )
    kept = [row[: bundle.config.text.max_tokens] + len(SPECIALS) for row in drawn]
    encoded = Encoded(
        np.concatenate(kept).astype(np.int32),
        np.cumsum([0, *map(len, kept)], dtype=np.int64),
    )
    found = bundle.calibration.apply(ReferenceEngine(bundle).logits(encoded))
    away = np.abs(found - expected).max(axis=1)
    alike = away[lengths <= alike_words]
    largest = float(alike.max()) if len(alike) else None
    if largest is not None and not largest <= TOLERANCE:
        raise BundleError(
            f"the converted model's probabilities are up to {largest:.2g} from Keras', more than "
            f"{TOLERANCE:.2g}: this is a mistake of emoconv, please report it; nothing was written"
        )
    return Distances(largest, float(away[lengths > alike_words].max(initial=0)))
