"""Ask a service the same again and again for some seconds, and print what came of it as JSON.

Run:  LOAD_SECONDS=5 python dev/http_load.py PORT CLIENTS < body.json
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import time


async def ask(port: int, request: bytes, *, ends: float, seconds: list[float]) -> None:
    """Ask over one connection until the time is over."""
    reader, writer = await asyncio.open_connection("localhost", port)
    while time.perf_counter() < ends:
        started = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        seconds.append(time.perf_counter() - started)
    writer.close()


async def load(port: int, clients: int, body: bytes) -> dict[str, float]:
    """Return requests a second, and how long they took."""
    head = (
        "POST /v1/detect HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    seconds: list[float] = []
    started = time.perf_counter()
    ends = started + float(os.environ["LOAD_SECONDS"])
    asking = [ask(port, head.encode() + body, ends=ends, seconds=seconds) for _ in range(clients)]
    await asyncio.gather(*asking)
    took = time.perf_counter() - started
    cuts = statistics.quantiles(seconds, n=100)
    return {
        "requests_per_second": round(len(seconds) / took, 1),
        "p50_ms": round(1000 * cuts[49], 2),
        "p99_ms": round(1000 * cuts[98], 2),
    }


if __name__ == "__main__":
    port, clients = map(int, sys.argv[1:])
    print(json.dumps(asyncio.run(load(port, clients, sys.stdin.buffer.read()))))
