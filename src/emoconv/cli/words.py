"""``emoconv words``: the strongest phrases of emotions, of a corpus or of the model alone."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emoconv.cli.progress import ProgressScreen
from emoconv.cli.reading import model_option, text_column_option
from emoconv.scoring.inputs import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from emoconv.bundle import Bundle
    from emoconv.explanation.corpus import PhraseCounter
    from emoconv.scoring.inputs import Format, Input

__all__ = ["words"]

_TOP, _TOP_OF_ALL = 20, 5


@click.command()
@click.argument("corpus", nargs=-1)
@click.option(
    "--label",
    "names",
    metavar="NAMES",
    help="The labels, separated by commas; by default all, a line each.",
)
@click.option(
    "--top",
    type=click.IntRange(min=1),
    help=f"So many phrases of each; by default {_TOP}, or {_TOP_OF_ALL} if no label is named.",
)
@click.option(
    "--against", is_flag=True, help="Those that speak most against a label, in place of for it."
)
@click.option(
    "--examples",
    type=click.IntRange(min=0),
    default=2,
    show_default=True,
    help="Show so many texts of the corpus with each phrase.",
)
@text_column_option
@click.option(
    "--format",
    "named",
    type=click.Choice(FORMATS),
    help="The format of the files; by default their endings tell.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write a CSV there, and print nothing unless with --json.",
)
@model_option
def words(
    corpus: tuple[str, ...],
    *,
    names: str | None,
    top: int | None,
    against: bool,
    examples: int,
    text_column: str,
    named: Format | None,
    as_json: bool,
    output: Path | None,
    model: Path | None,
) -> None:
    """List the strongest phrases of emotions in the texts of CORPUS, files as `score` reads them.

    For each phrase: in how many texts it gave something to the label's logit, how much in the
    mean and in all. Without CORPUS: the single words of the model's vocabulary, with what each
    would give if it stood alone.
    """
    from emoconv.bundle import read_bundle, shipped_bundle  # noqa: PLC0415 - help needs no model

    bundle = read_bundle(shipped_bundle() if model is None else model)
    wanted = [name.strip() for name in names.split(",")] if names else list(bundle.labels.names)
    numbers = [bundle.labels.index(name) for name in wanted]
    top = top or (_TOP if names else _TOP_OF_ALL)
    if corpus:
        from emoconv.explanation.corpus import PhraseCounter  # noqa: PLC0415 - help needs none

        counter = PhraseCounter(bundle, labels=numbers, top=top, examples=examples, against=against)
        _read(corpus, named, counter, column=text_column)
        found = {name: _of_corpus(counter, column) for column, name in enumerate(wanted)}
        about = f"strongest phrases in {counter.texts:,} texts"
    else:
        found = _of_vocabulary(bundle, wanted, top=top, against=against)
        about = "each word of the model's vocabulary as if it stood alone; no corpus was read"
    if output is not None:
        _write(output, found, examples=examples if corpus else 0)
    if as_json:
        says = {"against": against, "texts": counter.texts if corpus else None, "labels": found}
        click.echo(json.dumps(says, indent=2, ensure_ascii=False))
    elif output is None:
        click.echo(about + (", against" if against else ""))
        click.echo("\n".join(_readable(found) if names else _overview(found)))


def _read(
    corpus: Sequence[str], named: Format | None, counter: PhraseCounter, *, column: str
) -> None:
    """Have all texts of some files counted, a piece at a time."""
    from emoconv.scoring.inputs import find_inputs  # noqa: PLC0415 - help needs no files

    screen = ProgressScreen()
    try:
        for file in find_inputs(corpus, named):
            for texts in _pieces(file, column):
                counter.add(texts)
                screen(rows=counter.texts, resumed=0, share=None)
    finally:
        screen.close()
    if counter.forgotten:
        click.echo(
            f"emoconv: {counter.forgotten:,} weak phrases were forgotten for want of room; rare "
            "ones may have come more often than is said",
            err=True,
        )


def _pieces(file: Input, column: str) -> Iterator[list[str]]:
    """Yield the texts of a file, some at a time; those that are missing are left out."""
    from emoconv.annotation import check_names  # noqa: PLC0415 - help needs no files
    from emoconv.explanation.corpus import TEXTS_AT_ONCE  # noqa: PLC0415 - same
    from emoconv.scoring.opening import about  # noqa: PLC0415 - same
    from emoconv.scoring.readers import open_reader  # noqa: PLC0415 - same
    from emoconv.scoring.work import check_texts  # noqa: PLC0415 - same

    reader = open_reader(file, column=column)
    with about(file):
        check_names(reader.names, column, [])
        check_texts(reader.schema, column)
    for piece in reader.read(0):
        texts = piece.batch.column(column)
        for first in range(0, len(texts), TEXTS_AT_ONCE):
            yield texts.slice(first, TEXTS_AT_ONCE).drop_null().to_pylist()


def _of_corpus(counter: PhraseCounter, column: int) -> list[dict[str, object]]:
    return [
        {
            "phrase": one.text,
            "texts": one.texts,
            "mean_share": round(one.mean, 4),
            "total_share": round(one.total, 4),
            "examples": list(one.examples),
        }
        for one in counter.strongest(column)
    ]


def _of_vocabulary(
    bundle: Bundle, wanted: Sequence[str], *, top: int, against: bool
) -> dict[str, list[dict[str, object]]]:
    from emoconv.explanation.vocabulary import WordShares  # noqa: PLC0415 - help needs no model

    shares = WordShares(bundle)
    return {
        name: [
            {"phrase": one.text, "share_alone": round(one.share, 4)}
            for one in shares.strongest(bundle.labels.index(name), top=top, against=against)
        ]
        for name in wanted
    }


def _readable(found: dict[str, list[dict[str, object]]]) -> Iterator[str]:
    """Yield a table for each label, in lines."""
    from emoconv.explanation.tones import visible  # noqa: PLC0415 - help needs no tables
    from emoconv.report import Table  # noqa: PLC0415 - same

    for name, rows in found.items():
        yield ""
        if not rows:
            yield f"{name}: none"
            continue
        figures = [key for key in rows[0] if key not in {"phrase", "examples"}]
        header = (name, *(figure.replace("_", " ") for figure in figures))
        cells = tuple(
            (str(row["phrase"]), *(_figure(row[figure]) for figure in figures)) for row in rows
        )
        head, rule, *lines = Table(header, cells).text().split("\n")
        yield from (head, rule)
        for line, row in zip(lines, rows, strict=True):
            yield line
            examples = row.get("examples", ())
            assert isinstance(examples, list | tuple)  # noqa: S101 - tells the type checker
            yield from (f"    {visible(example)}" for example in examples)


def _overview(found: dict[str, list[dict[str, object]]]) -> Iterator[str]:
    """Yield a line for each label."""
    width = max(map(len, found))
    for name, rows in found.items():
        cells = [
            f"{row['phrase']} {_figure(row.get('mean_share', row.get('share_alone')))}"
            for row in rows
        ]
        yield f"{name.ljust(width)}  {', '.join(cells) or '-'}"


def _figure(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:+,.2f}"


def _write(path: Path, found: dict[str, list[dict[str, object]]], *, examples: int) -> None:
    """Write a CSV with a row for each phrase of each label."""
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        figures = next((list(rows[0]) for rows in found.values() if rows), ["phrase"])
        plain = [key for key in figures if key != "examples"]
        writer.writerow(["label", *plain, *(f"example_{i + 1}" for i in range(examples))])
        for name, rows in found.items():
            for row in rows:
                shown = row.get("examples", [])
                assert isinstance(shown, list)  # noqa: S101 - tells the type checker
                shown = [*shown, *[""] * (examples - len(shown))]
                writer.writerow([name, *(row[key] for key in plain), *shown])
    unfinished.replace(path)
