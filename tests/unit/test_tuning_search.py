"""The search around trainings that take no time: `tests/tunings.py`."""

import datetime as dt
import os
import platform
import sqlite3
import subprocess
import sys
import textwrap
import warnings

import optuna
import pytest
from optuna.trial import TrialState
from sqlalchemy import event
from sqlalchemy.engine import Engine

from emoconv.errors import ConfigError, DataError, EmoconvError
from emoconv.tuning import standings, storage
from emoconv.tuning.importance import importances
from emoconv.tuning.parameters import Range
from emoconv.tuning.records import best_trials, tally
from emoconv.tuning.search import Limits, search, trials_of
from emoconv.tuning.space import Space
from emoconv.tuning.standings import here
from emoconv.tuning.storage import open_study, public_address, storage_errors
from tunings import SPACE, Heard, NoBar, QuickBench, quick_task, value_of


@pytest.fixture(autouse=True)
def _quick_disk():
    """Let SQLite not wait for the disk, which takes most of the time of these tests."""

    def hurry(connection, _record):
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA synchronous = OFF")

    event.listen(Engine, "connect", hurry)
    yield
    event.remove(Engine, "connect", hurry)


@pytest.fixture
def address(tmp_path):
    return f"sqlite:///{tmp_path / 'study.db'}"


def run(address, *, bench=None, trials=5, heard=None, **options):
    """Open the study and search; return why it ended, and the records."""
    bench = bench or QuickBench()
    limits = Limits(trials=trials, poll_s=0.01, **options.pop("limits", {}))
    study = open_study(address, "s", bench.task, **options)
    end = search(study, bench, limits=limits, listener=heard or Heard(), bar=NoBar())
    return end, trials_of(study, bench)


def outcomes(trials):
    return [(trial.standing, trial.value, trial.values) for trial in trials if trial.counts]


def test_the_recipe_to_begin_from_is_the_first_trial(address):
    bench = QuickBench()
    _, trials = run(address, bench=bench, trials=1)
    assert [bench.task.start] == bench.scored
    (first,) = trials
    assert (True, "complete", SPACE.values_of(bench.task.start)) == (
        first.is_start,
        first.standing,
        first.values,
    )
    assert pytest.approx(value_of(bench.task.start)) == first.value


def test_a_search_finds_something_better(address):
    _, trials = run(address, trials=20)
    assert best_trials(trials, 1)[0].value > trials[0].value
    assert {"complete", "pruned"} == set(tally(trials))


def test_the_same_seed_gives_the_same_trials(address, tmp_path):
    again = f"sqlite:///{tmp_path / 'again.db'}"
    assert outcomes(run(address, trials=13)[1]) == outcomes(run(again, trials=13)[1])


def test_a_study_goes_on_to_the_trials_of_one_that_was_not_cut_off(address, tmp_path):
    whole = f"sqlite:///{tmp_path / 'whole.db'}"
    for trials in (3, 11, 13):
        assert trials == len(run(address, trials=trials)[1])
    assert outcomes(run(whole, trials=13)[1]) == outcomes(run(address, trials=13)[1])


def test_ctrl_c_gives_the_trial_back_and_the_search_goes_on_to_the_same(address, tmp_path):
    def stop(_config, epoch):
        if len(bench.scored) == 7 and epoch == 2:
            raise KeyboardInterrupt

    bench = QuickBench(before=stop)
    end, trials = run(address, bench=bench, trials=13)
    assert "stopped" == end
    assert ["lost", "waiting"] == [trial.standing for trial in trials[6:]]

    end, trials = run(address, trials=13)
    assert ("enough", "lost") == (end, trials[6].standing)
    whole = f"sqlite:///{tmp_path / 'whole.db'}"
    assert outcomes(run(whole, trials=13)[1]) == outcomes(trials)


def test_ctrl_c_before_the_first_trial_loses_nothing(address, monkeypatch):
    def interrupt(*_arguments, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(optuna.Study, "optimize", interrupt)
    end, trials = run(address)
    assert ("stopped", {"waiting": 1}) == (end, tally(trials))


def test_ctrl_c_ends_waiting_for_others(address):
    begin_elsewhere(address, "elsewhere 1")

    class Impatient(Heard):
        def message(self, text):
            super().message(text)
            raise KeyboardInterrupt

    assert "stopped" == run(address, trials=1, heard=Impatient())[0]


def test_ctrl_c_between_trials_gives_nothing_back(address):
    class Impatient(Heard):
        def trial(self, found, best):
            super().trial(found, best)
            raise KeyboardInterrupt

    end, trials = run(address, heard=Impatient())
    assert ("stopped", {"complete": 1}) == (end, tally(trials))


def kill_in_a_trial(address, *, number, epoch):
    """Search in a process of its own that kills itself in the middle of a trial."""
    code = f"""
    import os, signal
    from emoconv.tuning.search import Limits, search
    from emoconv.tuning.storage import open_study
    from tunings import Heard, NoBar, QuickBench

    def kill(config, epoch):
        if len(bench.scored) == {number} + 1 and epoch == {epoch}:
            os.kill(os.getpid(), signal.SIGKILL)

    bench = QuickBench(before=kill)
    study = open_study({address!r}, "s", bench.task)
    search(study, bench, limits=Limits(trials=99), listener=Heard(), bar=NoBar())
    """
    path = os.pathsep.join(sys.path)
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, "PYTHONPATH": path},
        check=False,
    )
    assert -9 == done.returncode


def test_a_killed_process_is_missed_at_once_on_its_machine(address, tmp_path):
    kill_in_a_trial(address, number=4, epoch=3)
    end, trials = run(address, trials=12)
    assert ("enough", "lost") == (end, trials[4].standing)
    assert trials[4].values == trials[5].values
    whole = f"sqlite:///{tmp_path / 'whole.db'}"
    assert outcomes(run(whole, trials=12)[1]) == outcomes(trials)


def test_a_trial_that_kills_every_process_is_given_up(address):
    for _ in range(3):
        kill_in_a_trial(address, number=0, epoch=1)
    with pytest.raises(EmoconvError) as caught:
        run(address)
    assert (
        "the recipe to begin from fails: its process went away, 3 times; too little memory, "
        "perhaps; mend it, or begin from another" == str(caught.value)
    )


def ask(address, **options):
    study = open_study(address, "s", quick_task(), **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a heartbeat is for Optuna's own loop
        return study, study.ask()


def begin_elsewhere(address, place, **options):
    """Begin a trial as another machine would, and leave it there."""
    study, trial = ask(address, **options)
    trial.set_user_attr("place", place)
    return study, trial


def test_a_process_elsewhere_is_waited_for(address):
    study, trial = begin_elsewhere(address, "elsewhere 1")

    class Patient(Heard):
        def message(self, text):
            super().message(text)
            study.tell(trial, 0.4)

    heard = Patient()
    end, trials = run(address, trials=1, heard=heard)
    assert ("enough", {"complete": 1}) == (end, tally(trials))
    assert ["waiting for trials of other processes: 1"] == heard.messages


def test_a_worker_does_not_wait(address):
    begin_elsewhere(address, "elsewhere 1")
    end, trials = run(address, trials=1, limits={"wait": False})
    assert ("enough", {"running": 1}) == (end, tally(trials))


def test_waiting_ends_when_the_time_is_up(address):
    begin_elsewhere(address, "elsewhere 1")
    assert "timeout" == run(address, trials=1, limits={"timeout_s": 0.05})[0]


def test_no_trial_is_begun_when_the_time_is_up(address):
    end, trials = run(address, limits={"timeout_s": 0.0})
    assert ("timeout", {"waiting": 1}) == (end, tally(trials))


def test_without_a_sign_of_life_a_process_elsewhere_counts_as_gone(address):
    # Signs of life are of Optuna's own loop, so this one gives a single one.
    study, trial = begin_elsewhere(address, "elsewhere 1")
    study._storage._backend.record_heartbeat(trial._trial_id)
    with sqlite3.connect(address.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE trial_heartbeats SET heartbeat = '2020-01-01 00:00:00'")
    connection.close()
    end, trials = run(address, trials=1)
    assert ("enough", {"lost": 1, "complete": 1}) == (end, tally(trials))
    assert trials[1].is_start


def test_a_trial_whose_process_never_said_where_it_was_counts_as_gone_in_time(address, monkeypatch):
    ask(address)
    assert "timeout" == run(address, trials=1, limits={"timeout_s": 0.05})[0]
    monkeypatch.setattr(standings, "_NAMELESS", dt.timedelta(0))
    assert {"lost": 1, "complete": 1} == tally(run(address, trials=1)[1])


def test_of_two_that_miss_a_process_one_tries_its_trial_again(address, monkeypatch):
    study, trial = begin_elsewhere(address, "nowhere 1")
    monkeypatch.setattr(standings, "_machine", lambda: "nowhere")

    def is_gone(_pid, _signal):  # and another process says so first
        other = open_study(address, "s", quick_task())
        if not other.trials[trial.number].state.is_finished():
            other.tell(trial.number, state=TrialState.FAIL)
            standings.try_again(other, other.trials[trial.number])
        raise ProcessLookupError

    monkeypatch.setattr(standings.os, "kill", is_gone)
    standings.revive(study)
    assert {"lost": 1, "waiting": 1} == tally(trials_of(study, QuickBench()))


def test_a_process_of_another_user_is_no_less_alive(address, monkeypatch):
    study, _ = begin_elsewhere(address, here())

    def refuse(_pid, _signal):
        raise PermissionError

    monkeypatch.setattr(standings.os, "kill", refuse)
    standings.revive(study)
    assert {"running": 1} == tally(trials_of(study, QuickBench()))


def test_a_machine_without_worlds_of_processes_has_its_name(monkeypatch):
    def refuse(_path):
        raise FileNotFoundError

    monkeypatch.setattr(standings.Path, "readlink", refuse)
    assert f"{platform.node()} {os.getpid()}" == here()


def test_what_does_nothing_is_not_what_mattered(address):
    bench = QuickBench()
    study = open_study(address, "s", bench.task, pruning=False)
    limits = [Limits(trials=9), Limits(trials=20)]
    found = []
    for limit in limits:
        search(study, bench, limits=limit, listener=Heard(), bar=NoBar())
        found.append(importances(study))
    assert found[0] is None
    assert "model.kernel_widths" == min(found[1], key=found[1].get)  # it does nothing
    assert pytest.approx(1) == sum(found[1].values())


def test_one_setting_alone_is_not_compared(address):
    space = Space({"training.learning_rate": SPACE.parameters["training.learning_rate"]})
    bench = QuickBench(quick_task(space=space))
    run(address, bench=bench, trials=11, pruning=False)
    assert importances(open_study(address, "s", bench.task)) is None


def test_a_process_that_was_taken_for_gone_goes_on_with_the_next_trial(address):
    def give_up(_config, epoch):
        if len(bench.scored) == 2 and epoch == 2:
            other = open_study(address, "s", bench.task)
            number = other.trials[-1].number
            other.tell(number, state=TrialState.FAIL)
            standings.try_again(other, other.trials[number])

    bench = QuickBench(before=give_up)
    heard = Heard()
    _, trials = run(address, bench=bench, trials=3, heard=heard)
    assert {"complete": 3, "lost": 1} == tally(trials)
    assert ["a trial was lost: this process had shown no sign of life too long"] == heard.messages


def test_a_mistake_of_ours_in_a_trial_is_not_hidden(address):
    def blunder(_config, _epoch):
        raise TypeError("oh")

    with pytest.raises(TypeError, match="oh"):
        run(address, bench=QuickBench(before=blunder))


def test_a_value_error_of_the_study_is_not_hidden(address, monkeypatch):
    def fail(*_arguments, **_options):
        raise ValueError("odd")

    monkeypatch.setattr(optuna.Study, "optimize", fail)
    with pytest.raises(ValueError, match="odd"):
        run(address)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (FloatingPointError("the loss is nan"), "FloatingPointError: the loss is nan"),
        (MemoryError(), "MemoryError"),
        (RuntimeError("can't allocate\n memory"), "RuntimeError: can't allocate memory"),
        (DataError("too few words"), "DataError: too few words"),
    ],
)
def test_a_trial_that_fails_is_recorded_and_the_search_goes_on(address, error, reason):
    def fail(_config, epoch):
        if len(bench.scored) == 3 and epoch == 2:
            raise error

    bench = QuickBench(before=fail)
    heard = Heard()
    end, trials = run(address, bench=bench, heard=heard)
    assert ("enough", {"complete": 4, "failed": 1}) == (end, tally(trials))
    assert (f"after epoch 1: {reason}", 1) == (trials[2].reason, len(trials[2].history))
    assert heard.trials[2] == (trials[2], best_trials(trials[:2], 1)[0])


def test_a_recipe_to_begin_from_that_fails_ends_the_search(address):
    def fail(_config, _epoch):
        raise FloatingPointError("the loss is inf")

    with pytest.raises(EmoconvError) as caught:
        run(address, bench=QuickBench(before=fail))
    assert (
        "the recipe to begin from fails: FloatingPointError: the loss is inf; mend it, or begin "
        "from another" == str(caught.value)
    )


def test_five_failures_in_a_row_end_the_search(address):
    def fail(_config, _epoch):
        if len(bench.scored) > 2:
            raise MemoryError

    bench = QuickBench(before=fail)
    with pytest.raises(EmoconvError, match="5 trials in a row failed; the last: MemoryError"):
        run(address, bench=bench, trials=20)
    assert 7 == len(bench.scored)


def test_pruning_can_be_left_out(address):
    assert {"complete": 15} == tally(run(address, trials=15, pruning=False)[1])


def test_no_trial_is_pruned_before_its_second_epoch(address):
    pruned = [t for t in run(address, trials=20)[1] if t.standing == "pruned"]
    assert {2} <= {len(trial.history) for trial in pruned}
    assert 1 not in {len(trial.history) for trial in pruned}


def test_runs_of_different_length_are_not_pruned(address):
    space = Space({**SPACE.parameters, "training.epochs": Range(low=5, high=20)})
    bench = QuickBench(quick_task(space=space))
    assert {"complete": 15} == tally(run(address, bench=bench, trials=15)[1])


def test_a_record_says_what_was_tried_and_where(address):
    _, trials = run(address, trials=3)
    for trial in trials:
        assert [1, 2, 3, 4] == [row["epoch"] for row in trial.history]
        assert here() == trial.place
        assert trial.seconds >= 0
    assert isinstance(trials[1].values["model.kernel_widths"], list)
    assert trials[1].values["model.filters"] % 64 == 0


def test_another_search_of_the_same_name_is_told_apart(address):
    run(address, trials=1)
    space = Space({"training.learning_rate": SPACE.parameters["training.learning_rate"]})
    with pytest.raises(DataError) as caught:
        open_study(address, "s", quick_task(rows=30, space=space))
    path = address.removeprefix("sqlite:///")
    assert (
        f"the study 's' in sqlite:///{path} was begun with another space and another training "
        "data and another validation data; give the same again, or another --study"
        == str(caught.value)
    )
    assert 1 == len(open_study(address, "another", quick_task(rows=30, space=space)).trials)


def test_a_study_that_another_process_is_making_is_waited_for(address, monkeypatch):
    monkeypatch.setattr(storage, "_READY_TIMEOUT_S", 0.2)
    with monkeypatch.context() as patch:
        patch.setattr(storage, "_begin", lambda *_: None)  # it went away before it was whole
        open_study(address, "s", quick_task())
    study = open_study(address, "s", quick_task())
    assert 1 == len(study.trials)
    assert "setup" in study.user_attrs


@pytest.mark.parametrize(
    ("address", "error", "message"),
    [
        ("nowhere", ConfigError, "the storage is no address of a database; expected sqlite:///FIL"),
        ("foo://x/y", ConfigError, "no database is known as 'foo'; expected sqlite:///FILE or po"),
        ("mysql://me:secret@x/y", ConfigError, "storage mysql://me:***@x/y needs a package that "),
    ],
)
def test_an_address_of_no_database_is_said(address, error, message):
    with pytest.raises(error) as caught:
        open_study(address, "s", quick_task())
    assert message in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_database_that_cannot_be_opened_is_said(tmp_path):
    (tmp_path / "study.db").write_bytes(b"not a database, and long enough to be looked at" * 99)
    with pytest.raises(DataError) as caught:
        open_study(f"sqlite:///{tmp_path / 'study.db'}", "s", quick_task())
    assert "study.db fails: " in str(caught.value)
    assert "file is not a database" in str(caught.value)
    assert str(caught.value).endswith("when it works again, the same command goes on")


def test_tables_of_another_optuna_are_said(address):
    run(address, trials=1)
    with sqlite3.connect(address.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'v0.9.0.a'")
    connection.close()
    with pytest.raises(DataError, match=r"study\.db: The runtime optuna version"):
        run(address)


def test_tables_that_two_processes_make_at_once_are_found_in_the_end(address, monkeypatch):
    made = []

    def make(*arguments, **options):
        made.append(1)
        if len(made) < 3:
            raise storage.sqlalchemy.exc.ProgrammingError("CREATE", {}, Exception("exists"))
        return rdb(*arguments, **options)

    rdb = storage.RDBStorage
    monkeypatch.setattr(storage, "RDBStorage", make)
    monkeypatch.setattr(storage.time, "sleep", lambda _s: None)
    open_study(address, "s", quick_task())
    assert 3 == len(made)
    made[:] = [1] * -9
    monkeypatch.setattr(storage, "_ATTEMPTS", 2)
    with pytest.raises(DataError, match="exists"):
        open_study(address, "t", quick_task())


@pytest.mark.parametrize("address", ["sqlite://", "sqlite:///:memory:"])
def test_a_study_in_memory_is_refused(address):
    with pytest.raises(ConfigError, match="a study in memory would be gone; expected sqlite:///F"):
        open_study(address, "s", quick_task())


def test_a_password_is_hidden():
    address = "postgresql+psycopg://me:secret@db:5432/tuning"
    assert "postgresql+psycopg://me:***@db:5432/tuning" == public_address(address)


def test_what_is_no_error_of_the_storage_passes():
    with pytest.raises(KeyError), storage_errors("sqlite://"):
        raise KeyError


def test_opening_says_no_warning(address):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(address, trials=2)
