"""The body of a request to what it asks: read within limits, parsed, checked."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pydantic import ValidationError
from pydantic_core import from_json

from emoconv.errors import did_you_mean
from emoconv.service.problems import Fault, Problem
from emoconv.service.schemas import DetectRequest

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from starlette.datastructures import Headers
    from starlette.requests import Request

    from emoconv.detector import EmotionDetector
    from emoconv.service.admission import Held
    from emoconv.service.settings import Limits
    from emoconv.text import Span

__all__ = ["check_limits", "check_names", "check_sentences", "parse", "read_body"]

_FAULTS = 10
"""Of a request, the first that are named."""

_NAME = 50
"""Characters of a name that is said again."""


async def read_body(request: Request, body: bytearray, *, held: Held, limits: Limits) -> None:
    """Read a request's body.

    Args:
        request: Whose body nobody read.
        body: Where it goes.
        held: What keeps count of the bytes in memory.
        limits: How large it may be and how long it may take.

    Raises:
        Problem: It is no JSON, or too large, or too slow.
        ClientDisconnect: The client has gone.
    """
    _check_headers(request.headers, limits)
    try:
        async with asyncio.timeout(limits.body_timeout_s):
            async for chunk in request.stream():
                if len(body) + len(chunk) > limits.body_bytes:
                    raise _large(limits)
                held.add(body, chunk)
    except TimeoutError:
        raise Problem(
            "slow-body",
            f"the body was not there {limits.body_timeout_s:g} seconds after the head; send it at "
            "once",
            headers={"Connection": "close"},
        ) from None


def parse(body: bytearray) -> DetectRequest:
    """Return what a body asks.

    Raises:
        Problem: It is no JSON, or not what is expected.
    """
    try:
        found = from_json(body, allow_inf_nan=False, cache_strings=False)
    except ValueError as error:
        raise Problem(
            "malformed-json",
            f"the body is no JSON: {error}; expected an object in UTF-8, such as "
            '{"text": "Thank you!"}',
        ) from None
    if isinstance(found, dict):
        _check_keys(found)
    try:
        return DetectRequest.model_validate(found)
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False, include_context=False)
    faults = [Fault(_pointer(one["loc"]), one["msg"]) for one in wrong[:_FAULTS]]
    raise _invalid(faults, len(wrong))


def check_limits(request: DetectRequest, limits: Limits) -> None:
    """Check that a request does not ask too much.

    Raises:
        Problem: It does.
    """
    texts = request.all_texts()
    if len(texts) > limits.texts:
        detail = f"{len(texts):,} texts; expected at most {limits.texts:,}: send them in parts"
        raise _invalid([Fault("/texts", detail)])
    long = [place for place, text in enumerate(texts) if len(text) > limits.characters]
    if long:
        faults = [
            Fault(
                "/text" if request.texts is None else f"/texts/{place}",
                f"{len(texts[place]):,} characters; expected at most {limits.characters:,}",
            )
            for place in long[:_FAULTS]
        ]
        raise _invalid(faults, len(long))
    times = max(1, len(request.labels or ())) * request.explain
    count = times * sum(map(len, texts))
    if count > limits.explained:
        detail = (
            f"{count:,} characters, counted once for each label that is named; expected at most "
            f"{limits.explained:,}: send the texts in parts, or name fewer labels"
        )
        raise _invalid([Fault("/explain", detail)])


def check_sentences(spans: Sequence[Sequence[Span]], limits: Limits) -> None:
    """Check that texts do not have too many sentences.

    Raises:
        Problem: They do.
    """
    count = sum(map(len, spans))
    if count > limits.sentences:
        detail = (
            f"{count:,} sentences; expected at most {limits.sentences:,}: send the texts in parts"
        )
        raise _invalid([Fault("/by", detail)])


def check_names(
    request: DetectRequest, detectors: Mapping[str | None, EmotionDetector]
) -> EmotionDetector:
    """Return the detector that a request means, if there are the labels that it names.

    Args:
        request: What is asked.
        detectors: By the name of the grouping; ``None`` for none.

    Raises:
        Problem: There is no such grouping or label.
    """
    detector = detectors.get(request.grouping)
    if detector is None:
        names = [name for name in detectors if name is not None]
        fault = Fault("/grouping", _unknown("grouping", request.grouping or "", names))
        raise _invalid([fault])
    known = set(detector.labels)
    unknown = [place for place, name in enumerate(request.labels or ()) if name not in known]
    if request.labels and unknown:
        faults = [
            Fault(f"/labels/{place}", _unknown("label", request.labels[place], detector.labels))
            for place in unknown[:_FAULTS]
        ]
        raise _invalid(faults, len(unknown))
    return detector


def _check_keys(found: Mapping[str, object]) -> None:
    """Check the keys of a request here, as pydantic makes an error of each unknown one, slowly."""
    known = DetectRequest.model_fields
    unknown = [key for key in found if key not in known]
    if unknown:
        faults = [Fault(_pointer((key,)), _unknown("key", key, known)) for key in unknown[:_FAULTS]]
        raise _invalid(faults, len(unknown))


def _check_headers(headers: Headers, limits: Limits) -> None:
    media = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json":
        raise Problem(
            "not-json",
            "the body's type is not application/json; send the header "
            "'Content-Type: application/json' with it",
        )
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem("not-json", "the body is compressed; send it as it is")
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length) > limits.body_bytes:
        raise _large(limits)


def _large(limits: Limits) -> Problem:
    return Problem(
        "large-body",
        f"the body has more than {limits.body_bytes:,} bytes; send the texts in parts",
    )


def _invalid(faults: list[Fault], count: int = 1) -> Problem:
    """Return the problem of a request with so many faults, of which the first are named."""
    first, more = faults[0], count - 1
    others = f" (and {more:,} more)" if more else ""
    return Problem("invalid", f"{first.pointer or 'body'}: {first.detail}{others}", faults=faults)


def _pointer(location: tuple[int | str, ...]) -> str:
    r"""Return a JSON pointer.

    Example:
        >>> _pointer(("texts", 3)), _pointer(("a/b",)), _pointer(())
        ('/texts/3', '/a~1b', '')
    """
    parts = (str(part)[:_NAME].replace("~", "~0").replace("/", "~1") for part in location)
    return "".join(f"/{part}" for part in parts)


def _unknown(kind: str, name: str, known: Collection[str]) -> str:
    name = name[:_NAME]
    return f"no {kind} {name!r}{did_you_mean(name, known)} (known: {', '.join(known) or 'none'})"
