"""Where a study is kept: SQLite in the output folder, or any database that Optuna can use.

Several processes, on one machine or on many, may open the same study at the same time.
"""

from __future__ import annotations

import contextlib
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import optuna
import sqlalchemy.exc
from filelock import FileLock
from optuna.exceptions import DuplicatedStudyError, ExperimentalWarning, StorageInternalError
from optuna.pruners import MedianPruner, NopPruner
from optuna.storages import RDBStorage
from sqlalchemy.engine import make_url

from emoconv.errors import ConfigError, DataError
from emoconv.tuning.sampling import TurnSampler
from emoconv.tuning.standings import enqueue, try_again

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from optuna import Study

    from emoconv.tuning.bench import Task

__all__ = ["WARM_UP", "Heartbeat", "open_study", "public_address", "storage_errors"]

_LOCK_TIMEOUT_S = 120.0
"""So long does a process wait for another that writes to the same SQLite file."""

_READY_TIMEOUT_S = 60.0
"""So long for another process that is just making the study."""

_ATTEMPTS = 5
"""Two processes that make a database's tables at the same time can fail, and then find them."""

WARM_UP = 2
"""No trial is pruned before its second epoch: after the first, what learns fast is ahead."""

_COMPLETE_BEFORE_PRUNING = 5
"""Optuna's own default: so many complete trials have a median worth comparing with."""


@dataclass(frozen=True)
class Heartbeat:
    """How a process shows on other machines that it lives.

    Args:
        interval_s: Between two signs, in whole seconds.
        grace_s: Without one for so long it counts as gone.
    """

    interval_s: int = 20
    grace_s: int = 180


def open_study(
    address: str,
    name: str,
    task: Task,
    *,
    pruning: bool = True,
    heartbeat: Heartbeat | None = None,
) -> Study:
    """Open a study, or make it with the recipe to begin from as its first trial.

    Args:
        address: ``sqlite:///FILE``, ``postgresql+psycopg://HOST/DATABASE`` or the like.
        name: Of the study; a database may hold many.
        task: What is tuned.
        pruning: Whether trials below the median of others at the same epoch are ended. The median
            rule is the one that suits runs of a few epochs: Hyperband (Li et al. 2018,
            https://arxiv.org/abs/1603.06560) needs room between its shortest and longest runs, and
            tens of trials for each of its brackets.
        heartbeat: How processes show that they live.

    Raises:
        ConfigError: The address is none, or a package is missing for it.
        DataError: The storage cannot be opened, or holds a study of that name of another search.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)  # what is to be said, is said elsewhere
    heartbeat = heartbeat or Heartbeat()
    with storage_errors(address), _one_at_a_time(address):
        storage = _storage(address, heartbeat)
        try:
            study = optuna.create_study(storage=storage, study_name=name, direction="maximize")
            is_new = True
        except DuplicatedStudyError:
            study = optuna.load_study(storage=storage, study_name=name)
            is_new = False
        setup = task.fingerprints
        if is_new:
            _begin(study, task, setup)
        else:
            _check(study, task, setup, f"study {name!r} in {public_address(address)}")
    study.sampler = TurnSampler(task.start.training.seed)
    study.pruner = (
        MedianPruner(n_startup_trials=_COMPLETE_BEFORE_PRUNING, n_warmup_steps=WARM_UP)
        if pruning
        else NopPruner()
    )
    return study


def _begin(study: Study, task: Task, setup: Mapping[str, str]) -> None:
    enqueue(study, task.space, task.space.values_of(task.start), start=True)
    study.set_user_attr("setup", dict(setup))  # last: it says that the study is whole


def _check(study: Study, task: Task, setup: Mapping[str, str], what: str) -> None:
    """Wait until the process that makes the study has done so; compare what it is of."""
    deadline = time.monotonic() + _READY_TIMEOUT_S
    while "setup" not in study.user_attrs:
        if time.monotonic() > deadline:  # whoever made it went away before it was whole
            _begin(study, task, setup)
        time.sleep(0.1)
    begun = study.user_attrs["setup"]
    others = [name for name, digest in setup.items() if begun.get(name) != digest]
    if others:
        raise DataError(
            f"the {what} was begun with another {' and another '.join(others)}; give the same "
            "again, or another --study"
        )


@contextlib.contextmanager
def _one_at_a_time(address: str) -> Iterator[None]:
    """Let one process of this machine at a time make a SQLite file and its tables."""
    if not address.startswith("sqlite"):
        yield
        return
    file = make_url(address).database
    if file in (None, "", ":memory:"):
        raise ConfigError("a study in memory would be gone; expected sqlite:///FILE")
    path = Path(str(file))
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(path.name + ".lock")):
        yield


def _storage(address: str, heartbeat: Heartbeat) -> RDBStorage:
    arguments: dict[str, Any] = {}
    if address.startswith("sqlite"):
        arguments["connect_args"] = {"timeout": _LOCK_TIMEOUT_S}
    else:
        arguments["pool_pre_ping"] = True  # a trial takes minutes, in which a server may hang up
    for attempt in range(_ATTEMPTS):
        try:
            with warnings.catch_warnings():  # the heartbeat is an experiment of Optuna's
                warnings.simplefilter("ignore", ExperimentalWarning)
                return RDBStorage(
                    address,
                    engine_kwargs=arguments,
                    heartbeat_interval=heartbeat.interval_s,
                    grace_period=heartbeat.grace_s,
                    heartbeat_stale_trial_callback=try_again,
                )
        except (sqlalchemy.exc.IntegrityError, sqlalchemy.exc.ProgrammingError):
            if attempt == _ATTEMPTS - 1:
                raise
            time.sleep(0.2 * (attempt + 1))
        except RuntimeError as error:  # it was made by another Optuna, whose tables differ
            raise DataError(f"the storage {public_address(address)}: {error}") from None
    raise AssertionError  # pragma: no cover - the last attempt returns or raises


@contextlib.contextmanager
def storage_errors(address: str) -> Iterator[None]:
    """Turn what a database's packages raise into one line.

    Raises:
        ConfigError: The address is none, or a package is missing for it.
        DataError: The database fails.
    """
    expected = "expected sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE"
    try:
        yield
    except sqlalchemy.exc.NoSuchModuleError:
        kind = address.partition(":")[0]
        raise ConfigError(f"no database is known as {kind!r}; {expected}") from None
    except sqlalchemy.exc.ArgumentError:
        raise ConfigError(f"the storage is no address of a database; {expected}") from None
    except ImportError as error:
        raise ConfigError(
            f"storage {public_address(address)} needs a package that is not installed ({error}); "
            "for PostgreSQL: pip install 'psycopg[binary]', and write postgresql+psycopg://"
        ) from None
    except (sqlalchemy.exc.SQLAlchemyError, StorageInternalError) as error:
        raise DataError(
            f"the storage {public_address(address)} fails: {error.__cause__ or error}; "
            "when it works again, the same command goes on"
        ) from None


def public_address(address: str) -> str:
    """Return an address with its password hidden.

    Example:
        >>> public_address("postgresql+psycopg://me:secret@db/tuning")
        'postgresql+psycopg://me:***@db/tuning'
    """
    return make_url(address).render_as_string(hide_password=True)
