"""A new folder, written beside its place and moved there whole."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from emoconv.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["check_new", "write_folder"]


def check_new(folder: Path) -> None:
    """Say early that a folder cannot be written.

    Raises:
        ConfigError: Something of that name is there, or the path names no folder (``.``).
    """
    if folder.name in {"", ".."}:
        raise ConfigError(f"{folder} has no name of its own; name the new folder")
    if folder.exists():
        raise ConfigError(f"{folder} is there already; name another place")


def write_folder(folder: Path, files: Mapping[str, bytes | Path]) -> None:
    """Write files into a new folder; its parent is made when missing.

    Args:
        folder: Where they are going to be.
        files: Each file's name with its content, or with the file that is copied.

    Raises:
        ConfigError: As `check_new`.
    """
    check_new(folder)
    unfinished = folder.with_name(folder.name + ".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        for name, content in files.items():
            if isinstance(content, bytes):
                (unfinished / name).write_bytes(content)
            else:
                shutil.copyfile(content, unfinished / name)
        unfinished.rename(folder)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
