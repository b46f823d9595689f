"""``emoconv evaluate``: a model against labelled texts. Parses and prints."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click
import numpy as np

from emoconv import metrics
from emoconv.cli.reading import model_option, table_options
from emoconv.data import Dataset, blog_split
from emoconv.decision import confidence
from emoconv.errors import ConfigError
from emoconv.grouping import find_grouping
from emoconv.report import evaluation_text, sweep_text, write_plots
from emoconv.report.page import Behaviour, Subject
from emoconv.thresholds import BLOG_CUTS, FINE_CUTS, RULES, Rule, Thresholds, choose, sweep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emoconv.cli.reading import TableOptions
    from emoconv.detector import EmotionDetector
    from emoconv.labels import LabelSet

__all__ = ["evaluate"]

_SWEEPS = {"blog": BLOG_CUTS, "fine": FINE_CUTS}


@click.command()
@click.argument("data", nargs=-1, required=True, type=click.Path(path_type=Path))
@model_option
@click.option(
    "--grouping",
    "--mapping",
    "grouping",
    metavar="NAME|FILE",
    help="Judge groups of the model's labels, or other labels: ekman, sentiment, or a JSON file of "
    "each with the list of the model's labels that it is made of, or null where it is not to be "
    "judged. --mapping is the same.",
)
@click.option(
    "--min-confidence",
    type=click.FloatRange(0, 1),
    default=0,
    help="Leave out texts whose highest probability is below this, and say how many are left.",
)
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
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Also write a page of HTML there with all that is known of these figures (extra report).",
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
    grouping: str | None,
    min_confidence: float,
    threshold: float | None,
    rule: str | None,
    validation: Path | None,
    sweep_cuts: str | None,
    resamples: int,
    plots: Path | None,
    report: Path | None,
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

    _check_use(rule=rule, validation=validation, threshold=threshold, report=report)
    detector = EmotionDetector.load(model)
    judged = _Judged(detector.bundle.labels, grouping)
    detector = judged.by(detector)
    names = ", ".join(path.name for path in data)
    dataset, grouped = judged.read(table, *data)
    if protocol is not None:
        dataset = blog_split(dataset, seed=seed).test
    own = detector.bundle.thresholds
    cuts = Thresholds(detector.thresholds, rule=own.rule, data=own.data)
    if threshold is not None:
        cuts = Thresholds.fixed(threshold, len(detector.labels))
    elif validation is not None:
        held_out, _ = judged.read(table, validation)
        if held_out.fingerprint() == dataset.fingerprint():
            raise click.UsageError(f"--on {validation} is the data that is measured")
        cuts = choose(
            held_out.y,
            detector.predict_proba(held_out.texts),
            rule=cast("Rule", rule),
            data=f"{validation.name}, {len(held_out):,} texts",
        )
    probabilities = detector.predict_proba(dataset.texts)  # (N, L)
    predicted = cuts.decide(probabilities)
    curve = metrics.risk_coverage(y=dataset.y, predicted=predicted, probabilities=probabilities)
    answered = _answered(probabilities, min_confidence)
    y, probabilities = dataset.y[answered], probabilities[answered]
    evaluation = metrics.evaluate(
        y=y,
        predicted=predicted[answered],
        probabilities=probabilities,
        labels=dataset.labels,
        thresholds=cuts.values,
        resamples=resamples,
        seed=seed,
    )
    rows = sweep(y, probabilities, _SWEEPS[sweep_cuts]) if sweep_cuts else ()
    if plots is not None:
        write_plots(
            plots,
            evaluation=evaluation,
            y=y,
            probabilities=probabilities,
            history=detector.bundle.history,
            title=f"{names}, {len(y):,} texts",
        )
    if report is not None:
        from emoconv.report.page.rendering import write_page  # noqa: PLC0415 - needs an extra

        subject = Subject(
            name=names + ("" if judged.mapping is None else f", {judged.mapping.taxonomy.name}"),
            dataset=dataset.select(np.flatnonzero(answered)),
            probabilities=probabilities,
            predicted=predicted[answered],
            evaluation=evaluation,
            cuts=cuts,
            bundle=detector.bundle,
            model="The model of the package" if model is None else model.resolve().name,
            resamples=resamples,
            explain=detector.explain if judged.mapping is None else None,
            curve=curve,
            behaviour=_behaviour(detector) if judged.mapping is None else (),
        )
        write_page(report, subject)
    if as_json:
        about = {
            "data": {"file": names, "rows": len(dataset), "sha256": dataset.fingerprint()},
            **judged.to_dict(grouped=grouped),
            "thresholds": cuts.to_dict(),
            "abstention": {
                "min_confidence": min_confidence,
                "answered": len(y),
                "coverage": len(y) / len(dataset),
            },
            "risk_coverage": curve.to_dict(),
            "evaluation": evaluation.to_dict(),
            **({"sweep": [row.to_dict() for row in rows]} if rows else {}),
        }
        click.echo(json.dumps(about, indent=2, ensure_ascii=False))
        return
    click.echo(f"{names}: {len(dataset):,} texts; cuts by rule {cuts.rule}{_origin(cuts)}")
    click.echo(_left_out(len(y), of=len(dataset)), nl=False)
    click.echo(judged.text(grouped=grouped) + "\n" + evaluation_text(evaluation))
    if rows:
        click.echo("\n" + sweep_text(rows))


def _check_use(
    *, rule: str | None, validation: Path | None, threshold: float | None, report: Path | None
) -> None:
    """Say early that options do not go together, or that a package is missing."""
    if (rule is None) != (validation is None):
        raise click.UsageError("--rule and --on go together")
    if rule is not None and threshold is not None:
        raise click.UsageError("give --threshold or --rule, not both")
    if report is not None:
        importlib.import_module("emoconv.report.page.rendering")


def _behaviour(detector: EmotionDetector) -> list[Behaviour]:
    """Return what `emoconv behaviour` counts, of the model with its own cuts."""
    from emoconv.behaviour import run  # noqa: PLC0415 - only for a report

    results = run(type(detector)(detector.bundle, engine="reference"))
    about = {family.name: family.about for family in results.asked}
    return [
        Behaviour(one.name, one.passed, one.cases, about[one.name])
        for one in results.families
        if one.cases
    ]


def _answered(probabilities: NDArray[np.float32], min_confidence: float) -> NDArray[np.bool_]:
    """Return which texts are answered, bool (N,), or say that none is."""
    answered: NDArray[np.bool_] = confidence(probabilities) >= min_confidence
    if not answered.any():
        raise ConfigError(
            f"no text has a probability of {min_confidence} or more; give a lower --min-confidence"
        )
    return answered


def _left_out(answered: int, *, of: int) -> str:
    """Return the line that says how many texts are answered, empty if all are."""
    if answered == of:
        return ""
    return f"answered: {answered:,} of them, {answered / of:.1%}; what follows is of these\n"


class _Judged:
    """The labels that are judged: the model's own, or those that a grouping makes of them."""

    def __init__(self, own: LabelSet, grouping: str | None) -> None:
        self.own = own
        self.mapping = None if grouping is None else find_grouping(grouping, own)

    def read(self, table: TableOptions, *paths: Path) -> tuple[Dataset, bool]:
        """Return the data with the labels that are judged; whether they are groups of its own."""
        if self.mapping is None:
            return table.read(*paths, labels=self.own), False
        parts = [table.read(path) for path in paths]
        grouped = not all(self.mapping.names(part.labels) for part in parts)
        return Dataset.concatenate([self.mapping.relabel(part) for part in parts]), grouped

    def by(self, detector: EmotionDetector) -> EmotionDetector:
        """Return a detector of the labels that are judged."""
        return (
            detector if self.mapping is None else detector.replace(grouping=self.mapping.taxonomy)
        )

    def text(self, *, grouped: bool) -> str:
        """Return the line that says what a grouping did, empty without one."""
        if self.mapping is None:
            return ""
        origin = "the model's labels, grouped" if grouped else "the data's own labels"
        left = f"; not judged: {', '.join(self.mapping.ignored)}" if self.mapping.ignored else ""
        return f"grouping {self.mapping.taxonomy.name}: {origin}{left}\n"

    def to_dict(self, *, grouped: bool) -> dict[str, object]:
        """Return the same for JSON."""
        if self.mapping is None:
            return {}
        return {"grouping": {**self.mapping.to_dict(), "grouped": grouped}}


def _origin(cuts: Thresholds) -> str:
    return f", chosen on {cuts.data}" if cuts.data else ""
