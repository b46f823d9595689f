"""``emoconv data``: look at data files, count raters' votes. Prints; the counting is in data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from emoconv.cli.doctor import doctor
from emoconv.cli.reading import TableOptions, table_options
from emoconv.data import (
    PARTS,
    Dataset,
    blog_split,
    check_leaks,
    count_votes,
    part_path,
    read_official,
    read_rater_rows,
    write_votes,
)
from emoconv.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from emoconv.data import BlogSplit, LeakReport

__all__ = ["check", "data", "votes"]

_UNCLEAR = "{:,} rows that raters marked as very unclear are left out."


@click.group()
def data() -> None:
    """Look at data files before a model does, and count raters' votes."""


data.add_command(doctor)


@data.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--protocol",
    type=click.Choice(["blog"]),
    help="blog: split all rows 80/20 at random, as the 2020 post did, and count the test rows "
    "that have a sibling in train.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="The seed of the random split.",
)
@click.option("--strict", is_flag=True, help="Exit 1 if parts share a comment id or an exact text.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@table_options
def check(
    paths: tuple[Path, ...],
    *,
    protocol: str | None,
    seed: int,
    strict: bool,
    as_json: bool,
    table: TableOptions,
) -> None:
    """Count rows, labels, leaks between parts, and labels that contradict each other.

    PATHS are files, each a part, or a folder that holds train.tsv, dev.tsv and test.tsv. Raw
    rater files of GoEmotions together are one part.
    """
    parts, unclear = _read_parts(paths, table)
    if protocol:
        split = blog_split(_only(parts), seed=seed)
        _print_blog(split, seed=seed, unclear=unclear, as_json=as_json)
        return
    report = check_leaks(parts)
    if as_json:
        click.echo(json.dumps({**report.to_dict(), "unclear_rows_left_out": unclear}, indent=2))
    else:
        click.echo("\n".join(_report_lines(report, unclear)))
    if strict and report.leaks:
        click.get_current_context().exit(1)


def _read_parts(paths: Sequence[Path], table: TableOptions) -> tuple[dict[str, Dataset], int]:
    """Return the parts by name, and how many rater rows were left out as unclear."""
    files = [file for path in paths for file in _files(path)]
    if all(table.format_of(file) == "raw" for file in files):
        rows = read_rater_rows(files)
        kept = rows.dataset.select(np.flatnonzero(~rows.unclear))
        return {"raw": kept}, int(rows.unclear.sum())
    stems = [file.name.split(".")[0] for file in files]
    names = stems if len(set(stems)) == len(stems) else [str(file) for file in files]
    return {name: table.read(file) for name, file in zip(names, files, strict=True)}, 0


def _files(path: Path) -> list[Path]:
    return [part_path(path, part) for part in PARTS] if path.is_dir() else [path]


def _only(parts: dict[str, Dataset]) -> Dataset:
    if len(parts) > 1:
        raise DataError(
            f"--protocol blog splits one table or the raw files, got {len(parts)}: "
            f"{', '.join(parts)}"
        )
    return next(iter(parts.values()))


def _report_lines(report: LeakReport, unclear: int) -> Iterable[str]:
    """Yield the lines of the readable report."""
    names = [part.name for part in report.parts]
    yield from _table(
        ["part", "rows", "without label", "empty texts"],
        [[p.name, p.rows, p.rows_without_label, p.empty_texts] for p in report.parts],
    )
    if unclear:
        yield _UNCLEAR.format(unclear)
    yield ""
    labels = dict.fromkeys(label for part in report.parts for label in part.label_counts)
    yield from _table(
        ["label", *names],
        [[label, *(p.label_counts.get(label, 0) for p in report.parts)] for label in labels],
    )
    yield ""
    if report.overlaps:
        yield from _table(
            ["known rows", "by id", "by text", "by normalised text"],
            [
                [f"{o.second} from {o.first}", o.ids, o.texts, o.normalised_texts]
                for o in report.overlaps
            ],
        )
        yield ""
    yield (
        f"{report.repeated_texts:,} normalised texts are on several rows, "
        f"{report.conflicting_texts:,} of them with conflicting labels."
    )


def _table(header: Sequence[str], rows: Sequence[Sequence[str | int]]) -> list[str]:
    """Return aligned lines: the first column to the left, numbers to the right."""
    cells = [list(header), *([f"{c:,}" if isinstance(c, int) else c for c in r] for r in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(
            [
                line[0].ljust(widths[0]),
                *(c.rjust(w) for c, w in zip(line[1:], widths[1:], strict=True)),
            ]
        )
        for line in cells
    ]


def _print_blog(split: BlogSplit, *, seed: int, unclear: int, as_json: bool) -> None:
    counts = {
        "seed": seed,
        "train_rows": len(split.train),
        "test_rows": len(split.test),
        "test_rows_same_id_in_train": split.same_id,
        "test_rows_same_text_in_train": split.same_text,
        "test_rows_sibling_in_train": split.siblings,
        "unclear_rows_left_out": unclear,
    }
    if as_json:
        click.echo(json.dumps(counts, indent=2))
        return
    if unclear:
        click.echo(_UNCLEAR.format(unclear))
    total = len(split.test)
    click.echo(f"{len(split.train):,} train rows, {total:,} test rows, at random (seed {seed})")
    for what, number in (
        ("the comment", split.same_id),
        ("the normalised text", split.same_text),
        ("either", split.siblings),
    ):
        click.echo(f"{number:,} test rows ({number / total:.1%}) share {what} with a train row")


@data.command()
@click.argument(
    "raw_files", nargs=-1, required=True, metavar="RAW...", type=click.Path(path_type=Path)
)
@click.option(
    "--official",
    "official_files",
    type=click.Path(path_type=Path),
    multiple=True,
    required=True,
    metavar="FILE",
    help="The part of the official split that is trained on, train.tsv; only its comments are "
    "counted. Can be given again.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="Where the votes go: a .tsv or .csv file, .gz may follow.",
)
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
def votes(
    raw_files: tuple[Path, ...],
    *,
    official_files: tuple[Path, ...],
    output: Path,
    overwrite: bool,
) -> None:
    """Count how many raters gave each label to each comment, for soft targets.

    RAW are the rater files of GoEmotions (goemotions_1.csv and so on, see `emoconv download
    goemotions-raw`), which hold the comments of all parts of the official split. So that nothing
    of dev and test gets into training, only comments of the --official part are kept. Rows that
    raters marked as very unclear are left out.
    """
    twice = [path for path in raw_files if raw_files.count(path) > 1]
    if twice:
        raise click.UsageError(f"{twice[0]} is given twice; each of its raters would count twice")
    if output.exists() and not overwrite:
        raise DataError("is there already; --overwrite replaces it", path=output)
    wanted = {id_ for file in official_files for id_ in read_official(file).ids or ()}
    found = count_votes(read_rater_rows(raw_files)).among(wanted)
    if not len(found):
        raise DataError(
            f"no row of {', '.join(map(str, raw_files))} is on a comment of "
            f"{', '.join(map(str, official_files))}"
        )
    output.parent.mkdir(parents=True, exist_ok=True)
    write_votes(found, output)
    several = int((found.raters > 1).sum())
    click.echo(
        f"{output}: {len(found):,} of {len(wanted):,} comments have votes, {several:,} of them of "
        "two raters or more"
    )
