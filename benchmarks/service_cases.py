"""Requests by chance, of which most are wrong in one of many ways, for `service_fuzz.py`."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

MARK = "XYZZY7"
"""Of every text, and of whatever else a client may send; the log must not hold it."""

_SLOW_S = 0.15  # between two pieces


@dataclass(frozen=True)
class Case:
    """What one connection sends.

    Attributes:
        kind: In a word or two.
        pieces: Of bytes.
        pause_s: Between two of them.
        end: Whether the client reads to the end, closes its half of the connection first, or all
            of it at once.
        answers: How many it waits for.
    """

    kind: str
    pieces: tuple[bytes, ...]
    pause_s: float = 0.0
    end: Literal["read", "half-close", "close"] = "read"
    answers: int = 1


def case_of(chance: random.Random) -> Case:
    """Return the next case."""
    make = chance.choices([make for make, _ in _KINDS], [weight for _, weight in _KINDS])[0]
    return make(chance)


def _request(body: bytes, *, media: str = "application/json", length: object = None) -> bytes:
    size = len(body) if length is None else length
    return (
        f"POST /v1/detect HTTP/1.1\r\nHost: localhost\r\nContent-Type: {media}\r\n"
        f"Content-Length: {size}\r\n\r\n"
    ).encode("latin-1", "replace") + body


def _text(chance: random.Random) -> str:
    words = ["so", "happy", "love", "HATE", "😀", "\u0000", "e\u0301", "\u202e", "…", "\n", "<b>"]
    return " ".join([MARK, *chance.choices(words, k=chance.randint(0, 30))])


def _value(chance: random.Random, depth: int = 3) -> Any:  # noqa: ANN401 - any JSON
    simple = [None, True, False, 0, -1, 1.5, 10**30, 1e308, "", MARK, _text(chance)]
    if depth and chance.random() < 0.3:  # noqa: PLR2004
        inner = [_value(chance, depth - 1) for _ in range(chance.randint(0, 4))]
        return inner if chance.random() < 0.5 else dict(zip(map(str, inner), inner, strict=True))  # noqa: PLR2004
    return chance.choice(simple)


def _body(chance: random.Random) -> dict[str, Any]:
    """Return a body that is mostly right."""
    body: dict[str, Any] = {}
    if chance.random() < 0.5:  # noqa: PLR2004
        body["text"] = _text(chance)
    else:
        body["texts"] = [_text(chance) for _ in range(chance.randint(1, 40))]
    options = {
        "explain": True,
        "by": "sentence",
        "probabilities": True,
        "grouping": chance.choice(["ekman", "sentiment", None]),
        "top": chance.randint(1, 100),
        "min_confidence": chance.random(),
    }
    for name in chance.sample(list(options), chance.randint(0, 3)):
        body[name] = options[name]
    return body


def _good(chance: random.Random) -> Case:
    return Case("good", (_request(json.dumps(_body(chance)).encode()),))


def _wrong_value(chance: random.Random) -> Case:
    body = _body(chance)
    for _ in range(chance.randint(1, 3)):
        name = chance.choice([*body, "text", "texts", "labels", "top", "by", "grouping", MARK])
        body[name] = _value(chance)
    return Case("a wrong value", (_request(json.dumps(body).encode()),))


def _no_object(chance: random.Random) -> Case:
    return Case("any JSON", (_request(json.dumps(_value(chance)).encode()),))


def _mutated(chance: random.Random) -> Case:
    data = bytearray(json.dumps(_body(chance), ensure_ascii=False).encode())
    for _ in range(chance.randint(1, 8)):
        place = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                data[place] = chance.randrange(256)
            case 1:
                del data[place : place + chance.randint(1, 20)]
            case 2:
                data[place:place] = chance.choice([b"{", b"]", b'"', b"\\ud800", b"\xff\xfe", b","])
            case _:
                data[place:place] = data[:place]
        data = data or bytearray(b"{")
    return Case("bad JSON", (_request(bytes(data)),))


def _noise(chance: random.Random) -> Case:
    return Case("noise in a body", (_request(chance.randbytes(chance.randint(0, 2_000))),))


def _deep(chance: random.Random) -> Case:
    count = chance.choice([50, 500, 5_000, 200_000])
    start, end = chance.choice([(b"[", b"]"), (b'{"text":', b"}"), (b'{"texts":[', b"]}")])
    inner = start * count + (end * count if chance.random() < 0.5 else b"")  # noqa: PLR2004
    return Case("deep", (_request(b'{"text":' + inner + b"}"),))


def _huge(chance: random.Random) -> Case:
    size = chance.choice([2**20 - 50, 2**20, 2**20 + 1, 2**21, 2**22])
    many = chance.choice([b'"",', b"1,", b'"' + MARK.encode() + b'",', b"\\u0041"])
    filler = (many * (size // len(many)))[: max(0, size - 40)]
    body = chance.choice(
        [b'{"texts":[' + filler + b'"a"]}', b'{"text":"' + filler.replace(b'"', b"") + b'"}']
    )
    return Case("huge", (_request(body),))


def _keys(chance: random.Random) -> Case:
    count = chance.choice([1, 20, 20_000])
    body = {f"{MARK}{n}": 0 for n in range(count)} | {"text": MARK}
    return Case("unknown keys", (_request(json.dumps(body).encode()),))


def _media(chance: random.Random) -> Case:
    media = chance.choice(
        ["text/plain", "", MARK, "application/xml", "multipart/form-data", "\xff", "a" * 2_000]
    )
    return Case("another type", (_request(json.dumps(_body(chance)).encode(), media=media),))


def _length(chance: random.Random) -> Case:
    body = json.dumps(_body(chance)).encode()
    length = chance.choice(
        [
            *(
                len(body) - 1,
                len(body) // 2,
                len(body) + 1,
                len(body) + 10**9,
                -1,
                MARK,
                "",
                "1, 1",
            ),
            *(f"{len(body)}\r\nContent-Length: 3", f"{len(body)}\r\nTransfer-Encoding: chunked"),
            *("9" * 50, f"+{len(body)}", f"0x{len(body):x}"),
        ]
    )
    return Case("a wrong length", (_request(body, length=length),))


def _chunks(chance: random.Random) -> Case:
    body = json.dumps(_body(chance)).encode()
    size = chance.choice([f"{len(body):x}", f"{len(body) // 2:x}", "g", "-1", "f" * 20, MARK, ""])
    end = chance.choice([b"\r\n0\r\n\r\n", b"\r\n0\r\n", b"", b"\r\n0\r\nTrailer: x\r\n\r\n"])
    head = (
        b"POST /v1/detect HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: " + chance.choice([b"chunked", b"chunked", b"gzip", b"x, chunked"])
    )
    return Case("chunks", (head + b"\r\n\r\n" + size.encode() + b"\r\n" + body + end,))


_LINES = (
    b"",
    b"GET",
    b"GET /",
    b"GET / HTTP/9.9",
    b"GET \xff HTTP/1.1",
    b"GET http://[::1 HTTP/1.1",
    b"CONNECT x:1 HTTP/1.1",
    b"PRI * HTTP/2.0",
    b"\x16\x03\x01\x02\x00\x01",
    MARK.encode(),
)


def _no_http(chance: random.Random) -> Case:
    line = chance.choice(_LINES)
    rest = chance.choice([b"", chance.randbytes(200), b"Host: x\r\n\r\n", b"Bad Header\r\n\r\n"])
    return Case("no HTTP", (line + b"\r\n" + rest,))


def _address(chance: random.Random) -> Case:
    method = chance.choice(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", MARK])
    path = chance.choice(
        [
            *("/", "*", "/v1/detect", "/v1/model", "/health/ready", f"/{MARK}", "/%00%ff/../.."),
            *("//x", "/v1/detect?" + MARK, "/" + "a" * 5_000, "/metrics", "/openapi.json"),
        ]
    )
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: {MARK} é\r\n\r\n"
    return Case("another address", (head.encode("latin-1"),))


def _upgrade(chance: random.Random) -> Case:
    kind = chance.choice(["websocket", "h2c", MARK])
    data = _request(json.dumps(_body(chance)).encode())
    head, _, body = data.partition(b"\r\n\r\n")
    more = f"\r\nConnection: Upgrade\r\nUpgrade: {kind}\r\n\r\n".encode()
    return Case("an upgrade", (head + more + body,))


def _pipelined(chance: random.Random) -> Case:
    count = chance.randint(2, 8)
    data = b"".join(_request(json.dumps(_body(chance)).encode()) for _ in range(count))
    return Case("several at once", (data,), answers=count)


def _slow(chance: random.Random) -> Case:
    data = _request(json.dumps({"text": _text(chance)}).encode())
    cuts = sorted(chance.sample(range(1, len(data)), chance.randint(1, 12)))
    places = [0, *cuts, len(data)]
    pieces = tuple(data[a:b] for a, b in itertools.pairwise(places))
    if chance.random() < 0.3:  # noqa: PLR2004
        pieces = pieces[:-1]
    return Case("slow", pieces, _SLOW_S)


def _half_closed(chance: random.Random) -> Case:
    data = _request(json.dumps(_body(chance)).encode())
    if chance.random() < 0.5:  # noqa: PLR2004
        data = data[: chance.randint(1, len(data))]
    return Case("half-closed", (data,), end="half-close")


def _gone(chance: random.Random) -> Case:
    data = _request(json.dumps(_body(chance)).encode())
    return Case("gone", (data[: chance.randint(1, len(data))],), end="close")


_KINDS: list[tuple[Callable[[random.Random], Case], float]] = [
    (_good, 12),
    (_wrong_value, 18),
    (_no_object, 6),
    (_mutated, 18),
    (_noise, 4),
    (_deep, 2),
    (_huge, 0.5),
    (_keys, 1),
    (_media, 5),
    (_length, 6),
    (_chunks, 6),
    (_no_http, 5),
    (_address, 6),
    (_upgrade, 1),
    (_pipelined, 3),
    (_slow, 1.5),
    (_half_closed, 3),
    (_gone, 2),
]
