"""From a request's body to the bytes of its answer, without the event loop waiting for any of it.

What is small is done on the loop's own thread, as handing it over would take longer; the rest on
others. Knows the API's types, and nothing of sockets.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from pydantic_core import to_json  # several times as fast as json, which lets no other thread run

from emoconv.service.answers import Query, answer
from emoconv.service.batching import Batcher
from emoconv.service.description import describe, offered
from emoconv.service.logs import log
from emoconv.service.problems import Problem
from emoconv.service.reading import check_limits, check_names, check_sentences, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from emoconv.detector import EmotionDetector
    from emoconv.service.admission import Rate
    from emoconv.service.measures import Measures
    from emoconv.service.settings import Limits

__all__ = ["Answerer"]

_SMALL_BYTES = 2**12
"""A body up to this size is parsed in a tenth of a millisecond or so, or cut into sentences in a
few milliseconds."""

_SMALL_TEXTS = 32
"""So many texts without explanations are written out in less than a millisecond."""

Result = TypeVar("Result")


class Answerer:
    """Answers requests about texts.

    Attributes:
        detectors: As of `emoconv.service.description.offered`.
        ready: Whether the engine has started.
        model: What is told of the model, as JSON, once it has.

    Args:
        detector: The model.
        groupings: As of `emoconv.service.description.offered`.
        limits: What a request may ask.
        rate: What a client may ask in a time.
        measures: Where texts are counted.
        when_ready: Called on the engine's thread when it has started.

    Raises:
        ConfigError: A grouping is not there, and so are other errors of `offered`.
    """

    def __init__(
        self,
        detector: EmotionDetector,
        *,
        groupings: Sequence[str] | None,
        limits: Limits,
        rate: Rate,
        measures: Measures,
        when_ready: Callable[[], None] | None = None,
    ) -> None:
        self._detector, self._groupings, self._limits = detector, groupings, limits
        self._rate, self._measures, self._when_ready = rate, measures, when_ready
        self.detectors = offered(detector, groupings)
        self._engine = ThreadPoolExecutor(1, "emoconv-engine")
        self._helpers = ThreadPoolExecutor(2, "emoconv-helper")
        self._batcher = Batcher(self._compute, executor=self._engine, measure=measures.batch)
        self._fingerprint = detector.bundle.fingerprint()[:16]
        self.ready = False
        self.model = b""

    async def start(self) -> None:
        """Start the engine, which takes a while, and be ready."""
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._engine, self._warm)
        except Exception as error:  # noqa: BLE001 - reported by the log and by not being ready
            log("not started", logging.ERROR, error=error)
        else:
            self.ready = True
            log("ready", engine=self._detector.engine)

    def stop(self) -> None:
        """Let go of the threads."""
        self.ready = False
        self._engine.shutdown(cancel_futures=True)
        self._helpers.shutdown(cancel_futures=True)

    def check_ready(self) -> None:
        """Check that the engine has started.

        Raises:
            Problem: It has not.
        """
        if not self.ready:
            raise Problem("starting", "the engine is starting; ask again", retry_after_s=1)

    async def answer(self, body: bytearray, *, client: str, fields: dict[str, object]) -> bytes:
        """Return the answer as JSON.

        Args:
            body: Of the request.
            client: Who asks.
            fields: For the log: gets the number of texts.

        Raises:
            Problem: The request is not as it should be.
        """
        query = await self._elsewhere(
            lambda: self._understand(body), small=len(body) <= _SMALL_BYTES
        )
        fields["texts"] = len(query.texts)
        self._rate.take(client, len(query.texts))
        pieces = query.pieces()
        own = await self._batcher.probabilities(pieces)
        small = len(pieces) <= _SMALL_TEXTS and not query.explain
        return await self._elsewhere(lambda: self._render(query, own), small=small)

    async def _elsewhere(self, work: Callable[[], Result], *, small: bool) -> Result:
        """Do some work, on another thread unless it is small."""
        if small:
            return work()
        return await asyncio.get_running_loop().run_in_executor(self._helpers, work)

    def _warm(self) -> None:
        self._detector = self._detector.steady()
        self._detector.warm()
        self._detector.explain("warm")  # what it makes for that, those with groupings share
        self.detectors = offered(self._detector, self._groupings)
        self.model = to_json(describe(self.detectors, self._limits))
        if self._when_ready is not None:
            self._when_ready()

    def _compute(self, texts: list[str]) -> NDArray[np.float32]:
        return self._detector.predict_proba(texts)

    def _understand(self, body: bytearray) -> Query:
        asked = parse(body)
        check_limits(asked, self._limits)
        detector = check_names(asked, self.detectors)
        texts, bound = asked.all_texts(), asked.min_confidence
        by_sentence = asked.by == "sentence"
        spans = Query.spans_of(texts, by_sentence=by_sentence)
        check_sentences(spans, self._limits)
        return Query(
            texts=texts,
            detector=detector,
            labels=None if asked.labels is None else frozenset(asked.labels),
            probabilities=asked.probabilities,
            explain=asked.explain,
            top=asked.top,
            by_sentence=by_sentence,
            min_confidence=detector.min_confidence if bound is None else bound,
            spans=spans,
        )

    def _render(self, query: Query, own: NDArray[np.float32]) -> bytes:
        results = answer(query, own)
        self._measures.results(results)
        return to_json({"model": self._fingerprint, "results": results})
