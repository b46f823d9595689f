"""Folding: word vectors times filters, so that a convolution becomes table look-ups.

A filter of width K answers ``b + sum_j <W_j, E[w_(p+j)]>`` to the window at place p (Kim 2014,
"Convolutional Neural Networks for Sentence Classification", equation 2). Once training has ended
``E`` and ``W`` stand still, so ``T_j[v] = <W_j, E[v]>`` is a table: K look-ups and K sums instead
of K * D products.

The columns of a table lie width by width, within a width place by place, within a place filter by
filter. Knows nothing of how tables are read.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from emoconv.compiling import Argument, Kernel, compiled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from emoconv.bundle import Bundle

__all__ = ["GROUP", "Filters", "Layer", "Tables", "dense_layers", "fold_kernels", "stack_filters"]

GROUP = 4
"""Texts that a dense layer takes at once: each weight is read once for all of them."""

_LANES = 32
"""A place's columns are filled up to a multiple of this with filters that answer 0: sums of 32
int16 are the widest vector register of today's processors."""

_REACH = 127
"""The largest int8."""

_FREQUENT_WORDS = 2**12
_ROOM = 1.5
"""The unit of int8 leaves room for answers so many times the largest to the most frequent words.
On distilled models the rest of the vocabulary needs 1.6, a few in ten million (``dev/LOG.md``)."""

_FLOAT32 = np.dtype(np.float32)

_COLUMNS_AT_ONCE = 256
"""Columns that are folded at once: their sums for two words fit the fastest cache."""

_NOWHERE = -1
"""The place of a word that was not met yet."""

_WORDS_AT_ONCE = 2**9
"""Word vectors that are float32 at the same time; even, as they are folded in pairs."""


class Filters(NamedTuple):
    """The filters of all widths side by side.

    Attributes:
        matrix: float32 (D, C); C columns, ``F * sum(K)``.
        bias: float32 (F * widths,).
    """

    matrix: NDArray[np.float32]
    bias: NDArray[np.float32]


class Layer(NamedTuple):
    """A dense layer.

    Attributes:
        weight: float32 (outputs, inputs), rows contiguous.
        bias: float32 (outputs,).
    """

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]


class Tables:
    """Folded convolutions: a row for each word, computed when the word is first met.

    Most words of a vocabulary are rare. So loading waits for nothing, and rows lie one after the
    other in the order in which their words were met: frequent words together at the start, and no
    memory is used for what was never met. A row is computed on its own, its sums always in the same
    order, so it is the same whenever that was.

    Answers of ``int8`` are whole numbers of a unit of each filter's own, such that an answer half
    as large again as its largest to a frequent word is 127 units; what is more is cut to that.

    Args:
        bundle: The model.
        dtype: ``float32`` for answers as they are. ``int8`` for a quarter of the memory and more
            speed, at an error of at most half a unit for each of a filter's K places.

    Attributes:
        rows: int8 or float32 (V, ``P * sum(K)``), what each place of each filter answers to a
            word; the first of them are in use. P is F filled up to a multiple of 32.
        sums_dtype: What sums of answers fit in: int16 for int8, or float32.
        bias: float32 (P * widths,), in units.
        scale: float32 (P * widths,), what one unit of an answer is worth; 1 for float32 tables.
        widths: int64 (widths,), the K of each.
    """

    def __init__(self, bundle: Bundle, dtype: type[np.int8 | np.float32]) -> None:
        self.widths = np.array(bundle.config.model.kernel_widths)
        self._fold_rows = {d: compiled(kernel) for d, kernel in fold_kernels(dtype).items()}
        self._embedding = bundle.weights["embedding"]
        filters = _fill_up(stack_filters(bundle), bundle.config.model.filters, self.widths)
        columns, units = filters.matrix.shape[1], len(filters.bias)
        self._matrix, bias = filters
        self._limits = np.full(columns, np.finfo(np.float32).max, dtype=np.float32)
        self.scale = np.ones(units, dtype=np.float32)
        self.sums_dtype: type[np.int16 | np.float32] = np.float32
        if dtype is np.int8:
            self.sums_dtype = np.int16
            self.scale = _units(_ROOM * self._largest_answers(), self.widths)
            self._matrix /= _by_column(self.scale, self.widths)
            self._limits[:] = _REACH
        self.bias = bias / self.scale
        self.rows = np.empty((len(self._embedding), columns), dtype=dtype)
        self._places = np.full(len(self._embedding), _NOWHERE, dtype=np.int32)
        self._used = 0
        self._lock = threading.Lock()

    def places(self, ids: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return which row is each word's, int32 (T,); from any thread.

        Args:
            ids: int32 (T,), each in [0, V).
        """
        places = self._places[ids]
        if len(ids) and places.min() == _NOWHERE:
            with self._lock:
                new = np.unique(ids[self._places[ids] == _NOWHERE])
                for some, answers in self._answers(new, self.rows.dtype):
                    here = slice(self._used, self._used + len(some))
                    self.rows[here] = answers
                    self._places[some] = np.arange(here.start, here.stop)  # last: others read it
                    self._used = here.stop
            places = self._places[ids]
        return places

    def _largest_answers(self) -> NDArray[np.float32]:
        """Return the largest size of each answer to a frequent word, float32 (columns,)."""
        largest = np.zeros(self._matrix.shape[1], dtype=np.float32)
        frequent = np.arange(min(_FREQUENT_WORDS, len(self._embedding)))
        for _, answers in self._answers(frequent, _FLOAT32):
            np.maximum(largest, answers.max(axis=0), out=largest)
            np.maximum(largest, -answers.min(axis=0), out=largest)
        return largest

    def _answers(
        self, ids: NDArray[np.integer], dtype: np.dtype[Any]
    ) -> Iterator[tuple[NDArray[np.integer], NDArray[Any]]]:
        """Yield some of the words at a time with what the filters answer to them."""
        wide, columns = self._matrix.shape
        for first in range(0, len(ids), _WORDS_AT_ONCE):
            some = ids[first : first + _WORDS_AT_ONCE]
            vectors = np.zeros((len(some) + len(some) % 2, wide), dtype=np.float32)
            vectors[: len(some), : self._embedding.shape[1]] = self._embedding[some]
            answers = np.empty((len(vectors), columns), dtype=dtype)
            sums = np.empty((2, _COLUMNS_AT_ONCE), dtype=np.float32)
            self._fold_rows[dtype](vectors, self._matrix, self._limits, sums, answers)
            yield some, answers[: len(some)]


def fold_kernels(dtype: type[np.int8 | np.float32]) -> dict[np.dtype[Any], Kernel]:
    """Return what `Tables` of a type has compiled, by the type of the answers.

    Float32 is always among them: the unit of whole numbers is found with it.
    """
    wide, line = (Argument(np.float32, axes) for axes in (2, 1))
    return {
        answers: Kernel(
            "emoconv.engine.kernels", "fold_rows", (wide, wide, line, wide, Argument(answers, 2))
        )
        for answers in (_FLOAT32, np.dtype(dtype))
    }


def stack_filters(bundle: Bundle) -> Filters:
    """Return a bundle's filters side by side, in the order of a table's columns."""
    model, weights = bundle.config.model, bundle.weights
    matrices = [
        weights[f"convolution.{width}.weight"].transpose(1, 2, 0).reshape(model.embedding_width, -1)
        for width in model.kernel_widths
    ]  # each (D, K * F)
    biases = [weights[f"convolution.{width}.bias"] for width in model.kernel_widths]
    return Filters(
        np.concatenate(matrices, axis=1).astype(np.float32),
        np.concatenate(biases).astype(np.float32),
    )


def dense_layers(bundle: Bundle) -> list[Layer]:
    """Return the layers after pooling, first to last: a hidden one if there is one, the output."""
    return [
        Layer(*(bundle.weights[f"{name}.{part}"].astype(np.float32) for part in Layer._fields))
        for name in ("hidden", "output")
        if f"{name}.weight" in bundle.weights
    ]


def _fill_up(filters: Filters, count: int, widths: NDArray[np.int64]) -> Filters:
    """Return filters with more that answer 0, up to `_LANES`, and zero rows up to a multiple of 4.

    Args:
        filters: Of all widths.
        count: F.
        widths: int64 (widths,), the K of each.
    """
    wide, padded = -(-len(filters.matrix) // 4) * 4, -(-count // _LANES) * _LANES
    places, kinds = int(widths.sum()), len(widths)
    matrix = np.zeros((wide, places, padded), dtype=np.float32)
    matrix[: len(filters.matrix), :, :count] = filters.matrix.reshape(-1, places, count)
    bias = np.zeros((kinds, padded), dtype=np.float32)
    bias[:, :count] = filters.bias.reshape(kinds, count)
    return Filters(matrix.reshape(wide, -1), bias.ravel())


def _units(largest: NDArray[np.float32], widths: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return what a unit of each filter is worth so that no answer is above `_REACH`, above 0."""
    by_place = largest.reshape(int(widths.sum()), -1)
    tops = np.maximum.reduceat(by_place, np.cumsum([0, *widths[:-1]]), axis=0).ravel()
    return np.where(tops > 0, tops / np.float32(_REACH), np.float32(1))


def _by_column(values: NDArray[np.float32], widths: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return what each filter has, (P * widths,), for each of its places, (P * sum(K),)."""
    return np.repeat(values.reshape(len(widths), -1), widths, axis=0).ravel()
