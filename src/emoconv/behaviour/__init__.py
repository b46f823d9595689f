"""What a model does with texts that each ask for one thing: negation, emoji, names of groups.

A test suite in the manner of CheckList (Ribeiro et al. 2020, "Beyond Accuracy: Behavioral Testing
of NLP Models with CheckList", https://aclanthology.org/2020.acl-main.442). Its cases are data,
``cases.json``, written for this package before any model was asked.
"""

from emoconv.behaviour.cases import RULES, Case, Family, Rule, load_families
from emoconv.behaviour.results import FamilyResult, Outcome, Results, TermResult
from emoconv.behaviour.running import Model, run

__all__ = [
    "RULES",
    "Case",
    "Family",
    "FamilyResult",
    "Model",
    "Outcome",
    "Results",
    "Rule",
    "TermResult",
    "load_families",
    "run",
]
