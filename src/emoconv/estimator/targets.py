"""Targets as users have them, to label names and a multi-hot array, and decisions back to them.

Three forms are told apart by what they look like: a class for each text (multi-class), an
indicator with a column for each label (multi-label), and a collection of label names for each text
(multi-label). Knows nothing of texts or networks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from emoconv.errors import DataError, LabelError
from emoconv.labels import LabelSet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Form: TypeAlias = Literal["classes", "indicator", "names"]

__all__ = ["Targets", "read_targets"]

_COLLECTIONS = (list, tuple, set, frozenset, np.ndarray)
_ROWS_BY_LABELS = 2


@dataclass(frozen=True, eq=False)
class Targets:
    """What N texts are to be answered with.

    Attributes:
        form: A class a text, an indicator, or collections of names.
        classes: (L,), what the columns stand for: the classes in ascending order, the names of the
            labels, or their numbers where an indicator came without names.
        labels: The same as names.
        y: bool (N, L); exactly one in a row where the form is classes.
    """

    form: Form
    classes: NDArray[Any]
    labels: LabelSet
    y: NDArray[np.bool_]

    @property
    def exclusive(self) -> bool:
        """Whether a text has exactly one label: multi-class."""
        return self.form == "classes"

    def select(self, rows: NDArray[np.intp]) -> Targets:
        """Return some of the rows; classes that none of them has are forgotten."""
        y = self.y[rows]
        if not self.exclusive:
            return replace(self, y=y)
        kept = np.flatnonzero(y.any(axis=0))
        labels = LabelSet(tuple(self.labels.names[i] for i in kept))
        return Targets(self.form, self.classes[kept], labels, y[:, kept])

    def restore(self, decided: NDArray[np.bool_]) -> NDArray[Any]:
        """Return decisions, bool (M, L), in the form in which the targets came."""
        if self.form == "indicator":
            return decided.astype(np.int64)
        if self.form == "classes":
            return np.asarray(self.classes[decided.argmax(axis=1)])
        found = np.empty(len(decided), dtype=object)
        found[:] = self.labels.decode(decided)
        return found


def read_targets(y: object, *, class_names: Sequence[str] | None = None) -> Targets:
    """Tell the form of targets and read them.

    Args:
        y: Strings, whole numbers or bools, one a text; or 0 and 1 in rows, an array, a sparse
            matrix, or a data frame; or a list, tuple or set of names for each text. Lists, numpy,
            pandas, polars and pyarrow.
        class_names: What class or column 0, 1, ... is called; ``None`` for what they are.

    Raises:
        ValueError: There is no target, or it is continuous.
        DataError: A target is missing, or is of none of the three forms.
        LabelError: The names do not fit the classes, or a name cannot be one.
    """
    if y is None:
        raise ValueError("EmotionClassifier requires y to be passed, but the target y is None")
    values, columns = _plain(y)
    if isinstance(values, list):
        _check_whole(values)
        if any(isinstance(value, _COLLECTIONS) for value in values):
            if all(_is_row(value) for value in values) and len(set(map(len, values))) == 1:
                return _indicator(np.array(values), columns, class_names)
            return _collections(values, class_names)
        values = _one_type(values)
    if values.ndim == _ROWS_BY_LABELS and values.shape[1] != 1:
        return _indicator(values, columns, class_names)
    return _classes(values, class_names)


def _plain(y: Any) -> tuple[list[Any] | NDArray[Any], tuple[str, ...] | None]:  # noqa: ANN401 - any library's
    """Return targets as a list or as an array of numbers, and the names of a frame's columns."""
    if hasattr(y, "column_names"):  # a table of pyarrow
        return np.array([column.to_pylist() for column in y.columns]).T, tuple(y.column_names)
    if hasattr(y, "columns"):  # a frame of pandas or polars
        return y.to_numpy(), tuple(map(str, y.columns))
    if hasattr(y, "toarray"):  # sparse
        return np.asarray(y.toarray()), None
    for method in ("to_pylist", "to_list"):  # a column of pyarrow, or of pandas or polars
        if hasattr(y, method):
            return list(getattr(y, method)()), None
    if hasattr(y, "__array__"):
        values = np.asarray(y)
        return values.tolist() if values.dtype.hasobject else values, None
    if isinstance(y, str) or not hasattr(y, "__iter__"):
        raise DataError(f"the targets are {y!r}; expected one for each text")
    return list(y), None


def _is_row(value: object) -> bool:
    """Tell whether a value may be a row of an indicator: numbers or bools, one at least."""
    if not isinstance(value, list | tuple | np.ndarray) or not len(value):
        return False
    return all(isinstance(item, int | float | np.number | np.bool_) for item in value)


def _check_whole(values: Sequence[object]) -> None:
    for place, value in enumerate(values):
        if isinstance(value, _COLLECTIONS):
            continue
        gone = value is None or type(value).__name__ in {"NAType", "NaTType"}
        if gone or value != value:  # noqa: PLR0124 - NaN alone differs from itself
            raise DataError(
                f"target {place} is missing ({value}): Input y contains NaN or None; leave the "
                "row out, or give it a class"
            )


def _one_type(values: Sequence[object]) -> NDArray[Any]:
    """Return classes as an array, if they are of types that belong together."""
    kinds = {type(value).__name__: place for place, value in enumerate(values)}
    strings = {type(value).__name__ for value in values if isinstance(value, str)}
    if strings and len(strings) < len(kinds):
        other = min(place for kind, place in kinds.items() if kind not in strings)
        raise DataError(
            f"targets are of types that cannot be compared: {', '.join(sorted(kinds))}; "
            f"target {other} is {values[other]!r}: make them all strings"
        )
    return np.array(values)


def _classes(values: NDArray[Any], class_names: Sequence[str] | None) -> Targets:
    values = column_or_1d(values, warn=True)
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        place = int(np.flatnonzero(~np.isfinite(values))[0])
        raise DataError(
            f"target {place} is {values[place]}: Input y contains NaN or infinity; leave the row "
            "out, or give it a class"
        )
    check_classification_targets(values)
    classes, places = np.unique(values, return_inverse=True)
    names = [str(value) for value in classes.tolist()]
    if class_names is not None:
        names = [_name_of(value, class_names) for value in classes.tolist()]
    y = places[:, None] == np.arange(len(classes))
    return Targets("classes", classes, LabelSet(tuple(names)), y)


def _name_of(value: object, class_names: Sequence[str]) -> str:
    if isinstance(value, int) and 0 <= value < len(class_names):
        return class_names[value]
    raise LabelError(
        f"class_names has {len(class_names)} names, for the classes 0 to {len(class_names) - 1}; "
        f"the targets hold {value!r}"
    )


def _indicator(
    values: NDArray[Any], columns: tuple[str, ...] | None, class_names: Sequence[str] | None
) -> Targets:
    wrong = np.argwhere(~np.isin(values, (0, 1)))
    if len(wrong):
        row, column = wrong[0].tolist()
        raise DataError(
            f"target {row} has {values[row, column]} in column {column}; expected 0 or 1 for "
            "each label, or one class for each text"
        )
    names = columns if class_names is None else tuple(class_names)
    count = values.shape[1]
    if names is not None and len(names) != count:
        raise LabelError(f"class_names has {len(names)} names, and the targets {count} columns")
    classes = np.arange(count) if names is None else np.array(names)
    labels = LabelSet(tuple(map(str, classes.tolist())))
    return Targets("indicator", classes, labels, values.astype(np.bool_))


def _collections(values: Sequence[Any], class_names: Sequence[str] | None) -> Targets:
    found: set[str] = set()
    for place, value in enumerate(values):
        names = list(value) if isinstance(value, _COLLECTIONS) else [value]
        if not isinstance(value, _COLLECTIONS) or not all(isinstance(n, str) for n in names):
            raise DataError(
                f"target {place} is {value!r}; expected a list of label names, as the others "
                "are, or a row of 0 and 1 for all of them"
            )
        found.update(names)
    if not found:
        raise DataError("no text has any label; nothing can be learnt")
    labels = LabelSet(tuple(sorted(found) if class_names is None else class_names))
    return Targets("names", np.array(labels.names), labels, labels.encode(values))
