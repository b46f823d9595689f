"""What the tests of Ray and of Spark have in common."""

import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from emoconv.data import read

TIMEOUT_S = 120


def numbered_texts(tiny):
    """Texts, some of them missing or empty, with a number each."""
    texts = [*read(tiny / "train.tsv").texts, None, "", "so happy \U0001f600"] * 16
    return pa.table({"id": range(len(texts)), "text": texts})


def scored_here(detector, table, **options):
    batches = table.combine_chunks().to_batches()
    return pa.Table.from_batches([detector.predict_arrow(b, **options) for b in batches])


def read_shards(folder):
    """The rows of a folder of shards, in the order of their names."""
    shards = sorted(Path(folder).glob("*.parquet"))
    return pa.concat_tables([pq.read_table(shard) for shard in shards])


def until(condition, *, what):
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline, f"waited {TIMEOUT_S} s for {what}"
        time.sleep(0.05)
