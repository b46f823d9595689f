"""Everything that is said of one set of predictions, as one frozen value that JSON can hold."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emoconv.errors import LabelError
from emoconv.metrics.arrays import check_same_shape
from emoconv.metrics.bootstrap import Interval, bootstrap_counts
from emoconv.metrics.counts import Counts
from emoconv.metrics.probabilities import (
    average_precision,
    calibration_error,
    log_loss,
    reliability,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from emoconv.labels import LabelSet
    from emoconv.metrics.counts import Rates

__all__ = ["Evaluation", "LabelScores", "Scores", "evaluate"]


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Precision, recall and F1, each in [0, 1], with F1's interval where it was asked for."""

    precision: float
    recall: float
    f1: float
    f1_interval: Interval | None = None


@dataclass(frozen=True, kw_only=True)
class LabelScores(Scores):
    """What is said of one label.

    Args:
        label: Its name.
        support: Texts that have it.
        predicted: Texts that were given it.
        average_precision: Area under precision against recall, by steps; 0 without support.
        calibration_error: Expected calibration error over 15 bins.
        log_loss: Mean binary cross-entropy in nats.
        threshold: The cut that was used, where there was one.
    """

    label: str
    support: int
    predicted: int
    average_precision: float
    calibration_error: float
    log_loss: float
    threshold: float | None = None


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """How good one set of predictions is, whole and label by label.

    Args:
        n: N, the texts.
        per_label: One entry for each label, in label order.
        micro: Over all decisions taken together.
        macro: The plain mean over labels.
        weighted: The mean over labels weighted by support.
        subset_accuracy: Share of texts whose labels are all right.
        hamming_loss: Share of decisions that are wrong.
        average_precision: Mean over labels ("mean average precision"), 0 where one has no support.
        calibration_error: Expected calibration error of all decisions together, 15 bins.
        log_loss: Mean binary cross-entropy over all decisions, in nats.

    Example:
        >>> import numpy as np
        >>> from emoconv.labels import LabelSet
        >>> p = np.array([[0.9, 0.2], [0.4, 0.7]], dtype=np.float32)
        >>> y = np.array([[True, False], [True, True]])
        >>> evaluation = evaluate(
        ...     y=y, predicted=p >= 0.5, probabilities=p, labels=LabelSet(("joy", "anger"))
        ... )
        >>> evaluation.micro.f1, evaluation["joy"].recall
        (0.8, 0.5)
    """

    n: int
    per_label: tuple[LabelScores, ...]
    micro: Scores
    macro: Scores
    weighted: Scores
    subset_accuracy: float
    hamming_loss: float
    average_precision: float
    calibration_error: float
    log_loss: float

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels' names, in label order."""
        return tuple(scores.label for scores in self.per_label)

    def __getitem__(self, label: str) -> LabelScores:
        for scores in self.per_label:
            if scores.label == label:
                return scores
        raise KeyError(label)

    def to_dict(self) -> dict[str, Any]:
        """Return what `json` writes; `emoconv.config.from_dict` reads it back."""
        values = dataclasses.asdict(self)
        return {**values, "per_label": list(values["per_label"])}


def evaluate(
    *,
    y: NDArray[np.bool_],
    predicted: NDArray[np.bool_],
    probabilities: NDArray[np.floating],
    labels: LabelSet,
    thresholds: NDArray[np.float32] | None = None,
    resamples: int = 0,
    seed: int = 0,
) -> Evaluation:
    """Measure predictions against what is true.

    Args:
        y: bool (N, L), what is true.
        predicted: bool (N, L), what was decided.
        probabilities: float (N, L) in [0, 1].
        labels: The names of the L columns.
        thresholds: float32 (L,), the cuts that decided; carried along for the reader.
        resamples: Bootstrap draws behind the intervals of F1; 0 for no intervals. 1000 take
            half a second for 5,427 texts and 28 labels.
        seed: Of the draws.

    Raises:
        DataError: Shapes differ or are empty, or a probability is not in [0, 1].
        LabelError: There is not one name for each column.
    """
    check_same_shape(y, predicted=predicted, probabilities=probabilities)
    if y.shape[1] != len(labels):
        raise LabelError(f"y has {y.shape[1]} columns; expected {len(labels)}, one for each label")
    counts = Counts.of(y=y, predicted=predicted)
    draws = None
    if resamples:
        draws = bootstrap_counts(y=y, predicted=predicted, resamples=resamples, seed=seed)
    per_label = _label_scores(
        counts, draws, y=y, probabilities=probabilities, names=labels.names, thresholds=thresholds
    )
    return Evaluation(
        n=len(y),
        per_label=per_label,
        micro=_scores(counts, draws, Counts.micro),
        macro=_scores(counts, draws, Counts.macro),
        weighted=_scores(counts, draws, Counts.weighted),
        subset_accuracy=float((predicted == y).all(axis=1).mean()),
        hamming_loss=float((predicted != y).mean()),
        average_precision=sum(s.average_precision for s in per_label) / len(labels),
        calibration_error=reliability(y, probabilities).error,
        log_loss=sum(s.log_loss for s in per_label) / len(labels),
    )


def _scores(counts: Counts, draws: Counts | None, average: Callable[[Counts], Rates]) -> Scores:
    rates = average(counts)
    return Scores(
        precision=float(rates.precision),
        recall=float(rates.recall),
        f1=float(rates.f1),
        f1_interval=None if draws is None else Interval.of(average(draws).f1),
    )


def _label_scores(
    counts: Counts,
    draws: Counts | None,
    *,
    y: NDArray[np.bool_],
    probabilities: NDArray[np.floating],
    names: Sequence[str],
    thresholds: NDArray[np.float32] | None,
) -> tuple[LabelScores, ...]:
    rates = counts.rates()
    draws_f1 = None if draws is None else draws.rates().f1  # (R, L)
    precisions = average_precision(y, probabilities)
    errors = calibration_error(y, probabilities)
    losses = log_loss(y, probabilities)
    return tuple(
        LabelScores(
            label=name,
            precision=float(rates.precision[i]),
            recall=float(rates.recall[i]),
            f1=float(rates.f1[i]),
            f1_interval=None if draws_f1 is None else Interval.of(draws_f1[:, i]),
            support=int(counts.support[i]),
            predicted=int(counts.predicted[i]),
            average_precision=float(precisions[i]),
            calibration_error=float(errors[i]),
            log_loss=float(losses[i]),
            threshold=None if thresholds is None else float(thresholds[i]),
        )
        for i, name in enumerate(names)
    )
