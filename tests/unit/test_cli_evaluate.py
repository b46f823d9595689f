import json

import numpy as np
import pytest
from click.testing import CliRunner

from emoconv import EmotionDetector
from emoconv.cli import main
from emoconv.data import blog_split, read
from emoconv.labels import EKMAN, GOEMOTIONS
from emoconv.thresholds import choose


@pytest.fixture
def run(tiny, tiny_bundle):
    def invoke(*arguments, data="test.tsv"):
        settings = ["evaluate", tiny / data, "--model", tiny_bundle, "--resamples", 20, *arguments]
        return CliRunner().invoke(main, [str(setting) for setting in settings])

    return invoke


def json_of(result):
    assert (0, "") == (result.exit_code, result.stderr)
    return json.loads(result.stdout)


def test_the_text_says_what_was_measured_and_how(run):
    result = run()
    assert (0, "") == (result.exit_code, result.stderr)
    assert result.stdout.startswith(
        "test.tsv: 60 texts; cuts by rule per-label, chosen on dev, 60 texts\n"
    )
    for word in ("micro", "macro", "weighted", "gratitude", "neutral", "average precision"):
        assert word in result.stdout


def test_the_json_holds_the_figures(run, tiny, tiny_bundle):
    about = json_of(run("--json"))
    dataset = read(tiny / "test.tsv")
    assert {"file": "test.tsv", "rows": 60, "sha256": dataset.fingerprint()} == about["data"]
    detector = EmotionDetector.load(tiny_bundle)
    assert detector.bundle.thresholds.to_dict() == about["thresholds"]
    predicted = detector.predict(dataset.texts)
    f1 = 2 * (predicted & dataset.y).sum() / (predicted.sum() + dataset.y.sum())
    assert pytest.approx(f1) == about["evaluation"]["micro"]["f1"]
    assert "sweep" not in about


def test_two_runs_print_the_same(run):
    assert run("--json").stdout == run("--json").stdout


def test_one_cut_may_take_the_place_of_the_models(run):
    result = run("--threshold", "0.25")
    assert "60 texts; cuts by rule fixed\n" in result.stdout
    cuts = json_of(run("--threshold", "0.25", "--json"))["thresholds"]
    assert ("fixed", [0.25] * 28) == (cuts["rule"], cuts["values"])


@pytest.mark.parametrize(
    "rule", ["shared-micro", "shared-macro", "per-label", "per-label-balanced"]
)
def test_new_cuts_may_be_chosen_on_other_data(run, tiny, tiny_bundle, rule):
    cuts = json_of(run("--rule", rule, "--on", tiny / "train.tsv", "--json"))["thresholds"]
    on = read(tiny / "train.tsv")
    expected = choose(
        on.y,
        EmotionDetector.load(tiny_bundle).predict_proba(on.texts),
        rule=rule,
        data="train.tsv, 262 texts",
    )
    assert expected.to_dict() == cuts


@pytest.mark.parametrize(("cuts", "count"), [("blog", 10), ("fine", 99)])
def test_a_sweep_has_a_row_for_each_cut(run, cuts, count):
    assert count == len(json_of(run("--sweep", cuts, "--json"))["sweep"])
    last = run("--sweep", cuts).stdout.rstrip().rpartition("\n\n")[2].splitlines()
    assert count + 2 == len(last)  # a header and a line


def test_no_resamples_means_no_intervals(run):
    assert "95 % interval" in run().stdout
    assert "95 % interval" not in run("--resamples", "0").stdout


def test_the_blog_protocol_measures_the_rows_that_training_left_out(run, tiny):
    rows = read(tiny / "goemotions_1.csv")
    about = json_of(run("--protocol", "blog", "--seed", "3", "--json", data="goemotions_1.csv"))
    assert blog_split(rows, seed=3).test.fingerprint() == about["data"]["sha256"]


def test_several_files_are_measured_as_one(run, tiny):
    about = json_of(run(tiny / "dev.tsv", "--json"))
    assert ("test.tsv, dev.tsv", 120) == (about["data"]["file"], about["data"]["rows"])


def test_plots_are_drawn_into_a_folder(run, tmp_path):
    result = run("--plots", tmp_path / "plots")
    assert (0, "") == (result.exit_code, result.stderr)
    assert {".png", ".svg"} == {file.suffix for file in (tmp_path / "plots").iterdir()}


@pytest.fixture
def ekman(tmp_path):
    path = tmp_path / "ekman.json"
    path.write_text(json.dumps(EKMAN.groups))
    return path


def test_labels_may_be_grouped_by_a_mapping(run, tiny, tiny_bundle, ekman):
    about = json_of(run("--mapping", ekman, "--json"))
    dataset = read(tiny / "test.tsv")
    y = EKMAN.any_of(dataset.y, GOEMOTIONS)
    detector = EmotionDetector.load(tiny_bundle, grouping=EKMAN)
    predicted = detector.predict(dataset.texts)
    f1 = 2 * (predicted & y).sum() / (predicted.sum() + y.sum())
    assert pytest.approx(f1) == about["evaluation"]["micro"]["f1"]
    groups = {name: list(members) for name, members in EKMAN.groups.items()}
    assert {"name": "ekman.json", "labels": groups, "grouped": True} == about["grouping"]
    labels = about["evaluation"]["per_label"]
    assert list(groups) == [s["label"] for s in labels]
    assert detector.thresholds.tolist() == [s["threshold"] for s in labels]


def test_a_grouping_that_has_a_name_needs_no_file(run, ekman):
    named, of_file = (json_of(run("--grouping", wanted, "--json")) for wanted in ("ekman", ekman))
    assert named["evaluation"] == of_file["evaluation"]
    assert "\ngrouping ekman: the model's labels, grouped\n" in run("--grouping", "ekman").stdout


def test_a_grouping_that_is_not_known_is_said(run):
    result = run("--grouping", "ekmann")
    assert (2, "") == (result.exit_code, result.stdout)
    assert "no grouping and no file 'ekmann'; did you mean 'ekman'?" in result.stderr


def test_unsure_texts_are_left_out_of_the_figures(run, tiny, tiny_bundle):
    dataset = read(tiny / "test.tsv")
    highest = EmotionDetector.load(tiny_bundle).predict_proba(dataset.texts).max(axis=1)
    bound = float(np.sort(highest)[20])
    about = json_of(run("--min-confidence", bound, "--json"))
    assert 60 == about["data"]["rows"]
    expected = {"min_confidence": bound, "answered": 40, "coverage": 40 / 60}
    assert expected == about["abstention"]
    assert 40 == about["evaluation"]["n"]
    (at_bound,) = [p for p in about["risk_coverage"]["points"] if p["min_confidence"] == bound]
    assert 1 - about["evaluation"]["subset_accuracy"] == pytest.approx(at_bound["error"])
    assert about["evaluation"]["micro"]["f1"] == pytest.approx(at_bound["micro_f1"])
    printed = run("--min-confidence", bound).stdout
    assert "\nanswered: 40 of them, 66.7%; what follows is of these\n" in printed


def test_a_confidence_that_no_text_reaches_is_said(run):
    result = run("--min-confidence", "1")
    assert (2, "") == (result.exit_code, result.stdout)
    assert "no text has a probability of 1.0 or more; give a lower --min-confidence" in (
        result.stderr
    )


def test_data_with_other_labels_is_judged_by_a_mapping(run, tmp_path):
    mapping = {"thankful": ["gratitude"], "bored": None, "fear": ["fear", "nervousness"]}
    (tmp_path / "map.json").write_text(json.dumps(mapping))
    data = tmp_path / "theirs.csv"
    data.write_text("text,mood\nthanks a lot,thankful\nso what,bored\nscared of it,fear\n")
    options = ("--mapping", tmp_path / "map.json", "--labels-column", "mood")
    result = run(*options, data=data)
    assert (0, "") == (result.exit_code, result.stderr)
    second = "grouping map.json: the data's own labels; not judged: bored"
    assert second == result.stdout.splitlines()[1]
    about = json_of(run(*options, "--json", data=data))
    assert not about["grouping"]["grouped"]
    found = [(s["label"], s["support"]) for s in about["evaluation"]["per_label"]]
    assert [("thankful", 1), ("fear", 1)] == found
    assert 3 == about["evaluation"]["n"]


def test_cuts_of_a_mappings_labels_may_be_chosen_on_other_data(run, tiny, tiny_bundle, ekman):
    chosen = ("--rule", "per-label", "--on", tiny / "train.tsv")
    about = json_of(run("--mapping", ekman, *chosen, "--sweep", "blog", "--json"))
    on = read(tiny / "train.tsv")
    p = EmotionDetector.load(tiny_bundle).predict_proba(on.texts)
    expected = choose(
        EKMAN.any_of(on.y, GOEMOTIONS),
        EKMAN.probabilities(p, GOEMOTIONS),
        rule="per-label",
        data="train.tsv, 262 texts",
    )
    assert expected.to_dict() == about["thresholds"]
    cuts = [scores["threshold"] for scores in about["evaluation"]["per_label"]]
    np.testing.assert_allclose(cuts, expected.values)


def test_several_files_of_either_kind_are_judged_by_one_mapping(run, tiny, tmp_path, ekman):
    data = tmp_path / "theirs.csv"
    data.write_text("text,joy,fear\nthanks,1,0\n")
    options = ("--mapping", ekman, "--resamples", "0")
    columns = ("--label-columns", "joy,fear")
    assert 0 == run(*options, *columns, "--json", data=data).exit_code
    result = run(*options, tiny / "dev.tsv")
    assert "test.tsv, dev.tsv: 120 texts" in result.stdout
    assert "\ngrouping ekman.json: the model's labels, grouped\n\nlabel " in result.stdout


def test_a_label_that_the_mapping_lacks_is_said(run, tmp_path, ekman):
    data = tmp_path / "theirs.csv"
    data.write_text("text,mood\nhm,boredom\n")
    result = run("--mapping", ekman, "--labels-column", "mood", data=data)
    assert (1, "") == (result.exit_code, result.stdout)
    assert "the data has the label 'boredom', which ekman.json does not name" in result.stderr


def test_a_table_of_the_models_labels_is_measured(run, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("text,mood\nthanks,gratitude\nso what,\n")
    about = json_of(run("--labels-column", "mood", "--json", data=path))
    assert 2 == about["data"]["rows"]


def test_the_model_may_come_from_the_environment(tiny, tiny_bundle, monkeypatch):
    monkeypatch.setenv("EMOCONV_EVALUATE_MODEL", str(tiny_bundle))
    monkeypatch.setenv("EMOCONV_EVALUATE_RESAMPLES", "0")
    result = CliRunner().invoke(main, ["evaluate", str(tiny / "test.tsv")])
    assert (0, "") == (result.exit_code, result.stderr)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--rule", "per-label"], "--rule and --on go together"),
        (["--on", "x"], "--rule and --on go together"),
        (
            ["--rule", "per-label", "--on", "x", "--threshold", "0.5"],
            "give --threshold or --rule, not both",
        ),
        (["--threshold", "1.5"], "1.5 is not in the range 0<=x<=1"),
        (["--sweep", "coarse"], "'coarse' is not one of"),
    ],
)
def test_wrong_use_is_said(run, arguments, message):
    result = run(*arguments)
    assert (2, "") == (result.exit_code, result.stdout)
    assert message in result.stderr


def test_validation_data_without_the_models_labels_is_refused(run, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("text,mood\nthanks,thankful\n")
    result = run("--rule", "per-label", "--on", path, "--labels-column", "mood", data=path)
    assert 1 == result.exit_code
    assert "label 'thankful' is not one of the 28 known labels" in result.stderr


def test_figures_do_not_depend_on_the_order_of_rows(run, tiny, tmp_path):
    lines = (tiny / "test.tsv").read_text().splitlines()
    path = tmp_path / "mixed.tsv"
    path.write_text("\n".join(reversed(lines)) + "\n")
    first, second = (
        json_of(run("--resamples", "0", "--json", data=data))["evaluation"]["micro"]
        for data in ("test.tsv", path)
    )
    np.testing.assert_allclose(first["f1"], second["f1"])


def test_cuts_are_not_chosen_on_the_data_that_is_measured(tiny, tiny_bundle):
    test = str(tiny / "test.tsv")
    result = CliRunner().invoke(
        main,
        ["evaluate", test, "--model", str(tiny_bundle), "--rule", "per-label", "--on", test],
    )
    assert 2 == result.exit_code
    assert f"--on {test} is the data that is measured" in result.output


def test_a_report_is_a_page_of_the_same_figures(run, tmp_path):
    about = json_of(run("--report", tmp_path / "report.html", "--json"))
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert f"{about['evaluation']['micro']['f1']:.3f}</span>" in page
    assert "<title>bundle on test.tsv</title>" in page
    assert all(f'id="{name}"' in page for name in ("coverage", "errors", "behaviour", "model"))


def test_a_report_of_groups_explains_no_label(run, tmp_path):
    result = run("--grouping", "ekman", "--report", tmp_path / "report.html")
    assert (0, "") == (result.exit_code, result.stderr)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "on test.tsv, ekman</title>" in page
    assert "<mark" not in page
    assert 'id="behaviour"' not in page
