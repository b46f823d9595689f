"""An existing model's probabilities and cuts, fitted anew to one's own labelled texts.

The network is not touched, and nothing here needs torch. What the new ones are worth is measured
on texts that they were not fitted to. Knows nothing of files; a bundle goes in and one comes out.
"""

from emoconv.recalibration.card import model_card
from emoconv.recalibration.changes import Change, changes
from emoconv.recalibration.fitting import (
    CALIBRATIONS,
    CUTS,
    Calibrating,
    Cutting,
    Decisions,
    Judged,
    refit,
)
from emoconv.recalibration.recalibrating import (
    FOLDS,
    LEAST_POSITIVES,
    LEAST_TEXTS,
    Kept,
    Recalibrated,
    recalibrate,
)

__all__ = [
    "CALIBRATIONS",
    "CUTS",
    "FOLDS",
    "LEAST_POSITIVES",
    "LEAST_TEXTS",
    "Calibrating",
    "Change",
    "Cutting",
    "Decisions",
    "Judged",
    "Kept",
    "Recalibrated",
    "changes",
    "model_card",
    "recalibrate",
    "refit",
]
