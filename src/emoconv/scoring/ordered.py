"""Work on a stream's items in several threads, with results in the items' order."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

__all__ = ["ordered_map"]

Item = TypeVar("Item")
Result = TypeVar("Result")

_WORKERS = 2
"""One shard's numpy and encoding beside the other's engine, which has threads of its own."""

_WAITING = 1
"""So many more shards are read ahead."""


def ordered_map(
    function: Callable[[Item], Result], items: Iterable[Item], *, workers: int = _WORKERS
) -> Iterator[Result]:
    """Yield what a function returns of each item, in their order.

    Items are taken on the caller's thread, no more of them than are worked on and one, so that a
    stream of any length takes the memory of a few.

    Args:
        function: Called in other threads, several at once.
        items: Where an item is taken when there is room for it.
        workers: How many calls run at once.

    Raises:
        Exception: Whatever the function or the items raise; calls that run are waited for.
    """
    pending: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for item in items:
                pending.append(pool.submit(function, item))
                if len(pending) > workers + _WAITING:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()
