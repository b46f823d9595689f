"""The compiled half of inference: ids to logits by table look-up, in machine code of numba.

Importing it imports numba; `emoconv.compiling` does, when there is no machine code yet. Knows
tables and layers as plain arrays and nothing of bundles, texts or threads. What is computed for a
text depends on that text alone, bit for bit.
"""

# ruff: noqa: PLR0917 - compiled functions have no keyword-only arguments

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from emoconv.compiling import compile_inner
from emoconv.engine.folding import GROUP

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["compute_logits", "fold_rows"]

_LEAST = -32_000
"""A filter that answers less than that to all windows answers nothing: its bias does not make up
for it. No sum of int8 is less."""


@compile_inner
def _pool(  # noqa: C901 - in parts it takes half as long again
    rows: NDArray[Any],
    widths: NDArray[np.int64],
    places: NDArray[np.int32],
    sums: NDArray[Any],
    largest: NDArray[Any],
) -> None:  # pragma: no cover - compiled
    """Write each filter's largest response to one text, without its bias, into `largest`.

    A window may stick out of the text on either side; what sticks out answers nothing. Up to three
    words are added up in registers. A sum is made small again before it is compared: so LLVM adds
    and compares 32 int16 at a time, where numba's own rules ask for int64.

    Args:
        rows: int8 or float32 (V, P * sum(K)).
        widths: int64 (widths,).
        places: int32 (T,), at least one; which row is each word's.
        sums: int16 or float32 (P,), scratch.
        largest: Same dtype (P * widths,), the result.
    """
    filters, small = len(sums), sums.dtype.type
    largest[:] = _LEAST
    column = 0
    for kind in range(len(widths)):
        width = widths[kind]
        top = largest[kind * filters : (kind + 1) * filters]
        for start in range(1 - width, len(places)):
            first, end = max(0, -start), min(width, len(places) - start)
            left = column + first * filters
            x = rows[places[start + first], left : left + filters]
            if end - first == 1:
                for f in range(filters):
                    top[f] = max(top[f], small(x[f]))
                continue
            left += filters
            y = rows[places[start + first + 1], left : left + filters]
            if end - first == 2:  # noqa: PLR2004 - words
                for f in range(filters):
                    top[f] = max(top[f], small(x[f] + y[f]))
                continue
            left += filters
            z = rows[places[start + first + 2], left : left + filters]
            if end - first == 3:  # noqa: PLR2004 - words
                for f in range(filters):
                    top[f] = max(top[f], small(x[f] + y[f] + z[f]))
                continue
            for f in range(filters):
                sums[f] = x[f] + y[f] + z[f]
            for j in range(first + 3, end):
                left += filters
                x = rows[places[start + j], left : left + filters]
                for f in range(filters):
                    sums[f] += x[f]
            for f in range(filters):
                top[f] = max(top[f], sums[f])
        column += width * filters


@partial(compile_inner, fastmath=True)
def _dense(
    inputs: NDArray[np.float32],
    weight: NDArray[np.float32],
    bias: NDArray[np.float32],
    outputs: NDArray[np.float32],
) -> None:  # pragma: no cover - compiled
    """Write ``inputs @ weight.T + bias`` of four texts into `outputs`.

    Args:
        inputs: float32 (4, M).
        weight: float32 (L, M).
        bias: float32 (L,).
        outputs: float32 (4, L), the result.
    """
    x0, x1, x2, x3 = inputs[0], inputs[1], inputs[2], inputs[3]
    for unit in range(len(weight)):
        w = weight[unit]
        s0 = s1 = s2 = s3 = np.float32(0)
        for i in range(len(w)):
            s0 += x0[i] * w[i]
            s1 += x1[i] * w[i]
            s2 += x2[i] * w[i]
            s3 += x3[i] * w[i]
        outputs[0, unit] = bias[unit] + s0
        outputs[1, unit] = bias[unit] + s1
        outputs[2, unit] = bias[unit] + s2
        outputs[3, unit] = bias[unit] + s3


@compile_inner
def compute_logits(
    rows: NDArray[Any],
    bias: NDArray[np.float32],
    widths: NDArray[np.int64],
    hidden_weight: NDArray[np.float32],
    hidden_bias: NDArray[np.float32],
    output_weight: NDArray[np.float32],
    output_bias: NDArray[np.float32],
    places: NDArray[np.int32],
    offsets: NDArray[np.int64],
    sums: NDArray[Any],
    largest: NDArray[Any],
    features: NDArray[np.float32],
    inner: NDArray[np.float32],
    outer: NDArray[np.float32],
    logits: NDArray[np.float32],
) -> None:  # pragma: no cover - compiled
    """Write the logits of N texts into `logits`.

    Args:
        rows: int8 or float32 (V, P * sum(K)), as `emoconv.engine.folding.Tables` holds them.
        bias: float32 (P * widths,), same.
        widths: int64 (widths,), same.
        hidden_weight: float32 (H, M) of a ReLU layer; H = 0 for none. The first layer after
            pooling has the tables' scale in its weights.
        hidden_bias: float32 (H,).
        output_weight: float32 (L, H or M).
        output_bias: float32 (L,).
        places: int32 (tokens,); which row is each word's.
        offsets: int64 (N + 1,).
        sums: int16 for int8 rows, else float32 (P,), scratch.
        largest: Same dtype (P * widths,), scratch.
        features: float32 (4, M), scratch.
        inner: float32 (4, H), scratch.
        outer: float32 (4, L), scratch.
        logits: float32 (N, L), the result.
    """
    features[:] = 0
    for first in range(0, len(logits), GROUP):
        count = min(GROUP, len(logits) - first)
        for g in range(count):
            start, end = offsets[first + g], offsets[first + g + 1]
            if start == end:
                features[g] = 0
            else:
                _pool(rows, widths, places[start:end], sums, largest)
                for f in range(len(largest)):
                    features[g, f] = max(np.float32(0), np.float32(largest[f]) + bias[f])
        if len(hidden_bias) > 0:
            _dense(features, hidden_weight, hidden_bias, inner)
            for g in range(GROUP):
                for unit in range(len(hidden_bias)):
                    inner[g, unit] = max(inner[g, unit], np.float32(0))
            _dense(inner, output_weight, output_bias, outer)
        else:
            _dense(features, output_weight, output_bias, outer)
        logits[first : first + count] = outer[:count]


@partial(compile_inner, fastmath={"contract"})  # not reordered: rows do not mind their company
def fold_rows(
    vectors: NDArray[np.float32],
    matrix: NDArray[np.float32],
    limits: NDArray[np.float32],
    sums: NDArray[np.float32],
    answers: NDArray[Any],
) -> None:  # pragma: no cover - compiled
    """Write ``vectors @ matrix``, within limits, into `answers`; as whole numbers if those are.

    Args:
        vectors: float32 (N, D), N a multiple of 2 and D of 4.
        matrix: float32 (D, C).
        limits: float32 (C,); no answer is larger, or smaller than its opposite.
        sums: float32 (2, columns at once), scratch; 256 columns fit the fastest cache.
        answers: int8 or float32 (N, C), the result.
    """
    whole = answers.itemsize == 1  # int8
    for left in range(0, matrix.shape[1], sums.shape[1]):
        right = min(left + sums.shape[1], matrix.shape[1])
        count = right - left
        most = limits[left:right]
        for n in range(0, len(vectors), 2):
            a, b = sums[0, :count], sums[1, :count]
            a[:] = 0
            b[:] = 0
            x, y = vectors[n], vectors[n + 1]
            for d in range(0, len(x), 4):
                m0, m1 = matrix[d, left:right], matrix[d + 1, left:right]
                m2, m3 = matrix[d + 2, left:right], matrix[d + 3, left:right]
                x0, x1, x2, x3 = x[d], x[d + 1], x[d + 2], x[d + 3]
                y0, y1, y2, y3 = y[d], y[d + 1], y[d + 2], y[d + 3]
                for c in range(count):
                    a[c] += x0 * m0[c] + x1 * m1[c] + x2 * m2[c] + x3 * m3[c]
                    b[c] += y0 * m0[c] + y1 * m1[c] + y2 * m2[c] + y3 * m3[c]
            for g in range(2):
                for c in range(count):
                    answer = max(-most[c], min(most[c], sums[g, c]))
                    answers[n + g, left + c] = np.rint(answer) if whole else answer
