"""Build the wheel and the sdist, and try both as somebody who installs them.

Both are built twice and have to be the same to the byte. The wheel has to hold every file of the
package that git knows, and the sdist has to give the same wheel. Each is installed in a virtual
environment of its own, on each Python that is named, and answers, explains, scores and serves
there.

Run:  python dev/check_distributions.py [--output dist] [--pythons python3.12 python3.13]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXT = "I can't believe you came all this way. Thank you so much!"
MAX_WHEEL_MB = 12  # 9 of them are the model's


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, help="keep what was built there")
    parser.add_argument("--pythons", nargs="*", default=[sys.executable])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        sdist, wheel = build(ROOT, folder / "one")
        build(ROOT, folder / "two")
        assert digests(folder / "one") == digests(folder / "two"), "two builds differ"
        check_contents(wheel)
        unpacked = folder / "unpacked"
        shutil.unpack_archive(sdist, unpacked, filter="data")
        (source,) = unpacked.iterdir()
        _, again = build(source, folder / "again")
        assert contents(again) == contents(wheel), "the sdist gives another wheel"
        for number, python in enumerate(options.pythons):
            for kind, file in (("wheel", wheel), ("sdist", sdist)):
                print(f"{kind} on {try_out(python, file, folder / f'{number}-{kind}')}: works")
        if options.output:
            options.output.mkdir(parents=True, exist_ok=True)
            for file in (sdist, wheel):
                shutil.copy(file, options.output)
        print(json.dumps(digests(folder / "one"), indent=1))


def build(source: Path, folder: Path) -> tuple[Path, Path]:
    """Return an sdist and a wheel of the same source, dated by its last commit."""
    date = run("git", "-C", ROOT, "log", "-1", "--format=%ct").strip()
    environment = {**os.environ, "SOURCE_DATE_EPOCH": date}
    run(sys.executable, "-m", "build", "--outdir", folder, source, env=environment)
    return next(folder.glob("*.tar.gz")), next(folder.glob("*.whl"))


def digests(folder: Path) -> dict[str, str]:
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.iterdir())
    }


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def check_contents(wheel: Path) -> None:
    known = run("git", "-C", ROOT, "ls-files", "src/emoconv").splitlines()
    held = {f"src/{name}" for name in contents(wheel) if name.startswith("emoconv/")}
    assert held == set(known), sorted(held ^ set(known))
    assert wheel.stat().st_size < MAX_WHEEL_MB * 1e6, wheel.stat().st_size


def try_out(python: str, file: Path, folder: Path) -> str:
    """Use what a file installs in a new environment of a Python; return the Python's version."""
    run(python, "-m", "venv", folder)
    home = folder / "bin"
    run(home / "pip", "install", "-q", "-c", ROOT / "constraints.txt", file)
    emoconv = home / "emoconv"
    assert "gratitude" in run(emoconv, "detect", TEXT)
    assert "Thank you" in run(emoconv, "explain", TEXT)
    table = folder / "texts.csv"
    table.write_text(f'id,text\n007,"{TEXT}"\n8,\n', encoding="utf-8")
    run(emoconv, "score", table, "--output", folder / "scored.parquet")
    run(emoconv, "page", folder / "page")
    run(
        home / "pip",
        "install",
        "-q",
        "-c",
        ROOT / "constraints.txt",
        f"emoconv[fast,serve] @ {file.as_uri()}",
    )
    serve(emoconv)
    return run(home / "python", "-c", "import platform; print(platform.python_version())").strip()


def serve(emoconv: Path) -> None:
    """Start the service, ask it once, and stop it."""
    command = [emoconv, "serve", "--port", "0", "--log-format", "json"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as service:
        assert service.stderr is not None
        events = (json.loads(line) for line in service.stderr)
        url = next(event["url"] for event in events if event["event"] == "listening")
        next(event for event in events if event["event"] == "ready")
        question = urllib.request.Request(  # noqa: S310 - the address is our own
            f"{url}v1/detect",
            json.dumps({"text": TEXT}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(question) as answer:  # noqa: S310 - same
            assert "gratitude" in answer.read().decode()
        service.terminate()
        service.stderr.read()
    assert service.returncode == 0, service.returncode


def run(*command: str | Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        check=False,
        env=env,
        cwd="/",
    )
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


if __name__ == "__main__":
    main()
