"""Whether the exported graph gives what the engine gives, on GoEmotions dev, and how fast it is.

The graph is fed batches of texts of about one length, which suits it best. Times are from ids to
probabilities (of the engines: to logits), of all texts, the best of three. Nothing is chosen by
them. Writes ``results/onnx_parity.json``.

Run:  taskset --cpu-list 0 python benchmarks/onnx_parity.py --data DATA
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from emoconv.bundle import read_bundle, shipped_bundle
from emoconv.data import read
from emoconv.engine import ReferenceEngine
from emoconv.engine.compiled import CompiledEngine
from emoconv.export import write_onnx_folder
from emoconv.export.parity import graph_probabilities, open_graph
from emoconv.text import Encoded, Encoder
from quality import git
from speed import machine

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

HERE = Path(__file__).parent
_BATCHES = (1, 32, 256)
_ROUNDS = 3


def batches(encoded: Encoded, size: int) -> list[Encoded]:
    """Return texts in batches, the shortest first."""
    ids, offsets = encoded
    order = np.argsort(np.diff(offsets), kind="stable")
    found = []
    for first in range(0, len(order), size):
        rows = [ids[offsets[i] : offsets[i + 1]] for i in order[first : first + size]]
        ends = np.cumsum([0, *map(len, rows)], dtype=np.int64)
        found.append(Encoded(np.concatenate(rows), ends))
    return found


def best_seconds(work: Callable[[], object], rounds: int = _ROUNDS) -> float:
    work()  # words are met, memory is there
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return min(taken)


def differences(
    found: NDArray[np.float32], expected: NDArray[np.float32], cuts: NDArray[np.float32]
) -> dict[str, Any]:
    away = np.abs(found - expected)
    return {
        "largest_difference": float(away.max()),
        "mean_difference": float(away.mean()),
        "decisions": int(away.size),
        "other_decisions": int(((found >= cuts) != (expected >= cuts)).sum()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("EMOCONV_DATA"))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--output", type=Path, default=HERE / "results/onnx_parity.json")
    options = parser.parse_args()
    if options.data is None:
        parser.error("give --data FOLDER, or set EMOCONV_DATA")
    before = machine()
    bundle = read_bundle(shipped_bundle())
    texts = read(options.data / "goemotions/dev.tsv").texts
    encoder = Encoder(bundle.vocabulary, tokenizer=bundle.config.text.tokenizer)
    with tempfile.TemporaryDirectory() as folder:
        made = write_onnx_folder(shipped_bundle(), Path(folder) / "onnx")
        content = (Path(folder) / "onnx/model.onnx").read_bytes()
    session = open_graph(content, threads=options.threads)
    engine = ReferenceEngine(bundle)
    compiled = CompiledEngine(bundle, threads=1)
    (ordered,) = batches(encoder.encode_batch(texts), len(texts))
    expected = bundle.calibration.apply(engine.logits(ordered))
    parts = {size: batches(ordered, size) for size in _BATCHES}
    graph = np.concatenate([graph_probabilities(session, part) for part in parts[256]])
    speed = {
        f"graph, batches of {size}": len(texts)
        / best_seconds(lambda some=some: [graph_probabilities(session, part) for part in some])
        for size, some in parts.items()
    }
    speed |= {
        "engine, numpy reference": len(texts) / best_seconds(lambda: engine.logits(ordered)),
        "engine, compiled": len(texts) / best_seconds(lambda: compiled.logits(ordered)),
    }
    result = {
        "command": "taskset --cpu-list 0 python benchmarks/onnx_parity.py --data DATA",
        "commit": git("rev-parse", "HEAD")
        + ("+" if git("status", "--porcelain", "--", ":/src") else ""),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "machine": before,
        "versions": {name: metadata.version(name) for name in ("onnx", "onnxruntime", "numpy")},
        "threads": options.threads,
        "size_bytes": made.size_bytes,
        "texts": len(texts),
        "graph": differences(graph, expected, bundle.thresholds.values),
        "texts_per_second_from_ids": {name: round(rate) for name, rate in speed.items()},
    }
    print(json.dumps(result, indent=1), file=sys.stderr)
    options.output.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
