"""The reference on Python names what is public, and the version policy says what is so."""

import re
import tomllib
from pathlib import Path

import pytest

import emoconv
from emoconv.bundle import FORMAT_VERSION, shipped_bundle

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs/reference"
API = "\n".join(
    path.read_text(encoding="utf-8")
    for path in (REFERENCE / "api.md", *sorted((REFERENCE / "api").iterdir()))
)
VERSIONS = (REFERENCE / "versions.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

NOT_PUBLIC = {
    "__main__": "the page on the command line",
    "annotation": "EmotionDetector.predict_arrow",
    "cli": "the page on the command line",
    "columns": "what EmotionDetector takes",
    "compiling": "the compiled engine",
    "decision": "EmotionDetector.predict",
    "detector": "emoconv.EmotionDetector",
    "version": "emoconv.__version__",
}
"""Modules that are not listed, each with what stands for it."""


def named(directive):
    return set(re.findall(rf"^\.\. {directive}:: (?:emoconv\.)?(\S+)", API, re.MULTILINE))


def test_every_module_is_on_the_pages_or_said_not_to_be_public():
    package = Path(emoconv.__file__).parent
    modules = {path.stem for path in package.iterdir() if path.suffix == ".py"}
    modules |= {path.parent.name for path in package.glob("*/__init__.py")}
    listed = {
        name.split(".")[0]
        for directive in ("automodule", "autoclass", "autofunction")
        for name in named(directive)
    }
    assert modules - {"__init__"} - NOT_PUBLIC.keys() == listed & modules


@pytest.mark.parametrize("name", sorted(set(dir(emoconv)) - {"__version__"}))
def test_every_name_of_the_package_is_on_the_pages(name):
    home = emoconv._HOMES[name].removeprefix("emoconv.")
    names = named("autoclass") | named("autofunction") | named("py:data")
    assert name in names or home in named("automodule")


def test_the_programs_of_the_version_policy_run(tmp_path, monkeypatch):
    if not (shipped_bundle() / "config.json").exists():
        pytest.skip("the shipped bundle has not been trained")
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in re.findall(r"^```python\n(.*?)^```", VERSIONS, re.DOTALL | re.MULTILINE):
        exec(compile(block, "versions.md", "exec"), names)  # noqa: S102 - our own page
    renewed = emoconv.EmotionDetector.load("model-of-today")
    assert names["detector"].fingerprint() == renewed.fingerprint()


def test_every_format_of_a_bundle_is_in_the_version_policy():
    table = VERSIONS[VERSIONS.index("| `format_version`") :]
    rows = re.findall(r"^\| (\d+) \|", table, re.MULTILINE)
    assert list(range(1, FORMAT_VERSION + 1)) == [int(row) for row in rows]


def test_the_lowest_versions_are_those_of_the_project():
    table = VERSIONS.partition("<!-- lowest:start -->")[2].partition("<!-- lowest:end -->")[0]
    rows = re.findall(r"^\| ([\w-]+) \| ([\d.]+) \|", table, re.MULTILINE)
    assert PROJECT["dependencies"] == [f"{name}>={version}" for name, version in rows]


def test_the_extras_are_those_of_the_project():
    sentence = re.search(r"the extras (.*?) bring what", VERSIONS, re.DOTALL)
    extras = PROJECT["optional-dependencies"].keys() - {"dev", "docs"}
    assert extras == set(re.findall(r"`(\w+)`", sentence[1]))


def test_the_versions_of_python_are_those_that_are_tested():
    sentence = re.search(r"the tests run on (.*?)\. A version", VERSIONS, re.DOTALL)
    said = re.findall(r"3\.\d+", sentence[1])
    workflow = (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    assert re.findall(r"3\.\d+", re.search(r"python: \[(.*)\]", workflow)[1]) == said
    assert PROJECT["requires-python"] == f">={said[0]}"
