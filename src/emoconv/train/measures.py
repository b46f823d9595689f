"""What a training run is watched by: measures of validation logits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emoconv.calibration import Calibration
from emoconv.metrics import Counts, average_precision, log_loss
from emoconv.thresholds import choose

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["measures"]


def measures(y: NDArray[np.bool_], logits: NDArray[np.float32]) -> dict[str, float]:
    """Return what early stopping may watch; each F1 at the cuts that are best for it."""
    probabilities = Calibration.identity(y.shape[1]).apply(logits)
    micro = choose(y, probabilities, rule="shared-micro", data="").decide(probabilities)
    macro = choose(y, probabilities, rule="per-label", data="").decide(probabilities)
    return {
        "loss": float(log_loss(y, probabilities).mean()),
        "micro_f1": float(Counts.of(y=y, predicted=micro).micro().f1),
        "macro_f1": float(Counts.of(y=y, predicted=macro).macro().f1),
        "average_precision": float(average_precision(y, probabilities).mean()),
    }
