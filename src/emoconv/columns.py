"""A column of texts, whatever it comes in: as Python strings or as Arrow strings.

A column is any iterable of ``str`` and ``None``, a pyarrow array, a numpy array, or
a column of pandas or polars, which are told by their names and never imported. Knows nothing of
what is done with texts.

Python strings can hold lone surrogates, halves of a character, which UTF-8 and so Arrow cannot.
Two that belong together become the character; each other becomes U+FFFD, the replacement
character, so that a text is the same whichever form it takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Column: TypeAlias = (
        "Iterable[str | None] | pa.Array | pa.ChunkedArray | NDArray[np.object_ | np.str_]"
    )
    """What a caller may give; columns of pandas and polars are iterables of strings too."""
    Gathered: TypeAlias = "Sequence[str | None] | pa.Array | pa.ChunkedArray"
    """What `gather` returns: it has a length and can be sliced."""

__all__ = ["gather", "to_arrow", "to_strings"]


def gather(texts: Column) -> Gathered:
    """Return a column as a list of its own kind: Arrow as Arrow, all else as a list.

    Columns of pandas and polars become Arrow.

    Raises:
        TypeError: It is a single string, or a table, or has more dimensions than one, or a value
            is neither a string nor ``None``; the message has its place.
    """
    if isinstance(texts, (str, bytes)):
        kind = type(texts).__name__
        raise TypeError(f"expected a sequence of texts, got one {kind}; put it in a list: [text]")
    package = type(texts).__module__.partition(".")[0]
    if package in {"pandas", "polars", "pyarrow"}:
        if hasattr(texts, "columns") or not hasattr(texts, "__len__"):
            kind = type(texts).__name__
            raise TypeError(f"expected one column of texts, got a {kind}; give one of its columns")
        return _arrow_strings(_as_arrow(texts, package))
    dimensions = getattr(texts, "ndim", 1)
    if dimensions != 1:
        raise TypeError(f"expected one column of texts, got an array of {dimensions} dimensions")
    if package == "numpy":  # its strings are of a type of their own
        values = cast("list[str | None]", cast("NDArray[np.object_]", texts).tolist())
    else:
        values = texts if isinstance(texts, list) else list(texts)
    _check(values)
    return values


def to_strings(column: Gathered) -> list[str | None]:
    """Return a gathered column, or a slice of one, as Python strings that are valid Unicode."""
    if not isinstance(column, list):
        return cast("list[str | None]", cast("pa.Array", column).to_pylist())
    return [text if text is None or text.isascii() else _valid(text) for text in column]


def to_arrow(column: Gathered) -> pa.Array | pa.ChunkedArray:
    """Return a gathered column as Arrow strings or large strings."""
    if not isinstance(column, list):
        return column
    import pyarrow as pa  # noqa: PLC0415 - heavy, wanted for many texts only

    try:
        return pa.array(column, pa.string())
    except UnicodeEncodeError:
        return pa.array(to_strings(column), pa.string())


def _valid(text: str) -> str:
    """Return a text with its surrogates joined or replaced."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _check(texts: Sequence[object]) -> None:
    """Say which value is no text."""
    if set(map(type, texts)) <= {str, type(None)}:  # quick, and true of most columns
        return
    for place, text in enumerate(texts):
        if not isinstance(text, str) and text is not None:
            raise TypeError(
                f"text {place} is {text!r} ({type(text).__name__}); expected str, or None for a "
                "missing text"
            )


def _as_arrow(texts: object, package: str) -> pa.Array | pa.ChunkedArray:
    """Return an Arrow array or a column of pandas or polars as Arrow of whatever type."""
    import pyarrow as pa  # noqa: PLC0415 - heavy; here the caller has it, or a frame of it

    if package == "pyarrow":
        return texts
    if package == "polars":
        return cast("pa.Array", texts).to_arrow()
    try:
        return pa.array(texts, from_pandas=True)  # NaN and NA of pandas are missing values
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):
        missing = cast("pa.Array", texts).isna()  # a mixture of types, or surrogates
        found = zip(cast("list[str]", texts), missing, strict=True)
        return to_arrow(gather([None if gone else value for value, gone in found]))


def _arrow_strings(array: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Return Arrow of any type of string, or of nothing but nulls, as strings or large strings."""
    import pyarrow as pa  # noqa: PLC0415 - the caller has it

    kind = array.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return array
    if pa.types.is_dictionary(kind):
        return _arrow_strings(array.cast(kind.value_type))
    if pa.types.is_string_view(kind):
        return array.cast(pa.large_string())
    values = array.to_pylist()  # null, types made of others, or what is no text
    _check(values)
    return pa.array(values, pa.string())
