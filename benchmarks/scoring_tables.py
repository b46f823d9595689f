"""The tables of ``results/scoring.json`` and ``results/interruptions.json``."""

from __future__ import annotations

from typing import Any

from emoconv.report import Table

_MB = 1e6


def headline_table(result: dict[str, Any]) -> str:
    """Return the large file's figures in one row."""
    large = result["large"]
    row = (
        f"{large['rows']:,}",
        f"{large['seconds']:,.1f}",
        f"{large['rate']:,.0f}",
        f"{large['engine_rate']:,.0f}",
        f"{large['share']:.0%}",
        f"{large['peak_mb']:,.0f}",
    )
    header = ("rows", "seconds", "rows per second", "the engine alone", "share of it", "peak, MB")
    return Table(header, (row,)).markdown()


def growth_table(result: dict[str, Any]) -> str:
    """Return time and memory for ever more rows."""
    rows = tuple(
        (
            f"{run['rows']:,}",
            f"{run['seconds']:,.1f}",
            f"{run['rows'] / run['seconds']:,.0f}",
            f"{run['peak_mb']:,.0f}",
        )
        for run in result["growth"]
    )
    return Table(("rows", "seconds", "rows per second", "peak, MB"), rows).markdown()


def formats_table(result: dict[str, Any]) -> str:
    """Return what each format costs, read and written."""
    rows = tuple(
        (
            f"`.{ending}`",
            f"{figures['input_bytes'] / _MB:,.1f}",
            per_second(figures["reading"]),
            "-" if figures["writing"] is None else per_second(figures["writing"]),
            "-" if figures["writing"] is None else f"{figures['output_bytes'] / _MB:,.1f}",
            f"{figures['peak_mb']:,.0f}",
        )
        for ending, figures in result["formats"].items()
    )
    header = (
        "format",
        "input, MB",
        "read, to Parquet, rows per second",
        "written, from Parquet",
        "output, MB",
        "peak, MB",
    )
    return Table(header, rows).markdown()


def peers_table(result: dict[str, Any]) -> str:
    """Return each way to score a file, and how many times slower than the command it is."""
    rows = tuple(
        (
            figures["about"],
            f"{figures['rate']['rows']:,}",
            per_second(figures["rate"]),
            f"{figures['times_slower']:,.1f}",
            f"{figures['peak_mb']:,.0f}",
        )
        for figures in result["peers"].values()
    )
    header = ("way", "rows", "rows per second", "times slower", "peak, MB")
    return Table(header, rows).markdown()


def interruptions_table(result: dict[str, Any]) -> str:
    """Return what became of killed runs, a row for each kind of files and manner of kills."""
    rows = []
    for case in result["cases"].values():
        for manner, title in (("at_random", "by chance"), ("at_changes", "before each change")):
            tally = case[manner]
            rows.append(
                (
                    case["about"],
                    title,
                    f"{len(tally['kills']):,}",
                    f"{tally['finished']:,}",
                    f"{tally['identical']:,}",
                    f"{tally['early']:,}",
                    f"{len(tally['faults']):,}",
                )
            )
    header = ("files", "killed", "kills", "finished", "identical", "not whole", "other faults")
    return Table(header, tuple(rows)).markdown()


def events_table(result: dict[str, Any]) -> str:
    """Return what became of runs that something else happened to."""
    events = result["events"]
    pressed, full = events["ctrl_c"], events["disk_full"]
    rows = [
        (
            f"Ctrl-C, {len(pressed['ends'])} times",
            ", ".join(sorted({str(end["code"]) for end in pressed["ends"]})),
            _last(pressed["ends"][0]),
            _yes(pressed["identical"]),
        ),
        _event("input deleted while it is read", events["input_deleted"]),
        _event("the same command a second time", events["second_run"]),
    ]
    if "not_tried" not in full:
        rows.append(_event("disk full, then enlarged", full))
    header = ("what happened", "exit code", "last line", "identical in the end")
    return Table(header, tuple(rows)).markdown()


def _event(title: str, event: dict[str, Any]) -> tuple[str, str, str, str]:
    # A run that finished tells its figures, which are no message.
    return title, str(event["code"]), _last(event), _yes(event["identical"])


def _last(event: dict[str, Any]) -> str:
    return f"`{event['said'][-1]}`" if event["code"] else "-"


def _yes(true: bool) -> str:  # noqa: FBT001 - it is what is said
    return "yes" if true else "no"


def per_second(figures: dict[str, float]) -> str:
    spread = (figures["high"] - figures["low"]) / 2 / figures["median"]
    return f"{figures['median']:,.0f} ± {spread:.0%}"
