"""From a model's name to its folder, which is fetched if it is on the Hugging Face Hub."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from emoconv.bundle import shipped_bundle
from emoconv.errors import BundleError, HubError
from emoconv.hub.failures import failing_in_one_line
from emoconv.hub.names import is_hub_name, parse_name
from emoconv.version import __version__

if TYPE_CHECKING:
    from os import PathLike

    from emoconv.hub.names import HubName

__all__ = ["BUNDLE_FILES", "find_folder"]

_HEAD = "config.json"

BUNDLE_FILES = (
    _HEAD,
    "labels.json",
    "vocabulary.json",
    "thresholds.json",
    "calibration.json",
    "weights.safetensors",
    "history.jsonl",
)
"""The files that make a bundle (`emoconv.bundle`); a model card may stand beside them."""

_LARGEST_HEAD_BYTES = 2**24
_LARGEST_FILE_BYTES = 2**31
"""A bundle of 100,000 words with vectors of 300 float32 takes an eighth of a gigabyte."""

_LOG = logging.getLogger("emoconv.hub")


def find_folder(name: str | PathLike[str] | None) -> Path:
    """Return the folder of a model, which is fetched if it is on the Hub.

    Where the name does not pin a commit, a line of the log says which one was taken and how to
    pin it. Without a network, or with ``HF_HUB_OFFLINE``, what was fetched before is taken.

    Args:
        name: A folder; ``hub:USER/NAME``, of the default branch, or ``hub:USER/NAME@REVISION``, of
            a branch, a tag or (pinned) a commit's 40 digits; ``None`` for the model of the package.

    Raises:
        ConfigError: A name of the Hub is not of that form.
        BundleError: The repository holds no bundle.
        HubError: It is not there, may not be read, or cannot be reached and is not in the cache.
        MissingExtraError: It is on the Hub, and ``huggingface_hub`` is not installed.
    """
    if name is None:
        return shipped_bundle()
    return _fetch(parse_name(name)) if is_hub_name(name) else Path(name)


def _fetch(name: HubName) -> Path:
    """Return the folder of the cache that holds a repository's bundle whole."""
    with failing_in_one_line(name):
        _check_size(name, _HEAD, at_most=_LARGEST_HEAD_BYTES)
        head = _cached(name, _HEAD)
        commit = head.parent.name
        pinned = name._replace(revision=commit)
        for file, size in _sizes(name, head).items():
            _check_size(pinned, file, exactly=size)
            _cached(pinned, file)
    if name != pinned:
        _LOG.warning("%s is commit %s now; to stay with it: %s", name, commit[:12], pinned)
    return head.parent


def _cached(name: HubName, file: str) -> Path:
    from huggingface_hub import hf_hub_download  # noqa: PLC0415 - an extra

    return Path(
        hf_hub_download(
            name.repository,
            file,
            revision=name.revision,
            library_name="emoconv",
            library_version=__version__,
        )
    )


def _check_size(
    name: HubName, file: str, *, exactly: int | None = None, at_most: int | None = None
) -> None:
    """Compare a file's size on the Hub with what it should be, before the file is fetched."""
    from huggingface_hub import hf_hub_download  # noqa: PLC0415 - an extra

    found = hf_hub_download(
        name.repository,
        file,
        revision=name.revision,
        library_name="emoconv",
        library_version=__version__,
        dry_run=True,
    ).file_size
    if found is None:
        raise HubError(
            f"cannot fetch {name}: the Hub does not say how large {file} is; its owner should push "
            "it again"
        )
    if exactly is not None and found != exactly:
        raise BundleError(
            f"{name}: {file} has {found} bytes where {_HEAD} says {exactly}; "
            "the bundle is not whole: its owner should push it again"
        )
    if at_most is not None and found > at_most:
        raise BundleError(f"{name}: {file} has {found} bytes, too many for an emoconv bundle's")


def _sizes(name: HubName, head: Path) -> dict[str, int]:
    """Return the size that the head of a bundle says of each other file.

    Raises:
        BundleError: It is no such head, or a file would be very large.
    """
    others = BUNDLE_FILES[1:]
    try:
        files = json.loads(head.read_bytes())["files"]
        sizes: dict[str, int] = {file: int(files[file]["bytes"]) for file in others}
    except (KeyError, RecursionError, TypeError, ValueError):
        raise BundleError(f"{name}: its {_HEAD} is not the head of an emoconv bundle") from None
    for file, size in sizes.items():
        if not 0 <= size <= _LARGEST_FILE_BYTES:
            raise BundleError(f"{name}: {file} is said to have {size} bytes, too many to fetch")
    return sizes
