"""Scoring on Ray: one detector an actor, through which a dataset's blocks go.

Thin: Ray reads, shares out and writes, actors hand record batches to `predict_arrow`. Importing
this imports Ray (extra ``ray``).
"""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
from typing import TYPE_CHECKING, cast

from emoconv.annotation import ADDITIONS
from emoconv.errors import ConfigError, DataError, DataNotFoundError, MissingExtraError
from emoconv.scoring.cluster import (
    DONE,
    check_answers,
    check_apart,
    failure,
    find_source,
    local_path,
    whole_folder,
)
from emoconv.scoring.inputs import FORMATS, Input, format_of
from emoconv.scoring.readers import open_reader
from emoconv.scoring.work import Scoring, settled

try:
    import ray
    import ray.data
    from ray.data.datasource import FileBasedDatasource, FilenameProvider
except ImportError as error:
    raise MissingExtraError("scoring on Ray", extra="ray") from error

import pyarrow as pa
from pyarrow import dataset as arrow_dataset
from pyarrow import fs as arrow_fs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from emoconv.annotation import Addition, Form
    from emoconv.detector import EmotionDetector
    from emoconv.scoring.cluster import Source
    from emoconv.scoring.inputs import Format

__all__ = ["BATCH_ROWS", "score", "score_files"]

BATCH_ROWS = 2**14
"""Most rows that are scored together."""


def score(
    dataset: ray.data.Dataset,
    column: str = "text",
    *,
    detector: EmotionDetector | None = None,
    columns: Sequence[Addition] = ADDITIONS,
    probabilities: Form = "list",
    prefix: str = "",
    concurrency: int | None = None,
) -> ray.data.Dataset:
    """Return a dataset with what is found in one of its columns beside all of them.

    Nothing is computed yet. Each actor takes as many cores as the detector has threads, one if
    that is not said; each starts its detector once.

    Args:
        dataset: Any columns.
        column: The name of the one that holds the texts.
        detector: None for the model in the package. With ``engine="auto"`` it computes by compiled
            code where numba is installed here, which it then must be on the workers too.
        columns: Which columns are added, as of `EmotionDetector.predict_arrow`.
        probabilities: How they are written.
        prefix: What the names of the new columns begin with.
        concurrency: How many actors; None for as many as Ray finds room for.

    Raises:
        DataError: If Ray knows the columns already: there is none of that name, or it does not
            hold strings, or one has a new column's name. Else that is said when it computes.
        ConfigError: ``columns`` or ``probabilities`` has what is none of these.
    """
    scoring = Scoring(settled(detector), column, tuple(columns), probabilities, prefix)
    scoring.new_fields()
    schema = dataset.schema(fetch_if_missing=False)
    if schema is not None and isinstance(schema.base_schema, pa.Schema):
        scoring.check(schema.base_schema)
    return dataset.map_batches(
        _Actor,
        fn_constructor_args=([ray.put(scoring)],),  # in a list: Ray does not fetch it for each
        compute=ray.data.ActorPoolStrategy(size=concurrency),
        num_cpus=scoring.detector.threads or 1,
        batch_format="pyarrow",
        batch_size=None,
    )


def score_files(
    inputs: Sequence[str],
    output: str,
    *,
    format: Format | None = None,  # noqa: A002 - the option's name
    text_column: str = "text",
    detector: EmotionDetector | None = None,
    columns: Sequence[Addition] = ADDITIONS,
    probabilities: Form = "list",
    prefix: str = "",
    address: str | None = None,
    overwrite: bool = False,
) -> int:
    """Score files into a folder of Parquet shards, whose names sort in the order of the rows.

    Files of text formats are read as they are on one machine, each by one actor; Parquet is read
    by Ray. A local folder gets its name when it is whole; in one on other storage an empty
    ``_SUCCESS`` is written last.

    Args:
        inputs: Local files, patterns and folders, which every node must see under the same path,
            or URIs of any storage that pyarrow or fsspec know.
        output: A folder, local as above or a URI.
        format: Of all inputs; None takes it from their endings.
        text_column: The name of the column of texts.
        detector: As of `score`.
        columns: As of `score`.
        probabilities: As of `score`.
        prefix: As of `score`.
        address: Of a cluster, ``host:port``; None for that which RAY_ADDRESS names, or else for
            one of this machine's cores, which goes when the work is done. If this process has
            Ray started already, that.
        overwrite: Whether shards in ``output`` may be replaced.

    Returns:
        The number of rows. Where there are none, Ray writes no shard.

    Raises:
        ConfigError: No cluster answers, the output exists or holds an input, or an argument is
            out of range.
        DataError: An input is not there or not as its format has it, or has no such column.
        EmoconvError: Ray failed in another way.
    """
    source = find_source(inputs, format, known=FORMATS)
    check_apart(source, output)
    with (
        _quiet(),
        _shards(output, overwrite=overwrite) as (folder, storage),
        _connected(address),
    ):
        try:
            scored = score(
                _read(source, text_column),
                text_column,
                detector=detector,
                columns=columns,
                probabilities=probabilities,
                prefix=prefix,
            )
            scored.write_parquet(
                folder, filesystem=storage, filename_provider=_Names(file_format="parquet")
            )
        except ray.exceptions.RayError as error:
            raise failure(error, engine="Ray") from None
        written = arrow_dataset.dataset(folder, filesystem=storage, format="parquet")
        return cast("int", written.count_rows())


class _Actor:
    """What Ray makes once in each actor and calls for each block."""

    def __init__(self, scoring: list[ray.ObjectRef[Scoring]]) -> None:
        self._scoring = ray.get(scoring[0])
        self._scoring.detector.warm()

    def __call__(self, table: pa.Table) -> pa.Table:
        batches = table.to_batches(max_chunksize=BATCH_ROWS)
        if not batches:
            batches = table.schema.empty_table().to_batches() or [_empty(table.schema)]
        return pa.Table.from_batches([self._scoring(batch) for batch in batches])


class _Names(FilenameProvider):
    """Names of shards that sort in the order of the rows."""

    def get_filename_for_task(self, write_uuid: str, task_index: int) -> str:
        return f"part-{task_index:06}-{write_uuid}.{self.file_format}"


class _TextFiles(FileBasedDatasource):
    """Files that are read by the readers of one machine."""

    def __init__(self, source: Source, column: str) -> None:
        super().__init__(list(source.paths))
        self._column, self._format, self._local = column, source.format, source.local

    def _read_stream(self, f: pa.NativeFile, path: str) -> Iterator[pa.Table]:
        with contextlib.ExitStack() as stack:
            if self._local:
                found, packing = format_of(path, self._format)
                file = Input(path, found, packing, name=path)
            else:  # the readers want to seek; Ray has unpacked it
                copy = stack.enter_context(tempfile.NamedTemporaryFile())
                f.download(copy)
                copy.flush()
                file = Input(copy.name, self._format, None, name=path)
            try:
                reader = open_reader(file, column=self._column)
                for piece in reader.read(0):
                    yield pa.Table.from_batches([piece.batch])
            except DataError as error:
                raise type(error)(str(error).replace(file.path, path)) from None


def _read(source: Source, column: str) -> ray.data.Dataset:
    """Read files, or rather say how.

    Raises:
        DataNotFoundError: There are none.
        DataError: One is broken, as far as Ray looks at them already.
    """
    try:
        if source.format == "parquet":
            return ray.data.read_parquet(
                list(source.paths), file_extensions=None, partitioning=None
            )
        return cast("ray.data.Dataset", ray.data.read_datasource(_TextFiles(source, column)))
    except FileNotFoundError as error:
        raise DataNotFoundError(str(error).partition("\n")[0]) from None
    except ValueError as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise DataError(f"{', '.join(source.paths[:3])}: cannot be read ({reason})") from None


def _empty(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([], schema=schema)


@contextlib.contextmanager
def _connected(address: str | None) -> Iterator[None]:
    """Have Ray started; stop it in the end if it was not before."""
    if ray.is_initialized():
        yield
        return
    address = address or os.environ.get("RAY_ADDRESS") or "local"
    if ":" in address:
        check_answers([address.removeprefix("ray://")], what="the Ray cluster")
    try:
        ray.init(
            address,
            include_dashboard=False if address == "local" else None,
            log_to_driver=False,
            logging_level=logging.ERROR,
        )
    except (OSError, RuntimeError, ValueError, ImportError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise ConfigError(f"Ray did not start at {address!r}: {reason}") from None
    try:
        yield
    finally:
        ray.shutdown()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Have Ray keep the order of rows and its talk to itself; what goes wrong is raised."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    context = ray.data.DataContext.get_current().copy()
    context.enable_progress_bars = False
    context.execution_options.preserve_order = True
    logger = logging.getLogger("ray.data")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with ray.data.DataContext.current(context):
            yield
    finally:
        logger.setLevel(level)


@contextlib.contextmanager
def _shards(output: str, *, overwrite: bool) -> Iterator[tuple[str, arrow_fs.FileSystem]]:
    """Give a folder to write to and where it is."""
    local = local_path(output)
    if local is not None:
        with whole_folder(local.absolute(), overwrite=overwrite) as partial:
            yield str(partial), arrow_fs.LocalFileSystem()
        return
    storage, folder = _storage(output)
    there = storage.get_file_info(
        arrow_fs.FileSelector(folder, allow_not_found=True, recursive=True)
    )
    if there and not overwrite:
        raise ConfigError(f"{output} exists; name another folder, or give --overwrite")
    for info in there:
        if info.is_file and not info.path.endswith((".parquet", f"/{DONE}")):
            raise ConfigError(
                f"{info.path} is no shard, and would be lost; name another folder for the output"
            )
    if there:
        storage.delete_dir_contents(folder)
    yield folder, storage
    with storage.open_output_stream(f"{folder}/{DONE}"):
        pass


def _storage(uri: str) -> tuple[arrow_fs.FileSystem, str]:
    """Return the storage that a URI names, of pyarrow or else of fsspec, and the path there."""
    uri = uri.rstrip("/")
    try:
        storage, path = arrow_fs.FileSystem.from_uri(uri)
    except pa.ArrowInvalid:
        import fsspec  # noqa: PLC0415 - for what pyarrow does not know

        try:
            found, path = fsspec.core.url_to_fs(uri)
        except (ImportError, ValueError) as error:
            raise ConfigError(f"{uri}: {error}") from None
        storage = arrow_fs.PyFileSystem(arrow_fs.FSSpecHandler(found))
    return storage, path
