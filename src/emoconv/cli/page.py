"""``emoconv page``: a page that needs no server but one for files. Parses and prints."""

from __future__ import annotations

from pathlib import Path

import click

from emoconv.bundle import shipped_bundle
from emoconv.cli.reading import model_option

__all__ = ["page"]


@click.command()
@click.argument("output", type=click.Path(path_type=Path))
@model_option
@click.option("--overwrite", is_flag=True, help="Replace a page that is there.")
def page(output: Path, *, model: Path | None, overwrite: bool) -> None:
    """Write a page that detects emotions in the browser into the folder OUTPUT.

    It holds the model. Any web server for files can give it out, and texts that are typed there
    never leave the machine.
    """
    from emoconv.page import write_page  # noqa: PLC0415 - help needs no page

    folder = shipped_bundle() if model is None else model
    written = write_page(folder, output, overwrite=overwrite)
    click.echo(
        f"{output}: {written.files} files, {written.total_bytes / 1e6:.1f} MB, of them "
        f"{written.model_bytes / 1e6:.1f} MB of the model; to look at it: "
        f"python -m http.server -d {output}"
    )
