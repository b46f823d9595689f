"""The commands of the page on following emotions can be run as they stand, on small data."""

import dataclasses
import re
import shlex
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from emoconv.cli import main
from emoconv.labels import GOEMOTIONS
from emoconv.scoring.summary import Summary
from emoconv.scoring.summary_files import write_summary

PAGE = Path(__file__).parents[2] / "docs/how-to/follow.md"


def commands():
    blocks = re.findall(r"^```bash\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return [shlex.split(line)[1:] for block in blocks for line in block.splitlines()]


def write_scored():
    held = [["joy"], ["anger", "joy"], ["neutral"]]
    table = pa.table(
        {
            "created_utc": [1_704_067_200 + 86_400 * i for i in range(30)],
            "labels": [held[i * i % 3] for i in range(30)],
            "probabilities": pa.array(np.full((30, 28), 0.25).tolist(), pa.list_(pa.float32())),
        }
    )
    pq.write_table(table, "scored.parquet")


def write_summaries():
    nothing = Summary.nothing(GOEMOTIONS.names)
    texts = dataclasses.replace(
        nothing,
        rows=9_000,
        labels_per_text=np.pad([9_000], (0, 28)),
        lengths=np.pad([9_000], (5, 12)),
        confidences=np.pad([9_000], (10, 9)),
    )
    for month in ("january", "february"):
        write_summary(texts, f"{month}.summary.json")


def test_the_page_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write_scored()
    write_summaries()

    for words in commands():
        main(words, prog_name="emoconv", standalone_mode=False)

    assert "the new texts look like the old\n" in capsys.readouterr().out
    header = "period,label,texts,count,share,mean_probability"
    assert header == Path("trend.csv").read_text().partition("\n")[0]
    columns = re.findall(r"^\| `(\w+)` \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert header.split(",") == columns
    assert all(Path(plot).stat().st_size for plot in ("trend.png", "weeks.svg"))
