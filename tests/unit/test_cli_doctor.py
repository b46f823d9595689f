import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from emoconv.cli import main

ROWS = [
    "so happy today\tjoy",
    "so angry today\tanger",
    "so happy today\tjoy",
    "great fun\tjoy",
    "great fun\tanger",
    "great fun\tjoy",
    "Seen before!\tanger",
    "\t",
    *(f"happy number {i}\tjoy" for i in range(20)),
    *(f"angry number {i}\tanger" for i in range(20)),
    "angry number 99\tjoy",
]


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.tsv").write_text("\n".join(["text\tlabels", *ROWS]) + "\n")
    Path("test.tsv").write_text("text\tlabels\nseen before\tjoy\nother\tjoy\n")
    write_probabilities()

    def invoke(*arguments):
        options = ["--labels-column", "labels", *map(str, arguments)]
        return CliRunner().invoke(main, ["data", "doctor", *options])

    return invoke


def write_probabilities(rows=ROWS):
    happy = [0.95 if "happy" in row or "fun" in row else 0.05 for row in rows]
    pq.write_table(pa.table({"joy": happy, "anger": [1 - p for p in happy]}), "p.parquet")


def test_a_quick_look_counts_and_trains_nothing(run):
    result = run("a.tsv", "--quick", "--against", "test.tsv")
    assert (0, "") == (result.exit_code, result.stderr)
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert "a.tsv: 49 rows, 1 without a label, 1 with an empty text" == lines[0]
    assert "joy 25 51.0 %" in lines
    assert "exact 1 1 1 3" in lines
    assert "test.tsv 0 0 1" in lines
    assert not any("likely wrong" in line for line in lines)


def test_suspects_are_shown_worst_first_and_written(run):
    result = run("a.tsv", "--probabilities", "p.parquet", "--top", "1", "--report", "r.csv")
    assert (0, "") == (result.exit_code, result.stderr)
    tail = result.stdout.splitlines()[-3:]
    count = len(Path("r.csv").read_text().splitlines()) - 1
    assert f"{count} rows whose labels are likely wrong; the worst 1:" == tail[0]
    assert tail[1].startswith("  line ")
    assert f"r.csv: {count} suspects" == tail[2]
    assert ",angry number 99\n" in Path("r.csv").read_text()


def test_no_suspect_is_shown_where_none_is_asked_for(run):
    result = run("a.tsv", "--probabilities", "p.parquet", "--top", "0")
    assert result.stdout.splitlines()[-1].endswith("rows whose labels are likely wrong")


def test_a_cleaned_copy_says_what_it_lacks(run):
    before = Path("a.tsv").read_bytes()
    result = run("a.tsv", "--quick", "--against", "test.tsv", "--clean", "b.tsv", "--drop-leaks")
    assert [
        "b.tsv: 45 rows; 4 left out",
        "  2, text and labels of an earlier row: line 4, 7",
        "  1, labels that contradict an equal text's: line 6",
        "  1, known from other data: line 8",
    ] == result.stdout.splitlines()[-4:]
    kept = [row for place, row in enumerate(ROWS, start=2) if place not in (4, 6, 7, 8)]
    assert ["text\tlabels", *kept] == Path("b.tsv").read_text().splitlines()
    assert before == Path("a.tsv").read_bytes()


def test_many_removed_rows_are_not_all_listed(run):
    Path("c.tsv").write_text("text\tlabels\n" + "hi\tjoy\n" * 30)
    result = run("c.tsv", "--quick", "--clean", "b.tsv")
    assert result.stdout.splitlines()[-1].endswith(
        "line 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, ... (all of them: --json)"
    )


def test_suspects_are_left_out_only_when_asked(run):
    options = ("--probabilities", "p.parquet", "--json", "--clean")
    without = json.loads(run("a.tsv", *options, "b.tsv").stdout)
    assert {"duplicate", "conflict"} == {one["why"] for one in without["clean"]["removed"]}
    found = json.loads(
        run("a.tsv", *options, "c.tsv", "--drop-suspects", "1", "--report", "r.json").stdout
    )
    dropped = [one for one in found["clean"]["removed"] if one["why"] == "suspect"]
    assert [found["worst"][0]["line"]] == [one["line"] for one in dropped]
    assert ("r.json", "c.tsv", 49) == (found["report"], found["clean"]["file"], found["rows"])
    assert found["suspects"] == len(json.loads(Path("r.json").read_text()))
    assert {"line": 4, "why": "duplicate", "because_of_line": 2} in found["clean"]["removed"]


def test_models_are_trained_and_their_probabilities_kept(run):
    small = ("model.filters=4", "model.embedding_width=8", "training.epochs=1", "text.min_count=1")
    settings = [option for one in small for option in ("--set", one)]
    result = run("a.tsv", "--folds", "2", "--save-probabilities", "q.parquet", *settings)
    assert 0 == result.exit_code, result.output
    assert "fold 2 of 2: " in result.stderr
    first = result.stdout
    assert not Path("q.parquet.folds").exists()
    assert first == run("a.tsv", "--probabilities", "q.parquet").stdout
    assert first == run("a.tsv", "--folds", "2", *settings).stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--quick", "--report", "r.csv"], "--quick looks for no suspects"),
        (["--quick", "--probabilities", "p.parquet"], "--quick looks for no suspects"),
        (["--quick", "--clean", "b.tsv", "--drop-suspects", "3"], "--quick looks for no suspects"),
        (["--probabilities", "p.parquet", "--save-probabilities", "q"], "not both"),
        (["--quick", "--drop-leaks"], "say what --clean leaves out"),
        (["--drop-suspects", "2"], "say what --clean leaves out"),
        (["--quick", "--clean", "b.tsv", "--drop-leaks"], "--drop-leaks needs --against FILE"),
    ],
)
def test_options_that_would_do_nothing_are_refused(run, arguments, message):
    result = run("a.tsv", *arguments)
    assert 2 == result.exit_code
    assert message in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--clean", "p.parquet"], "p.parquet: a copy of a.tsv has its format"),
        (["--clean", "a.tsv"], "a.tsv: this is the file itself"),
        (["--clean", "test.tsv"], "test.tsv: is there already; --overwrite replaces it"),
        (["--report", "r.txt"], "r.txt: the report of suspects is CSV or JSON"),
        (["--save-probabilities", "p.parquet"], "p.parquet: is there already"),
    ],
)
def test_what_may_not_be_written_is_refused_before_the_work(run, arguments, message):
    quick = ["--quick"] if arguments[0] == "--clean" else []
    result = run("a.tsv", *quick, *arguments)
    assert (1, "", 1) == (result.exit_code, result.stdout, result.stderr.count("\n"))
    assert message in result.stderr


def test_a_file_that_is_there_is_replaced_when_asked(run):
    assert 0 == run("a.tsv", "--quick", "--clean", "test.tsv", "--overwrite").exit_code
    assert 46 == len(Path("test.tsv").read_text().splitlines()) - 1


def test_the_raw_release_is_refused(tiny):
    result = CliRunner().invoke(main, ["data", "doctor", str(tiny / "goemotions_1.csv")])
    assert 1 == result.exit_code
    assert "the raw release has a row for each rater" in result.stderr


def test_long_texts_are_shortened(run):
    rows = [f"happy number {i}\tjoy" for i in range(20)]
    rows += [f"angry number {i}\tanger" for i in range(20)] + [f"angry {'x' * 90}\tjoy"]
    Path("a.tsv").write_text("\n".join(["text\tlabels", *rows]) + "\n")
    write_probabilities(rows)
    result = run("a.tsv", "--probabilities", "p.parquet")
    assert "x…" in result.stdout


def test_a_quick_look_is_json_too(run):
    found = json.loads(run("a.tsv", "--quick", "--json").stdout)
    assert {"joy": 25, "anger": 23} == found["label_counts"]
    assert not {"suspects", "worst", "clean", "report"} & set(found)
