"""``emoconv push``: a model to the Hugging Face Hub. Parses and prints."""

from __future__ import annotations

from pathlib import Path

import click

from emoconv.cli.export import card_options, say_unstated
from emoconv.export import hub_files
from emoconv.hub import push as push_files

__all__ = ["push"]


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("repository", metavar="USER/NAME")
@card_options
@click.option(
    "--message",
    default="Push a model of emoconv",
    show_default=True,
    metavar="TEXT",
    help="What the commit says of itself.",
)
@click.option(
    "--private",
    is_flag=True,
    help="Make a new repository private; one that is there stays as it is.",
)
def push(
    *,
    folder: Path,
    repository: str,
    licence: str | None,
    language: str | None,
    message: str,
    private: bool,
) -> None:
    """Send the model in FOLDER to a repository on the Hugging Face Hub, as one commit.

    The repository is made if it is not there. You have to be logged in (`hf auth login`), or have
    a token in HF_TOKEN, that may write there.
    """
    name = repository.rpartition("/")[2]
    made = hub_files(folder, name=name, licence=licence, language=language)
    say_unstated(made.unstated)
    commit = push_files(made.files, repository, message=message, private=private)
    click.echo(commit.url)
    click.echo(commit.name)
