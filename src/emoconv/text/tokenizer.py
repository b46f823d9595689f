"""The plain-Python reference of the tokeniser: a text to its tokens.

The rules and their order are specified in ``docs/reference/tokenizer.md``; each alternative of
the pattern below carries the name of its rule there. Knows nothing of vocabularies or ids.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, NamedTuple

from emoconv.errors import ConfigError, did_you_mean
from emoconv.text.characters import DIGIT, EMOJI, LETTER, MARK, fold, lower

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = [
    "CAPS",
    "KERAS_FILTERS",
    "LONG",
    "SUBREDDIT",
    "URL",
    "USER",
    "Token",
    "get_tokenizer",
    "tokenize_plain",
    "tokenize_rich",
]

CAPS = "<caps>"
"""Marker before the first of a run of words in capitals."""
LONG = "<long>"
"""Marker after a lengthened word, as in "sooo"."""
URL = "<url>"
USER = "<user>"
SUBREDDIT = "<subreddit>"

KERAS_FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
"""What the Keras tokeniser turns into spaces.

Source: the default ``filters`` of ``keras.preprocessing.text.Tokenizer``, Keras 2.3,
https://github.com/keras-team/keras-preprocessing.
"""

_CLITICS = ("'s", "'m", "'d", "'re", "'ve", "'ll")
_SKIN = "\U0001f3fb-\U0001f3ff"
_VARIATION = "\ufe0e\ufe0f"
_TAGS = "\U000e0020-\U000e007f"
_INVISIBLE = rf" {_VARIATION}\u200d\u20e3{_TAGS}"
_REMEMBERED_LENGTH = 32
"""Longer stretches are not remembered, so that the memory of them stays small."""


class Token(NamedTuple):
    """One token.

    Attributes:
        text: The normalised token; never empty.
        start: Offset of its first character in the text, in code points.
        end: Offset after its last character. A marker has the span of the word it marks.
    """

    text: str
    start: int
    end: int


@functools.cache
def _pattern() -> re.Pattern[str]:
    """Compile the rules, in their order, over folded text; what none matches is skipped."""
    letter, digit = f"A-Za-zツ{LETTER}", f"0-9{DIGIT}"
    word = f"[{letter}{digit}{MARK}]"
    visible = f"[^{_INVISIBLE}]"
    apart = f"(?!{word})"
    whole = f"[{digit}]++(?![{letter}{MARK}])"
    element = f"{EMOJI}[{_VARIATION}{_SKIN}]*+[{_TAGS}]*+"
    rules = {
        "url": rf"(?:[hH][tT][tT][pP][sS]?://|[wW]{{3}}\.)[^{_INVISIBLE}{EMOJI}]*"
        rf"[{letter}{MARK}{digit}/=&#_~%+\-]",
        "user": rf"@[A-Za-z0-9_]++|/?u/[A-Za-z0-9_\-]++{apart}",
        "subreddit": rf"/?r/[A-Za-z0-9_]++{apart}",
        "placeholder": r"\[[A-Z]{1,20}\]",
        "shrug": r"¯\\*+_*+\(ツ\)_*+/*+¯",
        "heart": rf"</?3++(?![{digit}])",
        "sideways": rf"[:;=]'?[-^]?[\[({{\])}}]++|:(?!//)-?[/\\|*]++"
        rf"|[:;][-^]?[dDpPoOsSxX3]{apart}",
        "mirrored": rf"(?<!{visible})(?:\(++|\)++|\[++|\]++)[-^]?[:;=](?!{visible})",
        "face": rf"\^_*+\^|-_++-|[<>]_++[<>]|;_++;"
        rf"|(?:[oO0]_++[oO0]|[tT]_++[tT]|[uU]_++[uU]){apart}",
        "flag": "[\U0001f1e6-\U0001f1ff]{2}",
        "keycap": "[0-9#*]\ufe0f?\u20e3",
        "emoji": rf"{element}(?:\u200d{element})*+",
        "number": rf"{whole}(?:[.,:/]{whole})*+",
        "word": rf"[{letter}{digit}]{word}*+(?:'{word}++)*+",
        "mood": "[!?]++",
        "ellipsis": r"\.{2,}+|…++",
        "symbol": rf"(?P<_one>[^{_INVISIBLE}{letter}{digit}{MARK}{EMOJI}])(?P=_one)*+",
    }
    return re.compile("|".join(f"(?P<{name}>{rule})" for name, rule in rules.items()))


@functools.cache
def _letter() -> re.Pattern[str]:
    return re.compile(f"[A-Za-zツ{LETTER}]")


def _sideways(folded: str) -> str:
    """Return the eyes, a tear and one mouth: ``=-))`` is ``:)``."""
    eyes = ";" if folded[0] == ";" else ":"
    tear = "'" if folded[1] == "'" else ""
    mouth = folded[-1].lower().translate(str.maketrans("[{]}\\", "(())/"))
    return eyes + tear + mouth


def _mirrored(folded: str) -> str:
    """Return the emoticon turned round: ``(-:`` is ``:)``."""
    mouth = ")" if folded[0] in "([" else "("
    return (";" if folded[-1] == ";" else ":") + mouth


def _mood(folded: str) -> str:
    """Return ``!``, ``!!``, ``!!!``, the same of ``?``, or ``?!`` for a mixture."""
    return folded[:3] if len(set(folded)) == 1 else "?!"


_FROM_FOLDED: dict[str, Callable[[str], str]] = {
    "url": lambda _: URL,
    "user": lambda _: USER,
    "subreddit": lambda _: SUBREDDIT,
    "placeholder": str.lower,
    "shrug": lambda _: "¯\\_(ツ)_/¯",
    "heart": lambda folded: "</3" if folded[1] == "/" else "<3",
    "sideways": _sideways,
    "mirrored": _mirrored,
    "face": lambda folded: folded[0].lower() + "_" + folded[-1].lower(),
    "keycap": lambda folded: folded[0] + "\u20e3",
    "mood": _mood,
    "ellipsis": lambda _: "...",
    "symbol": lambda folded: folded[0],
}
_FROM_RAW: dict[str, Callable[[str], str]] = {
    "flag": str,
    "emoji": lambda raw: re.sub(f"[{_VARIATION}{_SKIN}]", "", raw),
    "number": str,
}


class _Piece(NamedTuple):
    """A token whose place is counted from the start of its stretch.

    Attributes:
        quiet: Whether it is of a word that ends a run of capitals.
    """

    text: str
    start: int
    end: int
    quiet: bool = False


def _split_clitics(word: str) -> Iterable[tuple[int, int]]:
    """Return the spans of stem and clitics of a lower-case word: ``should|n't|'ve``."""
    cuts = [len(word)]  # from the last to the first
    while (mark := word.rfind("'", 0, cuts[-1])) > 0:
        if mark > 1 and word[mark - 1 : cuts[-1]] == "n't":
            cuts.append(mark - 1)
        elif word[mark : cuts[-1]] in _CLITICS:
            cuts.append(mark)
        else:
            break
    cuts.append(0)
    return zip(cuts[:0:-1], cuts[-2::-1], strict=True)


def _squeeze(run: re.Match[str]) -> str:
    """Return three of a run of letters; other runs as they are."""
    return run[1] * 3 if _letter().match(fold(run[1])) else run[0]


def _word_pieces(raw: str, folded: str, start: int, end: int) -> Iterator[_Piece]:
    """Yield the marker of capitals, then each part, squeezed and marked where lengthened."""
    lowered = lower(raw)
    letters = len(_letter().findall(folded))
    capitals = sum(a != b for a, b in zip(raw, lowered, strict=True))
    if 1 < capitals == letters:  # a lone capital, as in "I", neither starts nor ends a run
        yield _Piece(CAPS, start, end)
    lowered = "".join("'" if f == "'" else c for c, f in zip(lowered, folded, strict=True))
    for first, last in _split_clitics(lowered):
        part = re.sub(r"(.)\1{2,}", _squeeze, lowered[first:last])
        yield _Piece(part, start + first, start + last, capitals < letters)
        if any(_letter().match(fold(run[1])) for run in re.finditer(r"(.)\1\1", part)):
            yield _Piece(LONG, start + first, start + last)


def _pieces(stretch: str) -> Iterator[_Piece]:
    """Yield the tokens of a stretch of text without spaces, each word in capitals marked."""
    folded = fold(stretch)
    for match in _pattern().finditer(folded):
        rule, (start, end) = str(match.lastgroup), match.span()
        if rule == "word":
            yield from _word_pieces(stretch[start:end], match[0], start, end)
        elif rule in _FROM_RAW:
            yield _Piece(_FROM_RAW[rule](stretch[start:end]), start, end)
        else:
            yield _Piece(_FROM_FOLDED[rule](match[0]), start, end)


@functools.lru_cache(maxsize=2**15)
def _remembered_pieces(stretch: str) -> tuple[_Piece, ...]:
    return tuple(_pieces(stretch))


def tokenize_rich(text: str) -> list[Token]:
    """Split a text, keeping what carries feeling.

    No rule crosses a space, so the text is cut there, and frequent stretches are remembered.

    Args:
        text: Any string, of any length.

    Returns:
        The tokens in order; an empty list for a text with nothing to read.

    Example:
        >>> [t.text for t in tokenize_rich("I'm SO happyyy!!! 👍🏽")]
        ['i', "'m", '<caps>', 'so', 'happyyy', '<long>', '!!!', '👍']
    """
    tokens: list[Token] = []
    shouting, offset = False, 0
    for stretch in text.split(" "):
        short = len(stretch) <= _REMEMBERED_LENGTH
        for piece, start, end, quiet in (_remembered_pieces if short else _pieces)(stretch):
            if piece == CAPS:
                if shouting:
                    continue
                shouting = True
            elif quiet:
                shouting = False
            tokens.append(Token(piece, offset + start, offset + end))
        offset += len(stretch) + 1
    return tokens


@functools.cache
def _plain_pattern() -> re.Pattern[str]:
    return re.compile(f"[^ {re.escape(KERAS_FILTERS)}]+")


def tokenize_plain(text: str) -> list[Token]:
    """Split a text as the blog post's Keras tokeniser did: lower case, no punctuation.

    Args:
        text: Any string, of any length.

    Returns:
        The tokens in order.

    Example:
        >>> [t.text for t in tokenize_plain("I'm SO happy!!!")]
        ["i'm", 'so', 'happy']
    """
    return [Token(lower(m[0]), m.start(), m.end()) for m in _plain_pattern().finditer(text)]


def get_tokenizer(name: str) -> Callable[[str], list[Token]]:
    """Return the tokeniser called ``"rich"`` or ``"plain"``.

    Raises:
        ConfigError: There is none of that name.
    """
    known = {"rich": tokenize_rich, "plain": tokenize_plain}
    if name not in known:
        raise ConfigError(f"no tokenizer {name!r}{did_you_mean(name, known)}; 'rich' or 'plain'")
    return known[name]
