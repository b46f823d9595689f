"""What a model on the Hugging Face Hub is called. Knows no network."""

from __future__ import annotations

import os
import re
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from emoconv.errors import ConfigError

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["PREFIX", "HubName", "is_hub_name", "parse_name"]

PREFIX = "hub:"
"""What the name of a model on the Hub starts with."""

_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_REVISION = re.compile(r"(?!.*\.\.)[\w.-]+(/[\w.-]+)*", re.ASCII)


class HubName(NamedTuple):
    """A model's name on the Hub, in its parts.

    Attributes:
        repository: ``USER/NAME``.
        revision: A branch, tag or commit; ``None`` for the default branch.
    """

    repository: str
    revision: str | None

    def __str__(self) -> str:
        at = "" if self.revision is None else f"@{self.revision}"
        return f"{PREFIX}{self.repository}{at}"


def is_hub_name(name: str | PathLike[str]) -> bool:
    """Tell whether a model's name is one of the Hub.

    Example:
        >>> is_hub_name("hub:user/name"), is_hub_name("my-model")
        (True, False)
    """
    return _plain(name).startswith(PREFIX)


def parse_name(name: str | PathLike[str]) -> HubName:
    """Return the parts of a name of the Hub.

    Raises:
        ConfigError: It is not of the form.

    Example:
        >>> parse_name("hub:user/name@v1").revision
        'v1'
    """
    plain = _plain(name)
    repository, at, revision = plain.removeprefix(PREFIX).partition("@")
    if not _REPOSITORY.fullmatch(repository) or (at and not _REVISION.fullmatch(revision)):
        raise ConfigError(
            f"{plain!r} is not the name of a model on the Hub; expected {PREFIX}USER/NAME or "
            f"{PREFIX}USER/NAME@REVISION"
        )
    return HubName(repository, revision if at else None)


def _plain(name: str | PathLike[str]) -> str:
    """Return a name as it was typed: a path of Windows has turned its slashes round."""
    return name.as_posix() if isinstance(name, PurePath) else os.fspath(name)
