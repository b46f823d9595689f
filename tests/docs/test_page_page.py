"""What the page on the page without a server shows can be run as it stands."""

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from emoconv.bundle import shipped_bundle
from emoconv.cli import main
from page_engine import needs_node

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to/page.md").read_text(encoding="utf-8")

pytestmark = pytest.mark.skipif(
    not (shipped_bundle() / "config.json").exists(), reason="the shipped bundle is not trained yet"
)


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)


def commands():
    """The commands of the page but for the one that serves it, which would not end."""
    words = [shlex.split(line) for block in blocks("bash") for line in block.splitlines()]
    assert ["python -m http.server -d my-page"] == [
        shlex.join(one) for one in words if one[0] != "emoconv"
    ]
    return [one[1:] for one in words if one[0] == "emoconv"]


def run(words):
    main(words, prog_name="emoconv", standalone_mode=False)


def test_the_commands_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "tests/data/bundle_v2", "my-model")
    for words in commands():
        run(words)
    assert {"my-model", "my-page", "their-page"} == {path.name for path in tmp_path.iterdir()}


@needs_node
def test_the_program_prints_what_is_shown(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run(commands()[0])
    Path("program.mjs").write_text(blocks("js")[0], encoding="utf-8")
    command = ["node", "program.mjs"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert blocks("text")[0] == done.stdout


def test_the_weights_are_those_that_were_measured():
    weight = json.loads((ROOT / "benchmarks/results/page.json").read_text())["weight"]
    rows = re.findall(r"^\| (\w+) \| ([\d.]+) MB \| ([\d.]+) MB \|$", PAGE, flags=re.MULTILINE)
    assert ["engine", "model"] == [row[0] for row in rows]
    for name, size, packed in rows:
        found = [weight[name][key] / 1e6 for key in ("bytes", "gzip_bytes")]
        assert [size, packed] == [
            f"{value:.{len(shown.partition('.')[2])}f}"
            for value, shown in zip(found, (size, packed), strict=True)
        ]
