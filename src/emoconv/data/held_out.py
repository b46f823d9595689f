"""Keep what is held out out of what is learnt from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emoconv.data.checks import known_rows, normalise

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

__all__ = ["without_held_out"]


def without_held_out(texts: Iterable[str], held_out: Iterable[str]) -> tuple[NDArray[np.intp], int]:
    """Say which texts may be learnt from: those that equal no held-out text after ``normalise``.

    A paraphrase or a quotation in a longer text is not found. A blank text tells nothing of
    another blank one and is kept. A million texts take about five seconds.

    Args:
        texts: N texts to learn from, labelled or not.
        held_out: Texts that figures are, or will be, measured on: the validation part too, as
            thresholds and the best epoch are chosen on it.

    Returns:
        The places of the texts to keep, ascending, 0 to N - 1 (what ``Dataset.select`` takes), and
        how many of the N are left out.

    Example:
        >>> without_held_out(["Nice!", "thanks", "oh no"], held_out=["THANKS :)"])
        (array([0, 2]), 1)
    """
    held = known_rows(map(normalise, held_out), map(normalise, texts))
    kept = np.flatnonzero(~held)
    return kept, len(held) - len(kept)
