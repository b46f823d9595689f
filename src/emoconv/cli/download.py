"""``emoconv download``: fetch published files. Prints; the fetching is in data."""

from __future__ import annotations

from pathlib import Path

import click

from emoconv.data import COLLECTIONS, cache_folder, fetch

__all__ = ["download"]


def _help() -> str:
    """Return the help text, naming each collection with its size."""
    lines = [
        f"{name}: {', '.join(file.name for file in files)} "
        f"({sum(file.size_bytes for file in files) / 1e6:,.0f} MB)"
        for name, files in COLLECTIONS.items()
    ]
    return (
        "Fetch published data: GoEmotions from Google, GloVe vectors from Stanford.\n\n"
        "Without a name, the official split (goemotions). What is there already is kept, a broken "
        "transfer goes on where it stopped, and every file must have the checksum that is known "
        "for it.\n\n\b\n" + "\n".join(lines)
    )


@click.command(help=_help())
@click.argument("names", nargs=-1, type=click.Choice(list(COLLECTIONS)), metavar="[NAME]...")
@click.option(
    "--to",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to fetch to; by default $EMOCONV_CACHE or the system's cache folder.",
)
@click.option("--mirror", metavar="URL", help="Fetch the files from this address instead.")
@click.option(
    "--retries",
    type=click.IntRange(min=0),
    default=2,
    show_default=True,
    help="How often a failed transfer is tried again.",
)
def download(names: tuple[str, ...], *, to: Path | None, mirror: str | None, retries: int) -> None:
    """Fetch collections and print where each file is."""
    folder = cache_folder() if to is None else to
    for name in names or ("goemotions",):
        for file in fetch(name, to=folder, mirror=mirror, retries=retries, progress=True):
            click.echo(f"{file.path}  {'downloaded' if file.downloaded else 'already there'}")
