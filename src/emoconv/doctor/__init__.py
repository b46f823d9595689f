"""The data doctor: what is wrong with a labelled data set, and a copy without it.

Repeated texts and contradictions, rows known from other data, and likely wrong labels. It looks
and says; what it takes out, it takes out of a copy, because it was asked to.
"""

from emoconv.doctor.cleaning import CONFLICTS, Conflicts, Removal, removals
from emoconv.doctor.copying import line_numbers, write_rows
from emoconv.doctor.examination import Examination, examine
from emoconv.doctor.folds import cross_validated, draw_folds
from emoconv.doctor.probabilities import read_probabilities, write_probabilities
from emoconv.doctor.repeats import MATCHES, Match, Repeats, find_repeats
from emoconv.doctor.suspects import Suspect, find_suspects, write_suspects

__all__ = [
    "CONFLICTS",
    "MATCHES",
    "Conflicts",
    "Examination",
    "Match",
    "Removal",
    "Repeats",
    "Suspect",
    "cross_validated",
    "draw_folds",
    "examine",
    "find_repeats",
    "find_suspects",
    "line_numbers",
    "read_probabilities",
    "removals",
    "write_probabilities",
    "write_rows",
    "write_suspects",
]
