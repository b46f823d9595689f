import dataclasses
import json

import numpy as np
import pytest
from click.testing import CliRunner

from emoconv.cli import main
from emoconv.scoring.summary import Summary
from emoconv.scoring.summary_files import write_summary

LABELS = ("joy", "anger")


def summary(joy, *, texts=20_000, labels=LABELS):
    """The summary of texts of which so many hold joy."""
    histogram = np.array([texts])
    return dataclasses.replace(
        Summary.nothing(labels),
        rows=texts,
        label_counts=np.array([joy, 0]),
        labels_per_text=np.array([texts - joy, joy, 0]),
        lengths=np.pad(histogram, (5, 12)),
        confidences=np.pad(histogram, (10, 9)),
    )


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_summary(summary(2_000), "old.json")
    write_summary(summary(2_050), "same.json")
    write_summary(summary(3_000), "new.json")

    def invoke(*arguments):
        return CliRunner().invoke(main, ["drift", *map(str, arguments)])

    return invoke


def test_what_differs_comes_first_and_the_verdict_last(run):
    result = run("old.json", "new.json")
    assert (0, "") == (result.exit_code, result.stderr)
    lines = result.stdout.splitlines()
    assert ["old: old.json, 20,000 texts", "new: new.json, 20,000 texts", ""] == lines[:3]
    assert lines[3].split() == ["share", "of", "texts", "old", "new", "size", "p", "differs"]
    assert "joy 10.0 % 15.0 % 0.152 < 0.0001 yes" == " ".join(lines[5].split())
    verdict = (
        "the new texts differ: more joy (10.0 % -> 15.0 %), more labels (without a label: "
        "90.0 % -> 85.0 %)"
    )
    assert verdict == lines[-1]


def test_texts_that_look_alike_are_said_to(run):
    result = run("old.json", "same.json")
    assert "the new texts look like the old" == result.stdout.splitlines()[-1]
    assert " yes" not in result.stdout


@pytest.mark.parametrize(
    ("new", "options", "code"),
    [
        ("new.json", ["--fail"], 1),
        ("same.json", ["--fail"], 0),
        ("new.json", ["--fail", "--size", "0.2"], 0),
        ("new.json", ["--fail", "--alpha", "1e-200"], 0),
        ("new.json", [], 0),
        ("new.json", ["--fail", "--json"], 1),
    ],
)
def test_the_exit_code_says_it_to_a_machine_that_asks(run, new, options, code):
    result = run("old.json", new, *options)
    assert (code, "") == (result.exit_code, result.stderr)


def test_the_json_says_it_all(run):
    about = json.loads(run("old.json", "new.json", "--json").stdout)
    assert ("old.json", "new.json", False) == (about["old"], about["new"], about["other_model"])
    assert ("differ", "joy") == (about["verdict"], about["changes"][0]["name"])


@pytest.mark.parametrize(
    ("models", "said"),
    [(("a", "b"), True), (("a", "a"), False), (("a", None), False), ((None, None), False)],
)
def test_another_model_is_named_as_what_may_have_changed(run, models, said):
    for name, model in zip(("old", "new"), models, strict=True):
        write_summary(summary(2_000), f"{name}.json", about={"model": model} if model else {})
    result = run("old.json", "new.json")
    assert said == ("different models scored the old texts and the new" in result.stdout)
    assert said == json.loads(run("old.json", "new.json", "--json").stdout)["other_model"]


def test_other_labels_are_one_error(run):
    write_summary(summary(5, labels=("joy", "fear")), "new.json")
    result = run("old.json", "new.json")
    assert (1, "") == (result.exit_code, result.stdout)
    assert 1 == result.stderr.count("\n")
    assert "only the old texts' summary has the label 'anger'" in result.stderr


def test_a_file_that_is_no_summary_is_one_error(run, tmp_path):
    (tmp_path / "new.json").write_text("{}")
    result = run("old.json", "new.json")
    assert 1 == result.exit_code
    assert "emoconv: error: new.json: no summary of `emoconv score`: " in result.stderr


def test_a_setting_out_of_range_is_refused(run):
    assert 2 == run("old.json", "new.json", "--alpha", "0").exit_code
