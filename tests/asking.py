"""A service in this process, without sockets, for tests that ask it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from fastapi import FastAPI

WAIT_S = 30


class Asker:
    """Asks an application that runs on a thread of its own.

    Args:
        app: It.
        loop: That of the thread.
    """

    def __init__(self, app: FastAPI, loop: asyncio.AbstractEventLoop) -> None:
        self.app, self.loop = app, loop
        transport = httpx.ASGITransport(app, client=("192.0.2.1", 1234))
        self._client = httpx.AsyncClient(transport=transport, base_url="http://service")

    def begin(self, method: str, path: str, **more: Any) -> Future[httpx.Response]:
        """Ask, and do not wait for the answer."""
        request = self._client.request(method, path, **more)
        return asyncio.run_coroutine_threadsafe(request, self.loop)

    def __call__(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Return an answer."""
        return self.begin(method, path, **more).result(WAIT_S)

    def detect(self, **body: Any) -> httpx.Response:
        """Return the answer of ``POST /v1/detect``."""
        return self("POST", "/v1/detect", json=body)

    def results(self, **body: Any) -> list[dict[str, Any]]:
        """Return the results of ``POST /v1/detect``."""
        answer = self.detect(**body)
        assert answer.status_code == 200, answer.text
        return answer.json()["results"]

    def wait_until_ready(self) -> None:
        """Wait for the engine."""
        while self("GET", "/health/ready").status_code != 200:
            pass


def problem(answer: httpx.Response) -> dict[str, Any]:
    """Return the problem that an answer is, whose form is right."""
    found = json.loads(answer.content)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.headers["x-request-id"]) == (
        found["status"],
        found["request_id"],
    )
    found["kind"] = found["type"].removeprefix("urn:emoconv:problem:")
    return found


@contextlib.contextmanager
def asking(app: FastAPI, *, ready: bool = True) -> Iterator[Asker]:
    """Start an application, and stop it in the end."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def run(what: Any) -> None:
        asyncio.run_coroutine_threadsafe(what, loop).result(WAIT_S)

    try:
        lifespan = app.router.lifespan_context(app)
        run(lifespan.__aenter__())
        try:
            asker = Asker(app, loop)
            if ready:
                asker.wait_until_ready()
            yield asker
        finally:
            run(lifespan.__aexit__(None, None, None))
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
