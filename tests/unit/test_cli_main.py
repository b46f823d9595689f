import errno
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

import emoconv
from emoconv import cli
from emoconv.cli import main
from emoconv.errors import ConfigError, DataError

COMMANDS = [
    *(
        "detect",
        "explain",
        "words",
        "score",
        "serve",
        "trend",
        "drift",
        "train",
        "tune",
        "finetune",
        "distill",
        "calibrate",
        "evaluate",
    ),
    *(
        "compare",
        "behaviour",
        "info",
        "bench",
        "page",
        "data",
        "export",
        "push",
        "convert",
        "download",
    ),
]


def invoke(*arguments, **options):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], **options)


def test_the_help_lists_every_command():
    result = invoke("--help")
    assert 0 == result.exit_code
    listed = [line.split()[0] for line in result.stdout.partition("Commands:\n")[2].splitlines()]
    assert COMMANDS == listed == main.list_commands(click.Context(main))


def test_help_has_a_short_form():
    assert invoke("--help").stdout == invoke("-h").stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command):
    result = invoke(command, "--help")
    assert (0, "") == (result.exit_code, result.stderr)
    assert f"Usage: main {command} " in result.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_the_line_in_the_list_is_a_command_that_is_there(command):
    context = click.Context(main)
    assert command == main.get_command(context, command).name


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_has_a_variable_of_its_own_name(command):
    context = click.Context(main)
    found = main.get_command(context, command)
    leaves = [(command, found)]
    leaves += [(f"{command}_{name}", one) for name, one in getattr(found, "commands", {}).items()]
    for name, leaf in leaves:
        for option in (one for one in leaf.params if isinstance(one, click.Option)):
            variable = f"EMOCONV_{name}_{max(option.opts, key=len)[2:]}"
            assert variable.replace("-", "_").upper() == option.envvar


def test_an_option_can_be_given_as_a_variable_that_is_called_as_it_is():
    result = invoke("serve", env={"EMOCONV_SERVE_MAX_TEXTS": "none"})
    assert 2 == result.exit_code
    assert "--max-texts" in result.stderr


def test_the_version_is_the_packages():
    assert f"emoconv, version {emoconv.__version__}\n" == invoke("--version").stdout


def test_an_unknown_option_says_what_may_have_been_meant():
    result = invoke("detect", "--modle", "x")
    assert 2 == result.exit_code
    assert "No such option" in result.stderr
    assert "Did you mean" in result.stderr
    assert "--model" in result.stderr


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (DataError("bad", path="a.tsv", line=3), 1, "a.tsv:3: bad"),
        (ConfigError("wrong"), 2, "wrong"),
        (DataError("two\nlines \t here"), 1, "two lines here"),
        (PermissionError(13, "Permission denied", "/x"), 1, "/x: Permission denied"),
        (OSError("odd"), 1, "input or output: odd"),
    ],
)
def test_an_error_is_one_line_and_an_exit_code(monkeypatch, error, code, line):
    @click.command()
    def failing():
        raise error

    monkeypatch.setattr(main, "get_command", lambda _context, _name: failing)
    result = invoke("info")
    assert (code, "", f"emoconv: error: {line}\n") == (
        result.exit_code,
        result.stdout,
        result.stderr,
    )


def test_a_reader_that_has_gone_is_no_error_to_speak_of(monkeypatch):
    @click.command()
    def failing():
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(main, "get_command", lambda _context, _name: failing)
    assert "" == invoke("info").stderr


def test_a_mistake_of_ours_is_not_hidden(monkeypatch):
    @click.command()
    def failing():
        raise ZeroDivisionError

    monkeypatch.setattr(main, "get_command", lambda _context, _name: failing)
    assert ZeroDivisionError is type(invoke("info").exception)


def test_output_that_is_no_text_stream_is_left_alone(monkeypatch):
    monkeypatch.setattr(cli.sys, "stdout", None)
    main.callback()


def test_output_is_utf8_whatever_the_locale(tiny_bundle):
    code = "from emoconv.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "detect", "--model", str(tiny_bundle), "café 😀"],
        env={"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"},
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode("utf-8").startswith("café 😀\t")


def test_a_command_that_is_not_there_is_met_with_the_nearest_one():
    result = CliRunner().invoke(main, ["detct", "hi"])
    assert 2 == result.exit_code
    assert "no command 'detct'; did you mean 'detect'? (known: detect, explain," in result.output
