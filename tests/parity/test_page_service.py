"""The page's engine and the service answer a request alike, so that a page can ask either."""

import json
from pathlib import Path

import pytest

from asking import asking
from emoconv import EmotionDetector
from emoconv.bundle import read_bundle
from emoconv.service import create_app
from emoconv.text import SPECIALS
from page_answers import Expected, differences, drawn_texts, requests
from page_engine import EngineError, PageEngine, needs_node

FOLDER = str(Path(__file__).parents[1] / "data/bundle_v2")

pytestmark = needs_node


@pytest.fixture(scope="module")
def engine():
    with PageEngine() as running:
        running.ask("load", model=FOLDER)
        yield running


@pytest.fixture(scope="module")
def service():
    with asking(create_app(EmotionDetector.load(FOLDER, engine="reference"))) as ask:
        yield ask


def test_requests_of_all_options_are_answered_alike(engine, service):
    bundle = read_bundle(Path(FOLDER))
    drawn = drawn_texts(list(bundle.vocabulary.tokens[len(SPECIALS) :]), 400, 4)
    texts = [text.encode("utf-8", "replace").decode() for text in drawn if len(text) < 3000]
    for request in requests(texts, Expected(bundle).names, 4):
        answered = service.detect(**request)
        assert 200 == answered.status_code
        found = engine.ask("detect", model=FOLDER, request=request)
        assert [] == differences(answered.json(), found)


def test_the_model_is_described_alike(engine, service):
    expected = service("GET", "/v1/model").json()
    limits = dict.fromkeys(expected["limits"])
    found = engine.ask("load", model=FOLDER)
    assert json.dumps(expected | {"engine": "browser", "limits": limits}) == json.dumps(
        found | {"min_confidence": 0.0}
    )


@pytest.mark.parametrize(
    "request_",
    [
        [],
        {},
        {"text": "a", "texts": ["a"]},
        {"texts": ["a", 3]},
        {"texts": []},
        {"text": "a", "labels": []},
        {"text": "a", "labels": ["joy", "jo"]},
        {"text": "a", "grouping": "eckman"},
        {"text": "a", "grouping": "ekman", "labels": ["love"]},
        {"text": "a", "top": 0},
        {"text": "a", "by": "word"},
        {"text": "a", "explain": 1},
        {"text": "a", "min_confidence": 2},
        {"text": "a", "probabilities": None},
        {"text": "a", "a/b~": 1},
    ],
    ids=json.dumps,
)
def test_the_same_part_of_a_request_is_refused(engine, service, request_):
    refused = service("POST", "/v1/detect", json=request_)
    with pytest.raises(EngineError) as caught:
        engine.ask("detect", model=FOLDER, request=request_)
    assert 422 == refused.status_code
    assert [caught.value.error["pointer"]] == [one["pointer"] for one in refused.json()["errors"]]
    assert refused.json()["type"].endswith(f":{caught.value.error['slug']}")
