"""What a service says when it does not answer: problem details (RFC 9457), one of a known few.

A detail never holds what a client sent but for names of keys and labels.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple, NotRequired, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "MEDIA_TYPE",
    "STATUS",
    "TITLE",
    "Fault",
    "FaultDict",
    "Problem",
    "ProblemDict",
    "of_status",
]

MEDIA_TYPE = "application/problem+json"

STATUS = {
    "malformed-json": HTTPStatus.BAD_REQUEST,
    "unauthorized": HTTPStatus.UNAUTHORIZED,
    "not-found": HTTPStatus.NOT_FOUND,
    "method-not-allowed": HTTPStatus.METHOD_NOT_ALLOWED,
    "slow-body": HTTPStatus.REQUEST_TIMEOUT,
    "large-body": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "not-json": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "invalid": HTTPStatus.UNPROCESSABLE_ENTITY,
    "rate-limit": HTTPStatus.TOO_MANY_REQUESTS,
    "internal": HTTPStatus.INTERNAL_SERVER_ERROR,
    "at-capacity": HTTPStatus.SERVICE_UNAVAILABLE,
    "starting": HTTPStatus.SERVICE_UNAVAILABLE,
    "stopping": HTTPStatus.SERVICE_UNAVAILABLE,
    "too-slow": HTTPStatus.SERVICE_UNAVAILABLE,
}
"""The status of each kind of problem; its type is the URN that ends with the kind."""

TITLE = {
    HTTPStatus.BAD_REQUEST: "Bad Request",
    HTTPStatus.UNAUTHORIZED: "Unauthorized",
    HTTPStatus.NOT_FOUND: "Not Found",
    HTTPStatus.METHOD_NOT_ALLOWED: "Method Not Allowed",
    HTTPStatus.REQUEST_TIMEOUT: "Request Timeout",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Content Too Large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "Unsupported Media Type",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Unprocessable Content",
    HTTPStatus.TOO_MANY_REQUESTS: "Too Many Requests",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Internal Server Error",
    HTTPStatus.SERVICE_UNAVAILABLE: "Service Unavailable",
}
"""What each status is called: RFC 9110, section 15; 429: RFC 6585, section 4.

``HTTPStatus.phrase`` has names of older RFCs for some before Python 3.13.
"""


class Fault(NamedTuple):
    """One thing that is wrong in a request.

    Attributes:
        pointer: Where, as a JSON pointer (RFC 6901).
        detail: What.
    """

    pointer: str
    detail: str


class FaultDict(TypedDict):
    """A fault in JSON."""

    pointer: str
    detail: str


class ProblemDict(TypedDict):
    """A problem in JSON."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    errors: NotRequired[list[FaultDict]]


class Problem(Exception):  # noqa: N818 - the RFC's name
    """Ends the handling of a request.

    Args:
        kind: One of `STATUS`.
        detail: What was found, what was expected, what to do.
        faults: Where in the request, if it is there.
        headers: That go with the answer, beside those of every problem.
        retry_after_s: Seconds after which it is worth to ask again.
    """

    def __init__(
        self,
        kind: str,
        detail: str,
        *,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind, self.detail, self.faults = kind, detail, tuple(faults)
        self.status = STATUS[kind]
        self.title = TITLE[self.status]
        self.headers = {
            "Content-Type": MEDIA_TYPE,
            "Cache-Control": "no-store",
            **(headers or {}),
        }
        if retry_after_s is not None:
            self.headers["Retry-After"] = str(retry_after_s)

    def body(self, request_id: str) -> bytes:
        """Return the problem as JSON.

        Args:
            request_id: Of the request.
        """
        found: ProblemDict = {
            "type": f"urn:emoconv:problem:{self.kind}",
            "title": self.title,
            "status": self.status.value,
            "detail": self.detail,
            "request_id": request_id,
        }
        if self.faults:
            found["errors"] = [
                {"pointer": one.pointer, "detail": one.detail} for one in self.faults
            ]
        return json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")


def of_status(status: int, headers: Mapping[str, str] | None) -> Problem:
    """Return the problem of a status that the web framework found.

    Args:
        status: 405, or 404, which is said of any other.
        headers: Its own, with the methods that are allowed.
    """
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        methods = set((headers or {}).get("Allow", "GET").split(", "))
        if "GET" in methods:
            methods.add("HEAD")  # see `emoconv.service.entrance`
        allowed = ", ".join(sorted(methods))
        detail = f"this address does not take that method; it takes {allowed}"
        return Problem("method-not-allowed", detail, headers={"Allow": allowed})
    return Problem(
        "not-found", "there is nothing at this address; see /openapi.json for what there is"
    )
