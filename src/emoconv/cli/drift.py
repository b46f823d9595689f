"""``emoconv drift``: whether new texts look like the old. Parses and prints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emoconv.monitoring.drift import ALPHA, SIZE, compare_summaries
from emoconv.scoring.summary_files import read_summary

if TYPE_CHECKING:
    from emoconv.monitoring.drift import Drift

__all__ = ["drift"]

_OTHER_MODEL = (
    "different models scored the old texts and the new: what differs may be the models' doing"
)

_SMALL = 1e-4
"""Smaller p-values are not told apart."""


@click.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option(
    "--alpha",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=ALPHA,
    show_default=True,
    help="How often, at most, texts of the same kind may be said to differ.",
)
@click.option(
    "--size",
    type=click.FloatRange(0, 3),
    default=SIZE,
    show_default=True,
    help="The least change that matters, as Cohen's h: at a share of one half 0.1 is 5 points, of "
    "4 % it is 2.",
)
@click.option("--fail", is_flag=True, help="Exit with 1 if they differ.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def drift(old: Path, new: Path, *, alpha: float, size: float, fail: bool, as_json: bool) -> None:
    """Tell whether the texts of NEW look like those of OLD.

    Both are summaries that `emoconv score` wrote. The share of each emotion is compared, and how
    long the texts are, how confident the model is, how many labels a text has and how many of its
    words the model does not know. The last line is the verdict.
    """
    before, after = read_summary(old), read_summary(new)
    found = compare_summaries(before=before.summary, after=after.summary, alpha=alpha, size=size)
    models = [one.about.get("model") for one in (before, after)]
    other_model = None not in models and models[0] != models[1]
    if as_json:
        about = {"old": str(old), "new": str(new), "other_model": other_model, **found.to_dict()}
        click.echo(json.dumps(about, indent=2, ensure_ascii=False))
    else:
        click.echo(f"old: {old}, {found.before:,} texts\nnew: {new}, {found.after:,} texts\n")
        click.echo(_table(found) + "\n")
        if other_model:
            click.echo(_OTHER_MODEL)
        click.echo(str(found))
    if fail and found.verdict == "differ":
        click.get_current_context().exit(1)


def _table(found: Drift) -> str:
    """Return every comparison, those that count first, then the largest."""
    from emoconv.report import Table  # noqa: PLC0415 - help needs no tables

    order = sorted(found.changes, key=lambda one: (one not in found.found, -one.size))
    rows = tuple(
        (
            one.name if one.name == one.what else f"{one.name}: {one.what}",
            f"{100 * one.before:.1f} %",
            f"{100 * one.after:.1f} %",
            f"{one.size:.3f}",
            f"{one.p_value:.4f}" if one.p_value >= _SMALL else f"< {_SMALL:.4f}",
            "yes" if one in found.found else "",
        )
        for one in order
    )
    return Table(("share of texts", "old", "new", "size", "p", "differs"), rows).text()
