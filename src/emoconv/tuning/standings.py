"""What became of Optuna's trials: read as records, told from each other, tried again when lost."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import optuna
from optuna.exceptions import ExperimentalWarning, UpdateFinishedTrialError
from optuna.trial import TrialState

from emoconv.tuning.parameters import Choices
from emoconv.tuning.records import TrialRecord

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial, Trial

    from emoconv.tuning.parameters import Parameter
    from emoconv.tuning.records import Standing
    from emoconv.tuning.space import Space

__all__ = ["RETRIES", "counts", "enqueue", "here", "record", "revive", "suggest", "try_again"]

RETRIES = 2
"""So often is a trial tried again whose process went away. A third time it is not bad luck: the
system kills a process that takes too much memory."""

_NAMELESS = dt.timedelta(minutes=5)
"""So old is a trial at most whose process is about to say where it is."""

_STATES: dict[TrialState, Standing] = {
    TrialState.COMPLETE: "complete",
    TrialState.PRUNED: "pruned",
    TrialState.RUNNING: "running",
    TrialState.WAITING: "waiting",
}


def suggest(trial: Trial, name: str, parameter: Parameter) -> object:
    """Return the value of a setting that a trial is to try, as JSON has it."""
    if isinstance(parameter, Choices):
        texts = [_as_choice(value) for value in parameter.values]
        return parameter.values[texts.index(trial.suggest_categorical(name, texts))]
    log = parameter.scale == "log"
    if isinstance(parameter.low, int):
        step = 1 if parameter.step is None else int(parameter.step)
        return trial.suggest_int(name, int(parameter.low), int(parameter.high), step=step, log=log)
    return trial.suggest_float(name, parameter.low, parameter.high, step=parameter.step, log=log)


def _as_choice(value: object) -> str:
    """Return a value as Optuna keeps it: lists are none of its types."""
    return json.dumps(value)


def enqueue(study: Study, space: Space, values: dict[str, object], **about: object) -> None:
    """Put a trial of given values into a study's queue.

    Args:
        study: Where to.
        space: What the values are of.
        values: Of each setting, as JSON has them.
        about: What is kept beside them.
    """
    queued = {
        name: _as_choice(value) if isinstance(space.parameters[name], Choices) else value
        for name, value in values.items()
    }
    study.enqueue_trial(queued, user_attrs={**about, "queued": queued})


def record(trial: FrozenTrial, space: Space) -> TrialRecord:
    """Return what is known of a trial."""
    about = trial.user_attrs
    values = {
        name: json.loads(value) if isinstance(space.parameters.get(name), Choices) else value
        for name, value in trial.params.items()
    }
    standing = _standing(trial)
    return TrialRecord(
        number=trial.number,
        standing=standing,
        value=trial.value if trial.state.is_finished() else None,
        values={name: values[name] for name in space.parameters if name in values},
        is_start=bool(about.get("start")),
        history=tuple(about.get("history", ())),
        seconds=about.get("seconds"),
        reason=_reason(trial) if standing == "failed" else None,
        place=about.get("place"),
    )


def counts(trial: FrozenTrial) -> bool:
    """Tell whether a trial is one of those asked for: over, or under way, and not lost."""
    return _standing(trial) not in ("lost", "waiting")


def _standing(trial: FrozenTrial) -> Standing:
    if trial.state != TrialState.FAIL:
        return _STATES[trial.state]
    return "lost" if _reason(trial) is None else "failed"


def _reason(trial: FrozenTrial) -> str | None:
    given = trial.user_attrs.get("reason")
    if given is None and _retries(trial) >= RETRIES and not trial.user_attrs.get("stopped"):
        return f"its process went away, {RETRIES + 1} times; too little memory, perhaps"
    return None if given is None else str(given)


def _retries(trial: FrozenTrial) -> int:
    return int(trial.user_attrs.get("retries", 0))


def try_again(study: Study, trial: FrozenTrial, *, stopped: bool = False) -> None:
    """Put a lost trial into the queue again, unless it was lost too often.

    Args:
        study: The trial's.
        trial: As it was when it was lost.
        stopped: Whether somebody stopped it, which does not count.
    """
    retries = _retries(trial) + (not stopped)
    if retries > RETRIES:
        return
    queued: dict[str, Any] = {**trial.user_attrs.get("queued", {}), **trial.params}
    about = {"queued": queued, "retries": retries}
    if trial.user_attrs.get("start"):
        about["start"] = True
    study.enqueue_trial(queued, user_attrs=about)


def revive(study: Study) -> None:
    """Find running trials whose process is gone, and put them into the queue again.

    On this machine a process is looked for; others have to give a sign of life now and then.
    """
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        if _is_gone(trial):
            try:
                study.tell(trial.number, state=TrialState.FAIL)
            except (ValueError, UpdateFinishedTrialError):  # another process was faster
                continue
            try_again(study, trial)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        optuna.storages.fail_stale_trials(study)


def here() -> str:
    """Return a name of this process that none elsewhere has."""
    return f"{_machine()} {os.getpid()}"


def _machine() -> str:
    """Return the host's name, and on Linux that of the world in which process numbers count."""
    try:
        return f"{platform.node()} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return platform.node()


def _is_gone(trial: FrozenTrial) -> bool:
    """Tell whether a trial's process was on this machine and is no more."""
    place = trial.user_attrs.get("place")
    if place is None:  # it ended before it could say where it was, or says so in this moment
        begun = trial.datetime_start
        return begun is not None and dt.datetime.now() - begun > _NAMELESS  # noqa: DTZ005 - as Optuna
    machine, _, number = str(place).rpartition(" ")
    if machine != _machine() or sys.platform == "win32":  # there, asking would end the process
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # it is another user's
        pass
    return False
