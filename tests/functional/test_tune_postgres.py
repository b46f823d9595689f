"""Several processes search one study in a real PostgreSQL, started here as Debian packages it."""

import getpass
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from trainings import SMALL

SPACE = {
    "search": ["training.learning_rate", "training.feature_dropout"],
    "training": {"epochs": 2, "learning_rate": {"high": 0.05}},
}
ACCOUNT = "postgres"


def programs():
    """The newest folder of PostgreSQL's programs, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    return found[-1].parent if found else None


def run_as_account(command):
    """Run a command as the account that may run a server: root may not."""
    account = [] if os.getuid() else ["runuser", "-u", ACCOUNT, "--"]
    subprocess.run([*account, *map(str, command)], cwd="/", check=True, stdout=subprocess.PIPE)


@pytest.fixture(scope="module")
def server():
    """The address of a database of our own, gone after the tests."""
    bin_folder = programs()
    if bin_folder is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    is_root = os.getuid() == 0
    if is_root and shutil.which("runuser") is None:
        pytest.skip("root may not start PostgreSQL, and there is no runuser")
    user = ACCOUNT if is_root else getpass.getuser()
    with tempfile.TemporaryDirectory(prefix="emoconv-postgres-") as name:
        folder = Path(name)
        if is_root:
            shutil.chown(folder, ACCOUNT)
        data = folder / "data"
        initdb = [bin_folder / "initdb", "-D", data, "-A", "trust", "-U", user, "--no-sync"]
        run_as_account(initdb)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        flags = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        control = [bin_folder / "pg_ctl", "-D", data, "-w", "-s"]
        run_as_account([*control, "-l", folder / "log", "-o", flags, "start"])
        try:
            yield f"postgresql+psycopg://{user}@127.0.0.1:{port}/postgres"
        finally:
            run_as_account([*control, "-m", "immediate", "stop"])


@pytest.fixture
def command(tiny, tmp_path, server):
    (tmp_path / "recipe.json").write_text(json.dumps(SMALL))
    (tmp_path / "space.json").write_text(json.dumps(SPACE))

    def arguments(*more):
        given = [
            *("tune", "--data", tiny, "--recipe", tmp_path / "recipe.json"),
            *("--space", tmp_path / "space.json", "--storage", server, "--threads", "1"),
            *("--finalists", "1", "--seeds", "1", *more),
        ]
        code = "from emoconv.cli import main; main()"
        return [sys.executable, "-c", code, *map(str, given)]

    return arguments


def start(command):
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_two_processes_share_one_study(command, tmp_path):
    names = ("--study", "shared", "--trials", 8)
    writer = start(command("--output", tmp_path / "out", *names, "--json"))
    worker = start(command("--worker", *names))
    (out, said), (nothing, worker_said) = writer.communicate(), worker.communicate()
    assert (0, 0, "") == (writer.returncode, worker.returncode, nothing), said + worker_said

    study = json.loads((tmp_path / "out/study.json").read_text())
    trials = study["trials"]
    assert 8 <= sum(trial["standing"] in ("complete", "pruned") for trial in trials) <= 9
    assert 2 == len({trial["place"] for trial in trials})
    assert trials[0]["is_start"]
    tried = [json.dumps(trial["values"]) for trial in trials]
    assert len(tried) == len(set(tried))  # no two processes try the same
    assert "***" not in study["storage"]
    assert "shared" == study["study"]
    assert json.loads(out)["best"]["value"] == max(
        trial["value"] for trial in trials if trial["standing"] == "complete"
    )
    assert {"recipe.json", "study.json", "report.html"} <= {
        path.name for path in (tmp_path / "out").iterdir()
    }


def test_a_killed_process_is_missed_and_its_trial_done_again(command, tmp_path):
    names = ("--study", "killed", "--trials", 3, "--seeds", 0, "--set", "training.batch_size=1")
    with start(command("--worker", *names)) as worker:
        for line in worker.stderr:
            if line.startswith("trial 0 complete"):
                time.sleep(0.3)  # into the next trial
                worker.send_signal(signal.SIGKILL)
                break
    done = subprocess.run(
        command("--output", tmp_path / "out", *names),
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    trials = json.loads((tmp_path / "out/study.json").read_text())["trials"]
    standings = [trial["standing"] for trial in trials]
    assert (1, 3) == (standings.count("lost"), len(standings) - 1)
    lost = trials[standings.index("lost")]
    assert lost["values"] in [t["values"] for t in trials if t["standing"] != "lost"]


def test_a_server_that_is_not_there_is_one_line(command, tmp_path):
    address = "postgresql+psycopg://me:secret@127.0.0.1:9/none"
    done = subprocess.run(
        command("--output", tmp_path / "out", "--storage", address),
        capture_output=True,
        text=True,
        check=False,
    )
    *_, last = done.stderr.splitlines()
    assert (1, "") == (done.returncode, done.stdout)
    assert last.startswith(
        "emoconv: error: the storage postgresql+psycopg://me:***@127.0.0.1:9/none fails: "
    )
    assert "secret" not in done.stderr
