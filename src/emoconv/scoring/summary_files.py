"""Summaries as JSON files, for people too; their writer may keep more there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from emoconv.data.records import read_text
from emoconv.errors import DataError
from emoconv.scoring.summary import Summary
from emoconv.scoring.values import object_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

__all__ = ["StoredSummary", "read_summary", "write_summary"]


class StoredSummary(NamedTuple):
    """A summary as it is in a file.

    Attributes:
        summary: What was found.
        about: What else its writer kept there: the run, the model.
    """

    summary: Summary
    about: dict[str, object]


def write_summary(
    summary: Summary,
    path: str | PathLike[str],
    *,
    about: Mapping[str, object] | None = None,
) -> None:
    """Write a summary as JSON, beside its place first, and move it there.

    Args:
        summary: What was found.
        path: The file; one that is there is replaced.
        about: What else is to be kept there, ahead of it; of names that a summary does not use.
    """
    path = Path(path)
    unfinished = path.with_name(path.name + ".part")
    content = json.dumps({**(about or {}), **summary.to_dict()}, indent=1, ensure_ascii=False)
    unfinished.write_text(content + "\n", encoding="utf-8")
    unfinished.replace(path)


def read_summary(path: str | PathLike[str]) -> StoredSummary:
    """Read what `write_summary` wrote.

    Raises:
        DataNotFoundError: There is no such file.
        DataError: It is no summary; see `Summary.from_dict`.
    """
    path = Path(path)
    text = read_text(path)
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(f"not JSON: {error.msg}", path=path, line=error.lineno) from None
    except (ValueError, RecursionError) as error:  # a number, or nesting, that Python refuses
        raise DataError(f"not JSON that can be read: {error}", path=path) from None
    try:
        summary = Summary.from_dict(object_of({"the file": values}, "the file"))
    except DataError as error:
        raise DataError(f"no summary of `emoconv score`: {error}", path=path) from None
    own = summary.to_dict()
    return StoredSummary(summary, {name: values[name] for name in values if name not in own})
