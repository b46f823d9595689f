"""The search for a better recipe: what is searched, the study, and what came of it.

What is imported here needs nothing but the base install. `emoconv.tuning.running` runs a search
and needs the extra ``tune``. The test part of a data set is never read.
"""

from emoconv.tuning.parameters import Choices, Range
from emoconv.tuning.records import TrialRecord
from emoconv.tuning.space import Space, default_space_text, read_space

__all__ = ["Choices", "Range", "Space", "TrialRecord", "default_space_text", "read_space"]
