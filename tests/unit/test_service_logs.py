import json
import logging
import re

import pytest

from emoconv.service.logs import log, set_up

LOGGERS = ("emoconv.service", "uvicorn.error", "asyncio")


@pytest.fixture(autouse=True)
def _loggers_as_before():
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [(one, one.handlers, one.level, one.propagate) for one in loggers]
    yield
    for one, handlers, level, propagate in before:
        one.handlers, one.propagate = handlers, propagate
        one.setLevel(level)


def lines(capsys):
    out, err = capsys.readouterr()
    assert "" == out
    return err.splitlines()


def fail(text):
    raise ValueError(f"what came: {text}")


def caught(text):
    try:
        fail(text)
    except ValueError as error:
        return error


def test_an_event_is_a_line_of_json(capsys):
    set_up("json", "info")
    log("request", route="/v1/detect", texts=3, name="a\nb é")
    (line,) = lines(capsys)
    found = json.loads(line)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", found.pop("time"))
    assert {
        "level": "info",
        "event": "request",
        "route": "/v1/detect",
        "texts": 3,
        "name": "a\nb é",
    } == found


def test_an_event_is_a_line_of_text(capsys):
    set_up("text", "debug")
    log("request", route="/v1/detect", texts=3)
    log("silent", logging.DEBUG)
    first, second = lines(capsys)
    assert first.endswith(" info    request route=/v1/detect texts=3")
    assert second.endswith(" debug   silent")


@pytest.mark.parametrize(
    ("level", "expected"),
    [("debug", "dise"), ("info", "ise"), ("warning", "se"), ("error", "e")],
)
def test_the_level_says_what_is_written(capsys, level, expected):
    set_up("json", level)
    log("d", logging.DEBUG)
    log("i")
    log("s", logging.WARNING)
    log("e", logging.ERROR)
    assert expected == "".join(json.loads(line)["event"] for line in lines(capsys))


@pytest.mark.parametrize("form", ["json", "text"])
def test_of_an_error_the_type_and_the_place_are_written_and_not_the_message(capsys, form):
    set_up(form, "info")
    log("failed", logging.ERROR, error=caught("SECRET"))
    (line,) = lines(capsys)
    assert "SECRET" not in line
    assert re.search(r"error.*ValueError.*test_service_logs\.py:\d+ fail", line)


@pytest.mark.parametrize("name", ["uvicorn.error", "asyncio"])
def test_what_the_web_server_says_of_an_error_holds_no_text_either(capsys, name):
    set_up("json", "debug")
    error = caught("SECRET")
    logging.getLogger(name).error("It failed\nfuture: <%r>", error, exc_info=error)
    logging.getLogger(name).error("It failed %s", "for a reason")
    logging.getLogger(name).info("not written")
    first, second = lines(capsys)
    found = json.loads(first)
    assert ("It failed", "ValueError") == (found["event"], found["error"])
    assert "SECRET" not in first
    assert "It failed for a reason" == json.loads(second)["event"]


def test_an_event_is_written_once(capsys, caplog):
    set_up("json", "info")
    set_up("json", "info")
    log("once")
    assert 1 == len(lines(capsys))
    assert [] == caplog.records
