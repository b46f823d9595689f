"""Load a service, overload it, send it nonsense, and stop it: what it answers, and how fast.

Side by side with it the same service around a network of RoBERTa-base's shape. The load is of
`wrk`, which has to be installed, on the same machine and so on the same cores. Writes
``results/service.json``. Needs the extras ``serve`` and ``fast``, and for the peer what
``requirements-speed.txt`` has; its files are made by ``python benchmarks/speed.py`` in ``--work``,
or by the first run.

Run:  python benchmarks/service.py --data DATA --work FOLDER
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any

from quality import git
from service_fuzz import fuzz
from service_load import alive, measure, write_script
from service_overload import overload
from service_process import serving
from service_stop import stop
from speed import machine

HERE = Path(__file__).parent
PARTS = ("load", "alive", "overload", "fuzz", "stop")
_PACKAGES = ("emoconv", "fastapi", "starlette", "uvicorn", "pydantic", "prometheus-client")
_PACKAGES += ("uvloop", "httptools", "h11", "numba", "numpy", "onnxruntime", "tokenizers")
_OVERLOAD_CONNECTIONS = 512
_PEER_WAITING = 200
"""Texts that may wait at once for the peer: with 32 texts and 128 connections it would take it a
minute to answer each once."""


def texts_of(data: Path) -> list[str]:
    """Return the texts of GoEmotions' test split."""
    lines = (data / "goemotions/test.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t")[0] for line in lines]


def load(texts: list[str], options: argparse.Namespace, work: Path) -> dict[str, Any]:
    """Return the rates and latencies of ours, two ways, and of the peer."""
    scripts = {count: write_script(work / f"{count}.lua", texts, count) for count in (1, 32)}
    more = {"roberta": ["--work", str(options.work)]}
    with contextlib.ExitStack() as stack:
        services = {
            way: stack.enter_context(serving(way, work, "--no-page", *more.get(way, [])))
            for way in options.ways
        }
        found = measure(
            services,
            scripts,
            seconds=options.seconds,
            rounds=options.rounds,
            most_waiting={"roberta": _PEER_WAITING},
        )
        for way, service in services.items():
            found[way]["about"] = _ABOUT[way]
            found[way]["rss_mb"] = service.state()["rss_mb"]
    return found


_ABOUT = {
    "uvloop": "emoconv serve, with uvloop and httptools",
    "asyncio": "emoconv serve, with asyncio and h11",
    "roberta": "the same service around an encoder of RoBERTa-base's shape (random weights) in "
    "int8, ONNX Runtime, two threads; with uvloop and httptools",
}


def versions() -> dict[str, str]:
    """Return those of what is measured."""
    found = {}
    for name in _PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    said = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False).stdout  # noqa: S607 - as installed
    version = re.search(r"wrk (\S+)", said)
    return found | {"wrk": version[1] if version else "none"}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("EMOCONV_DATA"))
    parser.add_argument("--work", type=Path, help="where peers' models are kept; without it: none")
    parser.add_argument("--only", help=f"some of {', '.join(PARTS)}, with commas; default: all")
    parser.add_argument("--seconds", type=float, default=4, help="of a load")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--overload-seconds", type=float, default=60)
    parser.add_argument("--requests", type=int, default=100_000, help="of nonsense")
    parser.add_argument("--stops", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="little of each: does it run?")
    parser.add_argument("--output", type=Path, default=HERE / "results/service.json")
    options = parser.parse_args()
    if options.data is None:
        parser.error("give --data FOLDER, or set EMOCONV_DATA")
    if options.quick:
        options.seconds, options.rounds, options.overload_seconds = 1, 1, 3
        options.requests, options.stops = 1_000, 1
    options.parts = options.only.split(",") if options.only else list(PARTS)
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    fast = all(importlib.util.find_spec(name) for name in ("uvloop", "httptools"))
    options.ways = [*(["uvloop"] if fast else []), "asyncio"]
    options.ways += ["roberta"] if options.work and fast else []
    return options


def main() -> None:
    options = parse()
    found: dict[str, Any] = {
        "command": "python benchmarks/service.py --data DATA --work FOLDER",
        "commit": git("rev-parse", "HEAD")
        + ("+" if git("status", "--porcelain", "--", ":/src") else ""),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "machine": machine(),
        "versions": versions(),
        "latency": "wrk's percentiles; it adds what it would have asked while it waited for a late "
        "answer (coordinated omission)",
    }
    if options.output.exists() and options.only:  # the other parts stay
        found = json.loads(options.output.read_text("utf-8")) | found
    texts = texts_of(options.data)
    ours = [way for way in options.ways if way != "roberta"]
    main_way = ours[0]
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        if "roberta" in options.ways and "load" in options.parts:
            _prepare_peer(options)
        if "load" in options.parts:
            found["load"] = load(texts, options, work)
        if "alive" in options.parts:
            with serving(main_way, work, "--no-page") as service:
                found["alive"] = alive(service, seconds=min(10, 2 * options.seconds))
        if "overload" in options.parts:
            with serving(main_way, work, "--no-page") as service:
                found["overload"] = overload(
                    service,
                    texts,
                    seconds=options.overload_seconds,
                    connections=_OVERLOAD_CONNECTIONS,
                )
        if "fuzz" in options.parts:
            found["fuzz"] = [
                fuzz(work, way=way, count=options.requests // part, seed=options.seed)
                for way, part in zip(ours, (1, 10), strict=False)
            ]
        if "stop" in options.parts:
            found["stop"] = stop(work, texts, runs=options.stops, seed=options.seed)
    options.output.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _prepare_peer(options: argparse.Namespace) -> None:
    subprocess.run(
        [
            *(sys.executable, HERE / "speed_worker.py", "roberta-int8", "--prepare"),
            *("--work", str(options.work), "--data", str(options.data), "--threads=1"),
        ],
        check=True,
    )


if __name__ == "__main__":
    main()
