"""Every plot of one evaluation, as files in a folder."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from emoconv.metrics import reliability
from emoconv.thresholds import FINE_CUTS, sweep

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from emoconv.metrics import Evaluation

__all__ = ["write_plots"]

_TITLE_WIDTH = 46  # characters that fit the narrowest plot


def write_plots(
    folder: Path,
    *,
    evaluation: Evaluation,
    y: NDArray[np.bool_],
    probabilities: NDArray[np.floating],
    history: Sequence[Mapping[str, float]] = (),
    title: str = "",
) -> list[Path]:
    """Draw what an evaluation says, each plot as PNG and as SVG.

    Writes ``f1``, ``cuts`` and ``reliability``; with a history ``training`` too.

    Args:
        folder: Made when missing.
        evaluation: Of the same texts.
        y: bool (N, L), what is true.
        probabilities: float (N, L) in [0, 1].
        history: The rows of the model's training, if it has any.
        title: What was measured, for the head of each plot ("GoEmotions test").

    Returns:
        The files.

    Raises:
        MissingExtraError: matplotlib is not installed.
        DataError: The shapes differ or are empty, or a probability is not in [0, 1].
    """
    from emoconv.report import plots  # noqa: PLC0415 - needs an extra

    where = "\n" + textwrap.fill(title, _TITLE_WIDTH) if title else ""
    figures = {
        "f1": plots.f1_per_label(evaluation, title="F1 per emotion" + where),
        "cuts": plots.rates_against_cut(
            sweep(y, probabilities, FINE_CUTS), title="One cut for all labels" + where
        ),
        "reliability": plots.reliability_diagram(
            reliability(y, probabilities), title="Probability and frequency" + where
        ),
    }
    if history:
        figures["training"] = plots.training_curves(history)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, figure in figures.items():
        for ending in ("png", "svg"):
            paths.append(folder / f"{name}.{ending}")
            plots.save(figure, paths[-1])
    return paths
