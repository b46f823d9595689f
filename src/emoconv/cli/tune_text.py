"""What ``emoconv tune`` says: a line for each trial on standard error, and the outcome."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from emoconv.cli.progress import duration
from emoconv.cli.training import Screen
from emoconv.tuning.outcome import PAGE_FILE, RECIPE_FILE, SUMMARY_FILE, objective_name
from emoconv.tuning.parameters import shown

if TYPE_CHECKING:
    from pathlib import Path

    from emoconv.tuning.bench import Task
    from emoconv.tuning.finals import FinalRun
    from emoconv.tuning.outcome import Outcome
    from emoconv.tuning.records import TrialRecord

__all__ = ["TuneScreen", "json_text", "outcome_text"]


class TuneScreen(Screen):
    """Shows trials on standard error: a bar for each epoch, a line for each trial.

    Args:
        task: What is tuned.
    """

    def __init__(self, task: Task) -> None:
        super().__init__(len(task.train))
        self._task = task

    def trial(self, found: TrialRecord, best: TrialRecord | None) -> None:
        """Print a trial that is over, and the best so far."""
        objective = objective_name(self._task.objective)
        said = found.reason if found.standing == "failed" else f"{objective} {found.value:.4f}"
        if found.standing == "pruned":
            said = f"{said} after epoch {len(found.history)}"
        before = self._task.space.values_of(self._task.start)
        changed = [
            f"{name.partition('.')[2]} {shown(value)}"
            for name, value in found.values.items()
            if before[name] != value
        ]
        ahead = "" if best is None else f"; best {best.value:.4f}, trial {best.number}"
        self.message(
            f"trial {found.number} {found.standing}: {said}{ahead}; "
            f"{duration(found.seconds or 0.0)}; {', '.join(changed) or 'the recipe to begin from'}"
        )

    def final(self, trial: TrialRecord, run: FinalRun) -> None:
        """Print a training of the finals; what the held-out half says is for the end."""
        name = objective_name(self._task.objective)
        self.message(f"final: trial {trial.number}, seed {run.seed}: {name} {run.chosen_by:.4f}")


def json_text(outcome: Outcome, output: Path) -> str:
    """Return what matters as JSON."""
    about = {**outcome.summary(), "files": _files(output)}
    return json.dumps(about, indent=2, ensure_ascii=False)


def outcome_text(outcome: Outcome, output: Path) -> str:
    """Return what matters for people, and the files that were written."""
    best, first, name = outcome.best, outcome.first, objective_name(outcome.objective)
    before = "" if first is None else f"; {first.value:.4f} of {outcome.recipe}, to begin from"
    tally = outcome.summary()["tally"]
    rows = [
        ("trials", ", ".join(f"{count} {standing}" for standing, count in tally.items())),
        (name, f"{best.value:.4f} of trial {best.number}{before}"),
        *(
            (key, f"{shown(old)} -> {shown(new)}")
            for key, (old, new) in outcome.changes(best).items()
        ),
    ]
    width = max(len(key) for key, _ in rows)
    lines = [f"{key.ljust(width)}  {value}" for key, value in rows]
    return "\n".join([*lines, "", outcome.verdict, "", *_files(output)])


def _files(output: Path) -> list[str]:
    return [str(output / name) for name in (RECIPE_FILE, SUMMARY_FILE, PAGE_FILE)]
