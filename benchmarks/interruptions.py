"""Cut runs of ``emoconv score`` off in every way, have them go on, and compare what they leave.

Every kind of file is scored once without a break; then runs of the same command are killed
(SIGKILL) at moments by chance, a third of them when all rows are scored and the output is being
finished, and on less data before each change that they make to files. Then the disk fills up,
Ctrl-C comes, the input is deleted, another run wants the same output. Outputs, rejects and
summaries have to have the SHA-256 of those of the run without a break. Writes
``results/interruptions.json``.

Run:  python benchmarks/interruptions.py --data DATA --work WORK
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import gzip
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cutting_off import Command, Whole, ended, kill_at_changes, kill_at_random, wait_until, whole
from peers.base import benchmark_texts
from quality import git
from scoring_files import TEXT_COLUMN, make
from speed import machine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parent
_MIXED = ("parquet", "csv", "tsv", "jsonl.zst", "arrow")
_BAD_ROWS = (b"a row that has one field\n", b'7,8,"not \xff UTF-8"\n')
_GOOD_BETWEEN = 1_000
_FEW_ROWS = 4_000  # where a run is killed before each change
_FEW_SHARD_ROWS = 512
_CTRL_C = 5  # times
_DISK_MB = 8
_ENLARGED_MB = 1_024


@dataclass(frozen=True)
class Case:
    """A kind of input and output.

    Attributes:
        about: What it is.
        inputs: Names of what is scored.
        output: That of the output.
        make: Makes the inputs in a folder, of texts, about so many rows.
        options: More of the command's.
    """

    about: str
    inputs: tuple[str, ...]
    output: str
    make: Callable[[Path, list[str], int], object]
    options: tuple[str, ...] = ()

    def command(self, folder: Path, texts: list[str], rows: int, *, shard_rows: int = 0) -> Command:
        """Make the inputs in a new folder, and return the command."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.make(folder, texts, rows)
        arguments = (*self.inputs, "--text-column", TEXT_COLUMN, *self.options)
        return Command(folder, arguments, output=self.output, shard_rows=shard_rows)


def _one(name: str) -> Callable[[Path, list[str], int], object]:
    return lambda folder, texts, rows: make(folder / name, texts, rows)


def _bad_csv(folder: Path, texts: list[str], rows: int) -> None:
    """Make a packed CSV file with rows between that cannot be read."""
    plain = make(folder / "whole.csv", texts, rows)
    with plain.open("rb") as lines, gzip.open(folder / "in.csv.gz", "wb", 6) as packed:
        for number, line in enumerate(lines, start=1):
            packed.write(line)
            if number % _GOOD_BETWEEN == 0:
                packed.write(_BAD_ROWS[number // _GOOD_BETWEEN % len(_BAD_ROWS)])
    plain.unlink()


def _mixed(folder: Path, texts: list[str], rows: int) -> None:
    (folder / "in").mkdir()
    for ending in _MIXED:
        make(folder / f"in/{ending.replace('.', '-')}.{ending}", texts, rows // len(_MIXED))


CASES = {
    "parquet": Case("Parquet to Parquet", ("in.parquet",), "out.parquet", _one("in.parquet")),
    "csv": Case(
        "csv.gz with bad rows to csv.gz, `--on-error skip`",
        ("in.csv.gz",),
        "out.csv.gz",
        _bad_csv,
        ("--on-error", "skip"),
    ),
    "jsonl": Case("JSON Lines to JSON Lines", ("in.jsonl",), "out.jsonl", _one("in.jsonl")),
    "folder": Case("a folder of five formats to a folder", ("in",), "out/", _mixed),
    "arrow": Case("Parquet to an Arrow file", ("in.parquet",), "out.arrow", _one("in.parquet")),
}


def interrupt(name: str, texts: list[str], options: argparse.Namespace) -> dict[str, Any]:
    """Return what became of one kind of files."""
    case, folder = CASES[name], options.work / "interruptions"
    command = case.command(folder / name, texts, options.rows)
    expected = whole(command)
    chance = random.Random(f"{options.seed} {name}")  # noqa: S311 - no secret
    by_chance = kill_at_random(command, expected, kills=options.kills, chance=chance)
    few = case.command(folder / f"{name}-few", texts, _FEW_ROWS, shard_rows=_FEW_SHARD_ROWS)
    found = {
        "about": case.about,
        "command": f"emoconv {' '.join(command.arguments)}",
        "seconds": round(expected.seconds, 3),
        "shards": expected.shards,
        "files": sorted(expected.results),
        "at_random": asdict(by_chance),
        "at_changes": asdict(kill_at_changes(few, whole(few))),
    }
    print(name, json.dumps({k: found[k] for k in ("at_random", "at_changes")}), file=sys.stderr)
    return found


def ctrl_c(command: Command, expected: Whole, *, chance: random.Random) -> dict[str, Any]:
    """Press Ctrl-C when so many shards are finished, as chance has it."""
    ends = []
    for _ in range(_CTRL_C):
        wanted = chance.randint(1, max(1, expected.shards // 2))
        process = command.start()
        wait_until(lambda: command.shards() >= wanted, process)  # noqa: B023 - waits
        process.send_signal(signal.SIGINT)
        code, said = ended(process)
        shards = command.shards()
        end = {"code": code, "said": said.splitlines()[-1:], "shards": shards}
        ends.append({**end, **_again(command, expected)})
    return {"ends": ends, "identical": all(end["identical"] for end in ends)}


def _again(command: Command, expected: Whole) -> dict[str, Any]:
    """Have a command go on to its end; return what came of it."""
    code, said = command.run()
    left, identical = command.partial.exists(), command.results() == expected.results
    command.clear()
    found: dict[str, Any] = {"identical": not code and identical, "left_behind": left}
    return found if not code else {**found, "fault": " ".join(said.split())}


@contextlib.contextmanager
def _small_disk(folder: Path) -> Iterator[None]:
    """Have a small disk of its own at a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    _run("mount", "-t", "tmpfs", "-o", f"size={_DISK_MB}m", "tmpfs", str(folder))
    try:
        yield
    finally:
        _run("umount", str(folder))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def disk_full(case: Case, folder: Path, texts: list[str], rows: int) -> dict[str, Any]:
    """Let the disk fill up, enlarge it, and go on."""
    command = case.command(folder, texts, rows)
    expected = whole(command)
    small = Command(folder, command.arguments[1:-2], output=f"disk/{case.output}")
    try:
        with _small_disk(folder / "disk"):
            code, said = small.run()
            stopped = {"code": code, "said": said.splitlines(), "shards": small.shards()}
            early = small.output.exists()
            _run("mount", "-o", f"remount,size={_ENLARGED_MB}m", str(folder / "disk"))
            names = {f"disk/{name}": digest for name, digest in expected.results.items()}
            again = _again(small, Whole(0, 0, expected.shards, names))
    except (OSError, subprocess.CalledProcessError) as error:
        return {"not_tried": f"no disk could be mounted ({type(error).__name__})"}
    return {**stopped, "output_there": early, **again}


def input_deleted(command: Command, expected: Whole) -> dict[str, Any]:
    """Delete the input when a first shard is finished."""
    path = command.folder / command.arguments[1]
    kept = path.with_name(f"{path.name}.kept")
    shutil.copy2(path, kept)
    process = command.start()
    wait_until(lambda: command.shards() > 0, process)
    path.unlink()
    code, said = ended(process)
    found = {"code": code, "said": said.splitlines()[-1:]}
    found["identical"] = command.results() == expected.results
    kept.replace(path)
    command.clear()
    return found


def second_run(command: Command, expected: Whole) -> dict[str, Any]:
    """Start the same command again while it runs."""
    process = command.start()
    wait_until(lambda: command.shards() > 0, process)
    process.send_signal(signal.SIGSTOP)  # or it might end before the other has begun
    code, said = command.run()
    process.send_signal(signal.SIGCONT)
    first, _ = ended(process)
    identical = not first and command.results() == expected.results
    left = command.partial.exists()
    command.clear()
    return {
        "code": code,
        "said": said.splitlines(),
        "identical": identical,
        "left_behind": left,
    }


def events(texts: list[str], options: argparse.Namespace) -> dict[str, Any]:
    """Return what came of all else that can happen to a run."""
    folder, case = options.work / "interruptions", CASES["parquet"]
    command = case.command(folder / "events", texts, options.rows)
    expected = whole(command)
    found = {
        "ctrl_c": ctrl_c(command, expected, chance=random.Random(options.seed)),  # noqa: S311 - no secret
        "input_deleted": input_deleted(command, expected),
        "second_run": second_run(command, expected),
        "disk_full": disk_full(case, folder / "full", texts, options.rows),
    }
    print(json.dumps(found), file=sys.stderr)
    return found


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("EMOCONV_DATA"))
    parser.add_argument("--work", type=Path, required=True, help="where files are made")
    parser.add_argument("--kills", type=int, default=20, help="of each kind of files, by chance")
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help=f"some of {', '.join(CASES)}, with commas; default: all")
    parser.add_argument("--output", type=Path, default=HERE / "results/interruptions.json")
    options = parser.parse_args()
    if options.data is None:
        parser.error("give --data FOLDER, or set EMOCONV_DATA")
    options.names = options.only.split(",") if options.only else list(CASES)
    unknown = set(options.names) - set(CASES)
    if unknown:
        parser.error(f"no {', '.join(sorted(unknown))}; there are {', '.join(CASES)}")
    return options


def main() -> None:
    options = parse()
    before, texts = machine(), benchmark_texts(options.data)["goemotions"]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # for what is started from here
    result = {
        "command": "python benchmarks/interruptions.py --data DATA --work WORK"
        + "".join(f" --{o} {getattr(options, o)}" for o in ("kills", "rows", "seed")),
        "commit": git("rev-parse", "HEAD")
        + ("+" if git("status", "--porcelain", "--", ":/src") else ""),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "machine": before,
        "rows": options.rows,
        "cases": {name: interrupt(name, texts, options) for name in options.names},
        "events": events(texts, options),
    }
    options.output.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
