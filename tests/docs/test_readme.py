"""The README does what it says."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml

from emoconv.cli import main

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)


def test_the_first_python_block_stands_before_line_30():
    assert README[: README.index("```python")].count("\n") < 30


def test_the_python_block_runs(capsys):
    names = {}
    exec(compile(blocks("python")[0], "README.md", "exec"), names)  # noqa: S102 - our own README
    assert (2, 28) == names["probabilities"].shape
    assert (2, 28) == names["decisions"].shape
    assert capsys.readouterr().out.startswith("[('amusement'")


def typed_commands() -> list[list[str]]:
    lines = "".join(blocks("bash")).splitlines()
    typed = [shlex.split(line)[1:] for line in lines if line.startswith("emoconv ")]
    return [words[: words.index("<")] if "<" in words else words for words in typed]


@pytest.mark.parametrize("words", typed_commands(), ids=" ".join)
def test_every_command_it_shows_can_be_parsed(words):
    command: click.Command = main
    context = click.Context(main)
    while isinstance(command, click.Group):
        name, command, words = command.resolve_command(context, words)
    command.make_context(name, list(words), parent=context)


def test_generated_figures_are_those_of_the_results():
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks/tables.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (0, "") == (done.returncode, done.stdout + done.stderr)


def test_continuous_integration_runs_the_test_command_of_the_readme():
    assert "for step in test " in (ROOT / ".ci/run").read_text(encoding="utf-8")
    planned = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "test"],  # noqa: S607 - whichever make there is
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    ).stdout
    (typed,) = re.findall("^python3 -m venv .*pytest$", README, flags=re.MULTILINE)
    assert planned.startswith(f"{typed} -n auto ")


@pytest.mark.parametrize(
    "file", sorted((ROOT / ".github/workflows").iterdir()), ids=lambda f: f.name
)
def test_workflows_pin_what_they_run_and_ask_for_little(file):
    workflow = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert workflow["permissions"] in ({}, {"contents": "read"})
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            if "uses" in step:
                assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"])


def test_make_has_a_recipe_for_each_of_its_names():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (line,) = re.findall("^.PHONY: (.*)$", makefile, flags=re.MULTILINE)
    recipes = re.findall("^([a-z]+):", makefile, flags=re.MULTILINE)
    assert sorted(line.split()) == sorted(recipes)
