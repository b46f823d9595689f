"""Run the tests on the oldest versions of everything that pyproject.toml allows.

uv finds the versions (``--resolution lowest-direct``) of the base install and of the extras
`EXTRAS`. Tests that need another extra, torch above all, are skipped and say so.

Run:  python dev/check_lowest.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXTRAS = "fast,hub,keras,onnx,report,serve"
TOOLS = ("pytest", "pytest-cov", "hypothesis", "httpx", "pandas", "regex", "scikit-learn")
TESTS = ("tests/unit", "tests/property")


def main() -> int:
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary) / "venv"
        venv.create(home, with_pip=True)
        python = home / "bin/python"
        run(home / "bin/pip", "install", "-q", "uv")
        install = (home / "bin/uv", "pip", "install", "-q", "--python", python)
        run(*install, "--resolution", "lowest-direct", f"emoconv[{EXTRAS}] @ {ROOT.as_uri()}")
        oldest = Path(temporary) / "oldest.txt"
        found = run(home / "bin/uv", "pip", "freeze", "--python", python)
        oldest.write_text("\n".join(line for line in found.splitlines() if "emoconv" not in line))
        print(oldest.read_text())
        run(*install, "-c", oldest, *TOOLS)
        quiet = ("-q", "-p", "no:cacheprovider", "--without-extras")
        warn = ("-W", "default")  # old versions know nothing of what is deprecated since
        tests = subprocess.run(
            [python, "-m", "pytest", *quiet, *warn, *TESTS],
            check=False,
            cwd=ROOT,
            env={**os.environ, "COLUMNS": "100"},
        )
        return tests.returncode


def run(*command: str | Path) -> str:
    done = subprocess.run(
        [str(part) for part in command], stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
