"""Without the extra, a search says at once what to install, and what needs none of it works."""

import subprocess
import sys

import pytest

BLOCKED = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Blocker())
from emoconv.cli import main; main()
"""


def tune(blocked, *arguments):
    return subprocess.run(
        [sys.executable, "-c", BLOCKED.format(blocked=blocked), "tune", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("blocked", "what", "extra"),
    [
        ({"optuna"}, "tuning", "tune"),
        ({"jinja2"}, "the page of a search", "tune"),
        ({"torch"}, "training", "train"),
    ],
)
def test_what_is_missing_is_said_before_the_work(tiny, tmp_path, blocked, what, extra):
    done = tune(blocked, "--data", tiny, "--output", tmp_path / "out")
    assert (
        1,
        "",
        (
            f"emoconv: error: {what} needs packages that are not installed: "
            f"pip install 'emoconv[{extra}]'\n"
        ),
    ) == (done.returncode, done.stdout, done.stderr)
    assert [] == list(tmp_path.iterdir())


def test_help_and_space_need_no_extra():
    for option in ("--help", "--print-space"):
        done = tune({"optuna", "torch", "jinja2", "sqlalchemy"}, option)
        assert (0, "") == (done.returncode, done.stderr)
        assert "learning_rate" in done.stdout or "Usage: " in done.stdout
