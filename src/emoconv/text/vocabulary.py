"""The vocabulary: tokens to ids, and what stands in for a word it does not hold."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from emoconv.errors import ConfigError
from emoconv.text.characters import DIGIT, fold
from emoconv.text.characters import EMOJI as EMOJI_CLASS
from emoconv.text.tokenizer import CAPS, LONG, SUBREDDIT, URL, USER

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["EMOJI", "NUMBER", "PAD", "SPECIALS", "UNKNOWN", "Vocabulary", "count_tokens"]

PAD = "<pad>"
"""Id 0: no token; its word vector is zero."""
UNKNOWN = "<unk>"
"""Id 1: a word that the vocabulary does not hold."""
NUMBER = "<number>"
EMOJI = "<emoji>"
SPECIALS = (PAD, UNKNOWN, NUMBER, EMOJI, URL, USER, SUBREDDIT, CAPS, LONG)
"""The first tokens of every vocabulary, in this order."""


_NUMBER = re.compile(f"[0-9{DIGIT}][0-9{DIGIT}.,:/]*+")
_EMOJI = re.compile(f"[{EMOJI_CLASS}\U0001f1e6-\U0001f1ff]")
_RUN = re.compile(r"(.)\1{2,}", re.DOTALL)


def _stand_ins(token: str) -> Iterable[str]:
    """Yield, best first, what may stand in for a token that the vocabulary lacks."""
    folded = fold(token)
    if _NUMBER.fullmatch(folded):
        yield NUMBER
    elif _EMOJI.match(folded):
        yield token[0]
        yield EMOJI
    elif _RUN.search(token):
        yield _RUN.sub(r"\1\1", token)
        yield _RUN.sub(r"\1", token)


class Vocabulary:
    """An ordered set of tokens; a token's id is its place.

    Args:
        tokens: `SPECIALS` first, then the words, most frequent first.

    Raises:
        ConfigError: The specials are not in their places, or a token is given twice.
    """

    def __init__(self, tokens: Sequence[str]) -> None:
        self.tokens = tuple(tokens)
        self._ids = {token: i for i, token in enumerate(self.tokens)}
        if self.tokens[: len(SPECIALS)] != SPECIALS:
            raise ConfigError(f"a vocabulary starts with {', '.join(SPECIALS)}")
        if len(self._ids) != len(self.tokens):
            twice = next(t for t, n in Counter(self.tokens).items() if n > 1)
            raise ConfigError(f"token {twice!r} is in the vocabulary twice")

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: str) -> bool:
        return token in self._ids

    def id_of(self, token: str) -> int:
        """Return a token's id, or that of the best stand-in: its class, or its squeezed forms.

        Example:
            >>> v = Vocabulary([*SPECIALS, "so"])
            >>> v.id_of("sooo") == v.id_of("so"), v.tokens[v.id_of("2000")], v.id_of("zzyzx")
            (True, '<number>', 1)
        """
        found = self._ids.get(token)
        if found is not None:
            return found
        return next((self._ids[s] for s in _stand_ins(token) if s in self._ids), self._ids[UNKNOWN])

    @classmethod
    def build(
        cls, counts: Counter[str], *, min_count: int = 1, max_words: int | None = None
    ) -> Vocabulary:
        """Make a vocabulary of the counted tokens, most frequent first, ties by code points.

        Args:
            counts: How often each token was seen.
            min_count: Leave out tokens seen less often.
            max_words: Keep at most this many besides the specials.
        """
        words = [t for t, n in counts.items() if n >= min_count and t not in SPECIALS]
        words.sort(key=lambda t: (-counts[t], t))
        return cls([*SPECIALS, *words[:max_words]])


def count_tokens(documents: Iterable[Iterable[str]]) -> Counter[str]:
    """Count the tokens of tokenised texts."""
    counts: Counter[str] = Counter()
    for document in documents:
        counts.update(document)
    return counts
