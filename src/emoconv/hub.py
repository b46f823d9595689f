"""Models on the Hugging Face Hub: a name becomes a folder, a folder becomes a repository.

A model's name is the path of its folder, or ``hub:USER/NAME@REVISION``. Of a repository only the
files of a bundle are fetched, into the cache of ``huggingface_hub`` (extra ``hub``), each of the
size that the bundle's head says; who reads the folder compares the rest. Nothing that is fetched
is run. What is in the cache is read without a network. Tokens are those that ``huggingface_hub``
finds in its own places.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple

from emoconv.bundle import shipped_bundle
from emoconv.errors import (
    BundleError,
    ConfigError,
    DownloadError,
    EmoconvError,
    MissingExtraError,
)
from emoconv.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from os import PathLike

__all__ = ["BUNDLE_FILES", "PREFIX", "Pushed", "find_folder", "is_hub_name", "push"]

PREFIX = "hub:"
"""What the name of a model on the Hub starts with."""

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

_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_REVISION = re.compile(r"(?!.*\.\.)[\w.-]+(/[\w.-]+)*", re.ASCII)
_COMMIT = re.compile("[0-9a-f]{40}")
_LARGEST_HEAD_BYTES = 2**24
_LARGEST_FILE_BYTES = 2**31
"""A bundle of 100,000 words with vectors of 300 float32 takes an eighth of a gigabyte."""
_NO_ACCESS = (401, 403)

_LOG = logging.getLogger(__name__)


class _Name(NamedTuple):
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


class Pushed(NamedTuple):
    """A commit on the Hub.

    Attributes:
        name: What to load it by, its commit pinned.
        url: Where people look at it.
    """

    name: str
    url: str


def is_hub_name(name: str | PathLike[str]) -> bool:
    """Tell whether a model's name is one of the Hub.

    Example:
        >>> is_hub_name("hub:user/name"), is_hub_name("my-model")
        (True, False)
    """
    return _plain(name).startswith(PREFIX)


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
        DownloadError: It is not there, may not be read, or cannot be reached and is not in the
            cache.
        MissingExtraError: It is on the Hub, and ``huggingface_hub`` is not installed.
    """
    if name is None:
        return shipped_bundle()
    return _fetch(_parse(_plain(name))) if is_hub_name(name) else Path(name)


def push(
    files: Mapping[str, Path | bytes], repository: str, *, message: str, private: bool = False
) -> Pushed:
    """Send files to a repository on the Hub as one commit; make the repository if need be.

    Args:
        files: Each file's name with its content, or with the file that holds it.
        repository: ``USER/NAME``.
        message: Of the commit.
        private: A new repository is for those who are let in only; one that is there stays as
            it is.

    Raises:
        ConfigError: The repository's name is not of that form.
        DownloadError: The Hub cannot be reached or does not let you write there.
        MissingExtraError: ``huggingface_hub`` is not installed.
    """
    name = _parse(PREFIX + repository)
    if name.revision is not None:
        raise ConfigError(f"{repository!r} names a revision; a push makes a new one")
    with _errors_of_the_hub(name, writing=True):
        from huggingface_hub import CommitOperationAdd, HfApi  # noqa: PLC0415 - an extra

        hub = HfApi(library_name="emoconv", library_version=__version__)
        hub.create_repo(name.repository, private=private or None, exist_ok=True)
        made = hub.create_commit(
            name.repository,
            [CommitOperationAdd(path, content) for path, content in files.items()],
            commit_message=message,
        )
    return Pushed(str(name._replace(revision=made.oid)), made.commit_url)


def _plain(name: str | PathLike[str]) -> str:
    """Return a name as it was typed: a path of Windows has turned its slashes round."""
    return name.as_posix() if isinstance(name, PurePath) else os.fspath(name)


def _parse(name: str) -> _Name:
    repository, at, revision = name.removeprefix(PREFIX).partition("@")
    if not _REPOSITORY.fullmatch(repository) or (at and not _REVISION.fullmatch(revision)):
        raise ConfigError(
            f"{name!r} is not the name of a model on the Hub; expected {PREFIX}USER/NAME or "
            f"{PREFIX}USER/NAME@REVISION"
        )
    return _Name(repository, revision if at else None)


def _fetch(name: _Name) -> Path:
    """Return the folder of the cache that holds a repository's bundle whole."""
    with _errors_of_the_hub(name):
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


def _cached(name: _Name, file: str) -> Path:
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
    name: _Name, file: str, *, exactly: int | None = None, at_most: int | None = None
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
        raise DownloadError(f"{name}: the Hub does not say how large {file} is")
    if exactly is not None and found != exactly:
        raise BundleError(
            f"{name}: {file} has {found} bytes where {_HEAD} says {exactly}; "
            "the bundle is not whole: its owner should push it again"
        )
    if at_most is not None and found > at_most:
        raise BundleError(f"{name}: {file} has {found} bytes, too many for an emoconv bundle's")


def _sizes(name: _Name, head: Path) -> dict[str, int]:
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


@contextlib.contextmanager
def _errors_of_the_hub(name: _Name, *, writing: bool = False) -> Iterator[None]:
    """Turn the errors of ``huggingface_hub`` into one line each."""
    try:
        from huggingface_hub import errors  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError("a model on the Hub", extra="hub") from error
    try:
        yield
    except EmoconvError:
        raise
    except (OSError, RuntimeError, ValueError, errors.HTTPError) as error:  # type: ignore[attr-defined] # of the library beneath
        if isinstance(error, OSError) and error.errno is not None:  # of this machine's disk
            raise
        raise _in_one_line(name, error, writing=writing) from None


def _in_one_line(name: _Name, error: Exception, *, writing: bool) -> EmoconvError:
    from huggingface_hub import errors  # noqa: PLC0415 - an extra

    if isinstance(error, errors.HFValidationError):
        return ConfigError(f"{name}: {error}")
    if isinstance(error, errors.LocalEntryNotFoundError):
        cause = error.__cause__
        return DownloadError(f"{name}: not all of it is in the cache, and {_reason(cause)}")
    if isinstance(error, errors.RemoteEntryNotFoundError):
        file = str(error.response.url).rpartition("/")[2]
        return BundleError(f"{name}: not an emoconv bundle: it has no {file}")
    if isinstance(error, errors.GatedRepoError):
        why = "its owner has to let you in first: ask on its page, then log in: hf auth login"
    elif isinstance(error, errors.RevisionNotFoundError):
        why = "the repository has no such revision"
    elif writing and _status(error) in _NO_ACCESS:
        why = "the Hub does not let you write there; log in with a token that may: hf auth login"
    elif isinstance(error, errors.RepositoryNotFoundError) or _status(error) in _NO_ACCESS:
        why = (
            "there is no such model that you may read; check the name, or log in if it is private: "
            "hf auth login"
        )
    else:
        why = _reason(error)
    return DownloadError(f"{name}: {why}")


def _status(error: BaseException | None) -> int | None:
    """Return the status with which a server answered, if one did."""
    return getattr(getattr(error, "response", None), "status_code", None)


def _reason(error: BaseException | None) -> str:
    """Say why the Hub did not give or take something."""
    if isinstance(error, RuntimeError) and error.__cause__ is not None:  # an upload that broke off
        return _reason(error.__cause__)
    if type(error).__name__ == "OfflineModeIsEnabled":
        return "HF_HUB_OFFLINE is set"
    if _status(error) is not None:
        return f"the Hub answered {_status(error)}"
    return f"the Hub could not be reached ({' '.join(str(error).split()) or type(error).__name__})"
