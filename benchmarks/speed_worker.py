"""One peer in a process of its own: reads requests, JSON, a line each, and answers likewise.

Started by `speed.py`. The request ``{"do": NAME, ...}`` is answered by the function of that name.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from peers import PEERS
from peers.base import Forked, benchmark_texts

if TYPE_CHECKING:
    import pyarrow as pa

_CHECKED = 64
_ONE_TEXT = "Thank you so much, that is wonderful news!"


class Worker:
    """A peer, from before it is loaded until its last round."""

    def __init__(self, name: str, *, work: Path, data: Path, threads: int) -> None:
        self._peer, self._work, self._data, self._threads = PEERS[name], work, data, threads

    def load(self) -> dict[str, Any]:
        """Import and load the peer and have it answer once."""
        self._predict = self._peer.load(self._work, self._threads)
        self._predict(self._input([_ONE_TEXT]))
        return {}

    def ready(self) -> dict[str, Any]:
        """Read the texts, choose the batch sizes, fork; return some answers."""
        self._loaded_mb = self._resident("VmRSS")
        self._texts = benchmark_texts(self._data)
        some = self._texts["goemotions"][:_CHECKED]
        found = self._predict(self._input(some))
        self._sizes = {}
        if hasattr(self._predict, "batch_sizes"):
            self._sizes = {name: self._tune(name) for name in self._texts}
        if self._threads > 1 and self._peer.parallel == "processes":
            self._predict = Forked(self._predict, self._threads)
        return {
            "answers": found.astype(float).round(6).tolist(),
            "batch_sizes": self._sizes,
        }

    def _tune(self, name: str) -> int:
        """Return the batch size that is fastest on texts of a set."""
        texts, seconds = self._sample(name, 64), {}
        for size in self._predict.batch_sizes:
            self._predict.batch_size = size
            self._predict(texts[:size])
            seconds[size] = min(self._seconds(texts) for _ in range(2))
        return min(seconds, key=seconds.__getitem__)

    def _sample(self, name: str, count: int) -> list[str]:
        """Return so many texts from all over a set, again and again if it holds fewer.

        Each is a string object of its own, as it would be in a list of different texts.
        """
        texts = self._texts[name]
        places = (i * max(1, len(texts) // count) % len(texts) for i in range(count))
        return [(texts[place] + " ")[:-1] for place in places]

    def _input(self, texts: list[str]) -> list[str] | pa.Array:
        if self._peer.takes == "strings":
            return texts
        import pyarrow as pa  # noqa: PLC0415

        return pa.array(texts, pa.string())

    def _seconds(self, texts: list[str] | pa.Array) -> float:
        start = time.perf_counter()
        found = self._predict(texts)
        seconds = time.perf_counter() - start
        if len(found) != len(texts):
            raise RuntimeError(f"{len(found)} answers to {len(texts)} texts")
        return seconds

    def round(self, name: str, count: int) -> dict[str, Any]:
        """Time so many texts of a set, some of them first without the clock."""
        texts = self._input(self._sample(name, count))
        if self._sizes:
            self._predict.batch_size = self._sizes[name]
        self._seconds(texts[: max(1, min(count // 10, 10_000))])
        return {"texts": count, "seconds": self._seconds(texts)}

    def latency(self, name: str, seconds: float) -> dict[str, Any]:
        """Time texts one by one, 1,000 of them or as many as the time allows, at least 50."""
        start, taken = time.perf_counter(), []
        inputs = [self._input([text]) for text in self._sample(name, 1000)]
        for one in inputs:
            taken.append(self._seconds(one))
            if len(taken) >= 50 and time.perf_counter() - start > seconds:  # noqa: PLR2004
                break
        return {"milliseconds": [1000 * t for t in taken]}

    def memory(self) -> dict[str, Any]:
        """Return the resident memory just after loading and at its highest, in MB."""
        return {"loaded_mb": self._loaded_mb, "peak_mb": self._resident("VmHWM")}

    @staticmethod
    def _resident(field: str) -> float:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--prepare", action="store_true", help="make the model's files and end")
    options = parser.parse_args()
    if options.prepare:
        PEERS[options.name].prepare(options.work, options.data)
        return
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-options.threads :])
    worker = Worker(options.name, work=options.work, data=options.data, threads=options.threads)
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(getattr(worker, request.pop("do"))(**request)), file=answers, flush=True)


if __name__ == "__main__":
    main()
