"""From files to a commit in a repository on the Hugging Face Hub."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emoconv.errors import ConfigError
from emoconv.hub.failures import failing_in_one_line
from emoconv.hub.names import PREFIX, parse_name
from emoconv.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Pushed", "push"]


class Pushed(NamedTuple):
    """A commit on the Hub.

    Attributes:
        name: What to load it by, its commit pinned.
        url: Where people look at it.
    """

    name: str
    url: str


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
        HubError: The Hub cannot be reached, does not let you write there, or refuses a file.
        MissingExtraError: ``huggingface_hub`` is not installed.
    """
    name = parse_name(PREFIX + repository)
    if name.revision is not None:
        raise ConfigError(f"{repository!r} names a revision; a push makes a new one")
    with failing_in_one_line(name, writing=True):
        from huggingface_hub import CommitOperationAdd, HfApi  # noqa: PLC0415 - an extra

        hub = HfApi(library_name="emoconv", library_version=__version__)
        hub.create_repo(name.repository, private=private or None, exist_ok=True)
        made = hub.create_commit(
            name.repository,
            [CommitOperationAdd(path, content) for path, content in files.items()],
            commit_message=message,
        )
    return Pushed(str(name._replace(revision=made.oid)), made.commit_url)
