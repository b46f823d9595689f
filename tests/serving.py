"""A real ``emoconv serve`` in a process of its own, for tests that ask it as its clients do."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMAND = (sys.executable, "-c", "from emoconv.cli import main; main()", "serve")
START_S = 60
"""A machine that is busy with other things starts slowly; a test that waits so long has failed."""


@dataclass
class Server:
    """A server that is ready.

    Attributes:
        process: It.
        log: Where its standard error goes.
    """

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return re.search(r'"url": "(http://[^"]+)/"', self.log.read_text("utf-8"))[1]

    def event_of(self, request_id: str) -> dict[str, object]:
        """Return the line of a request, which is written once it was answered."""
        ends = time.monotonic() + START_S
        while time.monotonic() < ends:
            for line in self.events("request"):
                if line["request_id"] == request_id:
                    return line
            time.sleep(0.01)
        raise AssertionError(f"no request {request_id} in the log")

    def events(self, name: str) -> list[dict[str, object]]:
        """Return the lines of the log that tell of one kind of event."""
        whole = self.log.read_text("utf-8").rpartition("\n")[0]  # the last may be half there
        return [line for line in map(json.loads, whole.splitlines()) if line["event"] == name]


@contextlib.contextmanager
def serving(folder: Path, *options: str, **env: str) -> Iterator[Server]:
    """Start ``emoconv serve`` on any port, and stop it in the end.

    Args:
        folder: Where its log goes.
        options: Of the command; by default it has no page and computes by numpy, which starts at
            once.
        env: Environment variables.
    """
    log = folder / "serve.log"
    command = [*COMMAND, "--port", "0", "--no-page", "--engine", "reference", *options]
    with (
        log.open("wb") as stream,
        subprocess.Popen(command, stderr=stream, env={**os.environ, **env}) as process,
    ):
        try:
            ends = time.monotonic() + START_S
            while '"ready"' not in log.read_text("utf-8"):
                assert process.poll() is None, log.read_text("utf-8")
                assert time.monotonic() < ends, log.read_text("utf-8")
                time.sleep(0.05)
            yield Server(process, log)
        finally:
            process.terminate()
