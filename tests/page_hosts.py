"""Servers of the page that note what they are asked: the service below a path, a static host."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import http.server
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

# The page lives below a path, as behind a proxy: an address that is not relative fails every test.
PREFIX = "/deep/down"


@dataclass
class Seen:
    """What reached a server."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass
class Served:
    """A server of the page, and what it has been asked."""

    url: str
    seen: list[Seen] = field(default_factory=list)
    delay_s: float = 0.0
    at_once: int = 0
    most_at_once: int = 0

    def asked(self, path: str) -> list[Seen]:
        return [one for one in self.seen if one.path == path]


class Proxy:
    """An ASGI application below `PREFIX`, in the way of a proxy that notes what passes."""

    def __init__(self, app, served: Served) -> None:
        self.app, self.served = app, served

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = scope["path"].removeprefix(PREFIX)
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        seen = Seen(scope["method"], path, scope["query_string"].decode(), headers)
        self.served.seen.append(seen)

        async def noting():
            message = await receive()
            seen.body += message.get("body", b"")
            return message

        inner = {**scope, "path": path, "raw_path": path.encode()}
        if path != "/v1/detect":
            await self.app(inner, receive, send)
            return
        self.served.at_once += 1
        self.served.most_at_once = max(self.served.most_at_once, self.served.at_once)
        await asyncio.sleep(self.served.delay_s)
        try:
            await self.app(inner, noting, send)
        finally:
            self.served.at_once -= 1


@contextlib.contextmanager
def running_app(app, served: Served) -> Iterator[Served]:
    import uvicorn  # noqa: PLC0415 - only where a server is wanted

    config = uvicorn.Config(Proxy(app, served), port=0, log_config=None, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    served.url = f"http://127.0.0.1:{port}{PREFIX}/"
    try:
        yield served
    finally:
        server.should_exit = True
        thread.join()


class _Files(http.server.SimpleHTTPRequestHandler):
    def __init__(self, *arguments, served: Served, **options) -> None:
        self.served = served
        super().__init__(*arguments, **options)

    def send_head(self):
        target = urlsplit(self.path)
        path = target.path.removeprefix(PREFIX)
        self.served.seen.append(Seen(self.command, path, target.query, dict(self.headers)))
        return super().send_head()

    def log_message(self, *arguments) -> None:
        """Say nothing."""


@contextlib.contextmanager
def hosted(root) -> Iterator[Served]:
    """A static host of a folder."""
    served = Served("")
    handler = functools.partial(_Files, directory=str(root), served=served)
    host = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=host.serve_forever)
    thread.start()
    served.url = f"http://127.0.0.1:{host.server_port}{PREFIX}/"
    try:
        yield served
    finally:
        host.shutdown()
        thread.join()
        host.server_close()
