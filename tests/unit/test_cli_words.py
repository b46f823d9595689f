import csv
import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from emoconv.bundle import write_bundle
from emoconv.cli import main
from untrained import LABELS, WORDS, untrained_bundle

TEXTS = ["so happy", "not happy !!!", "i 'm so thanks <3", "do n't :)", "so so \x1b[31m 😂"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("words") / "bundle"
    write_bundle(untrained_bundle(), folder)
    return folder


@pytest.fixture
def run(folder):
    def invoke(*arguments, stdin=None):
        arguments = ["words", *map(str, arguments)]
        environment = {"EMOCONV_WORDS_MODEL": str(folder)}
        return CliRunner().invoke(main, arguments, input=stdin, env=environment, color=True)

    return invoke


@pytest.fixture
def lines(tmp_path):
    path = tmp_path / "texts.txt"
    path.write_text("\n".join(TEXTS), encoding="utf-8")
    return path


def test_a_label_has_a_table_with_examples(run, lines):
    result = run(lines, "--label", "joy", "--top", 2, "--examples", 1)
    assert (0, "") == (result.exit_code, result.stderr)
    about, empty, header, rule, *rows = result.stdout.splitlines()
    assert ("strongest phrases in 5 texts", "") == (about, empty)
    assert ["joy", "texts", "mean", "share", "total", "share"] == header.split()
    assert {"-"} == set(rule)
    assert [False, True] * 2 == [row.startswith("    ") for row in rows]


def test_examples_move_no_cursor(run, lines):
    assert "\x1b" not in run(lines, "--label", ",".join(LABELS)).stdout


def test_without_a_label_each_has_a_line(run, lines):
    result = run(lines)
    assert list(LABELS) == [line.split()[0] for line in result.stdout.splitlines()[1:]]
    assert all(line.count(", ") <= 4 for line in result.stdout.splitlines()[1:])


def test_without_a_corpus_the_words_of_the_vocabulary_are_listed(run):
    result = run("--label", "joy", "--top", 99)
    about, _, header, _, *rows = result.stdout.splitlines()
    assert "each word of the model's vocabulary as if it stood alone; no corpus was read" == about
    assert ["joy", "share", "alone"] == header.split()
    assert sorted(WORDS) == sorted(row.split()[0] for row in rows)
    assert len(LABELS) == len(run().stdout.splitlines()) - 1


def test_against_says_so_and_is_the_other_end(run):
    speak_for = json.loads(run("--label", "joy", "--top", 99, "--json").stdout)
    against = json.loads(run("--label", "joy", "--top", 99, "--json", "--against").stdout)
    assert (False, True) == (speak_for["against"], against["against"])
    assert speak_for["labels"]["joy"] == against["labels"]["joy"][::-1]
    assert run("--against").stdout.partition("\n")[0].endswith(", against")


def test_json_has_everything(run, lines):
    found = json.loads(run(lines, "--label", "joy", "--json", "--examples", 1).stdout)
    assert (5, False, ["joy"]) == (found["texts"], found["against"], list(found["labels"]))
    assert {"phrase", "texts", "mean_share", "total_share", "examples"} == set(
        found["labels"]["joy"][0]
    )
    assert json.loads(run("--json").stdout)["texts"] is None


def test_csv_has_a_row_for_each_phrase(run, lines, tmp_path):
    table = tmp_path / "table.csv"
    result = run(lines, "--top", 3, "--output", table)
    assert ("", "") == (result.stdout, result.stderr)
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    header = ["label", "phrase", "texts", "mean_share", "total_share", "example_1", "example_2"]
    assert header == rows[0]
    assert {7} == set(map(len, rows))
    assert list(LABELS) == list(dict.fromkeys(row[0] for row in rows[1:]))
    assert {table, lines} == set(tmp_path.iterdir())


def test_csv_of_the_vocabulary_has_shares_alone(run, tmp_path):
    run("--output", tmp_path / "table.csv", "--top", 2)
    rows = (tmp_path / "table.csv").read_text(encoding="utf-8").splitlines()
    assert ("label,phrase,share_alone", 1 + 2 * len(LABELS)) == (rows[0], len(rows))


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet", "txt.gz", "folder", "stdin"])
def test_any_file_that_score_reads_is_a_corpus(run, lines, tmp_path, kind):
    expected = run(lines, "--json", "--label", "joy").stdout
    path, options, stdin = tmp_path / f"corpus.{kind}", ["--text-column", "body"], None
    if kind == "csv":
        rows = [["id", "body"], *([i, text] for i, text in enumerate(TEXTS))]
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    elif kind == "jsonl":
        path.write_text(
            "".join(json.dumps({"body": text}) + "\n" for text in [*TEXTS, None]), encoding="utf-8"
        )
    elif kind == "parquet":
        pq.write_table(pa.table({"body": [*TEXTS, None]}), path)
    elif kind == "txt.gz":
        path.write_bytes(gzip.compress("\n".join(TEXTS).encode()))
        options = []
    elif kind == "folder":
        path, options = tmp_path, []
    else:
        path, options, stdin = "-", ["--format", "lines"], "\n".join(TEXTS).encode()
    assert expected == run(path, "--json", "--label", "joy", *options, stdin=stdin).stdout


def test_a_column_that_is_not_there_is_named(run, tmp_path):
    path = tmp_path / "corpus.csv"
    path.write_text("body\nso happy\n", encoding="utf-8")
    result = run(path)
    assert (
        1,
        "",
        f"emoconv: error: {path}: no column 'text' (the columns are body)\n",
    ) == (result.exit_code, result.stdout, result.stderr)


def test_a_label_that_is_not_there_is_named_before_anything_is_read(run, tmp_path):
    result = run(tmp_path / "nowhere.csv", "--label", "jo")
    assert (1, "did you mean 'joy'?\n") == (result.exit_code, result.stderr[-20:])


def test_a_label_without_a_phrase_says_so(run, tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text("\n\n", encoding="utf-8")
    assert run(path, "--label", "joy").stdout.endswith("\njoy: none\n")
    assert "joy        -" in run(path).stdout
    run(path, "--output", tmp_path / "table.csv", "--examples", 0)
    assert "label,phrase\n" == (tmp_path / "table.csv").read_text(encoding="utf-8")


def test_what_was_forgotten_is_said(run, lines, monkeypatch):
    monkeypatch.setattr("emoconv.explanation.corpus.KEPT_PHRASES", 10)
    result = run(lines)
    assert 0 == result.exit_code
    assert "weak phrases were forgotten for want of room" in result.stderr
