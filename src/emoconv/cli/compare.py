"""``emoconv compare``: two models on the same labelled texts. Parses and prints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from emoconv.cli.reading import table_options
from emoconv.data import Dataset
from emoconv.errors import LabelError
from emoconv.labels import LabelSet
from emoconv.report import Table
from emoconv.report.comparison import Answers, compare_models

if TYPE_CHECKING:
    from emoconv.bundle import Bundle
    from emoconv.cli.reading import TableOptions
    from emoconv.detector import EmotionDetector
    from emoconv.report.comparison import Compared, ModelComparison

__all__ = ["compare"]

_SHIPPED = ("shipped", "-")


@click.command()
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    required=True,
    multiple=True,
    metavar="FILE",
    help="The labelled texts. Can be given again; the files are taken together.",
)
@click.option(
    "--texts",
    "most",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    help="Show so many texts that the models answer most differently.",
)
@click.option(
    "--resamples",
    type=click.IntRange(min=100),
    default=2000,
    show_default=True,
    help="Bootstrap draws behind intervals and p-values.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Of the bootstrap.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@table_options
def compare(
    a: str,
    b: str,
    *,
    data: tuple[Path, ...],
    most: int,
    resamples: int,
    seed: int,
    as_json: bool,
    table: TableOptions,
) -> None:
    """Compare the models A and B on labelled texts, each with its own cuts.

    A and B are folders that `emoconv train` wrote, or "shipped" for the model in the package.
    Differences are how much higher B is, with 95 % intervals of the paired bootstrap; p-values are
    corrected for how many labels, or averages, there are (Holm). The last line is the verdict.
    """
    models = {"A": _load(a), "B": _load(b)}
    own = [model.bundle.labels for model in models.values()]
    labels = _common(*own)
    known = LabelSet((*own[0].names, *(n for n in own[1].names if n not in own[0].names)))
    dataset = table.read(*data, labels=known)
    for name, model in models.items():
        _warn(name, model.bundle, dataset)
    if len(labels) < len(known):
        left = ", ".join(name for name in known.names if name not in labels.names)
        click.echo(f"compared by the labels that both have; left out: {left}", err=True)
    found = compare_models(
        *(_answers(m, f, dataset, labels) for m, f in zip(models.values(), (a, b), strict=True)),
        y=dataset.y[:, [known.index(name) for name in labels.names]],
        labels=labels,
        texts=dataset.texts,
        most=most,
        resamples=resamples,
        seed=seed,
    )
    if as_json:
        about = {
            "data": {
                "file": ", ".join(path.name for path in data),
                "rows": len(dataset),
                "sha256": dataset.fingerprint(),
            },
            "models": {n: {"sha256": m.bundle.fingerprint()} for n, m in models.items()},
            "resamples": resamples,
            **found.to_dict(),
        }
        click.echo(json.dumps(about, indent=2, ensure_ascii=False))
        return
    click.echo("\n\n".join(_readable(found)))


def _load(folder: str) -> EmotionDetector:
    from emoconv.detector import EmotionDetector  # noqa: PLC0415 - help needs no model

    return EmotionDetector.load(None if folder in _SHIPPED else folder)


def _common(a: LabelSet, b: LabelSet) -> LabelSet:
    """Return the labels that both models have, in A's order."""
    names = tuple(name for name in a.names if name in b.names)
    if not names:
        raise LabelError(
            f"A has the labels {', '.join(a.names)}, and B {', '.join(b.names)}: none is in both; "
            "compare each with the data by `emoconv evaluate --grouping`"
        )
    return LabelSet(names)


def _warn(name: str, bundle: Bundle, dataset: Dataset) -> None:
    """Say if a model has seen the data when it was made; its labels may be in another order."""
    labels = dataset.labels
    if set(labels.names) != set(bundle.labels.names):
        return
    columns = [labels.index(label) for label in bundle.labels.names]
    seen = Dataset(dataset.texts, dataset.y[:, columns], bundle.labels).fingerprint()
    for role in bundle.roles_of(seen):
        what = {"train": "learnt from", "dev": "its cuts from"}[role]
        click.echo(f"warning: {name} has {what} these very texts; its figures flatter", err=True)


def _answers(detector: EmotionDetector, name: str, dataset: Dataset, labels: LabelSet) -> Answers:
    columns = [detector.labels.index(label) for label in labels.names]
    probabilities = detector.predict_proba(dataset.texts)
    decided = detector.bundle.thresholds.decide(probabilities)
    return Answers(
        name="the model of the package" if name in _SHIPPED else Path(name).resolve().name,
        probabilities=np.ascontiguousarray(probabilities[:, columns]),
        predicted=np.ascontiguousarray(decided[:, columns]),
    )


def _readable(found: ModelComparison) -> list[str]:
    header = ("A", "B", "B - A", "95 % interval", "p")
    averages = Table(("", *header), tuple((one.name, *_cells(one)) for one in found.averages))
    labels = Table(
        ("F1", *header, "AP: B - A", "p", "texts"),
        tuple(
            (
                one.label,
                *_cells(one.f1),
                f"{one.average_precision.difference.estimate:+.3f}",
                _p(one.average_precision),
                f"{one.support:,}",
            )
            for one in found.per_label
        ),
    )
    texts = [
        f"{' '.join(one.text.split())}\n  in truth {_names(one.gold)}; "
        f"A says {_names(one.a)}; B says {_names(one.b)}"
        for one in found.texts
    ]
    differing = f"{found.differing:,} of them, {found.differing / found.n:.1%}"
    return [
        f"A: {found.a}\nB: {found.b}\n{found.n:,} texts; the labels differ in {differing}",
        averages.text(),
        labels.text(),
        *(["most different:\n" + "\n".join(texts)] if texts else []),
        found.verdict,
    ]


def _cells(one: Compared) -> tuple[str, ...]:
    interval = one.difference.interval
    return (
        f"{one.a:.3f}",
        f"{one.b:.3f}",
        f"{one.difference.estimate:+.3f}",
        f"{interval.low:+.3f} to {interval.high:+.3f}",
        _p(one),
    )


def _p(one: Compared) -> str:
    return f"{one.p_value:.3f}" + ("*" if one.significant else " ")


def _names(labels: tuple[str, ...]) -> str:
    return ", ".join(labels) or "none"
