"""Containers without Docker: an image in a folder, run with namespaces of its own.

What stands in for the base image is this system's ``/usr`` with the running Python at
``/usr/local``, where the official images have theirs. Works as root, on Linux, with util-linux.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from dockerfile import Stage, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Container", "Image", "can_run", "enter", "running"]

PATH = "/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SHELLS = ("bash", "busybox", "dash", "perl", "rbash")
START_S = 180
"""numba's seconds on a busy machine, and more."""

_ENTER = r"""
set -eu
root=$1 python=$2 read_only=$3 shells=$4
shift 4
mount --bind "$root" "$root"
mount --bind -o ro /usr "$root/usr"
mount --bind -o ro "$python" "$root/usr/local"
mount -t proc proc "$root/proc"
for device in null zero random urandom; do mount --bind "/dev/$device" "$root/dev/$device"; done
for shell in $shells; do
  if [ -e "/usr/bin/$shell" ]; then mount --bind /dev/null "$root/usr/bin/$shell"; fi
done
if [ "$read_only" = yes ]; then mount -o remount,bind,ro "$root"; fi
exec chroot "$root" "$@"
"""
"""Puts what a container sees into its place, for itself and its children only, and starts it."""


@dataclass
class Image:
    """A folder with the files of an image, and how to start it.

    Attributes:
        root: The folder.
        env: The environment that it sets, and nothing else.
        stage: The last stage.
        user: User and group, by number.
    """

    root: Path
    env: dict[str, str] = field(default_factory=lambda: {"PATH": PATH, "LANG": "C.UTF-8"})
    stage: Stage | None = None
    user: str = "0:0"
    workdir: str = "/"

    def start_of(self, command: list[str], *, read_only: bool = True) -> list[str]:
        """Return the command that runs one in a container: no capability, no shell, no writing.

        Args:
            command: As of `Step.command`.
            read_only: Whether nothing in the image can be written to.
        """
        user, _, group = self.user.partition(":")
        rights = [
            "/usr/bin/setpriv",
            f"--reuid={user}",
            f"--regid={group}",
            "--clear-groups",
            "--no-new-privs",
            "--bounding-set=-all",
            "--inh-caps=-all",
        ]
        return enter(self.root, [*rights, *command], read_only=read_only, shells=False)

    def main(self) -> list[str]:
        """Return what a container runs if nobody says otherwise."""
        assert self.stage is not None
        return self.stage.of("ENTRYPOINT")[-1].command() + self.stage.of("CMD")[-1].command()

    def health(self) -> list[str]:
        """Return what tells whether a container is healthy."""
        assert self.stage is not None
        words = self.stage.of("HEALTHCHECK")[-1].value.removeprefix("CMD").strip()
        return Step("HEALTHCHECK", {}, words).command()


@dataclass
class Container:
    """One that runs.

    Attributes:
        pid: Of its first process, as the system has it.
        env: Of the container.
        port: Where it listens.
        log: Where its standard error goes.
        process: What waits for it.
        seconds: From its start until it was ready.
    """

    pid: int
    env: dict[str, str]
    port: int
    log: Path
    process: subprocess.Popen[bytes]
    seconds: float

    def read(self, name: str) -> str:
        """Return one of the files that the system has of its first process."""
        return Path(f"/proc/{self.pid}/{name}").read_text("utf-8")

    def status(self, name: str) -> str:
        """Return a line of what the system says of its first process."""
        lines = (line.partition(":") for line in self.read("status").splitlines())
        return {key: value.strip() for key, _, value in lines}[name]

    def stop(self) -> int:
        """Stop it as Docker does, and return its exit code."""
        os.kill(self.pid, signal.SIGTERM)
        return self.process.wait(20)


@contextlib.contextmanager
def running(image: Image, log: Path, **env: str) -> Iterator[Container]:
    """Run an image's service until it is ready, and stop it in the end.

    Args:
        image: It.
        log: Where its standard error goes.
        env: Environment variables in addition to the image's.

    Raises:
        RuntimeError: It did not get ready.
    """
    with socket.create_server(("", 0)) as listening:
        port = listening.getsockname()[1]
    set_up = {**image.env, "EMOCONV_SERVE_PORT": str(port), **env}
    started = time.perf_counter()
    with (
        log.open("wb") as stream,
        subprocess.Popen(image.start_of(image.main()), env=set_up, stderr=stream) as process,
    ):
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        try:
            while '"ready"' not in log.read_text("utf-8"):
                if process.poll() is not None or time.perf_counter() > started + START_S:
                    raise RuntimeError(f"not ready: {log.read_text('utf-8')}")
                time.sleep(0.01)
            seconds = time.perf_counter() - started
            pid = int(children.read_text())
            yield Container(pid, set_up, port, log, process, seconds)
        finally:
            # whoever has become another user does not end with its parent, so it goes first
            if process.poll() is None:
                for pid in map(int, children.read_text().split()):
                    os.kill(pid, signal.SIGKILL)


def enter(
    root: Path, command: list[str], *, read_only: bool, shells: bool, workdir: str = "/"
) -> list[str]:
    """Return what runs a command as the first process of a container."""
    inside = ["/usr/bin/env", f"--chdir={workdir}", *command]
    python = sys.base_prefix
    return [
        *("unshare", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child"),
        *("sh", "-c", _ENTER, "sh", str(root), python, "yes" if read_only else "no"),
        *("" if shells else " ".join(SHELLS), *inside),
    ]


def can_run() -> bool:
    """Tell whether containers can be run here."""
    if os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("setpriv"):
        return False
    command = ["unshare", "--mount", "--pid", "--fork", "true"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0
