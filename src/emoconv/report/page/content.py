"""What each section of a page shows, as plain values; how it looks is the templates' business."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emoconv.data.conflicts import label_conflicts
from emoconv.labels import SENTIMENT
from emoconv.metrics import pair_counts, reliability, slice_scores
from emoconv.report.page.making import history_charts, making_rows, settings_rows, warnings
from emoconv.report.page.marking import mark
from emoconv.report.page.mistakes import hardest_pairs, worst_mistakes
from emoconv.report.page.pictures import coverage, cut_charts, heatmaps, reliability_chart
from emoconv.report.page.published import published_for
from emoconv.report.page.slices import text_slices
from emoconv.thresholds import FINE_CUTS, sweep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emoconv.metrics import Interval, SliceScores
    from emoconv.report.page.marking import Piece
    from emoconv.report.page.mistakes import Mistake
    from emoconv.report.page.subject import Share, Subject

__all__ = ["Bar", "Headline", "Pair", "ShownMistake", "page_content"]

_SECTIONS = {
    "summary": "In short",
    "emotions": "Each emotion",
    "cuts": "Precision and recall against the cut",
    "calibration": "Probabilities",
    "coverage": "Saying nothing of unsure texts",
    "confusion": "What is taken for what",
    "together": "Emotions that go together",
    "errors": "The worst errors",
    "conflicts": "Labels that contradict each other",
    "slices": "Kinds of texts",
    "behaviour": "Behaviour",
    "model": "How the model was made",
}
"""The sections in their order; each has a template of its name."""

_PHRASES = 3
_CONFLICTS = 15
_PAIRS = 12
_FEW = 30
"""A label in fewer texts than this is named as one whose figures are uncertain."""


@dataclass(frozen=True)
class Headline:
    """One of the figures at the top."""

    name: str
    value: float
    interval: Interval | None
    about: str


@dataclass(frozen=True)
class Bar:
    """One label's F1 as a bar.

    Args:
        label: Its name.
        support: Texts that have it.
        f1: How long the bar is.
        interval: Where its whisker is.
        group: What colours it.
    """

    label: str
    support: int
    f1: float
    interval: Interval | None
    group: str


@dataclass(frozen=True)
class Pair:
    """Two labels and how many texts have both: in truth, and as the model says."""

    first: str
    second: str
    true: int
    said: int


@dataclass(frozen=True)
class ShownMistake:
    """A mistake, its text marked by what spoke for the label, and the strongest phrases."""

    mistake: Mistake
    pieces: Sequence[Piece]
    phrases: Sequence[Share]


def page_content(subject: Subject) -> dict[str, object]:
    """Return what the templates need, by the names that they use."""
    y, p = subject.dataset.y, subject.probabilities
    published = published_for(subject.dataset)
    return {
        "subject": subject,
        "sections": [
            (name, title)
            for name, title in _SECTIONS.items()
            if (name != "behaviour" or subject.behaviour)
            and (name != "coverage" or subject.curve is not None)
        ],
        "fingerprint": subject.dataset.fingerprint(),
        "cuts_differ": len(set(subject.cuts.values.tolist())) > 1,
        "evaluation": subject.evaluation,
        "warnings": warnings(subject.bundle, subject.dataset, subject.cuts, subject.name),
        "headlines": _headlines(subject),
        "few": [s for s in subject.evaluation.per_label if s.support < _FEW],
        "bars": _bars(subject),
        "groups": _groups(subject),
        "published": published,
        "published_columns": [model for model in published if model.f1],
        "cut_charts": cut_charts(sweep(y, p, FINE_CUTS)),
        "reliability": reliability(y, p),
        "reliability_chart": reliability_chart(y, p),
        **({} if subject.curve is None else coverage(subject.curve)),
        "heatmaps": heatmaps(y, subject.predicted, subject.dataset.labels.names),
        "pairs": _pairs(subject),
        "swaps": hardest_pairs(y=y, predicted=subject.predicted, labels=subject.dataset.labels),
        "misses": _mistakes(subject, missed=True),
        "alarms": _mistakes(subject, missed=False),
        **_conflicts(subject),
        "slices": _slices(subject),
        "making": making_rows(subject.bundle, subject.cuts),
        "settings": settings_rows(subject.bundle),
        "history": subject.bundle.history,
        "history_charts": history_charts(subject.bundle.history),
    }


def _headlines(subject: Subject) -> list[Headline]:
    e = subject.evaluation
    ranking = "mean over emotions of the area under precision against recall; needs no cut"
    return [
        Headline("Micro F1", e.micro.f1, e.micro.f1_interval, "all decisions taken together"),
        Headline("Macro F1", e.macro.f1, e.macro.f1_interval, "every emotion counts the same"),
        Headline("Mean average precision", e.average_precision, None, ranking),
        Headline("All labels right", e.subset_accuracy, None, "share of texts"),
        Headline(
            "Calibration error",
            e.calibration_error,
            None,
            "mean gap between probability and frequency, over all decisions",
        ),
    ]


def _bars(subject: Subject) -> list[Bar]:
    group_of = {label: name for name, members in SENTIMENT.groups.items() for label in members}
    ranked = sorted(subject.evaluation.per_label, key=lambda scores: -scores.f1)
    return [
        Bar(s.label, s.support, s.f1, s.f1_interval, group_of.get(s.label, "other")) for s in ranked
    ]


def _groups(subject: Subject) -> list[str]:
    """Return the groups that have a bar, in their order."""
    there = {bar.group for bar in _bars(subject)}
    return [name for name in (*SENTIMENT.groups, "other") if name in there]


def _pairs(subject: Subject) -> list[Pair]:
    names = subject.dataset.labels.names
    true, said = (pair_counts(a, a) for a in (subject.dataset.y, subject.predicted))
    places = zip(*np.triu_indices(len(names), k=1), strict=True)
    pairs = [Pair(names[a], names[b], int(true[a, b]), int(said[a, b])) for a, b in places]
    ranked = sorted(pairs, key=lambda pair: -max(pair.true, pair.said))
    return [pair for pair in ranked[:_PAIRS] if pair.true or pair.said]


def _mistakes(subject: Subject, *, missed: bool) -> list[ShownMistake]:
    found = worst_mistakes(
        subject.dataset.texts,
        y=subject.dataset.y,
        predicted=subject.predicted,
        probabilities=subject.probabilities,
        labels=subject.dataset.labels,
        missed=missed,
    )
    if subject.explain is None:
        return [ShownMistake(mistake, mark(mistake.text, ()), ()) for mistake in found]
    explained = [(mistake, subject.explain(mistake.text, mistake.label)) for mistake in found]
    return [
        ShownMistake(mistake, mark(mistake.text, why.words), why.phrases[:_PHRASES])
        for mistake, why in explained
    ]


def _conflicts(subject: Subject) -> dict[str, object]:
    found = label_conflicts(subject.dataset)
    return {
        "conflicts": found[:_CONFLICTS],
        "conflict_texts": len(found),
        "conflict_rows": sum(conflict.rows for conflict in found),
    }


def _slices(subject: Subject) -> tuple[SliceScores, ...]:
    every = np.ones(len(subject.dataset), dtype=np.bool_)
    return slice_scores(
        {"all texts": every, **text_slices(subject.dataset.texts)},
        y=subject.dataset.y,
        predicted=subject.predicted,
        resamples=subject.resamples,
    )
