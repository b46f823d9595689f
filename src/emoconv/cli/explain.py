"""``emoconv explain``: why texts have the emotions they have. Parses and prints."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emoconv.cli.detect import text_blocks
from emoconv.cli.progress import is_terminal
from emoconv.cli.reading import model_option, split_names

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from emoconv.detector import EmotionDetector
    from emoconv.explanation import Explanation

__all__ = ["explain"]


@click.command()
@click.argument("texts", nargs=-1)
@click.option(
    "--label",
    "names",
    metavar="NAMES",
    callback=split_names,
    help="The labels to explain, separated by commas; by default those that hold, or the most "
    "probable one.",
)
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    help="Show so many phrases of each.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object per text.")
@click.option(
    "--html",
    "page",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write it there as HTML, to be put into a page, and print nothing unless with --json.",
)
@model_option
def explain(
    texts: tuple[str, ...],
    *,
    names: tuple[str, ...] | None,
    top: int,
    as_json: bool,
    page: Path | None,
    model: Path | None,
) -> None:
    """Show what speaks for and against emotions in TEXTS, or in the lines of standard input.

    The logit of a label is a bias and a sum over the phrases of the text; printed are the phrases
    that give most, those with + for the label, with - against it. On a terminal the words are
    tinted by what they give to the first label, unless NO_COLOR is set.
    """
    from emoconv.detector import EmotionDetector  # noqa: PLC0415 - help needs no model
    from emoconv.explanation.page import explanation_html  # noqa: PLC0415 - same
    from emoconv.explanation.terminal import explanation_text  # noqa: PLC0415 - same

    blocks = text_blocks(texts)
    detector = EmotionDetector.load(model)
    colour = is_terminal(sys.stdout) and not os.environ.get("NO_COLOR")
    with _written(page) as file:
        for number, text in enumerate(text for block in blocks for text in block):
            found = _chosen(detector, text, names)
            if file is not None:
                file.write(explanation_html(found, top=top))
            if as_json:
                row = {"text": text, "labels": [one.to_dict(top) for one in found]}
                click.echo(json.dumps(row, ensure_ascii=False))
            elif file is None:
                between = "\n" if number else ""
                click.echo(between + explanation_text(found, top=top, colour=colour), color=colour)


def _chosen(
    detector: EmotionDetector, text: str, wanted: tuple[str, ...] | None
) -> list[Explanation]:
    """Return the explanations that are asked for, or of what holds, the most probable first."""
    if wanted is not None:
        return [detector.explain(text, name) for name in wanted]
    ranked = sorted(detector.explain(text).values(), key=lambda found: -found.probability)
    return [found for found in ranked if found.holds] or ranked[:1]


@contextlib.contextmanager
def _written(path: Path | None) -> Iterator[TextIO | None]:
    """Give a file that has its name only once it is whole."""
    if path is None:
        yield None
        return
    unfinished = path.with_name(path.name + ".part")
    try:
        with unfinished.open("w", encoding="ascii") as file:
            yield file
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
