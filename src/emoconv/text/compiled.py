"""The compiled tokeniser: columns of UTF-8 to ids.

Does what `emoconv.text.Encoder` does, over the buffers of an Arrow column, with no Python object
per text and without the interpreter's lock. The code itself is in `emoconv.text.kernels`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emoconv.compiling import Argument, Kernel, compiled
from emoconv.text.encoder import Encoded
from emoconv.text.tables import CHARACTER, CLASS, character_tables, token_table
from emoconv.text.tokenizer import get_tokenizer

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from emoconv.text.vocabulary import Vocabulary

__all__ = ["KERNELS", "CompiledEncoder"]

_ENDLESS = np.iinfo(np.int64).max
_LONGEST_FORM = 9
"""Code points of the shrug, the longest token that may be longer than what was written."""

_BYTES, _POINTS, _WIDE = (Argument(dtype, 1) for dtype in (np.uint8, np.int32, np.int64))
_TOKENS = (_POINTS, _POINTS, _WIDE)
_CHARACTERS = (Argument(CHARACTER, 1), _BYTES, _BYTES, Argument(CLASS, 1))
_SCRATCH = (Argument(CHARACTER, 1), _POINTS, _POINTS)
_NUMBER = Argument(np.int64)

_FILL = Kernel("emoconv.text.kernels", "fill", _TOKENS)
_ENCODE = Kernel(
    "emoconv.text.kernels",
    "encode",
    (
        *(_BYTES, _WIDE),
        *(*_TOKENS, *_CHARACTERS),
        *(*_SCRATCH, _NUMBER, _NUMBER),
        *(_POINTS, _WIDE),
    ),
)

KERNELS = (_FILL, _ENCODE)
"""What `CompiledEncoder` has compiled."""


class CompiledEncoder:
    """Turns Arrow columns of texts into ids: the ids of `emoconv.text.Encoder`, by compiled code.

    Calls from several threads at once run at once.

    Args:
        vocabulary: Tokens to ids.
        tokenizer: ``"rich"`` or ``"plain"``.
        max_tokens: Keep the first tokens only; ``None`` for all.

    Raises:
        ConfigError: There is no such tokeniser.
    """

    def __init__(
        self, vocabulary: Vocabulary, *, tokenizer: str, max_tokens: int | None = None
    ) -> None:
        get_tokenizer(tokenizer)  # for its error
        self._settings = (tokenizer == "rich", _ENDLESS if max_tokens is None else max_tokens)
        self._encode = compiled(_ENCODE)
        tokens = token_table(vocabulary)
        compiled(_FILL)(*tokens)
        self._tables = (*tokens, *character_tables())

    def encode_arrow(self, texts: pa.Array) -> Encoded:
        """Return the ids of N texts.

        Args:
            texts: N of Arrow type string or large_string; a null is an empty text.
        """
        if texts.null_count:
            texts = texts.fill_null("")
        _, places, content = texts.buffers()
        if len(texts) == 0:  # its buffers may be missing
            return Encoded(np.zeros(0, dtype=np.int32), np.zeros(1, dtype=np.int64))
        size: type[np.signedinteger] = np.int64 if str(texts.type) == "large_string" else np.int32
        offsets = np.frombuffer(places, dtype=size)[texts.offset :][: len(texts) + 1]
        data = np.frombuffer(content or b"", dtype=np.uint8)
        return self.encode_buffer(data, offsets)

    def encode_buffer(self, data: NDArray[np.uint8], offsets: NDArray[np.signedinteger]) -> Encoded:
        """Return the ids of N texts, of the bytes between their offsets.

        Args:
            data: UTF-8. Bytes that are none give some ids and do no harm.
            offsets: (N + 1,), of `data`; text n is ``data[offsets[n]:offsets[n + 1]]``.
        """
        places = np.ascontiguousarray(offsets, dtype=np.int64)
        longest = int(np.diff(places).max(initial=0))
        token = np.empty(longest + _LONGEST_FORM, dtype=np.int32)
        scratch = (np.empty(longest + 2, dtype=CHARACTER), token, np.empty_like(token))
        ids = np.empty(places[-1] - places[0], dtype=np.int32)  # bytes: no fewer than ids
        bounds = np.empty(len(places), dtype=np.int64)
        self._encode(data, places, *self._tables, *scratch, *self._settings, ids, bounds)
        return Encoded(ids[: bounds[-1]].copy(), bounds)
