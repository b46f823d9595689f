"""Explanations: what each phrase of a text gives to each label, and what a model knows.

Knows a bundle and its reference engine, and nothing of files or of who asks.
"""

from emoconv.explanation.phrases import Explainer, Explanation, Phrase

__all__ = ["Explainer", "Explanation", "Phrase"]
