import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from emoconv import EmotionDetector
from emoconv.bundle import read_bundle, write_bundle
from emoconv.cli import main
from emoconv.data import read
from emoconv.errors import DataError, LabelError
from emoconv.labels import LabelSet
from emoconv.metrics import Counts, average_precision
from emoconv.report.comparison import Answers, compare_models

BUNDLE = Path(__file__).parents[1] / "data/bundle_v2"


def run(*arguments):
    settings = ["compare", *arguments, "--resamples", 100]
    return CliRunner().invoke(main, [str(setting) for setting in settings])


@pytest.fixture
def other(tmp_path):
    """A bundle that differs from `BUNDLE` in its cuts alone."""
    return write(tmp_path / "other", cut=0.05)


def write(folder, *, cut=None, **changes):
    bundle = read_bundle(BUNDLE)
    if cut is not None:
        cuts = np.full(len(bundle.labels), cut, dtype=np.float32)
        changes["thresholds"] = dataclasses.replace(bundle.thresholds, values=cuts)
    write_bundle(dataclasses.replace(bundle, **changes), folder)
    return folder


def json_of(result):
    assert 0 == result.exit_code, result.stderr
    return json.loads(result.stdout)


def test_the_text_names_models_figures_texts_and_ends_with_the_verdict(tiny, other):
    result = run(BUNDLE, other, "--data", tiny / "test.tsv", "--texts", 3)
    assert 0 == result.exit_code, result.stderr
    assert result.stdout.startswith("A: bundle_v2\nB: other\n60 texts; the labels differ in ")
    for word in ("micro F1", "mean average precision", "gratitude", "B - A", "95 % interval"):
        assert word in result.stdout
    assert 3 == result.stdout.count("\n  in truth ")
    assert "better" in result.stdout.splitlines()[-1] or "differ" in result.stdout.splitlines()[-1]


def test_the_json_holds_the_figures_of_each_by_its_own_cuts(tiny, other):
    about = json_of(run(BUNDLE, other, "--data", tiny / "test.tsv", "--json"))
    dataset = read(tiny / "test.tsv")
    detectors = [EmotionDetector.load(folder) for folder in (BUNDLE, other)]
    counts = [Counts.of(y=dataset.y, predicted=d.predict(dataset.texts)) for d in detectors]
    micro, macro, ranking = about["averages"]
    assert [float(c.micro().f1) for c in counts] == [micro["a"], micro["b"]]
    assert [float(c.macro().f1) for c in counts] == [macro["a"], macro["b"]]
    p = detectors[0].predict_proba(dataset.texts)
    assert [average_precision(dataset.y, p).mean()] * 2 == [ranking["a"], ranking["b"]]
    assert 0 == ranking["difference"]["estimate"]
    assert {"file": "test.tsv", "rows": 60, "sha256": dataset.fingerprint()} == about["data"]
    assert detectors[1].bundle.fingerprint() == about["models"]["B"]["sha256"]
    assert list(dataset.labels.names) == [one["label"] for one in about["per_label"]]


def test_a_model_does_not_differ_from_itself(tiny):
    about = json_of(run(BUNDLE, BUNDLE, "--data", tiny / "test.tsv", "--json"))
    verdict = "no difference that these texts could show; the two decide alike in every text"
    assert (verdict, 0, []) == (about["verdict"], about["differing"], about["texts"])
    text = run(BUNDLE, BUNDLE, "--data", tiny / "test.tsv").stdout
    assert "most different" not in text
    assert text.endswith(verdict + "\n")


@pytest.mark.parametrize("name", ["shipped", "-"])
def test_the_model_of_the_package_may_be_one(tiny, name):
    result = run(name, BUNDLE, "--data", tiny / "test.tsv", "--data", tiny / "dev.tsv")
    assert 0 == result.exit_code, result.stderr
    assert "A: the model of the package\nB: bundle_v2\n120 texts" in result.stdout


def test_labels_that_one_lacks_are_left_out_and_named(tmp_path):
    bundle = read_bundle(BUNDLE)
    names = [name if name != "grief" else "mourning" for name in bundle.labels.names]
    other = write(tmp_path / "renamed", labels=LabelSet(tuple(names)))
    table = tmp_path / "mine.csv"
    table.write_text("text,mood\nthanks,gratitude\nso sad,mourning\n")
    result = run(BUNDLE, other, "--data", table, "--labels-column", "mood", "--json")
    assert "compared by the labels that both have; left out: grief, mourning\n" == result.stderr
    assert 27 == len(json.loads(result.stdout)["per_label"])


def test_labels_in_another_order_are_brought_into_one(tiny, tmp_path):
    bundle = read_bundle(BUNDLE)
    order = np.arange(len(bundle.labels))[::-1].copy()
    weights = {
        name: array[order] if name.startswith("output.") else array
        for name, array in bundle.weights.items()
    }
    other = write(
        tmp_path / "reversed",
        labels=LabelSet(bundle.labels.names[::-1]),
        weights=weights,
        calibration=dataclasses.replace(
            bundle.calibration,
            scale=bundle.calibration.scale[order],
            offset=bundle.calibration.offset[order],
        ),
        thresholds=dataclasses.replace(bundle.thresholds, values=bundle.thresholds.values[order]),
    )
    about = json_of(run(BUNDLE, other, "--data", tiny / "test.tsv", "--json"))
    assert 0 == about["differing"]


def test_models_without_a_common_label_are_refused(tiny, tmp_path):
    names = tuple(f"label {i}" for i in range(len(read_bundle(BUNDLE).labels)))
    other = write(tmp_path / "strange", labels=LabelSet(names))
    result = run(BUNDLE, other, "--data", tiny / "test.tsv")
    assert (1, "") == (result.exit_code, result.stdout)
    assert "none is in both; compare each with the data by `emoconv evaluate" in result.stderr


@pytest.mark.parametrize(("part", "words"), [("train", "learnt from"), ("dev", "its cuts from")])
def test_a_model_that_has_seen_the_data_is_warned_of(tiny, tmp_path, part, words):
    seen = {part: {"sha256": read(tiny / "test.tsv").fingerprint()}}
    other = write(tmp_path / "seen", provenance=seen)
    result = run(BUNDLE, other, "--data", tiny / "test.tsv")
    assert f"warning: B has {words} these very texts; its figures flatter\n" == result.stderr


def test_the_data_must_be_named():
    assert 2 == run(BUNDLE, BUNDLE).exit_code


def case(n=400):
    rng = np.random.default_rng(0)
    y = rng.random((n, 3)) < 0.3
    return y, (0.2 * y + 0.8 * rng.random(y.shape)).astype(np.float32)


def answers(name, p):
    return Answers(name, p, p >= 0.5)


def compared(a, b, *, y, **options):
    texts = [f"text {i}" for i in range(len(y))]
    labels = LabelSet(("x", "y", "z"))
    options = {"y": y, "labels": labels, "texts": texts, "resamples": 200, **options}
    return compare_models(answers("one", a), answers("two", b), **options)


def test_the_verdict_names_the_better_with_its_figures():
    y, p = case()
    better = np.clip(p + 0.3 * y, 0, 1)
    found = compared(p, better, y=y)
    micro = found.averages[0].difference
    start = f"B (two) is better; B against A: micro F1 {micro.estimate:+.3f} ("
    assert found.verdict.startswith(start)
    assert compared(better, p, y=y).verdict.startswith("A (one) is better; B against A: micro F1 -")


def test_the_verdict_says_what_would_have_shown():
    y, p = case()
    other = p + np.float32(1e-3) * np.where(np.arange(400) % 2, 1, -1)[:, None].astype(np.float32)
    found = compared(p, np.clip(other, 0, 1), y=y)
    micro, macro, _ = (one.difference.visible for one in found.averages)
    assert (
        "no difference that these texts could show; one of "
        f"±{macro:.3f} in macro F1 or ±{micro:.3f} in micro F1 would have shown, four times in five"
    ) == found.verdict


def test_the_verdict_is_open_where_figures_contradict_each_other():
    y, p = case()
    reordered = np.where(y, p, p**3)  # better in order
    found = compare_models(
        answers("one", p),
        Answers("two", reordered, np.zeros_like(y)),  # and silent
        y=y,
        labels=LabelSet(("x", "y", "z")),
        texts=[""] * 400,
        resamples=200,
    )
    assert found.verdict.startswith("neither is better in everything; B against A: micro F1 -")


def test_p_values_are_corrected_over_the_labels():
    y, p = case()
    found = compared(p, np.clip(p + 0.3 * y, 0, 1), y=y)
    least = 2 / 201
    assert [3 * least] * 3 == pytest.approx([one.f1.p_value for one in found.per_label])
    assert all(one.f1.significant for one in found.per_label)


def test_texts_are_those_furthest_apart_and_named_once():
    y, _ = case(5)
    a, b = np.zeros((5, 3), dtype=np.float32), np.zeros((5, 3), dtype=np.float32)
    b[:, 0] = [0.6, 0.9, 0.4, 0.7, 0.8]  # the third changes nothing
    found = compared(a, b, y=y, texts=["u", "v", "w", "v", "x"], most=2)
    assert 4 == found.differing
    assert [("v", (), ("x",)), ("x", (), ("x",))] == [(t.text, t.a, t.b) for t in found.texts]


def test_what_does_not_fit_together_is_refused():
    y, p = case()
    with pytest.raises(LabelError, match="3 columns; expected 2"):
        compared(p, p, y=y, labels=LabelSet(("x", "y")))
    with pytest.raises(DataError, match="1 texts with 400 rows"):
        compared(p, p, y=y, texts=["a"])
    with pytest.raises(DataError, match="expected that of y"):
        compared(p[:, :2], p, y=y)
