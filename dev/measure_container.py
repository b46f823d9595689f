"""Measure the container image and the service in it; needs no Docker (see ``container.py``).

Its size is that of the files that a build adds, and the published size of its base. Memory and
processor time are those of the service, run as a cluster would, with clients on the same machine.

Run:  python dev/measure_container.py    (as root; some minutes; needs a package index)
      python dev/container_tables.py     (writes what comes of it into the pages)
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
import zlib
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from build_image import build
from container import Container, Image, running
from packaging.requirements import Requirement

from emoconv.bundle import read_bundle, shipped_bundle
from emoconv.speed import machine, sample_texts

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks/results/container.json"
COMMAND = "python dev/measure_container.py"

BASE = {
    "image": "python:3.11.16-slim-bookworm, linux/amd64",
    "mb": 130.01,
    "compressed_mb": 47.79,
    "source": "docker-library/repo-info, repos/python, local and remote, as of August 2026",
}
"""What its publisher says of the base: https://github.com/docker-library/repo-info."""

ROBERTA_BASE_PARAMETERS = 125_000_000
"""Liu et al. 2019, "RoBERTa", section 3: a model of the size that GoEmotions' own baseline has."""

LOADS = ((1, 1), (16, 1), (4, 16), (4, 256))
"""Clients, and texts in each of their requests."""

MB = 1e6
SECONDS = 5
ROUNDS = 3


def measure() -> dict[str, Any]:
    """Return all figures."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)
        image = build(folder)
        added = image.root / "opt/emoconv"
        head = subprocess.run(
            ["git", "-C", ROOT, "rev-parse", "HEAD"],  # noqa: S607 - whichever git there is
            capture_output=True,
            text=True,
            check=False,
        )
        return {
            "command": COMMAND,
            "commit": head.stdout.strip(),
            "date": datetime.now(UTC).date().isoformat(),
            "machine": asdict(machine()),
            "base": BASE,
            "added_mb": mb_of(added),
            "added_compressed_mb": compressed_mb(added),
            "packages_mb": packages_mb(added),
            "transformer": transformer_mb(),
            "text_characters": round(statistics.mean(map(len, sent())), 1),
            "start": starts(image, folder / "log"),
            "service": service(image, folder / "log"),
        }


def mb_of(folder: Path) -> float:
    """Return what a folder's files take, in MB."""
    files = (path.lstat() for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())
    return round(sum(file.st_size for file in files) / MB, 1)


def compressed_mb(folder: Path) -> float:
    """Return what a folder takes as a layer is sent: as a tar archive in gzip."""

    class Counted:
        """Compresses what is written to it, and keeps its length only."""

        def __init__(self) -> None:
            self.length, self._zlib = 0, zlib.compressobj(6, wbits=31)

        def write(self, piece: bytes) -> int:
            self.length += len(self._zlib.compress(piece))
            return len(piece)

        def close(self) -> None:
            self.length += len(self._zlib.flush())

    counted = Counted()
    with tarfile.open(fileobj=counted, mode="w|") as archive:  # type: ignore[call-overload] # writes only
        archive.add(folder, ".")
    counted.close()
    return round(counted.length / MB, 1)


def packages_mb(added: Path) -> dict[str, float]:
    """Return the largest packages of a virtual environment, by folder."""
    (packages,) = added.glob("lib/python3*/site-packages")
    found = {path.name: mb_of(path) for path in packages.iterdir() if path.is_dir()}
    return dict(sorted(found.items(), key=lambda one: -one[1])[:8])


def transformer_mb() -> dict[str, float]:
    """Return what a service with torch and transformers has in the place of all that.

    That is what is installed here of those packages and of what they need, without their tests;
    and the weights of a model, which somebody has to bring.
    """
    names = closure(("torch", "transformers", "fastapi", "uvicorn"))
    found = {name: distribution_mb(name) for name in sorted(names)}
    return {
        "packages_mb": round(sum(found.values()), 1),
        "torch_mb": found["torch"],
        "torch": importlib.metadata.version("torch"),
        "transformers": importlib.metadata.version("transformers"),
        "weights_mb": 4 * ROBERTA_BASE_PARAMETERS / MB,
    }


def closure(roots: tuple[str, ...]) -> set[str]:
    """Return the names of packages and of all that they need."""
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        if name in found:
            continue
        found.add(name)
        for line in importlib.metadata.requires(name) or ():
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                waiting.append(needed.name)
    return found


def distribution_mb(name: str) -> float:
    """Return what an installed package takes, without tests."""
    files = [file for file in importlib.metadata.files(name) or () if "tests" not in file.parts]
    paths = [Path(str(file.locate())) for file in files]
    return round(sum(path.stat().st_size for path in paths if path.exists()) / MB, 1)


def starts(image: Image, log: Path) -> dict[str, float]:
    """Return what it takes to be ready, with the image's machine code and without."""
    seconds, busy = [], []
    for _ in range(5):
        with running(image, log) as found:
            seconds.append(found.seconds)
            busy.append(cpu_seconds(found))
    with running(image, log, EMOCONV_CACHE="/nowhere") as without:
        return {
            "seconds": round(statistics.median(seconds), 2),
            "cpu_seconds": round(statistics.median(busy), 2),
            "compiling_cpu_seconds": round(cpu_seconds(without), 1),
        }


def sent() -> list[str]:
    """Return the texts that clients send."""
    return sample_texts(read_bundle(shipped_bundle()), 256)


def service(image: Image, log: Path) -> dict[str, Any]:
    """Return memory, and the processor time of a request, whoever else is at work here."""
    texts = sent()
    with running(image, log) as container:
        found: dict[str, Any] = {"ready_mb": memory_mb(container), "loads": []}
        for clients, count in LOADS:
            body = {"texts": texts[:count]}
            rounds = [request_ms(container, body, clients=clients) for _ in range(ROUNDS)]
            found["loads"].append({"clients": clients, "texts": count, "cpu_ms": min(rounds)})
        found["used_mb"] = memory_mb(container)
        longest = " ".join(texts)[:19_000]
        load(container, {"text": longest, "by": "sentence", "probabilities": True}, clients=64)
        load(container, {"texts": [longest] * 50}, clients=64)
        found["worst_mb"] = memory_mb(container)
    return found


def cpu_seconds(container: Container) -> float:
    """Return the processor time that a container's process has had."""
    fields = container.read("stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def request_ms(container: Container, body: dict[str, Any], *, clients: int) -> float:
    """Return the processor time of a request, in milliseconds, when clients ask all the time."""
    before = cpu_seconds(container)
    count = load(container, body, clients=clients)
    return round(1000 * (cpu_seconds(container) - before) / count, 3)


def memory_mb(container: Container) -> float:
    """Return the most memory that a container's process has had, in MB."""
    return round(int(container.status("VmHWM").split()[0]) * 1024 / MB)


def load(container: Container, body: dict[str, Any], *, clients: int) -> int:
    """Ask as fast as so many clients can for some seconds; return how often."""
    script = Path(__file__).with_name("http_load.py")
    done = subprocess.run(
        [sys.executable, script, str(container.port), str(clients)],
        input=json.dumps(body),
        env={**os.environ, "LOAD_SECONDS": str(SECONDS)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return int(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    options.output.write_text(json.dumps(measure(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
