"""The log of a service: a line of JSON, or of text, for each event.

Holds no text that a client sent: of an error its type and the lines of code, and not its message,
which may quote one.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Literal

__all__ = ["LogFormat", "log", "set_up"]

LogFormat = Literal["json", "text"]

_EVENTS = logging.getLogger("emoconv.service")

_FIELDS = "emoconv"
"""The attribute of a log record that holds an event's own fields."""


def log(event: str, level: int = logging.INFO, **fields: object) -> None:
    """Write an event.

    Args:
        event: What happened, a word or two.
        level: As of `logging`.
        fields: What belongs to it, for JSON; an exception under ``error`` by its type and place.
    """
    error = fields.pop("error", None)
    if isinstance(error, BaseException):
        fields |= {"error": type(error).__name__, "at": _places(error)}
    _EVENTS.log(level, event, extra={_FIELDS: fields})


def set_up(form: LogFormat, level: str) -> None:
    """Write events from now on to standard error.

    Args:
        form: ``"json"`` for machines, ``"text"`` for people.
        level: The least that is written: ``"debug"``, ``"info"``, ``"warning"``, ``"error"``.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines(form))
    for name in ("emoconv.service", "uvicorn.error", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level.upper() if name == "emoconv.service" else logging.WARNING)
        logger.propagate = False


class _Lines(logging.Formatter):
    """Formats records of ours and of the web server's."""

    def __init__(self, form: LogFormat) -> None:
        super().__init__()
        self._form = form

    def format(self, record: logging.LogRecord) -> str:
        fields = dict(getattr(record, _FIELDS, {}))
        event = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:  # the server's: its text is unsafe
            event = str(record.msg).partition("\n")[0]
            fields |= {
                "error": type(record.exc_info[1]).__name__,
                "at": _places(record.exc_info[1]),
            }
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        if self._form == "json":
            line = {"time": when, "level": record.levelname.lower(), "event": event, **fields}
            return json.dumps(line)
        rest = " ".join(f"{name}={value}" for name, value in fields.items())
        return f"{when} {record.levelname.lower():7} {event} {rest}".rstrip()


def _places(error: BaseException) -> list[str]:
    """Return where an error came through, the last place last."""
    return [
        f"{frame.filename}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
