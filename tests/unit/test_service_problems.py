import json
import sys
from http import HTTPStatus

import pytest

from emoconv.service.problems import STATUS, Fault, Problem, of_status

RFC_9110 = {
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    429: "Too Many Requests",  # this one of RFC 6585
    500: "Internal Server Error",
    503: "Service Unavailable",
}
"""Names of statuses, whatever version of Python this is."""


@pytest.mark.skipif(sys.version_info < (3, 13), reason="http has names of older RFCs there")
def test_python_has_the_same_names():
    assert {status: HTTPStatus(status).phrase for status in RFC_9110} == RFC_9110


@pytest.mark.parametrize("kind", STATUS)
def test_a_problem_says_what_and_of_which_request(kind):
    problem = Problem(kind, "what was found")
    assert {
        "type": f"urn:emoconv:problem:{kind}",
        "title": RFC_9110[STATUS[kind]],
        "status": STATUS[kind].value,
        "detail": "what was found",
        "request_id": "abc",
    } == json.loads(problem.body("abc"))


def test_a_problem_is_of_its_own_media_type_and_is_not_kept():
    problem = Problem("internal", "", headers={"Connection": "close"}, retry_after_s=3)
    assert {
        "Content-Type": "application/problem+json",
        "Cache-Control": "no-store",
        "Connection": "close",
        "Retry-After": "3",
    } == problem.headers


def test_faults_are_told_with_where_they_are():
    body = Problem("invalid", "two", faults=[Fault("/texts/3", "é"), Fault("", "b")]).body("abc")
    assert [{"pointer": "/texts/3", "detail": "é"}, {"pointer": "", "detail": "b"}] == json.loads(
        body
    )["errors"]


def test_what_is_no_utf8_is_replaced():
    assert "a?b" == json.loads(Problem("invalid", "a\udcffb").body("abc"))["detail"]


@pytest.mark.parametrize(
    ("allow", "expected"),
    [
        ({"Allow": "POST"}, "POST"),
        ({"Allow": "GET"}, "GET, HEAD"),
        ({"Allow": "HEAD, GET"}, "GET, HEAD"),
        ({}, "GET, HEAD"),
        (None, "GET, HEAD"),
    ],
)
def test_what_an_address_does_not_take_is_said_with_what_it_takes(allow, expected):
    problem = of_status(405, allow)
    assert ("method-not-allowed", expected) == (problem.kind, problem.headers["Allow"])
    assert f"this address does not take that method; it takes {expected}" == problem.detail


@pytest.mark.parametrize("status", [404, 400, 418])
def test_anything_else_that_the_framework_finds_is_not_found(status):
    assert "not-found" == of_status(status, None).kind
