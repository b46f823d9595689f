"""How good predictions are: numbers from what was true and what was said, and nothing else.

Knows labels by their names only: no texts, no models, no files. Rows are texts (N), columns are
labels (L). Wherever a ratio has nothing below the line it is 0, as scikit-learn's
``zero_division=0`` has it; so no figure is ever NaN.
"""

from emoconv.metrics.abstention import RiskCoverage, risk_coverage
from emoconv.metrics.arrays import check_probabilities, check_same_shape
from emoconv.metrics.bootstrap import (
    Comparison,
    Difference,
    Interval,
    bootstrap_counts,
    compare,
    draw_weights,
)
from emoconv.metrics.counts import Counts, Rates
from emoconv.metrics.evaluation import Evaluation, LabelScores, Scores, evaluate
from emoconv.metrics.pairs import pair_counts, swap_counts
from emoconv.metrics.probabilities import (
    Reliability,
    average_precision,
    calibration_error,
    log_loss,
    reliability,
)
from emoconv.metrics.ranking import RankingComparison, compare_average_precision
from emoconv.metrics.significance import POWER, holm
from emoconv.metrics.slices import SliceScores, slice_scores

__all__ = [
    "POWER",
    "Comparison",
    "Counts",
    "Difference",
    "Evaluation",
    "Interval",
    "LabelScores",
    "RankingComparison",
    "Rates",
    "Reliability",
    "RiskCoverage",
    "Scores",
    "SliceScores",
    "average_precision",
    "bootstrap_counts",
    "calibration_error",
    "check_probabilities",
    "check_same_shape",
    "compare",
    "compare_average_precision",
    "draw_weights",
    "evaluate",
    "holm",
    "log_loss",
    "pair_counts",
    "reliability",
    "risk_coverage",
    "slice_scores",
    "swap_counts",
]
