"""Micro-batches: what waits while the engine computes is computed together next.

Nothing waits for others to come, so a request that comes alone is answered at once, and the more
come the larger the batches get. Knows nothing of HTTP.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["BATCH_TEXTS", "Batcher"]

BATCH_TEXTS = 2**10
"""Texts after which a batch is closed: about 3 ms of the compiled engine, so that a small request
does not wait long behind large ones."""

_FEW_TEXTS = 16
_FEW_CHARACTERS = 2**12
"""So little is computed at once, on the loop's own thread: it takes 0.1 ms of the compiled engine,
some 2 ms of the reference, and to hand it over takes 0.1 ms of two threads that then wait for each
other. With 16 clients that send one text at a time, a third more requests are answered."""


@dataclass(frozen=True, eq=False)
class _Job:
    """Texts of one request and who waits for them."""

    texts: Sequence[str]
    answer: asyncio.Future[NDArray[np.float32]]


class Batcher:
    """Computes what several ask for in turn, on a thread of its own unless it is little.

    Args:
        compute: N texts to float32 (N, L); called by one thread at a time.
        executor: Of the engine's thread.
        measure: Told of each batch: requests and texts in it.
    """

    def __init__(
        self,
        compute: Callable[[list[str]], NDArray[np.float32]],
        *,
        executor: Executor,
        measure: Callable[[int, int], None],
    ) -> None:
        self._compute, self._executor, self._measure = compute, executor, measure
        self._waiting: deque[_Job] = deque()
        self._work: asyncio.Task[None] | None = None

    async def probabilities(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the probabilities of N texts, float32 (N, L).

        Args:
            texts: At least one.
        """
        job = _Job(texts, asyncio.get_running_loop().create_future())
        self._waiting.append(job)
        if self._work is None:
            self._work = asyncio.create_task(self._compute_all())
        return await job.answer

    async def _compute_all(self) -> None:
        """Compute until nobody waits."""
        loop = asyncio.get_running_loop()
        while jobs := self._next():
            texts = [text for job in jobs for text in job.texts]
            self._measure(len(jobs), len(texts))
            try:
                if _is_little(texts):
                    found = self._compute(texts)
                else:
                    found = await loop.run_in_executor(self._executor, self._compute, texts)
            except Exception as error:  # noqa: BLE001 - it is raised where the answer is awaited
                for job in jobs:
                    if not job.answer.done():
                        job.answer.set_exception(error)
                continue
            first = 0
            for job in jobs:
                if not job.answer.done():
                    job.answer.set_result(found[first : first + len(job.texts)])
                first += len(job.texts)
        self._work = None

    def _next(self) -> list[_Job]:
        """Take the next batch: whole requests, the first and as many more as fit."""
        jobs: list[_Job] = []
        room = BATCH_TEXTS
        while self._waiting and (not jobs or len(self._waiting[0].texts) <= room):
            job = self._waiting.popleft()
            if not job.answer.done():  # done: nobody waits any more
                jobs.append(job)
                room -= len(job.texts)
        return jobs


def _is_little(texts: Sequence[str]) -> bool:
    return len(texts) <= _FEW_TEXTS and sum(map(len, texts)) <= _FEW_CHARACTERS
