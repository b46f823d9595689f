"""Compiled inference: a column of texts to probabilities, by as many threads as wanted.

Cuts the column into blocks, has each block's texts turned into ids and its ids into logits by
compiled code, and calibrates them. A text's probabilities are the same bit for bit whatever its
company, its block and the number of threads. Machine code is asked for when an engine is made,
not before.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from emoconv.compiling import Argument, Kernel, compiled, is_kept
from emoconv.engine.folding import GROUP, Layer, Tables, dense_layers, fold_kernels
from emoconv.errors import MissingExtraError
from emoconv.text.compiled import KERNELS, CompiledEncoder

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from emoconv.bundle import Bundle
    from emoconv.text import Encoded

__all__ = ["CompiledEngine", "available_cores", "is_compiled"]

_BLOCK_TEXTS = 2**11
"""The ids, logits and probabilities of a block of short texts fit a core's cache."""


def available_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1  # pragma: no cover - not on Linux


def is_compiled() -> bool:
    """Tell whether machine code for int8 tables is on the disk: an engine then starts at once."""
    kernels = (_compute_logits(np.int8), *fold_kernels(np.int8).values(), *KERNELS)
    try:
        return all(map(is_kept, kernels))
    except ImportError:
        return False


class CompiledEngine:
    """Computes probabilities from a bundle's folded tables.

    Args:
        bundle: The model.
        threads: How many blocks are computed at once; ``None`` for one per core.
        dtype: Of the tables. With ``int8`` the shipped model's probabilities are within 0.011 of
            the reference's on GoEmotions; ``float32`` is four times as large, slower, and within
            0.00001.

    Raises:
        MissingExtraError: numba is not installed.
    """

    def __init__(
        self,
        bundle: Bundle,
        *,
        threads: int | None = None,
        dtype: type[np.int8 | np.float32] = np.int8,
    ) -> None:
        try:
            self._compute_logits = compiled(_compute_logits(dtype))
            self._encoder = CompiledEncoder(
                bundle.vocabulary,
                tokenizer=bundle.config.text.tokenizer,
                max_tokens=bundle.config.text.max_tokens,
            )
            self._tables = Tables(bundle, dtype)
        except ImportError as error:
            raise MissingExtraError("the compiled engine", extra="fast") from error
        self._calibration = bundle.calibration
        self._threads = threads or available_cores()
        self._hidden, self._output = _scaled_layers(bundle, self._tables.scale)

    def logits(self, encoded: Encoded) -> NDArray[np.float32]:
        """Return the uncalibrated logits of N texts, float32 (N, L), on this thread."""
        tables, hidden, output = self._tables, self._hidden, self._output
        features, labels = len(tables.bias), len(output.bias)
        filters = features // len(tables.widths)
        scratch = (
            *(np.empty(size, dtype=tables.sums_dtype) for size in (filters, features)),
            *(np.empty((GROUP, m), dtype=np.float32) for m in (features, len(hidden.bias), labels)),
        )
        logits = np.empty((len(encoded.offsets) - 1, labels), dtype=np.float32)
        texts = (tables.places(encoded.ids), encoded.offsets)
        weights = (tables.rows, tables.bias, tables.widths, *hidden, *output)
        self._compute_logits(*weights, *texts, *scratch, logits)
        return logits

    def probabilities(self, texts: pa.Array | pa.ChunkedArray) -> NDArray[np.float32]:
        """Return the calibrated probabilities of a column of N texts, float32 (N, L).

        Args:
            texts: Strings or large strings. The row of a null is NaN.
        """
        found = np.empty((len(texts), len(self._output.bias)), dtype=np.float32)

        def compute(start: int, block: pa.Array) -> None:
            logits = self.logits(self._encoder.encode_arrow(block))
            found[start : start + len(block)] = self._calibration.apply(logits)

        starts, blocks = _blocks(texts)
        if self._threads == 1 or len(blocks) == 1:
            for start, block in zip(starts, blocks, strict=True):
                compute(start, block)
        else:
            with ThreadPoolExecutor(self._threads) as pool:
                for _ in pool.map(compute, starts, blocks):
                    pass  # a block's error is raised here
        if texts.null_count:
            found[texts.is_null().to_numpy(zero_copy_only=False)] = np.nan
        return found


def _compute_logits(dtype: type[np.int8 | np.float32]) -> Kernel:
    """Return the kernel for tables of a type."""
    sums = np.int16 if dtype is np.int8 else np.float32
    wide, line = (Argument(np.float32, axes) for axes in (2, 1))
    return Kernel(
        "emoconv.engine.kernels",
        "compute_logits",
        (
            *(Argument(dtype, 2), line, Argument(np.int64, 1)),
            *(wide, line, wide, line),
            *(Argument(np.int32, 1), Argument(np.int64, 1)),
            *(Argument(sums, 1), Argument(sums, 1), wide, wide, wide),
            wide,
        ),
    )


def _scaled_layers(bundle: Bundle, scale: NDArray[np.float32]) -> tuple[Layer, Layer]:
    """Return the hidden layer, of no units if there is none, and the output.

    The first of them takes features as the tables give them: their scale is in its weights, and
    its weights are 0 where the tables are filled up.
    """
    model = bundle.config.model
    *hidden, output = dense_layers(bundle)
    first = hidden[0] if hidden else output
    weight = np.zeros((len(first.bias), len(scale)), dtype=np.float32)
    by_width = weight.reshape(len(first.bias), len(model.kernel_widths), -1)  # a view
    by_width[:, :, : model.filters] = first.weight.reshape(*by_width.shape[:2], model.filters)
    weight *= scale
    first = Layer(weight, first.bias)
    if hidden:
        return first, output
    return Layer(np.zeros((0, len(scale)), np.float32), np.zeros(0, np.float32)), first


def _blocks(texts: pa.Array | pa.ChunkedArray) -> tuple[list[int], list[pa.Array]]:
    """Cut a column into blocks; return where each starts, and the blocks."""
    starts, blocks, before = [], [], 0
    for chunk in getattr(texts, "chunks", [texts]):
        for first in range(0, len(chunk), _BLOCK_TEXTS):
            starts.append(before + first)
            blocks.append(chunk.slice(first, _BLOCK_TEXTS))
        before += len(chunk)
    return starts, blocks
