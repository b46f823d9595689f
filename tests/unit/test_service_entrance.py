import asyncio
import json
import logging
import re
from types import SimpleNamespace

import pytest
from starlette.requests import ClientDisconnect

from emoconv.service.entrance import Entrance
from emoconv.service.logs import _EVENTS


class Measures:
    def __init__(self):
        self.requests, self.problems = [], []

    def request(self, *what):
        assert 0 <= what[-1] < 30
        self.requests.append(what[:-1])

    def problem(self, kind):
        self.problems.append(kind)


class Passed:
    """What came out of an entrance for one request."""

    def __init__(self, app, method, headers, **options):
        self.measures, self.sent, self.logged, self.levels = Measures(), [], [], []
        self.options = options
        handler = logging.Handler()
        handler.emit = self._note
        before = _EVENTS.level
        _EVENTS.addHandler(handler)
        _EVENTS.setLevel("DEBUG")
        try:
            asyncio.run(self._pass(app, method, headers))
        finally:
            _EVENTS.removeHandler(handler)
            _EVENTS.setLevel(before)

    def _note(self, record):
        self.logged.append((record.msg, record.emoconv))
        self.levels.append(record.levelname)

    async def _pass(self, app, method, headers):
        pairs = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        self.scope = {"type": "http", "method": method, "headers": pairs, "path": "/"}
        entrance = Entrance(app, measures=self.measures, **self.options)
        await entrance(self.scope, None, self._send)

    async def _send(self, message):
        self.sent.append(message)

    @property
    def status(self):
        return self.sent[0]["status"]

    @property
    def headers(self):
        return {name.decode().title(): value.decode() for name, value in self.sent[0]["headers"]}


async def fine(scope, _receive, send):
    scope["route"] = SimpleNamespace(path="/v1/detect")
    scope["state"]["fields"]["texts"] = 3
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})


def passed(app=fine, method="POST", **headers):
    return Passed(app, method, {name.replace("_", "-"): text for name, text in headers.items()})


def test_a_request_is_counted_and_logged_with_what_its_handler_says():
    found = passed()
    assert [("POST", "/v1/detect", 200)] == found.measures.requests
    ((event, fields),) = found.logged
    assert 0 <= fields.pop("ms")
    assert ("request", found.headers["X-Request-Id"]) == (event, fields.pop("request_id"))
    assert {"method": "POST", "route": "/v1/detect", "status": 200, "texts": 3} == fields


@pytest.mark.parametrize(
    ("quiet", "level"), [((), "INFO"), (["/v1"], "INFO"), (["/v1/detect"], "DEBUG")]
)
def test_requests_of_a_quiet_route_are_counted_and_logged_for_those_who_look_closely(quiet, level):
    found = Passed(fine, "GET", {}, quiet=quiet)
    assert ([("GET", "/v1/detect", 200)], [level]) == (found.measures.requests, found.levels)


@pytest.mark.parametrize("given", ["a", "A-b_c.9", "x" * 64])
def test_a_request_keeps_the_id_that_it_has(given):
    assert given == passed(x_request_id=given).headers["X-Request-Id"]


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a\nb", "a\r\nX: y", "é", "a;b", "<a>"])
def test_an_id_that_could_be_anything_is_replaced(given):
    found = passed(x_request_id=given).headers["X-Request-Id"]
    assert re.fullmatch("[0-9a-f]{32}", found)


def test_every_request_gets_an_id_of_its_own():
    assert passed().headers["X-Request-Id"] != passed().headers["X-Request-Id"]


def test_what_is_no_http_is_let_pass():
    async def app(scope, _receive, _send):
        seen.append(scope)

    seen, measures = [], Measures()
    asyncio.run(Entrance(app, measures=measures)({"type": "lifespan"}, None, None))
    assert ([{"type": "lifespan"}], []) == (seen, measures.requests)


def test_a_browser_is_told_not_to_guess_types():
    assert "nosniff" == passed().headers["X-Content-Type-Options"]


async def failing(_scope, _receive, _send):
    raise ValueError("SECRET")


async def failing_halfway(_scope, _receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise ValueError("SECRET")


def test_a_fault_is_a_problem_that_tells_nothing():
    found = passed(failing)
    assert (500, "application/problem+json", "no-store") == (
        found.status,
        found.headers["Content-Type"],
        found.headers["Cache-Control"],
    )
    body = json.loads(found.sent[1]["body"])
    assert ("urn:emoconv:problem:internal", found.headers["X-Request-Id"]) == (
        body["type"],
        body["request_id"],
    )
    assert str(len(found.sent[1]["body"])) == found.headers["Content-Length"]
    assert ["internal"] == found.measures.problems
    assert ["failed", "request"] == [event for event, _ in found.logged]
    assert "SECRET" not in f"{found.sent}{found.logged}"


def test_a_fault_in_the_middle_of_an_answer_is_logged():
    found = passed(failing_halfway)
    assert (1, 200, ["internal"]) == (len(found.sent), found.status, found.measures.problems)
    assert ["failed", "request"] == [event for event, _ in found.logged]


async def gone(_scope, _receive, _send):
    raise ClientDisconnect


def test_a_client_that_has_gone_is_counted_as_such():
    found = passed(gone)
    assert ([], [("POST", "other", 499)]) == (found.sent, found.measures.requests)


async def cancelled(_scope, _receive, _send):
    raise asyncio.CancelledError


async def cancelled_halfway(_scope, _receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise asyncio.CancelledError


def test_who_is_not_answered_before_the_end_is_told_so():
    found = passed(cancelled)
    assert (503, "1", ["stopping"]) == (
        found.status,
        found.headers["Retry-After"],
        found.measures.problems,
    )
    assert [("POST", "other", 503)] == found.measures.requests
    assert 1 == len(passed(cancelled_halfway).sent)


def test_to_ask_for_the_head_is_to_get_without_the_body():
    async def app(scope, _receive, send):
        assert "GET" == scope["method"]
        await fine(scope, None, send)

    found = passed(app, method="HEAD")
    assert "HEAD" == found.scope["method"]
    assert [("HEAD", "/v1/detect", 200)] == found.measures.requests


def test_a_method_that_nobody_knows_is_counted_as_other():
    assert [("other", "/v1/detect", 200)] == passed(method="BREW" * 100).measures.requests
