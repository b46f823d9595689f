"""What the explanation says in figures stands in the results, the log and the model."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from emoconv.bundle import read_bundle, shipped_bundle

ROOT = Path(__file__).parents[2]
EXPLANATION = ROOT / "docs/explanation"
DRAWING = (ROOT / "docs/_static/folded-convolution.svg").read_text(encoding="utf-8")

MINUS = "\N{MINUS SIGN}"

shipped = pytest.mark.skipif(
    not (shipped_bundle() / "config.json").exists(), reason="the shipped bundle is not trained yet"
)


def page(name):
    """The text of a page, with a space wherever there is white space."""
    return " ".join((EXPLANATION / f"{name}.md").read_text(encoding="utf-8").split())


def rows(name):
    """The rows of a page's tables, each with what it begins with; emphasis taken away."""
    text = (EXPLANATION / f"{name}.md").read_text(encoding="utf-8").replace("*", "")
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    parts = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {first: rest for first, *rest in parts}


def results(name):
    return json.loads((ROOT / f"benchmarks/results/{name}.json").read_text(encoding="utf-8"))


def short(figure):
    return f"{figure:.3f}".removeprefix("0")


def spread(figure):
    sd = "" if figure["sd"] is None else f" ± {short(figure['sd'])}"
    return short(figure["mean"]) + sd


# The network


@pytest.fixture(scope="module")
def filter_of_the_drawing():
    """The two places of the filter, its bias, and what it counts for pride."""
    bundle = read_bundle(shipped_bundle())
    number = int(re.search(r"looked_up\[:, (\d+)\]", page("network"))[1])
    pride, width = bundle.labels.index("pride"), bundle.config.model.kernel_widths.index(2)
    column = width * bundle.config.model.filters + number
    weight = bundle.weights["output.weight"][pride, column] * bundle.calibration.scale[pride]
    return (
        bundle,
        bundle.weights["convolution.2.weight"][number].astype(np.float32),  # (D, 2)
        float(bundle.weights["convolution.2.bias"][number]),
        float(weight),
    )


def drawn(pattern):
    return [float(number.replace(MINUS, "-")) for number in re.findall(pattern, DRAWING)]


@shipped
def test_the_drawing_has_the_filters_answers(filter_of_the_drawing):
    bundle, places, _, _ = filter_of_the_drawing
    cells = re.findall(r'data-word="(\w+)" data-place="(\d)">(.*?)<', DRAWING)
    assert 8 == len(cells)
    for word, place, number in cells:
        vector = bundle.weights["embedding"][bundle.vocabulary.id_of(word)].astype(np.float32)
        answer = float(vector @ places[:, int(place) - 1])
        assert f"{answer:.2f}" == number.replace(MINUS, "-")
    for count in (len(bundle.vocabulary), bundle.config.model.filters * 6):
        assert f"{count:,}" in DRAWING


@shipped
def test_the_drawing_adds_up(filter_of_the_drawing):
    bundle, places, bias, weight = filter_of_the_drawing
    ids = [bundle.vocabulary.id_of(word) for word in ("so", "proud", "of", "her")]
    first, second = (bundle.weights["embedding"][ids].astype(np.float32) @ places).T
    sums = np.append(first, 0)[[4, 0, 1, 2, 3]] + np.append(second, 0)
    feature = sums.max() + bias

    assert [round(float(one), 2) for one in sums] == drawn(r'data-sum="\d">(.*?)<')
    assert [round(float(feature), 2)] == drawn(r'data-feature="">(.*?)<')
    assert [round(float(feature) * weight, 2)] == drawn(r'data-share="">\+(.*?)<')
    assert f"bias, {MINUS}{-bias:.2f}:" in DRAWING
    assert f"Times {weight:.2f}:" in DRAWING


@shipped
def test_the_program_of_the_network_page_runs(capsys):
    text = (EXPLANATION / "network.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    exec(compile(block, "network.md", "exec"), {})  # noqa: S102 - our own page
    printed = [float(number) for number in re.findall(r"-?\d\.\d+", capsys.readouterr().out)]
    assert drawn(r'data-sum="[123]">(.*?)<') == printed


# Thresholds


def test_the_rules_that_were_tried_are_those_of_the_log():
    log = (ROOT / "dev/LOG.md").read_text(encoding="utf-8").replace("*", "")
    names = {
        "one cut, best micro (`shared-micro`)": "one cut, micro (`shared-micro`)",
        "one cut, best macro (`shared-macro`)": "one cut, macro (`shared-macro`)",
        "a cut a label, no smoothing": "own best midpoint, no smoothing",
        "a cut a label, mean of 50 bootstraps": "mean log-odds of 50 bootstrap optima",
        "a cut a label, smoothed (`per-label`)": (
            "blur 0.15 x IQR, micro share 0, shared votes 1 (`per-label`)"
        ),
        "the same, balanced (`per-label-balanced`)": (
            "blur 0.15 x IQR, micro share 1/3, shared votes 1 (`per-label-balanced`)"
        ),
        "the same, all weight on micro": "blur 0.15 x IQR, micro share 1, shared votes 1",
    }
    found = rows("thresholds")
    for here, there in names.items():
        line = next(line for line in log.splitlines() if line.startswith(f"| {there} |"))
        linear, _early, late = (line.strip("| ").split(" | ")[i : i + 3] for i in (1, 4, 7))
        assert linear + late == found[here]


def test_the_rules_on_the_test_split_are_those_of_the_results():
    figures = results("quality-peers")["systems"]["default"]["figures"]
    own, shared = figures["per_label"], figures["shared"]
    found = rows("thresholds")
    for row, (micro, macro) in {
        "one for each label, `per-label-balanced`": (own["micro"], own["macro"]),
        "one for all, `shared-micro`": (shared["micro"], shared["macro"]),
    }.items():
        assert [short(micro["f1"]), short(macro["f1"])] == found[row]


@shipped
def test_the_cuts_and_counts_of_the_thresholds_page_are_the_models():
    text, bundle = page("thresholds"), read_bundle(shipped_bundle())
    cuts = dict(zip(bundle.labels.names, bundle.thresholds.values, strict=True))
    low, high = min(cuts, key=cuts.get), max(cuts, key=cuts.get)
    said = f"from {cuts[low]:.2f} for {low} to {cuts[high]:.2f} for {high}"
    assert said.replace("0.", ".") in text
    labels = results("default-official")["runs"][0]["evaluation"]["per_label"]
    counts = {one["label"]: (one["predicted"], one["support"]) for one in labels}
    curiosity, anger = counts["curiosity"], counts["anger"]
    assert "for {} texts where raters gave it to {}".format(*curiosity) in text
    assert "for {} where they gave it to {}".format(*anger) in text
    assert counts["neutral"][1] / sum(support for _, support in counts.values()) > 1 / 4


# The post


@pytest.mark.parametrize(
    ("row", "experiment"),
    [
        ("the post's network and protocol, GloVe 100", "blog-rows-glove100"),
        ("the post's network and protocol, Reddit vectors 300", "blog-rows-reddit300"),
        ("the post's network, GloVe 100", "blog-official-glove100"),
        ("the post's network, Reddit vectors 300", "blog-official-reddit300"),
        ("emoconv, recipe `small`", "small-official"),
        ("emoconv, recipe `default`, which ships", "default-official"),
    ],
)
def test_the_table_of_the_post_is_made_of_results(row, experiment):
    found = results(experiment)
    summary, first = found["summary"], found["runs"][0]
    measured, micro, macro = rows("the-post")[row]
    assert [spread(summary["micro_f1"]), spread(summary["macro_f1"])] == [micro, macro]
    if "rows" in experiment and "GloVe" in row:
        assert measured.startswith(f"{first['data']['rows']:,} rows")
    rule = "per-label-balanced" if row.startswith("emoconv") else "shared-micro"
    assert rule == first["thresholds"]["rule"]


@pytest.mark.parametrize(
    ("row", "variant"),
    [
        ("`small`, small random vectors", "labels"),
        ("vectors that were trained on Reddit", "vectors"),
        ("and raters' votes, half and half with labels", "votes"),
        ("and three teachers' answers in place of the votes", "teachers"),
        ("and 400,000 texts without labels, which the teachers answer", "texts"),
        (
            "and 512 filters of each width, hardly any dropout: `default`",
            "texts-filters-dropout-less",
        ),
    ],
)
def test_the_steps_are_those_of_the_ablation(row, variant):
    found = results(f"ablation/{variant}")
    assert [short(found["micro_f1"]), short(found["macro_f1"])] == rows("the-post")[row]


def test_the_sentences_on_the_post_are_made_of_results():
    text = page("the-post")
    before, after = (
        results(name)["summary"] for name in ("blog-official-reddit300", "small-official")
    )
    for measure in ("average_precision", "macro_f1"):
        low, high = (short(summary[measure]["mean"]) for summary in (before, after))
        assert f"from {low} to {high}" in text
    peers = results("quality-peers")
    shared = [
        peers["systems"][name]["figures"]["shared"]["micro"]["f1"] for name in ("minilm", "default")
    ]
    assert "level in micro F1 with one cut for all ({} and {})".format(*map(short, shared)) in text
    own = {
        measure: short(
            peers["systems"]["minilm"]["figures"]["per_label"][measure]["f1"]
            - peers["systems"]["default"]["figures"]["per_label"][measure]["f1"]
        )
        for measure in ("micro", "macro")
    }
    assert f"{own['micro']} better with a cut a label, and {own['macro']} better in macro" in text
    missed = [
        short(goal - results("default-official")["summary"][measure]["mean"])
        for goal, measure in ((0.605, "micro_f1"), (0.520, "macro_f1"))
    ]
    assert "micro F1 by {} and macro by {}".format(*missed) in text


# Limits


def test_the_kinds_that_are_misread_are_those_of_the_behaviour_suite():
    families = {one["name"]: one for one in results("behaviour")["families"]}
    found = rows("limits")
    for row, names in {
        "plain statements of an emotion": ["plain emotion"],
        "a negated emotion, pleasant or not": ["negated positive", "negated negative"],
        "what somebody else feels, reported": ["reported feelings"],
        "what was felt once and is over": ["change over time"],
        "sarcasm with a marker": ["sarcasm markers"],
        "an emoji alone": ["emoji alone"],
        "an emoji against the words": ["emoji against words"],
        "unchanged by one slip of the keyboard": ["typos"],
    }.items():
        passed, cases = (sum(families[n][key] for n in names) for key in ("passed", "cases"))
        assert [f"{passed} of {cases}"] == found[row]


def test_the_figures_on_groups_are_those_of_the_behaviour_suite():
    text, found = page("limits"), results("behaviour")
    families = {one["name"]: one for one in found["families"]}
    terms = {one["term"]: one["negative"] for one in found["terms"]}
    identity, names = families["identity terms"], families["names"]
    assert f"Of {identity['cases']} such pairs {identity['passed']} pass" in text
    assert f"{names['passed']} of {names['cases']} cases with a first name" in text
    raised = [f"{terms[term]:.2f}"[1:] for term in ("a blind", "an autistic", "a disabled")]
    assert "in sum and on average, by {}, {} and {},".format(*raised) in text
    assert f"*Hindu* moves by {-terms['a Hindu']:.2f} the other way".replace("0.", ".") in text
    unknown = {terms[name] for name in ("Priya", "Mohammed", "Wei", "Olga")}
    assert f"with {unknown.pop():.2f} more of the negative".replace("0.", ".") in text
    assert not unknown
    left_out = found["words_for_groups_left_out"]
    assert f"on the {left_out['dev_texts_with_a_term']} dev texts" in text
    scores = [short(score) for score in left_out["micro_f1"].values()]
    assert "micro F1 falls from {} to {}".format(*scores) in text


def test_the_other_figures_of_the_limits_are_made_of_results():
    text, found = page("limits"), results("default-official")
    summary = found["summary"]
    assert f"micro F1 is {spread(summary['micro_f1'])}" in text
    assert f"macro F1 {spread(summary['macro_f1'])}" in text
    first = found["runs"][0]["evaluation"]
    labels = {one["label"]: one for one in first["per_label"]}
    assert f"in {first['subset_accuracy']:.0%} of the texts".replace("%", " %") in text
    best, worst = (f"{labels[name]['f1']:.2f}"[1:] for name in ("gratitude", "relief"))
    assert f"Gratitude has an F1 of {best}, relief one of {worst}" in text
    recalls = [f"{labels[name]['recall']:.0%}"[:-1] for name in ("sadness", "nervousness")]
    assert (
        "found sad the model finds {} %, of those that they found nervous {} %".format(*recalls)
        in text
    )
    some, all_ = (results("abstention")["least_confidence"][bound] for bound in ("0.7", "0.0"))
    assert f"answers {some['coverage']:.0%} of".replace("%", " %") in text
    assert f"is {short(some['micro_f1'])} where it is {short(all_['micro_f1'])}" in text
    judged = results("doctor")["verdicts"]["50 random rows"]
    assert f"judged {judged['wrong']} to be wrong and {judged['debatable']} debatable" in text
