"""The web server: listens, shuts clients out that say nothing, and finishes before it stops."""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import sys
import time
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from emoconv.errors import ConfigError, EmoconvError, MissingExtraError
from emoconv.service.logs import log

try:
    import uvicorn

    from emoconv.service.connections import bounded
except ImportError as error:
    raise MissingExtraError("the service", extra="serve") from error

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from types import FrameType

    from fastapi import FastAPI

    from emoconv.service.settings import Limits

__all__ = ["listen", "serve", "settle", "url_of"]

_BACKLOG = 2048
"""Connections that may wait to be taken; uvicorn's own default."""

_FILES = 64
"""What a process has open beside connections, and to spare."""

_TICKS = 10
"""The server's ticks between two looks for silent clients: a second."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Args:
        host: A name or an address of this machine.
        port: 0 for any that is free.

    Raises:
        ConfigError: There is no such host.
        EmoconvError: Nobody may listen there, or somebody does.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, UnicodeError) as error:  # the latter of what cannot be a name
        reason = getattr(error, "strerror", None) or "not a name"
        raise ConfigError(
            f"{host!r} is no address of this machine ({reason}); give --host 127.0.0.1, or "
            "0.0.0.0 for every network it is in"
        ) from None
    try:
        listening = socket.create_server(address[:2], family=family, backlog=_BACKLOG)
    except OSError as error:
        raise EmoconvError(
            f"cannot listen on {host} port {port}: {os.strerror(error.errno or 0)}; stop what "
            "listens there, or give another --port"
        ) from None
    # Connections inherit it. Without it the end of an answer waits for the client to have confirmed
    # its start, 40 ms; asyncio sets it only on sockets that it made.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def url_of(listening: socket.socket) -> str:
    """Return where a browser on this machine finds what listens."""
    host, port = listening.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - named, not bound
        host = "localhost"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def settle() -> None:
    """Keep what is in memory now from being looked through for garbage again and again.

    That is all of the libraries and of the model, which stay, and it takes 50 ms each time: under
    load, ten times the latency of one request in a hundred.
    """
    gc.collect()
    gc.freeze()


def serve(
    app: FastAPI,
    listening: socket.socket,
    *,
    limits: Limits,
    stop_timeout_s: int,
    proxies: str | None = None,
    started: Callable[[], None] | None = None,
) -> None:
    """Serve until the process gets SIGINT or SIGTERM, and then finish what was accepted.

    Args:
        app: What answers.
        listening: Where clients come; is closed.
        limits: How many connections there may be, and how long a client may take to send a head,
            to take an answer and to ask again.
        stop_timeout_s: Seconds in which what was accepted has to be finished.
        proxies: Addresses of proxies whose word on a client's address is believed, separated by
            commas; ``"*"`` for every one, ``None`` for none.
        started: Called once clients are taken.
    """
    _allow_files(limits.connections + _BACKLOG + _FILES)
    config = uvicorn.Config(
        app,
        http=bounded(limits.connections),
        log_config=None,
        access_log=False,
        ws="none",
        server_header=False,
        proxy_headers=proxies is not None,
        forwarded_allow_ips=proxies,
        timeout_keep_alive=limits.keep_alive_timeout_s,
        timeout_graceful_shutdown=stop_timeout_s,
    )
    server = _Server(config, limits=limits, started=started)
    before = {
        number: signal.signal(number, server.stop_soon)
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        server.run([listening])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    log("stopped")


def _allow_files(count: int) -> None:
    """Let this process have so many files open if it may, as each connection is one of them."""
    if sys.platform == "win32":  # there is no such limit
        return
    import resource  # noqa: PLC0415 - there is none on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    if wanted < count:
        log("few files", logging.WARNING, allowed=wanted, wanted=count)


class _Waiting(NamedTuple):
    """What a connection waits for its client to do.

    Attributes:
        what: To take an answer, to begin the next request, or to send a head or the rest of one.
        last: The request before; another one shows that the client did something.
        since: When it began.
    """

    what: Literal["answer", "next", "head"]
    last: object
    since: float


class _Server(uvicorn.Server):
    """A server that closes connections whose clients do nothing.

    Uvicorn does so after an answer, but gives a client for ever to send the first head or the rest
    of one, and to take its answer.
    """

    def __init__(
        self, config: uvicorn.Config, *, limits: Limits, started: Callable[[], None] | None
    ) -> None:
        super().__init__(config)
        self._limits, self._started = limits, started
        self._waiting: dict[object, _Waiting] = {}
        self._stops = False

    def stop_soon(self, _number: int, _frame: FrameType | None) -> None:
        """Stop once started: a signal came before uvicorn listens for it.

        Or after that: it raises once more what it got when it has finished, and nothing happens.
        """
        self._stops = True

    async def on_tick(self, counter: int) -> bool:
        """Look after connections, and go on with what the server does ten times a second."""
        started, self._started = self._started, None
        if started is not None:
            started()
        if counter % _TICKS == 0:
            self._close_idle(time.monotonic())
        self.should_exit |= self._stops
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say so, and shut down."""
        log("stopping", requests=len(self.server_state.tasks))
        await super().shutdown(sockets)

    def _close_idle(self, now: float) -> None:
        """Close connections that have waited too long for their clients."""
        before, self._waiting = self._waiting, {}
        for one in list(self.server_state.connections):
            connection = cast("Any", one)  # every kind of them has what is asked for here
            what, last = _awaited(connection), connection.cycle
            if what is None:
                continue
            waiting = before.get(one)
            if waiting is None or (waiting.what, waiting.last) != (what, last):
                waiting = _Waiting(what, last, now)
            self._waiting[one] = waiting
            self._close(connection.transport, waiting, now - waiting.since)

    def _close(self, transport: asyncio.Transport, waiting: _Waiting, seconds: float) -> None:
        """Close a connection if it has waited too long."""
        patience = {
            "answer": 0.0,
            "next": self._limits.keep_alive_timeout_s,
            "head": self._limits.header_timeout_s,
        }[waiting.what]
        if seconds > patience + self._limits.answer_timeout_s:
            transport.abort()  # what was not taken is dropped
            log("dropped a connection", logging.DEBUG)
        elif waiting.what != "answer" and seconds > patience and not transport.is_closing():
            transport.close()  # what there is to take can be taken
            log("closed a silent connection", logging.DEBUG)


def _awaited(connection: Any) -> Literal["answer", "next", "head"] | None:  # noqa: ANN401 - uvicorn's
    """Return what a connection waits for its client to do; ``None`` where the client waits."""
    if connection.flow.write_paused:
        return "answer"
    if connection.cycle is not None and not connection.cycle.response_complete:
        return None
    # uvicorn has a timer from the end of an answer to the next byte that comes
    return "head" if connection.timeout_keep_alive_task is None else "next"
