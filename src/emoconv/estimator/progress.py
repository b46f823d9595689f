"""A run's progress, in lines on standard error, or not at all."""

from __future__ import annotations

import sys

__all__ = ["Progress"]


class Progress:
    """Hears of a training (`emoconv.train.Observer`).

    Args:
        on: Whether to say anything.
    """

    def __init__(self, *, on: bool) -> None:
        self._on = on

    def message(self, text: str) -> None:
        """Print one line."""
        if self._on:
            sys.stderr.write(f"{text}\n")

    def batch(self, texts: int, loss: float) -> None:
        """Hear of a batch, and say nothing."""

    def epoch(self, row: dict[str, float]) -> None:
        """Print an epoch's measures."""
        measures = ", ".join(
            f"{name.removeprefix('dev_')} {value:.3f}"
            for name, value in row.items()
            if name.startswith("dev_")
        )
        held = f"; held out: {measures}" if measures else ""
        self.message(
            f"epoch {row['epoch']:.0f}: loss {row['train_loss']:.4f}, {row['seconds']:.1f} s{held}"
        )
