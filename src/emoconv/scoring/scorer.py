"""A shard of rows into bytes: its texts scored, its new columns added, all of it encoded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emoconv.annotation import annotate
from emoconv.columns import gather, to_arrow
from emoconv.scoring.opening import about
from emoconv.scoring.ordered import ordered_map
from emoconv.scoring.outputs import Shard
from emoconv.scoring.pieces import Piece, shards
from emoconv.scoring.summary import summarize
from emoconv.scoring.words import LATER_SAMPLE, SAMPLE, WordCounter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emoconv.detector import EmotionDetector
    from emoconv.scoring.encoders import Encoder
    from emoconv.scoring.inputs import Input
    from emoconv.scoring.readers import Reader
    from emoconv.scoring.request import Request

__all__ = ["Scorer"]


class Scorer:
    """Scores the rows of inputs.

    Args:
        detector: A steady one.
        request: What is to be done.
    """

    def __init__(self, detector: EmotionDetector, request: Request) -> None:
        self._detector, self._request = detector, request
        self._words = WordCounter(detector.bundle)

    def shards_of(
        self, number: int, file: Input, *, reader: Reader, encoder: Encoder, start: int
    ) -> Iterator[Shard]:
        """Yield the shards of an input in their order, several being worked on at once.

        Args:
            number: The input's.
            file: The input.
            reader: Reads it.
            encoder: Makes its bytes.
            start: So many of its rows are finished.

        Raises:
            DataError: A row cannot be read or written.
        """

        def numbered() -> Iterator[tuple[Piece, int]]:
            rows = start
            for piece in shards(reader.read(start), first=reader.first(start), start=start):
                rows += piece.batch.num_rows
                yield piece, rows

        def score(item: tuple[Piece, int]) -> Shard:
            with about(file):
                return self._shard(number, *item, encoder)

        yield from ordered_map(score, numbered())

    def _shard(self, number: int, piece: Piece, rows: int, encoder: Encoder) -> Shard:
        """Return a shard of which the last row is row number ``rows`` of its input."""
        detector, column = self._detector, self._request.text_column
        texts = to_arrow(gather(piece.batch.column(column)))
        probabilities = detector.predict_proba(texts)
        batch = annotate(
            piece.batch,
            column,
            labels=detector.labels,
            predict_proba=lambda _: probabilities,
            cuts=detector.thresholds,
            min_confidence=detector.min_confidence,
            columns=encoder.columns,
            form=self._request.form or "list",
            prefix=self._request.prefix,
        )
        is_first = rows == piece.batch.num_rows
        return Shard(
            input=number,
            rows=rows,
            encoded=encoder.shard(batch, probabilities),
            summary=summarize(
                texts,
                probabilities,
                labels=detector.labels,
                cuts=detector.thresholds,
                min_confidence=detector.min_confidence,
                words=self._words.count(texts, sample=SAMPLE if is_first else LATER_SAMPLE),
            ),
            rejects="".join(reject.to_json() for reject in piece.rejects).encode(),
            position=piece.position,
        )
