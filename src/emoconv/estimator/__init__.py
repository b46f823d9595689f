"""scikit-learn's face: learn the user's own labels, from where the shipped model ended.

Importing this package imports scikit-learn; without it, it says which extra to install. torch is
imported by ``fit`` alone.
"""

from emoconv.errors import MissingExtraError

try:
    import sklearn  # noqa: F401 - only to say early what is missing
except ModuleNotFoundError:  # pragma: no cover - a test runs this where there is no scikit-learn
    raise MissingExtraError("EmotionClassifier", extra="sklearn") from None

from emoconv.estimator.classifier import EmotionClassifier

__all__ = ["EmotionClassifier"]
