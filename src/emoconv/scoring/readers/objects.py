"""Lines of JSON as columns, and what is wrong with those that cannot be.

Knows nothing of files. pyarrow parses many lines at once; where it finds a fault in one of them,
the lines before, it and those behind are parsed on their own.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

__all__ = ["lasting_type", "loaded", "parse", "unfit", "what_is_wrong"]

_DEEPEST = 500
"""Objects and lists inside each other; pyarrow's parser calls itself for each, and crashes by
some ten thousand."""


def unfit(lines: pa.StringArray) -> list[int]:
    """Return which lines cannot be an object each, by their ends or by how deep they go.

    pyarrow would take a line break for a space, and crashes on a ``null`` and on what is nested
    very deeply.

    """
    import pyarrow.compute as pc  # noqa: PLC0415 - heavy; the lines are of it

    bare = pc.ascii_trim_whitespace(lines)
    braced = pc.and_(pc.starts_with(bare, "{"), pc.ends_with(bare, "}"))
    rows = set(np.flatnonzero(~braced.to_numpy(zero_copy_only=False)).tolist())
    lengths = pc.binary_length(lines).to_numpy(zero_copy_only=False)
    for row in np.flatnonzero(lengths > _DEEPEST).tolist():
        if _depth(lines[row].as_py()) > _DEEPEST:
            rows.add(row)
    return sorted(rows)


def _depth(line: str) -> int:
    """Return how many objects and lists of a line are inside each other; 0 if not many."""
    if line.count("[") + line.count("{") <= _DEEPEST:
        return 0
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", line)
    steps = [1 if mark in "[{" else -1 for mark in re.findall(r"[\[\]{}]", bare)]
    return int(np.cumsum(steps).max(initial=0))


def parse(
    lines: pa.StringArray, schema: pa.Schema | None, *, others: bool
) -> Iterator[tuple[int, pa.Table | str]]:
    """Yield the tables that runs of lines are, or what is wrong with a line, each with its place.

    Args:
        lines: None of them `unfit`.
        schema: The columns; None for those that are there.
        others: Whether other keys are passed over; else they are wrong.
    """
    import pyarrow as pa  # noqa: PLC0415 - heavy; the lines are of it

    place, width = 0, len(lines)
    while place < len(lines):
        part = lines.slice(place, width)
        answer = _table(part, schema, others=others)
        if isinstance(answer, pa.Table):
            width = 4 * len(part)  # faults seldom come alone
        elif len(part) > 1:
            width = _good_before(answer, len(part))
            continue
        else:
            width = 1
        yield place, answer
        place += len(part)


def _table(lines: pa.StringArray, schema: pa.Schema | None, *, others: bool) -> pa.Table | str:
    """Return a row a line, or what is wrong."""
    import pyarrow as pa  # noqa: PLC0415 - heavy; the lines are of it
    import pyarrow.compute as pc  # noqa: PLC0415 - same
    import pyarrow.json as arrow_json  # noqa: PLC0415 - same

    offsets = pa.array([0, len(lines)], pa.int32())
    text = pc.binary_join(pa.ListArray.from_arrays(offsets, lines), "\n")[0].as_buffer()
    unexpected = "ignore" if others else "infer" if schema is None else "error"
    try:
        table = arrow_json.read_json(
            pa.BufferReader(text),
            arrow_json.ReadOptions(use_threads=False, block_size=text.size + 1),
            arrow_json.ParseOptions(explicit_schema=schema, unexpected_field_behavior=unexpected),
        )
    except pa.ArrowInvalid as error:
        return str(error)
    return table if len(table) == len(lines) else "several objects in a line"


def _good_before(message: str, rows: int) -> int:
    """Return how many of some rows to try next: those before the fault, if that is known."""
    found = re.search(r" in row (\d+)$", message)
    fault = int(found[1]) if found else rows
    return max(1, fault if fault < rows else rows // 2)


def lasting_type(kind: pa.DataType) -> pa.DataType:
    """Return the type of a column of which some values are known.

    What looks like a time stays a string, as JSON has it, and so does that of which only nulls
    are known.
    """
    import pyarrow as pa  # noqa: PLC0415 - heavy; the type is of it

    if pa.types.is_timestamp(kind) or pa.types.is_null(kind):
        return pa.string()
    if pa.types.is_list(kind):
        return pa.list_(lasting_type(kind.value_type))
    if pa.types.is_struct(kind):
        fields = []
        for field in kind:  # a loop takes less of the stack, if types are in each other
            fields.append((field.name, lasting_type(field.type)))  # noqa: PERF401 - same
        return pa.struct(fields)
    return kind


def loaded(line: str) -> object:
    """Return what a line of JSON is; None if it is none."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def what_is_wrong(message: str, line: str, schema: pa.Schema) -> str:
    """Say what is wrong with a line.

    Args:
        message: What pyarrow says, or nothing if it was not asked.
        line: The line.
        schema: The columns.
    """
    try:
        found = json.loads(line)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            return "more than one value in a line of JSON"
        return f"not JSON ({error.msg}, character {error.pos + 1})"
    except RecursionError:
        found = {}
    if not isinstance(found, dict):
        return f"JSON, but {_kind(found)}; expected an object"
    if not message:
        return f"JSON of more than {_DEEPEST} objects and lists inside each other"
    return _in_our_words(message, [key for key in found if key not in schema.names])


def _in_our_words(message: str, new: list[str]) -> str:
    """Return what pyarrow says of an object.

    Args:
        message: What it says.
        new: The keys that are no columns.
    """
    message = re.sub(r"^JSON parse error: | in row \d+$", "", message).rstrip(".")
    if changed := re.match(r"Column\(/(.+)\) changed from (\w+) to (\w+)$", message):
        key, expected, kind = changed.groups()
        return f"key {key!r} holds {_article(kind)}, expected {_article(expected)}"
    if twice := re.match(r"Column\(/(.+)\) was specified twice", message):
        return f"key {twice[1]!r} is there twice"
    if message == "unexpected field":
        return (
            f"a key that the first lines do not have ({', '.join(map(repr, new)) or 'inside one'}"
            "); write JSON Lines, which keeps each line as it is"
        )
    return message


def _kind(value: object) -> str:
    if value is None:
        return "null"
    kinds = {list: "an array", str: "a string", bool: "a boolean"}
    return kinds.get(type(value), "a number")


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
