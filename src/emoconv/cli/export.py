"""``emoconv export``: a model in another form. Parses and prints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

import click

from emoconv.bundle import shipped_bundle
from emoconv.cli.reading import model_option
from emoconv.errors import ConfigError
from emoconv.export import write_hub_folder, write_onnx_folder

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["card_options", "export", "say_unstated"]

Command = TypeVar("Command", bound="Callable[..., None]")

_CARD_OPTIONS = (
    click.option(
        "--license",
        "licence",
        metavar="NAME",
        help="The licence that the card states, by the Hub's short name of it (apache-2.0, mit); "
        "by default what the card says already.",
    ),
    click.option(
        "--language",
        metavar="CODE",
        help="The language of the texts (en); by default what the card says already.",
    ),
)


def card_options(command: Command) -> Command:
    """Give a command the options for a model card, ``licence`` and ``language``."""
    for option in reversed(_CARD_OPTIONS):
        command = option(command)
    return command


def say_unstated(keys: tuple[str, ...]) -> None:
    """Say on stderr what a model card does not state."""
    for key in keys:
        click.echo(f"emoconv: the model card states no {key}; --{key} does", err=True)


@click.command()
@click.option(
    "--to",
    "form",
    type=click.Choice(("onnx", "hub-folder")),
    required=True,
    help="onnx: a graph from the ids of words to probabilities, with what is needed to feed it. "
    "hub-folder: the files and the card that `emoconv push` sends.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FOLDER",
    help="The new folder.",
)
@model_option
@card_options
def export(
    *,
    form: Literal["onnx", "hub-folder"],
    output: Path,
    model: Path | None,
    licence: str | None,
    language: str | None,
) -> None:
    """Write a model in another form.

    A graph is compared with the engine before it is written.
    """
    folder = shipped_bundle() if model is None else model
    if form == "hub-folder":
        say_unstated(write_hub_folder(folder, output, licence=licence, language=language))
        click.echo(str(output))
        return
    if licence is not None or language is not None:
        raise ConfigError("--license and --language are for --to hub-folder")
    made = write_onnx_folder(folder, output)
    click.echo(
        f"{output}: {made.size_bytes / 1e6:.1f} MB; on {made.checked_texts} texts its "
        f"probabilities are at most {made.largest_difference:.1g} from the engine's"
    )
