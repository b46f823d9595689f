"""Explanations as a piece of HTML, to be put into any page.

All style is in the piece, there is no script, and whatever comes from the text or the model is
escaped. Letters keep the page's own colour and marks are see-through, so that it can be read on a
light and on a dark page; what a colour says is also said by a line under the word and by figures.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from emoconv.explanation.tones import AGAINST, LEVELS, signed, tint_levels, tone_of, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from emoconv.explanation.phrases import Explanation, Phrase

__all__ = ["explanation_html"]

_BAR_EM = 6
"""The longest bar."""

_FONT = "font:16px/1.7 system-ui,sans-serif"
_TEXT = "margin:0;font-size:1.25em;white-space:pre-wrap;overflow-wrap:anywhere"
_FIGURE = "text-align:right;padding-left:1em;font-variant-numeric:tabular-nums"
_STRONGEST = 0.5
"""How little of the page's own colour shows through the strongest mark, in [0, 1]."""


def explanation_html(explanations: Sequence[Explanation], *, top: int) -> str:
    """Return the explanations of some labels of one text as HTML, in ASCII.

    Args:
        explanations: At least one; the first is the one by which the text is coloured.
        top: How many phrases of each are shown.

    Example:
        >>> from emoconv import EmotionDetector
        >>> found = EmotionDetector.load().explain("<script>alert(1)</script>", "joy")
        >>> "<script>" in explanation_html([found], top=5)
        False
    """
    first = explanations[0]
    tables = "\n".join(_table(explanation, top) for explanation in explanations)
    piece = f"""\
<section class="emoconv" style="{_FONT};margin:1em 0;max-width:48em">
<p style="{_TEXT}">{"".join(_marked(first))}</p>
<p style="margin:.2em 0 .8em;font-size:.85em;opacity:.8">Words that speak for \
<b>{_escaped(first.label)}</b> are underlined, those against it dotted.</p>
<div style="display:flex;flex-wrap:wrap;gap:1em 2.5em">
{tables}
</div></section>
"""
    return piece.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _escaped(text: str) -> str:
    return html.escape("\n".join(map(visible, text.split("\n"))), quote=True)


def _marked(explanation: Explanation) -> Iterator[str]:
    """Yield the text in pieces, each word that gives something marked."""
    text, place = explanation.text, 0
    for word, level in zip(explanation.words, tint_levels(explanation), strict=True):
        yield _escaped(text[place : word.start])
        yield _mark(word, level, explanation.label) if level else _escaped(word.text)
        place = word.end
    yield _escaped(text[place:])


def _mark(word: Phrase, level: int, label: str) -> str:
    way, line = ("for", "solid") if level > 0 else ("against", "dotted")
    tone = tone_of(label) if level > 0 else AGAINST
    rgb = ",".join(map(str, tone.rgb))
    return (
        f'<span title="{signed(word.share)} {way} {_escaped(label)}" style="background:'
        f"rgba({rgb},{_STRONGEST * abs(level) / LEVELS:.2f});border-bottom:2px {line} rgb({rgb});"
        f'border-radius:.2em;padding:0 .1em">{_escaped(word.text)}</span>'
    )


def _table(explanation: Explanation, top: int) -> str:
    """Return a label's parts and their sum, each part with a bar."""
    shown, others = explanation.phrases[:top], explanation.phrases[top:]
    rows = [(_escaped(phrase.text), phrase.share) for phrase in shown]
    if others:
        rows.append((f"<i>{len(others)} more</i>", explanation.others(top)))
    rows.append(("<i>bias</i>" if explanation.exact else "<i>bias, here</i>", explanation.bias))
    reach = max(abs(share) for _, share in rows) or 1.0
    verdict = "" if explanation.holds else ", does not hold"
    total = "= logit" if explanation.exact else "= logit, approximated"
    rule = "border-top:1px solid"
    lines = "\n".join(_row(name, share, reach, explanation.label) for name, share in rows)
    return f"""\
<table style="border-collapse:collapse;font-size:.95em">
<caption style="text-align:left;padding-bottom:.2em">\
<b>{_escaped(explanation.label)}</b> {explanation.probability:.2f}{verdict}</caption>
{lines}
<tr><td style="{rule}">{total}</td><td style="{rule}"></td>{_figure(explanation.logit, rule)}</tr>
</table>"""


def _row(name: str, share: float, reach: float, label: str) -> str:
    tone = tone_of(label) if share > 0 else AGAINST
    rgb = ",".join(map(str, tone.rgb))
    width = _BAR_EM * abs(share) / reach
    return (
        '<tr><td style="padding-right:1em;white-space:pre-wrap;max-width:16em;'
        f'overflow-wrap:anywhere">{name}</td><td style="width:{_BAR_EM}em"><div aria-hidden="true" '
        f'style="height:.7em;width:{width:.2f}em;background:rgb({rgb})"></div></td>'
        f"{_figure(share)}</tr>"
    )


def _figure(value: float, style: str = "") -> str:
    return f'<td style="{_FIGURE};{style}">{signed(value)}</td>'
