"""The command line: parse, call, print. The work is elsewhere.

Each command's module is imported when its command is asked for, so that ``emoconv detect`` does
not wait for what training needs.
"""

from __future__ import annotations

import importlib
import io
import sys
from typing import NoReturn, cast

import click

from emoconv.errors import ConfigError, EmoconvError, did_you_mean
from emoconv.version import __version__

__all__ = ["main"]

_COMMANDS = {
    "detect": "Show the emotions in texts.",
    "explain": "Show which phrases speak for and against emotions.",
    "words": "List the strongest phrases of emotions.",
    "score": "Score files of any size.",
    "serve": "Serve a page and an API.",
    "trend": "Follow the emotions of scored texts over time.",
    "drift": "Tell whether new texts look like the old.",
    "train": "Train a model on labelled texts.",
    "tune": "Search for a better recipe to train by.",
    "finetune": "Fine-tune a transformer to be a teacher.",
    "distill": "Train a model on what teachers say of many texts.",
    "calibrate": "Fit probabilities and cuts to labelled texts, without training.",
    "evaluate": "Measure a model on labelled texts.",
    "compare": "Tell which of two models is better on labelled texts.",
    "behaviour": "Ask a model what short texts were written to ask.",
    "info": "Describe a model and this installation.",
    "bench": "Measure how fast emoconv is on this machine.",
    "page": "Write a page that detects emotions in the browser.",
    "data": "Look at data files before a model does, and count raters' votes.",
    "export": "Write a model in another form.",
    "push": "Send a model to the Hugging Face Hub.",
    "convert": "Make a model of one that Keras saved.",
    "download": "Fetch published data: GoEmotions and GloVe vectors.",
}
"""Each command with its line in the list; its module is ``emoconv.cli.<name>``."""


class _Commands(click.Group):
    """A group that imports a command when it is called, and prints errors on one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            hint = did_you_mean(cmd_name, _COMMANDS)
            ctx.fail(f"no command {cmd_name!r}{hint} (known: {', '.join(_COMMANDS)})")
        module = importlib.import_module(f"emoconv.cli.{cmd_name}")
        command = cast("click.Command", getattr(module, cmd_name))
        _name_variables(command, f"EMOCONV_{cmd_name}")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except EmoconvError as error:
            _fail(str(error), code=2 if isinstance(error, ConfigError) else 1)
        except BrokenPipeError:  # the reader, `head` perhaps, has what it wanted
            raise
        except OSError as error:
            _fail(f"{error.filename or 'input or output'}: {error.strerror or error}", code=1)


def _name_variables(command: click.Command, prefix: str) -> None:
    """Call each option's environment variable as the option is called, and not as our parameter.

    Args:
        command: A command, or a group of them.
        prefix: What the names begin with.
    """
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            name = max(parameter.opts, key=len).lstrip("-")
            parameter.envvar = f"{prefix}_{name}".replace("-", "_").upper()
    for name, inner in getattr(command, "commands", {}).items():
        _name_variables(inner, f"{prefix}_{name}")


def _fail(message: str, *, code: int) -> NoReturn:
    click.echo(f"emoconv: error: {' '.join(message.split())}", err=True)
    sys.exit(code)


@click.group(
    cls=_Commands,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
    },
)
@click.version_option(__version__, prog_name="emoconv")
def main() -> None:
    """Detect fine-grained emotions in text: many emotions per text, no GPU, no torch.

    Every option can also be given as an environment variable: EMOCONV_, the command, the option,
    in capitals (EMOCONV_DETECT_MODEL).
    """
    if isinstance(sys.stdout, io.TextIOWrapper):  # UTF-8 in, UTF-8 out, whatever the locale
        sys.stdout.reconfigure(encoding="utf-8")
