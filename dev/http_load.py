"""Ask a service the same again and again for some seconds, and print how often it answered.

Run:  LOAD_SECONDS=5 python dev/http_load.py PORT CLIENTS < body.json
"""

from __future__ import annotations

import asyncio
import os
import sys
import time


async def ask(port: int, request: bytes, *, ends: float) -> int:
    """Ask over one connection until the time is over; return how often."""
    reader, writer = await asyncio.open_connection("localhost", port)
    count = 0
    while time.perf_counter() < ends:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        count += 1
    writer.close()
    return count


async def load(port: int, clients: int, body: bytes) -> int:
    """Return how often so many clients were answered."""
    head = (
        "POST /v1/detect HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    ends = time.perf_counter() + float(os.environ["LOAD_SECONDS"])
    asking = [ask(port, head.encode() + body, ends=ends) for _ in range(clients)]
    return sum(await asyncio.gather(*asking))


if __name__ == "__main__":
    port, clients = map(int, sys.argv[1:])
    print(asyncio.run(load(port, clients, sys.stdin.buffer.read())))
