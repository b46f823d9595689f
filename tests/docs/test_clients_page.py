"""The programs of the page on clients run as they stand, and do what the page says of them."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from serving import serving

PAGE = (Path(__file__).parents[2] / "docs/how-to/clients.md").read_text("utf-8")
KEYS = ("open", "sesame", "and", "shut")  # one for each client, whose texts are counted by key
BASH = ("bash", "-euo", "pipefail", "-c")
NODE = ("node", "--input-type=module", "-")
HELD = "Thank you so much! ['gratitude']"


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One that lets a client send two texts at a time, and three in a second."""
    limits = ("--max-texts", "2", "--rate-limit", "3/second")
    folder = tmp_path_factory.mktemp("server")
    with serving(folder, *limits, EMOCONV_SERVE_API_KEY=" ".join(KEYS)) as started:
        yield started


@pytest.fixture
def run(server, tmp_path):
    def run_program(command, *, key=KEYS[0], text=None):
        return subprocess.run(
            command,
            input=text,
            cwd=tmp_path,
            env={**os.environ, "EMOCONV_URL": server.url, "EMOCONV_KEY": key},
            capture_output=True,
            text=True,
            check=False,
            timeout=50,
        )

    return run_program


def statuses(server):
    return [event["status"] for event in server.events("request")]


def test_the_python_program_sends_parts_waits_and_cuts_where_the_service_does(server, run):
    before = len(statuses(server))
    program = "\n".join([*blocks("python"), "assert 9 == len(list(detect(texts * 3)))"])

    done = run([sys.executable, "-"], text=program)

    assert (0, "") == (done.returncode, done.stderr)
    lines = done.stdout.splitlines()
    assert HELD == lines[0]
    assert 3 == len([line for line in lines if line.endswith("]")])
    assert "excitement by wait!!!" in lines
    assert 429 in statuses(server)[before:]


def test_the_python_program_says_what_was_wrong(run):
    program = blocks("python")[0]
    refused = run([sys.executable, "-"], text=program, key="other")
    assert refused.stderr.endswith(
        "RuntimeError: the API key is not one of this service's keys; send the header "
        "'Authorization: Bearer KEY'\n"
    )
    asked = program + "list(detect(texts, labels=['joi']))\n"
    assert "no label 'joi'; did you mean 'joy'?" in run([sys.executable, "-"], text=asked).stderr


@pytest.mark.parametrize("text", ["é" * 10, "😀" * 10, '"\\' * 10, "a" * 10])
def test_the_parts_of_the_python_program_fit_into_a_body(text):
    names = {}
    program = blocks("python")[0].partition("\ntexts = ")[0]
    exec(compile(program, "clients.md", "exec"), names)  # noqa: S102 - our own page
    limits = {"texts": 256, "body_bytes": 1300}

    found = list(names["parts"]([text] * 40, limits))

    sizes = [len(json.dumps({"texts": part})) for part in found]
    assert 40 == sum(map(len, found))
    assert len(found) > 1
    assert all(size < limits["body_bytes"] for size in sizes)


def test_curl_asks_about_one_text(run):
    done = run([*BASH, blocks("bash")[0]], key=KEYS[1])

    assert (0, "") == (done.returncode, done.stderr)
    assert "gratitude" == json.loads(done.stdout)["results"][0]["labels"][0]["label"]


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_curl_asks_about_a_file_in_parts_and_waits(server, run, tmp_path):
    texts = ["Thank you so much!", 'I "love" it\\', "Why?", "😀", "So sad.", "", "Ha", "Ha ha"]
    (tmp_path / "comments.txt").write_text("\n".join(texts) + "\n", encoding="utf-8")
    before = len(statuses(server))

    done = run([*BASH, blocks("bash")[1].replace("200", "2")], key=KEYS[2])

    results = (tmp_path / "results.jsonl").read_text("utf-8").splitlines()
    assert 0 == done.returncode, done.stderr
    assert len(texts) == len(results)
    assert "gratitude" == json.loads(results[0])["labels"][0]["label"]
    assert 429 in statuses(server)[before:]


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_javascript_program_sends_parts_waits_and_cuts_where_the_service_does(server, run):
    before = len(statuses(server))
    again = "for await (const { sure } of detect([...texts, ...texts])) console.assert(sure);"
    program = "\n".join([*blocks("javascript"), again])

    done = run(NODE, text=program, key=KEYS[3])

    assert (0, "") == (done.returncode, done.stderr)
    told = done.stdout.splitlines()
    assert ["gratitude by Thank Thank", "excitement by wait!!! wait!!!"] == told[::2]
    assert 429 in statuses(server)[before:]
    assert "the API key is not one" in run(NODE, text=program, key="other").stderr
