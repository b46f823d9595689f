"""A stand-in for the command ``docker``, as much of it as the workflow's script calls.

A container is ``emoconv serve`` of this installation, on the port that is published, with its
files in the folder that ``DOCKERS`` names. Run as a program.
"""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

SERVE = (sys.executable, "-c", "from emoconv.cli import main; main()", "serve")


def run(folder, *words):
    """Start the container, whose exit status somebody has to wait for."""
    port = words[words.index("--publish") + 1].split(":")[1]
    (folder / "port").write_text(port)
    subprocess.Popen(
        [sys.executable, __file__, "_watch", port],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _watch(folder, port):
    options = ["--port", port, "--no-page", "--engine", "reference"]
    with (folder / "log").open("wb") as log, subprocess.Popen([*SERVE, *options], stderr=log) as it:
        (folder / "pid").write_text(str(it.pid))
        it.wait()
        (folder / "status").write_text(str(it.returncode))


def inspect(folder, _format, what, _name):
    """Print the health, or the exit status."""
    if "ExitCode" in what:
        sys.stdout.write((folder / "status").read_text())
        return
    url = f"http://127.0.0.1:{(folder / 'port').read_text()}/health/ready"
    try:
        urllib.request.urlopen(url, timeout=2).close()
    except OSError:
        sys.stdout.write("starting\n")
    else:
        sys.stdout.write("healthy\n")


def stop(folder, *_words):
    """Ask it to stop, and wait until it has."""
    os.kill(int((folder / "pid").read_text()), signal.SIGTERM)
    while not (folder / "status").exists():
        time.sleep(0.01)


def logs(folder, _name):
    """Print what it wrote."""
    sys.stdout.write((folder / "log").read_text())


if __name__ == "__main__":
    {"run": run, "_watch": _watch, "inspect": inspect, "stop": stop, "logs": logs}[sys.argv[1]](
        Path(os.environ["DOCKERS"]), *sys.argv[2:]
    )
