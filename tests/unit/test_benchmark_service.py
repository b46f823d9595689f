"""The pure parts of ``benchmarks/service.py``."""

import importlib
import json
import random
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def module(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module


def test_every_request_has_other_texts(module):
    load = module("service_load")
    texts = [f"text {n}" for n in range(100)]
    assert [{"text": "text 0"}, {"text": "text 1"}] == load.bodies(texts, 1, requests=2)
    found = load.bodies(texts, 64, requests=2)
    assert [texts[:64], texts[64:] + texts[:28]] == [body["texts"] for body in found]


def test_what_wrk_sends_is_json_in_its_own_language(module, tmp_path):
    script = module("service_load").write_script(tmp_path / "1.lua", ['it said "no"', "😀\n]]"], 1)
    text = script.read_text("utf-8")
    start, end = text.index("[==[") + 4, text.index("]==]")
    assert {"text": 'it said "no"'} == json.loads(text[start:end])
    assert "%%" not in text


def test_a_case_is_the_same_for_the_same_seed_and_marks_its_texts(module):
    cases = module("service_cases")
    found = [cases.case_of(random.Random(f"0 {n}")) for n in range(500)]  # noqa: S311 - no secret
    again = [cases.case_of(random.Random(f"0 {n}")) for n in range(500)]  # noqa: S311 - same
    assert found == again
    assert len(cases._KINDS) == len({case.kind for case in found})
    assert 250 < sum(cases.MARK.encode() in b"".join(case.pieces) for case in found)


OK = b"HTTP/1.1 200 OK\r\nX-Request-ID: a\r\nContent-Length: 2\r\n\r\n{}"
PROBLEM = (
    b"HTTP/1.1 422 Unprocessable Content\r\nX-Request-ID: a\r\nContent-Length: 15\r\n"
    b'Content-Type: application/problem+json\r\n\r\n{"status": 422}'
)
OUTSIDE = (
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"connection: close\r\n\r\nInvalid HTTP request received."
)


@pytest.mark.parametrize(
    ("data", "statuses", "wrong"),
    [
        (OK + PROBLEM + OUTSIDE, {"200": 1, "422": 1, "400 of uvicorn": 1}, []),
        (OK.replace(b"X-Request-ID", b"X-Other"), {"200": 1}, ["good: 200 "]),
        (PROBLEM.replace(b"problem+json", b"json"), {"422": 1}, ["good: 422 application/json"]),
        (PROBLEM.replace(b"422", b"418"), {"418": 1}, ["good: 418 application/problem+json"]),
    ],
)
def test_each_answer_is_judged(module, data, statuses, wrong):
    case = module("service_cases").Case("good", (b"POST / HTTP/1.1\r\n\r\n",))
    found = module("service_fuzz").Found()
    found.add(case, data)
    assert (statuses, wrong) == (dict(found.statuses), found.wrong)


def test_no_answer_and_half_of_one_are_counted(module):
    cases, found = module("service_cases"), module("service_fuzz").Found()
    found.add(cases.Case("slow", (b"",)), b"")
    found.add(cases.Case("chunks", (b"",)), OK[:-1])
    assert {"slow": 1, "chunks, cut off": 1} == found.silent
    assert {} == found.statuses


@pytest.mark.parametrize(
    ("data", "answers", "expected"),
    [(OK, 1, True), (OK[:-1], 1, False), (OK + OK, 2, True), (OK, 2, False), (b"HTTP", 1, False)],
)
def test_an_answer_has_an_end(module, data, answers, expected):
    assert expected == module("service_fuzz")._ends_at(data, answers)
