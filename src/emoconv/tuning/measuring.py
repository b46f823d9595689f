"""What a search goes by: a score that its own choices do not flatter, and a part kept apart.

The validation data is split in two by comment. Every trial stops, is cut and is scored on the half
to choose by. Cuts chosen on the very texts that they are scored on flatter, and flatter recipes
differently (``dev/LOG.md``), so each text is decided by a calibration and cuts of the other four
fifths of that half. The best of many scores is still too good by luck; the other half, which
nothing has looked at before, says what is left of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from emoconv.calibration import fit_calibration
from emoconv.data import split_by_group
from emoconv.errors import DataError
from emoconv.metrics import Counts
from emoconv.thresholds import choose

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emoconv.data import Dataset
    from emoconv.thresholds import Rule

__all__ = ["FOLDS", "HELD_OUT", "OBJECTIVES", "Objective", "cross_decided", "measure", "split_dev"]

Objective = Literal["macro_f1", "micro_f1"]
OBJECTIVES: tuple[Objective, ...] = get_args(Objective)
"""What can be searched for: the mean of the labels' F1, or the F1 of all decisions together. The
recipe's ``threshold_rule`` chooses the cuts for either."""

FOLDS = 5
"""Cuts are chosen on four fifths, so that rare labels keep most of their few texts."""

HELD_OUT = 0.5
"""Share of the validation data that is kept for the end. A smaller one could show less, and a
larger one would leave the search less to go by: GoEmotions has 13 validation texts of grief."""


def split_dev(dev: Dataset, *, seed: int) -> tuple[Dataset, Dataset]:
    """Return the half to choose by, and the half to compare on at the end.

    Args:
        dev: Validation data; all rows of a comment stay together.
        seed: Equal seeds give equal halves.

    Raises:
        DataError: There are too few texts.
    """
    try:
        parts = split_by_group(
            dev, fractions={"choosing": 1 - HELD_OUT, "held out": HELD_OUT}, seed=seed
        )
    except DataError:
        parts = {}
    if not parts or len(parts["choosing"]) < FOLDS:
        raise DataError(
            f"the validation data holds {len(dev)} texts; expected at least {FOLDS} to choose by "
            "and as many to compare on"
        )
    return parts["choosing"], parts["held out"]


def cross_decided(
    y: NDArray[np.bool_], logits: NDArray[np.float32], *, rule: Rule, seed: int
) -> NDArray[np.bool_]:
    """Decide each text by a calibration and cuts that were chosen without it, bool (N, L).

    Args:
        y: bool (N, L), what is true; `FOLDS` texts or more.
        logits: float32 (N, L).
        rule: How cuts are chosen.
        seed: Draws the fifths.
    """
    fold_of = np.random.default_rng(seed).permutation(len(y)) % FOLDS
    decided = np.empty_like(y)
    for fold in range(FOLDS):
        others, here = fold_of != fold, fold_of == fold
        calibration = fit_calibration(y[others], logits[others])
        cuts = choose(y[others], calibration.apply(logits[others]), rule=rule, data="")
        decided[here] = cuts.decide(calibration.apply(logits[here]))
    return decided


def measure(
    y: NDArray[np.bool_], logits: NDArray[np.float32], *, rule: Rule, seed: int
) -> dict[Objective, float]:
    """Return every objective's value of some logits, as `cross_decided` decides."""
    counts = Counts.of(y=y, predicted=cross_decided(y, logits, rule=rule, seed=seed))
    return {"macro_f1": float(counts.macro().f1), "micro_f1": float(counts.micro().f1)}
