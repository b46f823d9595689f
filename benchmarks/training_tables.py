"""The tables of ``results/training.json``."""

from __future__ import annotations

import statistics
from itertools import groupby
from typing import Any

from emoconv.report import Table
from origins import origin


def devices_table(part: dict[str, Any]) -> str:
    """Return how fast each device learns, and what it learns."""
    shape = ("device", "precision", "batch", "filters")
    rows = []
    for values, group in groupby(part["runs"], key=lambda run: [run[name] for name in shape]):
        device, precision, batch, filters = values
        runs = list(group)
        rows.append(
            (
                f"processor, {part['machine']['cores']} cores" if device == "cpu" else "GPU",
                precision,
                f"{batch:,}",
                f"{filters:,}",
                f"{statistics.median(run['texts_a_second'] for run in runs):,.0f}",
                _spread([run["dev_macro_f1"] for run in runs]),
                _spread([run["dev_micro_f1"] for run in runs]),
            )
        )
    header = (
        *("", "precision", "texts a step", "filters", "texts a second"),
        *("macro F1, dev", "micro F1, dev"),
    )
    gpu = part["runs"][0]["gpu"]
    note = (
        "Recipe `small` on GoEmotions, the best of six epochs, cuts chosen on dev itself; ± is the "
        f"sample standard deviation over seeds where there are several; {gpu}, torch "
        f"{part['torch']}. {origin(part)}"
    )
    return Table(header, tuple(rows)).markdown() + "\n\n" + note


def processes_table(part: dict[str, Any]) -> str:
    """Return how fast processes and threads learn."""
    rows, shapes = [], sorted({(r["processes"], r["threads"]) for r in part["runs"]})
    batches = sorted({run["batch"] for run in part["runs"]})
    for processes, threads in shapes:
        rates = [
            statistics.mean(
                run["texts_a_second"]
                for run in part["runs"]
                if (run["processes"], run["threads"], run["batch"]) == (processes, threads, batch)
            )
            for batch in batches
        ]
        rows.append((f"{processes}", f"{threads}", *(f"{rate:,.0f}" for rate in rates)))
    header = ("processes", "threads of each", *(f"texts a second, {b:,} a step" for b in batches))
    note = f"Recipe `small` on GoEmotions, means of two turns. {origin(part)}"
    return Table(header, tuple(rows)).markdown() + "\n\n" + note


def large_table(part: dict[str, Any]) -> str:
    """Return how much memory rows take."""
    rows = [
        (
            f"{run['rows']:,}",
            f"{run['file_mb']:,}",
            "streamed" if run["streamed"] else "in memory",
            f"{run['most_mb']:,}",
            f"{run['seconds']:,.0f}",
        )
        for run in part["runs"]
    ]
    header = ("rows", "Parquet, MB", "", "memory, MB", "seconds")
    note = (
        "Memory is the most that the process held of its own; pages of files, which the system "
        "takes back when it needs them, are not counted. One epoch of a small network. "
        f"{origin(part)}"
    )
    return Table(header, tuple(rows)).markdown() + "\n\n" + note


def _spread(values: list[float]) -> str:
    mean = f"{statistics.mean(values):.3f}"
    return mean if len(values) == 1 else f"{mean} ± {statistics.stdev(values):.3f}"
