"""Where a probability becomes a decision: cuts, their sweep, and their choice.

A label is decided where ``probability >= threshold``. Cuts are chosen on validation data, never
on the texts that a figure is reported for. Knows nothing of networks or files.
"""

from emoconv.thresholds.choice import RULES, Rule, choose, choose_per_label, choose_shared
from emoconv.thresholds.cuts import Thresholds
from emoconv.thresholds.sweeps import BLOG_CUTS, FINE_CUTS, SweepRow, sweep

__all__ = [
    "BLOG_CUTS",
    "FINE_CUTS",
    "RULES",
    "Rule",
    "SweepRow",
    "Thresholds",
    "choose",
    "choose_per_label",
    "choose_shared",
    "sweep",
]
