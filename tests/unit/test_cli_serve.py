import socket
from dataclasses import fields

import click
import pytest
from click.testing import CliRunner
from starlette.routing import Mount

from emoconv.bundle import write_bundle
from emoconv.cli import main
from emoconv.cli.serve import serve as command
from emoconv.service import Limits
from untrained import untrained_bundle


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own") / "bundle"
    write_bundle(untrained_bundle(), folder)
    return folder


@pytest.fixture
def served(monkeypatch):
    """What would be served, and how, once for each call."""
    calls = []

    def run(app, listening, *, started, **how):
        calls.append({"app": app, "at": listening.getsockname()[:2], **how})
        started()

    monkeypatch.setattr("emoconv.service.server.serve", run)
    monkeypatch.setattr("emoconv.service.logs.set_up", lambda *how: calls.append(how))
    return calls


@pytest.fixture
def run(folder):
    def invoke(*arguments, **env):
        options = ["--port", "0", "--no-page", "--engine", "reference", *arguments]
        environment = {"EMOCONV_SERVE_MODEL": str(folder), **env}
        return CliRunner().invoke(main, ["serve", *options], env=environment)

    return invoke


def done(result):
    assert (0, "", "") == (result.exit_code, result.stdout, result.stderr)


def failed(result, code):
    assert (code, "") == (result.exit_code, result.stdout)
    assert 1 == result.stderr.count("\n")
    return result.stderr.removeprefix("emoconv: error: ").rstrip("\n")


def test_by_default_it_is_served_to_this_machine_alone(run, served):
    done(run())
    form, call = served
    assert ("json", "info") == form
    assert ("127.0.0.1", Limits(), 30, None) == (
        call["at"][0],
        call["limits"],
        call["stop_timeout_s"],
        call["proxies"],
    )


LIMITS = {
    "texts": "--max-texts",
    "characters": "--max-characters",
    "sentences": "--max-sentences",
    "explained": "--max-explained",
    "body_bytes": "--max-body",
    "held_bytes": "--max-held",
    "connections": "--max-connections",
    "concurrency": "--max-concurrency",
    "header_timeout_s": "--header-timeout",
    "body_timeout_s": "--body-timeout",
    "keep_alive_timeout_s": "--keep-alive-timeout",
    "answer_timeout_s": "--timeout",
    "rate": "--rate-limit",
}


def test_every_limit_is_an_option():
    assert [one.name for one in fields(Limits)] == list(LIMITS)


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("way", ["option", "variable"])
def test_a_limit_can_be_set(run, served, name, way):
    value = {"rate": "500/second", "held_bytes": "7654321"}.get(name, "7")
    option = LIMITS[name]
    variable = "EMOCONV_SERVE_" + option[2:].replace("-", "_").upper()
    done(run(option, value) if way == "option" else run(**{variable: value}))
    expected = Limits(**{name: value if name == "rate" else type(getattr(Limits(), name))(value)})
    assert expected == served[-1]["limits"]


def test_every_option_has_an_environment_variable():
    context = click.Context(main)
    found = main.get_command(context, "serve")
    for option in found.params:
        name = max(option.opts, key=len)[2:].replace("-", "_").upper()
        assert f"EMOCONV_SERVE_{name}" == option.envvar
    assert command is found


@pytest.mark.parametrize("way", ["option", "variable"])
def test_how_it_is_served_can_be_set(run, served, way):
    values = {
        "host": "localhost",
        "stop-timeout": "3",
        "proxy": "192.0.2.1",
        "log-format": "text",
        "log-level": "warning",
    }
    if way == "option":
        done(run(*(part for name, value in values.items() for part in (f"--{name}", value))))
    else:
        names = {f"EMOCONV_SERVE_{name.replace('-', '_').upper()}": v for name, v in values.items()}
        done(run(**names))
    form, call = served
    assert ("text", "warning") == form
    assert (3, "192.0.2.1") == (call["stop_timeout_s"], call["proxies"])


def keys_of(served):
    document = served[-1]["app"].openapi()
    return "securitySchemes" in document["components"]


@pytest.mark.usefixtures("served")
def test_keys_come_from_options_a_variable_and_a_file(run, tmp_path, monkeypatch):
    given = []
    monkeypatch.setattr("emoconv.service.app.Keys", given.append, raising=True)
    file = tmp_path / "keys"
    file.write_text("\n three \n\nfour\r\n")
    done(run("--api-key", "one", "--api-key", "two", "--api-key-file", str(file)))
    done(run(EMOCONV_SERVE_API_KEY="five six"))
    done(run())
    assert [("one", "two", "three", "four"), ("five", "six"), ()] == given


def test_a_key_is_asked_for(run, served):
    done(run("--api-key", "one"))
    assert keys_of(served)


@pytest.mark.parametrize(
    ("content", "code", "expected"),
    [
        (None, 2, "no file {path}; expected one with an API key a line"),
        (b"", 2, "{path} has no API key; expected a key a line"),
        (b"\n \n", 2, "{path} has no API key; expected a key a line"),
        (b"k\xff", 1, "{path}: not UTF-8; expected a key a line"),
        (
            b"one\ntwo words\n",
            2,
            (
                "API key 2 of 2 is empty or has characters that a header cannot hold; expected "
                "letters, digits and ASCII signs"
            ),
        ),
    ],
)
def test_a_file_without_keys_is_said(run, tmp_path, content, code, expected):
    path = tmp_path / "keys"
    if content is not None:
        path.write_bytes(content)
    assert expected.format(path=path) == failed(run("--api-key-file", str(path)), code)


def test_a_folder_is_no_file_of_keys(run, tmp_path):
    result = run("--api-key-file", str(tmp_path))
    assert 2 == result.exit_code
    assert "is a directory" in result.stderr


def test_groupings_are_offered(run, served, tmp_path):
    (tmp_path / "moods.json").write_text('{"good": ["joy"]}')
    done(run("--grouping", str(tmp_path / "moods.json")))
    names = served[-1]["app"].openapi()["components"]["schemas"]["DetectRequest"]["properties"]
    assert ["moods"] == names["grouping"]["anyOf"][0]["enum"]


def test_origins_are_let_in(run, served):
    done(run("--cors-origin", "https://example.com", "--cors-origin", "http://localhost:3000"))
    kinds = [one.cls.__name__ for one in served[-1]["app"].user_middleware]
    assert ["Entrance", "CORSMiddleware"] == kinds


@pytest.mark.parametrize("page", [True, False])
def test_there_may_be_a_page(run, served, page):
    done(run("--page" if page else "--no-page"))
    assert page == any(isinstance(route, Mount) for route in served[-1]["app"].routes)


def test_the_browser_is_shown_the_page(run, served, monkeypatch):
    shown = []
    monkeypatch.setattr("click.launch", shown.append)
    done(run("--open"))
    assert [f"http://127.0.0.1:{served[-1]['at'][1]}/"] == shown


def test_on_a_terminal_the_log_is_text(run, served, monkeypatch):
    monkeypatch.setattr("emoconv.cli.serve.is_terminal", lambda _stream: True)
    done(run())
    assert ("text", "info") == served[0]


def test_the_least_confidence_is_that_of_all_requests_that_name_none(run, monkeypatch):
    seen = []
    monkeypatch.setattr(
        "emoconv.cli.serve.EmotionDetector.load", lambda *_, **how: seen.append(how) or 1 / 0
    )
    assert isinstance(run("--min-confidence", "0.5", "--threads", "1").exception, ZeroDivisionError)
    assert [(0.5, 1, "reference")] == [
        (how["min_confidence"], how["threads"], how["engine"]) for how in seen
    ]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--host", "no.such.host.invalid"], "'no.such.host.invalid' is no address of this"),
        (["--rate-limit", "fast"], "'fast' is no rate; expected a number of texts and a time"),
        (["--rate-limit", "9/minute"], "a rate of 9/minute is less than the 256 texts that a"),
        (["--max-held", "5"], "the limit held_bytes is 5, less than one body of 1048576 bytes"),
        (["--timeout", "0"], "the limit answer_timeout_s is 0.0; expected a number above 0"),
        (["--timeout", "nan"], "the limit answer_timeout_s is nan; expected a number above 0"),
        (["--cors-origin", "example.com"], "'example.com' is no origin; expected scheme, host"),
        (["--api-key", ""], "API key 1 of 1 is empty or has characters that a header cannot"),
        (["--grouping", "ekmann"], "no grouping and no file 'ekmann'; did you mean 'ekman'?"),
    ],
)
def test_a_setting_that_cannot_be_is_said(run, options, expected):
    assert failed(run(*options), 2).startswith(expected)


@pytest.mark.parametrize(
    "options",
    [
        ["--port", "65536"],
        ["--max-texts", "0"],
        ["--max-texts", "many"],
        ["--header-timeout", "-1"],
        ["--keep-alive-timeout", "0"],
        ["--log-level", "loud"],
        ["--min-confidence", "2"],
    ],
)
def test_a_value_out_of_its_range_is_a_usage_error(run, options):
    result = run(*options)
    assert 2 == result.exit_code
    assert options[0] in result.stderr


def test_a_model_that_is_not_there_is_said(run, tmp_path):
    assert failed(run("--model", str(tmp_path / "no")), 1).startswith(f"{tmp_path / 'no'}: no such")


def test_a_grouping_that_the_model_cannot_have_is_said(run):
    assert "one of the model's 5 labels" in failed(run("--grouping", "ekman"), 1)


def test_a_port_that_is_taken_is_said(run):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        found = failed(run("--port", str(port)), 1)
    assert found.startswith(f"cannot listen on 127.0.0.1 port {port}: Address already in use; ")
