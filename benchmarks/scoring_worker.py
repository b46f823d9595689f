"""One way to score a file, in a process of its own; prints what it took as JSON.

Started by `scoring.py`. Ways that load a model start their clock when it is loaded and has
answered once, and stop it when their output is written; ``emoconv`` is timed as a command, from
before its process starts.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from emoconv import EmotionDetector

_COLUMN = "body"
_ONE_TEXT = "Thank you so much, that is wonderful news!"
_SLICE = 2**15  # rows, as many as `emoconv score` has in a shard
_CHUNK = 1_000
_BATCH = 32
_RESIDENT_UNIT = 1024  # of ru_maxrss, bytes
_MB = 2**20


def score(options: argparse.Namespace) -> dict[str, Any]:
    """Run the command, and wait for it."""
    program = Path(sys.executable).with_name("emoconv")
    start = time.perf_counter()
    with options.log.open("w") as log:
        process = subprocess.Popen(
            [program, "score", options.file, "--output", options.output, "--text-column", _COLUMN],
            stderr=log,
        )
        # What a process used at most counts from before it became the command: this one is small.
        _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(options.log.read_text())
    summary = json.loads(Path(f"{options.output}.summary.json").read_text(encoding="utf-8"))
    return {
        "rows": summary["rows"],
        "seconds": seconds,
        "processor_seconds": used.ru_utime + used.ru_stime,
        "peak_mb": used.ru_maxrss * _RESIDENT_UNIT / _MB,
        "engine": summary["run"]["engine"],
        "output_bytes": options.output.stat().st_size,
    }


def engine(options: argparse.Namespace) -> dict[str, Any]:
    """Time the compiled engine alone over texts in memory: all in one call, and in slices."""
    import pyarrow as pa  # noqa: PLC0415 - no other way's memory
    import pyarrow.parquet as pq  # noqa: PLC0415 - same

    from emoconv import EmotionDetector  # noqa: PLC0415 - same

    batches = pq.ParquetFile(options.file).iter_batches(columns=[_COLUMN])
    texts = pa.chunked_array([batch.column(0) for batch in _first(batches, options.rows)])
    whole = texts.combine_chunks().slice(0, options.rows)
    detector = EmotionDetector.load(engine="compiled")
    detector.predict_proba(whole.slice(0, _SLICE))
    slices = [whole.slice(first, _SLICE) for first in range(0, len(whole), _SLICE)]
    found = {}
    for name, parts in (("whole", [whole]), ("slices", slices)):
        scored, start = 0, time.perf_counter()
        while scored < options.scorings:
            for part in parts:
                scored += len(detector.predict_proba(part))
        found[name] = scored / (time.perf_counter() - start)
    return {"texts": len(whole), "scorings": options.scorings, "rates": found}


def _first(batches: Any, rows: int) -> list[Any]:  # noqa: ANN401 - pyarrow has no types
    """Return the first batches, until they have so many rows."""
    taken: list[Any] = []
    while sum(batch.num_rows for batch in taken) < rows:
        batch = next(batches, None)
        if batch is None:
            break
        taken.append(batch)
    return taken


def loop(options: argparse.Namespace, **how: Any) -> dict[str, Any]:  # noqa: ANN401 - a detector's
    """Score a data frame's column a thousand texts at a time, with a detector of our own."""
    import numpy as np  # noqa: PLC0415 - no other way's memory

    from emoconv import EmotionDetector  # noqa: PLC0415 - same

    detector = EmotionDetector.load(**how)
    detector.predict_proba([_ONE_TEXT])

    def found(bodies: pd.Series[str]) -> dict[str, Any]:
        parts = [
            detector.predict_proba(bodies[first : first + _CHUNK])
            for first in range(0, len(bodies), _CHUNK)
        ]
        return _columns(detector, np.concatenate(parts))

    return _over_frame(options, found)


def _columns(detector: EmotionDetector, probabilities: NDArray[np.float32]) -> dict[str, Any]:
    """Return the columns that the command adds, as one would make them in a notebook."""
    labels = detector.labels
    holds = probabilities >= detector.thresholds
    return {
        "labels": [
            [labels[i] for i in (-p).argsort(kind="stable") if h[i]]
            for p, h in zip(probabilities, holds, strict=True)
        ],
        "top_label": [labels[i] for i in probabilities.argmax(axis=1)],
        **{f"probability_{label}": probabilities[:, i] for i, label in enumerate(labels)},
    }


def detect(options: argparse.Namespace) -> dict[str, Any]:
    """Have `detect` applied to each text of a data frame; labels only."""
    from emoconv import EmotionDetector  # noqa: PLC0415 - no other way's memory

    detector = EmotionDetector.load()
    detector.detect(_ONE_TEXT)

    def found(bodies: pd.Series[str]) -> dict[str, Any]:
        answers = bodies.apply(detector.detect)
        return {"labels": answers.map(lambda pairs: [label for label, _ in pairs])}

    return _over_frame(options, found)


def pipeline(options: argparse.Namespace) -> dict[str, Any]:
    """Run a Transformers pipeline, a batch of texts at a time, over a network of random weights."""
    classify = _pipeline(options.work, options.data)
    classify(_ONE_TEXT)

    def found(bodies: pd.Series[str]) -> dict[str, Any]:
        texts = bodies.tolist()
        answers: list[list[dict[str, Any]]] = []
        for first in range(0, len(texts), _BATCH):
            answers += classify(texts[first : first + _BATCH], batch_size=_BATCH)
        rows = [{pair["label"]: pair["score"] for pair in pairs} for pairs in answers]
        return {
            "top_label": [pairs[0]["label"] for pairs in answers],
            **{f"probability_{label}": [row[label] for row in rows] for label in rows[0]},
        }

    return _over_frame(options, found)


def _pipeline(work: Path, data: Path) -> Callable[..., Any]:
    """Return a classifier of RoBERTa-base's shape with 28 labels."""
    import torch  # noqa: PLC0415 - no other way's memory
    import transformers  # noqa: PLC0415 - same

    from peers.base import LABELS  # noqa: PLC0415 - same
    from peers.encoders import ROBERTA, train_tokenizer  # noqa: PLC0415 - same

    file = work / "roberta.json"
    if not file.exists():
        train_tokenizer(ROBERTA, data).save(str(file))
    ends = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(file), model_max_length=ROBERTA.positions - 2, **ends
    )
    torch.manual_seed(0)
    shape = transformers.RobertaConfig(
        vocab_size=ROBERTA.vocabulary,
        hidden_size=ROBERTA.width,
        num_hidden_layers=ROBERTA.layers,
        num_attention_heads=ROBERTA.heads,
        intermediate_size=ROBERTA.inner,
        max_position_embeddings=ROBERTA.positions,
        type_vocab_size=1,
        bos_token_id=0,
        pad_token_id=1,
        eos_token_id=2,
        num_labels=LABELS,
    )
    return transformers.pipeline(
        "text-classification",
        model=transformers.RobertaForSequenceClassification(shape).eval(),
        tokenizer=tokenizer,
        top_k=None,
        function_to_apply="sigmoid",
        truncation=True,
        device="cpu",
    )


def _over_frame(
    options: argparse.Namespace, found: Callable[[pd.Series[str]], dict[str, Any]]
) -> dict[str, Any]:
    """Read a file's first rows into a data frame, add columns, and write it."""
    import pandas as pd  # noqa: PLC0415 - no other way's memory

    start = time.perf_counter()
    frame = pd.read_parquet(options.file)
    read = time.perf_counter() - start
    if options.rows < len(frame):  # of a slow way: it is asked for its part of reading alone
        read *= options.rows / len(frame)
        frame = frame.iloc[: options.rows].reset_index(drop=True)
    start = time.perf_counter()
    found_columns = pd.DataFrame(found(frame[_COLUMN]))
    pd.concat([frame, found_columns], axis=1).to_parquet(options.output)
    return {
        "rows": len(frame),
        "seconds": read + time.perf_counter() - start,
        "peak_mb": _resident_mb(),
        "output_bytes": options.output.stat().st_size,
    }


def _resident_mb() -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


WAYS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "score": score,
    "engine": engine,
    "loop": loop,
    "loop-compiled": lambda options: loop(options, engine="compiled"),
    "detect": detect,
    "pipeline": pipeline,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("way", choices=WAYS)
    parser.add_argument("file", type=Path)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--log", type=Path, help="of what the command prints")
    parser.add_argument("--work", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--rows", type=int, help="of the file, from its start")
    parser.add_argument("--scorings", type=int, help="of the engine, at least")
    options = parser.parse_args()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    print(json.dumps(WAYS[options.way](options)), file=answers, flush=True)


if __name__ == "__main__":
    main()
