"""A record batch with what was found in its texts beside its own columns.

Knows Arrow, names of labels and arrays of probabilities, and nothing of how those are computed.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from emoconv.decision import confidence, held
from emoconv.errors import ConfigError, DataError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = [
    "ADDITIONS",
    "FORMS",
    "KNOWN_ADDITIONS",
    "Addition",
    "Form",
    "annotate",
    "check_names",
    "new_fields",
]

Addition = Literal["labels", "top", "confidence", "probabilities"]
"""What can be added to a batch: the labels that hold, the most probable one, its probability, all
probabilities."""

KNOWN_ADDITIONS: tuple[Addition, ...] = get_args(Addition)
ADDITIONS: tuple[Addition, ...] = ("labels", "top", "probabilities")
"""What is added if nobody says otherwise."""

Form = Literal["list", "columns"]
"""How probabilities are written: one column of lists, or one for each label."""

FORMS: tuple[Form, ...] = ("list", "columns")


def new_fields(
    labels: Sequence[str],
    *,
    columns: Sequence[Addition] = ADDITIONS,
    form: Form = "list",
    prefix: str = "",
) -> list[pa.Field]:
    """Return the fields that `annotate` adds, in their order.

    The field of a list of probabilities has the names of the labels as metadata, a JSON list under
    ``labels``.

    Args:
        labels: L names.
        columns: What is added.
        form: How probabilities are written.
        prefix: What their names begin with.

    Raises:
        ConfigError: There is no such column to add, or no such form.

    Example:
        >>> [field.name for field in new_fields(["joy"], form="columns", prefix="my_")]
        ['my_labels', 'my_top_label', 'my_probability_joy']
    """
    import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it

    if form not in FORMS:
        raise ConfigError(
            f"probabilities is {form!r}{did_you_mean(form, FORMS)}; expected 'list' or 'columns'"
        )
    for name in columns:
        if name not in KNOWN_ADDITIONS:
            raise ConfigError(
                f"columns has {name!r}{did_you_mean(name, KNOWN_ADDITIONS)}; expected some of "
                f"{', '.join(map(repr, KNOWN_ADDITIONS))}"
            )
    names = {b"labels": json.dumps(list(labels)).encode()}
    kinds = {
        "list": [pa.field("probabilities", pa.list_(pa.float32(), len(labels)), metadata=names)],
        "columns": [pa.field(f"probability_{label}", pa.float32()) for label in labels],
    }
    fields = {
        "labels": [pa.field("labels", pa.list_(pa.string()))],
        "top": [pa.field("top_label", pa.string())],
        "confidence": [pa.field("confidence", pa.float32())],
        "probabilities": kinds[form],
    }
    added = [field for name in KNOWN_ADDITIONS if name in columns for field in fields[name]]
    return [field.with_name(prefix + field.name) for field in added]


def annotate(
    batch: pa.RecordBatch,
    column: str,
    *,
    labels: Sequence[str],
    predict_proba: Callable[[pa.Array], NDArray[np.float32]],
    cuts: NDArray[np.float32],
    min_confidence: float = 0.0,
    columns: Sequence[Addition] = ADDITIONS,
    form: Form = "list",
    prefix: str = "",
) -> pa.RecordBatch:
    """Return a record batch of N rows with columns added to it; its own stay as they are.

    Args:
        batch: Any columns.
        column: The name of the one that holds the texts.
        labels: L names.
        predict_proba: From the texts to float32 (N, L), NaN for a missing text.
        cuts: float32 (L,): a label holds at or above it.
        min_confidence: In a text whose highest probability is below it, none does.
        columns: What is added.
        form: How probabilities are written.
        prefix: What the new columns' names begin with.

    Raises:
        TypeError: ``batch`` is no record batch, or the column does not hold strings.
        DataError: It has no such column, or more than one, or has a new column's name already.
        ConfigError: There is no such column to add, or no such form.
    """
    import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it

    if not isinstance(batch, pa.RecordBatch):
        raise TypeError(
            f"expected a pyarrow RecordBatch, got {type(batch).__name__}; a table gives its "
            "batches by to_batches()"
        )
    fields = new_fields(labels, columns=columns, form=form, prefix=prefix)
    check_names(batch.schema.names, column, [field.name for field in fields])
    probabilities = predict_proba(batch.column(column))
    holds = held(probabilities, cuts, min_confidence=min_confidence)
    highest = confidence(probabilities)
    unsure = ~(highest >= min_confidence)  # a missing text's is NaN
    values = _values(probabilities, labels, holds, highest, unsure, form=form)
    added = [array for name in KNOWN_ADDITIONS if name in columns for array in values[name]]
    schema = batch.schema
    for field in fields:
        schema = schema.append(field)
    return pa.RecordBatch.from_arrays([*batch.columns, *added], schema=schema)


def check_names(present: Sequence[str], column: str, new: Sequence[str]) -> None:
    """Check that there is one column of texts, and none of a new column's name.

    Args:
        present: The names of a batch's columns.
        column: The name of the one that holds the texts.
        new: The names of what is added.

    Raises:
        DataError: It is not so.
    """
    count = present.count(column)
    if count == 0:
        hint = did_you_mean(column, present)
        raise DataError(f"no column {column!r} (the columns are {', '.join(present)}){hint}")
    if count > 1:
        raise DataError(f"{count} columns are called {column!r}; rename all but one")
    if taken := [name for name in new if name in present]:
        raise DataError(
            f"there is a column {taken[0]!r} already; give the new columns a prefix, such as "
            "prefix='emoconv_' (--prefix emoconv_)"
        )


def _values(
    probabilities: NDArray[np.float32],
    labels: Sequence[str],
    holds: NDArray[np.bool_],
    highest: NDArray[np.float32],
    unsure: NDArray[np.bool_],
    *,
    form: Form,
) -> dict[Addition, list[pa.Array]]:
    """Return the values of the new columns: null where a row of probabilities is NaN.

    Args:
        probabilities: float32 (N, L).
        labels: L names.
        holds: bool (N, L).
        highest: float32 (N,), the highest probability of each text.
        unsure: bool (N,), where there is no top label, in missing texts too.
        form: How probabilities are written.
    """
    import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it

    missing = np.isnan(probabilities[:, 0])
    null = pa.array(missing)
    names = pa.array(labels, pa.string())
    rows, numbers = np.divmod(np.flatnonzero(holds), len(labels))
    # Rows in order, the strongest label of each first, equal ones as they are.
    order = np.argsort(rows - probabilities[rows, numbers].astype(np.float64), kind="stable")
    offsets = np.zeros(len(missing) + 1, dtype=np.int32)
    np.cumsum(np.bincount(rows, minlength=len(missing)), out=offsets[1:])
    chosen = names.take(pa.array(numbers[order]))
    if form == "list":
        flat = pa.array(probabilities.ravel())
        written = [pa.FixedSizeListArray.from_arrays(flat, len(labels), mask=null)]
    else:
        written = [pa.array(values, mask=missing) for values in probabilities.T]
    return {
        "labels": [pa.ListArray.from_arrays(pa.array(offsets), chosen, mask=null)],
        "top": [names.take(pa.array(probabilities.argmax(axis=1), mask=unsure))],
        "confidence": [pa.array(highest, mask=missing)],
        "probabilities": written,
    }
