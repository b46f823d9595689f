"""The web service: emotions over HTTP, with limits, counters, a log and a page (extra ``serve``).

Knows a detector; the command that starts it knows it. How the engine works, or where the model came
from, is nothing to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emoconv.service.settings import Limits, Settings

if TYPE_CHECKING:
    from emoconv.service.app import create_app

__all__ = ["Limits", "Settings", "create_app"]


def __getattr__(name: str) -> object:
    """Import what needs the extra when it is asked for."""
    if name == "create_app":
        from emoconv.service.app import create_app  # noqa: PLC0415 - the reason for __getattr__

        return create_app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
