"""A whole search: study, trials, finals, files. The command line calls this, and programs may."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from filelock import FileLock, Timeout

from emoconv.errors import ConfigError, EmoconvError, MissingExtraError

try:
    import optuna  # noqa: F401 - only to say early what is missing
except ModuleNotFoundError:  # pragma: no cover - a test runs this in an environment without Optuna
    raise MissingExtraError("tuning", extra="tune") from None

from emoconv.tuning.bench import Bench
from emoconv.tuning.finals import run_finals
from emoconv.tuning.importance import importances
from emoconv.tuning.outcome import PAGE_FILE, SUMMARY_FILE, Outcome, write_outcome
from emoconv.tuning.page import write_page
from emoconv.tuning.records import best_trials
from emoconv.tuning.search import Listener, search, trials_of
from emoconv.tuning.storage import open_study, public_address, storage_errors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from optuna import Study

    from emoconv.data import Dataset
    from emoconv.tuning.bench import Bar, Task
    from emoconv.tuning.finals import FinalRun, Finals
    from emoconv.tuning.records import TrialRecord
    from emoconv.tuning.search import End, Limits
    from emoconv.tuning.storage import Heartbeat

__all__ = ["STUDY_FILE", "Result", "Settings", "Watcher", "tune"]

STUDY_FILE = "study.db"
"""Where a study is kept if nothing else is said: SQLite, in the output folder."""

_LOCK_FILE = "tune.lock"
_FINALS_FOLDER = "finals"


class Watcher(Listener, Protocol):
    """What hears of a search and of its finals."""

    def final(self, trial: TrialRecord, run: FinalRun) -> None:
        """Hear of a training of the finals."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a search is run.

    Args:
        limits: When it is over.
        recipe: What the recipe to begin from is called.
        study: The name of the study.
        address: Of its storage; None for SQLite in the output folder.
        pruning: Whether hopeless trials are ended.
        finalists: How many of the best trials take part in the finals.
        seeds: Trainings of each finalist; 0 for no finals.
        worker: Whether to run trials only, and leave the rest to another process.
        heartbeat: How this process shows others that it lives; None for the default.
    """

    limits: Limits
    recipe: str
    study: str = "emoconv"
    address: str | None = None
    pruning: bool = True
    finalists: int = 3
    seeds: int = 3
    worker: bool = False
    heartbeat: Heartbeat | None = None


@dataclass(frozen=True, eq=False)
class Result:
    """How a search ended.

    Args:
        end: Why.
        outcome: What it came to; None for a worker.
    """

    end: End
    outcome: Outcome | None


def tune(
    task: Task, output: Path | None, *, settings: Settings, watcher: Watcher, bar: Bar
) -> Result:
    """Search for a better recipe; go on where a study of that name was.

    The first process to name an output folder writes what is in it; others that name it while the
    first is at work are workers.

    Args:
        task: What is tuned.
        output: Where the results go; a worker with an address needs none.
        settings: How.
        watcher: Hears of it.
        bar: Shows that a training is at work.

    Raises:
        ConfigError: The settings do not fit each other, or the folder holds something else.
        EmoconvError: The storage fails, the recipe to begin from does, or every trial.
    """
    if output is None and not (settings.worker and settings.address):
        raise ConfigError("only a worker with an address of its storage needs no output folder")
    address = settings.address
    if output is not None:
        _check_folder(output)
        address = address or f"sqlite:///{output / STUDY_FILE}"
    assert address is not None  # noqa: S101 - one of the two is given
    with storage_errors(address):
        storage = public_address(address)
    bench = Bench(task, bar)
    bench.preparation.prepare(task.start)  # a wrong file of vectors is no fault of a trial
    with _is_first(None if settings.worker else output) as first:
        if not (first or settings.worker):
            watcher.message(f"another process writes {output}; this one runs trials for it")
        with storage_errors(address):
            study = open_study(
                address,
                settings.study,
                task,
                pruning=settings.pruning,
                heartbeat=settings.heartbeat,
            )
            limits = settings.limits if first else settings.limits.without_waiting()
            end = search(study, bench, limits=limits, listener=watcher, bar=bar)
            if output is None or not first:
                return Result(end, None)
            outcome = _outcome(study, bench, settings, storage)
        _write(outcome, output)
        if end == "stopped" or settings.seeds == 0:
            return Result(end, outcome)
        if outcome.first is None:
            watcher.message("the recipe to begin from is not complete: nothing is compared")
            return Result(end, outcome)
        try:
            outcome = outcome.with_finals(_finals(bench, outcome, output, settings, watcher))
        except KeyboardInterrupt:
            return Result("stopped", outcome)
        finally:
            bar.close()
        _write(outcome, output)
        return Result(end, outcome)


def _outcome(study: Study, bench: Bench, settings: Settings, storage: str) -> Outcome:
    """Return what the trials came to.

    Raises:
        EmoconvError: None is complete.
    """
    task = bench.task
    trials = trials_of(study, bench)
    if not best_trials(trials, 1):
        raise EmoconvError("no trial is complete yet; the same command goes on with the search")
    return Outcome(
        study=settings.study,
        storage=storage,
        recipe=settings.recipe,
        start=task.start,
        space=task.space,
        objective=task.objective,
        pruning=settings.pruning,
        data={
            "to learn from": _about(task.train),
            "to choose by": _about(bench.choosing),
            "held out": _about(bench.held_out),
        },
        vectors=[str(file).rpartition("/")[2] for file in task.vector_files],
        trials=trials,
        importances=importances(study),
    )


def _finals(
    bench: Bench, outcome: Outcome, output: Path, settings: Settings, watcher: Watcher
) -> Finals:
    return run_finals(
        bench,
        outcome.trials,
        finalists=settings.finalists,
        seeds=settings.seeds,
        folder=output / _FINALS_FOLDER,
        on_run=watcher.final,
        on_failure=lambda trial, reason: watcher.message(
            f"trial {trial.number} leaves the finals: {reason}"
        ),
    )


def _write(outcome: Outcome, output: Path) -> None:
    write_outcome(outcome, output)
    write_page(outcome, output)


@contextlib.contextmanager
def _is_first(output: Path | None) -> Iterator[bool]:
    """Say whether this process is to write an output folder, and hold that right."""
    if output is None:
        yield False
        return
    output.mkdir(parents=True, exist_ok=True)
    lock = FileLock(output / _LOCK_FILE, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def _check_folder(output: Path) -> None:
    """Refuse a folder of something else.

    Raises:
        ConfigError: There is a file, or a folder that no search has written to.
    """
    if not output.exists():
        return
    if not output.is_dir():
        raise ConfigError(f"{output} is a file; expected a folder, or none yet")
    names = {path.name for path in output.iterdir()}
    if names and not names & {STUDY_FILE, SUMMARY_FILE, PAGE_FILE, _LOCK_FILE}:
        raise ConfigError(f"{output} holds something else; name a folder of its own for the search")


def _about(dataset: Dataset) -> dict[str, object]:
    return {"rows": len(dataset), "sha256": dataset.fingerprint()}
