"""What is known of a trial, in plain values, and the tally of many.

Needs no Optuna: pages, files and the command line read these.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Standing", "TrialRecord", "best_trials", "tally"]

Standing = Literal["complete", "pruned", "failed", "lost", "running", "waiting"]
"""What became of a trial. A failed one has a reason and counts; a lost one, whose process went
away or was stopped, is tried again and does not count."""

_COUNTED = ("complete", "pruned", "failed")


@dataclass(frozen=True, kw_only=True)
class TrialRecord:
    """One trial.

    Args:
        number: Its place in the study, from 0.
        standing: What became of it.
        value: Of the objective at the epoch that it kept, or at the last where it was pruned.
        values: Of each searched setting, as JSON has them.
        is_start: Whether it is the recipe that the search began from.
        history: A row for each epoch.
        seconds: How long it took.
        reason: Why it failed.
        place: The machine and the process.
    """

    number: int
    standing: Standing
    value: float | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    is_start: bool = False
    history: Sequence[Mapping[str, float]] = ()
    seconds: float | None = None
    reason: str | None = None
    place: str | None = None

    @property
    def counts(self) -> bool:
        """Whether it is one of the trials that were asked for."""
        return self.standing in _COUNTED

    def to_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return asdict(self)


def best_trials(trials: Sequence[TrialRecord], most: int) -> list[TrialRecord]:
    """Return the best complete trials, the best first, each set of values once.

    Args:
        trials: Of one study.
        most: So many, at most.
    """
    complete = [trial for trial in trials if trial.standing == "complete"]
    found: dict[str, TrialRecord] = {}
    for trial in sorted(complete, key=lambda t: (-(t.value or 0.0), t.number)):
        found.setdefault(str(sorted(trial.values.items())), trial)
    return list(found.values())[:most]


def tally(trials: Sequence[TrialRecord]) -> dict[Standing, int]:
    """Return how many trials there are of each standing that occurs."""
    return dict(Counter(trial.standing for trial in trials))
