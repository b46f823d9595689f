"""What was found over time: lines of emotions, and whether new texts look like the old."""

from emoconv.monitoring.drift import compare_summaries

__all__ = ["compare_summaries"]
