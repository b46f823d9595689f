"""A logit taken apart: what each run of words gives to each label.

A filter's largest response was reached at one window of words (`emoconv.explanation.peaks`), and
what it gives to a logit is its feature, the ReLU of that response and its bias, times a weight. So
a logit is a bias and a sum over windows, exactly. Knows ids and weights, no characters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from emoconv.engine.folding import dense_layers, stack_filters
from emoconv.explanation.peaks import find_peaks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emoconv.bundle import Bundle
    from emoconv.engine import ReferenceEngine

__all__ = ["Attribution", "Attributor"]


class Attribution(NamedTuple):
    """The logits of a text of W words, as sums over P phrases. Logits here are calibrated.

    ``bias + shares.sum(axis=0)`` is ``logits``, up to what float32 rounds.

    Attributes:
        first: int64 (P,), the first word of each phrase, in [0, W).
        last: int64 (P,), its last word.
        shares: float64 (P, C), what each phrase gives to the logit of each of C labels.
        bias: float64 (C,), what no phrase gives.
        logits: float32 (C,).
        probabilities: float32 (C,), their sigmoid.
    """

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    shares: NDArray[np.float64]
    bias: NDArray[np.float64]
    logits: NDArray[np.float32]
    probabilities: NDArray[np.float32]


class Attributor:
    """Takes the logits of texts apart.

    With a linear output the bias is the same for every text: the logit of a text without words. A
    hidden layer is replaced, for each text, by the linear function that it is around that text:
    the units that are above zero, with their weights. The sum is the logit there too, but another
    text has another function, so that a phrase's share says what it gives here and no more, and
    part of the bias is the text's.

    Args:
        bundle: The model.
        engine: Gives what the filters answer to words; of the same model.

    Attributes:
        exact: Whether the output is linear.
    """

    def __init__(self, bundle: Bundle, engine: ReferenceEngine) -> None:
        self._engine = engine
        self._model = bundle.config.model
        self._filter_bias = stack_filters(bundle).bias
        *hidden, self._output = dense_layers(bundle)
        self._hidden = hidden[0] if hidden else None
        self._calibration = bundle.calibration
        self._scale = bundle.calibration.scale.astype(np.float64)
        self._offset = bundle.calibration.offset.astype(np.float64)
        self._weights = self._scale * self._output.weight.T.astype(np.float64)  # (U or H, L)
        self.exact = self._hidden is None

    def attribute(
        self,
        ids: NDArray[np.int32],
        words: NDArray[np.int64],
        columns: slice | NDArray[np.int64] = slice(None),
    ) -> Attribution:
        """Take the logits of one text apart.

        Args:
            ids: int32 (T,), each in [1, V).
            words: int64 (T,), which word each token belongs to, ascending from 0. A phrase is a
                run of words; windows of tokens that hold the same words are one phrase.
            columns: C of the labels, in their order.
        """
        rows, places = self._engine.answers(ids)
        peaks = find_peaks(rows, places, self._model.kernel_widths, filters=self._model.filters)
        features = np.maximum(peaks.largest + self._filter_bias, np.float32(0))  # (U,)
        active = np.flatnonzero(features)
        weights, bias, units = self._linear(features, active, columns)
        logits = (units @ self._output.weight.T + self._output.bias)[0]
        scale, offset = self._calibration.scale, self._calibration.offset
        probabilities = self._calibration.apply(logits[None])[0]
        given = features[active, None] * weights  # (A, C)
        count = int(words[-1]) + 1 if len(words) else 1
        codes = words[peaks.first[active]] * count + words[peaks.last[active]]
        order = np.argsort(codes, kind="stable")
        phrases, starts = np.unique(codes[order], return_index=True)
        shares = np.add.reduceat(given[order], starts) if len(starts) else given
        return Attribution(
            *np.divmod(phrases, count),
            shares=shares,
            bias=bias,
            logits=(scale * logits + offset)[columns],
            probabilities=probabilities[columns],
        )

    def _linear(
        self,
        features: NDArray[np.float32],
        active: NDArray[np.int64],
        columns: slice | NDArray[np.int64],
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float32]]:
        """Return the output as a linear function of the features that are above 0.

        Returns:
            Weights, float64 (A, C), and bias, float64 (C,), of calibrated logits; and what the
            output layer gets, float32 (1, U or H).
        """
        bias = self._scale * self._output.bias + self._offset
        if self._hidden is None:
            return self._weights[active][:, columns], bias[columns], features[None]
        units = np.maximum(
            features[None] @ self._hidden.weight.T + self._hidden.bias, np.float32(0)
        )
        awake = np.flatnonzero(units[0])
        onwards = self._weights[awake][:, columns]  # (awake, C)
        weights = self._hidden.weight[np.ix_(awake, active)].T.astype(np.float64) @ onwards
        return weights, bias[columns] + self._hidden.bias[awake] @ onwards, units
