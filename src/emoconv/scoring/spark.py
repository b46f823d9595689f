"""Scoring on Spark: record batches of a DataFrame through `predict_arrow`, by ``mapInArrow``.

Thin: Spark reads, shares out and writes. Importing this imports PySpark (extra ``spark``); its
workers do not import it.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from emoconv.annotation import ADDITIONS
from emoconv.errors import (
    ConfigError,
    DataError,
    DataNotFoundError,
    EmoconvError,
    MissingExtraError,
)
from emoconv.scoring.cluster import (
    check_answers,
    check_apart,
    failure,
    find_source,
    local_path,
    whole_folder,
)
from emoconv.scoring.work import Scoring, Task, settled

try:
    from py4j.protocol import Py4JError
    from pyspark.errors import AnalysisException, PySparkException
    from pyspark.sql import SparkSession, types
except ImportError as error:
    raise MissingExtraError("scoring on Spark", extra="spark") from error

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyspark.sql import DataFrame

    from emoconv.annotation import Addition, Form
    from emoconv.detector import EmotionDetector
    from emoconv.scoring.cluster import Source
    from emoconv.scoring.inputs import Format

__all__ = ["FORMATS", "score", "score_files"]

FORMATS: tuple[Format, ...] = ("csv", "tsv", "jsonl", "lines", "parquet")
"""What Spark reads."""

_JAVA = (
    "Spark needs Java 17 or newer; install it (on Debian: apt-get install openjdk-17-jre-headless) "
    "or set JAVA_HOME"
)

_SETTINGS = {
    "spark.log.level": "OFF",  # what goes wrong is raised
    "spark.ui.showConsoleProgress": "false",
    # by default it writes INT96, which is deprecated and has no time zone
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
}

_JAVA_ERROR = re.compile(r"^(?:: |Caused by: )[\w.$]+: (.+)$", re.MULTILINE)

_CODES = re.compile(r"^\[[A-Z_.]+\] |\.? *SQLSTATE: \w+;?$")


def score(
    df: DataFrame,
    column: str = "text",
    *,
    detector: EmotionDetector | None = None,
    columns: Sequence[Addition] = ADDITIONS,
    probabilities: Form = "list",
    prefix: str = "",
) -> DataFrame:
    """Return a DataFrame with what is found in one of its columns beside all of them.

    Nothing is computed yet. Each of Spark's Python processes starts the detector once. Partitions
    and the order of rows in them stay as they are. Lists of probabilities are ``array<float>``.

    Args:
        df: Any columns.
        column: The name of the one that holds the texts.
        detector: None for the model in the package. With ``engine="auto"`` it computes by compiled
            code where numba is installed here, which it then must be on the workers too. It uses
            one thread if it has not been told how many, since Spark runs a task per core.
        columns: Which columns are added, as of `EmotionDetector.predict_arrow`.
        probabilities: How they are written.
        prefix: What the names of the new columns begin with.

    Raises:
        DataError: There is no column of that name, or it does not hold strings, or one has a new
            column's name.
        ConfigError: ``columns`` or ``probabilities`` has what is none of these.
    """
    scoring = Scoring(settled(detector), column, tuple(columns), probabilities, prefix)
    scoring.check(pa.schema([(name, pa.null()) for name in df.columns]))
    kind = df.schema[column].dataType
    if not isinstance(kind, (types.StringType, types.CharType, types.VarcharType, types.NullType)):
        raise DataError(f"column {column!r} holds {kind.simpleString()}, expected strings")
    new = [_spark_field(field) for field in scoring.new_fields()]
    with _unwarned():
        return df.mapInArrow(Task(scoring), types.StructType([*df.schema.fields, *new]))


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
    master: str | None = None,
    overwrite: bool = False,
) -> int:
    """Score files into a folder of Parquet shards.

    Spark reads the files, and takes the largest first: rows keep their order within a file, not
    that of the files. All columns of CSV and TSV are strings, and each file of CSV is read by
    one task, since a quoted field may go over several lines. A local folder gets its name when it
    is whole; in one on other storage Spark writes an empty ``_SUCCESS`` last.

    Args:
        inputs: Local files, patterns and folders, which every node must see under the same path,
            or URIs of any storage that Spark knows.
        output: A folder, local as above or a URI.
        format: Of all inputs; None takes it from their endings.
        text_column: The name of the column of texts.
        detector: As of `score`.
        columns: As of `score`.
        probabilities: As of `score`.
        prefix: As of `score`.
        master: What Spark calls so: ``spark://host:port``, ``yarn``, ``local[4]``; None for what
            Spark is configured for, or all cores of this machine. If this process has a session
            already, that.
        overwrite: Whether what is in ``output`` may be replaced.

    Returns:
        The number of rows.

    Raises:
        ConfigError: There is no Java, no cluster answers, the output exists or holds an input,
            or an argument is out of range.
        DataError: An input is not there or not as its format has it, or has no such column.
        EmoconvError: Spark failed in another way.
    """
    source = find_source(inputs, format, known=FORMATS)
    check_apart(source, output)
    with _folder(output, overwrite=overwrite) as (folder, mode), _session(master) as spark:
        try:
            scored = score(
                _read(spark, source, text_column),
                text_column,
                detector=detector,
                columns=columns,
                probabilities=probabilities,
                prefix=prefix,
            )
            scored.write.parquet(folder, mode=mode)
            return spark.read.parquet(folder).count()
        except (PySparkException, Py4JError) as error:
            raise _failure(error) from None


def _spark_field(field: pa.Field) -> types.StructField:
    """Return a new column's field; its metadata are JSON in Spark as they are in Arrow."""
    metadata = {key.decode(): json.loads(value) for key, value in (field.metadata or {}).items()}
    return types.StructField(field.name, _spark_type(field.type), metadata=metadata)


def _spark_type(kind: pa.DataType) -> types.DataType:
    """Return the type of a new column; Spark has no lists of fixed size."""
    if pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        return types.ArrayType(_spark_type(kind.value_type))
    return types.StringType() if pa.types.is_string(kind) else types.FloatType()


def _read(spark: SparkSession, source: Source, column: str) -> DataFrame:
    """Read files, or rather say how; a value of CSV and TSV is what is between the separators."""
    paths = [Path(path).as_uri() if source.local else path for path in source.paths]
    if source.format == "parquet":
        return spark.read.parquet(*paths)
    if source.format == "lines":
        return spark.read.text(paths).withColumnRenamed("value", column)
    if source.format == "jsonl":
        read = spark.read.json(paths, mode="FAILFAST")
        first = spark.read.text(paths).where("trim(value) != ''").first()
        keys = [] if first is None else list(json.loads(first.value))
        rest = [name for name in read.columns if name not in keys]
        return read.select([f"`{name}`" for name in keys + rest])  # Spark has sorted them
    return _read_separated(spark, paths, quoted=source.format == "csv")


def _read_separated(spark: SparkSession, paths: list[str], *, quoted: bool) -> DataFrame:
    header = spark.read.text(paths[0], lineSep="\n").first()
    if header is None:
        raise DataError("empty, expected a header", path=paths[0])
    read = spark.read.csv(
        paths,
        sep="," if quoted else "\t",
        header=True,
        multiLine=quoted,
        quote='"' if quoted else "",
        escape='"' if quoted else "",
        # else Spark makes line ends inside quotes those of the file
        lineSep="\r\n" if quoted and header.value.endswith("\r") else None,
        mode="FAILFAST",
        enforceSchema=False,
    )
    return read.na.fill("")  # an empty field is an empty text, as it is on one machine


@contextlib.contextmanager
def _unwarned() -> Iterator[None]:
    """Pass over what PySpark 4 says of pandas 3: nothing here goes through pandas."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas")
        yield


@contextlib.contextmanager
def _session(master: str | None) -> Iterator[SparkSession]:
    """Give a session; stop it in the end if it was not there before."""
    active = SparkSession.getActiveSession()
    if active is not None:
        yield active
        return
    session = _started(master)
    try:
        yield session
    finally:
        session.stop()


def _started(master: str | None) -> SparkSession:
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java" if home is None else str(Path(home, "bin", "java"))) is None:
        raise ConfigError(f"there is no Java; {_JAVA}")
    if master is not None and master.startswith("spark://"):
        check_answers(master.removeprefix("spark://").split(","), what="the Spark master")
    builder = SparkSession.builder.appName("emoconv score")
    for key, value in _SETTINGS.items():
        builder = builder.config(key, value)
    if master is not None:
        builder = builder.master(master)
    if master is None or master.startswith("local"):  # workers are where this process is
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        builder = builder.config("spark.ui.enabled", "false")
    try:
        with _unwarned():
            return builder.getOrCreate()
    except (PySparkException, Py4JError) as error:
        reason = _java_reason(str(error)) or f"{str(error).partition('.')[0]}; {_JAVA}"
        raise ConfigError(f"Spark did not start: {reason}") from None


@contextlib.contextmanager
def _folder(output: str, *, overwrite: bool) -> Iterator[tuple[str, str]]:
    """Give a folder to write to, and how Spark is to take what is there."""
    local = local_path(output)
    if local is None:
        yield output, "overwrite" if overwrite else "errorifexists"
        return
    with whole_folder(local.absolute(), overwrite=overwrite) as partial:
        yield partial.as_uri(), "overwrite"  # it is there, and empty


def _failure(error: Exception) -> EmoconvError:
    """Return what Spark reports as one of our errors, in one line."""
    text = str(error)
    if isinstance(error, AnalysisException):
        message = _plain(text.partition("\n")[0])
        if "PATH_NOT_FOUND" in text:
            return DataNotFoundError(message)
        return ConfigError(message) if "PATH_ALREADY_EXISTS" in text else DataError(message)
    reason = _java_reason(text)
    if reason is not None and ("FAILED_READ_FILE" in text or "MALFORMED" in text):
        return DataError(reason)
    return failure(error, engine="Spark") if reason is None else EmoconvError(f"Spark: {reason}")


def _java_reason(text: str) -> str | None:
    """Return what an exception of Java and its cause say, if it is one."""
    lines = [_plain(line) for line in _JAVA_ERROR.findall(text)]
    return "; ".join(dict.fromkeys([lines[0], lines[-1]])) if lines else None


def _plain(line: str) -> str:
    """Return a line of Spark without the codes at its ends."""
    return _CODES.sub("", line).rstrip(". ")
