"""What keeps chance from being taken for a finding: a correction for many tests, and power."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["POWER", "holm"]

POWER = 0.8
"""How likely a difference that is called visible is to be found.

Cohen 1988, "Statistical Power Analysis for the Behavioral Sciences", section 2.4.
"""


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values corrected for their number, in their order.

    Of true null hypotheses one or more has a value up to alpha with a probability of at most alpha,
    however the tests depend on each other. Source: Holm 1979, "A Simple Sequentially Rejective
    Multiple Test Procedure".

    Example:
        >>> holm([0.5, 0.01, 0.03])
        [0.5, 0.03, 0.06]
    """
    corrected, highest = [0.0] * len(p_values), 0.0
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    for place, i in enumerate(order):
        highest = max(highest, min(1.0, (len(order) - place) * p_values[i]))
        corrected[i] = highest
    return corrected
