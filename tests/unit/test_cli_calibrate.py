import csv
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from emoconv.bundle import read_bundle
from emoconv.cli import calibrate as module
from emoconv.cli import main
from emoconv.data import read
from emoconv.recalibration import Change, recalibrate

BUNDLE = Path(__file__).parents[1] / "data/bundle_v2"


def run(*arguments, model=BUNDLE):
    words = ["calibrate", *arguments, "--model", model, "--resamples", 200]
    return CliRunner().invoke(main, [str(word) for word in words])


def refused(*arguments, code=1):
    result = run(*arguments)
    assert (code, "") == (result.exit_code, result.stdout)
    return result.stderr


def columns(path, dataset, *names):
    """A table with a column of 0 and 1 for each of some labels."""
    places = [dataset.labels.index(name) for name in names]
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["text", *names])
        for text, row in zip(dataset.texts, dataset.y[:, places].astype(int), strict=True):
            rows.writerow([text, *row])
    return path


def test_the_text_says_what_is_fitted_what_is_kept_what_changed_and_whether_it_helps(tiny):
    result = run(tiny / "train.tsv")
    assert 0 == result.exit_code, result.stderr
    made = recalibrate(
        read_bundle(BUNDLE), read(tiny / "train.tsv"), name="train.tsv", resamples=200
    )
    first, second, *others = result.stdout.splitlines()
    assert first == (
        f"train.tsv: 262 texts; {len(made.fitted)} of 28 labels fitted, --calibration line --rule "
        "per-label; after: by 5 folds"
    )
    kept = ", ".join(f"{one.label} ({one.texts})" for one in made.kept)
    assert f"kept as they were, as fewer than 10 texts have them or lack them: {kept}" == second
    (loss,) = [line for line in others if line.startswith("log loss ")]
    assert [f"{made.before.log_loss:.4f}", f"{made.after.log_loss:.4f}"] == loss.split()[2:4]
    assert made.verdict in others
    assert "nothing is written: name an --output" == others[-1]
    (joy,) = [line for line in others if line.startswith("joy ")]
    assert [f"{made.before['joy'].f1:.3f}", f"{made.after['joy'].f1:.3f}"] == joy.split()[1:3]
    assert str(made.after["joy"].support) == joy.split()[-1]


def test_the_json_is_what_the_library_finds(tiny):
    result = run(tiny / "train.tsv", "--json", "--seed", 3, "--folds", 4, "--rule", "shared-macro")
    assert 0 == result.exit_code, result.stderr
    dataset, bundle = read(tiny / "train.tsv"), read_bundle(BUNDLE)
    made = recalibrate(
        bundle,
        dataset,
        name="train.tsv",
        rule="shared-macro",
        resamples=200,
        seed=3,
        folds=4,
    )
    assert json.loads(result.stdout) == {
        "data": {"file": "train.tsv", "rows": 262, "sha256": dataset.fingerprint()},
        "model": {"sha256": bundle.fingerprint()},
        "output": None,
        "calibrated": {"sha256": made.bundle.fingerprint()},
        **json.loads(json.dumps(made.to_dict())),
    }


def test_what_is_written_is_a_whole_model_with_the_same_network(tiny, tmp_path):
    folder = tmp_path / "deep" / "new"
    result = run(tiny / "train.tsv", "--output", folder)
    assert 0 == result.exit_code, result.stderr
    assert str(folder) == result.stdout.splitlines()[-1]
    assert [folder] == list(folder.parent.iterdir())
    for name in ("weights.safetensors", "vocabulary.json", "labels.json", "history.jsonl"):
        assert (BUNDLE / name).read_bytes() == (folder / name).read_bytes()
    made = recalibrate(
        read_bundle(BUNDLE), read(tiny / "train.tsv"), name="train.tsv", resamples=200
    )
    new = read_bundle(folder)
    assert made.bundle.fingerprint() == new.fingerprint()
    assert made.bundle.provenance == new.provenance
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert made.verdict in card
    assert (BUNDLE / "README.md").read_text(encoding="utf-8").strip() in card


def test_a_model_without_a_card_gets_one(tiny, tmp_path):
    bare = tmp_path / "bare"
    bare.mkdir()
    for file in BUNDLE.iterdir():
        if file.name != "README.md":
            (bare / file.name).write_bytes(file.read_bytes())
    result = run(tiny / "train.tsv", "--output", tmp_path / "new", "--json", model=bare)
    assert 0 == result.exit_code, result.stderr
    assert str(tmp_path / "new") == json.loads(result.stdout)["output"]
    assert (tmp_path / "new/README.md").read_text(encoding="utf-8").startswith("# Model card\n")


def test_a_model_that_is_there_is_replaced_only_if_that_is_said(tiny, tmp_path):
    folder = tmp_path / "new"
    assert 0 == run(tiny / "train.tsv", "--output", folder).exit_code
    before = (folder / "config.json").read_bytes()
    assert "--overwrite replaces it" in refused(tiny / "dev.tsv", "--output", folder)
    assert before == (folder / "config.json").read_bytes()
    options = ("--output", folder, "--overwrite")
    assert 0 == run(tiny / "train.tsv", tiny / "dev.tsv", *options).exit_code
    assert read_bundle(folder).provenance["dev"]["name"] == "train.tsv, dev.tsv"


def test_nothing_is_left_where_writing_fails(tiny, tmp_path, monkeypatch):
    def fails(*_arguments, **_options):
        raise OSError(28, "No space left on device", "new")

    monkeypatch.setattr(module, "write_bundle", fails)
    line = refused(tiny / "train.tsv", "--output", tmp_path / "new")
    assert "emoconv: error: new: No space left on device" == line.splitlines()[-1]
    assert [] == list(tmp_path.iterdir())


def test_a_table_may_have_columns_of_some_labels_only(tiny, tmp_path):
    dataset = read(tiny / "train.tsv")
    file = columns(tmp_path / "some.csv", dataset, "joy", "admiration")
    result = run(file, "--label-columns", "joy,admiration", "--json")
    assert 0 == result.exit_code, result.stderr
    about = json.loads(result.stdout)
    assert ["admiration", "joy"] == [one["label"] for one in about["after"]["per_label"]]
    assert 26 == sum(one["texts"] is None for one in about["kept"])
    text = run(file, "--label-columns", "joy,admiration").stdout
    assert "anger (not in the data)" in text.splitlines()[1]


def test_labels_that_the_model_lacks_are_one_line(tmp_path):
    file = tmp_path / "odd.csv"
    file.write_text("text,joyy\nhello,1\n", encoding="utf-8")
    line = refused(file, "--label-columns", "joyy")
    assert line.startswith("emoconv: error: odd.csv: the model has no label 'joyy'; did you mean")
    named = tmp_path / "named.csv"
    named.write_text("text,emotions\nhello,joyy\n", encoding="utf-8")
    line = refused(named, "--labels-column", "emotions")
    assert f"emoconv: error: {named}:2: label 'joyy' is not one of the 28 known labels" in line
    assert 1 == line.count("\n")


def test_few_texts_are_refused_by_their_number(tmp_path):
    file = tmp_path / "few.csv"
    file.write_text("text,emotions\nhello,joy\nwell,\n", encoding="utf-8")
    line = refused(file, "--labels-column", "emotions")
    assert line.startswith("emoconv: error: few.csv: texts that differ: 2; at least 50 are wanted")
    assert 1 == line.count("\n")


def test_to_keep_everything_is_a_wrong_call(tiny):
    options = ("--calibration", "keep", "--rule", "keep")
    assert "leave nothing to fit" in refused(tiny / "train.tsv", *options, code=2)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("train", "warning: the model has learnt from these very texts and is too sure of them"),
        ("dev", "warning: the model has its cuts from these very texts, so the figures before"),
    ],
)
def test_texts_that_the_model_has_seen_are_warned_of(tiny, tiny_bundle, part, expected):
    data = [tiny / f"{part}.tsv"]
    result = CliRunner().invoke(
        main, ["calibrate", *map(str, data), "--model", str(tiny_bundle), "--resamples", "200"]
    )
    assert expected in result.stderr


@pytest.mark.parametrize(
    ("better", "rule", "hint"),
    [
        (("log loss",), "per-label", True),
        (("log loss", "macro F1"), "per-label", False),
        (("log loss",), "keep", False),
        ((), "per-label", False),
    ],
)
def test_where_only_probabilities_got_better_the_cuts_may_be_kept(
    tiny, monkeypatch, better, rule, hint
):
    monkeypatch.setattr(Change, "better", property(lambda change: change.name in better))
    text = run(tiny / "train.tsv", "--rule", rule).stdout
    line = "the decisions got no better by it; --rule keep leaves them as they are"
    assert hint == (line in text.splitlines())


def test_probabilities_are_those_that_a_detector_gives(tiny, tmp_path):
    from emoconv import EmotionDetector  # noqa: PLC0415 - only here

    folder = tmp_path / "new"
    assert 0 == run(tiny / "train.tsv", "--output", folder).exit_code
    bundle, data = read_bundle(BUNDLE), read(tiny / "train.tsv")
    made = recalibrate(bundle, data, name="train.tsv")
    detectors = [EmotionDetector(one, engine="reference") for one in (made.bundle, bundle)]
    found = EmotionDetector.load(folder, engine="reference").predict_proba(data.texts)
    np.testing.assert_array_equal(detectors[0].predict_proba(data.texts), found)
    assert (detectors[1].predict_proba(data.texts) != found).any()
