"""``emoconv score``: files of any size, with what is found in their texts beside each row."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, cast

import click

from emoconv.annotation import ADDITIONS, FORMS, KNOWN_ADDITIONS
from emoconv.cli.progress import ProgressScreen, duration, is_terminal
from emoconv.cli.reading import (
    confidence_option,
    grouping_option,
    model_option,
    text_column_option,
)
from emoconv.errors import ConfigError, EmoconvError, did_you_mean
from emoconv.scoring.inputs import FORMATS, STANDARD

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from emoconv.annotation import Addition, Form
    from emoconv.detector import EmotionDetector
    from emoconv.scoring.inputs import Format
    from emoconv.scoring.readers import OnError
    from emoconv.scoring.request import Request
    from emoconv.scoring.run import Result

__all__ = ["ENGINES", "score"]

ENGINES = ("local", "ray", "spark")
"""What can share out the work."""

_CELLS = 4
"""How many labels stand in a line of the end."""

_INTERRUPTED = 130
"""What a shell reports of a command that Ctrl-C ended: 128 and the number of the signal."""


def _columns(
    _context: click.Context, _parameter: click.Parameter, value: str
) -> tuple[Addition, ...]:
    names = tuple(name.strip() for name in value.split(","))
    for name in names:
        if name not in KNOWN_ADDITIONS:
            hint = did_you_mean(name, KNOWN_ADDITIONS)
            raise click.BadParameter(f"{name!r} is not one of {', '.join(KNOWN_ADDITIONS)}{hint}")
    return cast("tuple[Addition, ...]", names)


@click.command()
@click.argument("inputs", nargs=-1, metavar="[IN]...")
@click.option(
    "--output",
    default=STANDARD,
    metavar="OUT",
    help="A file, or a folder (ends with /) for a file from each input; - is standard output.",
    show_default=True,
)
@text_column_option
@click.option(
    "--format",
    "input_format",
    type=click.Choice(FORMATS),
    help="The format of the inputs; by default their endings tell.",
)
@click.option(
    "--output-format",
    type=click.Choice(FORMATS),
    help="That of the output; by default its ending tells, or it is the input's.",
)
@click.option(
    "--columns",
    default=",".join(ADDITIONS),
    show_default=True,
    callback=_columns,
    metavar="NAMES",
    help="What is added to each row; confidence, the highest probability, may be as well.",
)
@click.option(
    "--probabilities",
    "form",
    type=click.Choice(FORMS),
    help="Whether they are one list or a column each; in CSV and TSV always columns.",
)
@click.option(
    "--prefix", default="", metavar="TEXT", help="What the names of the new columns begin with."
)
@click.option(
    "--on-error",
    type=click.Choice(("fail", "skip", "null")),
    default="fail",
    show_default=True,
    help="What becomes of a row that cannot be read: stop there, put it aside, or keep nulls in "
    "its place as well.",
)
@click.option(
    "--rejects",
    metavar="FILE",
    help="Where such rows go; by default OUT.rejects.jsonl.",
)
@click.option(
    "--encoding", default="utf-8", show_default=True, metavar="NAME", help="Of text formats."
)
@click.option(
    "--summary", metavar="FILE", help="Where the summary goes; by default OUT.summary.json."
)
@click.option("--restart", is_flag=True, help="Forget what a run that was cut off had finished.")
@click.option("--overwrite", is_flag=True, help="Replace an output that is there.")
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default="local",
    show_default=True,
    help="What shares out the work: this process, Ray or Spark. A cluster writes a folder of "
    "Parquet.",
)
@click.option(
    "--address",
    metavar="URL",
    help="Of the cluster: host:port for Ray, a master such as spark://host:port for Spark; by "
    "default one on this machine.",
)
@click.option("--threads", type=click.IntRange(min=1), help="By default one for each core.")
@grouping_option
@confidence_option
@model_option
def score(
    inputs: tuple[str, ...],
    *,
    output: str,
    text_column: str,
    input_format: Format | None,
    output_format: Format | None,
    columns: tuple[Addition, ...],
    form: Form | None,
    prefix: str,
    on_error: OnError,
    rejects: str | None,
    encoding: str,
    summary: str | None,
    restart: bool,
    overwrite: bool,
    engine: str,
    address: str | None,
    threads: int | None,
    grouping: str | None,
    min_confidence: float,
    model: Path | None,
) -> None:
    """Score the texts of IN..., files of any size, and write their rows with emotions.

    IN is a file, a folder, a pattern in quotes, or - for standard input: CSV, TSV, JSON Lines
    (jsonl), texts a line (lines), Parquet, Arrow (files: arrow, streams: arrows); text formats
    may be packed by gzip or zstd. All columns stay, in their order, and new ones follow.

    A run that was cut off is gone on with by the same command.
    """
    from emoconv.detector import EmotionDetector  # noqa: PLC0415 - help needs no model
    from emoconv.scoring.request import Request  # noqa: PLC0415 - nor files

    if not inputs and is_terminal(sys.stdin):
        raise click.UsageError("give files, or rows on standard input with their --format")
    if address is not None and engine == "local":
        raise click.UsageError("--address is that of a cluster; give --engine ray or spark")
    request = Request(
        output=output,
        text_column=text_column,
        format=output_format,
        columns=columns,
        form=form,
        prefix=prefix,
        on_error=on_error,
        encoding=encoding,
        rejects=rejects,
        summary=summary,
        restart=restart,
        overwrite=overwrite,
    )
    detector = EmotionDetector.load(
        model, threads=threads, grouping=grouping, min_confidence=min_confidence
    )
    if engine == "local":
        _score_here(inputs or (STANDARD,), input_format, request, detector)
    else:
        _score_there(inputs, input_format, request, detector, engine=engine, address=address)


def _score_here(
    inputs: Sequence[str], format_: Format | None, request: Request, detector: EmotionDetector
) -> None:
    """Score in this process; say what is kept if it is stopped."""
    from emoconv.scoring.inputs import find_inputs  # noqa: PLC0415 - help needs no files
    from emoconv.scoring.run import score_files  # noqa: PLC0415 - same

    found = find_inputs(inputs, format_)
    screen = ProgressScreen()
    try:
        result = score_files(found, request, detector=detector, progress=screen)
    except (OSError, KeyboardInterrupt) as error:
        screen.close()
        if request.output == STANDARD or isinstance(error, EmoconvError | BrokenPipeError):
            raise
        kept = f"{screen.rows:,} rows are finished and kept; the same command goes on from there"
        if isinstance(error, KeyboardInterrupt):
            click.echo(f"emoconv: stopped: {kept}", err=True)
            sys.exit(_INTERRUPTED)
        click.echo(f"emoconv: {kept}", err=True)
        raise
    finally:
        screen.close()
    rejects = request.rejects or f"{request.output}.rejects.jsonl"
    click.echo(_readable(result, rejects=rejects), err=True)


def _score_there(
    inputs: Sequence[str],
    format_: Format | None,
    request: Request,
    detector: EmotionDetector,
    *,
    engine: str,
    address: str | None,
) -> None:
    """Score on a cluster."""
    _check_cluster(inputs, request, engine=engine)
    started = time.perf_counter()
    options: dict[str, Any] = {
        "format": format_,
        "text_column": request.text_column,
        "detector": detector,
        "columns": request.columns,
        "probabilities": request.form or "list",
        "prefix": request.prefix,
        "overwrite": request.overwrite,
    }
    if engine == "ray":
        from emoconv.scoring import ray  # noqa: PLC0415 - an extra

        rows = ray.score_files(inputs, request.output, address=address, **options)
    else:
        from emoconv.scoring import spark  # noqa: PLC0415 - an extra

        rows = spark.score_files(inputs, request.output, master=address, **options)
    click.echo(f"{rows:,} rows in {duration(time.perf_counter() - started)}", err=True)


def _check_cluster(inputs: Sequence[str], request: Request, *, engine: str) -> None:
    """Check that nothing is asked for that only this process does."""
    if not inputs or request.output == STANDARD:
        raise ConfigError(f"{engine} reads files and writes a folder; give IN and --output FOLDER")
    if request.format not in {None, "parquet"}:
        raise ConfigError(f"{engine} writes a folder of Parquet; leave --output-format out")
    default = type(request)(output=request.output)
    for name in ("on_error", "rejects", "encoding", "summary", "restart"):
        if getattr(request, name) != getattr(default, name):
            option = "--" + name.replace("_", "-")
            raise ConfigError(f"{option} is for --engine local, and does nothing on {engine}")


def _readable(result: Result, *, rejects: str | None) -> str:
    """Return a run's end in a few lines: how much, how fast, and the share of each label."""
    found, new = result.summary, result.summary.rows - result.resumed
    lines = [
        f"{found.rows:,} rows in {duration(result.seconds)}"
        + (f", {result.resumed:,} of them finished before" if result.resumed else "")
        + f" ({new / max(result.seconds, 1e-9):,.0f} rows/s); without a text: {found.missing:,}, "
        f"empty: {found.empty:,}"
    ]
    if result.rejected:
        lines.append(f"rows that could not be read: {result.rejected:,}, in {rejects}")
    shares = sorted(
        zip(found.labels, found.label_counts / max(found.texts, 1), strict=True),
        key=lambda pair: -pair[1],
    )
    cells = [f"{label} {share:.1%}" for label, share in shares]
    width = max(map(len, cells)) + 2
    rows = -(-len(cells) // _CELLS)
    table = ("".join(cell.ljust(width) for cell in cells[row::rows]) for row in range(rows))
    return "\n".join([*lines, *map(str.rstrip, table)])
