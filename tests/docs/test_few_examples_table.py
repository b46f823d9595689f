"""The figures of docs/how-to/own-labels.md are those that ``benchmarks/few_examples.py`` wrote."""

import importlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks/results/few_examples.json"


@pytest.fixture
def tables(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    return importlib.import_module("few_examples_tables")


@pytest.fixture
def result():
    return json.loads(RESULTS.read_text(encoding="utf-8"))


def test_the_page_has_the_tables_of_the_results(tables):
    assert {} == {p.name: t for p, t in tables.documents().items() if p.read_text() != t}


def test_a_page_without_a_place_for_the_tables_is_no_page_in_step(tables, tmp_path, monkeypatch):
    page = tmp_path / "own-labels.md"
    page.write_text("<!-- curves:start -->\n", encoding="utf-8")
    monkeypatch.setattr(tables, "PAGE", page)
    monkeypatch.setattr(tables, "ROOT", tmp_path)
    with pytest.raises(SystemExit, match=r"own-labels\.md has no place for the curves"):
        tables.documents()


def test_a_figure_of_the_table_is_the_mean_of_its_runs(tables, result):
    runs = [r for r in result["runs"] if (r["task"], r["texts"]) == ("emotions", 1000)]
    mean = sum(r["macro_f1"] for r in runs if r["method"] == "warm") / 3
    line = tables.f1_table(result, "emotions").splitlines()[2]
    assert f"{mean:.3f} ± " in line.split("|")[4]


def test_every_method_has_every_size_and_seed_that_is_told(result):
    found = {}
    for run in (run for run in result["runs"] if run["threads"] == 1):
        found.setdefault((run["task"], run["method"], run["texts"]), []).append(run["seed"])
    seeds = {(m, n): [0, 1] if n == 10000 else [0, 1, 2] for m in ALL for n in SIZES}
    seeds |= {("tuned", size): [0, 1] for size in (100, 300)}
    wanted = {(t, m, n): s for t in ("emotions", "reactions") for (m, n), s in seeds.items()}
    assert wanted == found
    assert "test" == result["part"]


ALL = ("warm", "cold", "tfidf", "static", "minilm")
SIZES = (100, 300, 1000, 3000, 10000)


def test_the_plot_has_a_line_for_each_method_in_each_of_its_parts(tables, result):
    parts = tables.plot(result).get_axes()
    assert ["Emotions: macro F1", "Reactions: macro F1"] == [a.get_title("left") for a in parts[:2]]
    assert [len(ALL) + 2] * 4 == [len(axes.get_lines()) for axes in parts]
