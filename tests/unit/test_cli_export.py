import json
import re

import pytest
from click.testing import CliRunner

from emoconv.bundle import write_bundle
from emoconv.cli import main
from emoconv.hub import find_folder
from hubs import WRITER, connections, standing_in
from untrained import untrained_bundle

NAME = "someone/moods"
UNSTATED = (
    "emoconv: the model card states no license; --license does\n"
    "emoconv: the model card states no language; --language does\n"
)

# huggingface_hub itself uploads in a way that its own HTTP library has grown tired of
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=")


@pytest.fixture(scope="module", autouse=True)
def _connections():
    with connections():
        yield


@pytest.fixture
def hub(tmp_path, monkeypatch):
    with standing_in(tmp_path, monkeypatch) as made:
        yield made


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli_export") / "model"
    write_bundle(untrained_bundle(), folder, card="# Moods\n")
    return folder


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_a_graph_is_written_and_its_distance_said(model, tmp_path):
    result = run("export", "--to", "onnx", "--model", model, "--output", tmp_path / "out")
    assert (0, "") == (result.exit_code, result.stderr)
    expected = (
        rf"{re.escape(str(tmp_path))}/out: 0\.0 MB; on 200 texts its probabilities are at most "
        r"\de-0\d from the engine's\n"
    )
    assert re.fullmatch(expected, result.stdout)
    assert (tmp_path / "out/model.onnx").is_file()


def test_the_model_of_the_package_is_the_default(tmp_path):
    result = run("export", "--to", "onnx", "--output", tmp_path / "out")
    assert ": 8.8 MB; on 200 texts" in result.stdout


def test_a_hub_folder_is_written_and_what_its_card_lacks_said(model, tmp_path):
    result = run("export", "--to", "hub-folder", "--model", model, "--output", tmp_path / "out")
    assert (0, f"{tmp_path / 'out'}\n", UNSTATED) == (
        result.exit_code,
        result.stdout,
        result.stderr,
    )


def test_licence_and_language_are_stated(model, tmp_path):
    options = ("--license", "mit", "--language", "en")
    result = run(
        "export", "--to", "hub-folder", "--model", model, "--output", tmp_path / "out", *options
    )
    assert (0, "") == (result.exit_code, result.stderr)
    card = (tmp_path / "out/README.md").read_text(encoding="utf-8")
    assert card.startswith("---\nlicense: mit\nlanguage: en\n")


@pytest.mark.parametrize("option", ["--license", "--language"])
def test_a_graph_has_no_card_for_the_hub(model, tmp_path, option):
    result = run(
        "export", "--to", "onnx", "--model", model, "--output", tmp_path / "out", option, "en"
    )
    expected = "emoconv: error: --license and --language are for --to hub-folder\n"
    assert (2, expected) == (result.exit_code, result.stderr)
    assert [] == list(tmp_path.iterdir())


def test_what_is_there_is_left_alone(model, tmp_path):
    result = run("export", "--to", "onnx", "--model", model, "--output", tmp_path)
    expected = f"emoconv: error: {tmp_path} is there already; name another place\n"
    assert (2, expected) == (result.exit_code, result.stderr)


def test_a_model_is_pushed_and_its_pinned_name_said(model, hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", WRITER)
    result = run("push", model, NAME, "--license", "mit", "--language", "en")
    assert 0 == result.exit_code
    (commit,) = hub.repositories[NAME].commits
    url, name = result.stdout.splitlines()
    assert url.endswith(f"/{NAME}/commit/{commit}")
    assert f"hub:{NAME}@{commit}" == name
    card = hub.repositories[NAME].commits[commit]["README.md"].decode()
    assert card.startswith("---\nlicense: mit\n")
    info = run("info", "--model", name, "--json")
    assert (0, 22) == (info.exit_code, json.loads(info.stdout)["model"]["vocabulary"])


@pytest.mark.usefixtures("hub")
def test_a_pushed_card_says_what_it_lacks(model, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", WRITER)
    assert run("push", model, NAME).stderr.startswith(UNSTATED)


def test_a_model_may_be_pushed_in_private(model, hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", WRITER)
    run("push", model, NAME, "--private")
    assert hub.repositories[NAME].private


def test_a_push_without_leave_is_one_line(model, hub):
    result = run("push", model, NAME, "--license", "mit", "--language", "en")
    expected = (
        f"emoconv: error: cannot push to hub:{NAME}: the Hub answered 401, Invalid username or "
        "password; you may not write there; log in (hf auth login) or set HF_TOKEN, with a token "
        "that may\n"
    )
    assert (1, "", expected) == (result.exit_code, result.stdout, result.stderr)
    assert {} == hub.repositories


def test_what_is_no_bundle_is_not_pushed(tmp_path, hub):
    result = run("push", tmp_path, NAME)
    assert (1, f"emoconv: error: {tmp_path}: no bundle: it has no config.json\n") == (
        result.exit_code,
        result.stderr,
    )
    assert [] == hub.requests


def test_a_token_is_no_option():
    for command in ("push", "export"):
        assert "token" not in re.sub("HF_TOKEN|have\\s+a token", "", run(command, "--help").stdout)


@pytest.mark.parametrize("command", ["detect", "words", "info", "explain"])
def test_a_command_takes_a_model_of_the_hub(model, hub, command):
    commit = hub.add(NAME, {path.name: path.read_bytes() for path in model.iterdir()})
    texts = ["so happy"] if command in {"detect", "explain"} else []
    result = run(command, *texts, "--model", f"hub:{NAME}@{commit}")
    assert (0, "") == (result.exit_code, result.stderr)
    local = run(command, *texts, "--model", model).stdout
    folder = find_folder(f"hub:{NAME}@{commit}")
    sizes = re.compile(r" \(0\.\d MB\)")  # the card is not fetched
    assert sizes.sub("", local) == sizes.sub("", result.stdout.replace(str(folder), str(model)))


def test_a_model_of_the_hub_may_come_from_the_environment(model, hub, monkeypatch):
    commit = hub.add(NAME, {path.name: path.read_bytes() for path in model.iterdir()})
    monkeypatch.setenv("EMOCONV_DETECT_MODEL", f"hub:{NAME}@{commit}")
    assert 0 == run("detect", "so happy").exit_code


@pytest.mark.parametrize(
    ("name", "code", "line"),
    [
        (
            "hub:someone",
            2,
            "'hub:someone' is not the name of a model on the Hub; expected hub:USER",
        ),
        (
            f"hub:{NAME}",
            1,
            f"cannot fetch hub:{NAME}: the Hub answered 401; there is no such",
        ),
    ],
)
@pytest.mark.usefixtures("hub")
def test_a_model_that_cannot_be_had_is_one_line(name, code, line):
    result = run("detect", "so happy", "--model", name)
    assert (code, "", 1) == (result.exit_code, result.stdout, result.stderr.count("\n"))
    assert result.stderr.startswith(f"emoconv: error: {line}")
