"""Where probabilities become labels: cuts, and a confidence below which nothing is said.

Knows arrays only. A text's confidence is its highest probability; the classifier that says nothing
below a bound on it is the one of Geifman & El-Yaniv 2017, "Selective Classification for Deep Neural
Networks", section 2, with the probability of the answer in the place of their softmax response.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from emoconv.errors import ConfigError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    _Float = TypeVar("_Float", bound=np.floating)

__all__ = ["check_confidence", "confidence", "held"]


def confidence(probabilities: NDArray[_Float]) -> NDArray[_Float]:
    """Return the highest probability of each text, float (N,); NaN for a missing text.

    Args:
        probabilities: float (N, L), L at least 1.
    """
    highest: NDArray[_Float] = probabilities.max(axis=1)
    return highest


def held(
    probabilities: NDArray[np.float32],
    cuts: NDArray[np.float32] | float,
    *,
    min_confidence: float = 0.0,
) -> NDArray[np.bool_]:
    """Return which labels hold, bool (N, L): at or above their cuts, in texts sure enough.

    Args:
        probabilities: float32 (N, L); where NaN, none holds.
        cuts: float32 (L,), or one for all.
        min_confidence: In a text whose confidence is below it, none holds.

    Example:
        >>> import numpy as np
        >>> found = np.array([[0.5, 0.25], [0.25, 0.25]], dtype=np.float32)
        >>> held(found, np.array([0.5, 0.25], dtype=np.float32), min_confidence=0.375)
        array([[ True,  True],
               [False, False]])
    """
    holds: NDArray[np.bool_] = probabilities >= cuts
    if min_confidence > 0:
        holds &= (confidence(probabilities) >= min_confidence)[:, None]
    return holds


def check_confidence(bound: float) -> None:
    """Check that a bound on confidence can be one.

    Raises:
        ConfigError: It is not in [0, 1].
    """
    if not 0 <= bound <= 1:
        raise ConfigError(f"min_confidence is {bound}; expected a number from 0 to 1")
