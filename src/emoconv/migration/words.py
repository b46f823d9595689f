"""The word index of Keras' ``Tokenizer``, as JSON: which word has which row of the embedding.

Two forms are read: what ``tokenizer.to_json()`` gives, and a plain object of words and indices,
``json.dump(tokenizer.word_index, file)``. A pickle is refused: reading one can run code.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emoconv.errors import DataError, DataNotFoundError
from emoconv.text.tokenizer import KERAS_FILTERS, tokenize_plain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["WordIndex", "read_word_index"]

_PICKLE_START, _PICKLE_END = b"\x80", b"."  # of protocol 2 and later; of all, and never of JSON
_EXPECTED = {"filters": KERAS_FILTERS, "lower": True, "split": " ", "char_level": False}
"""The defaults of ``Tokenizer``; emoconv's plain tokeniser does what they say."""
_NONE = "null"
"""What JSON makes of the key None. The post gives its index one, with the highest number."""


@dataclass(frozen=True)
class WordIndex:
    """Which words have which ids.

    Attributes:
        ids: Each word that a text can give, with its id, 1 or more.
        unknown: The entry that stood for words which are not in the index; or None where Keras
            leaves them out.
        others: Entries that no text can give.
        sha256: Of the file, in hexadecimal.
    """

    ids: Mapping[str, int]
    unknown: str | None
    others: tuple[str, ...]
    sha256: str


def read_word_index(path: Path, *, num_words: int | None = None) -> WordIndex:
    """Read a word index.

    Args:
        path: JSON in one of the two forms.
        num_words: As of ``Tokenizer``: only ids below it are used; ``None`` for what the file
            says, or for all.

    Raises:
        DataNotFoundError: There is no such file.
        DataError: It is a pickle or no such JSON, or of a tokeniser with other settings.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise DataNotFoundError("no such file", path=path) from None
    if content.startswith(_PICKLE_START) or content.endswith(_PICKLE_END):
        raise DataError(
            "this looks like a pickle, and reading one can run code; where Keras is, write the "
            "word index as JSON: json.dump(tokenizer.word_index, open('word_index.json', 'w'))",
            path=path,
        )
    try:
        value = _loaded(content.decode("utf-8-sig"))
        config = _tokenizer_config(value)
        entries = value if config is None else _unpacked(config["word_index"])
    except (KeyError, RecursionError, TypeError, ValueError) as error:
        raise DataError(
            f"not a word index in JSON ({error}); expected tokenizer.to_json(), or an object of "
            "words and their numbers",
            path=path,
        ) from None
    settings = config or {}
    _check(entries, settings, path)
    limit = num_words or settings.get("num_words")
    declared = settings.get("oov_token")
    index = _usable(entries, declared, limit, hashlib.sha256(content).hexdigest())
    if not index.ids:
        raise DataError(f"none of its {len(entries):,} entries is a word in use", path=path)
    return index


def _loaded(text: str) -> Any:  # noqa: ANN401 - what JSON may hold
    """Return what JSON holds; of two entries of one name the first, as the post adds its last."""
    value = json.loads(text, object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    return _loaded(value) if isinstance(value, str) else value  # to_json() dumped once more


def _tokenizer_config(value: Any) -> dict[str, Any] | None:  # noqa: ANN401 - what JSON may hold
    """Return the settings of ``tokenizer.to_json()``; None for a plain object."""
    config = value.get("config") if isinstance(value, dict) else None
    return config if isinstance(config, dict) else None


def _unpacked(entries: Any) -> Any:  # noqa: ANN401 - what JSON may hold
    return _loaded(entries) if isinstance(entries, str) else entries


def _check(entries: object, settings: Mapping[str, Any], path: Path) -> None:
    for name, expected in _EXPECTED.items():
        found = settings.get(name, expected)
        if found != expected:
            raise DataError(
                f"the tokenizer's {name} is {found!r}; only Keras' default, {expected!r}, is "
                "converted: the plain tokenizer does what that says",
                path=path,
            )
    if not isinstance(entries, dict) or not entries:
        raise DataError("no word index: expected an object of words and their numbers", path=path)
    for word, number in entries.items():
        if type(number) is not int or number < 1:
            raise DataError(f"word {word!r} has number {number!r}; expected 1 or more", path=path)


def _usable(
    entries: dict[str, int], declared: str | None, limit: int | None, sha256: str
) -> WordIndex:
    """Sort a file's entries into words and others.

    ``null`` is None if it has the highest number of all; a word of that name has it in an index
    only if it is the rarest.
    """
    ordered = sorted(entries.items(), key=lambda entry: entry[1])
    ids: dict[str, int] = {}
    others: list[str] = []
    unknown = declared
    for place, (word, number) in enumerate(ordered):
        is_none = word == _NONE and place == len(ordered) - 1
        if word == declared or is_none:
            continue
        if [token.text for token in tokenize_plain(word)] != [word]:
            others.append(word)
            if number == 1:  # where Keras puts it
                unknown = unknown or word
        elif limit is None or number < limit:
            ids[word] = number
    return WordIndex(ids, unknown, tuple(other for other in others if other != unknown), sha256)
