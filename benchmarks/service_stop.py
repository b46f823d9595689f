"""SIGTERM while a service answers many: what was accepted is answered."""

from __future__ import annotations

import collections
import random
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

from service_overload import raw_requests
from service_process import serving

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from service_process import Service

_CLIENTS = 24


def _read(connection: socket.socket) -> str:
    """Return what became of a request: an answer's status, or how much of one came."""
    data = b""
    try:
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return "partial" if data else "closed before an answer"
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split()[0])
        while len(body) < length:
            more = connection.recv(65536)
            if not more:
                return "partial"
            body += more
    except OSError:
        return "partial" if data else "closed before an answer"
    return head.split()[1].decode()


def _client(
    service: Service, requests: Sequence[bytes], ends: collections.Counter[str], seed: int
) -> None:
    """Ask, one request after the other, until the service has gone."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    while True:
        try:
            connection = socket.create_connection(("127.0.0.1", service.port), timeout=60)
        except OSError:
            return
        with connection:
            for _ in range(chance.randint(1, 50)):
                try:
                    connection.sendall(chance.choice(requests))
                except OSError:
                    ends["not sent"] += 1
                    break
                end = _read(connection)
                ends[end] += 1
                if not end.isdecimal():
                    break


def stop(work: Path, texts: Sequence[str], *, runs: int, seed: int) -> dict[str, Any]:
    """Stop a service so often, at moments by chance, and count what became of requests."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    requests = [*raw_requests(texts, 1), *raw_requests(texts, 32), *raw_requests(texts, 256)]
    found: collections.Counter[str] = collections.Counter()
    codes, seconds, differ, waiting = [], [], [], []
    for _ in range(runs):
        with serving("uvloop", work, "--no-page") as service:
            ends: collections.Counter[str] = collections.Counter()
            threads = [
                threading.Thread(
                    target=_client, args=(service, requests, ends, chance.randrange(2**32))
                )
                for _ in range(_CLIENTS)
            ]
            for thread in threads:
                thread.start()
            time.sleep(chance.uniform(0.3, 1.0))
            code, taken = service.stop()
            for thread in threads:
                thread.join()
            codes.append(code)
            seconds.append(taken)
            answered = [line for line in service.events("request") if line["texts"]]
            differ.append(len(answered) - sum(n for end, n in ends.items() if end.isdecimal()))
            waiting.append(service.events("stopping")[0]["requests"])
            found += ends
    return {
        "runs": runs,
        "clients": _CLIENTS,
        "ends": dict(sorted(found.items())),
        "exit_codes": sorted(set(codes)),
        "waiting_when_stopped": waiting,
        "accepted_and_not_answered": sum(differ),
        "longest_stop_s": round(max(seconds), 3),
    }
