"""Whether new texts look like the old: two summaries compared.

Every emotion's share is compared, and the distributions of text length, confidence, labels per text
and unknown words. A change counts if it is significant and of a size that matters: of a million
texts any difference is significant, and of thirty any size may be chance. The tests and why they
were chosen: ``docs/explanation/drift.md``. Texts are taken to be independent of each other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

from emoconv.errors import ConfigError, DataError, LabelError
from emoconv.metrics import holm
from emoconv.monitoring.significance import (
    cohen_h,
    distance,
    distance_p_value,
    share_p_value,
    visible_distance,
    visible_h,
)
from emoconv.scoring.summary import CONFIDENCES_BELOW, LENGTHS_BELOW, UNKNOWN_UP_TO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from emoconv.scoring.summary import Summary

__all__ = ["ALPHA", "SIZE", "Change", "Drift", "Verdict", "compare_summaries"]

ALPHA = 0.01
"""How often, at most, texts of the same kind may be said to differ."""

SIZE = 0.1
"""The least change of a share that matters, as Cohen's h.

Half of what Cohen 1988, "Statistical Power Analysis for the Behavioral Sciences", section 6.2,
calls small: at a share of 4 %, as most emotions have, 0.2 is a doubling, 0.1 one half more.
"""

_SAID = 6
"""So many changes are named in a sentence, the largest."""

Verdict = Literal["alike", "differ", "too few texts"]


@dataclass(frozen=True)
class Change:
    """One comparison of the old texts with the new.

    Attributes:
        name: What is compared: a label, or ``"text length"`` and so on.
        what: The texts whose share is given: "texts under 64 characters". Where a whole
            distribution is compared, its shares differ most there.
        words: What a change is called: "longer texts".
        before: The share in the old texts.
        after: The share in the new texts.
        size: How large the change is, in the unit of Cohen's h. Of a distribution twice its
            Kolmogorov-Smirnov distance, which is h for shares near one half.
        p_value: Corrected for the number of comparisons.
        visible: A change of this size would have been found four times out of five.
    """

    name: str
    what: str
    words: str
    before: float
    after: float
    size: float
    p_value: float
    visible: float

    def counts(self, *, alpha: float, size: float) -> bool:
        """Tell whether the change is significant and large enough to matter."""
        return self.p_value <= alpha and self.size >= size

    def __str__(self) -> str:
        shares = f"{100 * self.before:.1f} % -> {100 * self.after:.1f} %"
        of = "" if self.what == self.name else f"{self.what}: "
        return f"{self.words} ({of}{shares})"


@dataclass(frozen=True)
class Drift:
    """The old texts and the new, compared.

    Attributes:
        before: How many old texts there are.
        after: How many new ones.
        alpha: A change is significant if its corrected p-value is at most this.
        size: A change matters from this size on.
        changes: Every comparison, those of the labels first, in their order.
    """

    before: int
    after: int
    alpha: float
    size: float
    changes: tuple[Change, ...]

    @property
    def found(self) -> tuple[Change, ...]:
        """The changes that count, largest first."""
        found = [one for one in self.changes if one.counts(alpha=self.alpha, size=self.size)]
        return tuple(sorted(found, key=lambda one: -one.size))

    @property
    def visible(self) -> float:
        """The size from which on any change would have been found."""
        return max(one.visible for one in self.changes)

    @property
    def verdict(self) -> Verdict:
        """What is to be said; that they are alike only if a change that matters would show."""
        if self.found:
            return "differ"
        return "alike" if self.visible <= self.size else "too few texts"

    def __str__(self) -> str:
        if self.verdict == "differ":
            more = len(self.found) - _SAID
            rest = [f"and {more} {'other' if more == 1 else 'others'}"] if more > 0 else []
            return f"the new texts differ: {', '.join([*map(str, self.found[:_SAID]), *rest])}"
        if self.verdict == "alike":
            return "the new texts look like the old"
        blurred = max(self.changes, key=lambda one: one.visible)
        return (
            f"too few texts to say that the new look like the old: no difference was found, but in "
            f"{blurred.name} one under {self.visible:.2f} (Cohen's h) might not show, and "
            f"{self.size:g} matters"
        )

    def to_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return {
            "verdict": self.verdict,
            "sentence": str(self),
            "before": self.before,
            "after": self.after,
            "alpha": self.alpha,
            "size": self.size,
            "visible": self.visible,
            "changes": [
                {
                    "name": one.name,
                    "what": one.what,
                    "before": one.before,
                    "after": one.after,
                    "size": one.size,
                    "p_value": one.p_value,
                    "visible": one.visible,
                    "counts": one.counts(alpha=self.alpha, size=self.size),
                }
                for one in self.changes
            ],
        }


def compare_summaries(
    *, before: Summary, after: Summary, alpha: float = ALPHA, size: float = SIZE
) -> Drift:
    """Compare the new texts with the old.

    Args:
        before: Of the old texts.
        after: Of the new texts.
        alpha: How often, at most, texts of the same kind may be said to differ.
        size: The least change that matters, in the unit of Cohen's h.

    Raises:
        ConfigError: ``alpha`` or ``size`` is out of its range.
        LabelError: Their labels differ.
        DataError: One of them is of no texts.
    """
    if not 0 < alpha < 1:
        raise ConfigError(f"alpha is {alpha}; expected a number between 0 and 1")
    if not 0 <= size <= math.pi:
        raise ConfigError(f"size is {size}; expected a Cohen's h, from 0 to pi")
    if before.labels != after.labels:
        raise LabelError(_other_labels(before.labels, after.labels))
    for name, summary in (("old", before), ("new", after)):
        if summary.texts == 0:
            raise DataError(f"no texts among the {name} ones ({summary.rows:,} rows)")
    pairs = _distributions(before, after)
    each = alpha / (len(before.labels) + len(pairs))  # what Holm's first step asks for
    changes = [
        *_share_changes(before, after, alpha=each),
        *(_distribution_change(*pair, alpha=each) for pair in pairs),
    ]
    corrected = holm([change.p_value for change in changes])
    return Drift(
        before=before.texts,
        after=after.texts,
        alpha=alpha,
        size=size,
        changes=tuple(replace(c, p_value=p) for c, p in zip(changes, corrected, strict=True)),
    )


class _Axis(NamedTuple):
    """What a distribution is of, and how to speak of it.

    Attributes:
        field: Of `Summary`: its histogram.
        name: What it is of.
        less: What a change downwards is called.
        more: What a change upwards is called.
        first: From a number of first bins to the texts in them.
    """

    field: str
    name: str
    less: str
    more: str
    first: Callable[[int], str]


def _first_labels(bins: int) -> str:
    return "without a label" if bins == 1 else f"with fewer than {bins} labels"


def _first_unknown(bins: int) -> str:
    upper = UNKNOWN_UP_TO[bins - 1]
    return "without any" if bins == 1 else f"with at most {100 * upper:.0f} % of them"


_AXES = (
    _Axis("labels_per_text", "labels per text", "fewer labels", "more labels", _first_labels),
    _Axis(
        "confidences",
        "confidence",
        "less confidence",
        "more confidence",
        lambda bins: f"highest probability under {CONFIDENCES_BELOW[bins - 1]:.2f}",
    ),
    _Axis(
        "lengths",
        "text length",
        "shorter texts",
        "longer texts",
        lambda bins: f"under {LENGTHS_BELOW[bins - 1]} characters",
    ),
    _Axis(
        "unknown_shares",
        "unknown words",
        "fewer unknown words",
        "more unknown words",
        _first_unknown,
    ),
)


def _distributions(
    before: Summary, after: Summary
) -> list[tuple[_Axis, NDArray[np.int64], NDArray[np.int64]]]:
    """Return what can be compared: words were perhaps not looked at, or there were none."""
    pairs = [(axis, getattr(before, axis.field), getattr(after, axis.field)) for axis in _AXES]
    return [pair for pair in pairs if pair[1].any() and pair[2].any()]


def _share_changes(before: Summary, after: Summary, *, alpha: float) -> Iterator[Change]:
    totals = (before.texts, after.texts)
    found = zip(before.labels, before.label_counts, after.label_counts, strict=True)
    for label, old, new in found:
        counts = (int(old), int(new))
        shares = (counts[0] / totals[0], counts[1] / totals[1])
        yield Change(
            name=label,
            what=label,
            words=f"{'more' if shares[1] > shares[0] else 'less'} {label}",
            before=shares[0],
            after=shares[1],
            size=cohen_h(*shares),
            p_value=share_p_value(counts=counts, totals=totals),
            visible=visible_h(totals, alpha=alpha),
        )


def _distribution_change(
    axis: _Axis, before: NDArray[np.int64], after: NDArray[np.int64], *, alpha: float
) -> Change:
    totals = (int(before.sum()), int(after.sum()))
    found = distance(before, after)
    return Change(
        name=axis.name,
        what=axis.first(found.bins),
        words=axis.less if found.after > found.before else axis.more,
        before=found.before,
        after=found.after,
        size=2 * found.value,
        p_value=distance_p_value(found.value, totals),
        visible=2 * visible_distance(totals, alpha=alpha),
    )


def _other_labels(before: Sequence[str], after: Sequence[str]) -> str:
    """Return a complaint that names a label which only one side has, if there is one."""
    for side, names, others in (("old", before, after), ("new", after, before)):
        for name in names:
            if name not in others:
                return (
                    f"only the {side} texts' summary has the label {name!r}; summaries of models "
                    "with the same labels can be compared"
                )
    return "the summaries have the same labels in another order; score both with one model"
