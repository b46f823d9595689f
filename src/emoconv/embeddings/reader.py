"""Reading word vectors: the rows asked for, and little more in memory than they take."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from emoconv.embeddings.layout import Format, open_rows
from emoconv.embeddings.source import open_source
from emoconv.embeddings.vectors import Vectors
from emoconv.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Collection
    from os import PathLike

    from emoconv.embeddings.source import Source

__all__ = ["Format", "read_vectors"]

_SELECTORS = re.compile(rb"\xef\xb8[\x8e\x8f]")  # U+FE0E and U+FE0F as UTF-8


def read_vectors(
    path: str | PathLike[str],
    words: Collection[str] | None = None,
    *,
    format: Format | None = None,  # noqa: A002 - the word that its readers look for
    member: str | None = None,
    limit: int | None = None,
) -> Vectors:
    """Read the vectors of some words from a file of GloVe, word2vec or fastText.

    The file is read once, as a stream; only the numbers of the words asked for are parsed and
    kept. Of a word that comes twice the first row is kept. Every line of text is checked for its
    width; the numbers and the encoding of a word that is not asked for are not looked at.

    Args:
        path: A file as published: plain, gzip, or zip. A member of a zip may be written
            ``"glove.6B.zip:glove.6B.100d.txt"``.
        words: The words to keep; a word of the file matches as it is or without its variation
            selectors (``❤️`` when ``❤`` is asked for), and is returned as it is. ``None`` for all.
        format: ``"glove"`` (text), ``"word2vec"`` (text after a line ``V D``; fastText's
            ``.vec``) or ``"word2vec-binary"``. ``None`` tells from the first bytes, which is
            safe for all but vectors of a few numbers.
        member: The member of a zip; one that holds a single file needs none.
        limit: Look at the first rows of the file only; published files have the most frequent
            words first. The number of words that a header promises is then not checked.

    Returns:
        The words found, in the order of the file.

    Raises:
        ConfigError: There is no such format, or the limit is not positive.
        DataNotFoundError: There is no such file.
        DataError: The file is empty, cut short, or breaks its format; names the file and the line
            (in binary files the number of the word).
    """
    if limit is not None and limit < 1:
        raise ConfigError(f"limit must be at least 1, got {limit}")
    wanted = None if words is None else {w.encode(errors="surrogatepass") for w in words}
    kept: dict[bytes, str] = {}
    numbers = bytearray()  # grows in place, by an eighth at a time
    with open_source(path, member=member) as source, np.errstate(over="ignore"):
        rows = open_rows(source, format)
        for word, row in islice(rows, limit):
            if word not in kept and (wanted is None or _is_wanted(word, wanted)):
                kept[word] = _decode(word, source)
                numbers += rows.parse(word, row).tobytes()
    matrix = np.frombuffer(numbers, dtype=np.float32).reshape(-1, rows.width)
    return Vectors(tuple(kept.values()), matrix)


def _is_wanted(word: bytes, wanted: set[bytes]) -> bool:
    return word in wanted or (b"\xef\xb8" in word and _SELECTORS.sub(b"", word) in wanted)


def _decode(word: bytes, source: Source) -> str:
    try:
        return word.decode()
    except UnicodeDecodeError:
        raise source.error(f"the word {word[:40]!r} is not UTF-8") from None
