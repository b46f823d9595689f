"""What every request passes: it gets a number, is timed, counted and logged, and gets an answer.

An ASGI middleware (https://asgi.readthedocs.io/en/latest/specs/www.html). Knows no routes; what a
handler puts into ``request.state.fields`` is written to the log with the request.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
import uuid
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect

from emoconv.service.logs import log
from emoconv.service.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from emoconv.service.measures import Measures

__all__ = ["REQUEST_ID", "Entrance", "send_problem"]

REQUEST_ID = "X-Request-ID"

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""What is taken from a client as the name of its request."""

_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))

_CLIENT_GONE = 499
"""What is counted where nobody waits for the answer; the number is nginx's."""


class Entrance:
    """Wraps an application.

    Args:
        app: It.
        measures: Where requests are counted.
        quiet: Routes of which requests are logged at the level ``debug``.
    """

    def __init__(self, app: ASGIApp, *, measures: Measures, quiet: Collection[str] = ()) -> None:
        self._app, self._measures, self._quiet = app, measures, quiet

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request, whatever happens."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        given = Headers(scope=scope).get(REQUEST_ID, "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        scope["state"] = {"request_id": request_id, "fields": {}}
        # What there is to GET can be asked for without its body, which servers leave out.
        inner = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope
        status = 0

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID] = request_id
                headers.setdefault("X-Content-Type-Options", "nosniff")
            await send(message)

        try:
            await self._app(inner, receive, send_named)
        except ClientDisconnect:
            status = status or _CLIENT_GONE
        except asyncio.CancelledError:  # by the server, whose time to stop in is over
            if not status:
                await send_problem(
                    Problem("stopping", "the service stops", retry_after_s=1), scope, send_named
                )
            self._measures.problem("stopping")
        except Exception as error:  # noqa: BLE001 - nothing may end the service
            log("failed", logging.ERROR, request_id=request_id, error=error)
            if not status:
                problem = Problem("internal", "this is a fault of the service; it is in its log")
                await send_problem(problem, scope, send_named)
            self._measures.problem("internal")
        route = getattr(inner.get("route"), "path", None) or "other"
        self._note(scope, route, status, time.perf_counter() - started)

    def _note(self, scope: Scope, route: str, status: int, seconds: float) -> None:
        """Count a request and write it to the log."""
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._measures.request(method, route, status, seconds)
        log(
            "request",
            logging.DEBUG if route in self._quiet else logging.INFO,
            method=method,
            route=route,
            status=status,
            ms=round(1000 * seconds, 2),
            request_id=scope["state"]["request_id"],
            **scope["state"]["fields"],
        )


async def send_problem(problem: Problem, scope: Scope, send: Send) -> None:
    """Answer a request with a problem."""
    body = problem.body(scope["state"]["request_id"])
    headers = {**problem.headers, "Content-Length": str(len(body))}
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": problem.status.value, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
