"""The commands and programs of the page on calibration can be run as they stand, on small data."""

import csv
import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from emoconv import EmotionDetector
from emoconv.bundle import shipped_bundle
from emoconv.cli import main
from emoconv.data import read

PAGE = (Path(__file__).parents[2] / "docs/how-to/calibrate.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(python|bash)\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)

pytestmark = pytest.mark.skipif(
    not (shipped_bundle() / "config.json").exists(), reason="the shipped bundle is not trained yet"
)


def write_labelled(part, path):
    dataset = read(part)
    names = [",".join(row) for row in dataset.labels.decode(dataset.y)]
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["text", "emotions"])
        rows.writerows(zip(dataset.texts, names, strict=True))


@pytest.fixture
def followed(tiny, tmp_path, monkeypatch, capsys):
    """What is printed to somebody who does all that the page says, in its order."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EMOCONV_CALIBRATE_RESAMPLES", "200")
    monkeypatch.setenv("EMOCONV_COMPARE_RESAMPLES", "100")
    monkeypatch.setenv("EMOCONV_EVALUATE_RESAMPLES", "0")
    for part, name in (("train", "labelled"), ("dev", "held-back")):
        write_labelled(tiny / f"{part}.tsv", Path(f"{name}.csv"))
    names = {}
    for language, content in BLOCKS:
        if language == "python":
            exec(compile(content, "calibrate.md", "exec"), names)  # noqa: S102 - our own page
            continue
        for line in content.splitlines():
            main(shlex.split(line)[1:], prog_name="emoconv", standalone_mode=False)
    return names, capsys.readouterr().out


def test_the_page_runs(followed):
    names, printed = followed
    assert "nothing is written: name an --output" in printed
    assert "B: my-calibrated-model" in printed
    assert "cuts by rule per-label-balanced, chosen on labelled.csv, 262 texts" in printed
    assert Path("report.html").exists()
    assert (2, 28) == names["decided"].shape


def test_the_new_model_has_the_new_cuts_and_says_where_they_are_from(followed, capsys):
    names, _ = followed
    old, new = EmotionDetector.load(), EmotionDetector.load("my-calibrated-model")
    fitted = new.bundle.provenance["recalibration"]["fitted"]
    assert f"labelled.csv, 262 texts, {len(fitted)} of 28 labels" == new.bundle.thresholds.data
    assert old.fingerprint() == new.bundle.provenance["network"]["fingerprint"]
    other = EmotionDetector.load("my-other-model")
    assert "shared-macro" == names["made"].rule == other.bundle.thresholds.rule
    np.testing.assert_array_equal(names["made"].bundle.thresholds.values, other.thresholds)
    capsys.readouterr()
    command = "compare shipped my-calibrated-model --data labelled.csv --labels-column emotions"
    main(shlex.split(command), prog_name="emoconv", standalone_mode=False)
    assert "its cuts from these very texts" in capsys.readouterr().err


@pytest.mark.usefixtures("followed")
def test_the_order_of_texts_is_as_it_was(capsys):
    found = []
    for model in ([], ["--model", "my-calibrated-model"]):
        words = ["evaluate", "held-back.csv", "--labels-column", "emotions", "--json", *model]
        main(words, prog_name="emoconv", standalone_mode=False)
        found.append(json.loads(capsys.readouterr().out)["evaluation"]["average_precision"])
    assert found[0] == pytest.approx(found[1], abs=1e-6)


def test_the_table_of_the_page_has_the_lines_that_the_command_prints(followed):
    _, printed = followed
    shown = re.search(r"^```text\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)[1]
    heads = {line.split("  ")[0] for line in shown.splitlines()[3:9]}
    assert heads <= {line.split("  ")[0] for line in printed.splitlines()}
    header = next(line for line in shown.splitlines() if " before " in line)
    assert header.split() in [line.split() for line in printed.splitlines()]
