"""The tutorial can be followed from its first line to its last, and prints what it shows."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from emoconv import EmotionDetector
from emoconv.bundle import shipped_bundle

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/tutorial/ten-minutes.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)
BASH = shutil.which("bash") or "bash"
ENVIRONMENT = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}

pytestmark = pytest.mark.skipif(
    not (shipped_bundle() / "config.json").exists(), reason="the shipped bundle is not trained yet"
)


def run(commands):
    done = subprocess.run(
        [BASH, "-euo", "pipefail", "-c", commands],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    return done.stdout


def cells(text):
    """The fields of a table as they stand, but numbers with the digits that every machine has."""
    return [
        f"{float(cell):.3f}" if re.fullmatch(r"\d+\.\d{4,}", cell) else cell
        for cell in re.split(r"([,\n])", text)
    ]


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """The folder of somebody who has done all of it, and what each block printed and shows."""
    folder, names, printed = tmp_path_factory.mktemp("emotions"), {}, []
    before = Path.cwd()
    os.chdir(folder)
    try:
        for i, (language, content) in enumerate(BLOCKS):
            if language == "python":
                exec(compile(content, "ten-minutes.md", "exec"), names)  # noqa: S102 - our own page
            elif language == "bash":
                after = BLOCKS[i + 1] if i + 1 < len(BLOCKS) else ("", "")
                printed.append((run(content), after[1] if "text" == after[0] else ""))
    finally:
        os.chdir(before)
    return folder, names, printed


def test_it_prints_what_it_shows(followed):
    shown = [(found, expected) for found, expected in followed[2] if expected]
    assert 4 == len(shown)
    for found, expected in shown:
        assert cells(expected) == cells(found)


def test_it_leaves_the_files_that_it_speaks_of(followed):
    folder = followed[0]
    assert {"scored.csv.summary.json", "moods.svg"} <= {path.name for path in folder.iterdir()}
    assert 15 == pq.read_metadata(folder / "moods.parquet").num_rows
    assert ("fault", "praise", "question") == EmotionDetector.load(folder / "kinds").labels


def test_the_labels_of_ones_own_are_learnt(followed):
    folder, names, _ = followed
    kinds = names["classifier"].predict([*names["faults"], *names["questions"], *names["praise"]])
    assert names["kinds"] == kinds.tolist()
    rows = (folder / "kinds.csv").read_text(encoding="utf-8").splitlines()
    assert "posted,comment,top_label" == rows[0]
    assert rows[6].endswith(",fault")


def test_the_threshold_in_the_prose_is_the_models():
    named = re.search(r"that of (\w+) is (\.\d\d)\.", PAGE)
    detector = EmotionDetector.load()
    cut = detector.thresholds[detector.labels.index(named[1])]
    assert named[2] == f"{cut:.2f}".removeprefix("0")


def test_what_is_installed_is_there_to_install():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (line,) = [line for line in BLOCKS[0][1].splitlines() if line.startswith("pip install")]
    named = re.fullmatch(r"emoconv\[(.*)\]", shlex.split(line)[-1])
    assert set(named[1].split(",")) <= set(project["optional-dependencies"])
