"""The public object: texts in, probabilities and labels out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from emoconv.bundle import read_bundle, shipped_bundle
from emoconv.engine import ReferenceEngine
from emoconv.text import Encoder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    import pyarrow as pa
    from numpy.typing import NDArray

    from emoconv.bundle import Bundle

__all__ = ["EmotionDetector"]


class EmotionDetector:
    """Detects emotions in texts; any number of labels may hold for one text.

    Made by `load`, or from a bundle in memory.

    Args:
        bundle: The model.

    Example:
        >>> from emoconv import EmotionDetector
        >>> detector = EmotionDetector.load()
        >>> detector.detect("Thank you so much!")[0][0]
        'gratitude'
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        text = bundle.config.text
        self._encoder = Encoder(
            bundle.vocabulary, tokenizer=text.tokenizer, max_tokens=text.max_tokens
        )
        self._engine = ReferenceEngine(bundle)

    @classmethod
    def load(cls, folder: str | PathLike[str] | None = None) -> EmotionDetector:
        """Load a model.

        Args:
            folder: A bundle that ``emoconv train`` wrote; ``None`` for the one that comes with
                the package.

        Raises:
            BundleError: The folder is no whole bundle.
            BundleVersionError: It was written by a newer emoconv.
        """
        return cls(read_bundle(shipped_bundle() if folder is None else Path(folder)))

    @property
    def labels(self) -> tuple[str, ...]:
        """The L label names, in the order of every array's columns."""
        return self.bundle.labels.names

    @property
    def thresholds(self) -> NDArray[np.float32]:
        """The cut of each label, float32 (L,): a label holds at or above it."""
        return self.bundle.thresholds.values

    def predict_proba(
        self, texts: Sequence[str | None] | pa.Array | pa.ChunkedArray
    ) -> NDArray[np.float32]:
        """Return the probability of each label in each text.

        Args:
            texts: N strings, as any sequence or a pyarrow string array; of any length, empty
                ones too. ``None`` and null stand for a missing text.

        Returns:
            float32 (N, L), calibrated, in [0, 1]; labels are independent, so rows do not sum to
            1. The row of a missing text is NaN.

        Raises:
            TypeError: ``texts`` is a single string, or one of them is not a string.
        """
        strings = _strings(texts)
        encoded = self._encoder.encode_batch("" if text is None else text for text in strings)
        probabilities = self.bundle.calibration.apply(self._engine.logits(encoded))
        probabilities[[text is None for text in strings]] = np.nan
        return probabilities

    def predict(
        self, texts: Sequence[str | None] | pa.Array | pa.ChunkedArray
    ) -> NDArray[np.bool_]:
        """Return which labels hold in each text: bool (N, L), none for a missing text.

        Args and errors are those of `predict_proba`.
        """
        return self.bundle.thresholds.decide(self.predict_proba(texts))

    def detect(self, text: str) -> list[tuple[str, float]]:
        """Return the labels that hold in one text with their probabilities, strongest first.

        Raises:
            TypeError: ``text`` is not a string.
        """
        if not isinstance(text, str):
            raise TypeError(f"detect takes one text, a str; got {type(text).__name__}")
        probabilities = self.predict_proba([text])[0]
        return self.ranked(probabilities, self.thresholds)

    def ranked(
        self, probabilities: NDArray[np.float32], cuts: NDArray[np.float32] | float
    ) -> list[tuple[str, float]]:
        """Return the labels at or above their cuts with their probabilities, strongest first.

        Args:
            probabilities: float32 (L,), a row of `predict_proba`.
            cuts: float32 (L,), or one for all; 0 for every label.
        """
        chosen = np.flatnonzero(probabilities >= cuts)
        order = chosen[np.argsort(-probabilities[chosen], kind="stable")]
        return [(self.labels[i], float(probabilities[i])) for i in order]


def _strings(texts: Sequence[str | None] | pa.Array | pa.ChunkedArray) -> list[str | None]:
    """Return texts as Python strings, or say which one is none."""
    if isinstance(texts, str):
        raise TypeError("expected a sequence of texts, got one str; put it in a list: [text]")
    strings = texts.to_pylist() if hasattr(texts, "to_pylist") else list(texts)
    for place, text in enumerate(strings):
        if not isinstance(text, str) and text is not None:
            raise TypeError(
                f"text {place} is {text!r} ({type(text).__name__}); expected str, or None for a "
                "missing text"
            )
    return strings
