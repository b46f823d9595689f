"""The OpenAPI document, with what a request may hold and all that may be answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from emoconv.service.entrance import REQUEST_ID
from emoconv.service.problems import MEDIA_TYPE, STATUS, TITLE
from emoconv.service.schemas import (
    DetectRequest,
    DetectResponse,
    Health,
    ModelDescription,
    ProblemDetails,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI

    from emoconv.detector import EmotionDetector
    from emoconv.service.settings import Settings

__all__ = ["HEALTH", "document"]

_SCHEMA = "#/components/schemas/{model}"

_ABOUT = """Fine-grained emotions in text, many per text.

Offsets count characters (code points). An error is a problem (RFC 9457) with the id of its request;
where it says Retry-After, the same request may succeed after so many seconds."""

_PROBLEMS: dict[str, tuple[str, ...]] = {
    "/v1/detect": (
        "malformed-json",
        "slow-body",
        "large-body",
        "not-json",
        "invalid",
        "rate-limit",
        "internal",
        "at-capacity",
    ),
    "/v1/model": ("internal", "starting"),
    "/health/live": (),
    "/health/ready": ("starting",),
    "/metrics": ("internal",),
}
"""Kinds of problems that each address has, one of each status."""

_ANSWERS = {
    "/v1/detect": DetectResponse,
    "/v1/model": ModelDescription,
    "/health/live": Health,
    "/health/ready": Health,
}

HEALTH = ("/health/live", "/health/ready")
"""Addresses for whoever starts and stops services, who has no key and asks all the time."""


def document(
    app: FastAPI, settings: Settings, detectors: Mapping[str | None, EmotionDetector]
) -> dict[str, Any]:
    """Return the document of a service.

    Args:
        app: Its routes.
        settings: Its limits, and whether keys are asked for.
        detectors: Its labels, and its groupings.
    """
    if app.openapi_schema is not None:
        return app.openapi_schema
    found = get_openapi(
        title="emoconv",
        version=app.version,
        description=_ABOUT,
        routes=app.routes,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    models = [(model, "serialization") for model in {*_ANSWERS.values(), ProblemDetails}]
    _, schemas = models_json_schema(
        [*models, (DetectRequest, "validation")],  # type: ignore[list-item] # a literal, widened
        ref_template=_SCHEMA,
    )
    components = found.setdefault("components", {})
    components["schemas"] = schemas["$defs"]
    _limit(components["schemas"]["DetectRequest"], settings, detectors)
    for path, operations in found["paths"].items():
        for operation in operations.values():
            _complete(operation, path, secured=bool(settings.api_keys))
    if settings.api_keys:
        components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    app.openapi_schema = found
    return found


def _complete(operation: dict[str, Any], path: str, *, secured: bool) -> None:
    """Add to an operation what it takes and all that it answers."""
    if path == "/v1/detect":
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _reference("DetectRequest")}},
        }
    media = {"text/plain": {"schema": {"type": "string"}}}
    if path in _ANSWERS:
        media = {"application/json": {"schema": _reference(_ANSWERS[path].__name__)}}
    kinds = _PROBLEMS[path]
    if secured and path not in HEALTH:
        operation["security"] = [{"key": []}]
        kinds = ("unauthorized", *kinds)
    problem = {MEDIA_TYPE: {"schema": _reference("ProblemDetails")}}
    operation["responses"] = {
        "200": {"description": "The answer.", "content": media, "headers": _headers()}
    } | {
        str(STATUS[kind].value): {
            "description": f"{TITLE[STATUS[kind]]}.",
            "content": problem,
            "headers": _headers(),
        }
        for kind in kinds
    }


def _limit(
    schema: dict[str, Any],
    settings: Settings,
    detectors: Mapping[str | None, EmotionDetector],
) -> None:
    """Put this service's limits and names into the schema of a request."""
    properties = schema["properties"]
    texts = properties["texts"]["anyOf"][0]
    texts["maxItems"] = settings.limits.texts
    for text in (texts["items"], properties["text"]["anyOf"][0]):
        text["maxLength"] = settings.limits.characters
    names = dict.fromkeys(label for one in detectors.values() for label in one.labels)
    properties["labels"]["anyOf"][0]["items"]["enum"] = list(names)
    properties["labels"]["examples"] = [list(names)[:2]]
    schema["allOf"] = [
        {
            "if": {
                "properties": {"grouping": {"enum": [name]}},
                "required": [] if name is None else ["grouping"],
            },
            "then": {"properties": {"labels": {"items": {"enum": list(one.labels)}}}},
        }
        for name, one in detectors.items()
    ]
    groupings = [name for name in detectors if name is not None]
    if groupings:
        properties["grouping"]["anyOf"][0]["enum"] = groupings
    else:
        del properties["grouping"]["anyOf"][0]  # there is only null


def _headers() -> dict[str, Any]:
    return {
        REQUEST_ID: {
            "description": "The request's own id, or a new one.",
            "schema": {"type": "string"},
        }
    }


def _reference(name: str) -> dict[str, str]:
    return {"$ref": _SCHEMA.format(model=name)}
