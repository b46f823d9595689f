"""Fine-grained emotion detection in text, many emotions per text, by convolutional networks.

``import emoconv`` loads nothing heavy: the public names arrive when they are first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from emoconv.version import __version__

if TYPE_CHECKING:
    from emoconv.detector import EmotionDetector
    from emoconv.errors import EmoconvError
    from emoconv.estimator import EmotionClassifier as EmotionClassifier
    from emoconv.labels import GOEMOTIONS, LabelSet
    from emoconv.scoring import score

__all__ = ["GOEMOTIONS", "EmoconvError", "EmotionDetector", "LabelSet", "__version__", "score"]

_HOMES = {
    "EmoconvError": "emoconv.errors",
    "EmotionClassifier": "emoconv.estimator",  # an extra: `from emoconv import *` works without
    "EmotionDetector": "emoconv.detector",
    "GOEMOTIONS": "emoconv.labels",
    "LabelSet": "emoconv.labels",
    "score": "emoconv.scoring",
}


def __getattr__(name: str) -> object:
    """Import a public name from its home when it is first asked for (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'emoconv' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*__all__, *_HOMES})
