"""``emoconv calibrate``: probabilities and cuts fitted to one's own texts. Parses and prints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emoconv.bundle import check_destination, read_bundle, read_card, shipped_bundle, write_bundle
from emoconv.cli.reading import model_option, table_options
from emoconv.recalibration import (
    CALIBRATIONS,
    CUTS,
    FOLDS,
    LEAST_POSITIVES,
    model_card,
    recalibrate,
)
from emoconv.report import Table

if TYPE_CHECKING:
    from emoconv.bundle import Bundle
    from emoconv.cli.reading import TableOptions
    from emoconv.data import Dataset
    from emoconv.labels import LabelSet
    from emoconv.recalibration import Calibrating, Change, Cutting, Recalibrated

__all__ = ["calibrate"]

_SEEN = {
    "train": "learnt from these very texts and is too sure of them: calibrate on others",
    "dev": "its cuts from these very texts, so the figures before flatter it",
}


@click.command()
@click.argument("data", nargs=-1, required=True, type=click.Path(path_type=Path))
@model_option
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Where the new model goes; without it nothing is written.",
)
@click.option("--overwrite", is_flag=True, help="Replace a model that is there.")
@click.option(
    "--calibration",
    type=click.Choice(CALIBRATIONS),
    default="line",
    show_default=True,
    help="line: stretch and move each label's log-odds (Platt); keep: leave probabilities alone.",
)
@click.option(
    "--rule",
    type=click.Choice(CUTS),
    help="Choose cuts by this rule, by default that of the model's recipe; keep: cuts move with "
    "the probabilities, so that decisions stay.",
)
@click.option(
    "--folds",
    type=click.IntRange(min=2),
    default=FOLDS,
    show_default=True,
    help="Parts of the cross-validation that measures what it gives.",
)
@click.option(
    "--resamples",
    type=click.IntRange(min=200),
    default=1000,
    show_default=True,
    help="Bootstrap draws behind intervals and p-values.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Of the folds and the bootstrap.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@table_options
def calibrate(
    data: tuple[Path, ...],
    *,
    model: Path | None,
    output: Path | None,
    overwrite: bool,
    calibration: Calibrating,
    rule: Cutting | None,
    folds: int,
    resamples: int,
    seed: int,
    as_json: bool,
    table: TableOptions,
) -> None:
    """Fit a model's probabilities and cuts to the labelled texts of DATA, without training.

    DATA is one file or several taken together, with the model's labels or some of them. The figures
    "after" are of texts that were not fitted to (cross-validation); the model that is written is
    fitted to all of them.
    """
    if calibration == rule == "keep":
        raise click.UsageError("--calibration keep and --rule keep leave nothing to fit")
    if output is not None:
        check_destination(output, overwrite=overwrite)
    folder = shipped_bundle() if model is None else model
    bundle = read_bundle(folder)
    dataset = _read(table, data, bundle.labels)
    _warn(bundle, dataset)
    names = ", ".join(path.name for path in data)
    made = recalibrate(
        bundle,
        dataset,
        name=names,
        calibration=calibration,
        rule=rule,
        folds=folds,
        resamples=resamples,
        seed=seed,
    )
    if output is not None:
        card = model_card(made, read_card(folder))
        write_bundle(made.bundle, output, card=card, overwrite=overwrite)
    if as_json:
        about = {
            "data": {"file": names, "rows": len(dataset), "sha256": dataset.fingerprint()},
            "model": {"sha256": bundle.fingerprint()},
            "output": None if output is None else str(output),
            "calibrated": {"sha256": made.bundle.fingerprint()},
            **made.to_dict(),
        }
        click.echo(json.dumps(about, indent=2, ensure_ascii=False))
        return
    click.echo("\n\n".join(_readable(made, bundle, names)))
    where = "nothing is written: name an --output" if output is None else str(output)
    click.echo(where)


def _read(table: TableOptions, paths: tuple[Path, ...], known: LabelSet) -> Dataset:
    """Return the data; with columns of 0 and 1 that are named, of these labels only."""
    return table.read(*paths, labels=None if table.label_columns else known)


def _warn(bundle: Bundle, dataset: Dataset) -> None:
    """Say if the model has seen these very texts when it was made."""
    for role in bundle.roles_of(dataset.fingerprint()):
        click.echo(f"warning: the model has {_SEEN[role]}", err=True)


def _readable(made: Recalibrated, bundle: Bundle, names: str) -> list[str]:
    changed = Table(
        ("", "before", "after", "difference", "95 % interval", "p"),
        tuple((change.name, *_cells(change)) for change in made.changes),
    )
    labels = Table(
        ("label", "F1", "after", "log loss", "after", "cut", "after", "support"),
        tuple(
            (
                old.label,
                *(f"{score.f1:.3f}" for score in (old, new)),
                *(f"{score.log_loss:.4f}" for score in (old, new)),
                *(f"{score.threshold:.3f}" for score in (old, new)),
                f"{old.support:,}",
            )
            for old, new in zip(made.before.per_label, made.after.per_label, strict=True)
        ),
    )
    return [_head(made, bundle, names), changed.text(), labels.text(), _verdict(made)]


def _head(made: Recalibrated, bundle: Bundle, names: str) -> str:
    """Return what was done, and of which labels it was not."""
    head = (
        f"{names}: {made.after.n:,} texts; {len(made.fitted)} of {len(bundle.labels)} labels "
        f"fitted, --calibration {made.calibration} --rule {made.rule}; after: by {made.folds} folds"
    )
    if not made.kept:
        return head
    kept = ", ".join(
        one.label + (" (not in the data)" if one.texts is None else f" ({one.texts:,})")
        for one in made.kept
    )
    return (
        f"{head}\nkept as they were, as fewer than {LEAST_POSITIVES} texts have them or lack them: "
        f"{kept}"
    )


def _verdict(made: Recalibrated) -> str:
    """Return what the figures mean, and what to try where only the probabilities got better."""
    better = {change.name for change in made.changes if change.better}
    if "log loss" not in better or made.rule == "keep" or {"micro F1", "macro F1"} & better:
        return made.verdict
    return f"{made.verdict}\nthe decisions got no better by it; --rule keep leaves them as they are"


def _cells(one: Change) -> tuple[str, ...]:
    places = 4 if one.lower_is_better else 3
    found = one.difference
    cells = tuple(f"{value:.{places}f}" for value in (one.before, one.after))
    if found is None:
        return (*cells, f"{one.after - one.before:+.{places}f}", "-", "-")
    low, high = (f"{bound:+.{places}f}" for bound in (found.interval.low, found.interval.high))
    mark = "*" if one.clear else " "
    return (*cells, f"{found.estimate:+.{places}f}", f"{low} to {high}", f"{one.p_value:.3f}{mark}")
