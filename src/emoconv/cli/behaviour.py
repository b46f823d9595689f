"""``emoconv behaviour``: what a model does with negation, emoji, names of groups. Prints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emoconv.cli.reading import model_option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emoconv.behaviour import FamilyResult, Outcome, Results, TermResult

__all__ = ["behaviour"]


@click.command()
@model_option
@click.option(
    "--cases",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Cases of your own, as JSON; by default those in the package.",
)
@click.option("--failures", is_flag=True, help="Also print each case that is not passed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, failures and all.")
def behaviour(*, model: Path | None, cases: Path | None, failures: bool, as_json: bool) -> None:
    """Ask a model what each of some hundred short texts was written to ask.

    Negation, intensifiers, emoji, sarcasm, typos, words for groups of people and more: how many
    cases of each family are passed, and what each word for a group of people changes.
    """
    from emoconv.behaviour import load_families, run  # noqa: PLC0415 - help needs neither
    from emoconv.detector import EmotionDetector  # noqa: PLC0415 - same

    families = load_families(cases)
    # Always by the reference: where many texts come at once another engine might answer.
    results = run(EmotionDetector.load(model, engine="reference"), families)
    if as_json:
        click.echo(json.dumps(results.to_dict(), indent=2, ensure_ascii=False))
        return
    click.echo("\n".join(_lines(results, failures=failures)))


def _lines(results: Results, *, failures: bool) -> Iterator[str]:
    from emoconv.report import Table  # noqa: PLC0415 - help needs no tables

    rows = tuple(map(_family_row, results.families))
    yield Table(("family", "passed", "cases", "rate", "95 % interval"), rows).text() + "\n"
    if results.terms:
        header = ("term", "group", "passed", "rate", "negative", "most changed", "decisions")
        yield Table(header, tuple(map(_term_row, results.terms))).text() + "\n"
    if failures:
        for one in results.failures:
            yield f"{one.family.name}: {_answers(results, one)}"
        yield ""
    yield results.summary


def _family_row(family: FamilyResult) -> tuple[str, ...]:
    rate, interval = _rate(family)
    return (family.name, f"{family.passed:,}", f"{family.cases:,}", rate, interval)


def _term_row(one: TermResult) -> tuple[str, ...]:
    return (
        one.term,
        one.group,
        f"{one.result.passed} of {one.result.cases}",
        _rate(one.result)[0],
        f"{one.negative:+.3f}",
        f"{one.label} {one.change:+.3f}",
        str(one.decisions),
    )


def _rate(family: FamilyResult) -> tuple[str, str]:
    if family.rate is None or family.interval is None:
        return "-", "-"
    low, high = family.interval
    return f"{family.rate:.1%}", f"{low:.1%} to {high:.1%}"


def _answers(results: Results, one: Outcome) -> str:
    return " | ".join(
        f"{text} -> {', '.join(results.held(decisions)) or 'none'}"
        for text, decisions in zip(one.case.texts, one.decisions, strict=True)
    )
