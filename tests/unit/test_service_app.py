import contextlib
import logging
import threading

import pytest

from asking import asking, problem
from emoconv import EmotionDetector
from emoconv.errors import ConfigError, LabelError
from emoconv.service import Limits, Settings, create_app
from emoconv.service.schemas import DetectResponse, Health, ModelDescription
from untrained import untrained_bundle

JSON = {"Content-Type": "application/json"}


class Blocked(EmotionDetector):
    """Computes when it is let, and fails where it is told."""

    def __init__(self):
        super().__init__(untrained_bundle(), engine="reference")
        self.goes_on = threading.Event()
        self.computing = threading.Semaphore(0)

    def predict_proba(self, texts):
        if any("FAIL" in text for text in texts):
            raise ValueError(f"cannot compute {texts}")
        self.computing.release()
        assert self.goes_on.wait(30)
        return super().predict_proba(texts)


def app_of(detector=None, **settings):
    limits = Limits(**settings.pop("limits", {}))
    detector = detector or EmotionDetector(untrained_bundle(), engine="reference")
    return create_app(detector, Settings(limits=limits, page=False, **settings))


@pytest.fixture(scope="module")
def ask():
    with asking(app_of()) as asker:
        yield asker


@pytest.fixture(autouse=True)
def _nothing_is_little(monkeypatch):
    """Or the loop itself would compute, and wait where the detector is blocked."""
    monkeypatch.setattr("emoconv.service.batching._FEW_TEXTS", 0)


@contextlib.contextmanager
def blocked(**settings):
    detector = Blocked()
    with asking(app_of(detector, **settings)) as asker:
        try:
            yield detector, asker
        finally:
            detector.goes_on.set()


@pytest.mark.parametrize(
    "body",
    [
        {"text": "so happy"},
        {"texts": ["so", "happy", ""], "probabilities": True},
        {"text": "so happy! do not.", "by": "sentence", "explain": True, "top": 1},
    ],
)
def test_what_is_answered_is_as_it_is_described(ask, body):
    answer = ask.detect(**body)
    assert (200, "application/json", "no-store") == (
        answer.status_code,
        answer.headers["content-type"],
        answer.headers["cache-control"],
    )
    DetectResponse.model_validate_json(answer.content)
    assert "-" not in answer.headers["x-request-id"]


def test_the_model_and_the_health_are_as_they_are_described(ask):
    ModelDescription.model_validate_json(ask("GET", "/v1/model").content)
    for name in ("live", "ready"):
        health = Health.model_validate_json(ask("GET", f"/health/{name}").content)
        assert name == health.status


def test_groups_stand_where_labels_stand(tmp_path):
    file = tmp_path / "moods.json"
    file.write_text('{"good": ["joy"], "bad": ["anger", "boredom"]}')
    with asking(app_of(groupings=(str(file),))) as ask:
        assert ["moods"] == list(ask("GET", "/v1/model").json()["groupings"])
        (found,) = ask.results(text="so happy", grouping="moods", probabilities=True)
        assert ["good", "bad"] == list(found["probabilities"])


def test_the_least_confidence_is_that_of_the_detector_unless_one_is_asked_for():
    detector = EmotionDetector.load(engine="reference", min_confidence=1)
    with asking(app_of(detector)) as ask:
        assert 1 == ask("GET", "/v1/model").json()["min_confidence"]
        assert [False, True] == [
            ask.results(text="do", **more)[0]["sure"] for more in ({}, {"min_confidence": 0})
        ]


@pytest.mark.parametrize(
    ("body", "headers", "status", "kind"),
    [
        (b"{", JSON, 400, "malformed-json"),
        (b"", JSON, 400, "malformed-json"),
        (b"{}", {}, 415, "not-json"),
        (b"{}", JSON, 422, "invalid"),
        (b'{"text": "a", "labels": ["no"]}', JSON, 422, "invalid"),
        (b'{"text": "a", "grouping": "no"}', JSON, 422, "invalid"),
        (b" " * (2**20 + 1), JSON, 413, "large-body"),
    ],
)
def test_a_fault_of_a_request_is_a_problem(ask, body, headers, status, kind):
    answer = ask("POST", "/v1/detect", content=body, headers=headers)
    assert (status, kind) == (answer.status_code, problem(answer)["kind"])


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/detect/", "/V1/detect", "/docs", "/nope", "//"])
def test_there_is_nothing_elsewhere(ask, path):
    for method in ("GET", "POST"):
        answer = ask(method, path)
        assert (404, "not-found") == (answer.status_code, problem(answer)["kind"])


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/detect", "POST"),
        ("OPTIONS", "/v1/detect", "POST"),
        ("POST", "/v1/model", "GET, HEAD"),
        ("DELETE", "/health/live", "GET, HEAD"),
        ("PUT", "/openapi.json", "GET, HEAD"),
        ("BREW", "/metrics", "GET, HEAD"),
    ],
)
def test_an_address_says_what_it_takes(ask, method, path, allowed):
    answer = ask(method, path)
    found = problem(answer)
    assert (405, "method-not-allowed", allowed) == (
        answer.status_code,
        found["kind"],
        answer.headers["allow"],
    )


def test_what_can_be_got_has_a_head(ask):
    for path in ("/v1/model", "/health/live", "/openapi.json"):
        head, got = ask("HEAD", path), ask("GET", path)
        assert (200, got.headers["content-length"]) == (
            head.status_code,
            head.headers["content-length"],
        )


def test_a_request_keeps_its_id(ask):
    answer = ask("GET", "/health/live", headers={"X-Request-ID": "my-id.1"})
    assert "my-id.1" == answer.headers["x-request-id"]
    answer = ask("GET", "/nope", headers={"X-Request-ID": "my-id.1"})
    assert "my-id.1" == problem(answer)["request_id"]


def test_it_counts_what_it_does():
    with asking(app_of()) as ask:
        ask.detect(texts=["so happy", "do"])
        ask.detect(text=1)
        ask("GET", "/a-secret-address")
        answer = ask("GET", "/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    lines = answer.text.splitlines()
    for line in (
        'emoconv_http_requests_total{method="POST",route="/v1/detect",status="200"} 1.0',
        'emoconv_http_requests_total{method="POST",route="/v1/detect",status="422"} 1.0',
        'emoconv_http_requests_total{method="GET",route="other",status="404"} 1.0',
        'emoconv_problems_total{kind="invalid"} 1.0',
        'emoconv_problems_total{kind="not-found"} 1.0',
        "emoconv_texts_total 2.0",
        "emoconv_requests_waiting 0.0",
        "emoconv_batch_texts_sum 2.0",
    ):
        assert line in lines
    assert "secret" not in answer.text


def test_without_a_key_nothing_that_costs_is_answered():
    with asking(app_of(api_keys=("one", "two"))) as ask:
        for method, path in (("POST", "/v1/detect"), ("GET", "/v1/model"), ("GET", "/metrics")):
            for headers in ({}, {"Authorization": "Bearer three"}):
                answer = ask(method, path, headers=headers)
                assert ("unauthorized", "Bearer") == (
                    problem(answer)["kind"],
                    answer.headers["www-authenticate"],
                )
            answer = ask(method, path, headers={"Authorization": "Bearer two"})
            assert answer.status_code != 401
        for path in ("/health/live", "/health/ready", "/openapi.json"):
            assert 200 == ask("GET", path).status_code


def test_a_rate_is_of_a_key_and_without_keys_of_an_address():
    with asking(app_of(api_keys=("one", "two"), limits={"rate": "1/day", "texts": 1})) as ask:
        found = [
            ask.begin("POST", "/v1/detect", json={"text": "a"}, headers={"Authorization": key})
            for key in ("Bearer one", "Bearer two", "Bearer one")
        ]
        answers = [one.result(30) for one in found]
        assert [200, 200, 429] == [one.status_code for one in answers]
        assert ("rate-limit", "86400") == (
            problem(answers[2])["kind"],
            answers[2].headers["retry-after"],
        )
    with asking(app_of(limits={"rate": "1/day", "texts": 1})) as ask:
        assert [200, 429] == [ask.detect(text="a").status_code for _ in range(2)]


ORIGIN = "https://example.com"
PREFLIGHT = {
    "Origin": ORIGIN,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type,x-request-id",
}


def test_pages_of_an_origin_may_ask_and_need_a_key_only_then():
    with asking(app_of(api_keys=("one",), cors_origins=(ORIGIN,))) as ask:
        answer = ask("OPTIONS", "/v1/detect", headers=PREFLIGHT)
        assert (200, ORIGIN) == (
            answer.status_code,
            answer.headers["access-control-allow-origin"],
        )
        allowed = answer.headers["access-control-allow-headers"].lower()
        assert {"authorization", "content-type", "x-request-id"} <= set(allowed.split(", "))
        for key, status in (("one", 200), ("two", 401)):
            answer = ask(
                "POST",
                "/v1/detect",
                json={"text": "a"},
                headers={"Origin": ORIGIN, "Authorization": f"Bearer {key}"},
            )
            assert (status, ORIGIN) == (
                answer.status_code,
                answer.headers["access-control-allow-origin"],
            )
            assert "Retry-After" in answer.headers["access-control-expose-headers"]
        other = {**PREFLIGHT, "Origin": "https://example.org"}
        answer = ask("OPTIONS", "/v1/detect", headers=other)
        assert "access-control-allow-origin" not in answer.headers


def test_by_default_no_other_page_may_ask(ask):
    answer = ask("GET", "/v1/model", headers={"Origin": ORIGIN})
    assert "access-control-allow-origin" not in answer.headers
    assert 405 == ask("OPTIONS", "/v1/detect", headers=PREFLIGHT).status_code


def test_one_more_than_there_are_places_is_refused_and_those_who_wait_are_answered():
    with blocked(limits={"concurrency": 3}) as (detector, ask):
        waiting = [ask.begin("POST", "/v1/detect", json={"text": "so"}) for _ in range(3)]
        detector.computing.acquire(timeout=30)
        while "emoconv_requests_waiting 3.0" not in ask("GET", "/metrics").text:
            pass
        answer = ask.detect(text="so")
        assert (503, "at-capacity", "1") == (
            answer.status_code,
            problem(answer)["kind"],
            answer.headers["retry-after"],
        )
        assert 200 == ask("GET", "/health/live").status_code
        detector.goes_on.set()
        assert [200] * 3 == [one.result(30).status_code for one in waiting]
        assert 200 == ask.detect(text="so").status_code


def test_who_waits_too_long_is_told_so_and_gives_its_place_back():
    with blocked(limits={"concurrency": 1, "answer_timeout_s": 0.1}) as (detector, ask):
        for _ in range(3):
            answer = ask.detect(text="so")
            assert (503, "too-slow", "1") == (
                answer.status_code,
                problem(answer)["kind"],
                answer.headers["retry-after"],
            )
            assert "no answer in 0.1 seconds" in problem(answer)["detail"]
        detector.goes_on.set()
    assert 1 == detector.computing._value, "nobody waited for the other two"


def test_a_client_that_goes_gives_its_place_back():
    with blocked(limits={"concurrency": 1}) as (detector, ask):
        gone = ask.begin("POST", "/v1/detect", json={"text": "so"})
        detector.computing.acquire(timeout=30)
        assert 503 == ask.detect(text="so").status_code
        gone.cancel()
        while "emoconv_requests_waiting 0.0" not in ask("GET", "/metrics").text:
            pass
        detector.goes_on.set()
        assert 200 == ask.detect(text="so").status_code


def test_until_the_engine_has_started_it_is_not_ready():
    class Slow(EmotionDetector):
        def warm(self):
            assert goes_on.wait(30)

    goes_on = threading.Event()
    with asking(app_of(Slow(untrained_bundle(), engine="reference")), ready=False) as ask:
        try:
            for answer in (
                ask("GET", "/health/ready"),
                ask("GET", "/v1/model"),
                ask.detect(text="a"),
            ):
                assert (503, "starting", "1") == (
                    answer.status_code,
                    problem(answer)["kind"],
                    answer.headers["retry-after"],
                )
            assert 200 == ask("GET", "/health/live").status_code
        finally:
            goes_on.set()
        ask.wait_until_ready()
        assert 200 == ask.detect(text="a").status_code


def test_a_fault_of_the_engine_is_a_problem_and_no_text_is_in_the_log(caplog):
    caplog.set_level(logging.DEBUG)
    with blocked() as (detector, ask):
        answer = ask.detect(text="FAIL: a SECRET")
        assert (500, "internal") == (answer.status_code, problem(answer)["kind"])
        detector.goes_on.set()
        assert 200 == ask.detect(text="so").status_code
    logged = [record for record in caplog.records if record.name == "emoconv.service"]
    assert "failed" in [record.getMessage() for record in logged]
    assert "SECRET" not in "".join(str(vars(record)) for record in caplog.records)


def test_a_detector_is_of_the_models_own_labels():
    detector = EmotionDetector.load(engine="reference", grouping="ekman")
    with pytest.raises(ConfigError, match="the detector has a grouping; give one of the model's"):
        create_app(detector)


def test_a_grouping_that_the_model_cannot_have_is_said_at_once():
    with pytest.raises(LabelError, match="one of the model's 5 labels"):
        app_of(groupings=("ekman",))


def test_the_page_may_ask_nobody_else():
    detector = EmotionDetector(untrained_bundle(), engine="reference")
    with asking(create_app(detector)) as ask:
        answer = ask("GET", "/")
        assert (200, "text/html; charset=utf-8") == (
            answer.status_code,
            answer.headers["content-type"],
        )
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "http" not in policy
        assert {"mode": "server"} == ask("GET", "/page.json").json()
        assert "not-found" == problem(ask("GET", "/nope.js"))["kind"]
        assert "method-not-allowed" == problem(ask("POST", "/nope.js"))["kind"]
        assert 200 == ask.detect(text="a").status_code
