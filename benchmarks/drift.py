"""How often the drift test cries wolf over texts of one kind, and how soon it sees another kind.

Halves of random texts of one stream are compared, a thousand times. Then GoEmotions train texts are
compared with posts of news pages, and such posts are mixed into the stream, ever more of them.

Run:  python benchmarks/drift.py --data DATA
"""

from __future__ import annotations

import argparse
import datetime as dt
import gzip
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from emoconv import EmotionDetector
from emoconv.monitoring.drift import compare_summaries
from emoconv.scoring.summary import Summary, summarize
from emoconv.scoring.words import WordCounter
from quality import git
from speed import machine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HERE = Path(__file__).parent
_TEXTS = (1_000, 5_000, 20_000)  # of two halves together
_SPLITS = 1_000
_MIXED = (0, 1, 2, 5, 10, 20, 50)  # per cent
_MIXED_TEXTS = 20_000  # of the old and as many of the new
_MIXTURES = 50


class Scored:
    """Texts and what was found in them, to draw from."""

    def __init__(self, detector: EmotionDetector, lines: Iterable[str]) -> None:
        self._detector = detector
        self._counter = WordCounter(detector.bundle)
        self._texts = pa.array(list(lines), pa.string())
        self._probabilities = detector.predict_proba(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def summary(self, rows: np.ndarray[Any, np.dtype[np.int64]]) -> Summary:
        """Return the summary of some of the texts."""
        texts = self._texts.take(pa.array(rows))
        return summarize(
            texts,
            self._probabilities[rows],
            labels=self._detector.labels,
            cuts=self._detector.thresholds,
            words=self._counter.count(texts),
        )


def column(path: Path, number: int, *, skip: int = 0) -> Iterator[str]:
    """Yield a column of a file of tab-separated fields."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="\n") as file:
        for place, line in enumerate(file):
            if place >= skip:
                yield line.rstrip("\r\n").split("\t")[number]


def halves(stream: Scored, count: int) -> dict[str, Any]:
    """Compare halves of so many random texts, many times."""
    rng, verdicts, smallest = np.random.default_rng(0), [], []
    for _ in range(_SPLITS):
        rows = rng.choice(len(stream), size=count, replace=False)
        old, new = (stream.summary(half) for half in np.split(rows, 2))
        found = compare_summaries(before=old, after=new)
        verdicts.append(found.verdict)
        smallest.append(min(change.p_value for change in found.changes))
    return {
        "texts": count,
        "splits": _SPLITS,
        "verdicts": {verdict: verdicts.count(verdict) for verdict in dict.fromkeys(verdicts)},
        "significant_at_0.01": sum(p <= 0.01 for p in smallest),  # noqa: PLR2004 - as named
        "significant_at_0.05": sum(p <= 0.05 for p in smallest),  # noqa: PLR2004 - same
    }


def mixture(stream: Scored, other: Scored, per_cent: int) -> dict[str, Any]:
    """Compare texts of a stream with others of it, some of them replaced by another kind."""
    rng, found = np.random.default_rng(0), 0
    strange = _MIXED_TEXTS * per_cent // 100
    for _ in range(_MIXTURES):
        rows = rng.choice(len(stream), size=2 * _MIXED_TEXTS - strange, replace=False)
        old, new = stream.summary(rows[:_MIXED_TEXTS]), stream.summary(rows[_MIXED_TEXTS:])
        new += other.summary(rng.choice(len(other), size=strange, replace=False))
        found += compare_summaries(before=old, after=new).verdict == "differ"
    return {"per_cent": per_cent, "runs": _MIXTURES, "differ": found}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("EMOCONV_DATA"))
    parser.add_argument("--output", type=Path, default=HERE / "results/drift.json")
    options = parser.parse_args()
    if options.data is None:
        parser.error("give --data FOLDER, or set EMOCONV_DATA")
    before, unlabelled = machine(), options.data / "unlabelled"
    detector = EmotionDetector.load(engine="compiled")
    stream = Scored(detector, column(unlabelled / "unlabelled_1M.txt.gz", 0))
    train = Scored(detector, column(options.data / "goemotions/train.tsv", 0))
    news = Scored(detector, column(unlabelled / "facebook_news_posts_reactions.tsv.gz", 1, skip=1))
    kinds = compare_summaries(
        before=train.summary(np.arange(len(train))), after=news.summary(np.arange(len(news)))
    )
    print(kinds, file=sys.stderr)
    result = {
        "command": "python benchmarks/drift.py --data DATA",
        "commit": git("rev-parse", "HEAD")
        + ("+" if git("status", "--porcelain", "--", ":/src") else ""),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "machine": before,
        "halves": [halves(stream, count) for count in _TEXTS],
        "goemotions_train_and_news_posts": kinds.to_dict(),
        "stream_with_news_posts": {
            "texts": _MIXED_TEXTS,
            "mixtures": [mixture(stream, news, per_cent) for per_cent in _MIXED],
        },
    }
    options.output.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
