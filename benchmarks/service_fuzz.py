"""Send a service what it does not expect, and see that it says so and goes on."""

from __future__ import annotations

import asyncio
import collections
import itertools
import json
import random
import re
import time
from typing import TYPE_CHECKING, Any

from service_cases import MARK, Case, case_of
from service_process import Watch, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from service_process import Service

OPTIONS = ("--no-page", "--header-timeout", "2", "--body-timeout", "2", "--max-connections", "2000")
"""Clients that send half of a request are given up soon, or there would be no end."""

_CLIENTS = 96
_PATIENCE_S = 15.0
_EXPECTED = {200, 400, 404, 405, 408, 413, 415, 422, 503}
_OUTSIDE = (b"Invalid HTTP request received.", b"is too long.")
"""What uvicorn answers, in text/plain, to what is no HTTP: the application never hears of it."""


_OWN_FAULT = {"a wrong length", "chunks"}
"""After the request comes what is no HTTP: the server closes the connection, and what it sent and
the client has not read yet may be lost with it."""

_WAITING = re.compile(rb"^emoconv_requests_waiting (\S+)$", re.MULTILINE)


class Found:
    """What came back."""

    def __init__(self) -> None:
        self.statuses: collections.Counter[str] = collections.Counter()
        self.silent: collections.Counter[str] = collections.Counter()
        self.wrong: list[str] = []

    def add(self, case: Case, data: bytes) -> None:
        """Note the answers on a connection."""
        if not data:
            self.silent[case.kind] += 1
        while data:
            head, _, rest = data.partition(b"\r\n\r\n")
            lines = head.split(b"\r\n")
            status = int(lines[0].split()[1])
            headers = dict(line.lower().split(b": ", 1) for line in lines[1:])
            length = int(headers.get(b"content-length", b"0"))
            is_head = case.pieces[0].startswith(b"HEAD ")
            body, data = (b"", rest) if is_head else (rest[:length], rest[length:])
            if len(body) < length and not is_head and case.kind in _OWN_FAULT:
                self.silent[f"{case.kind}, cut off"] += 1
                return
            if b"content-length" not in headers:  # h11 leaves it out of an answer of its own
                body, data = rest, b""
            self._judge(case, status, headers, body if not is_head else None)

    def _judge(
        self, case: Case, status: int, headers: dict[bytes, bytes], body: bytes | None
    ) -> None:
        media = headers.get(b"content-type", b"").decode()
        if media.startswith("text/plain") and any(text in (body or b"") for text in _OUTSIDE):
            self.statuses[f"{status} of uvicorn"] += 1
            return
        self.statuses[str(status)] += 1
        right = status in _EXPECTED and b"x-request-id" in headers
        if status != 200:  # noqa: PLR2004
            right &= media == "application/problem+json"
            right &= body is None or json.loads(body)["status"] == status
        if not right:
            self.wrong.append(f"{case.kind}: {status} {media}")


def _ends_at(data: bytes, answers: int) -> bool:
    """Tell whether so many answers are there in full."""
    for _ in range(answers):
        head, found, rest = data.partition(b"\r\n\r\n")
        if not found:
            return False
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == _LENGTH), None
        )
        if length is None or len(rest) < length:
            return False
        data = rest[length:]
    return True


_LENGTH = b"content-length:"


async def _send(port: int, number: int, case: Case, found: Found) -> None:
    """Send a case on a connection of its own and note what comes back."""
    source = f"127.0.0.{2 + number % 100}"  # or a port would not be free again soon enough
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
    data = b""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            for piece in case.pieces:
                writer.write(piece)
                await writer.drain()
                if case.pause_s:
                    await asyncio.sleep(case.pause_s)
            if case.end == "half-close":
                writer.write_eof()
            while case.end != "close" and not _is_whole(case, data):
                more = await reader.read(2**16)
                if not more:
                    break
                data += more
    except OSError:
        pass
    except TimeoutError:
        found.wrong.append(f"{case.kind}: nothing for {_PATIENCE_S:.0f} seconds")
    finally:
        writer.close()
    if case.end != "close":
        found.add(case, data)


def _is_whole(case: Case, data: bytes) -> bool:
    if case.pieces[0].startswith(b"HEAD "):
        return b"\r\n\r\n" in data
    return _ends_at(data, case.answers)


async def _client(port: int, numbers: Iterator[int], seed: int, count: int, found: Found) -> None:
    while (number := next(numbers)) < count:
        case = case_of(random.Random(f"{seed} {number}"))  # noqa: S311 - no secret
        try:
            await _send(port, number, case, found)
        except Exception as error:  # noqa: BLE001 - told of at the end
            found.wrong.append(f"{case.kind}: {type(error).__name__} {error}")


async def _all(port: int, seed: int, count: int, found: Found) -> None:
    numbers = itertools.count()
    await asyncio.gather(*(_client(port, numbers, seed, count, found) for _ in range(_CLIENTS)))


def _settled(service: Service, before: dict[str, float], wait_s: float) -> dict[str, float]:
    """Return the state of a service once its connections have ended."""
    ends = time.monotonic() + wait_s
    while service.state()["files"] > before["files"] and time.monotonic() < ends:
        time.sleep(0.1)
    return service.state()


def fuzz(work: Path, *, way: str, count: int, seed: int) -> dict[str, Any]:
    """Send so many requests, and say what came of it."""
    found = Found()
    with serving(way, work, *OPTIONS) as service:
        asyncio.run(_all(service.port, seed - 1, min(count, 5_000), Found()))  # all is loaded
        before = _settled(service, {"files": 0}, 6)
        begun = time.perf_counter()
        with Watch(service) as watch:
            asyncio.run(_all(service.port, seed, count, found))
        seconds = time.perf_counter() - begun
        after = _settled(service, before, 10)
        status, content, milliseconds = service.ask({"text": "Thank you!"})
        waiting = _WAITING.search(service.ask(path="/metrics")[1])
        code, _ = service.stop()
        log = service.log.read_bytes()
        lines = [json.loads(line) for line in log.splitlines()]
    rss = watch.row("rss_mb")
    return {
        "way": way,
        "requests": count,
        "seed": seed,
        "seconds": round(seconds, 1),
        "statuses": dict(sorted(found.statuses.items())),
        "without_an_answer": dict(sorted(found.silent.items())),
        "wrong": found.wrong[:20],
        "wrong_count": len(found.wrong),
        "before": before,
        "after": after,
        "rss_mb": rss[:: max(1, len(rss) // 20)],
        "most_files": max(watch.row("files")),
        "requests_waiting_after": float(waiting[1]) if waiting else None,
        "next_answer": {"status": status, "ms": round(milliseconds, 2), "bytes": len(content)},
        "exit_code": code,
        "log_lines": len(lines),
        "log_lines_with_a_text": sum(MARK.encode() in line for line in log.splitlines()),
        "log_errors": sum(line["level"] == "error" for line in lines),
    }
