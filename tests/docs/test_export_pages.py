"""What the pages on export, the Hub and migration show can be run as it stands, and is so."""

import dataclasses
import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from emoconv.bundle import read_bundle
from emoconv.cli import main
from emoconv.hub import find_folder
from hubs import READER, WRITER, Repository, connections, standing_in
from keras_files import random_network, write_h5

ROOT = Path(__file__).parents[2]
COMMIT = "0123456789abcdef0123456789abcdef01234567"

# huggingface_hub itself uploads in a way that its own HTTP library has grown tired of
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=")


def blocks(page, language):
    text = (ROOT / "docs/how-to" / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


def commands(page):
    """The emoconv commands of a page."""
    words = [shlex.split(line) for block in blocks(page, "bash") for line in block.splitlines()]
    return [w[1:] for w in words if w[0] == "emoconv"]


def run(words, capsys):
    """Run a command and return what it prints."""
    capsys.readouterr()
    main(words, prog_name="emoconv", standalone_mode=False)
    return capsys.readouterr().out


def without_numbers(text):
    return re.sub(r"\d[\d.,]*(e-\d+)?", "N", text)


def test_the_export_page_runs(tiny_bundle, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(tiny_bundle, "my-model")
    (export,) = commands("export.md")
    printed = run(export, capsys)
    assert without_numbers(blocks("export.md", "text")[0]) == without_numbers(printed)
    names = {}
    for block in blocks("export.md", "python"):
        exec(compile(block, "export.md", "exec"), names)  # noqa: S102 - our own page
    assert (3, 28) == names["probabilities"].shape
    page = (ROOT / "docs/how-to/export.md").read_text(encoding="utf-8")
    files = set(re.findall(r"^\| (`.*?) \|", page, re.MULTILINE))
    listed = {name for cell in files for name in re.findall("`([^`]+)`", cell)}
    assert listed == {path.name for path in Path("exported").iterdir()}


def test_the_page_on_the_hub_runs(tiny_bundle, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(tiny_bundle, "my-model")
    with connections(), standing_in(tmp_path, monkeypatch) as hub:
        monkeypatch.setenv("HF_TOKEN", WRITER)
        files = {path.name: path.read_bytes() for path in tiny_bundle.iterdir()}
        hub.repositories["someone/moods"] = Repository({COMMIT: files}, {"main": COMMIT})
        names = {}
        for block in blocks("hub.md", "python"):
            exec(compile(block, "hub.md", "exec"), names)  # noqa: S102 - our own page
        printed = [run(words, capsys) for words in commands("hub.md")]
        commit = hub.repositories["someone/moods"].refs["main"]
    assert ["detect", "push", "export"] == [words[0] for words in commands("hub.md")]
    shown = blocks("hub.md", "text")[1].replace(COMMIT, commit).splitlines()
    url, name = printed[1].splitlines()
    assert (shown[0].rpartition("/someone")[2], shown[1]) == (url.rpartition("/someone")[2], name)
    assert read_bundle(Path("moods")).fingerprint() == read_bundle(tiny_bundle).fingerprint()


def test_the_line_of_a_model_that_is_not_pinned_is_the_pages(
    tiny_bundle, tmp_path, monkeypatch, caplog
):
    with connections(), standing_in(tmp_path, monkeypatch) as hub:
        files = {path.name: path.read_bytes() for path in tiny_bundle.iterdir()}
        hub.repositories["someone/moods"] = Repository({COMMIT: files}, {"main": COMMIT})
        find_folder("hub:someone/moods")
    assert blocks("hub.md", "text")[0] == f"{caplog.messages[0]}\n"


def test_the_line_of_a_push_that_the_hub_refuses_is_the_pages(tiny_bundle, tmp_path, monkeypatch):
    with connections(), standing_in(tmp_path, monkeypatch):
        monkeypatch.setenv("HF_TOKEN", READER)
        pushing = ["push", str(tiny_bundle), "someone/moods", "--license=mit", "--language=en"]
        result = CliRunner().invoke(main, pushing)
    assert (1, "", blocks("hub.md", "text")[2]) == (result.exit_code, result.stdout, result.stderr)


def test_the_migration_page_runs(tiny, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(tiny, "data/goemotions")
    index = {"thank": 1, "you": 2, "so": 3, "much": 4, "happy": 5, "not": 6}
    Path("word_index.json").write_text(json.dumps(index), encoding="utf-8")
    network = dataclasses.replace(random_network(words=len(index)), length=20)
    write_h5("best_model.h5", network)
    printed = [run(words, capsys) for words in commands("migrate.md")]
    assert without_numbers(blocks("migrate.md", "text")[1]) == without_numbers(printed[0])
    assert "gratitude" in printed[1]
    assert ["convert", "detect", "evaluate", "evaluate"] == [w[0] for w in commands("migrate.md")]


def test_the_options_of_the_migration_page_are_those_of_the_command(capsys):
    page = (ROOT / "docs/how-to/migrate.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(--[a-z-]+)", page, re.MULTILINE))
    there = set(re.findall(r"--[a-z-]+", run(["convert", "--help"], capsys)))
    assert told == there - {"--help", "--output", "--word-index", "--overwrite"}


def test_the_figures_in_the_text_are_those_of_the_results():
    results = ROOT / "benchmarks/results"
    keras = json.loads((results / "keras_parity.json").read_text(encoding="utf-8"))
    graph = json.loads((results / "onnx_parity.json").read_text(encoding="utf-8"))
    short = {name: e["at most 17 words"] for name, e in keras["engines"].items()}
    assert graph["graph"]["largest_difference"] <= 5e-7
    assert 0 == graph["graph"]["other_decisions"]
    assert 0 == short["reference"]["other_decisions"]
    assert short["exact"]["largest_difference"] <= 1e-6
    assert 0.0425 <= short["compiled"]["largest_difference"] < 0.0435
