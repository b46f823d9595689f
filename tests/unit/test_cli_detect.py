import contextlib
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner

from emoconv import EmotionDetector
from emoconv.cli import main
from emoconv.documents import read_document
from emoconv.labels import GOEMOTIONS


@pytest.fixture
def run(tiny_bundle):
    def invoke(*arguments, stdin=None):
        environment = {"EMOCONV_DETECT_MODEL": str(tiny_bundle)}
        return CliRunner().invoke(main, ["detect", *arguments], input=stdin, env=environment)

    return invoke


def texts_of(result):
    assert (0, "") == (result.exit_code, result.stderr)
    return [line.partition("\t")[0] for line in result.stdout.splitlines()]


def test_a_text_is_followed_by_its_labels_strongest_first(run, tiny_bundle):
    text = "Thank you so much!"
    found = EmotionDetector.load(tiny_bundle).detect(text)
    expected = ", ".join(f"{label} {probability:.2f}" for label, probability in found)
    assert f"{text}\t{expected}\n" == run(text).stdout


def test_texts_are_answered_in_their_order(run):
    assert ["one", "two 😀", ""] == texts_of(run("one", "two 😀", ""))


def test_a_text_without_labels_gets_a_dash(run, monkeypatch):
    monkeypatch.setattr(EmotionDetector, "thresholds", np.ones(28, dtype=np.float32))
    assert "hello\t-\n" == run("hello").stdout


def test_all_prints_every_label(run):
    text, _, labels = run("--all", "hello").stdout.partition("\t")
    found = [entry.split()[0] for entry in labels.split(", ")]
    assert ("hello", sorted(GOEMOTIONS.names)) == (text, sorted(found))


def test_json_is_an_object_for_each_text(run, tiny_bundle):
    result = run("--json", "--all", "I love it 😀", "no")
    first, second = map(json.loads, result.stdout.splitlines())
    assert ["I love it 😀", "no"] == [first["text"], second["text"]]
    assert set(GOEMOTIONS.names) == {entry["label"] for entry in first["labels"]}
    found = [entry["probability"] for entry in first["labels"]]
    assert sorted(found, reverse=True) == found
    row = EmotionDetector.load(tiny_bundle).predict_proba(["I love it 😀"])[0]
    np.testing.assert_allclose(np.sort(row)[::-1], found, atol=1e-4)
    assert "😀" in result.stdout


@pytest.mark.parametrize(
    ("stdin", "expected"),
    [
        (b"one\ntwo\n", ["one", "two"]),
        (b"one\ntwo", ["one", "two"]),
        (b"one\r\ntwo\r\n", ["one", "two"]),
        (b"\xef\xbb\xbfone\ntwo\n", ["one", "two"]),
        (b"one\n\ntwo\n", ["one", "", "two"]),
        ("é😀\n".encode(), ["é😀"]),
        (b"\n", [""]),
        (b"", []),
        (b"\xef\xbb\xbf", [""]),
    ],
)
def test_lines_of_standard_input_are_texts(run, stdin, expected):
    assert expected == texts_of(run(stdin=stdin))


def test_long_input_is_read_in_pieces(run, monkeypatch):
    monkeypatch.setattr("emoconv.cli.detect.READ_BYTES", 5)
    lines = [f"line {'x' * i}" for i in range(12)]
    assert lines == texts_of(run(stdin="\n".join(lines).encode()))


@pytest.mark.parametrize(
    ("stdin", "line", "byte"),
    [(b"one\ntw\xffo\n", 2, "ff"), (b"\xff\xfeo\0n\0", 1, "ff"), (b"a\nb\nc\xe9", 3, "e9")],
)
def test_a_line_that_is_not_utf8_is_named(run, stdin, line, byte):
    result = run(stdin=stdin)
    assert (
        1,
        (
            f"emoconv: error: standard input:{line}: byte 0x{byte} is not UTF-8; "
            "convert the text to UTF-8\n"
        ),
    ) == (result.exit_code, result.stderr)


def test_a_text_that_is_not_utf8_is_named(run):
    result = run("fine", "caf\udce9")
    assert (
        1,
        "",
        "emoconv: error: text 2: not UTF-8; convert the text to UTF-8\n",
    ) == (result.exit_code, result.stdout, result.stderr)


def test_a_line_without_end_is_refused(run):
    result = run(stdin=b"fine\n" + b"x" * 12_000_000)
    assert (
        1,
        (
            "emoconv: error: standard input:2: a line of more than 10,000,000 bytes: "
            "are line ends missing?\n"
        ),
    ) == (result.exit_code, result.stderr)


def test_no_texts_and_a_terminal_is_a_usage_error(run, monkeypatch):
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _self: True)
    result = run()
    assert 2 == result.exit_code
    assert "give texts as arguments, or lines on standard input" in result.stderr


def test_a_model_that_is_not_there_is_named(tmp_path):
    result = CliRunner().invoke(main, ["detect", "--model", str(tmp_path / "no"), "hello"])
    assert (
        1,
        (
            f"emoconv: error: {tmp_path / 'no'}: no such folder; "
            "expected a bundle that `emoconv train` wrote\n"
        ),
    ) == (result.exit_code, result.stderr)


def test_labels_may_be_groups(run):
    text, _, labels = run("--all", "--grouping", "sentiment", "hello").stdout.partition("\t")
    found = [entry.split()[0] for entry in labels.split(", ")]
    assert ("hello", ["ambiguous", "negative", "neutral", "positive"]) == (text, sorted(found))


def test_an_unsure_text_is_said_to_be_so(run):
    assert "hello\tnot sure\n" == run("--min-confidence", "1", "hello").stdout
    row = json.loads(run("--min-confidence", "1", "--json", "hello").stdout)
    assert (False, []) == (row["sure"], row["labels"])
    assert 0 < row["confidence"] < 1
    row = json.loads(run("--min-confidence", "0.0001", "--json", "--all", "hello").stdout)
    assert (True, 28, row["confidence"]) == (
        row["sure"],
        len(row["labels"]),
        row["labels"][0]["probability"],
    )


LETTER = "Thank you so much! I love it. 😀\nthanks"


def test_sentences_have_a_line_each_and_the_text_one_of_its_own(run, tiny_bundle):
    detector = EmotionDetector.load(tiny_bundle)
    result = run("--by", "sentence", LETTER, "so")
    assert (0, "") == (result.exit_code, result.stderr)
    lines = [line.split("\t") for line in result.stdout.splitlines()]
    spans = ["0-18", "19-31", "32-38", "0-38", "0-2", "0-2"]
    assert spans == [line[0] for line in lines]
    found = detector.detect("Thank you so much!")
    labels = ", ".join(f"{label} {probability:.2f}" for label, probability in found)
    assert ["Thank you so much!", labels] == lines[0][1:]
    assert "3 sentences" == lines[3][1]
    share = read_document(LETTER, detector).shares[0]
    first = f"; {share.label} in {share.sentences} (up to {share.max_probability:.2f})"
    assert first in lines[3][2]
    assert "1 sentence" == lines[5][1]


def test_sentences_in_json_are_with_their_text(run, tiny_bundle):
    detector = EmotionDetector.load(tiny_bundle)
    row = json.loads(run("--by", "sentence", "--json", LETTER).stdout)
    assert ["text", "sentences", "labels", "summary"] == list(row)
    sentences = row["sentences"]
    assert [s["text"] for s in sentences] == [LETTER[s["start"] : s["end"]] for s in sentences]
    for found, text in [(row, LETTER), *((s, s["text"]) for s in sentences)]:
        expected = [(label, round(p, 4)) for label, p in detector.detect(text)]
        assert expected == [(e["label"], e["probability"]) for e in found["labels"]]
    first = row["summary"][0]
    holding = [e for s in sentences for e in s["labels"] if e["label"] == first["label"]]
    assert len(holding) == first["sentences"]
    assert round(len(holding) / 3, 4) == first["share"]
    assert max(e["probability"] for e in holding) == first["max_probability"]


def test_a_text_without_a_sentence_has_a_line(run):
    assert "0-1\t0 sentences\t" in run("--by", "sentence", " ").stdout
    row = json.loads(run("--by", "sentence", "--json", "").stdout)
    assert ([], []) == (row["sentences"], row["summary"])


@pytest.fixture
def process(tiny_bundle):
    with subprocess.Popen(
        [sys.executable, "-c", "from emoconv.cli import main; main()", "detect"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "EMOCONV_DETECT_MODEL": str(tiny_bundle), "PYTHONUNBUFFERED": "0"},
    ) as process:
        yield process
        process.kill()


def test_a_line_is_answered_before_the_input_ends(process):
    process.stdin.write(b"thanks\n")
    process.stdin.flush()
    assert process.stdout.readline().startswith(b"thanks\t")
    assert process.poll() is None


def test_a_reader_that_has_enough_is_no_error(process):
    process.stdin.write(b"thanks\n" * 5)
    process.stdin.flush()
    process.stdout.readline()
    process.stdout.close()
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(b"thanks\n" * 100_000)
        process.stdin.close()
    process.wait(timeout=60)
    assert b"" == process.stderr.read()
