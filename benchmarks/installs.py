"""What each extra adds to an installation: bytes on the disk, packages and seconds.

Each is installed in a virtual environment of its own, from files that pip has fetched before, so
the seconds are of unpacking and not of the network. Sizes are of all files of the environment, less
an empty one.

Run:  python benchmarks/installs.py [--write benchmarks/results/installs.json]
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import platform
import subprocess
import tempfile
import time
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
NOT_FOR_USERS = ("dev", "docs")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [name for name in project["optional-dependencies"] if name not in NOT_FOR_USERS]
    found = {}
    for extra in ("", *extras):
        measure(extra)  # fetches what is not there
        found[extra or "base"] = measure(extra)
        print(extra or "base", json.dumps(found[extra or "base"]), flush=True)
    if options.write:
        head = subprocess.run(
            ["git", "-C", ROOT, "rev-parse", "HEAD"],  # noqa: S607 - whichever git there is
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        about = {
            "command": "python benchmarks/installs.py",
            "commit": head,
            "date": dt.datetime.now(dt.UTC).date().isoformat(),
            "python": platform.python_version(),
            "extras": found,
        }
        options.write.write_text(json.dumps(about, indent=1) + "\n")


def measure(extra: str) -> dict[str, float | int]:
    """Return what installing the package with an extra takes."""
    wanted = f"emoconv[{extra}] @ {ROOT.as_uri()}" if extra else str(ROOT)
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary) / "venv"
        venv.create(home, with_pip=True)
        before = size_mb(home)
        started = time.perf_counter()
        subprocess.run(
            [home / "bin/pip", "install", "-q", "-c", ROOT / "constraints.txt", wanted], check=True
        )
        seconds = time.perf_counter() - started
        listed = subprocess.run(
            [home / "bin/pip", "list", "--format", "json"],
            capture_output=True,
            text=True,
            check=True,
        )
        return {
            "mb": round(size_mb(home) - before),
            "packages": len(json.loads(listed.stdout)) - 2,  # pip and setuptools
            "seconds": round(seconds, 1),
        }


def size_mb(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


if __name__ == "__main__":
    main()
