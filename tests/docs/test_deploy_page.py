"""What the page on deploying tells Docker, systemd and Kubernetes is what they take."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click import Context

from emoconv.cli import main
from emoconv.cli.serve import serve

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to/deploy.md").read_text("utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
MOST_EXPOSED = 15
"""Of 100, by ``systemd-analyze security``; an ordinary service has more than 90."""


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)


@pytest.fixture
def pod():
    (deployment,) = (yaml.safe_load(block) for block in blocks("yaml"))
    return deployment["spec"]["template"]["spec"]


def parsed(words):
    return serve.make_context("serve", list(words), parent=Context(main)).params


def test_every_variable_that_the_pages_name_is_an_option():
    main.get_command(Context(main), "serve")  # names them
    known = {option.envvar for option in serve.params}
    texts = [PAGE, DOCKERFILE, (ROOT / "docs/how-to/serve.md").read_text("utf-8")]
    named = {name for text in texts for name in re.findall(r"\bEMOCONV_SERVE_[A-Z_]+\b", text)}
    assert len(named) > 8
    assert named <= known


def test_the_figures_are_those_of_the_results():
    script = ROOT / "dev/container_tables.py"
    done = subprocess.run([sys.executable, str(script), "--check"], check=False)
    assert 0 == done.returncode, "run: python dev/container_tables.py"


def test_the_base_image_is_the_dockerfiles():
    (base,) = re.findall(r"^FROM (python:\S+)", DOCKERFILE, re.MULTILINE)
    assert {base} == {name.rstrip("`,") for name in re.findall(r"python:3[^\s@]+", PAGE)}


def test_what_docker_is_told_is_what_the_image_has():
    runs = [line for block in blocks("text") for line in block.replace("\\\n", "").splitlines()]
    commands = [shlex.split(line) for line in runs if line.startswith("docker run")]
    assert 3 == len(commands)
    assert ["emoconv", "detect", "Thank you so much!"] == commands[-1][-3:]
    for words in commands[:-1]:
        assert "127.0.0.1:8000:8000" == words[words.index("--publish") + 1]
    assert "mkdir /cache" in DOCKERFILE


def test_the_pod_is_run_as_the_image_is_made_to_be(pod):
    (container,) = pod["containers"]
    options = parsed(container["args"][1:])
    (user,) = re.findall(r"^USER (\d+):\1$", DOCKERFILE, re.MULTILINE)
    (port,) = re.findall(r"^EXPOSE (\d+)$", DOCKERFILE, re.MULTILINE)

    assert ("serve", 1) == (container["args"][0], options["threads"])
    assert {int(user)} == {
        pod["securityContext"][name] for name in ("runAsUser", "runAsGroup", "fsGroup")
    }
    assert int(port) == container["ports"][0]["containerPort"]
    assert ["/cache"] == [mount["mountPath"] for mount in container["volumeMounts"]]
    waits = container["lifecycle"]["preStop"]["sleep"]["seconds"] + options["stop_timeout"]
    assert waits < pod["terminationGracePeriodSeconds"]
    probes = {
        name: container[f"{name}Probe"]["httpGet"] for name in ("startup", "readiness", "liveness")
    }
    assert {"http"} == {probe["port"] for probe in probes.values()}
    assert ["/health/ready", "/health/ready", "/health/live"] == [
        probe["path"] for probe in probes.values()
    ]


def test_the_unit_leaves_time_to_stop_and_lets_the_engine_load_its_code():
    (unit,) = blocks("ini")
    settings = dict(line.split("=", 1) for line in unit.splitlines() if re.match(r"\w+=", line))
    assert parsed([])["stop_timeout"] < int(settings["TimeoutStopSec"])
    assert parsed([])["connections"] < int(settings["LimitNOFILE"])
    assert "MemoryDenyWriteExecute" not in settings
    assert "EPERM" == settings["SystemCallErrorNumber"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_takes_the_unit_and_finds_it_closed(tmp_path):
    (unit,) = blocks("ini")
    program = tmp_path / "emoconv"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    path = tmp_path / "emoconv.service"
    path.write_text(unit.replace("/opt/emoconv/bin/emoconv", str(program)), encoding="utf-8")

    def analyse(*words):
        return subprocess.run(
            ["systemd-analyze", *words, str(path)],  # noqa: S607 - whichever is there
            env={**os.environ, "SYSTEMD_PAGER": "cat"},
            capture_output=True,
            text=True,
            check=False,
        )

    verified = analyse("verify", "--man=no")
    assert (0, "") == (verified.returncode, verified.stderr)
    judged = analyse("security", "--offline=true", f"--threshold={MOST_EXPOSED}")
    assert 0 == judged.returncode, judged.stdout
