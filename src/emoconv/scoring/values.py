"""Values out of JSON, each what it should be, or an error that says what was found.

Knows nothing of what the values are for.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from emoconv.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["count_of", "counts_of", "number_of", "object_of", "objects_of", "text_of"]

_LONGEST_SHOWN = 40


def object_of(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return an object's member that is an object.

    Raises:
        DataError: It is not there or something else.
    """
    return _object(values.get(name), name)


def objects_of(values: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return a member that is a list of objects.

    Raises:
        DataError: It is not there or something else.
    """
    found = values.get(name)
    if not isinstance(found, list):
        raise _wrong(found, name, "a list of objects")
    return [_object(value, name) for value in found]


def text_of(values: Mapping[str, Any], name: str) -> str:
    """Return a member that is a string.

    Raises:
        DataError: It is not there or something else.
    """
    found = values.get(name)
    if not isinstance(found, str):
        raise _wrong(found, name, "a string")
    return found


def count_of(values: Mapping[str, Any], name: str) -> int:
    """Return a member that is a whole number from 0 to what 64 bits hold.

    Raises:
        DataError: It is not there or something else.
    """
    return _count(values.get(name), name)


def counts_of(values: Mapping[str, Any], name: str, *, length: int) -> NDArray[np.int64]:
    """Return a member that is a list of so many such numbers, int64 (length,).

    Raises:
        DataError: It is not there or something else.
    """
    found = values.get(name)
    if not isinstance(found, list) or len(found) != length:
        raise _wrong(found, name, f"a list of {length} counts")
    return np.array([_count(value, name) for value in found], dtype=np.int64)


def number_of(values: Mapping[str, Any], name: str) -> float:
    """Return a member that is a finite number, at least 0.

    Raises:
        DataError: It is not there or something else.
    """
    found = values.get(name)
    if not isinstance(found, int | float) or isinstance(found, bool) or not 0 <= found < math.inf:
        raise _wrong(found, name, "a number from 0")
    return float(found)


def _object(found: Any, name: str) -> Mapping[str, Any]:  # noqa: ANN401 - anything of JSON
    if not isinstance(found, dict):
        raise _wrong(found, name, "an object")
    return found


def _count(found: Any, name: str) -> int:  # noqa: ANN401 - same
    if type(found) is not int or not 0 <= found < 2**63:
        raise _wrong(found, name, "a count")
    return found


def _wrong(found: object, name: str, expected: str) -> DataError:
    text = json.dumps(found, ensure_ascii=False)
    shown = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
    return DataError(f"{name!r} is {shown}; expected {expected}")
