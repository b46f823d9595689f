import csv
import io
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from emoconv.cli import main

HEADER = ["period", "label", "texts", "count", "share", "mean_probability"]


def rows_of(text):
    return list(csv.reader(io.StringIO(text)))


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    days = [86_400 * (i // 10) for i in range(40)]
    held = [["joy"] if i % (2 + i // 10) else ["neutral"] for i in range(40)]
    labels = [["anger", *names] if i % 2 else names for i, names in enumerate(held)]
    table = pa.table(
        {
            "at": days,
            "labels": labels,
            "probability_anger": pa.array([0.25] * 40, pa.float32()),
            "probability_joy": pa.array([0.5] * 40, pa.float32()),
            "probability_neutral": pa.array([0.125] * 40, pa.float32()),
        }
    )
    pq.write_table(table, "scored.parquet")

    def invoke(*arguments, time="at", file="scored.parquet"):
        return CliRunner().invoke(main, ["trend", file, "--time", time, *arguments])

    return invoke


def test_the_table_is_printed_as_csv(run):
    result = run()
    assert (0, "") == (result.exit_code, result.stderr)
    rows = rows_of(result.stdout)
    assert (HEADER, 1 + 4 * 3) == (rows[0], len(rows))
    assert ["1970-01-01", "anger", "10", "5", "0.5", "0.25"] == rows[1]
    assert ["1970-01-04", "neutral", "10", "2", "0.2", "0.125"] == rows[-1]


def test_it_may_be_written_to_a_file(run, tmp_path, monkeypatch):
    monkeypatch.setattr("emoconv.cli.trend._LINES", 5)
    result = run("--output", "trend.csv", "--labels", "joy, anger", "--every", "1w")
    assert (0, "", "") == (result.exit_code, result.stdout, result.stderr)
    rows = rows_of((tmp_path / "trend.csv").read_text())
    assert [HEADER, ["1969-12-29", "joy", "40", "27", "0.675", "0.5"]] == rows[:2]
    assert ["1969-12-29", "anger", "40", "20", "0.5", "0.25"] == rows[2]
    assert {"scored.parquet", "trend.csv"} == {file.name for file in tmp_path.iterdir()}


def test_many_rows_are_printed_whole(run, monkeypatch):
    whole = run().stdout
    monkeypatch.setattr("emoconv.cli.trend._LINES", 4)
    assert whole == run().stdout


@pytest.mark.parametrize(
    ("options", "drawn", "left_out"),
    [
        ([], ["anger", "joy"], ["neutral"]),
        (["--top", "1"], ["joy"], ["anger", "neutral"]),
        (["--labels", "neutral"], ["neutral"], ["anger", "joy"]),
    ],
)
def test_the_emotions_that_moved_are_drawn_or_those_asked_for(
    run, tmp_path, options, drawn, left_out
):
    result = run("--plot", "trend.svg", *options)
    assert (0, "") == (result.exit_code, result.stderr)
    svg = (tmp_path / "trend.svg").read_text()
    assert (drawn, []) == (
        [name for name in drawn if f"<!-- {name} -->" in svg],
        [name for name in left_out if f"<!-- {name} -->" in svg],
    )
    assert "<!-- texts -->" in svg


def test_the_plot_says_what_was_measured(run, tmp_path):
    run("--plot", "trend.svg", file=".")
    assert "<!-- scored.parquet, 40 texts -->" in (tmp_path / "trend.svg").read_text()
    pq.write_table(pq.read_table("scored.parquet"), "more.parquet")
    run("--plot", "trend.svg", file=".")
    assert "<!-- more.parquet and 1 more, 80 texts -->" in (tmp_path / "trend.svg").read_text()


def test_rows_that_scoring_put_aside_are_no_scored_texts(run, tmp_path):
    whole = run(file=".").stdout
    (tmp_path / "scored.rejects.jsonl").write_text('{"file": "a.csv", "reason": "not UTF-8"}')
    assert whole == run(file=".").stdout
    assert 1 == run(file="scored.rejects.jsonl").exit_code


def test_rows_that_are_left_out_are_counted(run, tmp_path):
    (tmp_path / "a.jsonl").write_text(
        '{"at": "2024-01-01", "labels": ["joy"]}\n{"at": "later", "labels": ["joy"]}\n'
        '{"at": null, "labels": []}\n{"at": "2024-01-01", "labels": null}\n'
    )
    result = run(file="a.jsonl")
    assert "rows left out: 1 have no text, 1 have no time, 1 have a time that cannot be read " in (
        result.stderr
    )
    assert "(the first: a.jsonl, row 2: 'later')\n" in result.stderr
    assert [HEADER, ["2024-01-01", "joy", "1", "1", "1", ""]] == rows_of(result.stdout)


def test_lists_without_names_are_of_the_model_that_is_named(run, tiny_bundle):
    rows = {"at": [0], "labels": [["joy"]], "probabilities": [[0.5] * 28]}
    pq.write_table(pa.table(rows), "a.parquet")
    result = run("--model", str(tiny_bundle), "--labels", "joy", file="a.parquet")
    assert ["1970-01-01", "joy", "1", "1", "1", "0.5"] == rows_of(result.stdout)[1]


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        ({"time": "att"}, 1, "scored.parquet: no column 'att' for times (--time names it)"),
        ({"file": "none.csv"}, 1, "none.csv: no such file"),
        ({"file": "-"}, 1, "standard input has no ending"),
    ],
)
def test_a_mistake_is_one_line(run, options, code, message):
    result = run(**options)
    assert (code, "") == (result.exit_code, result.stdout)
    assert (1, True) == (result.stderr.count("\n"), message in result.stderr)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--every", "1m"], 2, "'1m' is no period; expected a number and min, h, d, w, mo"),
        (["--labels", "jo"], 1, "label 'jo' is not one of the 3 known labels; did you mean 'joy'?"),
        (["--plot", "a.jpg"], 2, "a.jpg ends in '.jpg'; expected .png or .svg"),
        (["--top", "0"], 2, "0 is not in the range"),
        (["--format", "lines"], 2, "'lines' is not one of"),
    ],
)
def test_a_wrong_setting_is_said(run, arguments, code, message):
    result = run(*arguments)
    assert code == result.exit_code
    assert message in result.stderr


def test_standard_input_is_not_read(run):
    result = run("--format", "jsonl", file="-")
    assert (2, "") == (result.exit_code, result.stdout)
    assert "trend reads files, not standard input; name a file" in result.stderr


def test_no_emotion_to_draw_is_said(run):
    pq.write_table(pa.table({"at": [0], "labels": [["neutral"]]}), "a.parquet")
    result = run("--plot", "a.png", file="a.parquet")
    assert (1, "") == (result.exit_code, result.stdout)
    assert "no emotion holds in any text; there is nothing to draw" in result.stderr


def test_what_a_plot_needs_is_missed_before_anything_is_read(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "emoconv.report.trend", raising=False)
    result = run("--plot", "a.png", file="none.csv")
    assert (1, "") == (result.exit_code, result.stdout)
    assert "pip install 'emoconv[report]'" in result.stderr
