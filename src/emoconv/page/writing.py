"""Writing the page with a model beside it: a folder that any web server can give out.

Knows files, and nothing of what they do in a browser.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from emoconv.bundle import read_bundle
from emoconv.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["WrittenPage", "check_destination", "write_page"]

_HEAD = "page.json"
"""Tells the page who answers and what the model weighs, and tells us that a folder is ours."""

_MODEL = "model"
_MODEL_FILES = (
    "config.json",
    "labels.json",
    "vocabulary.json",
    "thresholds.json",
    "calibration.json",
    "weights.safetensors",
)
"""What the engine reads of a bundle; the training's history and the card stay at home."""

_CHARACTERS = "text/characters.json"


class WrittenPage(NamedTuple):
    """A page that was written.

    Attributes:
        files: How many files it has.
        model_bytes: What those of the model take.
        total_bytes: What all take.
    """

    files: int
    model_bytes: int
    total_bytes: int


def check_destination(output: Path, *, overwrite: bool) -> None:
    """Say early that a page cannot be written to a folder.

    Args:
        output: Where it is to be.
        overwrite: Whether a page that is there may be replaced.

    Raises:
        ConfigError: The path names no folder; or something is there already and may not be
            replaced, or is no page, or holds files that are not of the page.
    """
    if output.name in {"", ".."}:
        raise ConfigError(f"{output} has no name of its own; name the new folder")
    if not output.exists():
        return
    if not overwrite:
        raise ConfigError(f"{output} is there already; name another folder, or give --overwrite")
    written = _written(output)
    strange = next((name for name in _names(output) if name not in written), None)
    if strange is not None:
        raise ConfigError(
            f"{output / strange} is not of the page, and replacing {output} would remove it; put "
            "it elsewhere or name another folder"
        )


def write_page(bundle: Path, output: Path, *, overwrite: bool = False) -> WrittenPage:
    """Write the page and a model into a folder, beside its place first, then move it there.

    Args:
        bundle: The folder of a bundle.
        output: The page's folder; its parent is made when missing.
        overwrite: Replace a page that is there.

    Raises:
        ConfigError: As `check_destination`.
        BundleError: ``bundle`` is no whole bundle.
        BundleVersionError: It was written by a newer emoconv.
    """
    check_destination(output, overwrite=overwrite)
    read_bundle(bundle)  # or say what is wrong with it before anybody else reads it
    package = Path(str(resources.files("emoconv")))
    model = {f"{_MODEL}/{name}": bundle / name for name in _MODEL_FILES}
    model[f"{_MODEL}/characters.json"] = package / _CHARACTERS
    static = package / "page/static"
    files = {name: static / name for name in _names(static)} | model
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{output.name}.", dir=output.parent) as room:
        unfinished, replaced = Path(room) / "page", Path(room) / "replaced"
        for name, source in files.items():
            (unfinished / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, unfinished / name)
        sizes = {name: (unfinished / name).stat().st_size for name in files}
        head = json.dumps(_head(sizes), indent=2) + "\n"
        (unfinished / _HEAD).write_text(head, encoding="utf-8")
        if output.exists():
            output.rename(replaced)
        unfinished.rename(output)
    return WrittenPage(
        files=len(sizes) + 1,
        model_bytes=sum(sizes[name] for name in model),
        total_bytes=sum(sizes.values()) + len(head),
    )


def _head(sizes: dict[str, int]) -> dict[str, object]:
    """Return what page.json says, given the size of every other file."""
    start = f"{_MODEL}/"
    return {
        "mode": "browser",
        "model": start,
        "files": {
            name.removeprefix(start): size for name, size in sizes.items() if name.startswith(start)
        },
        "written": [*sizes, _HEAD],
    }


def _written(folder: Path) -> set[str]:
    """Return the names of the files that were written into a page's folder.

    Raises:
        ConfigError: It is no page's.
    """
    try:
        head = json.loads((folder / _HEAD).read_bytes())
        if head["mode"] == "browser":
            return {str(name) for name in head["written"]}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass  # said below
    raise ConfigError(f"{folder} is there and is no page of emoconv; name another folder")


def _names(folder: Path) -> Iterator[str]:
    """Yield the names of a folder's files, and of those in folders below, in order."""
    for path in sorted(folder.rglob("*")):
        if not path.is_dir() or path.is_symlink():
            yield path.relative_to(folder).as_posix()
