"""What holds of a service in a process of its own, asked as its clients ask."""

import contextlib
import http.client
import itertools
import json
import random
import re
import signal
import socket
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from emoconv.cli import main
from serving import serving

TEXT = "Thank you so much! I am so sorry about that 😀. Why?"
MARK = "XYZZY7"
"""Of texts that must not be in a log."""


def client(server):
    """A connection, closed in the end."""
    url = urlsplit(server.url)
    return contextlib.closing(http.client.HTTPConnection(url.hostname, url.port, timeout=30))


def ask(connection, method="POST", path="/v1/detect", headers=(), **body):
    """Return the status and the JSON of an answer, on a connection or a new one to a server."""
    if not isinstance(connection, http.client.HTTPConnection):
        with client(connection) as new:
            return ask(new, method, path, headers, **body)
    data = json.dumps(body) if body else None
    connection.request(method, path, data, {"Content-Type": "application/json", **dict(headers)})
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def exchange(server, data, *, half_close=False):
    """Send bytes as they are and return all that comes back."""
    url = urlsplit(server.url)
    with socket.create_connection((url.hostname, url.port), timeout=30) as one:
        with contextlib.suppress(OSError):
            one.sendall(data)
            if half_close:
                one.shutdown(socket.SHUT_WR)
        found = b""
        with contextlib.suppress(OSError):
            one.settimeout(0.3)
            while more := one.recv(65536):
                found += more
        return found


def status_of(server, name):
    """Return a number from what Linux tells of the process."""
    lines = Path(f"/proc/{server.process.pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("service"), "--log-level", "debug") as server:
        yield server


def printed(*arguments):
    result = CliRunner().invoke(main, [*arguments, "--json", TEXT])
    assert (0, "") == (result.exit_code, result.stderr)
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_it_answers_what_the_command_prints(server):
    _, answer = ask(server, text=TEXT, by="sentence", probabilities=True)
    (found,) = answer["results"]
    (row,) = printed("detect", "--by", "sentence")
    assert row["labels"] == found["labels"]
    assert row["summary"] == found["summary"]
    keys = ("start", "end", "text", "labels")
    assert [{key: one[key] for key in keys} for one in row["sentences"]] == [
        {key: one[key] for key in keys} for one in found["sentences"]
    ]
    _, answer = ask(server, text=TEXT, grouping="ekman")
    assert printed("detect", "--grouping", "ekman")[0]["labels"] == answer["results"][0]["labels"]


def test_it_explains_as_the_command_does(server):
    _, answer = ask(server, text=TEXT, explain=True, top=3)
    found = answer["results"][0]["explanations"]
    assert printed("explain", "--top", "3")[0]["labels"] == found


def test_answers_are_the_same_alone_and_under_load(server):
    texts = [f"I {verb} you, number {n}!" for n in range(8) for verb in ("love", "hate", "thank")]
    alone = [ask(server, text=text)[1]["results"][0] for text in texts]
    found = {}

    def one(text):
        found[text] = [ask(server, text=text)[1]["results"][0] for _ in range(3)]

    threads = [threading.Thread(target=one, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {text: [row] * 3 for text, row in zip(texts, alone, strict=True)} == found
    _, together = ask(server, texts=texts)
    assert alone == together["results"]


def test_an_answer_does_not_wait_for_its_start_to_be_confirmed(server):
    """It would take 40 ms each time: with Nagle's algorithm and a delayed acknowledgement."""
    seconds = []
    with client(server) as connection:
        for _ in range(30):
            begun = time.perf_counter()
            ask(connection, text=TEXT)
            seconds.append(time.perf_counter() - begun)
    assert sorted(seconds)[10] < 0.030


HEAVY = [
    {"texts": ["so much more than that! " * 160] * 256},
    {"texts": ["I love it. No!"] * 256, "explain": True, "by": "sentence", "probabilities": True},
    {"text": "I love it. " * 1_800, "explain": True, "top": 100, "by": "sentence"},
]


def test_it_lives_while_it_computes_much(server):
    begun, ends, seconds = time.monotonic(), [], []

    def heavy(body):
        ends.append(ask(server, **body)[0])

    threads = [threading.Thread(target=heavy, args=(body,)) for body in HEAVY]
    for thread in threads:
        thread.start()
    with client(server) as connection:
        while any(thread.is_alive() for thread in threads) or time.monotonic() < begun + 0.5:
            start = time.perf_counter()
            assert (200, {"status": "live"}) == ask(connection, "GET", "/health/live")
            seconds.append(time.perf_counter() - start)
    assert [200] * len(HEAVY) == ends
    seconds.sort()
    assert seconds[len(seconds) // 2] < 0.1


def problem(data):
    """Return the status of a raw answer, which is a problem unless it is 200 or uvicorn's own."""
    head, _, body = data.partition(b"\r\n\r\n")
    status = int(head.split()[1])
    if status != 200 and b"Invalid HTTP request received." not in body:
        assert b"application/problem+json" in head.lower(), data
    return status


def fuzz(chance):
    """Yield requests of which most are wrong, each with a text that must not be in the log."""
    good = json.dumps({"text": f"{MARK} so happy"}).encode()
    bodies = [
        good,
        good[: chance.randint(1, len(good))],
        b"[" * 5_000,
        b'{"text": "' + MARK.encode() * 5_000 + b'"}',
        b'{"text": "' + MARK.encode() + b' \xff\xfe"}',
        b'{"text": "' + MARK.encode() + b' \\ud800"}',
        json.dumps({"texts": [MARK, 5]}).encode(),
        json.dumps({"text": [MARK]}).encode(),
        json.dumps({"text": MARK, "top": MARK}).encode(),
        bytes(chance.randrange(256) for _ in range(200)) + MARK.encode(),
    ]
    head = "POST /v1/detect HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    yield f"{head}Content-Length: {len(good)}\r\n\r\n".encode() + good
    yield (
        f"{head}Transfer-Encoding: chunked\r\n\r\n{len(good):x}\r\n".encode()
        + good
        + b"\r\n0\r\n\r\n"
    )
    for body in bodies:
        length = chance.choice([len(body), len(body), 0, len(body) + 5, len(body) // 2, "x", -1])
        media = chance.choice(["application/json", "application/json", "text/plain", MARK])
        head = f"POST /v1/detect HTTP/1.1\r\nHost: x\r\nContent-Type: {media}\r\n"
        yield f"{head}Content-Length: {length}\r\n\r\n".encode() + body
        yield f"{head}Transfer-Encoding: chunked\r\n\r\n{len(body):x}\r\n".encode() + body
        yield f"{head}Transfer-Encoding: chunked\r\n\r\n{MARK}\r\n".encode() + body
    yield MARK.encode() * 100
    yield b"BREW /%ff%00/../" + MARK.encode() + b" HTTP/1.1\r\nHost: x\r\n\r\n"
    yield (
        b"POST /v1/detect HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n" + good
    )


def test_nothing_that_is_sent_ends_it_or_comes_into_its_log(server):
    chance = random.Random(0)  # noqa: S311 - no secret
    files = len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))
    found = []

    def send(data):
        answer = exchange(server, data, half_close=len(data) % 3 == 0)
        found.extend([problem(answer)] if answer else [])

    data = list(itertools.chain.from_iterable(fuzz(chance) for _ in range(2)))
    threads = [threading.Thread(target=send, args=(one,)) for one in data]
    for batch in itertools.batched(threads, 16) if hasattr(itertools, "batched") else [threads]:
        for thread in batch:
            thread.start()
        for thread in batch:
            thread.join()
    assert {200, 400, 415, 422} <= set(found) <= {200, 400, 404, 405, 408, 413, 415, 422}
    assert (200, {"status": "live"}) == ask(server, "GET", "/health/live")
    deadline = time.monotonic() + 15
    while len(list(Path(f"/proc/{server.process.pid}/fd").iterdir())) > files + 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    log = server.log.read_text("utf-8")
    assert MARK not in log
    assert "Traceback" not in log
    assert [] == server.events("failed")
    for line in log.splitlines():
        json.loads(line)


def test_too_many_get_503_and_nothing_else_and_then_all_is_well(tmp_path):
    with serving(tmp_path, "--max-concurrency", "2") as server:
        ask(server, texts=["so happy"] * 200)
        statuses, stop = [], threading.Event()

        def load():
            with client(server) as connection:
                while not stop.is_set():
                    statuses.append(ask(connection, texts=["so happy"] * 200)[0])

        threads = [threading.Thread(target=load) for _ in range(16)]
        for thread in threads:
            thread.start()
        time.sleep(1)
        before = status_of(server, "VmRSS")
        time.sleep(1)
        after = status_of(server, "VmRSS")
        stop.set()
        for thread in threads:
            thread.join()
        assert {200, 503} == set(statuses)
        assert after < before + 20_000  # kB
        assert 200 == ask(server, text="so happy")[0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_finishes_what_it_accepted_and_stops(tmp_path, number):
    with serving(tmp_path) as server:
        answers, refused = [], []

        def load():
            while not refused:
                try:
                    with client(server) as connection:
                        for _ in range(10):
                            answers.append(ask(connection, texts=["so happy"] * 100)[0])  # noqa: PERF401 - one fails
                except ConnectionError as error:  # before a byte of an answer
                    refused.append(type(error).__name__)

        threads = [threading.Thread(target=load) for _ in range(8)]
        for thread in threads:
            thread.start()
        time.sleep(0.7)
        server.process.send_signal(number)
        assert 0 == server.process.wait(30)
        for thread in threads:
            thread.join()
        assert {200} == set(answers)
        logged = [line for line in server.events("request") if line["route"] == "/v1/detect"]
        assert [200] * len(answers) == [line["status"] for line in logged]
        assert 1 == len(server.events("stopping"))
        assert 1 == len(server.events("stopped"))


def test_it_can_be_set_up_by_environment_variables_alone(tmp_path):
    env = {
        "EMOCONV_SERVE_HOST": "::1",
        "EMOCONV_SERVE_API_KEY": "one two",
        "EMOCONV_SERVE_RATE_LIMIT": "4/second",
        "EMOCONV_SERVE_MAX_TEXTS": "4",
        "EMOCONV_SERVE_MIN_CONFIDENCE": "1",
    }
    with contextlib.suppress(OSError), socket.create_server(("::1", 0), family=socket.AF_INET6):
        env["IPV6"] = "yes"
    if env.pop("IPV6", None) is None:
        env["EMOCONV_SERVE_HOST"] = "127.0.0.1"
    with serving(tmp_path, **env) as server:
        assert re.fullmatch(r"http://(\[::1\]|127\.0\.0\.1):\d+", server.url)
        assert 401 == ask(server, text="a")[0]
        key = {"Authorization": "Bearer two"}
        status, answer = ask(server, headers=key, texts=["a"] * 4)
        assert (200, [False] * 4) == (status, [one["sure"] for one in answer["results"]])
        assert 429 == ask(server, headers=key, texts=["a"] * 4)[0]
        time.sleep(1)
        assert 200 == ask(server, headers=key, texts=["a"] * 4)[0]
        log = server.log.read_text("utf-8")
        assert "two" not in log.replace('"texts"', "")
