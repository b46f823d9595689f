"""Ray, on a cluster of several nodes on this machine, says what one process says."""

import csv
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from pyarrow import fs

from clusters import TIMEOUT_S, numbered_texts, read_shards, scored_here, until
from emoconv import EmotionDetector
from emoconv.cli import main
from emoconv.data import read
from emoconv.errors import ConfigError, DataError, DataNotFoundError, EmoconvError
from emoconv.scoring.cluster import Source, check_apart, failure, find_source, whole_folder
from emoconv.scoring.work import Scoring, settled

ray = pytest.importorskip("ray", reason="install the extra: pip install 'emoconv[ray]'")
cluster_utils = pytest.importorskip("ray.cluster_utils")
scoring = pytest.importorskip("emoconv.scoring.ray")

# Ray's own settings warn of each other when they are made, and its processes are left to it.
pytestmark = [
    pytest.mark.filterwarnings("ignore:`use_.*` is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning"),
]
PAGE = (Path(__file__).parents[2] / "docs/how-to/cluster.md").read_text(encoding="utf-8")
BLOCKS = 12


@pytest.fixture(scope="module")
def cluster():
    """A head that computes nothing and two nodes of three cores, each a set of processes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_BACKEND_LOG_LEVEL", "fatal")
        started = cluster_utils.Cluster(
            initialize_head=True,
            head_node_args={
                "num_cpus": 0,
                "include_dashboard": False,
                "_system_config": {  # by default it takes half a minute to see that a node is gone
                    "health_check_initial_delay_ms": 0,
                    "health_check_period_ms": 500,
                    "health_check_failure_threshold": 4,
                },
            },
        )
        for _ in range(2):
            started.add_node(num_cpus=3)
        ray.init(started.address, log_to_driver=False, logging_level="error")
        yield started
        ray.shutdown()
        started.shutdown()


@pytest.fixture(scope="module")
def detector(tiny_bundle):
    return settled(EmotionDetector.load(tiny_bundle))


@pytest.fixture(scope="module")
def table(tiny):
    return numbered_texts(tiny)


def test_a_node_lost_in_the_middle_changes_nothing(cluster, detector, table, tmp_path):
    marks, output, go = tmp_path / "marks", tmp_path / "out", tmp_path / "go"
    marks.mkdir()
    size = -(-len(table) // BLOCKS)
    blocks = [table.slice(number * size, size).combine_chunks() for number in range(BLOCKS)]

    def slowed(part):
        """Pass a block on; a node's second waits until the test says go."""
        node = ray.get_runtime_context().get_node_id()
        earlier = list(marks.glob(f"{node}-*"))
        (marks / f"{node}-{part['id'][0].as_py()}-{time.monotonic_ns()}").touch()
        deadline = time.monotonic() + 120
        while earlier and not go.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        return part

    def seen():
        return [path.name.split("-")[:2] for path in marks.iterdir()]

    def write():
        with scoring._quiet():
            # two cores each, as the actors have, so that Ray has these do it
            slow = ray.data.from_arrow(blocks).map_batches(
                slowed, batch_format="pyarrow", batch_size=None, num_cpus=2
            )
            two = EmotionDetector(detector.bundle, engine=detector.engine, threads=2)
            found = scoring.score(slow, detector=two, concurrency=2)  # an actor fills a node
            found.write_parquet(
                str(output), filename_provider=scoring._Names(file_format="parquet")
            )

    job = ThreadPoolExecutor().submit(write)
    try:
        until(
            lambda: job.done() or (len(seen()) >= 4 and len({node for node, _ in seen()}) == 2),
            what="4 blocks",
        )
        assert not job.done()
        victim = seen()[0][0]
        lost = {block for node, block in seen() if node == victim}
        assert 2 == len(lost)
        assert len(list(output.glob("*.parquet"))) < BLOCKS
        (node,) = (node for node in cluster.worker_nodes if node.node_id == victim)
        cluster.remove_node(node, allow_graceful=False)
    finally:
        go.touch()
        job.result(TIMEOUT_S)

    assert victim not in {node["NodeID"] for node in ray.nodes() if node["Alive"]}
    assert lost & {block for node, block in seen() if node != victim}
    assert scored_here(detector, table).to_pylist() == read_shards(output).to_pylist()
    cluster.add_node(num_cpus=3)


def write_csv(path, table, line_end="\n"):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator=line_end)
        writer.writerows([table.column_names, *zip(*table.to_pydict().values(), strict=True)])


@pytest.mark.usefixtures("cluster")
def test_files_of_each_format_are_scored_as_they_are_here(detector, tmp_path):
    texts = ["so happy", "two\nlines", "two\r\nlines", 'a "quoted", word', "", "back\\slash", " x "]
    given = pa.table({"id": [f"00{i}" for i in range(len(texts))], "text": texts})
    write_csv(tmp_path / "a.csv", given, "\r\n")
    write_csv(tmp_path / "b.csv", given)
    lines = [json.dumps(row | {"at": "2024-01-01"}) for row in given.to_pylist()]
    (tmp_path / "c.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    pq.write_table(given, tmp_path / "d.parquet")

    for number in (3, 1, 2):
        pq.write_table(given.slice(number, number), tmp_path / f"e{number}.parquet")
    names = [str(tmp_path / f"e{number}.parquet") for number in (3, 1, 2)]

    assert 6 == scoring.score_files(names, str(tmp_path / "out"), detector=detector)
    assert ["003", "004", "005", "001", "002", "003"] == read_shards(tmp_path / "out")[
        "id"
    ].to_pylist()
    for name in ("?.csv", "c.jsonl", "d.parquet"):
        output = tmp_path / f"out-{name[-3:]}"
        count = scoring.score_files([str(tmp_path / name)], str(output), detector=detector)
        found = read_shards(output)
        assert count == len(found)
        assert [] == [path for path in tmp_path.iterdir() if path.suffix == ".partial"]
        expected = scored_here(detector, given)
        if name == "?.csv":
            expected = pa.concat_tables([expected, expected])
        if name == "c.jsonl":
            assert ["2024-01-01"] * 7 == found["at"].to_pylist()
        assert expected.to_pylist() == found.select(expected.column_names).to_pylist()
    assert expected.schema.field("probabilities").type == found.schema.field("probabilities").type


@pytest.mark.usefixtures("cluster")
def test_a_dataset_is_scored_when_it_is_asked_for(detector):
    blocks = [pa.table({"body": ["so happy", None]}), pa.table({"body": pa.array([], pa.string())})]

    with scoring._quiet():
        dataset = ray.data.from_arrow(blocks)
        found = scoring.score(
            dataset,
            "body",
            detector=detector,
            columns=["top", "probabilities"],
            probabilities="columns",
            prefix="my_",
        )
        rows = found.take_all()

    expected = scored_here(
        detector,
        blocks[0],
        column="body",
        columns=["top", "probabilities"],
        probabilities="columns",
        prefix="my_",
    )
    assert expected.to_pylist() == rows


@pytest.mark.usefixtures("cluster")
def test_a_wrong_column_is_refused_before_anything_is_computed(detector):
    with scoring._quiet():
        dataset = ray.data.from_arrow(pa.table({"text": ["a"], "id": [1], "labels": ["b"]}))
        with pytest.raises(DataError, match=r"no column 'texts' .*did you mean 'text'"):
            scoring.score(dataset, "texts", detector=detector)
        with pytest.raises(DataError, match="column 'id' holds int64, expected strings"):
            scoring.score(dataset, "id", detector=detector, columns=["top"])
        with pytest.raises(DataError, match="there is a column 'labels' already"):
            scoring.score(dataset, detector=detector)
        with pytest.raises(ConfigError, match="did you mean 'top'"):
            scoring.score(dataset, detector=detector, columns=["tops"])


@pytest.mark.usefixtures("cluster")
def test_what_is_wrong_with_a_file_is_said_in_one_line(detector, tmp_path):
    (tmp_path / "other.csv").write_text("id,body\n1,a\n", encoding="utf-8")
    (tmp_path / "short.csv").write_text("id,text\n1,a\n2\n", encoding="utf-8")
    (tmp_path / "broken.jsonl").write_text('{"text": "a"}\n{"text":\n', encoding="utf-8")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 no")

    for name, said in {
        "other.csv": r"no column 'text' \(the columns are id, body\)",
        "short.csv": r"short\.csv:3: ",
        "broken.jsonl": r"broken\.jsonl:2: ",
        "broken.parquet": r"broken\.parquet: cannot be read \(Parquet",
        "none.csv": "no such file",
    }.items():
        with pytest.raises(EmoconvError, match=said) as caught:
            scoring.score_files([str(tmp_path / name)], str(tmp_path / "out"), detector=detector)
        assert "\n" not in str(caught.value)
        assert not (tmp_path / "out").exists()
        assert not (tmp_path / "out.partial").exists()


@pytest.mark.usefixtures("cluster")
def test_on_other_storage_a_mark_is_written_last(detector, tmp_path):
    pq.write_table(pa.table({"text": ["so happy"]}), tmp_path / "in.parquet")
    output = tmp_path / "out"

    def score(**options):
        return scoring.score_files(
            [str(tmp_path / "in.parquet")], f"local://{output}", detector=detector, **options
        )

    assert 1 == score()
    assert (output / "_SUCCESS").exists()
    with pytest.raises(ConfigError, match="exists; name another folder, or give --overwrite"):
        score()
    assert 1 == score(overwrite=True, columns=["top"])
    assert ["text", "top_label"] == read_shards(output).column_names
    (output / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"notes.txt is no shard, and would be lost"):
        score(overwrite=True)


@pytest.mark.usefixtures("cluster")
def test_text_from_other_storage_is_copied_and_called_by_its_name(tmp_path):
    (tmp_path / "in.csv").write_text("id,text\n1,a\n2\n", encoding="utf-8")
    source = Source((str(tmp_path / "in.csv"),), "csv", local=False)

    with scoring._quiet(), fs.LocalFileSystem().open_input_file(str(tmp_path / "in.csv")) as file:
        files = scoring._TextFiles(source, "text")
        with pytest.raises(DataError, match=r"^bucket/in\.csv:3: "):
            list(files._read_stream(file, "bucket/in.csv"))


@pytest.mark.usefixtures("cluster")
def test_an_actor_passes_a_block_of_no_rows(detector):
    actor = scoring._Actor([ray.put(Scoring(detector))])

    found = actor(pa.table({"text": pa.array([], pa.string())}))

    assert actor(pa.table({"text": ["so happy"]})).schema == found.schema
    assert 0 == len(found)


@pytest.mark.usefixtures("cluster")
def test_the_page_s_program_runs(tiny, tmp_path):
    source, output = tmp_path / "comments.parquet", tmp_path / "emotions"
    pq.write_table(pa.table({"body": read(tiny / "dev.tsv").texts}), source)
    (block,) = (block for block in PAGE.split("```python\n")[1:] if "import ray" in block)
    program = block.partition("```")[0]  # nodes of the cluster have other working folders
    for name, path in (("comments.parquet", source), ("emotions", output)):
        program = program.replace(f'("{name}")', f'("{path}")')

    with scoring._quiet():
        exec(compile(program, "cluster.md", "exec"), {})  # noqa: S102 - our own page

    assert ["body", "labels", "top_label", "probabilities"] == read_shards(output).column_names


def test_without_a_cluster_one_is_started_and_stopped(tiny_bundle, tmp_path):
    (tmp_path / "in.csv").write_text("text\nso happy\n", encoding="utf-8")
    program = """
import sys
import ray
from emoconv import EmotionDetector
from emoconv.scoring.ray import score_files
print(score_files(sys.argv[2:3], sys.argv[3], detector=EmotionDetector.load(sys.argv[1])))
print(ray.is_initialized())
"""
    arguments = [str(path) for path in (tiny_bundle, tmp_path / "in.csv", tmp_path / "out")]
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False
    )

    assert (0, "1\nFalse\n") == (done.returncode, done.stdout), done.stderr
    assert done.stderr.count("\n") <= 1, done.stderr  # its log level
    assert 1 == len(read_shards(tmp_path / "out"))


def test_a_cluster_that_does_not_answer_is_an_error_at_once(tmp_path, monkeypatch):
    pq.write_table(pa.table({"text": ["so happy"]}), tmp_path / "in.parquet")
    monkeypatch.setattr(scoring.ray, "is_initialized", lambda: False)

    for address, said in {
        "127.0.0.1:1": r"the Ray cluster does not answer \(127.0.0.1:1: ",
        "ray://nowhere": "no address of the Ray cluster; expected host:port",
    }.items():
        with pytest.raises(ConfigError, match=said):
            scoring.score_files(
                [str(tmp_path / "in.parquet")], str(tmp_path / "out"), address=address
            )
    with pytest.raises(ConfigError, match=r"nowhere://x: "):
        scoring.score_files([str(tmp_path / "in.parquet")], "nowhere://x")
    with pytest.raises(DataNotFoundError):
        scoring.score_files([str(tmp_path / "none.parquet")], str(tmp_path / "out"))


def test_inputs_that_one_job_cannot_read_are_refused(tmp_path):
    (tmp_path / "a.csv").touch()
    (tmp_path / "b.parquet").touch()
    a, b = str(tmp_path / "a.csv"), str(tmp_path / "b.parquet")

    for inputs, said in {
        ("-",): "standard input cannot be scored on a cluster",
        (a, "s3://bucket/a.csv"): "some inputs are local and some are URIs",
        (a, b): r"several formats \(csv, parquet\)",
        (b,): "this engine does not read parquet; it reads csv, tsv",
    }.items():
        with pytest.raises(ConfigError, match=said):
            find_source(inputs, None, known=("csv", "tsv"))
    with pytest.raises(DataError, match="ending names no format"):
        find_source(["s3://bucket/comments/"], None, known=("csv",))
    expected = Source(("s3://bucket/comments/",), "csv", local=False)
    assert expected == find_source(["s3://bucket/comments/"], "csv", known=("csv",))
    assert Source((a,), "csv", local=True) == find_source([f"file://{a}"], None, known=("csv",))


def test_an_engine_s_pages_become_one_line():
    pages = "ray::f() failed\n  File x\nemoconv.errors.{}\n\nThe above happened"

    def said(text):
        error = failure(RuntimeError(text), engine="Ray")
        return type(error), str(error)

    assert (DataNotFoundError, "x.csv: no such file") == said(
        pages.format("DataNotFoundError: x.csv: no such file")
    )
    missing = (
        "the compiled engine needs packages that are not installed: pip install 'emoconv[fast]'"
    )
    assert (ConfigError, f"on a worker, {missing}") == said(
        pages.format(f"MissingExtraError: {missing}")
    )
    assert (EmoconvError, "Ray failed: pyarrow.lib.ArrowInvalid: bad page") == said(
        "ray::f()\nTraceback\npyarrow.lib.ArrowInvalid: bad page\n"
    )
    assert (EmoconvError, "Ray failed: it is tired") == said("it is tired\nvery")


def test_a_detector_is_settled_on_one_engine_and_one_thread(detector):
    auto = EmotionDetector(detector.bundle)

    assert ("compiled", 1) == (settled(auto).engine, settled(auto).threads)
    assert detector is settled(detector)
    assert settled(None).labels == EmotionDetector.load().labels


def test_work_that_fails_leaves_no_folder(tmp_path):
    def fail(folder):
        raise KeyError(folder.name)

    with (
        pytest.raises(KeyError, match=r"out\.partial"),
        whole_folder(tmp_path / "out", overwrite=False) as folder,
    ):
        fail(folder)

    assert [] == list(tmp_path.iterdir())


def test_an_address_that_ray_does_not_know_is_said_in_one_line(monkeypatch):
    monkeypatch.setattr(scoring.ray, "is_initialized", lambda: False)

    said = "Ray did not start at 'nowhere': "
    with pytest.raises(ConfigError, match=said), scoring._connected("nowhere"):
        pass


def test_an_output_that_holds_an_input_is_refused(tmp_path):
    (tmp_path / "a.csv").touch()

    for path, output in ((str(tmp_path / "a.csv"), str(tmp_path)), ("s3://b/c.csv", "s3://b/")):
        source = find_source([path], None, known=("csv",))
        with pytest.raises(ConfigError, match="holds an input"):
            check_apart(source, output)
        check_apart(source, f"{output}/other")


def test_the_command_line_scores_on_a_cluster(cluster, tiny_bundle, detector, table, tmp_path):
    source, output = tmp_path / "a.parquet", tmp_path / "out"
    pq.write_table(table.slice(0, 50), source)
    done = CliRunner().invoke(
        main,
        [
            *("score", str(source), "--output", str(output), "--model", str(tiny_bundle)),
            *("--engine", "ray", "--address", cluster.address),
        ],
    )
    assert 0 == done.exit_code, done.output
    assert done.stderr.startswith("50 rows in ")
    assert scored_here(detector, table.slice(0, 50)) == read_shards(output)
