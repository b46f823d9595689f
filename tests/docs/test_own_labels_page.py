"""The programs and commands of docs/how-to/own-labels.md run as they stand."""

import re
import shlex
from pathlib import Path

import pytest

from emoconv.bundle import shipped_bundle
from emoconv.cli import main

PAGE = (Path(__file__).parents[2] / "docs/how-to/own-labels.md").read_text(encoding="utf-8")

pytestmark = pytest.mark.skipif(
    not (shipped_bundle() / "config.json").exists(), reason="the shipped bundle is not trained yet"
)


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)


def test_the_page_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in blocks("python"):
        exec(compile(block, "own-labels.md", "exec"), names)  # noqa: S102 - our own page
    assert ["praise", "delivery"] == names["classifier"].predict(
        ["thank you!", "my order is late"]
    ).tolist()
    capsys.readouterr()
    for line in "".join(blocks("bash")).splitlines():
        main(shlex.split(line)[1:], prog_name="emoconv", standalone_mode=False)
        assert "delivery" in capsys.readouterr().out
