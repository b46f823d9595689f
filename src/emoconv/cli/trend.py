"""``emoconv trend``: emotions over time. Parses and prints."""

from __future__ import annotations

import csv
import importlib
import io
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from emoconv.cli.reading import model_option, split_names
from emoconv.errors import ConfigError, DataError
from emoconv.monitoring.times import Every
from emoconv.monitoring.trend import COLUMNS, TrendBuilder
from emoconv.scoring.inputs import FORMATS, STANDARD, find_inputs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from emoconv.monitoring.trend import Skipped, Trend
    from emoconv.scoring.inputs import Format, Input

__all__ = ["trend"]

_NEUTRAL = "neutral"
"""Not drawn unless asked for: it falls where any emotion rises."""

_REJECTS = ".rejects.jsonl"
"""What the names of files end with in which `emoconv score` put rows aside: in a folder of its
outputs they are no scored texts."""

_LINES = 2**14
"""So many rows of the table are printed at once."""


def _plot_name(
    _context: click.Context, _parameter: click.Parameter, path: Path | None
) -> Path | None:
    if path is not None and path.suffix.lower() not in (".png", ".svg"):
        raise click.BadParameter(f"{path} ends in {path.suffix!r}; expected .png or .svg")
    return path


@click.command()
@click.argument("scored", nargs=-1, required=True)
@click.option("--time", required=True, metavar="NAME", help="The column of times.")
@click.option(
    "--every",
    default="1d",
    show_default=True,
    metavar="PERIOD",
    help="A number and min, h, d, w (from Monday on), mo, q or y. Periods are in UTC.",
)
@click.option(
    "--labels",
    "names",
    metavar="NAMES",
    callback=split_names,
    help="The labels to follow, separated by commas; by default all.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the CSV there.",
)
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    callback=_plot_name,
    help="Also draw a plot, .png or .svg (extra report).",
)
@click.option(
    "--top",
    type=click.IntRange(1, 28),
    default=6,
    show_default=True,
    help="Draw so many emotions, those that moved most beyond chance. With --labels these are "
    "drawn instead.",
)
@click.option(
    "--prefix", default="", metavar="TEXT", help="As it was given to `emoconv score`, if it was."
)
@click.option(
    "--format",
    "named",
    type=click.Choice([name for name in FORMATS if name != "lines"]),
    help="The format of the files; by default their endings tell.",
)
@model_option
def trend(
    scored: tuple[str, ...],
    *,
    time: str,
    every: str,
    names: tuple[str, ...] | None,
    output: Path | None,
    plot: Path | None,
    top: int,
    prefix: str,
    named: str | None,
    model: Path | None,
) -> None:
    """Follow emotions over time, in the texts of SCORED.

    SCORED are files that `emoconv score` wrote, or folders of them, with a column of times: ISO
    8601, dates, timestamps or seconds since 1970. Prints CSV: for each period and label how many
    texts there were, in how many the label holds, that share, and the mean probability. A model is
    needed only for the names of labels where a file has lost them.
    """
    if plot is not None:
        importlib.import_module("emoconv.report.trend")  # what it needs is missed at once
    period = Every.parse(every)
    files = [
        file
        for file in find_inputs(scored, cast("Format | None", named))
        if file.path in scored or not file.name.endswith(_REJECTS)
    ]
    if scored[0] == STANDARD:
        raise ConfigError("trend reads files, not standard input; name a file")
    found = _follow(files, period, time=time, prefix=prefix, model=model)
    chosen = found if names is None else found.of(names)
    _warn(found.skipped)
    if plot is not None:
        moved = found.most_moved(top, without=[_NEUTRAL])
        _draw(found, moved if names is None else names, plot, files)
    if output is None:
        for text in _csv(chosen):
            click.echo(text, nl=False)
        return
    unfinished = output.with_name(output.name + ".part")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        file.writelines(_csv(chosen))
    unfinished.replace(output)


def _follow(
    files: list[Input], every: Every, *, time: str, prefix: str, model: Path | None
) -> Trend:
    from emoconv.monitoring.scored import read_scored  # noqa: PLC0415 - help needs no arrays

    def known() -> tuple[str, ...]:
        from emoconv.bundle import read_bundle, shipped_bundle  # noqa: PLC0415 - rarely needed

        return read_bundle(model or shipped_bundle()).labels.names

    builder = TrendBuilder(every)
    for file in files:
        for found in read_scored(file, time=time, prefix=prefix, known=known):
            builder.add(found, file=file.path)
    return builder.trend()


def _warn(skipped: Skipped) -> None:
    counts = {
        "have no text": skipped.missing_texts,
        "have no time": skipped.missing_times,
        "have a time that cannot be read": skipped.unreadable_times,
    }
    said = [f"{count:,} {what}" for what, count in counts.items() if count]
    if said:
        first = f" (the first: {skipped.first_unreadable})" if skipped.first_unreadable else ""
        click.echo(f"rows left out: {', '.join(said)}{first}", err=True)


def _csv(found: Trend) -> Iterator[str]:
    """Yield the table in pieces of text."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for number, row in enumerate(found.rows(), start=1):
        writer.writerow(row)
        if number % _LINES == 0:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def _draw(found: Trend, names: Sequence[str], path: Path, files: list[Input]) -> None:
    from emoconv.report.plots import save  # noqa: PLC0415 - needs an extra
    from emoconv.report.trend import emotions_over_time  # noqa: PLC0415 - same

    if not names:
        raise DataError("no emotion holds in any text; there is nothing to draw")
    drawn = found.of(names)
    more = f" and {len(files) - 1} more" if len(files) > 1 else ""
    figure = emotions_over_time(
        drawn.edges,
        drawn.texts,
        dict(zip(drawn.labels, drawn.counts.T, strict=True)),
        every=drawn.every.name,
        source=f"{files[0].name}{more}, {int(drawn.texts.sum()):,} texts",
    )
    save(figure, path)
