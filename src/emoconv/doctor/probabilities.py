"""Probabilities of a data set's labels in a Parquet file: a column a label, a row a row."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from emoconv.data.formats import open_table
from emoconv.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emoconv.data import Dataset

__all__ = ["read_probabilities", "write_probabilities"]

_KEY = b"emoconv_data_sha256"


def write_probabilities(path: Path, probabilities: NDArray[np.float32], dataset: Dataset) -> None:
    """Write float32 (N, L), beside its place first, then move it there.

    The fingerprint of the data set goes with them, so that they are not taken for another's.
    """
    import pyarrow as pa  # noqa: PLC0415 - heavy
    import pyarrow.parquet as pq  # noqa: PLC0415 - same

    columns = dict(zip(dataset.labels.names, probabilities.T, strict=True))
    table = pa.table({name: np.ascontiguousarray(column) for name, column in columns.items()})
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    pq.write_table(
        table.replace_schema_metadata({_KEY: dataset.fingerprint().encode()}), unfinished
    )
    unfinished.replace(path)


def read_probabilities(path: Path, dataset: Dataset) -> NDArray[np.float32]:
    """Read the probabilities of a data set's labels, float32 (N, L).

    Args:
        path: A Parquet file with a column of numbers for each label, named as the label is, and a
            row for each row of the data set, in its order; other columns are passed over. Any
            model may have written it, if it did not learn from the text of a row what it says
            of that row.
        dataset: What they are of.

    Raises:
        DataNotFoundError: There is no such file.
        DataError: It is not as said, or says that it is of other data.
    """
    import pyarrow.parquet as pq  # noqa: PLC0415 - heavy

    table = open_table(Path(path), "parquet")
    if len(table.lines) != len(dataset):
        raise DataError(
            f"{len(table.lines):,} rows of probabilities, expected {len(dataset):,}, one for each "
            "row of the data",
            path=path,
        )
    own = (pq.read_schema(path).metadata or {}).get(_KEY)
    if own is not None and own != dataset.fingerprint().encode():
        raise DataError(
            "these probabilities are of other data, or the data has changed since; make them anew",
            path=path,
        )
    columns = [table.column(name) for name in dataset.labels.names]
    try:
        found = np.array(columns, dtype=np.float32).T  # (N, L)
    except (TypeError, ValueError):
        raise DataError(
            "a column of a label holds what is no number, expected probabilities", path=path
        ) from None
    wrong = np.argwhere(~((found >= 0) & (found <= 1)))
    if len(wrong):
        row, label = wrong[0]
        raise DataError(
            f"column {dataset.labels.names[label]!r} holds {found[row, label]}, expected a "
            "probability, 0 to 1",
            path=path,
            line=int(row) + 1,
        )
    return np.ascontiguousarray(found)
