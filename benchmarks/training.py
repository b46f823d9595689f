"""Measure training: on a processor and a GPU, in several processes, and on more than memory holds.

Each part is written on its own, as each wants another machine: ``devices`` a GPU beside a
processor, ``processes`` several cores, ``large`` room on disk. A part that was cut off goes on:
what is in the results is not measured again.

Run:  python benchmarks/training.py devices --data FOLDER --work FOLDER
      python benchmarks/training.py processes --data FOLDER --work FOLDER
      python benchmarks/training.py large --data FOLDER --work FOLDER
"""

from __future__ import annotations

import argparse
import datetime as dt
import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import torch

from emoconv.data import read_official
from quality import git
from speed import machine

HERE = Path(__file__).parent
VECTORS = "vectors/reddit-top2.5M.sg.300d.txt.gz"
_EPOCHS = 6
_DEVICES = (
    ("cpu", "float32", 128, 256, 1),
    ("cpu", "auto", 128, 256, 1),
    ("cuda", "float32", 128, 256, 3),
    ("cuda", "bfloat16", 128, 256, 3),
    ("cuda", "float32", 1024, 256, 1),
    ("cuda", "bfloat16", 1024, 256, 1),
    ("cuda", "float32", 1024, 2048, 1),
    ("cuda", "bfloat16", 1024, 2048, 1),
)
"""Device, precision, texts a step, filters of each width, seeds."""
_ROWS = (500_000, 2_000_000, 4_000_000)
_SMALL_MODEL = ("model.filters=32", "model.embedding_width=50", "training.batch_size=256")
"""What is learnt matters little where memory is measured."""
_POLL_SECONDS = 0.05


def train(
    folder: Path, *arguments: str, settings: tuple[str, ...], processes: int = 1, threads: int = 0
) -> dict[str, Any]:
    """Train by the command line and return times, the best epoch and the most memory it held.

    Args:
        folder: Where the model goes; what was there is replaced.
        arguments: What to learn from.
        settings: What to change of the recipe ``small``.
        processes: How many torchrun starts; one is started without it.
        threads: Of each; 0 for as many as there are cores.
    """
    shutil.rmtree(folder, ignore_errors=True)
    start = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    sets = [part for setting in settings for part in ("--set", setting)]
    line = [sys.executable, *(start if processes > 1 else ()), "-m", "emoconv", "train", *arguments]
    environment = dict(os.environ)
    if threads:
        environment["OMP_NUM_THREADS"] = str(threads)
    started = time.perf_counter()
    with subprocess.Popen(
        [*line, *sets, "--output", str(folder)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        most = most_memory(process)
        said = process.stderr.read() if process.stderr else ""
    if process.returncode:
        return {"failed": said.strip().splitlines()[-1], "most_mb": most}
    seconds = time.perf_counter() - started
    history = [json.loads(row) for row in (folder / "history.jsonl").read_text().splitlines()]
    best = max(history, key=lambda row: row["dev_macro_f1"])
    rows = json.loads((folder / "config.json").read_text())["provenance"]["train"]["rows"]
    later = history[1:] or history  # in the first epoch much is made ready
    an_epoch = statistics.median(row["seconds"] for row in later)
    return {
        "seconds": round(seconds, 1),
        "epoch_seconds": round(an_epoch, 2),
        "texts_a_second": round(rows / an_epoch),
        "dev_macro_f1": round(best["dev_macro_f1"], 4),
        "dev_micro_f1": round(best["dev_micro_f1"], 4),
        "dev_loss": round(best["dev_loss"], 5),
        "most_mb": most,
    }


def most_memory(process: subprocess.Popen[str]) -> int:
    """Return the most megabytes of its own that a process held, pages of files not counted."""
    most = 0
    while process.poll() is None:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
        except OSError:
            break
        lines = [line.split() for line in status.splitlines() if line.startswith("RssAnon")]
        most = max([most, *(int(line[1]) // 1000 for line in lines)])
        time.sleep(_POLL_SECONDS)
    return most


def official(data: Path) -> tuple[str, ...]:
    vectors = data / VECTORS
    given = ("--vectors", str(vectors)) if vectors.exists() else ()
    return ("--data", str(data / "goemotions"), *given)


def epochs(count: int) -> tuple[str, ...]:
    return (f"training.epochs={count}", f"training.patience={count}")


def devices(data: Path, work: Path, runs: Runs) -> None:
    """Train by the recipe ``small`` on GoEmotions, on each device."""
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else None
    for device, precision, batch, filters, seeds in _DEVICES:
        for seed in range(seeds):
            shape = {"device": device, "precision": precision, "batch": batch, "filters": filters}
            settings = (
                f"training.precision={precision}",
                f"training.batch_size={batch}",
                f"model.filters={filters}",
            )
            runs.measure(
                shape | {"seed": seed, "gpu": gpu},
                work / "model",
                *(*official(data), "--device", device, "--seed", str(seed)),
                settings=(*epochs(_EPOCHS), *settings),
            )


def processes(data: Path, work: Path, runs: Runs) -> None:
    """Train on all cores: by threads, by processes, and by both; each twice, in turns."""
    cores = os.cpu_count() or 1
    shapes = [(n, cores // n) for n in (1, 2, 4, 8) if n <= cores]
    for turn in range(2):
        for batch in (128, 1024):
            for count, threads in shapes:
                runs.measure(
                    {"processes": count, "threads": threads, "batch": batch, "turn": turn},
                    work / "model",
                    *(*official(data), "--device", "cpu"),
                    settings=(*epochs(2), f"training.batch_size={batch}"),
                    processes=count,
                    threads=threads,
                )


def write_rows(data: Path, path: Path, rows: int) -> None:
    """Write texts of Reddit, over and over with a number each, with labels of GoEmotions."""
    train_part = read_official(data / "goemotions/train.tsv")
    names = [[train_part.labels.names[i] for i in row.nonzero()[0]] for row in train_part.y]
    with gzip.open(data / "unlabelled/unlabelled_1M.txt.gz", "rt", encoding="utf-8") as file:
        texts = [*train_part.texts, *(line.rstrip("\n") for line in file)]
    schema = pa.schema({"text": pa.string(), "labels": pa.list_(pa.string())})
    with pq.ParquetWriter(path, schema) as writer:
        for first in range(0, rows, 50_000):
            numbers = range(first, min(first + 50_000, rows))
            some = [f"{texts[n % len(texts)]} {n // len(texts)}" for n in numbers]
            labels = [names[n % len(names)] for n in numbers]
            writer.write_table(pa.table([some, labels], schema=schema))


def large(data: Path, work: Path, runs: Runs) -> None:
    """Train a small model for an epoch on many rows, in memory and streamed."""
    dev = work / "dev.parquet"
    write_rows(data, dev, 5000)
    for rows in _ROWS:
        path = work / "rows.parquet"
        write_rows(data, path, rows)
        for streamed in (False, True):
            runs.measure(
                {"rows": rows, "file_mb": path.stat().st_size // 10**6, "streamed": streamed},
                work / "model",
                *("--train", str(path), "--dev", str(dev), "--labels-column", "labels"),
                *("--stream",) * streamed,
                settings=(*epochs(1), *_SMALL_MODEL),
                threads=1,  # others on the machine then disturb it little
            )


class Runs:
    """The runs of a part, written one by one.

    Args:
        path: The file.
        part: The name of the part.
        about: What is known of all of them.
    """

    def __init__(self, path: Path, part: str, about: dict[str, Any]) -> None:
        self._path, self._part = path, part
        self._all = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        self._runs = self._all.get(part, {}).get("runs", [])
        self._commit = about.pop("commit")
        self._all[part] = about | {"runs": self._runs}

    def measure(self, named: dict[str, Any], *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - those of train
        """Train and write what came of it, unless a run of this name is there."""
        if any(named.items() <= run.items() for run in self._runs):
            return
        self._runs.append(named | train(*arguments, **options) | {"commit": self._commit})
        print(json.dumps(self._runs[-1]), flush=True)
        self._path.write_text(json.dumps(self._all, indent=1) + "\n", encoding="utf-8")


PARTS = {"devices": devices, "processes": processes, "large": large}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--data", type=Path, default=os.environ.get("EMOCONV_DATA"))
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--commit", help="where there is no git: what the tree is")
    parser.add_argument("--output", type=Path, default=HERE / "results/training.json")
    options = parser.parse_args()
    if options.data is None:
        parser.error("give --data FOLDER, or set EMOCONV_DATA")
    options.work.mkdir(parents=True, exist_ok=True)
    changed = "" if options.commit else "+" * bool(git("status", "--porcelain", "--", ":/src"))
    about = {
        "command": f"python benchmarks/training.py {options.part} --data DATA --work FOLDER",
        "commit": (options.commit or git("rev-parse", "HEAD")) + changed,
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "machine": machine(),
        "torch": torch.__version__,
    }
    PARTS[options.part](options.data, options.work, Runs(options.output, options.part, about))


if __name__ == "__main__":
    main()
