"""Explanations for a terminal: the text with its words tinted, then the strongest phrases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emoconv.explanation.tones import AGAINST, LEVELS, signed, tint_levels, tone_of, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from emoconv.explanation.phrases import Explanation

__all__ = ["explanation_text"]

_LONGEST = 40
"""Of a phrase, in characters; a longer one is cut."""

_BLACK = 16
_APART = "   "


def explanation_text(explanations: Sequence[Explanation], *, top: int, colour: bool) -> str:
    """Return the explanations of some labels of one text in lines.

    Args:
        explanations: At least one; the first is the one by which the text is tinted.
        top: How many phrases of each are shown.
        colour: Whether words are tinted, by ANSI sequences of 256 colours.
    """
    first = explanations[0]
    text = "".join(_tinted(first)) if colour else _lines(first.text)
    tables = [_table(explanation, top) for explanation in explanations]
    return "\n".join([text, *(_legend(first) if colour else ()), *_aligned(tables)])


def _tinted(explanation: Explanation) -> Iterator[str]:
    """Yield the text in pieces, each word that gives something in its tint."""
    text, place, tone = explanation.text, 0, tone_of(explanation.label)
    for word, level in zip(explanation.words, tint_levels(explanation), strict=True):
        yield _lines(text[place : word.start])
        ramp = (tone if level > 0 else AGAINST).ansi
        inside = _lines(text[word.start : word.end])
        yield _painted(inside, ramp[abs(level) - 1]) if level else inside
        place = word.end
    yield _lines(text[place:])


def _painted(text: str, colour: int) -> str:
    return f"\x1b[38;5;{_BLACK}m\x1b[48;5;{colour}m{text}\x1b[0m"


def _lines(text: str) -> str:
    """Return a text that can be printed; its lines stay lines."""
    return "\n".join(map(visible, text.split("\n")))


def _legend(explanation: Explanation) -> Iterator[str]:
    if any(tint_levels(explanation)):
        tone = tone_of(explanation.label)
        speaks = _painted(" for ", tone.ansi[LEVELS // 2])
        yield f"{speaks} {_painted(' against ', AGAINST.ansi[LEVELS // 2])} {explanation.label}"


def _table(explanation: Explanation, top: int) -> list[tuple[str, str]]:
    """Return rows of a name and a figure: the label, its parts, their sum."""
    shown, others = explanation.phrases[:top], explanation.phrases[top:]
    rows = [(_shortened(visible(phrase.text)), signed(phrase.share)) for phrase in shown]
    if others:
        plural = "s" if len(others) > 1 else ""
        rows.append((f"({len(others)} other phrase{plural})", signed(explanation.others(top))))
    name = explanation.label + ("" if explanation.holds else " (does not hold)")
    return [
        (name, f"{explanation.probability:.2f}"),
        *(("  " + text, share) for text, share in rows),
        ("  (bias)" if explanation.exact else "  (bias, here)", signed(explanation.bias)),
        (
            "  = logit" if explanation.exact else "  = logit (approximated)",
            signed(explanation.logit),
        ),
    ]


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _aligned(tables: Sequence[Sequence[tuple[str, str]]]) -> Iterator[str]:
    """Yield the lines of tables one below the other, all figures in one column."""
    rows = [row for table in tables for row in table]
    names, figures = (max(len(row[column]) for row in rows) for column in (0, 1))
    for table in tables:
        yield ""
        yield from (f"{name.ljust(names)}{_APART}{figure.rjust(figures)}" for name, figure in table)
