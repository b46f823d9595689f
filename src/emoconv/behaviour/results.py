"""What came out: rates of families and of terms, with intervals; the cases that failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from emoconv.labels import SENTIMENT
from emoconv.metrics.shares import wilson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from emoconv.behaviour.cases import Case, Family

__all__ = ["FamilyResult", "Outcome", "Results", "TermResult"]


@dataclass(frozen=True, eq=False)
class Outcome:
    """A case and a model's answer.

    Args:
        family: What the case belongs to.
        case: The case.
        passed: None where the model lacks the labels that are asked for.
        probabilities: float32 (T, L), of its texts.
        decisions: bool (T, L), which labels hold.
    """

    family: Family
    case: Case
    passed: bool | None
    probabilities: NDArray[np.float32]
    decisions: NDArray[np.bool_]


@dataclass(frozen=True)
class FamilyResult:
    """How many cases a model passes.

    Args:
        name: The family's.
        cases: Those that could be asked.
        passed: Those that were passed.
        skipped: Those that ask for labels that the model does not have.
        rate: Passed of asked; None if none could be.
        interval: Wilson's 95 % interval of that. The cases are no random sample of anything: it
            says how far so few cases may mislead, not how the model does on other texts.
    """

    name: str
    cases: int
    passed: int
    skipped: int
    rate: float | None
    interval: tuple[float, float] | None

    def to_dict(self) -> dict[str, Any]:
        """Return what `json` writes."""
        values = {"cases": self.cases, "passed": self.passed, "skipped": self.skipped}
        return {"name": self.name, **values, "rate": self.rate, "interval": self.interval}


@dataclass(frozen=True)
class TermResult:
    """What one term does to the answers, against none or another in its place.

    Args:
        family: The family of its cases.
        group: The terms that it is one of.
        term: The term.
        result: How many of its cases are passed.
        negative: By how much it changes the sum of the negative emotions' probabilities, on
            average; above 0: the text reads as more negative.
        label: The label whose probability it changes most, on average.
        change: By how much.
        decisions: In how many of the cases a decision changes.
    """

    family: str
    group: str
    term: str
    result: FamilyResult
    negative: float
    label: str
    change: float
    decisions: int

    def to_dict(self) -> dict[str, Any]:
        """Return what `json` writes."""
        return {
            "family": self.family,
            "group": self.group,
            "term": self.term,
            "cases": self.result.cases,
            "passed": self.result.passed,
            "rate": self.result.rate,
            "interval": self.result.interval,
            "negative": round(self.negative, 4),
            "label": self.label,
            "change": round(self.change, 4),
            "decisions_changed": self.decisions,
        }


@dataclass(frozen=True, eq=False)
class Results:
    """All outcomes of a run.

    Args:
        asked: The families, in order.
        outcomes: One for each case.
        labels: The model's L labels.
    """

    asked: tuple[Family, ...]
    outcomes: tuple[Outcome, ...]
    labels: tuple[str, ...]

    def __getitem__(self, name: str) -> FamilyResult:
        for family in self.families:
            if family.name == name:
                return family
        raise KeyError(name)

    @property
    def families(self) -> tuple[FamilyResult, ...]:
        """The result of each family."""
        return tuple(
            _result(one.name, [o for o in self.outcomes if o.family is one]) for one in self.asked
        )

    @property
    def failures(self) -> tuple[Outcome, ...]:
        """The cases that were not passed."""
        return tuple(one for one in self.outcomes if one.passed is False)

    @property
    def mean_rate(self) -> float | None:
        """The mean of the families' rates, so that a family of many cases counts no more."""
        rates = [family.rate for family in self.families if family.rate is not None]
        return sum(rates) / len(rates) if rates else None

    @property
    def summary(self) -> str:
        """All in a line."""
        families = self.families
        asked, passed = (sum(getattr(f, what) for f in families) for what in ("cases", "passed"))
        mean = "-" if self.mean_rate is None else f"{self.mean_rate:.1%}"
        skipped = sum(family.skipped for family in families)
        rest = f"; {skipped:,} skipped for want of labels" if skipped else ""
        return (
            f"{passed:,} of {asked:,} cases passed in {len(families)} families; mean of their "
            f"rates {mean}{rest}"
        )

    @property
    def terms(self) -> tuple[TermResult, ...]:
        """What each term of each templated family does."""
        found: dict[tuple[str, str, str], list[Outcome]] = {}
        for one in self.outcomes:
            if one.case.term is not None and one.case.group is not None:
                key = (one.family.name, one.case.group, one.case.term)
                found.setdefault(key, []).append(one)
        return tuple(self._term(key, outcomes) for key, outcomes in found.items())

    def _term(self, key: tuple[str, str, str], outcomes: Sequence[Outcome]) -> TermResult:
        family, group, term = key
        changes = np.mean([o.probabilities[1] - o.probabilities[0] for o in outcomes], axis=0)  # L
        most = int(np.abs(changes).argmax())
        negative = [name in SENTIMENT.groups["negative"] for name in self.labels]
        return TermResult(
            family=family,
            group=group,
            term=term,
            result=_result(term, outcomes),
            negative=float(changes[negative].sum()),
            label=self.labels[most],
            change=float(changes[most]),
            decisions=sum(bool((o.decisions[0] != o.decisions[1]).any()) for o in outcomes),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return what `json` writes: rates, terms, and what was answered where it failed."""
        return {
            "summary": self.summary,
            "mean_rate": self.mean_rate,
            "families": [family.to_dict() for family in self.families],
            "terms": [term.to_dict() for term in self.terms],
            "failures": [
                {
                    "family": one.family.name,
                    "texts": list(one.case.texts),
                    "answers": [self.held(row) for row in one.decisions],
                }
                for one in self.failures
            ],
        }

    def held(self, decisions: NDArray[np.bool_]) -> list[str]:
        """Return the labels that hold, from bool (L,)."""
        return [name for name, holds in zip(self.labels, decisions, strict=True) if holds]


def _result(name: str, outcomes: Sequence[Outcome]) -> FamilyResult:
    cases = sum(one.passed is not None for one in outcomes)
    passed = sum(one.passed is True for one in outcomes)
    low, high = wilson(np.array([passed]), np.array([cases]))
    return FamilyResult(
        name=name,
        cases=cases,
        passed=passed,
        skipped=len(outcomes) - cases,
        rate=passed / cases if cases else None,
        interval=(float(low[0]), float(high[0])) if cases else None,
    )
