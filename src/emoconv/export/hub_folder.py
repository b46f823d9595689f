"""A bundle's files with a model card that the Hugging Face Hub understands."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emoconv.bundle import read_bundle, read_card
from emoconv.export.card import hub_card
from emoconv.export.writing import check_new, write_folder
from emoconv.hub import BUNDLE_FILES

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["HubFiles", "hub_files", "write_hub_folder"]

_CARD = "README.md"


class HubFiles(NamedTuple):
    """What a repository of a model holds.

    Attributes:
        files: Each file's name with the file, or with its content.
        unstated: As of `emoconv.export.card.HubCard`.
    """

    files: dict[str, Path | bytes]
    unstated: tuple[str, ...]


def hub_files(
    model: Path, *, name: str, licence: str | None = None, language: str | None = None
) -> HubFiles:
    """Return what a repository of a model holds.

    Args:
        model: The folder of a bundle.
        name: As `emoconv.export.card.hub_card`.
        licence: Same.
        language: Same.

    Raises:
        BundleError: The folder is no whole bundle.
        BundleVersionError: It was written by a newer emoconv.
        DataError: Its card's metadata cannot be read.
        MissingExtraError: The extra ``hub`` is not installed.
    """
    bundle = read_bundle(model)
    card = hub_card(
        bundle, read_card(model), path=model / _CARD, name=name, licence=licence, language=language
    )
    files: dict[str, Path | bytes] = {file: model / file for file in BUNDLE_FILES}
    return HubFiles(files | {_CARD: card.text.encode()}, card.unstated)


def write_hub_folder(
    model: Path, output: Path, *, licence: str | None = None, language: str | None = None
) -> tuple[str, ...]:
    """Write the folder that `emoconv.hub.push` sends; it is a bundle too.

    Args:
        model: The folder of a bundle.
        output: The new folder.
        licence: As `emoconv.export.card.hub_card`.
        language: Same.

    Returns:
        What its card does not state, as of `HubFiles`.

    Raises:
        ConfigError: There is something at ``output`` already; other errors are those of
            `hub_files`.
    """
    check_new(output)
    made = hub_files(model, name=output.name, licence=licence, language=language)
    write_folder(output, made.files)
    return made.unstated
