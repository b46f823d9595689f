"""``emoconv detect``: the emotions in texts given as arguments or line by line."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, cast

import click

from emoconv.cli.reading import model_option
from emoconv.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from io import BufferedReader
    from pathlib import Path

    from emoconv.detector import EmotionDetector

__all__ = ["MAX_LINE_BYTES", "READ_BYTES", "detect"]

READ_BYTES = 2**20
"""Most bytes of standard input that are scored together."""
MAX_LINE_BYTES = 10_000_000
"""The longest line that is taken for a text and not for a broken stream."""


@click.command()
@click.argument("texts", nargs=-1)
@model_option
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object per text.")
@click.option(
    "--all", "show_all", is_flag=True, help="Print every label, not only those that hold."
)
def detect(texts: tuple[str, ...], *, model: Path | None, as_json: bool, show_all: bool) -> None:
    """Show the emotions in TEXTS, or in the lines of standard input.

    A text of its own starts the line; the labels at or above their thresholds follow with their
    probabilities, strongest first, or - where no label holds.
    """
    from emoconv.detector import EmotionDetector  # noqa: PLC0415 - help needs no model

    if not texts and sys.stdin.isatty():
        raise click.UsageError("give texts as arguments, or lines on standard input")
    detector = EmotionDetector.load(model)
    blocks = [_checked(texts)] if texts else _blocks(cast("BufferedReader", sys.stdin.buffer))
    for block in blocks:
        for row in _rows(detector, block, show_all=show_all):
            click.echo(json.dumps(row, ensure_ascii=False) if as_json else _readable(row))


def _checked(texts: tuple[str, ...]) -> list[str]:
    """Return texts given as arguments, or say which one is not UTF-8.

    What the system could not decode stands in them as lone surrogates (PEP 383).
    """
    for number, text in enumerate(texts, start=1):
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise DataError("not UTF-8; convert the text to UTF-8", path=f"text {number}")
    return list(texts)


def _blocks(stream: BufferedReader) -> Iterator[list[str]]:
    """Yield the lines of a stream as they come, each block as soon as there is one."""
    number = 0
    pieces: list[bytes] = []
    while chunk := stream.read1(READ_BYTES):
        pieces.append(chunk)
        if b"\n" in chunk:
            *lines, unfinished = b"".join(pieces).split(b"\n")
            pieces = [unfinished]
            yield [_decode(line, number + i) for i, line in enumerate(lines, start=1)]
            number += len(lines)
        elif sum(map(len, pieces)) > MAX_LINE_BYTES:
            raise DataError(
                f"a line of more than {MAX_LINE_BYTES:,} bytes: are line ends missing?",
                path="standard input",
                line=number + 1,
            )
    if last := b"".join(pieces):
        yield [_decode(last, number + 1)]


def _decode(line: bytes, number: int) -> str:
    try:
        return line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r")
    except UnicodeDecodeError as error:
        raise DataError(
            f"byte 0x{line[error.start]:02x} is not UTF-8; convert the text to UTF-8",
            path="standard input",
            line=number,
        ) from None


def _rows(
    detector: EmotionDetector, texts: list[str], *, show_all: bool
) -> Iterable[dict[str, object]]:
    """Yield what is said of each text, ready for JSON."""
    cuts = 0 if show_all else detector.thresholds
    for text, probabilities in zip(texts, detector.predict_proba(texts), strict=True):
        labels = [
            {"label": label, "probability": round(probability, 4)}
            for label, probability in detector.ranked(probabilities, cuts)
        ]
        yield {"text": text, "labels": labels}


def _readable(row: dict[str, object]) -> str:
    labels = row["labels"]
    assert isinstance(labels, list)  # noqa: S101 - tells the type checker what _rows made
    found = ", ".join(f"{entry['label']} {entry['probability']:.2f}" for entry in labels)
    return f"{row['text']}\t{found or '-'}"
