"""How many requests a service answers and how fast, by wrk; and whether it lives meanwhile."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from service_process import Service

CONNECTIONS = (1, 16, 128)
TEXTS = (1, 32)
_BODIES = 512
_PAUSE_S = 0.5

_SCRIPT = """
local bodies = {%s}
local place = 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
request = function()
  place = place %% #bodies + 1
  return wrk.format(nil, nil, nil, bodies[place])
end
done = function(summary, latency)
  io.stderr:write(string.format(
    '{"requests": %%d, "seconds": %%.4f, "not_2xx": %%d, "socket_errors": %%d, ' ..
    '"p50_ms": %%.3f, "p90_ms": %%.3f, "p99_ms": %%.3f, "max_ms": %%.3f}\\n',
    summary.requests, summary.duration / 1e6, summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(90) / 1e3, latency:percentile(99) / 1e3,
    latency.max / 1e3))
end
"""
"""Sends other texts each time, and prints what wrk counted as JSON."""


def bodies(texts: Sequence[str], count: int, *, requests: int = _BODIES) -> list[dict[str, Any]]:
    """Return requests with so many texts, each with others."""
    found = []
    for number in range(requests):
        several = [texts[(number * count + i) % len(texts)] for i in range(count)]
        found.append({"text": several[0]} if count == 1 else {"texts": several})
    return found


def wrk(
    service: Service, script: Path, *, connections: int, seconds: float, timeout_s: int = 60
) -> dict[str, Any]:
    """Load a service with so many connections that ask one request after the other."""
    before = service.state()["cpu_s"]
    done = subprocess.run(
        [
            shutil.which("wrk") or "wrk",
            *("-t", "1", "-c", str(connections), "-d", f"{seconds:.0f}s"),
            *("--timeout", f"{timeout_s}s", "-s", str(script)),
            f"http://127.0.0.1:{service.port}/v1/detect",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stderr)
    found["rate"] = round(found["requests"] / found["seconds"], 1)
    cpu = service.state()["cpu_s"] - before
    found["server_cpu_us"] = round(1e6 * cpu / found["requests"]) if found["requests"] else None
    time.sleep(_PAUSE_S)  # for what is still computed for clients that have gone
    return found


def write_script(path: Path, texts: Sequence[str], count: int) -> Path:
    """Write what wrk sends."""
    quoted = ", ".join(f"[==[{json.dumps(body)}]==]" for body in bodies(texts, count))
    path.write_text(_SCRIPT % quoted, encoding="utf-8")
    return path


def measure(
    services: dict[str, Service],
    scripts: dict[int, Path],
    *,
    seconds: float,
    rounds: int,
    most_waiting: dict[str, int],
) -> dict[str, Any]:
    """Load services in turn, so that whatever else the machine does hits all alike.

    Args:
        services: By name.
        scripts: What wrk sends, by the number of texts.
        seconds: Of each load.
        rounds: How often.
        most_waiting: Of services that would take too long for a load: texts that may wait at once.
    """
    found: dict[str, dict[str, list[dict[str, Any]]]] = {name: {} for name in services}
    for _ in range(rounds):
        for count in TEXTS:
            for connections in CONNECTIONS:
                for name, service in services.items():
                    if count * connections > most_waiting.get(name, 10**9):
                        continue
                    key = f"{count} text{'s' * (count > 1)}, {connections} connections"
                    load = wrk(service, scripts[count], connections=connections, seconds=seconds)
                    found[name].setdefault(key, []).append(load)
                    print(f"{name}: {key}: {json.dumps(load)}", flush=True)
    return {
        name: {key: _middle(loads) for key, loads in by_load.items()}
        for name, by_load in found.items()
    }


def _middle(loads: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the median of each figure over the rounds, and all rates."""
    middle = {
        name: statistics.median(load[name] for load in loads)
        for name in ("rate", "p50_ms", "p90_ms", "p99_ms", "max_ms", "server_cpu_us")
        if all(load[name] is not None for load in loads)
    }
    sums = {name: sum(load[name] for load in loads) for name in ("not_2xx", "socket_errors")}
    return {**middle, **sums, "rates": [load["rate"] for load in loads]}


HEAVY = {
    "256 texts of 4,000 characters": {"texts": ["so much more than that! " * 166] * 256},
    "256 texts explained, by sentence, with all probabilities": {
        "texts": ["I love it. No!"] * 256,
        "explain": True,
        "by": "sentence",
        "probabilities": True,
    },
    "a text of 20,000 characters explained, by sentence": {
        "text": "I love it. " * 1_800,
        "explain": True,
        "top": 100,
        "by": "sentence",
    },
}
"""Requests that are about as much as one may be."""


def alive(service: Service, *, seconds: float) -> dict[str, Any]:
    """Ask whether a service lives while it answers the largest requests one after the other."""
    over, taken, heavy = threading.Event(), [], {name: [] for name in HEAVY}

    def load(name: str) -> None:
        while not over.is_set():
            status, _, milliseconds = service.ask(HEAVY[name])
            if status != 200:  # noqa: PLR2004
                raise RuntimeError(f"status {status} to {name}")
            heavy[name].append(milliseconds)

    alone = {name: service.ask(body)[2] for name, body in HEAVY.items()}
    threads = [threading.Thread(target=load, args=(name,)) for name in HEAVY]
    for thread in threads:
        thread.start()
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        taken.append(service.ask(path="/health/live")[2])
        time.sleep(0.01)
    over.set()
    for thread in threads:
        thread.join()
    taken.sort()
    return {
        "heavy_alone_ms": {name: round(ms, 1) for name, ms in alone.items()},
        "heavy_together_ms": {name: round(statistics.median(ms), 1) for name, ms in heavy.items()},
        "live_p50_ms": round(taken[len(taken) // 2], 2),
        "live_p99_ms": round(taken[int(len(taken) * 0.99)], 2),
        "live_max_ms": round(taken[-1], 2),
        "asked": len(taken),
    }
