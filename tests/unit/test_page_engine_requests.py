"""What the page's engine refuses to answer, and that its modules are as they should be."""

import itertools
import subprocess
from pathlib import Path

import pytest

from page_engine import ENGINE, EngineError, PageEngine, needs_node

DATA = Path(__file__).parents[1] / "data"

pytestmark = needs_node


@pytest.fixture(scope="module")
def engine():
    with PageEngine() as running:
        yield running


@pytest.mark.parametrize(
    ("request_", "pointer", "detail"),
    [
        ([], "", "expected an object"),
        ({}, "", "expected either text or texts"),
        ({"text": None}, "", "expected either text or texts"),
        ({"text": "a", "texts": ["a"]}, "", "expected either text or texts"),
        ({"text": 1}, "/text", "expected a string"),
        ({"texts": "a"}, "/texts", "expected a list of at least one text"),
        ({"texts": []}, "/texts", "expected a list of at least one text"),
        ({"texts": ["a", None]}, "/texts/1", "expected a string"),
        ({"text": "a", "labels": []}, "/labels", "expected a list of at least one label"),
        ({"text": "a", "labels": ["joy", 3]}, "/labels/1", "expected a string"),
        ({"text": "a", "labels": ["joy", "jo"]}, "/labels/1", "no label 'jo' (known: admiration,"),
        (
            {"text": "a", "labels": ["love"], "grouping": "ekman"},
            "/labels/0",
            "no label 'love' (known: anger, disgust, fear, joy, sadness, surprise, neutral)",
        ),
        (
            {"text": "a", "grouping": "eckman"},
            "/grouping",
            "no grouping 'eckman' (known: ekman, sentiment)",
        ),
        ({"text": "a", "grouping": 1}, "/grouping", "expected the name of a grouping"),
        ({"text": "a", "explain": 1}, "/explain", "expected true or false"),
        ({"text": "a", "probabilities": None}, "/probabilities", "expected true or false"),
        ({"text": "a", "top": 0}, "/top", "expected a whole number from 1 to 100"),
        ({"text": "a", "top": 101}, "/top", "expected a whole number from 1 to 100"),
        ({"text": "a", "top": 1.5}, "/top", "expected a whole number from 1 to 100"),
        ({"text": "a", "by": "word"}, "/by", "expected 'text' or 'sentence'"),
        ({"text": "a", "min_confidence": 1.5}, "/min_confidence", "expected a number from 0 to 1"),
        ({"text": "a", "min_confidence": "1"}, "/min_confidence", "expected a number from 0 to 1"),
        ({"text": "a", "constructor": 1}, "/constructor", "no key 'constructor' (known: text,"),
        ({"text": "a", "a/b~": 1}, "/a~1b~0", "no key 'a/b~' (known: text, texts,"),
    ],
)
def test_a_request_that_is_not_as_it_should_be_is_refused(engine, request_, pointer, detail):
    folder = str(DATA / "bundle_v2")
    engine.ask("load", model=folder)
    with pytest.raises(EngineError) as caught:
        engine.ask("detect", model=folder, request=request_)
    error = caught.value.error
    assert ("DetectError", "invalid", pointer) == (error["name"], error["slug"], error["pointer"])
    assert error["detail"].startswith(detail)
    assert f"{pointer or 'request'}: {error['detail']}" == error["message"]


def test_null_stands_for_absent(engine):
    folder = str(DATA / "bundle_v2")
    engine.ask("load", model=folder)
    absent = {"texts": None, "labels": None, "grouping": None, "min_confidence": None}
    asked = [{"text": "so happy"}, {"text": "so happy", **absent}, {"texts": ["so happy"]}]
    found = [engine.ask("detect", model=folder, request=request) for request in asked]
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("name", sorted(path.name for path in ENGINE.glob("*.js")))
def test_each_module_is_whole_and_says_what_its_parts_are(name):
    done = subprocess.run(["node", "--check", str(ENGINE / name)], capture_output=True, check=False)  # noqa: S607 - whichever is there
    assert (0, b"") == (done.returncode, done.stderr)
    lines = (ENGINE / name).read_text(encoding="utf-8").splitlines()
    assert 300 >= len(lines)
    assert [] == [line for line in lines if len(line) > 100]
    undocumented = [
        line
        for before, line in itertools.pairwise(["", *lines])
        if line.startswith(("export function", "export class", "export async"))
        and not before.endswith("*/")
    ]
    assert [] == undocumented
    assert lines[0].startswith("/**")
