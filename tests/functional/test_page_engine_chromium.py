"""The page's engine in Chromium, behind its worker, and Python's own detector, held equal."""

import base64
import contextlib
import functools
import http.server
import json
import threading
from pathlib import Path

import numpy as np
import pytest

from emoconv.bundle import read_bundle, shipped_bundle
from emoconv.page import write_page
from emoconv.text import SPECIALS
from page_answers import (
    Expected,
    differences,
    drawn_texts,
    ids_of,
    largest_difference,
    requests,
)

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = Path("/usr/bin/chromium")

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}")

# What it is asked and what it answers are strings of ASCII and JSON: a lone surrogate would not
# come through otherwise.
START = """() => {
  const worker = new Worker("engine/worker.js", { type: "module" });
  const waiting = new Map();
  const heard = [];
  worker.onmessage = ({ data }) => {
    heard.push(data);
    if (!data.progress) waiting.get(data.id)(data);
  };
  self.heard = heard;
  self.ask = (text) => new Promise((resolve) => {
    const message = JSON.parse(text);
    waiting.set(message.id, (answer) => resolve(JSON.stringify(answer)));
    worker.postMessage(message);
  });
}"""
PROBABILITIES = """async (json) => {
  const { Detector } = await import("./engine/detector.js");
  const read = async (name) => (await fetch(`model/${name}`)).arrayBuffer();
  const detector = await Detector.load(read);
  const texts = JSON.parse(json);
  const bytes = new Uint8Array(detector.predictProba(texts).buffer);
  let data = "";
  for (const byte of bytes) data += String.fromCharCode(byte);
  return [JSON.stringify(texts.map((text) => [...detector.encode(text).ids])), btoa(data)];
}"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder that is given out, and its address."""
    folder = tmp_path_factory.mktemp("site")
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        with contextlib.closing(launched):
            yield launched


class Asked:
    """The worker of a page."""

    def __init__(self, page, head):
        self.page, self.head = page, head
        self._last = 0
        page.evaluate(START)

    def ask(self, method, **values):
        self._last += 1
        message = json.dumps({"id": self._last, "method": method, **values})
        return json.loads(self.page.evaluate("(text) => self.ask(text)", message))

    def load(self):
        base = self.page.evaluate(
            "(model) => new URL(model, location.href).href", self.head["model"]
        )
        return self.ask("load", base=base, files=self.head["files"])


@pytest.fixture
def open_page(site, browser):
    folder, address = site

    def opened(bundle):
        written = folder / bundle.name
        write_page(bundle, written, overwrite=True)
        page = browser.new_page()
        page.goto(f"{address}/{bundle.name}/page.json")
        return Asked(page, json.loads((written / "page.json").read_text()))

    return opened


BUNDLES = [
    Path(__file__).parents[1] / "data/bundle_v2",
    pytest.param(
        shipped_bundle(),
        marks=pytest.mark.skipif(
            not (shipped_bundle() / "config.json").exists(),
            reason="the shipped bundle is not trained yet",
        ),
    ),
]


@pytest.mark.parametrize("folder", BUNDLES, ids=lambda folder: folder.name)
def test_texts_have_the_same_answers_in_the_browser(open_page, folder):
    bundle, engine = read_bundle(folder), open_page(folder)
    texts = drawn_texts(list(bundle.vocabulary.tokens[len(SPECIALS) :][:2000]), 2000, 3)
    expected = Expected(bundle)
    ids, data = engine.page.evaluate(PROBABILITIES, json.dumps(texts))
    found = np.frombuffer(base64.b64decode(data), dtype=np.float32).reshape(len(texts), -1)
    assert ids_of(bundle, texts) == json.loads(ids)
    assert 1e-5 > largest_difference(expected.probabilities(texts), found)
    assert engine.load()["ok"]
    assert bundle.fingerprint() == engine.ask("model")["value"]["fingerprint"]
    for request in requests(texts[:200], expected.names, 3):
        answer = engine.ask("detect", request=request)
        assert [] == differences(expected.answer(request), answer["value"])


def test_loading_tells_how_far_it_is(open_page):
    engine = open_page(BUNDLES[0])
    total = sum(engine.head["files"].values())
    assert {"id": 1, "ok": True, "value": None} == engine.load()
    progress = [one["progress"] for one in engine.page.evaluate("() => self.heard")[:-1]]
    assert {total} == {one["total"] for one in progress}
    loaded = [one["loaded"] for one in progress]
    assert sorted(loaded) == loaded
    assert total == loaded[-1]


def test_a_request_that_is_refused_says_why(open_page):
    engine = open_page(BUNDLES[0])
    engine.load()
    answer = engine.ask("detect", request={"texts": ["so happy", 3]})
    error = {"name": "DetectError", "slug": "invalid", "detail": "expected a string"}
    assert {"id": 2, "ok": False, "error": {**error, "pointer": "/texts/1"}} == answer
    assert engine.ask("detect", request={"text": "so happy"})["ok"]


def test_a_question_without_a_model_or_a_method_is_answered_with_an_error(open_page):
    engine = open_page(BUNDLES[0])
    early = engine.ask("model")["error"]
    assert ("internal", "no model is loaded yet") == (early["slug"], early["detail"])
    strange = engine.ask("predict")["error"]
    assert ("internal", "no method predict") == (strange["slug"], strange["detail"])


def test_a_file_that_is_not_there_gives_one_clear_error(open_page, site):
    engine = open_page(BUNDLES[0])
    (site[0] / BUNDLES[0].name / "model/labels.json").unlink()
    error = engine.load()["error"]
    message = "labels.json: cannot be read (the server says 404); the model is not whole"
    assert ("BundleError", message) == (error["name"], error["detail"])
