"""Write ``docs/reference/http.md``: the service's OpenAPI document, for people.

Run:  python dev/make_http_reference.py
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emoconv import EmotionDetector
from emoconv.service import Settings, create_app
from emoconv.service.problems import STATUS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Schema = dict[str, Any]

TARGET = Path(__file__).parents[1] / "docs/reference/http.md"
HEAD = """\
# HTTP API

<!-- Written by dev/make_http_reference.py; do not edit. -->

{about}

A service tells all of this of itself at `/openapi.json`, with its own limits in the place of the
defaults that stand here. How to use it, and what to do about each problem: [](../how-to/serve.md).
"""
PROBLEMS = """
## Problems

The `type` of a problem is `urn:emoconv:problem:` and its kind.

| Kind | Status |
|---|---|
"""


def reference() -> str:
    """Return the whole page."""
    app = create_app(EmotionDetector.load(), Settings(page=False, api_keys=("key",)))
    document = app.openapi()
    parts = [HEAD.format(about=document["info"]["description"])]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            parts += operation_part(f"{method.upper()} {path}", operation)
    parts.append(PROBLEMS)
    parts += (f"| `{kind}` | {status.value} |\n" for kind, status in STATUS.items())
    parts.append("\n## Types\n")
    schemas = document["components"]["schemas"]
    for name in reached(document["paths"], schemas):
        parts += type_part(name, schemas[name])
    return "".join(parts)


def operation_part(title: str, operation: Schema) -> Iterator[str]:
    """Yield the section of an address and a method."""
    yield f"\n## {title}\n\n{operation['description']}\n"
    if "security" in operation:
        yield "\nWhere the service has API keys, wants one as `Authorization: Bearer KEY`.\n"
    if "requestBody" in operation:
        for media, content in operation["requestBody"]["content"].items():
            yield f"\nTakes {type_of(content['schema'])} as `{media}`.\n"
    yield "\n| Status | Gives | As |\n|---|---|---|\n"
    for status, response in sorted(operation["responses"].items()):
        for media, content in response["content"].items():
            yield f"| {status} | {type_of(content['schema'])} | `{media}` |\n"


def type_part(name: str, schema: Schema) -> Iterator[str]:
    """Yield the section of a type."""
    yield f"\n### {name}\n\n{schema['description']}\n\n"
    if "oneOf" in schema:
        names = (f"`{name}`" for one in schema["oneOf"] for name in one["required"])
        yield f"Has to have either {' or '.join(names)}; keys that are not listed are refused.\n\n"
    yield "| Key | Type | |\n|---|---|---|\n"
    needed = schema.get("required", ())
    for key, value in schema["properties"].items():
        meaning = value.get("description", "")
        default = value.get("default")
        if default is not None:
            meaning = f"{meaning} Default: `{json.dumps(default)}`.".strip()
        optional = "" if key in needed else "?"
        yield f"| `{key}`{optional} | {type_of(value)} | {meaning} |\n"
    for example in schema.get("examples", ()):
        yield f"\n```json\n{json.dumps(example, ensure_ascii=False)}\n```\n"


def type_of(schema: Schema) -> str:
    """Return what a schema allows, in words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(type_of(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(f"`{json.dumps(one)}`" for one in schema["enum"])
    match schema["type"]:
        case "array":
            bounds = span(schema.get("minItems"), schema.get("maxItems"))
            found = f"array{bounds} of {type_of(schema['items'])}"
        case "object":
            found = f"object of names and {type_of(schema['additionalProperties'])}"
        case "string" as kind:
            found = kind + span(schema.get("minLength"), schema.get("maxLength"), " characters")
        case kind:
            found = f"{kind}{span(schema.get('minimum'), schema.get('maximum'))}"
    return found


def span(least: float | None, most: float | None, unit: str = "") -> str:
    """Return two bounds, either of which may be missing, in brackets."""
    if least is None and most is None:
        return ""
    if most is None:
        return f" (at least {least:,}{unit})"
    return f" (at most {most:,}{unit})" if least is None else f" ({least:,} to {most:,}{unit})"


def reached(paths: Mapping[str, Schema], schemas: Mapping[str, Schema]) -> list[str]:
    """Return the names of the types that are used, each before those that it consists of."""
    found: list[str] = []

    def visit(value: object) -> None:
        if isinstance(value, dict):
            name = str(value.get("$ref", "")).rpartition("/")[2]
            if name and name not in found:
                found.append(name)
                visit(schemas[name])
            for one in value.values():
                visit(one)
        elif isinstance(value, list):
            for one in value:
                visit(one)

    for operations in paths.values():
        for operation in operations.values():  # what is sent before what is given
            visit(operation.get("requestBody"))
            visit(operation["responses"])
    return found


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(TARGET.read_text(encoding="utf-8") != reference())
    TARGET.write_text(reference(), encoding="utf-8")
