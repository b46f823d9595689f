"""The work on streams and that of a cluster's workers: record batches through one detector.

Knows neither Ray nor Spark, so that a worker loads no more than scoring takes.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from emoconv.annotation import ADDITIONS, check_names, new_fields
from emoconv.detector import EmotionDetector
from emoconv.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pyarrow as pa

    from emoconv.annotation import Addition, Form

__all__ = ["Scoring", "Task", "check_texts", "settled"]


@dataclass(frozen=True)
class Scoring:
    """The work on a record batch: `EmotionDetector.predict_arrow` and what it is called with.

    Args:
        detector: A steady one.
        column: The name of the column of texts.
        columns: What is added.
        probabilities: How they are written.
        prefix: What the new columns' names begin with.
    """

    detector: EmotionDetector
    column: str = "text"
    columns: tuple[Addition, ...] = ADDITIONS
    probabilities: Form = "list"
    prefix: str = ""

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return a batch with what was found in it.

        Raises:
            DataError: It has no such column, or that does not hold strings, or it has a new
                column's name already.
        """
        self.check(batch.schema)
        return self.detector.predict_arrow(
            batch,
            self.column,
            columns=self.columns,
            probabilities=self.probabilities,
            prefix=self.prefix,
        )

    def new_fields(self) -> list[pa.Field]:
        """Return the fields that are added, in their order.

        Raises:
            ConfigError: There is no such column to add, or no such form.
        """
        return new_fields(
            self.detector.labels,
            columns=self.columns,
            form=self.probabilities,
            prefix=self.prefix,
        )

    def check(self, schema: pa.Schema) -> None:
        """Check the columns of batches before there is one.

        Raises:
            DataError: As above.
            ConfigError: There is no such column to add, or no such form.
        """
        check_names(schema.names, self.column, [field.name for field in self.new_fields()])
        check_texts(schema, self.column)


def check_texts(schema: pa.Schema, column: str) -> None:
    """Check that a column can hold texts.

    Raises:
        DataError: It is of another type.
    """
    import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it

    kind = schema.field(column).type
    values = kind.value_type if pa.types.is_dictionary(kind) else kind
    strings = (pa.string(), pa.large_string(), pa.string_view(), pa.null())
    if values not in strings:
        raise DataError(f"column {column!r} holds {kind}, expected strings; name another column")


class Task:
    """The work on all batches of a Spark task, in a process that does one task after another.

    Where it is unpickled a second time in a process, the first is taken, whose detector has
    started.

    Args:
        scoring: The work on a batch.
    """

    _started: ClassVar[dict[str, Task]] = {}

    def __init__(self, scoring: Scoring) -> None:
        self.scoring = scoring
        self._key = uuid.uuid4().hex

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield the batches with what was found in them, in lists of no fixed size."""
        return (_unfixed(self.scoring(batch), batch.num_columns) for batch in batches)

    def __reduce__(self) -> tuple[Callable[..., Task], tuple[object, ...]]:
        """Copy the work, unless it is there already."""
        return Task._once, (self._key, self.scoring)

    @classmethod
    def _once(cls, key: str, scoring: Scoring) -> Task:
        if key not in cls._started:
            cls._started.clear()  # of an earlier job: a process does one at a time
            cls._started[key] = cls(scoring)
        return cls._started[key]


def settled(detector: EmotionDetector | None) -> EmotionDetector:
    """Return a detector whose results do not depend on how the cluster cuts rows into batches.

    Threads are one if nobody says otherwise, since a cluster runs a task per core.

    Args:
        detector: None for the model in the package.
    """
    steady = (EmotionDetector.load() if detector is None else detector).steady()
    if steady.threads is not None:
        return steady
    return steady.replace(threads=1)


def _unfixed(batch: pa.RecordBatch, own: int) -> pa.RecordBatch:
    """Return a batch with lists of fixed size, behind its own columns, as lists; Spark wants it."""
    import pyarrow as pa  # noqa: PLC0415 - heavy; the caller has it

    for place, field in list(enumerate(batch.schema))[own:]:
        if pa.types.is_fixed_size_list(field.type):
            plain = field.with_type(pa.list_(field.type.value_type))
            batch = batch.set_column(place, plain, batch.column(place).cast(plain.type))
    return batch
