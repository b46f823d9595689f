"""``emoconv detect``: the emotions in texts given as arguments or line by line."""

from __future__ import annotations

import itertools
import json
import sys
from typing import TYPE_CHECKING, cast

import click

from emoconv.cli.reading import confidence_option, grouping_option, model_option
from emoconv.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from io import BufferedReader
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from emoconv.detector import EmotionDetector
    from emoconv.documents import Document

__all__ = ["MAX_LINE_BYTES", "READ_BYTES", "detect", "text_blocks"]

READ_BYTES = 2**20
"""Most bytes of standard input that are scored together."""
MAX_LINE_BYTES = 10_000_000
"""The longest line that is taken for a text and not for a broken stream."""


@click.command()
@click.argument("texts", nargs=-1)
@model_option
@grouping_option
@confidence_option
@click.option(
    "--by",
    type=click.Choice(("text", "sentence")),
    default="text",
    show_default=True,
    help="What is answered: each text, or each of its sentences and then the text.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object per text.")
@click.option(
    "--all", "show_all", is_flag=True, help="Print every label, not only those that hold."
)
def detect(
    texts: tuple[str, ...],
    *,
    model: Path | None,
    grouping: str | None,
    min_confidence: float,
    by: str,
    as_json: bool,
    show_all: bool,
) -> None:
    """Show the emotions in TEXTS, or in the lines of standard input.

    A text of its own starts the line; the labels at or above their thresholds follow with their
    probabilities, strongest first, or - where no label holds; or "not sure", if the highest
    probability is below --min-confidence.

    With --by sentence each sentence has a line that starts with its place in the text, in
    characters; behind the last one a line of the whole text says what holds of it, and in how many
    of its sentences each label holds, with its highest probability there.
    """
    from emoconv.detector import EmotionDetector  # noqa: PLC0415 - help needs no model

    blocks = text_blocks(texts)
    detector = EmotionDetector.load(model, grouping=grouping, min_confidence=min_confidence)
    if by == "sentence":
        _by_sentence(detector, blocks, as_json=as_json, show_all=show_all)
        return
    for block in blocks:
        for row in _rows(detector, block, show_all=show_all):
            click.echo(json.dumps(row, ensure_ascii=False) if as_json else _readable(row))


def text_blocks(texts: tuple[str, ...]) -> Iterable[list[str]]:
    """Return texts given as arguments, or else the lines of standard input, in blocks as they come.

    Raises:
        click.UsageError: There are none, and standard input is a terminal.
        DataError: A text is not UTF-8, or a line has no end.
    """
    if texts:
        return [_checked(texts)]
    if sys.stdin.isatty():
        raise click.UsageError("give texts as arguments, or lines on standard input")
    return _blocks(cast("BufferedReader", sys.stdin.buffer))


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
    for text, probabilities in zip(texts, detector.predict_proba(texts), strict=True):
        yield {"text": text, **_answer(detector, probabilities, show_all=show_all)}


def _answer(
    detector: EmotionDetector, probabilities: NDArray[np.float32], *, show_all: bool
) -> dict[str, object]:
    """Return the labels of a text, and if there is a least confidence, whether it is reached."""
    bound = detector.min_confidence
    found = (
        detector.ranked(probabilities, 0)
        if show_all
        else detector.ranked(probabilities, detector.thresholds, min_confidence=bound)
    )
    labels = [{"label": label, "probability": round(p, 4)} for label, p in found]
    if not bound:
        return {"labels": labels}
    highest = float(probabilities.max())
    return {"labels": labels, "confidence": round(highest, 4), "sure": highest >= bound}


def _by_sentence(
    detector: EmotionDetector, blocks: Iterable[list[str]], *, as_json: bool, show_all: bool
) -> None:
    """Print each sentence of each text, and then what holds of the whole."""
    from emoconv.documents import read_document  # noqa: PLC0415 - for those who ask

    for text in itertools.chain.from_iterable(blocks):
        found = read_document(text, detector)
        sentences = [
            {
                "start": start,
                "end": end,
                "text": text[start:end],
                **_answer(detector, row, show_all=show_all),
            }
            for (start, end), row in zip(found.spans, found.probabilities, strict=True)
        ]
        whole = _answer(detector, found.whole, show_all=show_all)
        summary = [share._asdict() for share in found.shares]
        if as_json:
            row = {"text": text, "sentences": sentences, **whole, "summary": summary}
            click.echo(json.dumps(row, ensure_ascii=False))
            continue
        for sentence in sentences:
            click.echo(f"{sentence['start']}-{sentence['end']}\t{_readable(sentence)}")
        click.echo(f"0-{len(text)}\t{_count(len(sentences))}\t{_labels(whole)}{_shares(found)}")


def _count(sentences: int) -> str:
    return "1 sentence" if sentences == 1 else f"{sentences} sentences"


def _shares(found: Document) -> str:
    parts = [
        f"{share.label} in {share.sentences} (up to {share.max_probability:.2f})"
        for share in found.shares
    ]
    return "; " + ", ".join(parts) if parts else ""


def _readable(row: dict[str, object]) -> str:
    return f"{row['text']}\t{_labels(row)}"


def _labels(row: dict[str, object]) -> str:
    labels = row["labels"]
    assert isinstance(labels, list)  # noqa: S101 - tells the type checker what _answer made
    found = ", ".join(f"{entry['label']} {entry['probability']:.2f}" for entry in labels)
    return found or ("-" if row.get("sure", True) else "not sure")
