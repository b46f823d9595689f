"""The search itself: one trial, and trials until there are enough."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import optuna
from optuna.exceptions import UpdateFinishedTrialError

from emoconv.errors import EmoconvError
from emoconv.tuning.bench import FAILURES, reason_of
from emoconv.tuning.records import best_trials
from emoconv.tuning.standings import here, record, revive, suggest, try_again

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import Trial

    from emoconv.tuning.bench import Bar, Bench
    from emoconv.tuning.records import TrialRecord

__all__ = ["End", "Limits", "Listener", "search", "trials_of"]

_IN_A_ROW = 5
"""So many failures in a row are no matter of the recipe."""

End = Literal["enough", "timeout", "stopped"]
"""Why a search is over: all trials are done, the time is up, or somebody stopped it."""


class Listener(Protocol):
    """What hears of a search."""

    def message(self, text: str) -> None:
        """Hear one line."""

    def trial(self, found: TrialRecord, best: TrialRecord | None) -> None:
        """Hear of a trial that is over, and of the best so far."""


@dataclass(frozen=True)
class Limits:
    """When a search is over.

    Args:
        trials: So many in the study, those of other processes included.
        timeout_s: No trial is begun after that; None for no limit.
        wait: Whether to wait for what other processes are still at.
        poll_s: How often to look.
    """

    trials: int
    timeout_s: float | None = None
    wait: bool = True
    poll_s: float = 1.0

    def without_waiting(self) -> Limits:
        """Return limits of a process that leaves when nothing is left to begin."""
        return dataclasses.replace(self, wait=False)


def trials_of(study: Study, bench: Bench) -> list[TrialRecord]:
    """Return all trials of a study as records."""
    space = bench.task.space
    return [record(trial, space) for trial in study.get_trials(deepcopy=False)]


def search(study: Study, bench: Bench, *, limits: Limits, listener: Listener, bar: Bar) -> End:
    """Run trials until a limit is reached.

    Raises:
        EmoconvError: The recipe to begin from fails, or everything does.
    """
    trying = _Trying(bench, bar)
    try:
        return _search(study, trying, limits=limits, listener=listener)
    except KeyboardInterrupt:
        trying.give_back(study)
        return "stopped"


def _search(study: Study, trying: _Trying, *, limits: Limits, listener: Listener) -> End:
    deadline = None if limits.timeout_s is None else time.monotonic() + limits.timeout_s
    failures, is_waiting = 0, False
    while True:
        revive(study)
        trials = trials_of(study, trying.bench)
        _check_start(trials)
        running = sum(trial.standing == "running" for trial in trials)
        is_enough = sum(trial.counts for trial in trials) + running >= limits.trials
        if is_enough and (running == 0 or not limits.wait):
            return "enough"
        if deadline is not None and time.monotonic() >= deadline:
            return "timeout"
        if is_enough:
            if not is_waiting:
                listener.message(f"waiting for trials of other processes: {running}")
            is_waiting = True
            time.sleep(limits.poll_s)
            continue
        try:
            study.optimize(trying, n_trials=1, catch=FAILURES)
        except (UpdateFinishedTrialError, ValueError):
            if not trying.was_taken:
                raise
            listener.message("a trial was lost: this process had shown no sign of life too long")
            continue
        found = trying.found(study)
        failures = failures + 1 if found.standing == "failed" else 0
        best = best_trials(trials_of(study, trying.bench), 1)
        listener.trial(found, best[0] if best else None)
        if failures == _IN_A_ROW:
            raise EmoconvError(f"{failures} trials in a row failed; the last: {found.reason}")


def _check_start(trials: list[TrialRecord]) -> None:
    for trial in trials:
        if trial.is_start and trial.standing == "failed":
            raise EmoconvError(
                f"the recipe to begin from fails: {trial.reason}; mend it, or begin from another"
            )


class _Trying:
    """Optuna's objective: trains what a trial suggests, and remembers which trial it was."""

    def __init__(self, bench: Bench, bar: Bar) -> None:
        self.bench, self._bar = bench, bar
        self._number: int | None = None
        self.was_taken = False

    def __call__(self, trial: Trial) -> float:
        """Return the value of the objective at the epoch that the recipe keeps."""
        self._number, self.was_taken = trial.number, False
        rows: list[dict[str, float]] = []
        started = time.perf_counter()
        try:
            trial.set_user_attr("place", here())
            try:
                return self._value(trial, rows)
            except KeyboardInterrupt:
                trial.set_user_attr("stopped", True)
                raise
            except FAILURES as error:
                trial.set_user_attr("reason", reason_of(error, epochs=len(rows)))
                raise
            finally:
                self._bar.close()
                trial.set_user_attr("history", rows)
                trial.set_user_attr("seconds", round(time.perf_counter() - started, 2))
        except UpdateFinishedTrialError:  # another process took this one for gone
            self.was_taken = True
            raise

    def _value(self, trial: Trial, rows: list[dict[str, float]]) -> float:
        """Train what a trial suggests; hand each epoch on, and end where that is hopeless."""
        task = self.bench.task
        space = task.space.parameters
        # What is compared with is trained to its end. Runs of different length are not comparable
        # after the same epoch.
        prunes = "training.epochs" not in space and not trial.user_attrs.get("start")

        def on_epoch(row: dict[str, float]) -> None:
            rows.append(row)
            trial.report(row[task.objective], int(row["epoch"]))
            if prunes and trial.should_prune():
                raise optuna.TrialPruned

        values = {name: suggest(trial, name, parameter) for name, parameter in space.items()}
        config = task.space.applied(task.start, values)
        return self.bench.score(config, on_epoch=on_epoch)[task.objective]

    def found(self, study: Study) -> TrialRecord:
        """Return the last trial's record."""
        assert self._number is not None  # noqa: S101 - a trial was run
        return record(study.trials[self._number], self.bench.task.space)

    def give_back(self, study: Study) -> None:
        """Put the trial that was stopped into the queue again."""
        if self._number is None:
            return
        trial = study.trials[self._number]
        if trial.user_attrs.get("stopped"):
            try_again(study, trial, stopped=True)
