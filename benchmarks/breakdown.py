"""Say where emoconv's time goes on the way from an Arrow column to probabilities, on one core.

Each step is timed on its own over the same texts: Arrow and Python's handling of it, decoding and
tokenising, hashing, table reads, output layer, sigmoid. What the steps do not account for is
written as such. The bytes of tables that a text reads are set against two limits measured in the
same run: what memory gives when read end to end, and what the same rows give when they are read in
the same order and only summed.

Run:  python benchmarks/breakdown.py --data DATA
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numba import njit

from emoconv.bundle import read_bundle, shipped_bundle
from emoconv.engine import kernels
from emoconv.engine.compiled import CompiledEngine
from emoconv.text import kernels as text_kernels
from emoconv.text.tables import CharacterTables
from peers.base import benchmark_texts
from quality import git
from speed import machine

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

HERE = Path(__file__).parent
_BLOCK = 2048
_LARGE = 2**29
"""Bytes: many times any cache."""


@njit(nogil=True)
def _find_all(words: Any, points: Any, starts: Any, found: Any) -> None:  # noqa: ANN401 - numba's
    for i in range(len(found)):
        found[i] = text_kernels._find(words, points[starts[i] : starts[i + 1]])  # noqa: SLF001


@njit(nogil=True)
def _pool_all(tables: Any, places: Any, offsets: Any) -> float:  # noqa: ANN401 - numba's
    rows, widths, largest = tables
    sums = np.zeros(len(largest) // len(widths), dtype=largest.dtype)
    total = 0.0
    for n in range(len(offsets) - 1):
        if offsets[n + 1] > offsets[n]:
            here = places[offsets[n] : offsets[n + 1]]
            kernels._pool(rows, widths, here, sums, largest)  # noqa: SLF001
            total += largest[0]
    return total


@njit(nogil=True)
def _dense_all(features: Any, layer: Any, outputs: Any, count: int) -> None:  # noqa: ANN401 - numba's
    for _ in range(count):
        kernels._dense(features, layer[0], layer[1], outputs)  # noqa: SLF001


@njit(nogil=True)
def _read_rows(rows: Any, places: Any, sums: Any) -> None:  # noqa: ANN401 - numba's
    for i in places:
        row = rows[i]
        for c in range(len(sums)):
            sums[c] += row[c]


@njit(nogil=True, fastmath=True)
def _sum(array: Any) -> int:  # noqa: ANN401 - numba's
    total = 0
    for value in array:
        total += value
    return total


def seconds(work: Callable[[], Any], rounds: int) -> float:
    """Return the median time of a piece of work, done once before."""
    work()
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def shares(engine: CompiledEngine, texts: pa.Array, rounds: int) -> dict[str, Any]:
    """Return the seconds of each step over all texts."""
    encoder = engine._encoder  # noqa: SLF001
    blocks = [texts.slice(first, _BLOCK) for first in range(0, len(texts), _BLOCK)]
    encoded = [encoder.encode_arrow(block) for block in blocks]
    logits = [engine.logits(block) for block in encoded]
    places = [(engine._tables.places(block.ids), block.offsets) for block in encoded]  # noqa: SLF001
    words = text_kernels._Words(  # noqa: SLF001
        *encoder._tables[:3],  # noqa: SLF001
        CharacterTables(*encoder._tables[3:]),  # noqa: SLF001
    )
    tables = engine._tables  # noqa: SLF001
    largest = np.zeros(len(tables.bias), dtype=tables.sums_dtype)
    pooled = (tables.rows, tables.widths, largest)
    ids = np.concatenate([block.ids for block in encoded])
    lengths = np.diff(words.starts)[ids]
    starts = np.zeros(len(ids) + 1, dtype=np.int64)
    np.cumsum(lengths, out=starts[1:])
    points = np.concatenate([words.points[words.starts[i] : words.starts[i + 1]] for i in ids])
    found = np.empty(len(ids), dtype=np.int64)
    layer = engine._hidden if len(engine._hidden.bias) else engine._output  # noqa: SLF001
    features = np.ones((4, layer.weight.shape[1]), dtype=np.float32)
    outputs = np.empty((4, len(layer.bias)), dtype=np.float32)

    def encode_bytes() -> None:
        for data, offsets in buffers:
            encoder.encode_buffer(data, offsets)

    buffers = [
        (np.frombuffer(b.buffers()[2], np.uint8),
         np.frombuffer(b.buffers()[1], np.int32)[b.offset :][: len(b) + 1])
        for b in blocks
    ]  # fmt: skip
    steps = {
        "whole": lambda: engine.probabilities(texts),
        "encode": encode_bytes,
        "hash": lambda: _find_all(words, points, starts, found),
        "logits": lambda: [engine.logits(block) for block in encoded],
        "tables": lambda: [_pool_all(pooled, *block) for block in places],
        "dense": lambda: _dense_all(features, layer, outputs, -(-len(texts) // 4)),
        "sigmoid": lambda: [engine._calibration.apply(block) for block in logits],  # noqa: SLF001
    }
    took = {name: seconds(step, rounds) for name, step in steps.items()}
    return {
        "tokenising": took["encode"] - took["hash"],
        "hashing": took["hash"],
        "table reads, sums and maxima": took["tables"],
        "output layer": took["dense"],
        "calibration and sigmoid": took["sigmoid"],
        "Arrow, Python and the rest": took["whole"]
        - took["encode"]
        - took["tables"]
        - took["dense"]
        - took["sigmoid"],
        "whole": took["whole"],
    }


def bandwidth(threads: int, rounds: int) -> float:
    """Return the bytes per second of memory read end to end."""
    parts = [np.ones(_LARGE // 8 // threads, dtype=np.int64) for _ in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        return _LARGE / seconds(lambda: list(pool.map(_sum, parts)), rounds)


def row_rate(rows: NDArray[Any], places: NDArray[np.int32], threads: int, rounds: int) -> float:
    """Return the bytes per second of table rows read in the texts' order and summed."""
    parts = np.array_split(places, threads)
    sums = [np.zeros(rows.shape[1], dtype=rows.dtype) for _ in range(threads)]

    def read() -> None:
        list(pool.map(lambda part, total: _read_rows(rows, part, total), parts, sums))

    with ThreadPoolExecutor(threads) as pool:
        return len(places) * rows[0].nbytes / seconds(read, rounds)


def measure(data: Path, rounds: int) -> dict[str, Any]:
    bundle = read_bundle(shipped_bundle())
    engine, two = (CompiledEngine(bundle, threads=threads) for threads in (1, 2))
    found: dict[str, Any] = {}
    for name, texts in benchmark_texts(data).items():
        column = pa.array(texts * 4, pa.string())
        encoded = engine._encoder.encode_arrow(column)  # noqa: SLF001
        places = engine._tables.places(encoded.ids)  # noqa: SLF001
        rows = engine._tables.rows  # noqa: SLF001
        took = shares(engine, column, rounds)
        per_text = len(encoded.ids) / len(column) * rows[0].nbytes
        rates = {
            "1": len(column) / took["whole"],
            "2": len(column) / seconds(lambda c=column: two.probabilities(c), rounds),
        }
        found[name] = {
            "texts": len(column),
            "tokens_per_text": len(encoded.ids) / len(column),
            "seconds": took,
            "table_bytes_per_text": per_text,
            "rows_used": len(np.unique(encoded.ids)),
            "rows_used_mb": len(np.unique(encoded.ids)) * rows[0].nbytes / 1e6,
            "texts_per_second": rates,
            "table_bytes_per_second": {n: per_text * rate for n, rate in rates.items()},
            "rows_alone_bytes_per_second": {
                str(n): row_rate(rows, places, n, rounds) for n in (1, 2)
            },
        }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("EMOCONV_DATA"))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--output", type=Path, default=HERE / "results/breakdown.json")
    options = parser.parse_args()
    if options.data is None:
        parser.error("give --data FOLDER, or set EMOCONV_DATA")
    before = machine()
    result = {
        "command": f"python benchmarks/breakdown.py --data DATA --rounds {options.rounds}",
        "commit": git("rev-parse", "HEAD")
        + ("+" if git("status", "--porcelain", "--", ":/src") else ""),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "machine": before,
        "memory_bytes_per_second": {str(n): bandwidth(n, options.rounds) for n in (1, 2)},
        "texts": measure(options.data, options.rounds),
    }
    options.output.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
