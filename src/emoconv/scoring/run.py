"""A run: files in, one file or a folder of files out, whole or to be gone on with.

Shards of the inputs are read on one thread, scored and made into bytes on others, and written in
their order; the journal notes each. The output comes to its place by a rename, once it is whole.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import itertools
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from emoconv.errors import ConfigError, DataError
from emoconv.scoring.inputs import STANDARD, fingerprint
from emoconv.scoring.journal import Journal
from emoconv.scoring.opening import output_files
from emoconv.scoring.outputs import SUMMARY, FileOutput, StandardOutput, move
from emoconv.scoring.pieces import SHARD_BYTES, SHARD_ROWS
from emoconv.scoring.request import destinations
from emoconv.scoring.scorer import Scorer
from emoconv.scoring.summary import Summary
from emoconv.scoring.summary_files import write_summary
from emoconv.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emoconv.detector import EmotionDetector
    from emoconv.scoring.inputs import Input
    from emoconv.scoring.opening import OutputFile
    from emoconv.scoring.outputs import Output, Shard
    from emoconv.scoring.request import Request

__all__ = ["Progress", "Result", "score_files"]

_TEXT_BYTES = 50
"""A row has about so many bytes or more; gives a guess at how many rows a file has."""


_PRINT = 12
"""So many digits of a grouping's fingerprint tell it from others of its name."""


@dataclass(frozen=True)
class Result:
    """What a run came to.

    Attributes:
        summary: Of all rows.
        rejected: How many rows could not be read.
        resumed: How many rows an earlier run had finished.
        seconds: What this run took.
    """

    summary: Summary
    rejected: int
    resumed: int
    seconds: float


class Progress(Protocol):
    """Is told how far a run is."""

    def __call__(self, *, rows: int, resumed: int, share: float | None) -> None:
        """Take note.

        Args:
            rows: How many are finished.
            resumed: How many of them by an earlier run.
            share: Of the inputs, in [0, 1]; None if that is not known.
        """


def score_files(
    inputs: Sequence[Input], request: Request, *, detector: EmotionDetector, progress: Progress
) -> Result:
    """Score files, or go on with a run that was cut off.

    Args:
        inputs: The files.
        request: What is to be done with them.
        detector: The model.
        progress: Is told after each shard.

    Raises:
        ConfigError: The request contradicts itself, or an output is there already.
        DataError: A file is not as it should be, or another run writes this output, or what an
            earlier one left is of something else.
        OSError: A file cannot be read or written; what is finished stays, to go on from.
    """
    started = time.perf_counter()
    run = _Run(inputs, request, detector, progress)
    rejected = run.to_standard_output() if request.output == STANDARD else run.to_files()
    return Result(run.total, rejected, run.resumed, time.perf_counter() - started)


class _Run:
    """The inputs on their way to one output."""

    def __init__(
        self,
        inputs: Sequence[Input],
        request: Request,
        detector: EmotionDetector,
        progress: Progress,
    ) -> None:
        self._inputs, self._request = inputs, request
        self._destinations = destinations(inputs, request)
        self._detector, self._progress = detector, progress
        self._prints = [] if inputs[0].path == STANDARD else fingerprint(inputs)
        sizes = (int(str(file["bytes"])) for file in self._prints)
        self._ends = list(itertools.accumulate(sizes, initial=0))  # where each would, in a row
        self._started = time.perf_counter()
        self.total = Summary.nothing(detector.labels)
        self.resumed = 0

    def to_standard_output(self) -> int:
        """Write to standard output, and return how many rows could not be read."""
        request = self._request
        self._detector = self._detector.steady(self._about())
        output = StandardOutput(None if request.rejects is None else Path(request.rejects))
        self._write(output)
        if request.summary is not None:
            write_summary(self.total, request.summary, about=self._facts())
        return output.rejected

    def to_files(self) -> int:
        """Write to files, and return how many rows could not be read."""
        request = self._request
        target = Path(request.output)
        with Journal(
            target,
            self._header(),
            labels=self._detector.labels,
            restart=request.restart or not self._prints,
        ) as journal:
            for done in journal.done:
                self.total += done.summary
            self.resumed = self.total.rows
            if not journal.is_complete:
                if target.exists() and not request.overwrite:
                    raise ConfigError(
                        f"{target} is there already; choose another output, or give --overwrite"
                    )
                self._detector = self._detector.replace(engine=journal.header["engine"])
                with contextlib.closing(FileOutput(journal)) as output:
                    self._write(output)
                    write_summary(self.total, journal.path(SUMMARY), about=self._facts())
                    output.whole()
            move(
                journal,
                output=target,
                rejects=Path(request.rejects or f"{target}.rejects.jsonl"),
                summary=Path(request.summary or f"{target}.summary.json"),
            )
            return journal.rejected

    def _write(self, output: Output) -> None:
        """Have every input read, scored and written."""
        scorer = Scorer(self._detector, self._request)
        files = output_files(
            self._inputs, self._destinations, self._request, labels=self._detector.labels
        )
        for file in files:
            self._write_file(file, output, scorer)

    def _write_file(self, file: OutputFile, output: Output, scorer: Scorer) -> None:
        for place, (number, found) in enumerate(file.inputs.items()):
            reader, encoder = file.open(number)
            if not place:
                output.begin(file.destination, encoder)
            start = output.start(number)
            if start is not None:
                for shard in scorer.shards_of(
                    number, found, reader=reader, encoder=encoder, start=start
                ):
                    output.add(shard)
                    self._count(shard, reader.size)
            self._check_unchanged(number)
        output.end(file.destination, encoder)

    def _count(self, shard: Shard, size: int) -> None:
        """Add a finished shard to what was found, and say how far this is."""
        self.total += shard.summary
        share = None
        if self._ends[-1] and size:
            before, after = self._ends[shard.input : shard.input + 2]
            share = (before + (after - before) * shard.position / size) / self._ends[-1]
        self._progress(rows=self.total.rows, resumed=self.resumed, share=share)

    def _check_unchanged(self, number: int) -> None:
        """Check that an input that has been read is what it was; it may be gone by now."""
        path = Path(self._inputs[number].path)
        if not self._prints or not path.exists():
            return
        status = path.stat()
        before = self._prints[number]
        if (status.st_size, status.st_mtime_ns) != (before["bytes"], before["changed_ns"]):
            raise DataError("changed while it was read; --restart begins again", path=path)

    def _about(self) -> int | None:
        """Return a guess at how many texts there are."""
        return self._ends[-1] // _TEXT_BYTES if self._prints else None

    def _header(self) -> dict[str, Any]:
        """Return all that the output depends on."""
        request = dataclasses.asdict(self._request)
        for name in ("output", "rejects", "summary", "restart", "overwrite"):
            del request[name]
        self._detector = self._detector.steady(self._about())
        groups = self._detector.grouping
        return {
            "emoconv": __version__,
            "inputs": self._prints,
            "formats": [[file.format, file.packing] for file in self._inputs],
            "outputs": [list(dataclasses.astuple(found)) for found in self._destinations],
            "model": self._detector.bundle.fingerprint(),
            "grouping": groups and f"{groups.name} {groups.fingerprint()[:_PRINT]}",
            "min_confidence": self._detector.min_confidence,
            "engine": self._detector.engine,
            "shard": [SHARD_ROWS, SHARD_BYTES],
            **request,
            "columns": list(self._request.columns),
        }

    def _facts(self) -> dict[str, object]:
        """Return what a summary keeps of the run."""
        seconds = time.perf_counter() - self._started
        return {
            "model": self._detector.fingerprint(),
            "grouping": self._detector.grouping and self._detector.grouping.name,
            "min_confidence": self._detector.min_confidence,
            "run": {
                "emoconv": __version__,
                "finished": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
                "inputs": [file.path for file in self._inputs],
                "output": self._request.output,
                "engine": self._detector.engine,
                "seconds": round(seconds, 3),
                "rows_by_earlier_runs": self.resumed,
            },
        }
