"""Time ``emoconv score`` on a large file, beside its own engine and beside other ways to do it.

Makes a Parquet file of many comments, and smaller ones in every format, and keeps them in WORK.
Everything that is measured runs in a process of its own (`scoring_worker.py`), in turn. Writes
``results/scoring.json``. Needs what the extra ``dev`` brings, and nothing else on the machine.

Run:  python benchmarks/scoring.py --data DATA --work WORK
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import statistics
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from peers.base import benchmark_texts
from quality import git
from scoring_files import ENDINGS, make
from speed import machine

HERE = Path(__file__).parent
SCORE = "score"
_FEW = (10**5, 10**6)  # texts, to see whether memory grows
_LINES = "txt"  # is read and not written
_ENGINE_TEXTS = 10**6
_ENGINE_SCORINGS = 2 * 10**6
_ABOUT = {
    SCORE: "`emoconv score`, from its start to its end",
    "loop-compiled": 'pandas, calls of 1,000 texts, `engine="compiled"`',
    "loop": "pandas, calls of 1,000 texts, the engine left to emoconv",
    "detect": '`frame["body"].apply(detector.detect)`, labels alone',
    "pipeline": "Transformers pipeline, network of RoBERTa-base's shape, batches of 32",
}
_ROWS = {"loop": 200_000, "detect": 50_000, "pipeline": 256}  # of those that are slow
_PACKAGES = ("emoconv", "numba", "numpy", "pandas", "pyarrow", "tokenizers", "torch")


class Runner:
    """Starts workers.

    Args:
        options: Of the command line.
    """

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self.results = options.work / "results"
        self.results.mkdir(parents=True, exist_ok=True)

    def __call__(self, way: str, file: Path, *more: str, ending: str = "parquet") -> dict[str, Any]:
        """Run one way to score a file, and return what it took; its output is removed."""
        output = self.results / f"{way}.{ending}"
        self._clear()
        places = ["--work", self._options.work, "--data", self._options.data]
        places += ["--output", output, "--log", self._options.work / f"{way}.log"]
        os.sync()  # what was written before is not to be written during this
        done = subprocess.run(
            [sys.executable, HERE / "scoring_worker.py", way, file, *places, *more],
            stdout=subprocess.PIPE,
            check=True,
        )
        self._clear()
        found: dict[str, Any] = json.loads(done.stdout)
        print(way, file.name, ending, found, file=sys.stderr)
        return found

    def score(self, file: Path, *, ending: str = "parquet") -> dict[str, Any]:
        """Run the command on a file."""
        return self(SCORE, file, ending=ending)

    def engine(self, file: Path) -> dict[str, Any]:
        """Time the engine alone on a file's first texts."""
        wanted = [f"--rows={_ENGINE_TEXTS}", f"--scorings={_ENGINE_SCORINGS}"]
        return self("engine", file, *wanted)

    def _clear(self) -> None:
        for path in self.results.iterdir():
            path.unlink()


def large(run: Runner, file: Path, rounds: int) -> dict[str, Any]:
    """Return what the large file took, each time between two looks at the engine alone."""
    engines, scores = [run.engine(file)], []
    for _ in range(rounds):
        scores.append(run.score(file))
        engines.append(run.engine(file))
    return {**compare(scores, engines), "engines": engines, "scores": scores}


def compare(scores: list[dict[str, Any]], engines: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the median run, and its share of the engine's rate.

    Args:
        scores: Runs of the command.
        engines: The engine's, one before each of those and one after the last. Of its two rates,
            all in one call and in slices, the higher one counts.
    """
    best = [max(engine["rates"].values()) for engine in engines]
    rates = [run["rows"] / run["seconds"] for run in scores]
    shares = [rate / statistics.mean(best[place : place + 2]) for place, rate in enumerate(rates)]
    return {
        "rows": scores[0]["rows"],
        "seconds": statistics.median(run["seconds"] for run in scores),
        "rate": statistics.median(rates),
        "engine_rate": statistics.median(best),
        "share": statistics.median(shares),
        "shares": shares,
        "peak_mb": max(run["peak_mb"] for run in scores),
    }


def formats(run: Runner, files: dict[str, Path], rounds: int) -> dict[str, Any]:
    """Return the rate of each format, read (to Parquet) and written (from Parquet)."""
    found = {}
    for ending, file in files.items():
        reading = [run.score(file) for _ in range(rounds)]
        writing = [
            run.score(files["parquet"], ending=ending) for _ in range(rounds) if ending != _LINES
        ]
        found[ending] = {
            "input_bytes": file.stat().st_size,
            "reading": rate(reading),
            "writing": rate(writing) if writing else None,
            "output_bytes": writing[0]["output_bytes"] if writing else None,
            "peak_mb": max(each["peak_mb"] for each in reading + writing),
        }
    return found


def peers(run: Runner, file: Path, rounds: int) -> dict[str, Any]:
    """Return the rate of each way on one file, in turn, round by round."""
    taken: dict[str, list[dict[str, Any]]] = {way: [] for way in _ABOUT}
    for _ in range(rounds):
        for way, results in taken.items():
            if way == SCORE:
                results.append(run.score(file))
            else:
                results.append(run(way, file, f"--rows={_ROWS.get(way, sys.maxsize)}"))
    rates = {way: rate(results) for way, results in taken.items()}
    return {
        way: {
            "about": about,
            "rate": rates[way],
            "times_slower": rates[SCORE]["median"] / rates[way]["median"],
            "peak_mb": max(result["peak_mb"] for result in taken[way]),
        }
        for way, about in _ABOUT.items()
    }


def rate(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return rows per second: the median of runs, the lowest and the highest."""
    rates = [run["rows"] / run["seconds"] for run in runs]
    return {
        "median": statistics.median(rates),
        "low": min(rates),
        "high": max(rates),
        "rows": runs[0]["rows"],
        "runs": len(runs),
    }


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("EMOCONV_DATA"))
    parser.add_argument("--work", type=Path, required=True, help="where files are kept")
    parser.add_argument("--texts", type=int, default=10**7, help="of the large file")
    parser.add_argument("--part", type=int, default=10**6, help="of them in each smaller file")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--output", type=Path, default=HERE / "results/scoring.json")
    options = parser.parse_args()
    if options.data is None:
        parser.error("give --data FOLDER, or set EMOCONV_DATA")
    options.part = min(options.part, options.texts)
    return options


def main() -> None:
    options = parse()
    options.work.mkdir(parents=True, exist_ok=True)
    before = machine()
    texts = benchmark_texts(options.data)["goemotions"]

    def made(count: int, ending: str = "parquet") -> Path:
        return make(options.work / f"comments-{count}.{ending}", texts, count)

    file, parts = made(options.texts), {ending: made(options.part, ending) for ending in ENDINGS}
    few = [made(count) for count in _FEW if count < options.texts]
    run = Runner(options)
    run.score(few[0] if few else file)  # the code that numba makes is on the disk from here on
    main_run = large(run, file, options.rounds)
    result = {
        "command": f"python benchmarks/scoring.py --data DATA --work WORK --texts {options.texts}"
        f" --part {options.part} --rounds {options.rounds}",
        "commit": git("rev-parse", "HEAD")
        + ("+" if git("status", "--porcelain", "--", ":/src") else ""),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "machine": before,
        "versions": {name: metadata.version(name) for name in (*_PACKAGES, "transformers")},
        "input_bytes": file.stat().st_size,
        "large": main_run,
        "growth": [*(run.score(smaller) for smaller in few), main_run["scores"][0]],
        "formats": formats(run, parts, options.rounds),
        "peers": peers(run, parts["parquet"], options.rounds),
    }
    options.output.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
