import asyncio
import json

import pytest
from starlette.requests import ClientDisconnect, Request

from emoconv import EmotionDetector
from emoconv.service.admission import Held
from emoconv.service.description import offered
from emoconv.service.problems import Problem
from emoconv.service.reading import (
    check_limits,
    check_names,
    check_sentences,
    parse,
    read_body,
)
from emoconv.service.settings import Limits
from untrained import untrained_bundle

JSON = {"content-type": "application/json"}


def read(*chunks, headers=None, held=None, **limits):
    """Read a body that comes in chunks; one that is None never comes."""

    async def receive():
        if not coming:
            return {"type": "http.disconnect"}
        chunk = coming.pop(0)
        if chunk is None:
            await asyncio.sleep(60)
        return {"type": "http.request", "body": chunk, "more_body": chunk != b""}

    async def run():
        with held.body() as body:
            await read_body(request, body, held=held, limits=Limits(**limits))
            return bytes(body)

    coming, held = list(chunks), held or Held(2**20)
    pairs = [(k.encode(), v.encode()) for k, v in (JSON if headers is None else headers).items()]
    scope = {"type": "http", "method": "POST", "headers": pairs}
    request = Request(scope, receive)
    try:
        return asyncio.run(run())
    finally:
        assert 0 == held.taken


def refusal(call, *arguments, **more):
    with pytest.raises(Problem) as caught:
        call(*arguments, **more)
    return caught.value


def pointers(problem):
    return [fault.pointer for fault in problem.faults]


def test_a_body_is_read_to_its_end():
    assert b'{"text": "a"}' == read(b'{"text"', b': "a"}', b"")


@pytest.mark.parametrize(
    "media",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=x",
    ],
)
def test_a_body_is_of_json(media):
    assert b"{}" == read(b"{}", b"", headers={"content-type": media})


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": ""},
        {"content-type": "text/plain"},
        {"content-type": "application/json-patch+json"},
        {"content-type": "application/x-www-form-urlencoded"},
    ],
)
def test_what_is_not_said_to_be_json_is_refused(headers):
    problem = refusal(read, b"{}", b"", headers=headers)
    assert ("not-json", 415) == (problem.kind, problem.status)
    assert "send the header 'Content-Type: application/json' with it" in problem.detail


@pytest.mark.parametrize("encoding", ["gzip", "br", "gzip, identity"])
def test_a_compressed_body_is_refused(encoding):
    problem = refusal(read, b"", headers={**JSON, "content-encoding": encoding})
    assert ("not-json", "the body is compressed; send it as it is") == (
        problem.kind,
        problem.detail,
    )
    assert b"{}" == read(b"{}", b"", headers={**JSON, "content-encoding": "Identity"})


def test_a_body_that_is_said_to_be_too_large_is_not_read():
    problem = refusal(
        read, None, headers={**JSON, "content-length": "1001"}, body_bytes=1000, held_bytes=1000
    )
    assert ("large-body", 413) == (problem.kind, problem.status)
    assert "the body has more than 1,000 bytes; send the texts in parts" == problem.detail


def test_a_body_that_turns_out_to_be_too_large_is_not_read_on():
    assert b"x" * 1000 == read(b"x" * 999, b"x", b"", body_bytes=1000)
    assert "large-body" == refusal(read, b"x" * 999, b"xx", None, body_bytes=1000).kind


def test_a_length_that_is_no_number_is_left_to_the_server():
    assert b"{}" == read(b"{}", b"", headers={**JSON, "content-length": "²"})


def test_a_body_for_which_there_is_no_memory_is_refused():
    held = Held(1_000)
    with held.body() as other:
        held.add(other, b"x" * 600)
        with pytest.raises(Problem) as caught:
            asyncio.run(_add(held))
        assert "at-capacity" == caught.value.kind


async def _add(held):
    with held.body() as body:
        held.add(body, b"x" * 500)


def test_a_body_that_is_slow_is_given_up():
    problem = refusal(read, b"{", None, body_timeout_s=0.05)
    assert ("slow-body", 408, "close") == (
        problem.kind,
        problem.status,
        problem.headers["Connection"],
    )
    assert "the body was not there 0.05 seconds after the head; send it at once" == problem.detail


def test_a_client_that_goes_is_no_problem_of_the_service():
    with pytest.raises(ClientDisconnect):
        read(b"{")


def parsed(**body):
    return parse(bytearray(json.dumps(body).encode()))


def test_what_is_not_said_has_a_default():
    found = parsed(text="a")
    assert {
        "text": "a",
        "texts": None,
        "labels": None,
        "grouping": None,
        "probabilities": False,
        "explain": False,
        "top": 5,
        "by": "text",
        "min_confidence": None,
    } == found.model_dump()


def test_a_whole_number_may_be_written_with_a_point():
    assert 7 == parse(bytearray(b'{"text": "a", "top": 7.0}')).top
    assert "/top" in refusal(parsed, text="a", top=7.5).detail


@pytest.mark.parametrize(
    ("body", "texts"),
    [
        ({"text": ""}, [""]),
        ({"text": "a", "texts": None}, ["a"]),
        ({"text": None, "texts": ["a", "\0", "😀"]}, ["a", "\0", "😀"]),
    ],
)
def test_there_is_one_text_or_there_are_several(body, texts):
    assert texts == parsed(**body).all_texts()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"text": "a", "texts": ["b"]}, ""),
        ({"text": None}, ""),
        ({"texts": []}, "/texts"),
        ({"texts": ["a", 1]}, "/texts/1"),
        ({"texts": ["a", None]}, "/texts/1"),
        ({"texts": "a"}, "/texts"),
        ({"texts": {"0": "a"}}, "/texts"),
        ({"text": 1}, "/text"),
        ({"text": ["a"]}, "/text"),
        ({"text": "a", "labels": []}, "/labels"),
        ({"text": "a", "labels": "love"}, "/labels"),
        ({"text": "a", "labels": [1]}, "/labels/0"),
        ({"text": "a", "grouping": 1}, "/grouping"),
        ({"text": "a", "probabilities": "true"}, "/probabilities"),
        ({"text": "a", "probabilities": 1}, "/probabilities"),
        ({"text": "a", "explain": None}, "/explain"),
        ({"text": "a", "top": 0}, "/top"),
        ({"text": "a", "top": 101}, "/top"),
        ({"text": "a", "top": "5"}, "/top"),
        ({"text": "a", "top": True}, "/top"),
        ({"text": "a", "top": 10**30}, "/top"),
        ({"text": "a", "by": "word"}, "/by"),
        ({"text": "a", "by": None}, "/by"),
        ({"text": "a", "min_confidence": -0.1}, "/min_confidence"),
        ({"text": "a", "min_confidence": 1.1}, "/min_confidence"),
        ({"text": "a", "min_confidence": "0"}, "/min_confidence"),
        ({"text": "a", "min_confidence": False}, "/min_confidence"),
    ],
)
def test_a_value_that_is_not_as_expected_is_pointed_at(body, pointer):
    problem = refusal(parsed, **body)
    assert ("invalid", 422, [pointer]) == (problem.kind, problem.status, pointers(problem))
    assert problem.detail.startswith(f"{pointer or 'body'}: ")


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"null", b"1", b"true"])
def test_a_body_is_an_object(body):
    problem = refusal(parse, bytearray(body))
    assert ("invalid", [""]) == (problem.kind, pointers(problem))


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b'{"text": "a"', b'{"text": "a",}', b"{'text': 'a'}", b"text", b"\0"),
        *(b'{"text": "\xff"}', b'{"text": "\\ud800"}', b'\xef\xbb\xbf{"text": "a"}'),
        *('{"text": "a"}'.encode("utf-16"), b'{"text": "a", "min_confidence": NaN}'),
        *(b'{"text": "a"} {}', b'{"text": "tab\tin it"}', b'{"text": ' + b"[" * 100_000),
        b'{"text": "a", "top": ' + b"9" * 10_000 + b"}",
    ],
)
def test_a_body_that_is_no_json_is_said_to_be_none(body):
    problem = refusal(parse, bytearray(body))
    assert ("malformed-json", 400, ()) == (problem.kind, problem.status, problem.faults)
    assert problem.detail.startswith("the body is no JSON: ")
    assert len(problem.detail) < 200


def test_a_key_that_is_unknown_is_named_with_the_nearest():
    problem = refusal(parsed, txt="a")
    assert ["/txt"] == pointers(problem)
    assert problem.detail.startswith("/txt: no key 'txt'; did you mean 'text'? (known: text, ")


def test_of_many_faults_the_first_are_named():
    problem = refusal(parse, bytearray(json.dumps({f"a{i}": 0 for i in range(50_000)}).encode()))
    assert (10, "/a0") == (len(problem.faults), problem.faults[0].pointer)
    assert problem.detail.endswith(" (and 49,999 more)")
    problem = refusal(parsed, text="a", top=0, by="no")
    assert ["/top", "/by"] == pointers(problem)


def test_a_pointer_escapes_what_has_a_meaning_in_it():
    problem = refusal(parse, bytearray(json.dumps({"a/b~c" + "x" * 99: 0}).encode()))
    assert ["/a~1b~0c" + "x" * 45] == pointers(problem)


def test_a_fault_does_not_repeat_what_was_sent():
    bodies = [{"text": ["SECRET"]}, {"texts": ["a", {"SECRET": 1}]}, {"text": "a", "by": "SECRET"}]
    for body in bodies:
        assert b"SECRET" not in refusal(parsed, **body).body("abc")
    assert b"SECRET" not in refusal(parse, bytearray(b'{"text": SECRET')).body("abc")


def test_a_request_has_at_most_so_many_texts():
    limits = Limits(texts=3)
    check_limits(parsed(texts=["a"] * 3), limits)
    problem = refusal(check_limits, parsed(texts=["a"] * 4), limits)
    assert "/texts: 4 texts; expected at most 3: send them in parts" == problem.detail


def test_a_text_has_at_most_so_many_characters():
    limits = Limits(characters=3)
    check_limits(parsed(texts=["abc", "😀😀😀", ""]), limits)
    problem = refusal(check_limits, parsed(texts=["abc", "😀" * 4, "abcd"]), limits)
    assert ["/texts/1", "/texts/2"] == pointers(problem)
    assert "/texts/1: 4 characters; expected at most 3 (and 1 more)" == problem.detail
    problem = refusal(check_limits, parsed(text="abcd"), limits)
    assert ["/text"] == pointers(problem)


def test_so_many_characters_are_explained_once_for_each_label():
    limits = Limits(explained=10)
    check_limits(parsed(texts=["a" * 6, "a" * 6]), limits)
    check_limits(parsed(texts=["a" * 4, "a" * 6], explain=True), limits)
    check_limits(parsed(text="a" * 5, explain=True, labels=["joy", "love"]), limits)
    for body in ({"text": "a" * 11}, {"text": "a" * 4, "labels": ["joy", "love", "fear"]}):
        problem = refusal(check_limits, parsed(**body, explain=True), limits)
        assert ["/explain"] == pointers(problem)
    assert (
        "/explain: 12 characters, counted once for each label that is named; expected at most 10: "
        "send the texts in parts, or name fewer labels"
    ) == problem.detail


def test_a_request_has_at_most_so_many_sentences():
    limits = Limits(sentences=3)
    check_sentences([[(0, 1), (1, 2)], [(0, 1)]], limits)
    problem = refusal(check_sentences, [[(0, 1), (1, 2)], [], [(0, 1), (1, 2)]], limits)
    assert "/by: 4 sentences; expected at most 3: send the texts in parts" == problem.detail


@pytest.fixture(scope="module")
def detectors(tmp_path_factory):
    file = tmp_path_factory.mktemp("groupings") / "moods.json"
    file.write_text('{"good": ["joy"], "bad": ["anger", "boredom"]}')
    return offered(EmotionDetector(untrained_bundle()), [str(file)])


def test_the_detector_is_that_of_the_grouping(detectors):
    assert detectors[None] is check_names(parsed(text="a", labels=["boredom"]), detectors)
    grouped = check_names(parsed(text="a", grouping="moods", labels=["bad"]), detectors)
    assert detectors["moods"] is grouped


def test_a_grouping_that_is_not_offered_is_named(detectors):
    problem = refusal(check_names, parsed(text="a", grouping="mood"), detectors)
    assert ("/grouping: no grouping 'mood'; did you mean 'moods'? (known: moods)") == problem.detail
    none = {None: detectors[None]}
    problem = refusal(check_names, parsed(text="a", grouping="moods"), none)
    assert "/grouping: no grouping 'moods' (known: none)" == problem.detail
    long = refusal(check_names, parsed(text="a", grouping="x" * 10_000), detectors)
    assert len(long.detail) < 200


def test_a_label_that_is_unknown_is_named(detectors):
    problem = refusal(check_names, parsed(text="a", labels=["joy", "boredon"]), detectors)
    assert ["/labels/1"] == pointers(problem)
    assert "no label 'boredon'; did you mean 'boredom'? (known: joy, anger, " in problem.detail
    of_group = parsed(text="a", labels=["joy"], grouping="moods")
    assert ["/labels/0"] == pointers(refusal(check_names, of_group, detectors))
    many = refusal(check_names, parsed(text="a", labels=["x"] * 5_000), detectors)
    assert (10, True) == (len(many.faults), many.detail.endswith(" (and 4,999 more)"))
