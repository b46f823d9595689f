"""``emoconv bench``: how fast emoconv is on this machine. Parses and prints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emoconv.cli.reading import model_option, read_texts

if TYPE_CHECKING:
    from emoconv.speed import Speed

__all__ = ["bench"]


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@model_option
@click.option(
    "--text-column",
    default="text",
    show_default=True,
    metavar="NAME",
    help="The column of the texts, if FILE is a table.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="About how long a round of many texts takes; there are five for each line.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def bench(
    file: Path | None, *, model: Path | None, text_column: str, seconds: float, as_json: bool
) -> None:
    """Measure how fast emoconv is on this machine, on the texts of FILE.

    FILE is a text file (.txt) with a text on each line, or a table (.csv, .tsv, .jsonl, .parquet)
    with a column of texts. Without it, texts are made of the model's words.
    """
    from emoconv.speed import measure  # noqa: PLC0415 - help needs no detector

    texts = None if file is None else read_texts(file, text_column=text_column)
    found = measure(texts, folder=model, seconds=seconds)
    if as_json:
        click.echo(json.dumps(found.to_dict(), indent=2, ensure_ascii=False))
    else:
        click.echo(_readable(found))


def _readable(found: Speed) -> str:
    from emoconv.report import Table  # noqa: PLC0415 - help needs no tables

    where, start = found.machine, found.start
    engines = {"reference": "numpy", "compiled": "compiled"}
    peak = "" if start.peak_bytes is None else f"{start.peak_bytes / 1e6:,.0f}"
    starts = Table(
        ("start of a process", ""),
        (
            ("import emoconv, ms", f"{1e3 * start.import_seconds:,.0f}"),
            ("import and load the model, ms", f"{1e3 * start.load_seconds:,.0f}"),
            ("first answer, ms", f"{1e3 * start.first_seconds:,.0f}"),
            ("start of the compiled engine, ms", f"{1e3 * start.warm_seconds:,.0f}"),
            ("memory at most, MB", peak),
        ),
    )
    latencies = Table(
        ("one text, warm", "p50, ms", "p99, ms"),
        tuple(
            (engines[one.engine], f"{1e3 * one.p50_seconds:.3f}", f"{1e3 * one.p99_seconds:.3f}")
            for one in found.latencies
        ),
    )
    rates = Table(
        ("many texts", "threads", "texts/s", "slowest round", "fastest"),
        tuple(
            (
                engines[rate.engine],
                str(rate.threads),
                *(f"{r:,.0f}" for r in (rate.texts_per_second, rate.lowest, rate.highest)),
            )
            for rate in found.rates
        ),
    )
    about = (
        f"{where.processor}, cores: {where.cores}, {where.system}\n"
        f"emoconv {where.emoconv}, python {where.python}\n"
        f"{found.texts:,} texts of {found.mean_characters:.0f} characters in the mean"
    )
    return "\n\n".join([about, *(table.text() for table in (starts, latencies, rates))])
