"""Time emoconv and its peers side by side, from texts to probabilities.

Every peer runs in a process of its own for each number of threads, is loaded once, and is then
asked for rounds in turn with all others, so that whatever else the machine does hits all alike.
Writes ``results/NAME.json``. What peers need is in ``requirements-speed.txt``; install it in an
environment of its own, torch first from where its packages for processors without a GPU are.

Run:  python benchmarks/speed.py --data DATA --work FOLDER
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import shlex
import statistics
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import IO, Any

import numpy as np
from packaging.requirements import Requirement

from peers import PEERS
from quality import git

HERE = Path(__file__).parent
THREADS = (1, 2)
SETS = ("goemotions", "reddit")
OURS = "emoconv-arrow"
_THREAD_VARIABLES = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "RAYON", "VECLIB")
_MB = 1e6


class Process:
    """A worker as seen from here.

    Attributes:
        error: What ended it; empty while it answers.
        load_seconds: From its start to its first answer.
        batch_sizes: Those that were fastest on each set, if it works in batches.
        answers: To some texts, (n, 28).
    """

    def __init__(self, name: str, *, threads: int, options: argparse.Namespace) -> None:
        self.name, self.threads, self.error = name, threads, ""
        self.log = options.work / f"{name}-{threads}.log"
        places = ["--work", str(options.work), "--data", str(options.data)]
        inner = threads if PEERS[name].parallel == "threads" else 1  # each process uses one core
        limits = {f"{variable}_NUM_THREADS": str(inner) for variable in _THREAD_VARIABLES}
        start = time.perf_counter()
        with self.log.open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, HERE / "speed_worker.py", name, *places, f"--threads={threads}"],
                env={**os.environ, **limits, "TOKENIZERS_PARALLELISM": str(inner > 1).lower()},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.ask("load")
        self.load_seconds = time.perf_counter() - start
        answer = self.ask("ready")
        self.batch_sizes = answer.get("batch_sizes")
        self.answers = np.array(answer.get("answers", []))
        print(f"{name}, {threads} threads: loaded in {self.load_seconds:.2f} s", file=sys.stderr)

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - goes to JSON
        """Return the answer to a request; what is no answer becomes `error`."""
        if self.error:
            return {}
        try:
            _pipe(self._process.stdin).write(json.dumps({"do": do, **arguments}) + "\n")
            _pipe(self._process.stdin).flush()
            answer: dict[str, Any] = json.loads(_pipe(self._process.stdout).readline())
        except (BrokenPipeError, json.JSONDecodeError):
            self.error = (self.log.read_text().strip().splitlines() or ["ended"])[-1]
            print(f"{self.name}: {self.error}", file=sys.stderr)
            return {}
        return answer

    def end(self) -> None:
        """Let it end."""
        _pipe(self._process.stdin).close()
        self._process.wait()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None  # noqa: S101 - for the type checker
    return pipe


def prepare(name: str, options: argparse.Namespace) -> str:
    """Make a peer's files unless they are there; return what went wrong."""
    peer = PEERS[name]
    made = peer.files and all((options.work / file).exists() for file in peer.files)
    if peer.prepare is None or made:
        return ""
    print("preparing", name, file=sys.stderr)
    places = ["--work", options.work, "--data", options.data, "--threads=2", "--prepare"]
    done = subprocess.run(
        [sys.executable, HERE / "speed_worker.py", name, *places],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    return done.stderr.strip().splitlines()[-1] if done.returncode else ""


def installed_mb(packages: tuple[str, ...]) -> float:
    """Return the size of packages and all that they depend on, as installed here."""
    found: set[str] = set()
    waiting = list(packages)
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        if name not in found:
            found.add(name)
            needs = map(Requirement, metadata.requires(name) or ())
            here = {"extra": ""}
            waiting += [r.name for r in needs if not r.marker or r.marker.evaluate(here)]
    return sum(map(_package_bytes, found)) / _MB


def _package_bytes(name: str) -> int:
    """Return the bytes of one installed package, without what Python compiles from it."""
    distribution = metadata.distribution(name)
    files = [Path(str(distribution.locate_file(file))) for file in distribution.files or ()]
    if name == "emoconv":  # may be installed in place
        files = list((HERE.parent / "src/emoconv").rglob("*"))
    return sum(f.stat().st_size for f in files if f.is_file() and f.suffix != ".pyc")


def model_mb(name: str, work: Path) -> float:
    """Return the size of a peer's model on disk."""
    if PEERS[name].same_network and not PEERS[name].files:
        roots = [HERE.parent / "src/emoconv/model"]
    else:
        roots = [work / file for file in PEERS[name].files]
    files = [file for root in roots for file in (root, *root.rglob("*")) if file.is_file()]
    return sum(file.stat().st_size for file in files) / _MB


def text_count(process: Process, texts: str, seconds: float) -> int:
    """Return how many texts a peer needs for a round of so many seconds, 96 to 400,000."""
    count = 48
    while True:
        took = process.ask("round", name=texts, count=count).get("seconds", seconds)
        if took > seconds / 4 or count >= 400_000:  # noqa: PLR2004
            return int(min(max(count * seconds / took, 96), 400_000))
        count = int(min(count * min(8, seconds / 2 / took), 400_000))


def measure(processes: list[Process], options: argparse.Namespace) -> dict[tuple[Any, ...], Any]:
    """Return every round of every process: (name, set, threads) to texts and seconds."""
    counts = {
        (p.name, texts, p.threads): text_count(p, texts, options.seconds)
        for p in processes
        for texts in SETS
    }
    rounds: dict[tuple[Any, ...], Any] = {key: [] for key in counts}
    for number in range(options.rounds):
        for texts in SETS:
            for p in processes:
                key = (p.name, texts, p.threads)
                answer = p.ask("round", name=texts, count=counts[key])
                if answer:
                    rounds[key].append((answer["texts"], answer["seconds"]))
        print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
    return rounds


def rate(rounds: list[tuple[int, float]]) -> dict[str, Any] | None:
    """Return texts per second: the median of rounds, the lowest and the highest."""
    if not rounds:
        return None
    rates = [texts / seconds for texts, seconds in rounds]
    return {
        "median": round(statistics.median(rates), 1),
        "low": round(min(rates), 1),
        "high": round(max(rates), 1),
        "texts": rounds[0][0],
        "rounds": len(rounds),
    }


def percentiles(milliseconds: list[float]) -> dict[str, Any]:
    p50, p99 = np.percentile(milliseconds, [50, 99])
    return {"p50": round(p50, 4), "p99": round(p99, 4), "texts": len(milliseconds)}


def describe(
    name: str, processes: list[Process], rounds: dict[tuple[Any, ...], Any], work: Path
) -> dict[str, Any]:
    """Return all figures of one peer."""
    peer, mine = PEERS[name], [p for p in processes if p.name == name]
    errors = [p.error for p in mine if p.error]
    if errors:
        return {"about": peer.about, "error": errors[0]}
    one = mine[0]
    return {
        "about": peer.about,
        "parallel": peer.parallel,
        "batch_sizes": {str(p.threads): p.batch_sizes for p in mine},
        "rates": {
            texts: {str(p.threads): rate(rounds[name, texts, p.threads]) for p in mine}
            for texts in SETS
        },
        "latency_ms": percentiles(one.ask("latency", name="goemotions", seconds=5)["milliseconds"]),
        "load_seconds": round(min(p.load_seconds for p in mine), 3),
        "memory": {key: round(mb, 1) for key, mb in one.ask("memory").items()},
        "install_mb": round(installed_mb(peer.packages), 1),
        "model_mb": round(model_mb(name, work), 2),
        "largest_difference": difference(one, processes),
    }


def difference(process: Process, processes: list[Process]) -> float | None:
    """Return how far a peer's probabilities are from those of the first with the same network."""
    if not PEERS[process.name].same_network:
        return None
    first = next(p for p in processes if PEERS[p.name].same_network and not p.error)
    return float(np.abs(process.answers - first.answers).max())


def add_ratios(peers: dict[str, Any]) -> None:
    """Add what a million texts cost, in multiples of what they cost emoconv, on two cores."""

    def fastest(name: str) -> float:
        return float(peers[name]["rates"]["goemotions"]["2"]["median"])

    for name, figures in peers.items():
        if "error" not in figures and "rates" in peers.get(OURS, {}):
            figures["cost_ratio"] = round(fastest(OURS) / fastest(name), 2)


def machine() -> dict[str, Any]:
    lines = Path("/proc/cpuinfo").read_text(encoding="ascii").splitlines()
    model = next((line.split(":")[1].strip() for line in lines if "model name" in line), "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 1e9, 1),
        "load_before": os.getloadavg()[0],
        "python": sys.version.split()[0],
    }


def versions() -> dict[str, str]:
    names = sorted({name for peer in PEERS.values() for name in (*peer.packages, "pyarrow")})
    return {name: metadata.version(name) for name in names}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("EMOCONV_DATA"))
    parser.add_argument("--work", type=Path, required=True, help="where peers' models are kept")
    parser.add_argument("--only", help="names of peers, with commas; default: all")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="of a round, roughly")
    parser.add_argument("--quick", action="store_true", help="one short round: does it run?")
    parser.add_argument("--output", type=Path, default=HERE / "results/speed.json")
    options = parser.parse_args()
    if options.data is None:
        parser.error("give --data FOLDER, or set EMOCONV_DATA")
    if options.quick:
        options.rounds, options.seconds = 1, 0.2
    options.names = options.only.split(",") if options.only else list(PEERS)
    unknown = set(options.names) - set(PEERS)
    if unknown:
        parser.error(f"no peer {', '.join(sorted(unknown))}; there are {', '.join(PEERS)}")
    return options


def main() -> None:
    options = parse()
    options.work.mkdir(parents=True, exist_ok=True)
    before = machine()
    failed = {name: error for name in options.names if (error := prepare(name, options))}
    names = [name for name in options.names if name not in failed]
    processes = [
        Process(name, threads=threads, options=options) for name in names for threads in THREADS
    ]
    rounds = measure(processes, options)
    peers: dict[str, Any] = {n: describe(n, processes, rounds, options.work) for n in names}
    add_ratios(peers)
    peers |= {n: {"about": PEERS[n].about, "error": error} for n, error in failed.items()}
    for process in processes:
        process.end()
    result = {
        "command": "python benchmarks/speed.py --data DATA --work FOLDER"
        + "".join(f" --{o} {shlex.quote(str(getattr(options, o)))}" for o in ("rounds", "seconds")),
        "commit": git("rev-parse", "HEAD")
        + ("+" if git("status", "--porcelain", "--", ":/src") else ""),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "machine": before,
        "versions": versions(),
        "peers": peers,
    }
    options.output.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
