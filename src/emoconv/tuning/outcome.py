"""What a search came to: its summary, its verdict and its files.

Needs neither torch nor Optuna.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from emoconv.config import to_dict
from emoconv.tuning.measuring import FOLDS, OBJECTIVES
from emoconv.tuning.records import best_trials, tally
from emoconv.tuning.settings import setting
from emoconv.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from emoconv.config import Config
    from emoconv.metrics import Difference
    from emoconv.tuning.finals import Finals
    from emoconv.tuning.measuring import Objective
    from emoconv.tuning.records import TrialRecord
    from emoconv.tuning.space import Space

__all__ = [
    "PAGE_FILE",
    "RECIPE_FILE",
    "SUMMARY_FILE",
    "Outcome",
    "objective_name",
    "recipe_text",
    "write_outcome",
]

RECIPE_FILE = "recipe.json"
SUMMARY_FILE = "study.json"
PAGE_FILE = "report.html"


def objective_name(objective: Objective) -> str:
    """Return an objective for people.

    Example:
        >>> objective_name("macro_f1")
        'macro F1'
    """
    return objective.replace("_f1", " F1")


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcome:
    """What a search came to.

    Args:
        study: Its name.
        storage: Where it is kept, without a password.
        recipe: What the recipe to begin from is called.
        start: That recipe.
        space: What was searched.
        objective: What was to rise.
        pruning: Whether hopeless trials were ended.
        data: What was learnt from, chosen by and compared on: rows and SHA-256 of each.
        vectors: Names of the files of word vectors.
        trials: All of them.
        importances: Of the settings, the largest first; None where too little is known.
        finals: The comparison at the end; None where there was none.
    """

    study: str
    storage: str
    recipe: str
    start: Config
    space: Space
    objective: Objective
    pruning: bool
    data: Mapping[str, Mapping[str, object]]
    vectors: Sequence[str]
    trials: Sequence[TrialRecord]
    importances: Mapping[str, float] | None = None
    finals: Finals | None = None

    def with_finals(self, finals: Finals) -> Outcome:
        """Return the same with a comparison at the end."""
        return dataclasses.replace(self, finals=finals)

    @property
    def best(self) -> TrialRecord:
        """The trial that won the finals, or else the one with the highest value."""
        if self.finals is None:
            return best_trials(self.trials, 1)[0]
        number = self.finals.winner.trial
        return next(trial for trial in self.trials if trial.number == number)

    @property
    def first(self) -> TrialRecord | None:
        """The trial of the recipe that the search began from, if it is complete."""
        complete = (t for t in self.trials if t.is_start and t.standing == "complete")
        return next(complete, None)

    @property
    def config(self) -> Config:
        """The recipe that the search proposes."""
        return self.space.applied(self.start, self.best.values)

    def changes(self, trial: TrialRecord) -> dict[str, tuple[object, object]]:
        """Return what a trial changed in the recipe to begin from: the value then and now."""
        return {
            name: (setting(self.start, name), value)
            for name, value in trial.values.items()
            if setting(self.start, name) != value
        }

    @property
    def difference(self) -> Difference | None:
        """How much better the proposed recipe is on what was held out, if that was compared."""
        return None if self.finals is None else self.finals.differences.get(self.objective)

    @property
    def verdict(self) -> str:
        """One sentence: whether the search found a better recipe, and how sure that is."""
        name = objective_name(self.objective)
        if self.finals is None:
            return (
                f"not compared yet: trial {self.best.number} has the highest {name} of "
                f"{tally(self.trials).get('complete', 0)} complete trials, which flatters it"
            )
        if self.finals.winner.is_start:
            return (
                f"no: over {len(self.finals.start.runs)} seeds no recipe of the search has a "
                f"higher {name} than the one it began from, on the texts to choose by"
            )
        found = self.difference
        assert found is not None  # noqa: S101 - there is one where another recipe won
        said = f"{_said(name, found)} on texts that the search had not seen"
        (other,) = (one for one in OBJECTIVES if one != self.objective)
        beside = self.finals.differences[other]
        if not beside.interval.low <= 0 <= beside.interval.high:
            said += f", {_said(objective_name(other), beside)}"
        if found.interval.low > 0:
            return f"yes: trial {self.best.number} beats the recipe it began from, {said}"
        if found.interval.high < 0:
            return f"no: trial {self.best.number} is worse than the recipe it began from, {said}"
        return (
            f"not shown: trial {self.best.number} against the recipe it began from, {said}; a "
            f"difference of {found.visible:.4f} in {name} would have shown, four times in five"
        )

    def summary(self) -> dict[str, Any]:
        """Return what matters, without the trials, as plain values for JSON."""
        best, first = self.best, self.first
        return {
            "verdict": self.verdict,
            "objective": self.objective,
            "best": {
                "trial": best.number,
                "value": best.value,
                "changes": {k: {"from": a, "to": b} for k, (a, b) in self.changes(best).items()},
            },
            "start": {
                "recipe": self.recipe,
                "trial": None if first is None else first.number,
                "value": None if first is None else first.value,
            },
            "tally": tally(self.trials),
            "importances": self.importances,
            "finals": None if self.finals is None else self.finals.to_dict(),
        }

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values for JSON."""
        return {
            "emoconv": __version__,
            "study": self.study,
            "storage": self.storage,
            "seed": self.start.training.seed,
            "pruning": self.pruning,
            "folds": FOLDS,
            "data": dict(self.data),
            "vectors": list(self.vectors),
            **self.summary(),
            "recipe_to_begin_from": to_dict(self.start),
            "recipe": to_dict(self.config),
            "space": self.space.to_list(),
            "trials": [trial.to_dict() for trial in self.trials],
        }


def _said(name: str, found: Difference) -> str:
    interval = found.interval
    return f"{name} {found.estimate:+.4f} ({interval.low:+.4f} to {interval.high:+.4f})"


def write_outcome(outcome: Outcome, folder: Path) -> None:
    """Write the recipe and the summary, each in one move.

    Args:
        outcome: With a complete trial at least.
        folder: Made when missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (
        (RECIPE_FILE, recipe_text(outcome.config)),
        (SUMMARY_FILE, json.dumps(outcome.to_dict(), indent=1, ensure_ascii=False)),
    ):
        unfinished = folder / f"{name}.part"
        unfinished.write_text(f"{text}\n", "utf-8")
        unfinished.replace(folder / name)


def recipe_text(config: Config) -> str:
    """Return a recipe as JSON with a line for each setting."""
    parts = []
    for part, values in cast("dict[str, dict[str, object]]", to_dict(config)).items():
        lines = [f"    {json.dumps(name)}: {json.dumps(value)}" for name, value in values.items()]
        parts.append(f"  {json.dumps(part)}: {{\n" + ",\n".join(lines) + "\n  }")
    return "{\n" + ",\n".join(parts) + "\n}"
