import gzip
import io
import json
import os
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from emoconv import EmotionDetector
from emoconv.cli import main, progress
from emoconv.scoring import pieces
from emoconv.scoring.journal import Journal
from emoconv.scoring.outputs import FileOutput

BUNDLE = Path(__file__).parents[1] / "data" / "bundle_v2"
TEXTS = ["Thank you so much!", 'He said "no", twice\nand left', "", "So sad today :(", "why?"]
TABLE = pa.table(
    {"id": ["007", "8", "9", "10", "11"], "body": TEXTS, "n": ["1", "", "x", "1.0", "y"]}
)
ADDED = ["labels", "top_label"]


@pytest.fixture(scope="module")
def detector():
    return EmotionDetector.load(BUNDLE, engine="reference")


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """An empty folder to work in, and the small model."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EMOCONV_SCORE_MODEL", str(BUNDLE))


def written(table, path):
    """Write a table in the format of a path's ending."""
    kind = path.split(".")[1]
    sink = io.BytesIO()
    if kind in {"arrow", "arrows"}:
        new = pa.ipc.new_file if kind == "arrow" else pa.ipc.new_stream
        with new(sink, table.schema) as writer:
            writer.write_table(table)
    elif kind == "tsv":
        rows = [table.schema.names, *(row.values() for row in table.to_pylist())]
        sink.write("".join("\t".join(row) + "\n" for row in rows).encode())
    elif kind == "jsonl":
        sink.write("".join(json.dumps(row) + "\n" for row in table.to_pylist()).encode())
    else:
        write = pyarrow.csv.write_csv if kind == "csv" else pq.write_table
        write(table, sink)
    content = sink.getvalue()
    if path.endswith(".gz"):
        content = gzip.compress(content)
    if path.endswith(".zst"):
        content = pa.Codec("zstd").compress(content, asbytes=True)
    Path(path).write_bytes(content)
    return path


def opened(path):
    """Read a table of the format of a path's ending."""
    kind = path.split(".")[1]
    if kind == "parquet":
        return pq.read_table(path)
    if kind == "arrow":
        return pa.ipc.open_file(path).read_all()
    with pa.input_stream(path, compression="detect") as stream:
        if kind == "arrows":
            return pa.ipc.open_stream(stream).read_all()
        if kind == "jsonl":
            return pa.Table.from_pylist([json.loads(line) for line in stream.read().splitlines()])
        options = pyarrow.csv.ParseOptions(
            delimiter="," if kind == "csv" else "\t", newlines_in_values=True
        )
        names = pyarrow.csv.open_csv(io.BytesIO(stream.read()), parse_options=options).schema.names
    strings = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
    with pa.input_stream(path, compression="detect") as stream:
        return pyarrow.csv.read_csv(stream, parse_options=options, convert_options=strings)


def run(*arguments, code=0, **options):
    result = CliRunner().invoke(main, ["score", *map(str, arguments)], **options)
    assert code == result.exit_code, result.output
    return result


def failing(*arguments, code=1):
    """Run what fails, and return its one line."""
    (line,) = run(*arguments, code=code).stderr.splitlines()[-1:]
    return line


def left():
    return sorted(os.listdir())  # noqa: PTH208 - names are wanted


def found(detector, texts=TEXTS):
    batch = pa.record_batch({"body": pa.array(texts, pa.string())})
    return detector.predict_arrow(batch, "body")


@pytest.mark.parametrize(
    "path",
    [
        *("a.csv", "a.tsv", "a.jsonl", "a.parquet", "a.arrow", "a.arrows"),
        *("a.csv.gz", "a.csv.zst", "a.tsv.gz", "a.jsonl.zst", "a.jsonl.gz", "a.arrows.gz"),
    ],
)
def test_every_format_comes_out_as_it_went_in_with_columns_behind_its_own(path, detector):
    table = TABLE.take([0, 2, 3, 4]) if ".tsv" in path else TABLE
    written(table, path)
    out = "out." + path.partition(".")[2]

    run(path, "--output", out, "--text-column", "body")

    scored, expected = opened(out), found(detector, table["body"].to_pylist())
    assert table.to_pydict() == scored.select(TABLE.schema.names).to_pydict()
    assert [*TABLE.schema.names, *ADDED] == scored.schema.names[:5]
    assert expected["top_label"].to_pylist() == scored["top_label"].to_pylist()
    labels = scored["labels"].to_pylist()
    if "csv" in path or "tsv" in path:
        labels = [label.split(",") if label else [] for label in labels]
        assert 5 + 28 == scored.num_columns
    assert expected["labels"].to_pylist() == labels
    assert sorted([path, out, f"{out}.summary.json"]) == left()


@pytest.mark.parametrize(
    "target", ["o.csv", "o.jsonl", "o.parquet", "o.arrow", "o.arrows", "o.csv.gz"]
)
@pytest.mark.parametrize("source", ["a.csv", "a.jsonl", "a.parquet", "a.arrow"])
def test_any_format_becomes_any_other(source, target):
    run(written(TABLE, source), "--output", target, "--text-column", "body")
    assert TABLE.to_pydict() == opened(target).select(TABLE.schema.names).to_pydict()


def test_types_stay_what_they_were():
    table = pa.table(
        {
            "n": pa.array([1, None], pa.int16()),
            "when": pa.array([0, 1], pa.timestamp("us", "UTC")),
            "kind": pa.array(["a", "b"]).dictionary_encode(),
            "tags": pa.array([["x"], None], pa.list_(pa.string())),
            "body": pa.array(["hi", None], pa.large_string()),
        },
        metadata={"made": "here"},
    )
    run(written(table, "a.parquet"), "--output", "o.parquet", "--text-column", "body")
    scored = pq.read_table("o.parquet")
    assert table == scored.select(table.schema.names)
    assert table.schema.types == scored.schema.types[:5]
    assert b"here" == scored.schema.metadata[b"made"]
    assert scored["labels"][1].as_py() is scored["probabilities"][1].as_py() is None


def test_lines_become_json_lines():
    Path("a.txt").write_text("hello\n\nthank you", encoding="utf-8")
    run("a.txt", "--output", "o.jsonl")
    assert ["hello", "", "thank you"] == opened("o.jsonl")["text"].to_pylist()


def test_lines_of_json_keep_every_byte_of_theirs():
    lines = ['{ "text" : "h\\u00e9",  "n": 1.50 }', '{"n":12345678901234567890123,"text":null}']
    Path("a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    run("a.jsonl", "--output", "o.jsonl", "--columns", "top")
    out = Path("o.jsonl").read_text(encoding="utf-8").splitlines()
    assert [f'{lines[0][:-2]},"top_label":"', f'{lines[1][:-1]},"top_label":null}}'] == [
        re.sub(r'\w+"}$', "", out[0]),
        out[1],
    ]


def test_standard_input_goes_to_standard_output():
    table = run("--format", "csv", "--columns", "top", input='id,text\n7,"a, b"\n').stdout
    assert re.fullmatch(r'id,text,top_label\n7,"a, b",\w+\n', table)


def test_lines_on_standard_input_become_json():
    (row,) = run("--format", "lines", input="hello\n").stdout.splitlines()
    assert {"text", "labels", "top_label", "probabilities"} == json.loads(row).keys()


def test_parquet_and_arrow_can_go_to_standard_output():
    written(TABLE, "a.arrows")
    for form, reader in (("parquet", pq.read_table), ("arrows", pa.ipc.open_stream)):
        out = run("a.arrows", "--text-column", "body", "--output-format", form).stdout_bytes
        read = reader(io.BytesIO(out))
        assert 5 == (read if form == "parquet" else read.read_all()).num_rows


def test_a_filter_puts_rejects_and_the_summary_where_they_are_wanted():
    options = ("--on-error", "skip", "--rejects", "bad.jsonl", "--summary", "s.json")
    result = run("--format", "csv", *options, input="id,text\n1\n2,hi\n")
    assert 2 == len(result.stdout.splitlines())
    assert "rows that could not be read: 1, in bad.jsonl" in result.stderr
    assert [2] == [json.loads(line)["line"] for line in Path("bad.jsonl").read_bytes().splitlines()]
    assert 1 == json.loads(Path("s.json").read_bytes())["rows"]
    assert ["bad.jsonl", "s.json"] == left()


def test_a_folder_becomes_a_folder():
    Path("in/deep").mkdir(parents=True)
    for path in ("in/b.csv", "in/deep/a.parquet", "in/c.jsonl.gz"):
        written(TABLE, path)
    Path("in/.hidden.csv").write_bytes(b"")
    Path("in/notes.md").write_bytes(b"")
    Path("in/d.txt").write_text("hi\n", encoding="utf-8")

    run("in", "--output", "out/", "--text-column", "body")

    names = [str(path) for path in sorted(Path("out").rglob("*")) if path.is_file()]
    assert ["out/b.csv", "out/c.jsonl.gz", "out/d.jsonl", "out/deep/a.parquet"] == names
    assert TABLE.to_pydict() == opened("out/b.csv").select(TABLE.schema.names).to_pydict()
    assert 16 == json.loads(Path("out.summary.json").read_bytes())["rows"]


def test_a_folder_can_be_of_one_format():
    for path in ("a.csv", "b.jsonl.gz"):
        written(TABLE, path)
    run(
        "a.csv",
        "b.jsonl.gz",
        "--output",
        "o/",
        "--output-format",
        "parquet",
        "--text-column",
        "body",
    )
    assert ["a.parquet", "b.parquet"] == sorted(path.name for path in Path("o").iterdir())


def test_a_pattern_becomes_one_file():
    for path in ("a.csv", "b.csv", "c.jsonl"):
        written(TABLE, path)
    run("[ab].csv", "--output", "o.parquet", "--text-column", "body")
    assert TABLE["id"].to_pylist() * 2 == pq.read_table("o.parquet")["id"].to_pylist()


def test_files_of_other_columns_do_not_go_into_one():
    written(TABLE, "a.csv")
    written(TABLE.select(["body"]), "b.csv")
    line = failing("a.csv", "b.csv", "--output", "o.csv", "--text-column", "body")
    assert (
        "emoconv: error: b.csv: its columns (body string) are not those of a.csv (id string, body "
        "string, n string); score into a folder (--output NAME/), where each file keeps its own"
    ) == line


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("no.csv", "--output", "o.csv"), "no.csv: no such file"),
        (("*.tsv", "--output", "o.csv"), "*.tsv: no file matches this pattern"),
        (("empty", "--output", "o/"), "empty: no file in this folder has a known ending"),
        (
            ("a.csv", "--output", "o.csv"),
            "a.csv: no column 'text' (the columns are id, body, n)",
        ),
        (
            ("a.parquet", "--output", "o.parquet", "--text-column", "n"),
            "a.parquet: column 'n' holds int64, expected strings; name another column",
        ),
        (
            ("labels.csv", "--output", "o.csv"),
            (
                "labels.csv: there is a column 'labels' already; give the new columns a prefix, "
                "such as prefix='emoconv_' (--prefix emoconv_)"
            ),
        ),
        (
            ("labels.jsonl", "--output", "o.jsonl"),
            (
                "labels.jsonl: there is a column 'labels' already; give the new columns a prefix, "
                "such as prefix='emoconv_' (--prefix emoconv_)"
            ),
        ),
        (
            ("nested.parquet", "--output", "o.csv"),
            (
                "nested.parquet: column 'tags' is of type list<element: int64>, which has no "
                "place in CSV or TSV; write JSON Lines, Parquet or Arrow"
            ),
        ),
        (
            ("tabs.csv", "--output", "o.tsv"),
            (
                "tabs.csv: column 'text' has a tab or a line end in it, which TSV cannot hold "
                "('a\\tb'); write CSV or another format"
            ),
        ),
        (
            ("a.csv", "--output", "o.xyz"),
            (
                "o.xyz: the ending names no format; name one: --format csv|tsv|jsonl|lines|parquet|"
                "arrow|arrows (known endings: .csv, .tsv, .tab, .jsonl, .ndjson, .txt, .parquet, "
                ".arrow, .feather, .arrows, and .gz or .zst after them)"
            ),
        ),
        (("broken.parquet", "--output", "o.csv"), "broken.parquet: not a Parquet file ("),
    ],
)
def test_what_cannot_be_scored_is_said_in_a_line_and_leaves_nothing(arguments, message):
    written(TABLE, "a.csv")
    written(pa.table({"n": [1], "text": ["x"]}), "a.parquet")
    written(pa.table({"text": ["x"], "labels": ["y"]}), "labels.csv")
    written(pa.table({"text": ["x"], "labels": ["y"]}), "labels.jsonl")
    written(pa.table({"text": ["x"], "tags": [[1]]}), "nested.parquet")
    written(pa.table({"text": ["a\tb"]}), "tabs.csv")
    Path("empty").mkdir()
    Path("broken.parquet").write_bytes(b"PAR1 no")
    before = left()
    line = failing(*arguments)
    assert line.startswith(f"emoconv: error: {message}")
    assert before == left()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a.csv", "--columns", "label"), "'label' is not one of labels, top, confidence, prob"),
        (
            ("a.csv", "--output", "a.csv"),
            "a.csv would be overwritten; choose another output",
        ),
        (
            ("a.csv", "--output", "there.csv"),
            "there.csv is there already; choose another output, or give --overwrite",
        ),
        (("a.csv", "a.csv"), "a.csv is named twice; name each file once"),
        (
            ("a.csv", "--output", "o.txt"),
            (
                "plain lines have no place for emotions; write JSON Lines, CSV or Parquet "
                "(--output-format jsonl)"
            ),
        ),
        (
            ("a.csv", "--output-format", "arrow"),
            (
                "an Arrow file is written from both ends and cannot go to standard output; "
                "--output-format arrows writes a stream"
            ),
        ),
        (
            ("a.csv", "--on-error", "skip"),
            (
                "--on-error skip puts rows aside, and standard output has no place beside it; say "
                "where by --rejects FILE"
            ),
        ),
        (
            ("a.csv", "--probabilities", "list", "--text-column", "body"),
            "csv has no lists; write probabilities as columns, or another format",
        ),
        (
            ("a.csv", "--encoding", "utf-9"),
            "no encoding 'utf-9'; known are utf-8, utf-16, latin-1, cp1252 and what else ",
        ),
        (
            ("sub/a.csv", "a.csv", "--output", "o/"),
            (
                "sub/a.csv and a.csv would both become a.csv; name their common folder, or score "
                "one at a time"
            ),
        ),
        (("-", "a.csv", "--format", "csv"), "standard input (-) cannot be scored together with "),
    ],
)
def test_a_request_that_contradicts_itself_is_a_matter_of_usage(arguments, message):
    Path("sub").mkdir()
    written(TABLE, "a.csv")
    written(TABLE, "sub/a.csv")
    Path("there.csv").write_bytes(b"mine")
    before = left()
    assert message in failing(*arguments, code=2)
    assert before == left()
    assert b"mine" == Path("there.csv").read_bytes()


@pytest.mark.parametrize("engine", ["ray", "spark"])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a.csv",), " reads files and writes a folder; give IN and --output FOLDER"),
        (("--output", "o"), " reads files and writes a folder; give IN and --output FOLDER"),
        (
            ("a.csv", "--output", "o", "--output-format", "csv"),
            " writes a folder of Parquet; leave --output-format out",
        ),
        (
            ("a.csv", "--output", "o", "--on-error", "skip"),
            "--on-error is for --engine local, and does nothing on ",
        ),
        (("a.csv", "--output", "o", "--restart"), "--restart is for --engine local"),
    ],
)
def test_what_a_cluster_does_not_do_is_a_matter_of_usage(engine, arguments, message):
    assert message in failing(*arguments, "--engine", engine, code=2)


def test_an_address_is_that_of_a_cluster():
    assert "--address is that of a cluster; give" in failing("a.csv", "--address", "x:1", code=2)


def test_nothing_to_read_is_a_matter_of_usage(monkeypatch):
    monkeypatch.setattr("emoconv.cli.score.is_terminal", lambda _: True)
    assert "give files, or rows on standard input" in failing(code=2)


@pytest.mark.parametrize("output", ["o.csv", "o/"])
def test_an_output_is_replaced_if_that_is_wanted(output):
    written(TABLE, "a.csv")
    Path("o.csv").write_bytes(b"old")
    Path("o.csv.rejects.jsonl").write_bytes(b"old")
    Path("o").mkdir()
    Path("o/old.csv").write_bytes(b"old")
    run("a.csv", "--output", output, "--overwrite", "--text-column", "body")
    if output == "o.csv":
        assert 5 == len(opened("o.csv"))
        assert not Path("o.csv.rejects.jsonl").exists()
    else:
        assert ["a.csv"] == [path.name for path in Path("o").iterdir()]


def test_no_folder_of_another_name_goes_when_one_is_replaced():
    Path("o.old").mkdir()
    Path("o").mkdir()
    Path(written(TABLE, "a.csv")).rename("o.old/a.csv")
    run("o.old", "--output", "o/", "--overwrite", "--text-column", "body")
    assert ["o", "o.old", "o.summary.json"] == left()
    assert ["a.csv"] == [path.name for path in Path("o.old").iterdir()]


def test_rows_that_cannot_be_read_are_kept_beside():
    Path("a.csv").write_bytes(b"id,text\n1,ok\n2\n3,\xff\n4,fine\n")
    line = failing("a.csv", "--output", "o.csv")
    assert (
        "emoconv: error: a.csv:3: 1 field, expected 2; mend it, or put such rows aside by "
        "--on-error skip (or null)"
    ) == line

    result = run("a.csv", "--output", "o.csv", "--on-error", "skip")

    assert ["1", "4"] == opened("o.csv")["id"].to_pylist()
    assert "rows that could not be read: 2, in o.csv.rejects.jsonl" in result.stderr
    rejects = [json.loads(line) for line in Path("o.csv.rejects.jsonl").read_bytes().splitlines()]
    assert [("a.csv", 3, "2"), ("a.csv", 4, "3,\ufffd")] == [
        (row["file"], row["line"], row["raw"]) for row in rejects
    ]


def test_rows_that_cannot_be_read_can_stay_as_nulls():
    Path("a.csv").write_bytes(b"id,text\n1,ok\n2\n3,\xff\n4,fine\n")
    run("a.csv", "--output", "o.jsonl", "--on-error", "null")
    scored = opened("o.jsonl")
    assert ["1", None, "3", "4"] == scored["id"].to_pylist()
    assert [True, False, False, True] == scored["labels"].is_valid().to_pylist()


def test_the_end_says_how_much_how_fast_and_what_was_found(detector):
    written(TABLE, "a.csv")
    result = run("a.csv", "--output", "o.csv", "--text-column", "body")
    first, *rest = result.stderr.splitlines()
    assert re.fullmatch(r"5 rows in 0 s \([\d,]+ rows/s\); without a text: 0, empty: 1", first)
    share = sum("gratitude" in labels for labels in found(detector)["labels"].to_pylist()) / 5
    assert f"gratitude {share:.1%}" in "\n".join(rest)
    assert 28 == sum(len(re.findall(r"\w+ [\d.]+%", line)) for line in rest)


def test_the_summary_says_what_made_it(detector):
    written(TABLE, "a.csv")
    run("a.csv", "--output", "o.csv", "--text-column", "body")
    summary = json.loads(Path("o.csv.summary.json").read_bytes())
    assert (5, 0, 1) == (summary["rows"], summary["missing"], summary["empty"])
    assert detector.bundle.fingerprint() == summary["model"]
    assert (["a.csv"], "o.csv", "reference") == (
        summary["run"]["inputs"],
        summary["run"]["output"],
        summary["run"]["engine"],
    )


@pytest.mark.parametrize("name", ["ekman", "./moods.json"])
def test_rows_can_get_groups_of_labels(detector, name):
    Path("moods.json").write_text(json.dumps({"good": ["joy", "gratitude"], "bad": ["anger"]}))
    written(TABLE, "a.csv")
    options = ("--text-column", "body", "--grouping", name)
    run("a.csv", "--output", "o.csv", *options)
    grouped = detector.replace(grouping=name)
    added = pyarrow.csv.read_csv("o.csv").schema.names[len(TABLE.schema) :]
    probabilities = [f"probability_{label}" for label in grouped.labels]
    assert [*ADDED, *probabilities] == added
    summary = json.loads(Path("o.csv.summary.json").read_bytes())
    assert list(grouped.labels) == [entry["label"] for entry in summary["labels"]]
    assert name.removeprefix("./") == summary["grouping"]
    assert grouped.fingerprint() == summary["model"]


def test_unsure_rows_get_no_label(detector):
    written(TABLE, "a.jsonl")
    highest = detector.predict_proba(TEXTS).max(axis=1)
    bound = float(sorted(highest)[2])
    options = ("--text-column", "body", "--columns", "labels,top,confidence")
    run("a.jsonl", "--output", "o.jsonl", *options, "--min-confidence", str(bound))
    rows = [json.loads(line) for line in Path("o.jsonl").read_text().splitlines()]
    assert highest.tolist() == pytest.approx([row["confidence"] for row in rows])
    sure = [row["confidence"] >= bound for row in rows]
    assert 3 == sum(sure)
    assert sure == [row["top_label"] is not None for row in rows]
    assert not any(row["labels"] for row, is_sure in zip(rows, sure, strict=True) if not is_sure)
    summary = json.loads(Path("o.jsonl.summary.json").read_bytes())
    assert bound == summary["min_confidence"]
    assert sum(len(row["labels"]) for row in rows) == sum(e["texts"] for e in summary["labels"])


class TestProgress:
    @pytest.fixture(autouse=True)
    def small_shards(self, monkeypatch):
        monkeypatch.setattr(pieces, "SHARD_ROWS", 2)
        written(TABLE, "a.csv")

    def test_is_a_line_every_few_seconds_where_there_is_no_terminal(self, monkeypatch):
        monkeypatch.setattr(progress, "_LINE_SECONDS", 0)
        lines = run("a.csv", "--output", "o.csv", "--text-column", "body").stderr.splitlines()
        assert re.fullmatch(r"emoconv: 100%, 2 rows, [\d,]+ rows/s, 0 s left", lines[0])
        assert re.match(r"emoconv: 100%, 5 rows", lines[2])

    def test_is_a_bar_on_a_terminal(self, monkeypatch):
        monkeypatch.setattr(progress, "is_terminal", lambda _: True)
        shown = run("a.csv", "--output", "o.csv", "--text-column", "body").stderr
        assert re.search(r"100%\|█+\| 5 rows, [\d,]+ rows/s", shown)

    def test_is_a_bar_of_no_length_where_the_end_is_not_known(self, monkeypatch):
        monkeypatch.setattr(progress, "is_terminal", lambda _: True)
        arguments = ("--format", "csv", "--text-column", "body")
        shown = run(*arguments, input=Path("a.csv").read_bytes()).stderr
        assert re.search(r"\r5 rows, [\d,]+ rows/s", shown)

    def test_names_the_file_that_cannot_be_written(self, monkeypatch):
        class Full:
            def write(self, _):
                raise OSError(28, "No space left on device")

        def begin(self, *_):
            self._name, self._file = "output", Full()

        monkeypatch.setattr(FileOutput, "begin", begin)
        lines = run("a.csv", "--output", "o.csv", "--text-column", "body", code=1).stderr
        assert [
            "emoconv: 0 rows are finished and kept; the same command goes on from there",
            "emoconv: error: o.csv.partial/output: No space left on device",
        ] == lines.splitlines()

    def test_does_without_a_share_where_the_end_is_not_known(self, monkeypatch):
        monkeypatch.setattr(progress, "_LINE_SECONDS", 0)
        content = Path("a.csv").read_bytes()
        arguments = ("--format", "csv", "--text-column", "body")
        lines = run(*arguments, input=content).stderr.splitlines()
        assert re.fullmatch(r"emoconv: 2 rows, [\d,]+ rows/s", lines[0])

    @pytest.mark.parametrize(
        ("error", "code", "said"),
        [
            (KeyboardInterrupt(), 130, ["emoconv: stopped: {}"]),
            (
                OSError(28, "No space left on device", "o.csv.partial/output"),
                1,
                ["emoconv: {}", "emoconv: error: o.csv.partial/output: No space left on device"],
            ),
        ],
    )
    def test_of_a_run_that_is_cut_off_is_not_lost(self, monkeypatch, error, code, said):
        arguments = ("a.csv", "--output", "o.csv", "--text-column", "body")
        add = FileOutput.add

        def failing_add(self, shard):
            if shard.rows > 2:
                raise error
            add(self, shard)

        monkeypatch.setattr(FileOutput, "add", failing_add)
        stopped = run(*arguments, code=code)
        monkeypatch.setattr(FileOutput, "add", add)

        kept = "2 rows are finished and kept; the same command goes on from there"
        assert [line.format(kept) for line in said] == stopped.stderr.splitlines()
        assert not Path("o.csv").exists()
        assert "5 rows in 0 s, 2 of them finished before (" in run(*arguments).stderr
        run("a.csv", "--output", "whole.csv", "--text-column", "body")
        assert Path("whole.csv").read_bytes() == Path("o.csv").read_bytes()
        assert not Path("o.csv.partial").exists()


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.4, "0 s"), (75.2, "1 min 15 s"), (7_500, "2 h 5 min")]
)
def test_a_time_is_said_as_people_do(seconds, said):
    assert said == progress.duration(seconds)


def test_an_input_that_changes_while_it_is_read_is_noticed(monkeypatch):
    written(TABLE, "a.csv")
    add = FileOutput.add

    def changing(self, shard):
        add(self, shard)
        os.utime("a.csv", (0, 0))

    monkeypatch.setattr(FileOutput, "add", changing)
    assert "emoconv: error: a.csv: changed while it was read; --restart begins again" == failing(
        "a.csv", "--output", "o.csv", "--text-column", "body"
    )


def test_an_input_that_goes_while_it_is_read_is_read_to_its_end(monkeypatch):
    written(TABLE, "a.csv")
    begin = FileOutput.begin

    def removing(self, *arguments):
        Path("a.csv").unlink()
        begin(self, *arguments)

    monkeypatch.setattr(FileOutput, "begin", removing)
    run("a.csv", "--output", "o.csv", "--text-column", "body")
    assert 5 == len(opened("o.csv"))


def test_rejects_go_to_another_file_system_as_well(monkeypatch):
    Path("a.csv").write_bytes(b"id,text\n1\n2,hi\n")
    replace = Path.replace

    def far(self, target):
        if self.name == "rejects.jsonl":
            raise OSError(18, "Invalid cross-device link")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", far)
    run("a.csv", "--output", "o.csv", "--on-error", "skip", "--rejects", "far/bad.jsonl")
    assert ["bad.jsonl"] == [path.name for path in Path("far").iterdir()]
    assert 1 == len(Path("far/bad.jsonl").read_bytes().splitlines())


def test_a_file_that_cannot_be_moved_is_said(monkeypatch):
    written(TABLE, "a.csv")

    def denied(self, _target):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "replace", denied)
    line = failing("a.csv", "--output", "o.csv", "--text-column", "body")
    assert line.startswith("emoconv: error: o.csv.partial/summary.json")


class TestARunThatIsHalfDone:
    ARGUMENTS = ("a.csv", "--output", "o.csv", "--text-column", "body")

    @pytest.fixture(autouse=True)
    def half_done(self, monkeypatch):
        monkeypatch.setattr(pieces, "SHARD_ROWS", 2)
        written(TABLE, "a.csv")
        with monkeypatch.context() as patch:
            patch.setattr(FileOutput, "end", interrupt)
            run(*self.ARGUMENTS, code=130)

    def test_is_refused_if_an_input_has_changed(self):
        written(TABLE.slice(1), "a.csv")
        assert (
            "emoconv: error: o.csv.partial: what was begun here is not what is asked for: a.csv "
            "changed meanwhile; --restart forgets what was begun"
        ) == failing(*self.ARGUMENTS)
        assert "4 rows in 0 s (" in run(*self.ARGUMENTS, "--restart").stderr

    def test_is_refused_if_other_inputs_are_named(self):
        written(TABLE, "b.csv")
        line = failing("a.csv", "b.csv", *self.ARGUMENTS[1:])
        assert "the inputs are a.csv, b.csv and were a.csv, " in line

    def test_is_refused_for_another_model(self, tiny_bundle):
        line = failing(*self.ARGUMENTS, "--model", tiny_bundle)
        assert "is not what is asked for: the model is another; --restart" in line

    def test_is_refused_for_other_options(self):
        line = failing(*self.ARGUMENTS, "--prefix", "x_")
        assert "is not what is asked for: prefix is 'x_' and was ''; --restart" in line

    def test_is_refused_for_another_grouping(self):
        line = failing(*self.ARGUMENTS, "--grouping", "ekman")
        assert re.search(r"asked for: grouping is 'ekman [0-9a-f]{12}' and was None; --r", line)

    def test_is_refused_for_another_confidence(self):
        line = failing(*self.ARGUMENTS, "--min-confidence", "0.5")
        assert "asked for: min_confidence is 0.5 and was 0.0; --restart" in line

    def test_is_refused_while_another_run_is_at_it(self):
        with Journal(Path("o.csv"), {}, labels=[], restart=False) as journal:
            assert (
                "emoconv: error: o.csv.partial: another run is writing this output; wait for it, "
                "or choose another output"
            ) == failing(*self.ARGUMENTS)
            journal.count = 1  # leave what is there

    def test_is_gone_on_with_by_the_engine_that_began_it(self, monkeypatch):
        monkeypatch.setattr(EmotionDetector, "_is_worth_compiling", lambda *_: True)
        run(*self.ARGUMENTS)
        summary = json.loads(Path("o.csv.summary.json").read_bytes())
        assert "reference" == summary["run"]["engine"]

    def test_is_gone_on_with(self):
        assert "5 rows in 0 s, 5 of them finished before (" in run(*self.ARGUMENTS).stderr
        assert ["a.csv", "o.csv", "o.csv.summary.json"] == left()


def interrupt(*_):
    raise KeyboardInterrupt
