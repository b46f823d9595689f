"""The workflow that has Docker build the image and asks it once: its script, run.

There is no Docker here, so something stands in for it (``dockers``). That the real one can build
the image and run it is for the workflow to find out.
"""

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import dockers

ROOT = Path(__file__).parents[2]
JOB = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))["jobs"]["image"]
BUILD, ASK = (step["run"] for step in JOB["steps"] if "run" in step)
PAGE = (ROOT / "docs/how-to/deploy.md").read_text("utf-8").replace("\\\n", "")


@pytest.fixture
def ask(tmp_path):
    """Run the script as the workflow does; give what came of it."""

    def run(script=ASK, **env):
        docker = tmp_path / "docker"
        docker.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{dockers.__file__}" "$@"\n')
        docker.chmod(0o755)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        path = f"{tmp_path}:{os.environ['PATH']}"
        return subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script.replace("8000", str(port))],  # noqa: S607 - GitHub's line
            cwd=tmp_path,
            env={**os.environ, **env, "PATH": path, "DOCKERS": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    yield run
    pid = tmp_path / "pid"
    if pid.exists() and not (tmp_path / "status").exists():
        os.kill(int(pid.read_text()), signal.SIGKILL)


def options(words):
    """The options of ``docker run`` that say what a container may, each with its value."""
    line = " ".join(words)
    return set(re.findall(r"--(?:read-only|(?:cap-drop|security-opt|memory|publish) \S+)", line))


needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


@needs_curl
def test_the_image_is_started_asked_and_stopped(ask):
    done = ask()
    assert (0, "") == (done.returncode, done.stderr)
    assert '"label":"gratitude"' in done.stdout


@needs_curl
@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"EMOCONV_SERVE_API_KEY": "sesame"}, "The requested URL returned error: 401"),
        ({"EMOCONV_SERVE_MIN_CONFIDENCE": "1"}, ""),  # nobody is so sure
    ],
)
def test_an_answer_without_the_label_fails_and_shows_the_log(ask, env, said):
    done = ask(**env)
    assert 0 != done.returncode
    assert said in done.stderr
    assert '"event": "listening"' in done.stdout


@needs_curl
def test_a_container_that_does_not_start_fails(ask):
    done = ask(ASK.replace("timeout 60", "timeout 2"), EMOCONV_SERVE_MODEL="no-such-model")
    assert 0 != done.returncode
    assert "emoconv: error: no-such-model: no such" in done.stdout


def test_it_is_built_and_run_as_the_page_says():
    build, run = (
        shlex.split(re.search(rf"^docker {verb} .*$", PAGE, re.MULTILINE)[0])
        for verb in ("build", "run")
    )
    assert [*build[:5], "REVISION=$GITHUB_SHA", "."] == shlex.split(BUILD)
    (line,) = re.findall(r"^docker run .*$", ASK.replace("\\\n", ""), re.MULTILINE)
    assert options(run) == options(shlex.split(line))
    assert 5 == len(options(run))
