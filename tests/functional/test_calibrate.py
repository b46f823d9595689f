"""A base install calibrates: what training and plots need is not there, and is not asked for."""

import subprocess
import sys

WITHOUT_EXTRAS = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"torch", "sklearn", "scipy", "matplotlib", "pandas", "numba"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Blocker())
from emoconv.cli import main
main()
"""


def emoconv(*arguments):
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_EXTRAS, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_calibrated_then_evaluated_and_compared(tiny, tiny_bundle, tmp_path):
    new, held_back = tmp_path / "new", tiny / "test.tsv"
    done = emoconv("calibrate", tiny / "train.tsv", "--model", tiny_bundle, "--output", new)
    assert 0 == done.returncode, done.stderr
    assert str(new) == done.stdout.splitlines()[-1]
    assert "learnt from these very texts" in done.stderr
    done = emoconv("evaluate", held_back, "--model", new, "--resamples", 0)
    assert (0, "") == (done.returncode, done.stderr)
    assert "cuts by rule per-label, chosen on train.tsv, 262 texts" in done.stdout
    done = emoconv("compare", tiny_bundle, new, "--data", tiny / "train.tsv", "--resamples", 100)
    assert 0 == done.returncode, done.stderr
    assert "B has its cuts from these very texts" in done.stderr
