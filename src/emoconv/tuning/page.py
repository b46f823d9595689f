"""The result as one page of HTML that needs nothing but itself: no network, no other file.

It looks like the report on a model: `emoconv.report.page` gives style sheet, tables and script.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, date, datetime
from importlib import resources
from typing import TYPE_CHECKING, Any

from emoconv.errors import MissingExtraError
from emoconv.tuning.charts import curves, history, slices
from emoconv.tuning.measuring import FOLDS
from emoconv.tuning.outcome import PAGE_FILE, RECIPE_FILE, objective_name, recipe_text
from emoconv.tuning.parameters import shown
from emoconv.tuning.records import best_trials, tally
from emoconv.tuning.settings import setting
from emoconv.version import __version__

try:
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup
except ImportError as error:
    raise MissingExtraError("the page of a search", extra="tune") from error

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from emoconv.tuning.outcome import Outcome

__all__ = ["render_page", "write_page"]

_BEST = 15
"""So many trials are in the table; all are in the summary."""


def write_page(outcome: Outcome, folder: Path, *, made_on: date | None = None) -> None:
    """Write the page in one move.

    Args:
        outcome: What to show.
        folder: Where to; it is there.
        made_on: As `render_page`.
    """
    unfinished = folder / f"{PAGE_FILE}.part"
    unfinished.write_text(render_page(outcome, made_on=made_on), encoding="utf-8", newline="\n")
    unfinished.replace(folder / PAGE_FILE)


def render_page(outcome: Outcome, *, made_on: date | None = None) -> str:
    """Return the page as HTML; of the same outcome and date the same, character for character.

    Args:
        outcome: What to show.
        made_on: The date that it bears; None for today's, in UTC.
    """
    environment = Environment(
        loader=ChoiceLoader(
            [
                PackageLoader("emoconv.tuning", "templates"),
                PackageLoader("emoconv.report.page", "templates"),
            ]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"rate": _rate, "signed": _signed, "value": shown, "time": _time}
    script = _file("emoconv.report.page", "sort.js")
    style = _file("emoconv.report.page", "style.css") + _file("emoconv.tuning", "tuning.css")
    page = environment.get_template("tuning.html").render(
        **_content(outcome),
        style=Markup(style),  # noqa: S704 - our own files
        script=Markup(script),  # noqa: S704 - same
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        made_on=made_on or datetime.now(UTC).date(),
        version=__version__,
    )
    # What UTF-8 cannot hold, half of a surrogate pair, is shown as what it is not: a character.
    return page.encode("utf-8", "replace").decode("utf-8")


def _content(outcome: Outcome) -> dict[str, Any]:
    best, first = outcome.best, outcome.first
    trials = best_trials(outcome.trials, _BEST)
    if first is not None and first not in trials:
        trials.append(first)
    return {
        "outcome": outcome,
        "objective": objective_name(outcome.objective),
        "sections": _sections(outcome),
        "best": best,
        "first": first,
        "tally": tally(outcome.trials),
        "count": sum(trial.counts for trial in outcome.trials),
        "seconds": sum(trial.seconds or 0.0 for trial in outcome.trials),
        "folds": FOLDS,
        "history": history(outcome),
        "curves": curves(outcome),
        "slices": slices(outcome),
        "importances": outcome.importances,
        "names": list(outcome.space.parameters),
        "trials": trials,
        "failed": [trial for trial in outcome.trials if trial.standing == "failed"],
        "changed": {trial.number: set(outcome.changes(trial)) for trial in trials},
        "changes": outcome.changes(best),
        "recipe": recipe_text(outcome.config),
        "recipe_file": RECIPE_FILE,
        "space": [
            (name, str(parameter), shown(setting(outcome.start, name)), parameter.why)
            for name, parameter in outcome.space.parameters.items()
        ],
        "facts": _facts(outcome),
    }


def _sections(outcome: Outcome) -> list[tuple[str, str]]:
    """Return the id and the head of each section."""
    return [
        ("answer", "Is it better?"),
        ("search", "The search"),
        ("mattered", "What mattered"),
        ("best", "The best trials"),
        ("recipe", "The recipe"),
        *([("failed", "What failed")] if "failed" in tally(outcome.trials) else []),
        ("space", "What was searched"),
        ("made", "How this was made"),
    ]


def _facts(outcome: Outcome) -> list[tuple[str, str]]:
    places = {trial.place for trial in outcome.trials if trial.place is not None}
    rows = [
        ("study", outcome.study),
        ("storage", outcome.storage),
        ("processes that took part", str(len(places))),
        ("recipe to begin from", outcome.recipe),
        ("seed", str(outcome.start.training.seed)),
        ("rule of the cuts", outcome.start.training.threshold_rule),
        ("pruning", "the median rule" if outcome.pruning else "none"),
        ("word vectors", ", ".join(outcome.vectors) or "none: small random ones"),
    ]
    rows += [(name, _part(about)) for name, about in outcome.data.items()]
    return rows


def _part(about: Mapping[str, object]) -> str:
    return f"{about['rows']:,} texts, SHA-256 {str(about['sha256'])[:16]}…"


def _file(package: str, name: str) -> str:
    return (resources.files(package) / "templates" / name).read_text(encoding="utf-8")


def _rate(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _signed(value: float) -> str:
    """Return a number with its sign; a true minus, which is as wide as a plus."""
    return f"{value:+.4f}".replace("-", "\N{MINUS SIGN}")


def _time(seconds: float | None) -> str:
    """Return a time for people, to the second or to the minute."""
    if seconds is None:
        return "-"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
