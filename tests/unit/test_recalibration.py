import dataclasses
from pathlib import Path

import numpy as np
import pytest

from emoconv.bundle import read_bundle
from emoconv.calibration import Calibration
from emoconv.data import Dataset, read
from emoconv.data.strata import deal
from emoconv.engine import ReferenceEngine
from emoconv.errors import ConfigError, DataError
from emoconv.labels import LabelSet
from emoconv.metrics import calibration_error, log_loss
from emoconv.recalibration import (
    LEAST_POSITIVES,
    Decisions,
    Judged,
    Kept,
    changes,
    model_card,
    recalibrate,
    refit,
)
from emoconv.text import Encoder

BUNDLE = Path(__file__).parents[1] / "data/bundle_v2"


def logits_of(bundle, texts):
    text = bundle.config.text
    encoder = Encoder(bundle.vocabulary, tokenizer=text.tokenizer, max_tokens=text.max_tokens)
    return ReferenceEngine(bundle).logits(encoder.encode_batch(texts))


@pytest.fixture(scope="module")
def bundle():
    return read_bundle(BUNDLE)


@pytest.fixture(scope="module")
def truthful(bundle, tiny):
    """1,200 texts whose labels are drawn by the probabilities of the model."""
    rng = np.random.default_rng(0)
    some = read(tiny / "train.tsv").texts
    texts = [f"{some[place]} {i}" for i, place in enumerate(rng.integers(262, size=1200))]
    p = bundle.calibration.apply(logits_of(bundle, texts))
    return Dataset(texts, rng.random(p.shape) < p, bundle.labels)


def skewed(bundle, *, scale=0.4, offset=1.0):
    """The bundle with probabilities that do not mean what they say."""
    L = len(bundle.labels)
    line = Calibration(np.full(L, scale, np.float32), np.full(L, offset, np.float32))
    return dataclasses.replace(bundle, calibration=bundle.calibration.then(line))


def by_name(made):
    return {change.name: change for change in made.changes}


def test_probabilities_that_are_off_are_put_right_and_it_says_so(bundle, truthful):
    made = recalibrate(skewed(bundle), truthful, name="mine")
    found = by_name(made)
    assert found["log loss"].better
    assert found["Brier score"].better
    assert (
        found["expected calibration error"].after < found["expected calibration error"].before / 4
    )
    assert made.verdict.startswith("it helps: log loss -")
    z = logits_of(bundle, truthful.texts)
    right, new = bundle.calibration.apply(z), made.bundle.calibration.apply(z)
    fitted = [bundle.labels.index(label) for label in made.fitted]
    assert np.abs(right - new)[:, fitted].mean() < 0.01


def test_a_model_that_is_right_is_not_said_to_gain(bundle, truthful):
    made = recalibrate(bundle, truthful, name="mine", rule="keep")
    assert not any(change.better for change in made.changes)
    assert made.verdict.endswith("keep the model as it was")


def test_the_figures_are_those_of_texts_that_were_not_fitted_to(bundle, truthful):
    some = truthful.select(np.arange(200))
    made = recalibrate(bundle, some, name="mine", rule="per-label", folds=3, seed=4)
    z = logits_of(bundle, some.texts)
    support = some.y.sum(axis=0)
    fitted = np.flatnonzero(np.minimum(support, 200 - support) >= LEAST_POSITIVES)
    part = deal(some.texts, some.y, shares=[1 / 3] * 3, seed=4)
    p, decided = np.empty_like(z), np.empty_like(some.y)
    for fold in range(3):
        others = part != fold
        way = refit(
            Decisions(bundle.calibration, bundle.thresholds),
            y=some.y[others],
            logits=z[others],
            fitted=fitted,
            calibration="line",
            rule="per-label",
            data="",
        )
        found = way.of(z[~others])
        p[~others], decided[~others] = found.probabilities, found.predicted
    assert made.after.log_loss == pytest.approx(log_loss(some.y, p).mean())
    assert [one.predicted for one in made.after.per_label] == decided.sum(axis=0).tolist()
    inside = log_loss(some.y, made.bundle.calibration.apply(z)).mean()
    assert inside < made.after.log_loss
    assert made.before.log_loss == pytest.approx(
        log_loss(some.y, bundle.calibration.apply(z)).mean()
    )


def test_the_same_arguments_give_the_same_model_and_figures(bundle, tiny):
    data = read(tiny / "train.tsv")
    one, two = (recalibrate(bundle, data, name="mine", seed=3) for _ in range(2))
    assert one.to_dict() == two.to_dict()
    assert one.bundle.fingerprint() == two.bundle.fingerprint()


def test_labels_of_too_few_texts_are_kept_and_named(bundle, tiny):
    data = read(tiny / "train.tsv")
    made = recalibrate(bundle, data, name="mine")
    support = dict(zip(data.labels.names, data.y.sum(axis=0).tolist(), strict=True))
    few = {name: texts for name, texts in support.items() if texts < LEAST_POSITIVES}
    assert few == {one.label: one.texts for one in made.kept}
    assert set(data.labels.names) == set(made.fitted) | few.keys()
    for name in few:
        place = bundle.labels.index(name)
        assert bundle.thresholds.values[place] == made.bundle.thresholds.values[place]
        assert bundle.calibration.scale[place] == made.bundle.calibration.scale[place]
    assert f"mine, 262 texts, {28 - len(few)} of 28 labels" == made.bundle.thresholds.data


def test_a_label_that_nearly_all_texts_have_is_kept_too(bundle, truthful):
    y = truthful.y.copy()
    y[:-3, 4] = True
    made = recalibrate(bundle, dataclasses.replace(truthful, y=y), name="mine")
    assert Kept(bundle.labels.names[4], 1197) in made.kept


def test_data_may_have_some_of_the_labels_in_any_order(bundle, truthful):
    names = ("joy", "anger", "sadness")
    columns = [bundle.labels.index(name) for name in names]
    some = Dataset(truthful.texts, truthful.y[:, columns], LabelSet(names))
    made = recalibrate(skewed(bundle), some, name="mine")
    assert ("anger", "joy", "sadness") == made.fitted == made.after.labels
    assert {None} == {one.texts for one in made.kept}
    whole = recalibrate(skewed(bundle), truthful, name="mine")
    for one, other in ((made, whole), (whole, made)):
        np.testing.assert_allclose(
            one.bundle.calibration.scale[columns], other.bundle.calibration.scale[columns]
        )
    assert whole.before["anger"] == made.before["anger"]


def test_equal_texts_are_fitted_to_and_measured_on_together(bundle, truthful):
    twice = Dataset.concatenate([truthful.select(np.arange(100))] * 2)
    once = recalibrate(bundle, twice, name="mine", calibration="keep")
    part = deal(twice.texts, twice.y, shares=[0.2] * 5, seed=0)
    assert part[:100].tolist() == part[100:].tolist()
    assert 200 == once.after.n


def test_kept_decisions_are_the_same_and_kept_probabilities_too(bundle, tiny):
    data = read(tiny / "train.tsv")
    cuts = recalibrate(bundle, data, name="mine", rule="keep")
    assert (bundle.thresholds.rule, bundle.thresholds.data) == (
        cuts.bundle.thresholds.rule,
        cuts.bundle.thresholds.data,
    )
    assert [one.f1 for one in cuts.before.per_label] == [one.f1 for one in cuts.after.per_label]
    line = recalibrate(bundle, data, name="mine", calibration="keep")
    assert bundle.calibration.to_dict() == line.bundle.calibration.to_dict()
    assert line.before.log_loss == line.after.log_loss


def test_the_rule_is_the_recipes_unless_one_is_named(bundle, tiny):
    data = read(tiny / "train.tsv")
    assert "per-label" == bundle.config.training.threshold_rule
    assert "per-label" == recalibrate(bundle, data, name="mine").bundle.thresholds.rule
    named = recalibrate(bundle, data, name="mine", rule="shared-macro")
    chosen = [bundle.labels.index(name) for name in named.fitted]
    assert "shared-macro" == named.bundle.thresholds.rule == named.rule
    assert 1 == len(set(named.bundle.thresholds.values[chosen].tolist()))


def test_the_bundle_says_where_it_came_from_and_what_came_before(bundle, tiny):
    data = read(tiny / "train.tsv")
    once = recalibrate(bundle, data, name="mine")
    said = once.bundle.provenance
    about = {"name": "mine", "rows": 262, "sha256": data.fingerprint()}
    assert about == said["dev"]
    assert {"fingerprint": bundle.fingerprint(), "dev": bundle.provenance["dev"]} == said["network"]
    assert bundle.provenance["train"] == said["train"]
    assert once.after.to_dict() == said["dev_figures"]
    assert once.verdict == said["recalibration"]["verdict"]
    twice = recalibrate(once.bundle, data, name="again").bundle.provenance["network"]
    assert (once.bundle.fingerprint(), about, said["network"]) == (
        twice["fingerprint"],
        twice["dev"],
        twice["network"],
    )
    assert once.bundle.history == bundle.history
    assert once.bundle.weights is bundle.weights


def test_a_model_that_says_nothing_of_itself_can_be_calibrated(bundle, tiny):
    silent = dataclasses.replace(bundle, provenance={})
    said = recalibrate(silent, read(tiny / "train.tsv"), name="mine").bundle.provenance
    assert {"fingerprint"} == said["network"].keys()


def test_the_card_has_the_figures_and_keeps_what_was_said_of_the_network(bundle, tiny):
    made = recalibrate(bundle, read(tiny / "train.tsv"), name="mine.tsv")
    former = "---\nlicense: mit\n---\n\n# Old\n\nLearnt from letters.\n"
    card = model_card(made, former)
    assert card.startswith("---\nlicense: mit\n---\n\n# Model card\n")
    assert card.endswith("# Old\n\nLearnt from letters.\n")
    assert f"| log loss | {made.before.log_loss:.4f} | {made.after.log_loss:.4f} |" in card
    assert "- Fitted to mine.tsv, 262 texts (SHA-256 " in card
    assert f"for want of texts: {', '.join(one.label for one in made.kept)}." in card
    assert f"In one sentence: {made.verdict}." in card


def test_the_card_of_a_model_without_one_stands_alone(bundle, truthful):
    y = truthful.y.copy()
    y[np.arange(280), np.arange(280) % 28] = True
    card = model_card(recalibrate(bundle, dataclasses.replace(truthful, y=y), name="mine"))
    assert card.startswith("# Model card\n")
    assert "for want of texts" not in card
    assert "The card of the model" not in card


SIDES = {
    "right": (np.float32([0.9, 0.1]), [True, False]),
    "wrong": (np.float32([0.1, 0.9]), [False, True]),
    "sure but undecided": (np.float32([0.9, 0.1]), [False, False]),
    "unsure but decided": (np.float32([0.4, 0.6]), [True, False]),
}


def changed(before, after, *, n=400):
    y = np.tile([[True, False]], (n, 1))
    before, after = (
        Judged(np.tile(SIDES[side][0], (n, 1)), np.tile(SIDES[side][1], (n, 1)))
        for side in (before, after)
    )
    return changes(y=y, before=before, after=after, resamples=200, seed=0)


def test_each_figure_is_what_its_name_says():
    loss, brier, error, micro, macro = changed("wrong", "right")
    assert (-np.log(0.1), -np.log(0.9)) == pytest.approx((loss.before, loss.after), rel=1e-6)
    assert (0.81, 0.01) == pytest.approx((brier.before, brier.after), rel=1e-6)
    assert (0.9, 0.1) == pytest.approx((error.before, error.after), rel=1e-6)
    assert (0, 1) == (micro.before, micro.after)
    assert (0, 0.5) == (macro.before, macro.after)
    y = np.array([[True, False]])
    assert calibration_error(y, SIDES["right"][0][None]).mean() == pytest.approx(error.after)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("wrong", "right", "it helps: log loss -2.1972 (-2.1972 to -2.1972), Brier score"),
        ("right", "wrong", "it does harm: log loss +2.1972 (+2.1972 to +2.1972), Brier score"),
        ("right", "right", "it does not help, as far as these texts tell: chance explains every"),
        (
            "unsure but decided",
            "sure but undecided",
            "it helps in one thing and does harm in another: log loss -0.8109",
        ),
    ],
)
def test_the_verdict_is_what_the_figures_say(bundle, tiny, before, after, expected):
    made = recalibrate(bundle, read(tiny / "train.tsv"), name="mine", resamples=200)
    found = dataclasses.replace(made, changes=changed(before, after))
    assert found.verdict.startswith(expected)
    if "harm:" in expected or "not help" in expected:
        assert found.verdict.endswith("keep the model as it was")


def test_no_figure_is_clearly_better_by_chance_alone():
    rng = np.random.default_rng(0)
    y = rng.random((300, 4)) < 0.3
    one, two = (
        Judged(p.astype(np.float32), p > 0.5) for p in (rng.random(y.shape), rng.random(y.shape))
    )
    found = changes(y=y, before=one, after=two, resamples=500, seed=0)
    assert not any(change.clear for change in found)
    assert {"better": False, "worse": False} == {
        key: found[0].to_dict()[key] for key in ("better", "worse")
    }


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"folds": 1}, ConfigError, "1 folds; expected 2 or more"),
        ({"rule": "shared"}, ConfigError, "unknown rule 'shared'; did you mean"),
        ({"calibration": "platt"}, ConfigError, r"unknown calibration 'platt' \(known: line, keep"),
        ({"calibration": "keep", "rule": "keep"}, ConfigError, "so there is nothing to fit"),
    ],
)
def test_a_wrong_setting_is_refused(bundle, tiny, change, error, message):
    with pytest.raises(error, match=message):
        recalibrate(bundle, read(tiny / "train.tsv"), name="mine", **change)


def test_data_with_labels_that_the_model_lacks_are_refused(bundle):
    data = Dataset(["a"], np.zeros((1, 2), bool), LabelSet(("joyy", "anger")))
    message = "mine: the model has no label 'joyy'; did you mean 'joy'?; it can only be"
    with pytest.raises(DataError) as caught:
        recalibrate(bundle, data, name="mine")
    assert str(caught.value).startswith(message)


def test_too_few_texts_are_refused_with_their_number(bundle, truthful):
    few = truthful.select(np.arange(49))
    again = Dataset.concatenate([few, few])
    with pytest.raises(DataError, match="mine: texts that differ: 49; at least 50 are wanted"):
        recalibrate(bundle, again, name="mine")


def test_data_without_enough_of_any_label_are_refused(bundle, truthful):
    bare = dataclasses.replace(truthful, y=np.zeros_like(truthful.y))
    with pytest.raises(DataError, match="mine: no label is in 10 texts or more and missing from"):
        recalibrate(bundle, bare, name="mine")


def test_calibrations_of_different_sizes_do_not_follow_each_other():
    with pytest.raises(ConfigError, match="of 3 labels cannot follow one of 2"):
        Calibration.identity(2).then(Calibration.identity(3))
