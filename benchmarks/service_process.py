"""A service in a process of its own, and what Linux tells of it, for `service.py`."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
_START_S = 120

_SERVE = "from emoconv.cli import main; main()"
_PLAIN = "import sys; sys.modules.update(uvloop=None, httptools=None); "
"""Before the rest: hides what is faster than what the extra ``serve`` brings."""

WAYS = {
    "uvloop": (sys.executable, "-c", _SERVE, "serve"),
    "asyncio": (sys.executable, "-c", _PLAIN + _SERVE, "serve"),
    "roberta": (sys.executable, str(HERE / "service_peer.py")),
}
"""How a service is started: ours with uvloop and httptools, ours with asyncio and h11, and the same
around a network of RoBERTa-base's shape, with uvloop and httptools."""


class Service:
    """A process that serves.

    Attributes:
        log: Where its standard error goes.
        port: Where it listens, on 127.0.0.1.
    """

    def __init__(self, log: Path, process: subprocess.Popen[bytes]) -> None:
        self.log, self.process = log, process
        self.port = 0

    def wait_until_ready(self) -> None:
        """Wait for the engine.

        Raises:
            RuntimeError: The process ended, or took too long.
        """
        ends = time.monotonic() + _START_S
        while '"event": "ready"' not in self.log.read_text("utf-8"):
            if self.process.poll() is not None or time.monotonic() > ends:
                raise RuntimeError(f"no service: {self.log.read_text('utf-8')[-2000:]}")
            time.sleep(0.05)
        found = re.search(r'"url": "http://127\.0\.0\.1:(\d+)/"', self.log.read_text("utf-8"))
        if found is None:
            raise RuntimeError("the service does not tell where it listens")
        self.port = int(found[1])

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return the lines of the log that tell of one kind of event."""
        with self.log.open(encoding="utf-8") as lines:
            return [json.loads(line) for line in lines if f'"event": "{name}"' in line]

    def ask(self, body: object = None, path: str = "/v1/detect") -> tuple[int, bytes, float]:
        """Return the status, the body and the milliseconds of an answer; a GET without a body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        begun = time.perf_counter()
        headers = {"Content-Type": "application/json"}
        data = None if body is None else json.dumps(body)
        connection.request("GET" if body is None else "POST", path, data, headers)
        answer = connection.getresponse()
        content = answer.read()
        milliseconds = 1000 * (time.perf_counter() - begun)
        connection.close()
        return answer.status, content, milliseconds

    def state(self) -> dict[str, float]:
        """Return its resident memory in MB, and its open files, threads and processor seconds."""
        folder = Path("/proc") / str(self.process.pid)
        lines = (folder / "status").read_text("ascii").splitlines()
        values = {line.split(":")[0]: line.split()[1] for line in lines if len(line.split()) > 1}
        ticks = (folder / "stat").read_text("ascii").rsplit(")", 1)[1].split()[11:13]
        return {
            "rss_mb": round(int(values["VmRSS"]) / 1024, 1),
            "files": len(list((folder / "fd").iterdir())),
            "threads": int(values["Threads"]),
            "cpu_s": sum(map(int, ticks)) / 100,
        }

    def stop(self) -> tuple[int, float]:
        """End it, and return its exit code and the seconds that it took."""
        begun = time.perf_counter()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60), time.perf_counter() - begun


@contextlib.contextmanager
def serving(way: str, work: Path, *options: str) -> Iterator[Service]:
    """Start a service, and end it."""
    log = work / f"service-{way}.log"
    command = [*WAYS[way], "--port", "0", *options]
    with (
        log.open("wb") as stream,
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=stream) as process,
    ):
        try:
            service = Service(log, process)
            service.wait_until_ready()
            yield service
        finally:
            if process.poll() is None:
                process.kill()


class Watch:
    """Looks at a service every so often, on a thread.

    Attributes:
        states: What it saw.
    """

    def __init__(self, service: Service, every_s: float = 1.0) -> None:
        self.states: list[dict[str, float]] = []
        self._service, self._every_s = service, every_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        while not self._over.is_set():
            self.states.append(self._service.state())
            self._over.wait(self._every_s)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def row(self, name: str) -> list[float]:
        """Return one of the figures, in the order of time."""
        return [state[name] for state in self.states]
