import importlib.util
import json
import re

import pytest
from click.testing import CliRunner

from emoconv import speed
from emoconv.bundle import read_bundle
from emoconv.cli import main
from emoconv.errors import ConfigError


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    """Rounds of a few texts, and as if there were two cores."""
    monkeypatch.setattr(speed, "_MOST_TEXTS", 50)
    monkeypatch.setattr(speed, "_LATENCY_TEXTS", 20)
    monkeypatch.setattr(speed, "_SAMPLE_TEXTS", 30)
    monkeypatch.setattr(speed, "available_cores", lambda: 2)


@pytest.fixture(autouse=True)
def _quick_start(monkeypatch):
    """A start that takes no time, so that only one test waits for real ones."""
    row = [0.01, 0.25, 0.04, 0.5, 250_000_000]
    monkeypatch.setattr(speed, "_START", f"print({json.dumps(json.dumps(row))})")


def bench(*arguments):
    result = CliRunner().invoke(main, ["bench", "--seconds", "0.01", *map(str, arguments)])
    assert (0, "") == (result.exit_code, result.stderr)
    return result.stdout


def test_a_real_start_is_measured(tiny_bundle, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(speed, "_ROUNDS", 2)
    start = speed._start(tiny_bundle)
    assert 0 < start.import_seconds < start.load_seconds
    assert 0 < start.first_seconds
    assert 0 < start.warm_seconds
    assert 20e6 < start.peak_bytes


def test_every_engine_is_measured_on_one_thread_and_the_compiled_one_on_all(tiny_bundle):
    found = speed.measure(["so", "good"], folder=tiny_bundle, seconds=0.01)
    expected = [("reference", 1), ("compiled", 1), ("compiled", 2)]
    assert expected == [(rate.engine, rate.threads) for rate in found.rates]
    assert ["reference", "compiled"] == [one.engine for one in found.latencies]
    assert all(0 < one.p50_seconds <= one.p99_seconds for one in found.latencies)
    assert all(0 < rate.lowest <= rate.texts_per_second <= rate.highest for rate in found.rates)
    assert all(1 <= rate.texts <= 50 for rate in found.rates)
    assert (2, 3.0) == (found.texts, found.mean_characters)
    assert speed.Start(0.01, 0.26, 0.04, 0.5, 250_000_000) == found.start


def test_a_slow_machine_times_fewer_single_texts(tiny_bundle):
    found = speed.measure(["so"], folder=tiny_bundle, seconds=1e-9)
    assert {1} == {one.texts for one in found.latencies}


def test_without_numba_the_reference_is_measured(tiny_bundle, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda n: None if n == "numba" else find(n))
    found = speed.measure(folder=tiny_bundle, seconds=0.01)
    assert ["reference"] == [rate.engine for rate in found.rates]


def test_there_must_be_texts(tiny_bundle):
    with pytest.raises(ConfigError, match=r"^there are no texts to measure with$"):
        speed.measure([], folder=tiny_bundle)


def test_sample_texts_are_words_of_the_model_and_the_same_every_time(tiny_bundle):
    bundle = read_bundle(tiny_bundle)
    texts = speed.sample_texts(bundle, 500)
    words = [word for text in texts for word in text.removesuffix(".").split(" ")]
    assert texts == speed.sample_texts(bundle, 500)
    assert texts != speed.sample_texts(bundle, 500, seed=1)
    assert set(words) <= set(bundle.vocabulary.tokens)
    assert 12 < len(words) / 500 < 14
    assert len(set(words)) > 50


def test_the_machine_is_named():
    found = speed.machine()
    assert found.processor
    assert 2 == found.cores
    assert found.python.startswith("3.")


def test_the_processor_has_a_name_where_linux_does_not_tell(tmp_path):
    assert isinstance(speed._processor(tmp_path / "none"), str)
    (tmp_path / "cpuinfo").write_text("flags\t: fpu\n")
    assert speed._processor(tmp_path / "none") == speed._processor(tmp_path / "cpuinfo")


def test_bench_prints_tables(tiny_bundle):
    text = bench("--model", tiny_bundle)
    assert "30 texts of " in text
    assert re.search(r"^import and load the model, ms +260$", text, re.MULTILINE)
    assert re.search(r"^memory at most, MB +250$", text, re.MULTILINE)
    assert re.search(r"^compiled +\d+\.\d{3} +\d+\.\d{3}$", text, re.MULTILINE)
    assert re.search(r"^compiled +2 +[\d,]+ +[\d,]+ +[\d,]+$", text, re.MULTILINE)


def test_bench_leaves_out_memory_where_it_is_not_told(tiny_bundle, monkeypatch):
    monkeypatch.setattr(speed, "_START", "print('[1, 1, 1, 1, null]')")
    assert re.search(r"^memory at most, MB *$", bench("--model", tiny_bundle), re.MULTILINE)


def test_bench_prints_json_for_machines(tiny_bundle, tiny):
    found = json.loads(bench("--model", tiny_bundle, "--json", tiny / "test.tsv"))
    assert ["machine", "texts", "mean_characters", "start", "latencies", "rates"] == list(found)
    assert len((tiny / "test.tsv").read_text(encoding="utf-8").splitlines()) == found["texts"]


@pytest.mark.parametrize(
    ("name", "content", "count"),
    [
        ("a.txt", "so good\nso bad\n", 2),
        ("a.csv", "id,text\n1,so good\n", 1),
        ("a.jsonl", '{"text": "so"}\n{"text": "bad"}\n{"text": ""}\n', 3),
        ("a.tsv", "so good\t1,2\tid\n", 1),
    ],
)
def test_bench_reads_texts(tiny_bundle, tmp_path, name, content, count):
    (tmp_path / name).write_text(content, encoding="utf-8")
    found = json.loads(bench("--model", tiny_bundle, "--json", tmp_path / name))
    assert count == found["texts"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.xyz", "so", "the ending does not name a format"),
        ("a.csv", "id,body\n1,so\n", "no column 'text'"),
        ("a.jsonl", '{"text": "so"}\n{"text": 3}\n', "a.jsonl:2: column 'text' holds 3, expected"),
    ],
    ids=["ending", "column", "value"],
)
def test_bench_says_what_is_wrong_with_a_file(tmp_path, name, content, message):
    (tmp_path / name).write_text(content, encoding="utf-8")
    result = CliRunner().invoke(main, ["bench", str(tmp_path / name)])
    assert (1, "") == (result.exit_code, result.stdout)
    assert message in result.stderr
    assert 1 == result.stderr.count("\n")
