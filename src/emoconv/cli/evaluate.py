"""``emoconv evaluate``: a model against labelled texts. Parses and prints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from emoconv import metrics
from emoconv.cli.reading import TableOptions, model_option, table_options
from emoconv.data import blog_split
from emoconv.report import evaluation_text, sweep_text, write_plots
from emoconv.thresholds import BLOG_CUTS, FINE_CUTS, RULES, Rule, Thresholds, choose, sweep

if TYPE_CHECKING:
    from emoconv.data import Dataset
    from emoconv.detector import EmotionDetector

__all__ = ["evaluate"]

_SWEEPS = {"blog": BLOG_CUTS, "fine": FINE_CUTS}


@click.command()
@click.argument("data", nargs=-1, required=True, type=click.Path(path_type=Path))
@model_option
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    help="One cut for all labels in place of the model's own.",
)
@click.option(
    "--rule",
    type=click.Choice(RULES),
    help="Choose new cuts by this rule, on the data of --on.",
)
@click.option(
    "--on",
    "validation",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The validation data for --rule; never the data that is measured.",
)
@click.option(
    "--sweep",
    "sweep_cuts",
    type=click.Choice(["blog", "fine"]),
    help="Also print a table of shared cuts: the ten of the 2020 post, or every hundredth.",
)
@click.option(
    "--resamples",
    type=click.IntRange(min=0),
    default=1000,
    show_default=True,
    help="Bootstrap draws behind the 95 % intervals; 0 for none.",
)
@click.option(
    "--plots",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Also draw plots there, as PNG and SVG (extra report).",
)
@click.option(
    "--protocol",
    type=click.Choice(["blog"]),
    help="blog: measure on the random fifth of the rows that --seed draws, as the 2020 post did.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Of --protocol and bootstrap.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@table_options
def evaluate(
    data: tuple[Path, ...],
    *,
    model: Path | None,
    threshold: float | None,
    rule: str | None,
    validation: Path | None,
    sweep_cuts: str | None,
    resamples: int,
    plots: Path | None,
    protocol: str | None,
    seed: int,
    as_json: bool,
    table: TableOptions,
) -> None:
    """Measure a model on the labelled texts of DATA, one file or several taken together.

    Precision, recall and F1 for each label and on average, average precision, calibration, each
    F1 with its bootstrap interval.
    """
    from emoconv.detector import EmotionDetector  # noqa: PLC0415 - help needs no model

    if (rule is None) != (validation is None):
        raise click.UsageError("--rule and --on go together")
    if rule is not None and threshold is not None:
        raise click.UsageError("give --threshold or --rule, not both")
    detector = EmotionDetector.load(model)
    names = ", ".join(path.name for path in data)
    dataset = table.read(*data, labels=detector.bundle.labels)
    if protocol is not None:
        dataset = blog_split(dataset, seed=seed).test
    cuts = detector.bundle.thresholds
    if threshold is not None:
        cuts = Thresholds.fixed(threshold, len(detector.labels))
    elif rule is not None and validation is not None:
        held_out = table.read(validation, labels=detector.bundle.labels)
        if held_out.fingerprint() == dataset.fingerprint():
            raise click.UsageError(f"--on {validation} is the data that is measured")
        cuts = _choose(detector, held_out, rule=cast("Rule", rule), name=validation.name)
    probabilities = detector.predict_proba(dataset.texts)
    evaluation = metrics.evaluate(
        y=dataset.y,
        predicted=cuts.decide(probabilities),
        probabilities=probabilities,
        labels=dataset.labels,
        thresholds=cuts.values,
        resamples=resamples,
        seed=seed,
    )
    rows = sweep(dataset.y, probabilities, _SWEEPS[sweep_cuts]) if sweep_cuts else ()
    if plots is not None:
        write_plots(
            plots,
            evaluation=evaluation,
            y=dataset.y,
            probabilities=probabilities,
            history=detector.bundle.history,
            title=f"{names}, {len(dataset):,} texts",
        )
    if as_json:
        about = {
            "data": {"file": names, "rows": len(dataset), "sha256": dataset.fingerprint()},
            "thresholds": cuts.to_dict(),
            "evaluation": evaluation.to_dict(),
            **({"sweep": [row.to_dict() for row in rows]} if rows else {}),
        }
        click.echo(json.dumps(about, indent=2, ensure_ascii=False))
        return
    click.echo(f"{names}: {len(dataset):,} texts; cuts by rule {cuts.rule}{_origin(cuts)}")
    click.echo("\n" + evaluation_text(evaluation))
    if rows:
        click.echo("\n" + sweep_text(rows))


def _choose(detector: EmotionDetector, held_out: Dataset, *, rule: Rule, name: str) -> Thresholds:
    """Choose new cuts on validation data."""
    probabilities = detector.predict_proba(held_out.texts)
    return choose(held_out.y, probabilities, rule=rule, data=f"{name}, {len(held_out):,} texts")


def _origin(cuts: Thresholds) -> str:
    return f", chosen on {cuts.data}" if cuts.data else ""
