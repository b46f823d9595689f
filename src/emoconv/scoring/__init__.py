"""Files and streams of texts in, the same with what was found in them out."""

from emoconv.scoring.stream import score

__all__ = ["score"]
