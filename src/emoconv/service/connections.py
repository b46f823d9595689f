"""Connections within limits: uvicorn's own know none of how many there are, nor of what they hold.

Knows uvicorn's protocol classes, and nothing of what is asked and answered.
"""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

from emoconv.service.entrance import REQUEST_ID
from emoconv.service.problems import Problem

if TYPE_CHECKING:
    import asyncio

__all__ = ["bounded"]

_STALLED_BYTES = 2**16
"""What may come without telling anything, as a header that does not end; h11 has the same."""

_REQUESTS = 100
"""Requests that may come before the first of them is answered; few clients send a second."""

_UPGRADE = re.compile(rb"\r\nupgrade:", re.IGNORECASE)

_LONG_HEAD = "The head of the request, or what follows its body, is too long."


def bounded(connections: int) -> type[asyncio.Protocol]:
    """Return the protocol of a connection, for uvicorn.

    Args:
        connections: How many there may be; one more is told so and closed.
    """
    parsed = hasattr(AutoHTTPProtocol, "on_message_complete")
    return _counted(_parsed(AutoHTTPProtocol) if parsed else AutoHTTPProtocol, connections)


def _counted(protocol: Any, connections: int) -> type[asyncio.Protocol]:  # noqa: ANN401 - uvicorn's
    """Return a protocol that closes a connection if there are too many."""

    class Counted(protocol):  # type: ignore[misc] # one of two, as uvicorn finds it
        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            if len(self.connections) > connections:
                transport.write(_refusal(connections))
                transport.close()

    return Counted


def _parsed(protocol: Any) -> Any:  # noqa: ANN401 - same
    """Return httptools' protocol, mended.

    It gathers heads and requests for ever, and leaves out the body of a request that could do with
    another protocol, as Java's client says of its first one: it asks for HTTP/2 if it may.
    """

    class Parsed(protocol):  # type: ignore[misc] # same
        def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - same
            super().__init__(*args, **kwargs)
            self._goes_on = False
            self._stalled = 0

        def data_received(self, data: bytes) -> None:
            self._goes_on = False
            if self.cycle is None or self.cycle.response_complete:
                head, empty, rest = data.partition(b"\r\n\r\n")
                data = _UPGRADE.sub(b"\r\nignored:", head) + empty + rest
            super().data_received(data)
            self._stalled = 0 if self._goes_on else self._stalled + len(data)
            if self._stalled > _STALLED_BYTES:
                self.send_400_response(_LONG_HEAD)

        def on_message_begin(self) -> None:
            if len(self.pipeline) >= _REQUESTS:
                raise ValueError("too many requests at once")  # and uvicorn closes it
            super().on_message_begin()

        def on_headers_complete(self) -> None:
            self._goes_on = True
            super().on_headers_complete()

        def on_body(self, body: bytes) -> None:
            self._goes_on = True
            super().on_body(body)

        def on_message_complete(self) -> None:
            self._goes_on = True
            super().on_message_complete()

    return Parsed


def _refusal(connections: int) -> bytes:
    """Return an answer to a request that nobody has read."""
    problem = Problem(
        "at-capacity",
        f"there are {connections} connections already; ask again a little later, and use one "
        "connection for many requests",
        retry_after_s=1,
        headers={"Connection": "close"},
    )
    request_id = uuid.uuid4().hex
    body = problem.body(request_id)
    headers = {**problem.headers, "Content-Length": len(body), REQUEST_ID: request_id}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    first = f"HTTP/1.1 {problem.status.value} {problem.title}\r\n"
    return f"{first}{lines}\r\n".encode() + body
