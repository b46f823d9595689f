import asyncio
import contextlib
import gc
import json
import os
import resource
import signal
import socket
import threading
import time

import httpx
import pytest
import uvicorn

from emoconv import EmotionDetector
from emoconv.errors import ConfigError, EmoconvError
from emoconv.service import Limits, Settings, create_app
from emoconv.service.server import _allow_files, listen, serve, settle, url_of
from untrained import untrained_bundle

LIVE = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
OPENAPI = LIVE.replace(b"/health/live", b"/openapi.json")


@pytest.fixture(params=["h11", "httptools"])
def _protocol(request, monkeypatch):
    """Each of the two parsers that uvicorn may have."""
    pytest.importorskip(request.param)
    module = f"uvicorn.protocols.http.{request.param}_impl"
    name = {"h11": "H11Protocol", "httptools": "HttpToolsProtocol"}[request.param]
    found = pytest.importorskip(module)
    monkeypatch.setattr("emoconv.service.connections.AutoHTTPProtocol", getattr(found, name))
    monkeypatch.setattr("emoconv.service.server._TICKS", 1)


each_protocol = pytest.mark.usefixtures("_protocol")


class Slow(EmotionDetector):
    """Computes when it is let."""

    def __init__(self):
        super().__init__(untrained_bundle(), engine="reference")
        self.goes_on, self.computes = threading.Event(), threading.Event()

    def predict_proba(self, texts):
        self.computes.set()
        self.goes_on.wait(30)
        return super().predict_proba(texts)


def during(client, *, detector=None, stops=False, stop_timeout_s=30, proxies=None, **limits):
    """Serve while a client, on another thread, does what it does with the port.

    A client that ``stops`` the server is not followed by a second signal: where that comes as the
    main thread begins to wait for the engine's, it is pending until the wait ends, and meanwhile
    Python 3.11, if coverage traces it, gets past the start of no function on any other thread.
    """

    def talk():
        try:
            outcome.append(client(listening.getsockname()[1]))
        except Exception as error:  # noqa: BLE001 - raised below
            outcome.append(error)
        if not stops or isinstance(outcome[0], Exception):
            os.kill(os.getpid(), signal.SIGTERM)

    outcome, thread = [], threading.Thread(target=talk)
    allowed = Limits(**limits)
    detector = detector or EmotionDetector(untrained_bundle(), engine="reference")
    app = create_app(detector, Settings(limits=allowed, page=False))
    with listen("127.0.0.1", 0) as listening:
        serve(
            app,
            listening,
            limits=allowed,
            stop_timeout_s=stop_timeout_s,
            proxies=proxies,
            started=thread.start,
        )
    thread.join()
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    return outcome[0]


@contextlib.contextmanager
def connection(port):
    with socket.create_connection(("127.0.0.1", port), timeout=30) as one:
        yield one


def answer(one):
    """Return the status and the body of an answer with a length."""
    head = b""
    while b"\r\n\r\n" not in head:
        more = one.recv(65536)
        if not more:
            return None, head
        head += more
    head, _, body = head.partition(b"\r\n\r\n")
    length = next(
        (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-len")),
        0,
    )
    while len(body) < length:
        body += one.recv(65536)
    return int(head.split()[1]), body


def wait_until_ready(port):
    status = None
    while status != 200:
        with connection(port) as one:
            one.sendall(LIVE.replace(b"live", b"ready"))
            status, _ = answer(one)


def closed(one):
    """Wait until the server has closed a connection; return what it sent before."""
    found = b""
    try:
        while more := one.recv(65536):
            found += more
    except ConnectionResetError:
        pass
    return found


def seconds_until_closed(one):
    begun = time.monotonic()
    closed(one)
    return time.monotonic() - begun


def post(body, *headers):
    lines = ["POST /v1/detect HTTP/1.1", "Host: x", "Content-Type: application/json", *headers]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]).encode()


@each_protocol
def test_connections_are_kept_for_the_next_request():
    def client(port):
        with connection(port) as one:
            for _ in range(5):
                one.sendall(LIVE)
                yield answer(one)

    assert [(200, b'{"status": "live"}')] * 5 == during(lambda port: list(client(port)))


@each_protocol
def test_one_connection_too_many_is_told_so_and_closed():
    def client(port):
        with connection(port) as first, connection(port) as second:
            for one in (first, second):
                one.sendall(LIVE)
                assert 200 == answer(one)[0]
            with connection(port) as third:
                status, body = answer(third)
                refused = status, json.loads(body), closed(third)
            first.sendall(LIVE)
            assert 200 == answer(first)[0]
        time.sleep(0.1)
        with connection(port) as again:
            again.sendall(LIVE)
            return *refused, answer(again)[0]

    status, body, rest, after = during(client, connections=2)
    assert (503, "urn:emoconv:problem:at-capacity", b"", 200) == (status, body["type"], rest, after)
    assert body["detail"].startswith("there are 2 connections already; ask again a little later")


@each_protocol
@pytest.mark.parametrize(
    "start",
    [
        b"GET /",
        b"GET / HTTP/1.1\r\nLong: ",
        b"GET / HTTP/1.1\r\n" + b"Name: value\r\n" * 100 + b"Long: ",
        (
            b"POST /v1/detect HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"1\r\na\r\n0\r\nTrailer: "
        ),
    ],
)
def test_what_does_not_end_is_not_gathered(start):
    def client(port):
        with connection(port) as one:
            one.sendall(start)
            sent = 0
            with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                while sent < 50_000_000:
                    sent += one.send(b"x" * 65536)
            with connection(port) as other:
                other.sendall(LIVE)
                return sent, answer(other)[0]

    sent, status = during(client)
    assert 200 == status
    assert sent < 50_000_000


@each_protocol
def test_a_large_body_in_many_pieces_is_no_long_head():
    def client(port):
        text = "so happy " * 2_000
        wait_until_ready(port)
        with connection(port) as one:
            for _ in range(2):
                data = post(json.dumps({"texts": [text] * 50}))
                for start in range(0, len(data), 10_000):
                    one.sendall(data[start : start + 10_000])
                yield answer(one)[0]

    assert [200, 200] == during(lambda port: list(client(port)))


@each_protocol
@pytest.mark.parametrize("name", ["h2c", "websocket"])
def test_a_wish_for_another_protocol_is_passed_over(name):
    def client(port):
        wait_until_ready(port)
        with connection(port) as one:
            for spelling in ("Upgrade", "upgrade"):
                one.sendall(post('{"text": "a"}', "Connection: Upgrade", f"{spelling}: {name}"))
                yield answer(one)[0]

    assert [200, 200] == during(lambda port: list(client(port)))


@each_protocol
def test_a_body_that_is_too_large_is_read_away_so_that_its_sender_reads_why():
    def client(port):
        with connection(port) as one:
            wait_until_ready(port)
            one.sendall(post("x" * 20_000_000))
            status, body = answer(one)
            one.sendall(LIVE)
            return status, json.loads(body)["type"], answer(one)[0]

    assert (413, "urn:emoconv:problem:large-body", 200) == during(client)


@each_protocol
@pytest.mark.parametrize("start", [b"", b"GET /health"])
def test_who_sends_no_whole_head_in_time_is_closed(start):
    def client(port):
        with connection(port) as one:
            one.sendall(start)
            return seconds_until_closed(one)

    assert 0.2 < during(client, header_timeout_s=0.3, keep_alive_timeout_s=60) < 4


@each_protocol
def test_a_head_that_is_begun_on_a_kept_connection_has_no_more_time():
    def client(port):
        with connection(port) as one:
            one.sendall(LIVE)
            answer(one)
            one.sendall(b"GET /health")
            return seconds_until_closed(one)

    assert 0.2 < during(client, header_timeout_s=0.3, keep_alive_timeout_s=60) < 4


@each_protocol
@pytest.mark.parametrize("rest", [b"", b"GET /health/live HTTP/1.1\r\n"])
def test_who_asks_nothing_more_is_closed_when_connections_are_no_longer_kept(rest):
    def client(port):
        with connection(port) as one:
            one.sendall(LIVE + rest)  # what comes with the request before sets no time of its own
            answer(one)
            return seconds_until_closed(one)

    assert 0.8 < during(client, header_timeout_s=60, keep_alive_timeout_s=1) < 4


@each_protocol
def test_a_connection_may_be_kept_for_longer_than_a_head_may_take():
    def client(port):
        with connection(port) as one:
            for pause_s in (0, 1):
                time.sleep(pause_s)
                one.sendall(LIVE)
                yield answer(one)[0]

    limits = {"header_timeout_s": 0.3, "answer_timeout_s": 0.3, "keep_alive_timeout_s": 60}
    assert [200, 200] == during(lambda port: list(client(port)), **limits)


@each_protocol
def test_who_drips_a_head_is_closed_as_well():
    def client(port):
        with connection(port) as one:
            begun = time.monotonic()
            with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                for byte in LIVE * 10:
                    one.sendall(bytes([byte]))
                    time.sleep(0.02)
            return time.monotonic() - begun

    assert during(client, header_timeout_s=0.3) < 4


@each_protocol
def test_who_asks_now_and_then_is_not_closed():
    def client(port):
        with connection(port) as one:
            for _ in range(20):
                one.sendall(LIVE)
                yield answer(one)[0]
                time.sleep(0.05)

    assert [200] * 20 == during(lambda port: list(client(port)), header_timeout_s=0.5)


@each_protocol
def test_who_does_not_take_its_answers_is_dropped():
    def client(port):
        with socket.socket() as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            one.settimeout(30)
            one.connect(("127.0.0.1", port))
            much = json.dumps({"text": "so\n" * 4_000, "by": "sentence", "probabilities": True})
            wait_until_ready(port)
            one.sendall(post(much) * 20)
            begun = time.monotonic()
            while not _is_reset(one):
                time.sleep(0.05)
            return time.monotonic() - begun

    assert 0.2 < during(client, header_timeout_s=0.3, answer_timeout_s=0.5) < 10


def _is_reset(one):
    """Tell whether a connection is closed, without taking what has come."""
    try:
        one.send(b"\r\n")  # which may come before a request
    except OSError:
        return True
    return False


@each_protocol
def test_requests_that_come_before_the_first_is_answered_are_not_gathered():
    def client(port):
        with connection(port) as one:
            sent = 0
            with contextlib.suppress(OSError):
                one.settimeout(0.5)
                while sent < 50_000_000:
                    sent += one.send(LIVE * 1_000)
        with connection(port) as other:
            other.sendall(LIVE)
            return sent, answer(other)[0]

    sent, status = during(client)
    assert 200 == status
    assert sent < 50_000_000


@each_protocol
def test_some_requests_may_come_before_the_first_is_answered():
    def client(port):
        with connection(port) as one:
            one.sendall(LIVE * 50)
            found = b""
            while found.count(b'{"status": "live"}') < 50:
                found += one.recv(65536)
            return found.count(b"HTTP/1.1 200 OK")

    assert 50 == during(client)


@each_protocol
def test_who_takes_its_answers_slowly_gets_them_whole():
    def client(port):
        with socket.socket() as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            one.settimeout(30)
            one.connect(("127.0.0.1", port))
            one.sendall(OPENAPI * 3)
            found = b""
            while found.count(b'{"openapi"') < 3 or not found.endswith(b"}"):
                found += one.recv(1000)
                time.sleep(0.001)
            return found

    assert 3 == during(client, header_timeout_s=0.3).count(b"HTTP/1.1 200")


@each_protocol
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_was_accepted_is_finished_and_nothing_more_is_taken(number):
    detector = Slow()

    def client(port):
        body = json.dumps({"text": "so happy " * 1_000})
        wait_until_ready(port)
        with connection(port) as one, connection(port) as two:
            one.sendall(post(body))
            two.sendall(post(body)[:100])
            assert detector.computes.wait(30)
            os.kill(os.getpid(), number)
            time.sleep(0.3)
            with pytest.raises(ConnectionRefusedError), connection(port):
                pass
            detector.goes_on.set()
            two.sendall(post(body)[100:])
            return [(*answer(each)[:1], closed(each)) for each in (one, two)]

    assert [(200, b"")] * 2 == during(client, detector=detector, stops=True)


@each_protocol
def test_what_cannot_be_finished_in_time_is_told_so():
    detector = Slow()

    def client(port):
        wait_until_ready(port)
        with connection(port) as one:
            one.sendall(post(json.dumps({"text": "so happy " * 1_000})))
            assert detector.computes.wait(30)
            os.kill(os.getpid(), signal.SIGTERM)
            found = answer(one)
            detector.goes_on.set()
            return found

    status, body = during(client, detector=detector, stops=True, stop_timeout_s=0)
    assert (503, "urn:emoconv:problem:stopping") == (status, json.loads(body)["type"])


def test_answers_go_out_while_the_engine_comes_to_its_end():
    detector = Slow()
    app = create_app(detector, Settings(page=False))

    async def leave():
        service = app.router.lifespan_context(app)
        await service.__aenter__()
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            while (await client.get("/health/ready")).status_code != 200:  # noqa: ASYNC110 - its own way of telling
                await asyncio.sleep(0.01)
            long = {"text": "so happy " * 1_000}
            asking = asyncio.create_task(client.post("/v1/detect", json=long))
            assert await asyncio.to_thread(detector.computes.wait, 30)
            leaving = asyncio.create_task(service.__aexit__(None, None, None))
            await asyncio.sleep(0.05)
            still_there = not leaving.done()
            detector.goes_on.set()
            await asyncio.gather(leaving, asking)
        return still_there

    assert asyncio.run(leave())


def test_a_signal_that_comes_before_the_server_listens_for_it_is_not_lost(monkeypatch):
    def run(server, sockets):
        os.kill(os.getpid(), signal.SIGTERM)
        real(server, sockets)

    real = uvicorn.Server.run
    monkeypatch.setattr(uvicorn.Server, "run", run)
    before = signal.getsignal(signal.SIGTERM)
    app = create_app(EmotionDetector(untrained_bundle(), engine="reference"))
    with listen("127.0.0.1", 0) as listening:
        serve(app, listening, limits=Limits(), stop_timeout_s=0)
    assert before == signal.getsignal(signal.SIGTERM)


@pytest.mark.parametrize(
    ("proxies", "expected"),
    [(None, [200, 429]), ("127.0.0.1", [200, 200]), ("192.0.2.1", [200, 429]), ("*", [200, 200])],
)
def test_only_a_proxy_is_believed_where_a_request_is_from(proxies, expected):
    def client(port):
        wait_until_ready(port)
        with connection(port) as one:
            for number in range(2):
                one.sendall(post('{"text": "a"}', f"X-Forwarded-For: 192.0.2.{number}"))
                yield answer(one)[0]

    limits = {"rate": "1/day", "texts": 1}
    assert expected == during(lambda port: list(client(port)), proxies=proxies, **limits)


def test_nothing_waits_for_an_answer_to_be_confirmed():
    with listen("127.0.0.1", 0) as listening, connection(listening.getsockname()[1]):
        taken, _ = listening.accept()
        with taken:
            assert 0 != taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize(
    "host", ["no.such.host.invalid", "a" * 70, "a..b", "\udcff", "", "256.1.1.1"]
)
def test_a_host_that_is_none_is_said(host):
    with pytest.raises(ConfigError) as caught:
        listen(host, 0).close()
    assert str(caught.value).startswith(f"{host!r} is no address of this machine (")
    assert str(caught.value).endswith(
        "give --host 127.0.0.1, or 0.0.0.0 for every network it is in"
    )


def test_a_port_that_is_taken_is_said():
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(EmoconvError) as caught:
            listen("127.0.0.1", port)
    assert (
        f"cannot listen on 127.0.0.1 port {port}: Address already in use; stop what listens there, "
        "or give another --port"
    ) == str(caught.value)


def test_an_address_of_another_machine_is_said():
    with pytest.raises(EmoconvError, match=r"cannot listen on 192\.0\.2\.1 port 0: "):
        listen("192.0.2.1", 0)


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "localhost"), ("::1", "[::1]"), ("::", "localhost")],  # noqa: S104 - for a moment
)
def test_its_address_is_one_that_a_browser_takes(host, expected):
    if ":" in host and not _has_ipv6():
        pytest.skip("this machine has no IPv6")
    with listen(host, 0) as listening:
        assert f"http://{expected}:{listening.getsockname()[1]}/" == url_of(listening)


def _has_ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [
        ((64, 1_000), 500, (500, 1_000)),
        ((64, 1_000), 5_000, (1_000, 1_000)),
        ((500, 1_000), 500, None),
        ((64, resource.RLIM_INFINITY), 500, (500, resource.RLIM_INFINITY)),
        ((resource.RLIM_INFINITY, resource.RLIM_INFINITY), 500, None),
    ],
)
def test_as_many_files_may_be_open_as_there_may_be_connections(
    monkeypatch, caplog, before, wanted, after
):
    changes = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: before)
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: changes.append(limits))
    _allow_files(wanted)
    assert ([] if after is None else [after]) == changes
    assert ["few files"] * (wanted == 5_000) == [record.getMessage() for record in caplog.records]


def test_where_files_are_not_limited_so_nothing_is_done(monkeypatch):
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setattr(resource, "getrlimit", None)
    _allow_files(1)


def test_what_is_settled_is_not_looked_through_for_garbage_again():
    before = gc.get_freeze_count()
    try:
        settle()
        assert before < gc.get_freeze_count()
    finally:
        gc.unfreeze()
