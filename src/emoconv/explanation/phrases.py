"""The explanation of a text for people: phrases of it and what each gives.

Knows characters and names of labels; the numbers are those of `emoconv.explanation.attribution`.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypedDict

import numpy as np

from emoconv.columns import to_strings
from emoconv.explanation.attribution import Attributor
from emoconv.text.tokenizer import CAPS, LONG

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from emoconv.bundle import Bundle
    from emoconv.engine import ReferenceEngine
    from emoconv.explanation.attribution import Attribution
    from emoconv.text import Encoder
    from emoconv.text.tokenizer import Token

__all__ = ["Explainer", "Explanation", "ExplanationDict", "Phrase", "PhraseDict", "find_words"]

_DIGITS = 6
"""Of numbers in JSON: the shares of a text still sum to its logit within 0.0001."""


_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
"""Surrogates that are one character where texts are made valid, as they are before tokens."""

_CHARACTER = re.compile(f"{_PAIR.pattern}|.", re.DOTALL)


class Phrase(NamedTuple):
    """Part of a text and what it gives to the logit of a label.

    Attributes:
        start: Offset of its first character in the text, in code points.
        end: Offset after its last character.
        text: The characters between.
        share: What it gives: above 0 it speaks for the label, below 0 against.
    """

    start: int
    end: int
    text: str
    share: float


class PhraseDict(TypedDict):
    """A phrase in JSON."""

    start: int
    end: int
    text: str
    share: float


class ExplanationDict(TypedDict):
    """An explanation in JSON: ``logit`` is the sum of ``bias``, all shares and ``others``."""

    label: str
    probability: float
    holds: bool
    logit: float
    bias: float
    exact: bool
    phrases: list[PhraseDict]
    others: float
    words: list[PhraseDict]


@dataclass(frozen=True)
class _Words:
    """The words of a text, as the model sees them, and its phrases.

    Attributes:
        text: The text.
        starts: Offset of each of W words.
        ends: Offset after each.
        parts: What each phrase gives to each label.
    """

    text: str
    starts: list[int]
    ends: list[int]
    parts: Attribution

    @functools.cached_property
    def spans(self) -> list[tuple[int, int, str]]:
        """Where each of P phrases begins and ends, and the text between."""
        starts = [self.starts[word] for word in self.parts.first]
        ends = [self.ends[word] for word in self.parts.last]
        return [(s, e, self.text[s:e]) for s, e in zip(starts, ends, strict=True)]

    @functools.cached_property
    def order(self) -> NDArray[np.int64]:
        """The phrases from the strongest on, int64 (P, L)."""
        return np.argsort(-np.abs(self.parts.shares), axis=0, kind="stable")

    @functools.cached_property
    def word_shares(self) -> NDArray[np.float64]:
        """What each word has of the phrases it is in, float64 (W, L)."""
        parts = self.parts
        shares = parts.shares / (parts.last - parts.first + 1)[:, None]
        steps = np.zeros((len(self.starts) + 1, shares.shape[1]))
        np.add.at(steps, parts.first, shares)
        np.subtract.at(steps, parts.last + 1, shares)
        return steps.cumsum(axis=0)[:-1]


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why a text has the probability that it has of one label.

    The label's logit is ``bias`` plus the shares of all ``phrases``, up to rounding, and its
    probability the logit's sigmoid. What is counted from is a text without words: that is what
    ``bias`` is the logit of, if the explanation is exact.

    Attributes:
        text: The text.
        label: The label.
        probability: That of ``predict_proba``, as the reference computes it.
        holds: Whether it is at or above the label's cut.
        logit: The calibrated logit; the probability is its sigmoid.
        bias: What no phrase gives.
        exact: Whether the shares are the model's own. ``False`` with a hidden layer, where they
            are those of the linear function that the layer is near this text, an approximation.
    """

    text: str
    label: str
    probability: float
    holds: bool
    logit: float
    bias: float
    exact: bool
    _words: _Words = field(repr=False)
    _column: int = field(repr=False)

    @functools.cached_property
    def phrases(self) -> tuple[Phrase, ...]:
        """All phrases that give something to any label, the strongest first.

        A phrase is the run of words at which filters reached their largest responses, so phrases
        overlap. Each filter counts once, for one phrase, the first if it responds to several
        alike.
        """
        spans, shares = self._words.spans, self._words.parts.shares[:, self._column].tolist()
        order = self._words.order[:, self._column].tolist()
        return tuple([Phrase._make((*spans[i], shares[i])) for i in order])

    @functools.cached_property
    def words(self) -> tuple[Phrase, ...]:
        """The words of the text in their order, each with its part of all phrases it is in.

        A phrase's share is split evenly over its words; so these sum to the same.
        """
        found = self._words
        shares = found.word_shares[:, self._column].tolist()
        spans = zip(found.starts, found.ends, shares, strict=True)
        return tuple([Phrase(s, e, self.text[s:e], share) for s, e, share in spans])

    def to_dict(self, top: int | None = None) -> ExplanationDict:
        """Return plain values for JSON.

        Args:
            top: How many phrases it has, the strongest; ``None`` for all. What the others give
                together is ``others``.
        """
        return {
            "label": self.label,
            "probability": round(self.probability, _DIGITS),
            "holds": self.holds,
            "logit": round(self.logit, _DIGITS),
            "bias": round(self.bias, _DIGITS),
            "exact": self.exact,
            "phrases": [_plain(phrase) for phrase in self.phrases[:top]],
            "others": round(self.others(top), _DIGITS),
            "words": [_plain(word) for word in self.words],
        }

    def others(self, top: int | None) -> float:
        """Return what all phrases but the ``top`` strongest give together."""
        return 0.0 if top is None else sum(phrase.share for phrase in self.phrases[top:])


class Explainer:
    """Explains texts.

    Args:
        bundle: The model.
        encoder: Of the model.
        engine: Of the model.
    """

    def __init__(self, bundle: Bundle, *, encoder: Encoder, engine: ReferenceEngine) -> None:
        self._bundle, self._encoder = bundle, encoder
        self._attributor = Attributor(bundle, engine)

    def explain(self, text: str) -> dict[str, Explanation]:
        """Return the explanation of each label, in their order.

        Args:
            text: Of any length.
        """
        ids, tokens = self._encoder.encode(str(to_strings([text])[0]))
        numbers, starts, ends = find_words(tokens)
        if _PAIR.search(text):
            places = [match.start() for match in _CHARACTER.finditer(text)] + [len(text)]
            starts, ends = [places[i] for i in starts], [places[i] for i in ends]
        parts = self._attributor.attribute(np.array(ids, dtype=np.int32), numbers)
        words = _Words(text, starts, ends, parts)
        holds = self._bundle.thresholds.decide(parts.probabilities[None])[0].tolist()
        columns = (parts.probabilities, parts.logits, parts.bias)
        values = zip(*(column.tolist() for column in columns), strict=True)
        return {
            label: Explanation(
                text=text,
                label=label,
                probability=probability,
                holds=holds[column],
                logit=logit,
                bias=bias,
                exact=self._attributor.exact,
                _words=words,
                _column=column,
            )
            for column, (label, (probability, logit, bias)) in enumerate(
                zip(self._bundle.labels.names, values, strict=True)
            )
        }


def find_words(tokens: Sequence[Token]) -> tuple[NDArray[np.int64], list[int], list[int]]:
    """Return the words that a person sees in a text's tokens.

    A token is a word of its own but for markers: that of capitals is one with the token after it,
    that of length with the one before.

    Args:
        tokens: T of them.

    Returns:
        int64 (T,), the word that each token belongs to, W of them from 0 on; the offset at which
        each word starts in the text; the offset after each.

    Example:
        >>> from emoconv.text import tokenize_rich
        >>> find_words(tokenize_rich("SO sooo good"))
        (array([0, 0, 1, 1, 2]), [0, 3, 8], [2, 7, 12])
    """
    numbers: list[int] = []
    starts: list[int] = []
    ends: list[int] = []
    joined = False  # with the token before
    for token in tokens:
        if joined:
            starts[-1], ends[-1] = token.start, token.end
        elif token.text != LONG:
            starts.append(token.start)
            ends.append(token.end)
        numbers.append(len(starts) - 1)
        joined = token.text == CAPS
    return np.array(numbers, dtype=np.int64), starts, ends


def _plain(phrase: Phrase) -> PhraseDict:
    return {
        "start": phrase.start,
        "end": phrase.end,
        "text": phrase.text,
        "share": round(phrase.share, _DIGITS),
    }
