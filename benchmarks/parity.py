"""Compare the reference, the compiled engine and torch on all of GoEmotions and on fuzzed strings.

Ids of the two tokenisers are compared one by one, probabilities by their largest difference, and
labels by how many decisions differ. Writes ``results/parity.json``.

Run:  python benchmarks/parity.py --data DATA
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from emoconv.bundle import read_bundle, shipped_bundle
from emoconv.engine import ReferenceEngine
from emoconv.engine.compiled import CompiledEngine
from emoconv.text import Encoder
from emoconv.text.compiled import CompiledEncoder
from emoconv.train.loop import predict_logits
from emoconv.train.network import network_of
from fuzz import fuzzed
from quality import git
from speed import machine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from emoconv.bundle import Bundle
    from emoconv.text import Encoded

    Probabilities = Callable[[pa.Array, Encoded], NDArray[np.float32]]

HERE = Path(__file__).parent
_BLOCK = 10_000
PARTS = ("train", "dev", "test")


def goemotions(data: Path) -> Iterator[str]:
    """Yield the texts of the official split, all parts."""
    for part in PARTS:
        lines = (data / f"goemotions/{part}.tsv").read_text(encoding="utf-8").splitlines()
        yield from (line.split("\t")[0] for line in lines)


def ways(bundle: Bundle, threads: int) -> dict[str, Probabilities]:
    """Return each way from a block of texts to probabilities, that of the reference first."""
    reference = ReferenceEngine(bundle)
    network = network_of(bundle)
    compiled = {
        f"compiled, {dtype.__name__}": CompiledEngine(bundle, threads=threads, dtype=dtype)
        for dtype in (np.float32, np.int8)
    }
    return {
        "reference": lambda _, encoded: bundle.calibration.apply(reference.logits(encoded)),
        "torch": lambda _, encoded: bundle.calibration.apply(predict_logits(network, encoded)),
        **{
            name: lambda texts, _, engine=engine: engine.probabilities(texts)
            for name, engine in compiled.items()
        },
    }


def compare(bundle: Bundle, texts: Iterable[str], *, threads: int) -> dict[str, Any]:
    """Return how far each way is from the reference on texts."""
    text = bundle.config.text
    options: dict[str, Any] = {"tokenizer": text.tokenizer, "max_tokens": text.max_tokens}
    encoder = Encoder(bundle.vocabulary, **options)
    compiled = CompiledEncoder(bundle.vocabulary, **options)
    first, *others = ways(bundle, threads).items()
    found: dict[str, Any] = {"texts": 0, "tokens": 0, "texts_with_other_ids": 0, "decisions": 0}
    found["ways"] = {n: {"largest_difference": 0.0, "other_decisions": 0} for n, _ in others}
    waiting = iter(texts)
    while block := list(islice(waiting, _BLOCK)):
        column = pa.array(block, pa.string())
        encoded, again = encoder.encode_batch(block), compiled.encode_arrow(column)
        found["texts"] += len(block)
        found["tokens"] += len(encoded.ids)
        found["texts_with_other_ids"] += _different(encoded, again)
        exact = first[1](column, encoded)
        decided = bundle.thresholds.decide(exact)
        found["decisions"] += int(decided.sum())
        for name, way in others:
            other, figures = way(column, encoded), found["ways"][name]
            largest = max(figures["largest_difference"], float(np.abs(other - exact).max()))
            figures["largest_difference"] = largest
            figures["other_decisions"] += int((bundle.thresholds.decide(other) != decided).sum())
        print(f"{found['texts']:,} texts", file=sys.stderr)
    return found


def without_room(bundle: Bundle) -> dict[str, int]:
    """Return how many of all words' int8 answers were cut because they had no room."""
    tables = CompiledEngine(bundle, threads=1)._tables  # noqa: SLF001
    limits = tables._limits * tables._matrix.any(axis=0)  # noqa: SLF001 - 0: fills up
    cut = answers = 0
    for first in range(1, len(bundle.vocabulary), _BLOCK):
        ids = np.arange(first, min(first + _BLOCK, len(bundle.vocabulary)), dtype=np.int32)
        rows = tables.rows[tables.places(ids)]
        cut += int(((np.abs(rows) >= limits) & (limits > 0)).sum())
        answers += int(len(ids) * (limits > 0).sum())
    return {"cut": cut, "answers": answers}


def _different(one: Encoded, other: Encoded) -> int:
    """Return how many texts have other ids."""
    if np.array_equal(one.ids, other.ids) and np.array_equal(one.offsets, other.offsets):
        return 0
    pairs = zip(*(np.split(e.ids, e.offsets[1:-1]) for e in (one, other)), strict=True)
    return sum(not np.array_equal(a, b) for a, b in pairs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("EMOCONV_DATA"))
    parser.add_argument("--fuzzed", type=int, default=1_000_000, help="how many fuzzed strings")
    parser.add_argument("--most", type=int, help="of GoEmotions; default: all")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--output", type=Path, default=HERE / "results/parity.json")
    options = parser.parse_args()
    if options.data is None:
        parser.error("give --data FOLDER, or set EMOCONV_DATA")
    before, bundle = machine(), read_bundle(shipped_bundle())
    sets = {
        "GoEmotions, all parts": islice(goemotions(options.data), options.most),
        "fuzzed strings": fuzzed(options.fuzzed),
    }
    result = {
        "command": f"python benchmarks/parity.py --data DATA --fuzzed {options.fuzzed}"
        + (f" --most {options.most}" if options.most else ""),
        "commit": git("rev-parse", "HEAD")
        + ("+" if git("status", "--porcelain", "--", ":/src") else ""),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "machine": before,
        "int8_answers": without_room(bundle),
        "sets": {
            name: compare(bundle, texts, threads=options.threads) for name, texts in sets.items()
        },
    }
    options.output.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
