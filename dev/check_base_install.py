"""Install the wheel without extras in a virtual environment of its own and try it.

Checks what a new user meets: no torch, a first answer in about a second, a clear line where an
extra is missing, the shipped bundle in the wheel. With ``--write FILE`` the figures go there.

Run:  python dev/check_base_install.py [--write benchmarks/results/install.json]
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXT = "I can't believe you came all this way. Thank you so much!"
MAX_MB = 280  # the goal is 250; pyarrow 26 alone takes 170 (dev/LOG.md)


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(a) for a in arguments], capture_output=True, text=True, check=False, cwd="/"
    )


def seconds(*arguments: str | Path) -> float:
    started = time.perf_counter()
    run(*arguments)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary) / "venv"
        venv.create(home, with_pip=True)
        before = size_mb(home)
        installing = seconds(home / "bin/pip", "install", "-c", ROOT / "constraints.txt", ROOT)
        figures = {
            "base_install_mb": round(size_mb(home) - before, 1),
            "install_seconds": round(installing, 1),
        }
        emoconv, python = home / "bin/emoconv", home / "bin/python"
        first = run(emoconv, "detect", TEXT)
        assert first.returncode == 0, first.stderr
        assert "gratitude" in first.stdout, first.stdout
        table = Path(temporary) / "texts.csv"
        table.write_text(f'id,text\n007,"{TEXT}"\n', encoding="utf-8")
        scored = run(emoconv, "score", table, "--output", table.with_suffix(".jsonl"))
        assert scored.returncode == 0, scored.stderr
        assert '"id":"007"' in table.with_suffix(".jsonl").read_text(encoding="utf-8")
        for engine in ("ray", "spark"):
            missing = run(
                emoconv, "score", table, "--output", table.parent / "o", "--engine", engine
            )
            assert f"pip install 'emoconv[{engine}]'" in missing.stderr, missing.stderr
        training = run(emoconv, "train", "--data", ".", "--output", "x")
        assert training.returncode == 1, training
        assert "pip install 'emoconv[train]'" in training.stderr, training.stderr
        assert "torch" not in run(home / "bin/pip", "list").stdout
        figures["detect_cold_seconds"] = median(emoconv, "detect", TEXT)
        bare = median(python, "-c", "pass")
        figures["import_emoconv_ms"] = round(
            1e3 * (median(python, "-c", "import emoconv") - bare), 1
        )
        loading = "from emoconv import EmotionDetector as D; D.load()"
        figures["import_and_load_ms"] = round(1e3 * (median(python, "-c", loading) - bare), 1)
        figures["bundle_mb"] = round(size_mb(ROOT / "src/emoconv/model"), 2)
    print(json.dumps(figures))
    assert figures["base_install_mb"] < MAX_MB, figures
    if options.write:
        head = run("git", "-C", ROOT, "rev-parse", "HEAD").stdout.strip()
        typed = "python dev/check_base_install.py --write FILE"
        about = {"command": typed, "commit": head, **figures}
        options.write.write_text(json.dumps(about, indent=1) + "\n")


def size_mb(folder: Path) -> float:
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 1e6


def median(*arguments: str | Path) -> float:
    """Return the median seconds of seven runs after one to warm the disk's cache."""
    seconds(*arguments)
    return round(statistics.median(seconds(*arguments) for _ in range(7)), 3)


if __name__ == "__main__":
    sys.exit(main())
