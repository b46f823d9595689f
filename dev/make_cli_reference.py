"""Write ``docs/reference/cli.md``: the help page of every command.

Run:  python dev/make_cli_reference.py
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emoconv.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator

TARGET = Path(__file__).parents[1] / "docs/reference/cli.md"
WIDTH = 100
HEAD = """\
# Command line

<!-- Written by dev/make_cli_reference.py; do not edit. -->

Results go to standard output, progress and errors to standard error. A command that fails prints
one line and exits with 1, or with 2 if it was called in a wrong way.
"""


def help_pages(command: click.Command, name: str, parent: click.Context | None) -> Iterator[str]:
    """Yield the section of a command, then those of its commands."""
    settings = {**command.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}
    context = click.Context(command, info_name=name, parent=parent, **settings)
    yield f"\n## {context.command_path}\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            assert found is not None
            yield from help_pages(found, child, context)


def reference() -> str:
    """Return the whole page."""
    return HEAD + "".join(help_pages(main, "emoconv", None))


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(TARGET.read_text(encoding="utf-8") != reference())
    TARGET.write_text(reference(), encoding="utf-8")
