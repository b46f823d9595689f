"""Write the bill of materials of a base install, as CycloneDX.

Installs the package without extras in a virtual environment of its own, and lists what is there.

Run:  python dev/make_sbom.py --output dist/emoconv.cdx.json
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    options.output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary) / "venv"
        venv.create(home, with_pip=True)
        run(home / "bin/pip", "install", "-q", "-c", ROOT / "constraints.txt", ROOT)
        run(home / "bin/pip", "uninstall", "-q", "-y", "pip", "setuptools")
        run(
            *(sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible"),
            *("--pyproject", ROOT / "pyproject.toml", "--mc-type", "library"),
            *("--output-file", options.output, home / "bin/python"),
        )
    names = [part["name"] for part in json.loads(options.output.read_text())["components"]]
    assert "pyarrow" in names, names
    assert "torch" not in names, names
    print(f"{options.output}: {len(names)} components")


def run(*command: str | Path) -> None:
    subprocess.run([str(part) for part in command], check=True)


if __name__ == "__main__":
    main()
