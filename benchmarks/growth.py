"""Stream ever more texts through one detector; write the time and the memory of each stream.

Each length is run in a fresh process. The texts are GoEmotions test texts, each with words of
other texts after it, others in every batch, so that few of ten million are the same.

Run:  python benchmarks/growth.py --data DATA
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from peers.base import benchmark_texts
from quality import git
from speed import machine

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
_BATCH = 20_000
_COUNTS = (10**3, 10**4, 10**5, 10**6, 10**7)
_PRIME = 104_729  # steps through words so that a text meets others in each batch


def batches(texts: list[str], count: int) -> Iterator[pa.RecordBatch]:
    """Yield so many texts, each a real one and then two words of others."""
    whole = pa.array(texts, pa.string())
    words = pa.array([word for text in texts for word in text.split()], pa.string())
    for first in range(0, count, _BATCH):
        places = pa.array(range(first, min(first + _BATCH, count)), pa.int64())
        parts = [_take(whole, places, 1), _take(words, places, _PRIME), _take(words, places, 31)]
        yield pa.RecordBatch.from_pydict({"text": pc.binary_join_element_wise(*parts, " ")})


def _take(values: pa.Array, places: pa.Array, step: int) -> pa.Array:
    """Return the values at ``places * step``, around the end to the start."""
    at = pc.multiply(places, step)
    turns = pc.multiply(pc.divide(at, len(values)), len(values))
    return values.take(pc.subtract(at, turns))


def resident_mb(field: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))


def stream(data: Path, count: int) -> dict[str, Any]:
    """Stream so many texts and return what it took."""
    from emoconv import EmotionDetector  # noqa: PLC0415 - its memory is counted

    texts = benchmark_texts(data)["goemotions"]
    before, start = resident_mb("VmRSS"), time.perf_counter()
    detector = EmotionDetector.load(engine="compiled")
    detector.predict_arrow(next(batches(texts, 1)), column="text")
    loaded = time.perf_counter()
    predicting, rows, after_first = 0.0, 0, None
    for batch in batches(texts, count):
        begun = time.perf_counter()
        rows += detector.predict_arrow(batch, column="text").num_rows
        predicting += time.perf_counter() - begun
        after_first = after_first or resident_mb("VmRSS")
    return {
        "texts": rows,
        "load_seconds": loaded - start,
        "seconds": predicting,
        "seconds_with_texts": time.perf_counter() - loaded,
        "before_mb": before,
        "after_first_batch_mb": after_first,
        "end_mb": resident_mb("VmRSS"),
        "peak_mb": resident_mb("VmHWM"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("EMOCONV_DATA"))
    parser.add_argument("--count", type=int, help="stream so many in this process and print it")
    parser.add_argument("--most", type=int, default=_COUNTS[-1])
    parser.add_argument("--output", type=Path, default=HERE / "results/growth.json")
    options = parser.parse_args()
    if options.data is None:
        parser.error("give --data FOLDER, or set EMOCONV_DATA")
    if options.count:
        print(json.dumps(stream(options.data, options.count)))
        return
    before, runs = machine(), []
    for count in (count for count in _COUNTS if count <= options.most):
        done = subprocess.run(
            [sys.executable, __file__, "--data", str(options.data), "--count", str(count)],
            stdout=subprocess.PIPE,
            check=True,
        )
        runs.append(json.loads(done.stdout))
        print(count, runs[-1], file=sys.stderr)
    result = {
        "command": "python benchmarks/growth.py --data DATA",
        "commit": git("rev-parse", "HEAD")
        + ("+" if git("status", "--porcelain", "--", ":/src") else ""),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "machine": before,
        "batch": _BATCH,
        "runs": runs,
    }
    options.output.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
