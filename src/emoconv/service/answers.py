"""Probabilities to what is answered over HTTP. Computes; knows nothing of requests' way here."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, NotRequired, TypedDict, cast

import numpy as np

from emoconv.decision import confidence, held
from emoconv.documents import assemble
from emoconv.text import sentences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from emoconv.detector import EmotionDetector
    from emoconv.explanation import Explanation
    from emoconv.explanation.phrases import ExplanationDict
    from emoconv.text import Span

__all__ = [
    "JudgedDict",
    "LabelDict",
    "Query",
    "ResultDict",
    "SentenceDict",
    "ShareDict",
    "answer",
]

_DIGITS = 4
"""Of probabilities, as ``emoconv detect --json`` gives them."""


class LabelDict(TypedDict):
    """A label that holds."""

    label: str
    probability: float


class JudgedDict(TypedDict):
    """What holds in a text or a sentence."""

    labels: list[LabelDict]
    confidence: float
    sure: bool
    probabilities: NotRequired[dict[str, float]]


class SentenceDict(JudgedDict):
    """The same of a sentence, and where it is, in code points."""

    start: int
    end: int
    text: str


class ShareDict(TypedDict):
    """In how many sentences a label holds."""

    label: str
    sentences: int
    share: float
    max_probability: float


class ResultDict(JudgedDict):
    """The answer for one text."""

    explanations: NotRequired[list[ExplanationDict]]
    sentences: NotRequired[list[SentenceDict]]
    summary: NotRequired[list[ShareDict]]


@dataclass(frozen=True)
class Query:
    """What is asked about N texts.

    Attributes:
        texts: They.
        detector: Who answers, with the grouping that is wanted.
        labels: The labels that are asked about; ``None`` for all.
        probabilities: Whether to give those of labels that do not hold, too.
        explain: Whether to explain.
        top: Phrases in an explanation.
        by_sentence: Whether to answer each sentence, too.
        min_confidence: In a text whose highest probability is below it no label holds.
        spans: Of the sentences of each text; none where they are not asked for.
    """

    texts: Sequence[str]
    detector: EmotionDetector
    labels: frozenset[str] | None
    probabilities: bool
    explain: bool
    top: int
    by_sentence: bool
    min_confidence: float
    spans: tuple[tuple[Span, ...], ...]

    @staticmethod
    def spans_of(texts: Sequence[str], *, by_sentence: bool) -> tuple[tuple[Span, ...], ...]:
        """Return the sentences of each text, or none of each."""
        return tuple(tuple(sentences(text)) if by_sentence else () for text in texts)

    def pieces(self) -> list[str]:
        """Return what has to be computed: of each text its sentences and then the text."""
        return [
            piece
            for text, spans in zip(self.texts, self.spans, strict=True)
            for piece in (*(text[start:end] for start, end in spans), text)
        ]


def answer(query: Query, own: NDArray[np.float32]) -> list[ResultDict]:
    """Return the answers, in the order of the texts.

    Args:
        query: What is asked.
        own: float32 (pieces, labels), the probabilities of the model's own labels in each of the
            query's pieces.
    """
    detector, bound = query.detector, query.min_confidence
    found = own
    if detector.grouping is not None:
        found = detector.grouping.probabilities(own, detector.bundle.labels)
    rows = _Rows(
        found,
        held(found, detector.thresholds, min_confidence=bound),
        confidence(found) >= bound,
        detector.labels,
    )
    bounds = [0, *itertools.accumulate(len(spans) + 1 for spans in query.spans)]
    return [
        _result(query, text, spans, rows, first=start, own=end - 1)
        for text, spans, (start, end) in zip(
            query.texts, query.spans, itertools.pairwise(bounds), strict=True
        )
    ]


@dataclass(frozen=True, eq=False)
class _Rows:
    """What was found in N pieces, and what that comes to.

    Attributes:
        probabilities: float32 (N, L).
        holds: bool (N, L).
        sure: bool (N,).
        labels: The names of the L labels or groups.
    """

    probabilities: NDArray[np.float32]
    holds: NDArray[np.bool_]
    sure: NDArray[np.bool_]
    labels: tuple[str, ...]


def _result(
    query: Query, text: str, spans: tuple[Span, ...], rows: _Rows, *, first: int, own: int
) -> ResultDict:
    """Return the answer for one text.

    Args:
        query: What is asked.
        text: The text.
        spans: Of its S sentences.
        rows: Of all texts.
        first: The place of the first sentence in the rows.
        own: That of the text, which comes after them.
    """
    result = cast("ResultDict", _judged(query, rows, own))  # the rest follows
    if query.explain:
        result["explanations"] = [
            explanation.to_dict(query.top) for explanation in _explanations(query, text)
        ]
    if query.by_sentence:
        found = rows.probabilities[first : own + 1]
        document = assemble(spans, found, query.detector, min_confidence=query.min_confidence)
        result["sentences"] = [
            {"start": start, "end": end, "text": text[start:end], **_judged(query, rows, place)}
            for place, (start, end) in enumerate(spans, start=first)
        ]
        result["summary"] = [
            {
                "label": share.label,
                "sentences": share.sentences,
                "share": share.share,
                "max_probability": share.max_probability,
            }
            for share in document.shares
            if _asked(query, share.label)
        ]
    return result


def _judged(query: Query, rows: _Rows, place: int) -> JudgedDict:
    """Return what holds in a piece; its own few numbers are handled faster without numpy."""
    values = rows.probabilities[place].tolist()
    held_ones = np.flatnonzero(rows.holds[place]).tolist()
    held_ones.sort(key=values.__getitem__, reverse=True)  # equal ones stay in their order
    judged: JudgedDict = {
        "labels": [
            {"label": rows.labels[i], "probability": round(values[i], _DIGITS)}
            for i in held_ones
            if _asked(query, rows.labels[i])
        ],
        "confidence": round(max(values), _DIGITS),
        "sure": bool(rows.sure[place]),
    }
    if query.probabilities:
        judged["probabilities"] = {
            label: round(value, _DIGITS)
            for label, value in zip(rows.labels, values, strict=True)
            if _asked(query, label)
        }
    return judged


def _asked(query: Query, label: str) -> bool:
    return query.labels is None or label in query.labels


def _explanations(query: Query, text: str) -> Iterator[Explanation]:
    """Yield those of the labels that are asked about, or else that hold, or of the likeliest.

    They are always of the model's own labels: a group has no logit.
    """
    found = query.detector.explain(text)
    if query.labels is not None and query.detector.grouping is None:
        yield from (found[label] for label in found if label in query.labels)
        return
    ranked = sorted(found.values(), key=lambda one: -one.probability)
    yield from [one for one in ranked if one.holds] or ranked[:1]
