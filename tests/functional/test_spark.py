"""Spark, on a cluster of two executors on this machine, says what one process says."""

import csv
import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from clusters import TIMEOUT_S, numbered_texts, read_shards, scored_here, until
from emoconv import EmotionDetector
from emoconv.cli import main
from emoconv.data import read
from emoconv.errors import ConfigError, DataError, DataNotFoundError, EmoconvError
from emoconv.scoring.work import Scoring, Task, settled

pyspark = pytest.importorskip("pyspark", reason="install the extra: pip install 'emoconv[spark]'")
sql = pytest.importorskip("pyspark.sql")
scoring = pytest.importorskip("emoconv.scoring.spark")


def java_version():
    """The major version of Java; 0 where there is none."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java" if home is None else f"{home}/bin/java")
    if java is None:
        return 0
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    number = said.partition('version "')[2].partition(".")[0]
    return int(number) if number.isdecimal() else 0


needs_java = pytest.mark.skipif(
    java_version() < 17,
    reason="Spark needs Java 17 or newer: apt-get install openjdk-17-jre-headless",
)
PAGE = (Path(__file__).parents[2] / "docs/how-to/cluster.md").read_text(encoding="utf-8")
PARTITIONS = 8


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """What Spark calls its home, where executors may write: the package's folder by links."""
    folder = tmp_path_factory.mktemp("spark")
    for path in Path(pyspark.__file__).parent.iterdir():
        if path.name != "work":
            (folder / path.name).symlink_to(path)
    return folder


@pytest.fixture(scope="module")
def environment(home):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_HOME", str(home))
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        yield


@pytest.fixture(scope="module")
def spark(environment):  # noqa: ARG001 - it is there while the session is
    """A session on a cluster of two executors, each a Java process of its own with one core."""
    builder = sql.SparkSession.builder.master("local-cluster[2,1,1024]")
    for key, value in {
        **scoring._SETTINGS,
        "spark.ui.enabled": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "500",
    }.items():
        builder = builder.config(key, value)
    with scoring._unwarned():
        session = builder.getOrCreate()
    yield session
    session.stop()


@pytest.fixture(scope="module")
def detector(tiny_bundle):
    return settled(EmotionDetector.load(tiny_bundle))


@pytest.fixture(scope="module")
def table(tiny):
    return numbered_texts(tiny)


def rows(table):
    return table.to_pylist()


@needs_java
def test_an_executor_lost_in_the_middle_changes_nothing(spark, detector, table, tmp_path):
    source, marks, output = tmp_path / "in.parquet", tmp_path / "marks", tmp_path / "out"
    pq.write_table(table, source)
    marks.mkdir()
    go = tmp_path / "go"

    def slowed(batches):
        """Pass batches on; an executor's second partition waits until the test says go."""
        from pyspark import TaskContext  # noqa: PLC0415 - this is run in another process

        task = TaskContext.get()
        status = Path(f"/proc/{os.getppid()}/status").read_text()  # the daemon's, a child of Java's
        executor = status.partition("PPid:")[2].split()[0]
        earlier = list(marks.glob(f"{executor}-*"))
        (marks / f"{executor}-{task.partitionId()}-{task.attemptNumber()}").touch()
        deadline = time.monotonic() + 120
        while earlier and not go.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        yield from batches

    def seen(executor):
        return [path.name.split("-") for path in marks.glob(f"{executor}-*")]

    def write():
        with scoring._unwarned():
            frame = spark.read.parquet(str(source)).repartitionByRange(PARTITIONS, "id")
            ordered = frame.sortWithinPartitions("id")
            slow = ordered.mapInArrow(slowed, ordered.schema)
        scoring.score(slow, detector=detector).write.parquet(str(output))

    job = ThreadPoolExecutor().submit(write)
    try:
        until(
            lambda: job.done() or (len(seen("*")) >= 4 and len({m[0] for m in seen("*")}) >= 2),
            what="4 tasks",
        )
        assert not job.done()
        victim = seen("*")[0][0]
        (_, first, _), (_, second, _) = sorted(seen(victim), key=lambda mark: int(mark[1]))
        assert "local-cluster" in spark.sparkContext.master
        os.kill(int(victim), signal.SIGKILL)
    finally:
        go.touch()
        job.result(TIMEOUT_S)

    assert not Path(f"/proc/{victim}").exists()
    again = {mark[1] for mark in seen("*") if mark[0] != victim}
    assert {first, second} & again, "nothing that the lost executor had was done anew"
    assert {str(number) for number in range(PARTITIONS)} == {mark[1] for mark in seen("*")}
    assert rows(scored_here(detector, table)) == rows(read_shards(output))


@needs_java
def test_columns_of_any_type_pass_unchanged(spark, detector, tmp_path):
    moment = datetime(2024, 2, 29, 12, 30, 15, 123456, tzinfo=UTC)
    given = pa.table(
        {
            "body": ["so happy", None],
            "at": pa.array([moment, None], pa.timestamp("us", tz="UTC")),
            "price": pa.array([Decimal("1.50"), None], pa.decimal128(10, 2)),
            "tags": pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int64())),
            "who": pa.array([{"name": "x", "years": [1, 2]}, None]),
            "raw": pa.array([b"\xff", None]),
        }
    )
    pq.write_table(given, tmp_path / "in.parquet")
    frame = spark.read.parquet(str(tmp_path / "in.parquet"))

    found = scoring.score(frame, "body", detector=detector, prefix="my_")

    assert frame.dtypes == found.dtypes[:6]
    assert [
        ("my_labels", "array<string>"),
        ("my_top_label", "string"),
        ("my_probabilities", "array<float>"),
    ] == found.dtypes[6:]
    found.write.parquet(str(tmp_path / "out"))
    expected = scored_here(detector, given, column="body", prefix="my_")
    assert rows(expected) == rows(read_shards(tmp_path / "out"))
    assert list(detector.labels) == found.schema["my_probabilities"].metadata["labels"]


@needs_java
def test_columns_are_added_as_they_are_asked_for(spark, detector):
    frame = spark.createDataFrame([("so happy",)], "text string")

    found = scoring.score(
        frame, detector=detector, columns=["probabilities"], probabilities="columns"
    )

    names = [f"probability_{label}" for label in detector.labels]
    assert [("text", "string"), *((name, "float") for name in names)] == found.dtypes
    expected = detector.predict_proba(["so happy"])[0].tolist()
    assert expected == list(found.first()[1:])


@needs_java
def test_a_wrong_column_is_refused_before_anything_is_computed(spark, detector):
    frame = spark.createDataFrame([("a", 1, "b")], "text string, id long, labels string")

    with pytest.raises(DataError, match=r"no column 'texts' .*did you mean 'text'"):
        scoring.score(frame, "texts", detector=detector)
    with pytest.raises(DataError, match="column 'id' holds bigint, expected strings"):
        scoring.score(frame, "id", detector=detector, columns=["top"])
    with pytest.raises(DataError, match="there is a column 'labels' already"):
        scoring.score(frame, detector=detector)
    with pytest.raises(ConfigError, match="did you mean 'top'"):
        scoring.score(frame, detector=detector, columns=["tops"])


def write_csv(path, table, line_end="\n"):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator=line_end)
        writer.writerows([table.column_names, *zip(*table.to_pydict().values(), strict=True)])


@pytest.fixture
def awkward():
    """Texts that a careless reader breaks, and numbers that one changes."""
    texts = ["so happy", "two\nlines", "two\r\nlines", 'a "quoted", word', "", "back\\slash", " x "]
    return pa.table(
        {"id": [f"00{i}" for i in range(len(texts))], "text": texts, "last": ["1.50"] * 7}
    )


@needs_java
@pytest.mark.usefixtures("spark")
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_values_of_csv_are_those_between_the_separators(detector, awkward, tmp_path, line_end):
    write_csv(tmp_path / "in.csv", awkward, line_end)

    count = scoring.score_files(
        [str(tmp_path / "in.csv")], str(tmp_path / "out"), detector=detector
    )

    assert len(awkward) == count
    assert rows(scored_here(detector, awkward)) == rows(read_shards(tmp_path / "out"))
    assert ["in.csv", "out"] == sorted(path.name for path in tmp_path.iterdir())


@needs_java
@pytest.mark.usefixtures("spark")
def test_quotes_of_tsv_and_order_of_json_keys_are_kept(detector, tmp_path):
    texts = ['"so" happy', "back\\slash", " x ", '"', ""]
    given = pa.table({"id": [f"0{i}" for i in range(5)], "text": texts, "at": ["2024-01-01"] * 5})
    lines = [
        "\t".join(row.values())
        for row in [{name: name for name in given.column_names}, *rows(given)]
    ]
    (tmp_path / "in.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    lines = [
        json.dumps({"text": row["text"], "id": row["id"], "at": row["at"]}) for row in rows(given)
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")

    for name in ("in.tsv", "in.jsonl"):
        scoring.score_files(
            [str(tmp_path / name)], str(tmp_path / f"out-{name}"), detector=detector
        )

    expected = scored_here(detector, given)
    assert rows(expected) == rows(read_shards(tmp_path / "out-in.tsv"))
    found = read_shards(tmp_path / "out-in.jsonl")
    assert ["text", "id", "at"] == found.column_names[:3]
    assert rows(expected.select(found.column_names)) == rows(found)


@needs_java
@pytest.mark.usefixtures("spark")
def test_what_is_wrong_with_a_file_is_said_in_one_line(detector, tmp_path):
    (tmp_path / "short.csv").write_text("id,text\n1,a\n2\n", encoding="utf-8")
    (tmp_path / "broken.jsonl").write_text('{"text": "a"}\n{"text":\n', encoding="utf-8")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 no")
    (tmp_path / "empty.csv").touch()

    for name, said in {
        "short.csv": r"short\.csv; Malformed CSV record: 2",
        "broken.jsonl": "Malformed records",
        "broken.parquet": "is not a Parquet file",
        "empty.csv": "empty, expected a header",
        "none.csv": "no such file",
    }.items():
        with pytest.raises(DataError, match=said) as caught:
            scoring.score_files([str(tmp_path / name)], str(tmp_path / "out"), detector=detector)
        assert "\n" not in str(caught.value)
        assert not (tmp_path / "out").exists()
        assert not (tmp_path / "out.partial").exists()
    with pytest.raises(DataNotFoundError):
        scoring.score_files(["file:///none.parquet"], str(tmp_path / "out"), detector=detector)


@needs_java
def test_a_worker_s_error_is_ours(spark, detector):
    def broken(_batches):
        raise DataError("a bad row", path="in.csv", line=3)

    with scoring._unwarned():
        frame = spark.range(3).mapInArrow(broken, "text string")
    with pytest.raises(scoring.PySparkException) as caught:
        scoring.score(frame, detector=detector).collect()

    ours = scoring._failure(caught.value)
    assert (DataError, "in.csv:3: a bad row") == (type(ours), str(ours))


@needs_java
def test_what_spark_refuses_to_read_or_write_is_said_without_its_codes(spark, tmp_path):
    (tmp_path / "there").touch()
    calls = {
        DataNotFoundError: lambda: spark.read.parquet(f"file://{tmp_path}/none"),
        ConfigError: lambda: spark.range(1).write.parquet(f"file://{tmp_path}/there"),
        DataError: lambda: spark.range(1).select("no"),
        EmoconvError: lambda: spark.read.parquet("nowhere://x"),
    }
    for kind, call in calls.items():
        with pytest.raises((scoring.PySparkException, scoring.Py4JError)) as caught:
            call()
        ours = scoring._failure(caught.value)
        assert kind is type(ours)
        assert "SQLSTATE" not in str(ours)
        assert not str(ours).startswith("[")


def test_a_task_is_made_once_in_a_process_and_gives_lists_that_spark_knows(detector):
    task = Task(Scoring(detector, columns=("probabilities",)))
    batch = pa.RecordBatch.from_pydict({"text": ["so happy"]})

    once, again = (pickle.loads(pickle.dumps(task)) for _ in range(2))  # noqa: S301 - our own

    assert once is again
    (found,) = once([batch])
    assert pa.list_(pa.float32()) == found.schema.field("probabilities").type
    assert found.to_pylist() == detector.predict_arrow(batch, columns=["probabilities"]).to_pylist()


@needs_java
@pytest.mark.usefixtures("environment")
def test_without_a_session_one_is_started_and_stopped(tiny_bundle, tmp_path):
    (tmp_path / "in.csv").write_text("text\nso happy\n", encoding="utf-8")
    program = """
import sys
from pyspark.sql import SparkSession
from emoconv import EmotionDetector
from emoconv.scoring.spark import score_files
detector = EmotionDetector.load(sys.argv[1])
print(score_files(sys.argv[2:3], sys.argv[3], detector=detector, master="local[1]"))
print(SparkSession.getActiveSession())
"""
    arguments = [str(path) for path in (tiny_bundle, tmp_path / "in.csv", tmp_path / "out")]
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False
    )

    assert (0, "1\nNone\n") == (done.returncode, done.stdout), done.stderr
    assert "Traceback" not in done.stderr
    assert 1 == len(read_shards(tmp_path / "out"))


class Builder:
    """Stands for Spark's, which starts one Java for a process and no other."""

    def __init__(self, error=None):
        self.error, self.settings, self.stopped = error, {}, False

    def appName(self, _name):  # noqa: N802 - Spark's name
        return self

    def config(self, key, value):
        self.settings[key] = value
        return self

    def master(self, name):
        return self.config("master", name)

    def getOrCreate(self):  # noqa: N802 - Spark's name
        if self.error is not None:
            raise self.error
        return self

    def stop(self):
        self.stopped = True


@needs_java
def test_a_session_that_was_started_is_stopped(monkeypatch):
    builder = Builder()
    monkeypatch.setattr(scoring.SparkSession, "getActiveSession", lambda: None)
    monkeypatch.setattr(scoring.SparkSession, "builder", builder)
    monkeypatch.setenv("PYSPARK_PYTHON", "theirs")

    with scoring._session("local[2]") as session:
        assert not session.stopped

    assert builder.stopped
    assert "local[2]" == builder.settings["master"]
    assert "TIMESTAMP_MICROS" == builder.settings["spark.sql.parquet.outputTimestampType"]
    assert "theirs" == os.environ["PYSPARK_PYTHON"]


@needs_java
def test_a_java_that_does_not_start_is_said_in_one_line(monkeypatch):
    error = scoring.PySparkException("[JAVA_GATEWAY_EXITED] Java gateway process exited. More")
    monkeypatch.setattr(scoring.SparkSession, "builder", Builder(error))
    monkeypatch.setenv("PYSPARK_PYTHON", "theirs")

    with pytest.raises(ConfigError, match="Java gateway process exited; Spark needs Java 17"):
        scoring._started(None)


def test_other_storage_is_left_to_spark():
    with scoring._folder("s3a://bucket/out", overwrite=False) as given:
        assert ("s3a://bucket/out", "errorifexists") == given


@needs_java
@pytest.mark.usefixtures("spark")
def test_an_output_is_replaced_only_if_told_so(detector, tmp_path):
    source, output = tmp_path / "in.parquet", tmp_path / "out"
    pq.write_table(pa.table({"text": ["so happy"]}), source)

    def score(**options):
        return scoring.score_files([str(source)], str(output), detector=detector, **options)

    assert 1 == score()
    with pytest.raises(ConfigError, match="exists; name another folder, or give --overwrite"):
        score()
    assert 1 == score(overwrite=True, columns=["top"])
    assert ["text", "top_label"] == read_shards(output).column_names
    (output / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"notes.txt is no shard, and would be lost"):
        score(overwrite=True)


@needs_java
@pytest.mark.usefixtures("spark")
def test_the_page_s_program_runs(tiny, tmp_path):
    source, output = tmp_path / "comments.parquet", tmp_path / "emotions"
    pq.write_table(pa.table({"body": read(tiny / "dev.tsv").texts}), source)
    (block,) = (block for block in PAGE.split("```python\n")[1:] if "pyspark" in block)
    program = block.partition("```")[0]  # Spark took its working folder when it started
    for name, path in (("comments.parquet", source), ("emotions", output)):
        program = program.replace(f'("{name}")', f'("{path}")')

    exec(compile(program, "cluster.md", "exec"), {})  # noqa: S102 - our own page

    assert ["body", "labels", "top_label"] == read_shards(output).column_names


def test_without_java_it_says_what_to_install(tmp_path, monkeypatch):
    pq.write_table(pa.table({"text": ["so happy"]}), tmp_path / "in.parquet")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setattr(scoring.SparkSession, "getActiveSession", lambda: None)

    with pytest.raises(ConfigError, match=r"there is no Java; .* openjdk-17-jre-headless"):
        scoring.score_files([str(tmp_path / "in.parquet")], str(tmp_path / "out"))


@needs_java
def test_a_master_that_does_not_answer_is_an_error_at_once(tmp_path, monkeypatch):
    pq.write_table(pa.table({"text": ["so happy"]}), tmp_path / "in.parquet")
    monkeypatch.setattr(scoring.SparkSession, "getActiveSession", lambda: None)

    for master, said in {
        "spark://127.0.0.1:1": r"the Spark master does not answer \(127.0.0.1:1: ",
        "spark://nowhere": "no address of the Spark master; expected host:port",
    }.items():
        with pytest.raises(ConfigError, match=said):
            scoring.score_files(
                [str(tmp_path / "in.parquet")], str(tmp_path / "out"), master=master
            )


@needs_java
@pytest.mark.usefixtures("spark")
def test_the_command_line_scores_on_a_cluster(tiny_bundle, detector, table, tmp_path):
    source, output = tmp_path / "a.parquet", tmp_path / "out"
    pq.write_table(table.slice(0, 50), source)
    done = CliRunner().invoke(
        main,
        [
            *("score", str(source), "--output", str(output), "--model", str(tiny_bundle)),
            *("--engine", "spark", "--columns", "labels,top"),
        ],
    )
    assert 0 == done.exit_code, done.output
    assert done.stderr.startswith("50 rows in ")
    here = scored_here(detector, table.slice(0, 50), columns=["labels", "top"])
    assert rows(here) == rows(read_shards(output))
