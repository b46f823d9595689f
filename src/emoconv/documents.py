"""A long text by its sentences: what holds in each, in how many, and in the whole.

Knows a detector and where sentences end, and nothing of how either works.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from emoconv.decision import held
from emoconv.text import sentences

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from emoconv.detector import EmotionDetector
    from emoconv.text import Span

__all__ = ["Document", "Share", "assemble", "read_document"]


class Share(NamedTuple):
    """How much of a document a label holds in.

    Attributes:
        label: Its name.
        sentences: In how many it holds, at least 1.
        share: The same as a share of all sentences, of four digits.
        max_probability: Its highest probability in a sentence, of four digits.
    """

    label: str
    sentences: int
    share: float
    max_probability: float


@dataclass(frozen=True, eq=False)
class Document:
    """What was found in a text.

    Attributes:
        spans: Of its S sentences, in characters, in their order.
        probabilities: float32 (S, L), of each sentence on its own.
        whole: float32 (L,), of the text as one: not a mean of the above, the answer of a network
            that keeps the strongest response to a phrase wherever it stands.
        shares: Of the labels that hold in a sentence; those that hold in most first, of those in
            as many the most probable.
    """

    spans: tuple[Span, ...]
    probabilities: NDArray[np.float32]
    whole: NDArray[np.float32]
    shares: tuple[Share, ...]


def read_document(text: str, detector: EmotionDetector) -> Document:
    """Look for emotions in each sentence of a text, and in the whole.

    Args:
        text: Of any length.
        detector: Its thresholds and its least confidence say what holds in a sentence.

    Example:
        >>> from emoconv import EmotionDetector
        >>> found = read_document("Thank you! I am so sorry.", EmotionDetector.load())
        >>> [(share.label, share.sentences) for share in found.shares]
        [('gratitude', 1), ('remorse', 1), ('sadness', 1)]
    """
    spans = tuple(sentences(text))
    found = detector.predict_proba([*(text[start:end] for start, end in spans), text])
    return assemble(spans, found, detector)


def assemble(
    spans: tuple[Span, ...],
    found: NDArray[np.float32],
    detector: EmotionDetector,
    *,
    min_confidence: float | None = None,
) -> Document:
    """Return the document of what was found, elsewhere, in the sentences of a text and in it.

    Args:
        spans: Of its S sentences.
        found: float32 (S + 1, L), of the sentences and then of the text.
        detector: Its labels and thresholds.
        min_confidence: In the place of the detector's.
    """
    if min_confidence is None:
        min_confidence = detector.min_confidence
    probabilities, whole = found[:-1], found[-1]
    holds = held(probabilities, detector.thresholds, min_confidence=min_confidence)
    counts = holds.sum(axis=0)
    highest = probabilities.max(axis=0, initial=0)
    shares = [
        Share(
            label,
            int(counts[i]),
            round(float(counts[i]) / len(spans), 4),
            round(float(highest[i]), 4),
        )
        for i, label in enumerate(detector.labels)
        if counts[i]
    ]
    shares.sort(key=lambda share: (-share.sentences, -share.max_probability))
    return Document(spans, probabilities, whole, tuple(shares))
