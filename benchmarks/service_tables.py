"""The tables of ``results/service.json``."""

from __future__ import annotations

from typing import Any

from emoconv.report import Table

_NAMES = {
    "uvloop": "emoconv, uvloop and httptools",
    "asyncio": "emoconv, asyncio and h11",
    "roberta": "RoBERTa-base's shape, ONNX Runtime, int8",
}


def load_table(result: dict[str, Any]) -> str:
    """Return rates and latencies by what is asked and how many ask."""
    rows = tuple(
        (
            _NAMES[way],
            asked,
            f"{found['rate']:,.0f}",
            f"{found['rate'] * int(asked.split()[0]):,.0f}",
            f"{found['p50_ms']:,.1f}",
            f"{found['p99_ms']:,.1f}",
        )
        for way, measured in result["load"].items()
        for asked, found in measured.items()
        if isinstance(found, dict)
    )
    header = ("service", "asked", "requests a second", "texts", "p50, ms", "p99, ms")
    return Table(header, rows).markdown()


def overload_table(result: dict[str, Any]) -> str:
    """Return what four times its capacity does to a service."""
    found = result["overload"]
    statuses = ", ".join(f"{status}: {count:,}" for status, count in found["statuses"].items())
    rows = (
        ("offered, requests a second", f"{found['offered']:,.0f} ({found['capacity']:,.0f} fit)"),
        ("answers", statuses),
        ("refusals without Retry-After", f"{found['refusals_without']['Retry-After']:,}"),
        ("memory at the start and the end, MB", _span(found)),
        ("the next request, ms", f"{found['after'][0]['ms']:.1f}"),
    )
    return Table((f"{found['seconds']} seconds", ""), rows).markdown()


def fuzz_table(result: dict[str, Any]) -> str:
    """Return what is answered to nonsense."""
    rows = tuple(
        (
            _NAMES[found["way"]],
            f"{found['requests']:,}",
            ", ".join(f"{status}: {count:,}" for status, count in found["statuses"].items()),
            f"{found['wrong_count']:,}",
            f"{found['log_lines_with_a_text']:,}",
            f"{found['before']['rss_mb']:,.0f}, {found['after']['rss_mb']:,.0f}",
        )
        for found in result["fuzz"]
    )
    header = ("service", "sent", "answers", "not as described", "texts in the log", "MB")
    return Table(header, rows).markdown()


def stop_table(result: dict[str, Any]) -> str:
    """Return what a stop under load loses."""
    found = result["stop"]
    rows = (
        ("stops", f"{found['runs']:,}"),
        ("answered", f"{found['ends']['200']:,}"),
        ("accepted and not answered", f"{found['accepted_and_not_answered']:,}"),
        ("closed before they were accepted", f"{found['ends']['closed before an answer']:,}"),
        ("longest stop, s", f"{found['longest_stop_s']:.2f}"),
    )
    return Table(("", ""), rows).markdown()


def _span(found: dict[str, Any]) -> str:
    return f"{found['rss_first_mb']:,.0f}, {found['rss_last_mb']:,.0f}"
