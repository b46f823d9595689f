"""Inference: ids to logits, from a bundle, without torch."""

from emoconv.engine.reference import ReferenceEngine

__all__ = ["ReferenceEngine"]
