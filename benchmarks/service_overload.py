"""Four times as many requests as a service can answer, and what it does with them."""

from __future__ import annotations

import asyncio
import collections
import json
import statistics
import time
from typing import TYPE_CHECKING, Any

from service_load import bodies
from service_process import Watch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service_process import Service

_TEXTS = 256
_AT_CAPACITY = 16  # connections
_TIMES = 4
_OK = 200
_IDLE_S = 3.0  # of the 5 s after which the service closes a connection


class Client:
    """Connections that send requests when they are due, whatever becomes of those before.

    Args:
        port: Of the service.
        requests: Bodies, in turn.
        most: Connections.
    """

    def __init__(self, port: int, requests: Sequence[bytes], *, most: int) -> None:
        self._port, self._requests, self._most = port, requests, most
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter, float]] = []
        self.connections, self.most_connections, self.sent, self.not_sent = 0, 0, 0, 0
        self.statuses: collections.Counter[str] = collections.Counter()
        self.without: collections.Counter[str] = collections.Counter()
        self.milliseconds: list[float] = []
        self.tasks: set[asyncio.Task[None]] = set()

    def begin(self) -> None:
        """Send the next request, or count it as not sent where all connections wait."""
        if len(self.tasks) >= self._most:
            self.not_sent += 1
            return
        task = asyncio.create_task(self._one(self._requests[self.sent % len(self._requests)]))
        self.sent += 1
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def closed_loop(self, ends: float) -> None:
        """Send one request after the other, until it is over."""
        while time.monotonic() < ends:
            self.sent += 1
            await self._one(self._requests[self.sent % len(self._requests)])

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return one that was used just now, or a new one; the service closes idle ones."""
        while self._idle:
            reader, writer, since = self._idle.pop()
            if time.monotonic() < since + _IDLE_S:
                return reader, writer
            self.connections -= 1
            writer.close()
        self.connections += 1
        self.most_connections = max(self.most_connections, self.connections)
        return await asyncio.open_connection("127.0.0.1", self._port)

    async def _one(self, request: bytes) -> None:
        begun = time.perf_counter()
        try:
            reader, writer = await self._connection()
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            body = await reader.readexactly(int(head.split("content-length: ")[1].split()[0]))
        except (OSError, asyncio.IncompleteReadError) as error:
            self.connections -= 1
            self.statuses[type(error).__name__] += 1
            return
        self._idle.append((reader, writer, time.monotonic()))
        status = int(head.split()[1])
        self.statuses[str(status)] += 1
        if status == _OK:
            self.milliseconds.append(1000 * (time.perf_counter() - begun))
            return
        self.without["Retry-After"] += "\r\nretry-after: " not in head
        self.without["problem"] += "type" not in json.loads(body)


def raw_requests(texts: Sequence[str], count: int) -> list[bytes]:
    """Return whole requests with so many texts."""
    found = []
    for body in bodies(texts, count, requests=64):
        data = json.dumps(body).encode()
        head = (
            "POST /v1/detect HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(data)}\r\n\r\n"
        )
        found.append(head.encode() + data)
    return found


async def _capacity(port: int, requests: Sequence[bytes], seconds: float) -> float:
    """Return how many requests a second are answered when there are never too many."""
    client, begun = Client(port, requests, most=_AT_CAPACITY), time.monotonic()
    await asyncio.gather(*(client.closed_loop(begun + seconds) for _ in range(_AT_CAPACITY)))
    return client.statuses[str(_OK)] / (time.monotonic() - begun)


async def _overload(client: Client, rate: float, seconds: float) -> None:
    """Send so many requests a second, evenly."""
    begun, due = time.monotonic(), 0
    while (now := time.monotonic()) < begun + seconds:
        while due < (now - begun) * rate:
            client.begin()
            due += 1
        await asyncio.sleep(0.001)
    while client.tasks:
        await asyncio.wait(client.tasks)


def overload(
    service: Service, texts: Sequence[str], *, seconds: float, connections: int
) -> dict[str, Any]:
    """Offer four times as much as a service can answer.

    Args:
        service: It.
        texts: Of requests.
        seconds: How long.
        connections: At most; more than the requests that may wait.
    """
    requests = raw_requests(texts, _TEXTS)
    capacity = asyncio.run(_capacity(service.port, requests, min(5.0, seconds)))
    client = Client(service.port, requests, most=connections)
    with Watch(service) as watch:
        asyncio.run(_overload(client, _TIMES * capacity, seconds))
        after = [service.ask({"text": "Thank you!"}) for _ in range(5)]
    rss = watch.row("rss_mb")
    part = max(1, len(rss) // 6)
    return {
        "texts_in_a_request": _TEXTS,
        "capacity": round(capacity, 1),
        "offered": round(_TIMES * capacity, 1),
        "seconds": seconds,
        "sent": client.sent,
        "not_sent_as_all_connections_waited": client.not_sent,
        "connections": client.most_connections,
        "statuses": dict(sorted(client.statuses.items())),
        "answered_a_second": round(client.statuses[str(_OK)] / seconds, 1),
        "refusals_without": dict(client.without),
        "answered_p50_ms": round(statistics.median(client.milliseconds), 1),
        "answered_p99_ms": round(sorted(client.milliseconds)[-len(client.milliseconds) // 100], 1),
        "rss_mb": rss,
        "rss_first_mb": statistics.median(rss[:part]),
        "rss_last_mb": statistics.median(rss[-part:]),
        "after": [{"status": status, "ms": round(ms, 2)} for status, _, ms in after],
    }
