"""Every exception that emoconv raises on purpose.

The tree, with what else each one is, so that callers may catch what they know::

    EmoconvError
    ├── ConfigError        (ValueError)         a setting is unknown or out of range
    ├── LabelError         (ValueError)         a label is not in the label set
    ├── DataError          (ValueError)         an input file's content is not as expected
    │   └── DataNotFoundError (FileNotFoundError) an input file is not there
    ├── BundleError        (ValueError)         a folder is not a whole bundle
    │   └── BundleVersionError                  a bundle was written by a newer emoconv
    ├── DownloadError      (OSError)            a published file could not be fetched whole
    ├── HubError           (OSError)            the Hugging Face Hub gave or took nothing
    └── MissingExtraError  (ImportError)        an optional dependency is not installed

A message is one line: what was found, where, what was expected, what to do.
"""

from __future__ import annotations

import difflib
import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from os import PathLike

__all__ = [
    "BundleError",
    "BundleVersionError",
    "ConfigError",
    "DataError",
    "DataNotFoundError",
    "DownloadError",
    "EmoconvError",
    "HubError",
    "LabelError",
    "MissingExtraError",
    "did_you_mean",
]


class EmoconvError(Exception):
    """Base of every exception that emoconv raises on purpose."""


class ConfigError(EmoconvError, ValueError):
    """A setting is unknown, of the wrong type or out of its range."""


class LabelError(EmoconvError, ValueError):
    """A label is not in the label set."""


class DataError(EmoconvError, ValueError):
    """The content of an input file is not what was expected.

    Args:
        message: What was found, what was expected, what to do.
        path: The file.
        line: The 1-based line (or row, for formats without lines) in it.
    """

    def __init__(
        self, message: str, *, path: str | PathLike[str] | None = None, line: int | None = None
    ) -> None:
        where = "" if path is None else f"{path}" + ("" if line is None else f":{line}") + ": "
        super().__init__(where + message)
        self.path = path
        self.line = line


class DataNotFoundError(DataError, FileNotFoundError):
    """An input file is not there."""


class BundleError(EmoconvError, ValueError):
    """A folder is not a whole emoconv bundle."""


class BundleVersionError(BundleError):
    """A bundle was written by a newer emoconv than this one."""


class DownloadError(EmoconvError, OSError):
    """A published file could not be fetched whole."""


class HubError(EmoconvError, OSError):
    """The Hugging Face Hub did not give a model, or did not take one.

    Args:
        message: What was tried, what the Hub said, what to do.
        status: The HTTP status of its answer; ``None`` where there was none.
    """

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class MissingExtraError(EmoconvError, ImportError):
    """An optional dependency is not installed.

    Args:
        feature: What needs it, as a noun ("training").
        extra: The extra of the emoconv distribution that brings it ("train").
    """

    def __init__(self, feature: str, *, extra: str) -> None:
        super().__init__(
            f"{feature} needs packages that are not installed: pip install 'emoconv[{extra}]'"
        )
        self.feature, self.extra = feature, extra

    def __reduce__(self) -> tuple[Callable[[], MissingExtraError], tuple[()]]:
        """Copy it, to be raised in another process say."""
        return functools.partial(MissingExtraError, self.feature, extra=self.extra), ()


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'joy'?"`` for the nearest known name, or an empty string.

    Example:
        >>> did_you_mean("jo", ["joy", "anger"])
        "; did you mean 'joy'?"
    """
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
