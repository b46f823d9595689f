"""``emoconv evaluate``: a model against labelled texts. Parses and prints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from emoconv import metrics
from emoconv.cli.reading import model_option, table_options
from emoconv.data import Dataset, blog_split, read_mapping
from emoconv.report import evaluation_text, sweep_text, write_plots
from emoconv.thresholds import BLOG_CUTS, FINE_CUTS, RULES, Rule, Thresholds, choose, sweep

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from emoconv.cli.reading import TableOptions
    from emoconv.labels import LabelSet

__all__ = ["evaluate"]

_SWEEPS = {"blog": BLOG_CUTS, "fine": FINE_CUTS}


@click.command()
@click.argument("data", nargs=-1, required=True, type=click.Path(path_type=Path))
@model_option
@click.option(
    "--mapping",
    "mapping_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Judge other labels than the model's: a JSON object of each with the list of the model's "
    "labels that it is made of, or null where it is not to be judged.",
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
    mapping_file: Path | None,
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
    judged = _Judged(detector.bundle.labels, mapping_file)
    names = ", ".join(path.name for path in data)
    dataset, grouped = judged.read(table, *data)
    if protocol is not None:
        dataset = blog_split(dataset, seed=seed).test
    cuts = detector.bundle.thresholds
    if threshold is not None:
        cuts = Thresholds.fixed(threshold, len(detector.labels))
    elif validation is not None:
        held_out, _ = judged.read(table, validation)
        if held_out.fingerprint() == dataset.fingerprint():
            raise click.UsageError(f"--on {validation} is the data that is measured")
        cuts = choose(
            held_out.y,
            judged.highest(detector.predict_proba(held_out.texts)),
            rule=cast("Rule", rule),
            data=f"{validation.name}, {len(held_out):,} texts",
        )
    own = detector.predict_proba(dataset.texts)  # (N, L)
    probabilities = judged.highest(own)  # (N, G)
    of_judged = judged.mapping is None or validation is not None  # else of the model's labels
    evaluation = metrics.evaluate(
        y=dataset.y,
        predicted=cuts.decide(probabilities) if of_judged else judged.any_of(cuts.decide(own)),
        probabilities=probabilities,
        labels=dataset.labels,
        thresholds=cuts.values if of_judged else None,
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
            **judged.to_dict(grouped=grouped),
            "thresholds": cuts.to_dict(),
            "evaluation": evaluation.to_dict(),
            **({"sweep": [row.to_dict() for row in rows]} if rows else {}),
        }
        click.echo(json.dumps(about, indent=2, ensure_ascii=False))
        return
    click.echo(f"{names}: {len(dataset):,} texts; cuts by rule {cuts.rule}{_origin(cuts)}")
    click.echo(judged.text(grouped=grouped) + "\n" + evaluation_text(evaluation))
    if rows:
        click.echo("\n" + sweep_text(rows))


class _Judged:
    """The labels that are judged: the model's own, or those that a mapping file makes of them."""

    def __init__(self, own: LabelSet, mapping_file: Path | None) -> None:
        self.own = own
        self.mapping = None if mapping_file is None else read_mapping(mapping_file, own)

    def read(self, table: TableOptions, *paths: Path) -> tuple[Dataset, bool]:
        """Return the data with the labels that are judged; whether they are groups of its own."""
        if self.mapping is None:
            return table.read(*paths, labels=self.own), False
        parts = [table.read(path) for path in paths]
        grouped = not all(self.mapping.names(part.labels) for part in parts)
        return Dataset.concatenate([self.mapping.relabel(part) for part in parts]), grouped

    def highest(self, own: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the probabilities of the labels that are judged."""
        return own if self.mapping is None else self.mapping.taxonomy.highest(own, self.own)

    def any_of(self, own: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which of the labels that are judged the model's decisions make hold."""
        return own if self.mapping is None else self.mapping.taxonomy.any_of(own, self.own)

    def text(self, *, grouped: bool) -> str:
        """Return the line that says what a mapping did, empty without one."""
        if self.mapping is None:
            return ""
        origin = "the model's labels, grouped" if grouped else "the data's own labels"
        left = f"; not judged: {', '.join(self.mapping.ignored)}" if self.mapping.ignored else ""
        return f"mapping {self.mapping.taxonomy.name}: {origin}{left}\n"

    def to_dict(self, *, grouped: bool) -> dict[str, object]:
        """Return the same for JSON."""
        if self.mapping is None:
            return {}
        return {"mapping": {**self.mapping.to_dict(), "grouped": grouped}}


def _origin(cuts: Thresholds) -> str:
    return f", chosen on {cuts.data}" if cuts.data else ""
