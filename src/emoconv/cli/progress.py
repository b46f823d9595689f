"""How far a long run is, on standard error: a bar on a terminal, else a line now and then."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["ProgressScreen", "duration", "is_terminal"]

_LINE_SECONDS = 5
"""How often a line is printed where there is no terminal for a bar."""


def is_terminal(stream: TextIO) -> bool:
    """Tell whether somebody sees what is written, or types what is read."""
    return stream.isatty()


class ProgressScreen:
    """Shows how far a run of `emoconv.scoring.run` is.

    Attributes:
        rows: How many rows are finished.
    """

    def __init__(self) -> None:
        self.rows = 0
        self._bar: Any = None  # tqdm has no types
        self._started = self._shown = time.monotonic()
        self._first_share: float | None = None

    def __call__(self, *, rows: int, resumed: int, share: float | None) -> None:
        """Show so much."""
        self.rows = rows
        now = time.monotonic()
        if self._first_share is None:
            self._first_share = share if resumed and share is not None else 0.0
        text = self._text(rows, resumed, share, now - self._started)
        if is_terminal(sys.stderr):
            self._draw(text, share)
        elif now - self._shown >= _LINE_SECONDS:
            self._shown = now
            done = "" if share is None else f"{share:.0%}, "
            click.echo(f"emoconv: {done}{text}", err=True)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
        self._bar = None

    def _text(self, rows: int, resumed: int, share: float | None, seconds: float) -> str:
        parts = [f"{rows:,} rows", f"{(rows - resumed) / max(seconds, 1e-9):,.0f} rows/s"]
        new = 0.0 if share is None else share - (self._first_share or 0.0)
        if share is not None and new > 0:
            parts.append(f"{duration(seconds * (1 - share) / new)} left")
        return ", ".join(parts)

    def _draw(self, text: str, share: float | None) -> None:
        from tqdm import tqdm  # noqa: PLC0415 - only where there is a terminal

        if self._bar is None:
            form = "{desc}" if share is None else "{percentage:3.0f}%|{bar:30}| {desc}"
            self._bar = tqdm(total=1.0, leave=False, bar_format=form)
        self._bar.set_description_str(text, refresh=False)
        if share is not None:
            self._bar.n = min(share, 1.0)
        self._bar.refresh()


def duration(seconds: float) -> str:
    """Return a time for people.

    Example:
        >>> duration(75.2)
        '1 min 15 s'
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
