"""``emoconv data doctor``: what is wrong with a labelled file. Parses and prints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click
import numpy as np

from emoconv.cli.doctor_text import examination_lines, removal_lines
from emoconv.cli.reading import table_options
from emoconv.cli.training import settings_option
from emoconv.doctor.cleaning import CONFLICTS, removals
from emoconv.doctor.copying import check_copy, line_numbers, write_rows
from emoconv.doctor.examination import examine
from emoconv.doctor.folds import FOLDS, cross_validated
from emoconv.doctor.probabilities import read_probabilities, write_probabilities
from emoconv.doctor.repeats import MATCHES
from emoconv.doctor.suspects import check_report, find_suspects, write_suspects
from emoconv.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emoconv.cli.reading import TableOptions
    from emoconv.data import Dataset
    from emoconv.doctor.cleaning import Conflicts, Removal
    from emoconv.doctor.examination import Examination
    from emoconv.doctor.repeats import Match

__all__ = ["doctor"]


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--against",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Other data, a test part say, that must not be in FILE. Can be given again.",
)
@click.option(
    "--quick", is_flag=True, help="Do not look for likely wrong labels: no model is trained."
)
@click.option(
    "--probabilities",
    "given_probabilities",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Held-out probabilities, Parquet with a column a label, in place of cross-validation.",
)
@click.option(
    "--save-probabilities",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Keep those of the cross-validation there, for --probabilities; a run that is cut off "
    "then goes on where it was.",
)
@click.option(
    "--folds",
    type=click.IntRange(min=2),
    default=FOLDS,
    show_default=True,
    help="Of the cross-validation: so many models are trained.",
)
@click.option(
    "--recipe", default="small", show_default=True, metavar="NAME", help="Of these models."
)
@click.option(
    "--vectors", multiple=True, metavar="FILE", help="Word vectors they start from; see train."
)
@settings_option
@click.option("--top", type=click.IntRange(min=0), default=20, show_default=True, help="Suspects.")
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write every suspect there: .csv or .json.",
)
@click.option(
    "--clean",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write a copy of FILE there, in its format, without the rows that are named below.",
)
@click.option(
    "--match",
    type=click.Choice(MATCHES),
    default="exact",
    show_default=True,
    help="Of --clean: which texts are taken for one; normalised sets case and signs aside.",
)
@click.option(
    "--conflicts",
    type=click.Choice(CONFLICTS),
    default="majority",
    show_default=True,
    help="Of --clean: which of the rows stay that have one text and different labels.",
)
@click.option("--drop-leaks", is_flag=True, help="Of --clean: leave out what is in --against.")
@click.option(
    "--drop-suspects",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="N",
    help="Of --clean: leave out so many of the worst suspects.",
)
@click.option("--overwrite", is_flag=True, help="Replace files that are there.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@table_options
def doctor(
    file: Path,
    *,
    against: tuple[Path, ...],
    quick: bool,
    given_probabilities: Path | None,
    save_probabilities: Path | None,
    folds: int,
    recipe: str,
    vectors: tuple[str, ...],
    settings: tuple[str, ...],
    top: int,
    report: Path | None,
    clean: Path | None,
    match: str,
    conflicts: str,
    drop_leaks: bool,
    drop_suspects: int,
    overwrite: bool,
    as_json: bool,
    table: TableOptions,
) -> None:
    """Say what is wrong with the labelled texts of FILE, and write a copy without it if asked.

    Counts rows, labels, repeated texts and contradictions; finds rows that are in other data too
    (--against); and finds rows whose labels are likely wrong, by what models say that did not
    see them: the small recipe is trained as often as there are --folds (extras train, doctor).
    FILE itself is never changed.
    """
    _check_options(
        for_suspects=(given_probabilities, save_probabilities, report, drop_suspects or None),
        for_clean=(drop_leaks or None, drop_suspects or None),
        quick=quick,
        clean=clean is not None,
    )
    if drop_leaks and not against:
        raise click.UsageError("--drop-leaks needs --against FILE")
    format_ = _format(file, table)
    _check_outputs(file, format_, (report, clean, save_probabilities), overwrite=overwrite)
    dataset = table.read(file)
    probabilities = None
    if given_probabilities is not None:
        probabilities = read_probabilities(given_probabilities, dataset)
    elif not quick:
        probabilities = _cross_validated(
            dataset,
            recipe=recipe,
            settings=settings,
            folds=folds,
            vectors=vectors,
            save=save_probabilities,
        )
    found = examine(
        dataset,
        lines=line_numbers(file, format_),
        others={str(path): table.read(path) for path in against},
        suspects=None if probabilities is None else find_suspects(dataset, probabilities),
    )
    suspects = found.suspects or ()
    if report is not None:
        write_suspects(report, suspects, found.lines)
    removed: tuple[Removal, ...] = ()
    if clean is not None:
        removed = removals(
            dataset,
            match=cast("Match", match),
            conflicts=cast("Conflicts", conflicts),
            leaks=np.flatnonzero(found.leaks).tolist() if drop_leaks else (),
            suspects=[one.row for one in suspects[:drop_suspects]],
        )
        kept = np.setdiff1d(np.arange(len(dataset)), [one.row for one in removed])
        write_rows(file, format_, kept.tolist(), clean)
    show = _show_json if as_json else _show
    show(found, file=file, top=top, report=report, clean=clean, removed=removed)


def _check_options(
    *,
    for_suspects: tuple[object | None, ...],
    for_clean: tuple[object | None, ...],
    quick: bool,
    clean: bool,
) -> None:
    """Check that no option is given that would do nothing."""
    if quick and any(for_suspects):
        raise click.UsageError("--quick looks for no suspects; leave out what asks for them")
    if all(for_suspects[:2]):
        raise click.UsageError("give --probabilities or --save-probabilities, not both")
    if not clean and any(for_clean):
        raise click.UsageError("--drop-leaks and --drop-suspects say what --clean leaves out")


def _show(
    found: Examination,
    *,
    file: Path,
    top: int,
    report: Path | None,
    clean: Path | None,
    removed: tuple[Removal, ...],
) -> None:
    click.echo("\n".join(examination_lines(str(file), found, top=top)))
    if report is not None:
        click.echo(f"{report}: {len(found.suspects or ()):,} suspects")
    if clean is not None:
        click.echo("\n".join(removal_lines(str(clean), found, removed)))


def _show_json(
    found: Examination,
    *,
    file: Path,
    top: int,
    report: Path | None,
    clean: Path | None,
    removed: tuple[Removal, ...],
) -> None:
    about = {"file": str(file), **found.to_dict(top=top)}
    if report is not None:
        about["report"] = str(report)
    if clean is not None:
        about["clean"] = {"file": str(clean), "removed": found.removed(removed)}
    click.echo(json.dumps(about, indent=2, ensure_ascii=False))


def _format(file: Path, table: TableOptions) -> str:
    format_ = table.format_of(file)
    if format_ == "raw":
        raise DataError(
            "the raw release has a row for each rater, and raters may differ; expected a file with "
            "a row for each text",
            path=file,
        )
    return format_


def _check_outputs(
    file: Path, format_: str, outputs: tuple[Path | None, ...], *, overwrite: bool
) -> None:
    """Check the names of report, clean copy and probabilities before the work."""
    report, clean, _ = outputs
    if clean is not None:
        check_copy(file, format_, clean)
    if report is not None:
        check_report(report)
    for path in outputs:
        if path is not None and path.exists() and not overwrite:
            raise DataError("is there already; --overwrite replaces it", path=path)


def _cross_validated(
    dataset: Dataset,
    *,
    recipe: str,
    settings: tuple[str, ...],
    folds: int,
    vectors: tuple[str, ...],
    save: Path | None,
) -> NDArray[np.float32]:
    from emoconv.cli.training import Screen  # noqa: PLC0415 - only with training
    from emoconv.train import load_recipe, override  # noqa: PLC0415 - imports torch

    probabilities = cross_validated(
        dataset,
        config=override(load_recipe(recipe), settings),
        observer=Screen(len(dataset)),
        folds=folds,
        vector_files=vectors,
        work=None if save is None else save.with_name(save.name + ".folds"),
    )
    if save is not None:
        write_probabilities(save, probabilities, dataset)
    return probabilities
