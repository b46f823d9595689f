import json

import numpy as np
import pytest

from emoconv.errors import ConfigError, DataError
from emoconv.metrics import Counts
from emoconv.thresholds import (
    BLOG_CUTS,
    FINE_CUTS,
    RULES,
    SweepRow,
    Thresholds,
    choose,
    choose_per_label,
    choose_shared,
    sweep,
)

Y = np.array([[1, 0], [1, 0], [0, 1], [0, 0]], dtype=np.bool_)
P = np.array([[0.9, 0.1], [0.6, 0.2], [0.4, 0.55], [0.1, 0.3]], dtype=np.float32)


def scores_like_a_model(n=3000, supports=(900, 300, 60, 8), seed=0):
    """Labels of different frequency, each with log-odds that overlap and sit somewhere else."""
    rng = np.random.default_rng(seed)
    y = np.zeros((n, len(supports)), dtype=np.bool_)
    for label, support in enumerate(supports):
        y[rng.choice(n, support, replace=False), label] = True
    centre = np.log((np.array(supports) + 1) / n)
    z = centre + 2.5 * y + rng.normal(size=y.shape)
    return y, (1 / (1 + np.exp(-z))).astype(np.float32)


def f1(y, p, cuts):
    return Counts.of(y=y, predicted=p >= cuts).rates().f1


def test_the_cuts_of_the_blog_post():
    assert (0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9) == BLOG_CUTS


def test_the_fine_cuts_are_every_hundredth():
    assert (99, 0.01, 0.29, 0.99) == (len(FINE_CUTS), FINE_CUTS[0], FINE_CUTS[28], FINE_CUTS[-1])


def test_a_label_is_decided_at_its_cut_and_above():
    thresholds = Thresholds.fixed(0.6, 2)
    assert [[True, False], [True, False], [False, False], [False, False]] == thresholds.decide(
        P
    ).tolist()


def test_each_label_has_its_own_cut():
    thresholds = Thresholds(np.float32([0.9, 0.1]), rule="fixed", data="")
    assert [[True, True], [False, True], [False, True], [False, True]] == thresholds.decide(
        P
    ).tolist()


def test_thresholds_survive_json_to_the_bit():
    thresholds = Thresholds(np.float32([0.1, 1 / 3, 1e-7]), rule="per-label", data="dev, 9 texts")
    again = Thresholds.from_dict(json.loads(json.dumps(thresholds.to_dict())))
    assert thresholds.values.tobytes() == again.values.tobytes()
    assert ("per-label", "dev, 9 texts") == (again.rule, again.data)
    assert np.float32 == again.values.dtype


def test_thresholds_are_written_with_few_digits():
    expected = {"rule": "fixed", "data": "", "values": [0.35, 0.35]}
    assert expected == Thresholds.fixed(0.35, 2).to_dict()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"rule": "r", "data": "d", "value": [0.5]},
            "unknown threshold setting value; did you mean 'values'",
        ),
        ({"rule": "r", "values": [0.5]}, "threshold setting data is missing"),
        (
            {"rule": "r", "data": "d", "values": ["half"]},
            r"threshold values are \['half'\]; expected a list of numbers",
        ),
        (
            {"rule": "r", "data": "d", "values": None},
            r"thresholds have shape \(\); expected one for each label",
        ),
        (
            {"rule": "r", "data": "d", "values": [0.5, 1.5]},
            "threshold 1 is 1.5; expected a number from 0 to 1",
        ),
        (
            {"rule": "r", "data": "d", "values": [float("nan")]},
            "threshold 0 is nan; expected a number from 0 to 1",
        ),
        (
            {"rule": "r", "data": "d", "values": []},
            r"thresholds have shape \(0,\); expected one for each label",
        ),
        (
            {"rule": "r", "data": "d", "values": [[0.5]]},
            r"thresholds have shape \(1, 1\); expected one for each label",
        ),
    ],
)
def test_broken_thresholds_are_refused(values, message):
    with pytest.raises(ConfigError, match=message):
        Thresholds.from_dict(values)


def test_sweep_scores_every_cut():
    rows = sweep(Y, P)
    assert list(BLOG_CUTS) == [row.cut for row in rows]
    for row in rows:
        counts = Counts.of(y=Y, predicted=np.float32(row.cut) <= P)
        for name in ("micro", "macro", "weighted"):
            scores, rates = getattr(row, name), getattr(counts, name)()
            assert rates == (scores.precision, scores.recall, scores.f1)


def test_sweep_counts_a_probability_on_the_cut():
    (row,) = sweep(Y, P, cuts=(0.6,))
    assert (1.0, 2 / 3) == (row.micro.precision, row.micro.recall)


def test_a_sweep_row_is_plain_json():
    row = sweep(Y, P)[0]
    assert 0.1 == json.loads(json.dumps(row.to_dict()))["cut"]
    assert isinstance(row, SweepRow)


@pytest.mark.parametrize("cuts", [(), (0.5, 0.4), (0.5, 0.5), (-0.1, 0.5), (0.5, 1.1)])
def test_cuts_that_do_not_ascend_from_0_to_1_are_refused(cuts):
    with pytest.raises(ConfigError, match="expected ascending numbers from 0 to 1"):
        sweep(Y, P, cuts=cuts)


@pytest.mark.parametrize("measure", ["micro_f1", "macro_f1"])
def test_the_shared_cut_is_the_best_of_the_fine_ones(measure):
    y, p = scores_like_a_model()
    average = measure.removesuffix("_f1")
    every = {
        cut: getattr(Counts.of(y=y, predicted=p >= np.float32(cut)), average)().f1
        for cut in FINE_CUTS
    }
    assert max(every.values()) == every[choose_shared(y, p, measure=measure)]


def test_of_equally_good_shared_cuts_the_middle_is_taken():
    y = np.array([[True], [False]])
    p = np.array([[0.8], [0.2]], dtype=np.float32)
    assert 0.51 == choose_shared(y, p, measure="micro_f1")  # of .21 to .80


def test_a_cut_per_label_beats_a_shared_one_where_labels_differ():
    y, p = scores_like_a_model()
    unseen_y, unseen_p = scores_like_a_model(seed=1)
    own = choose_per_label(y, p)
    shared = choose_shared(y, p, measure="macro_f1")
    assert f1(unseen_y, unseen_p, own).mean() > f1(unseen_y, unseen_p, shared).mean() + 0.02


def test_a_cut_per_label_is_near_the_best_for_frequent_labels():
    y, p = scores_like_a_model()
    chosen = f1(y, p, choose_per_label(y, p))
    best = np.max([f1(y, p, cut) for cut in np.linspace(0.001, 0.999, 999)], axis=0)
    assert (best[:2] - chosen[:2] < 0.01).all()


def test_smoothing_finds_steadier_cuts_for_rare_labels_than_the_best_on_few_texts():
    smoothed, raw = [], []
    for seed in range(20):
        y, p = scores_like_a_model(n=1500, supports=(6, 150), seed=seed)
        smoothed.append(choose_per_label(y, p)[0])
        candidates = p[y[:, 0], 0]  # the best cut is at a positive text
        raw.append(candidates[np.argmax([f1(y[:, :1], p[:, :1], c)[0] for c in candidates])])
    assert np.std(np.log(smoothed)) < 0.7 * np.std(np.log(raw))


def test_a_label_without_positives_gets_the_shared_cut():
    y, p = scores_like_a_model(supports=(300, 0))
    shared = choose_shared(y, p, measure="macro_f1")
    assert shared == pytest.approx(choose_per_label(y, p)[1])


def test_no_positive_at_all_still_gives_cuts():
    y = np.zeros((4, 2), dtype=np.bool_)
    for rule in RULES:
        values = choose(y, P, rule=rule, data="").values
        assert ((values > 0) & (values < 1)).all()


def test_probabilities_that_are_all_alike_still_give_cuts():
    alike = np.full((4, 2), 0.25, dtype=np.float32)
    for rule in RULES:
        values = choose(Y, alike, rule=rule, data="").values
        assert ((values > 0) & (values < 1)).all()


def test_certain_probabilities_give_a_cut_between_them():
    y = np.array([[True], [False], [False]])
    cut = choose_per_label(y, y.astype(np.float32))
    assert y.tolist() == (y >= cut).tolist()
    assert 0 < cut[0] < 1


def test_a_share_for_micro_f1_trades_macro_for_micro():
    y, p = scores_like_a_model()
    counts = [
        Counts.of(y=y, predicted=p >= choose_per_label(y, p, micro_share=share))
        for share in (0.0, 0.5, 1.0)
    ]
    micro = [c.micro().f1 for c in counts]
    macro = [c.macro().f1 for c in counts]
    assert micro[0] < min(micro[1:])
    assert macro[2] < min(macro[:2])


def test_all_for_micro_f1_is_at_least_as_good_as_the_best_shared_cut():
    y, p = scores_like_a_model()
    own = Counts.of(y=y, predicted=p >= choose_per_label(y, p, micro_share=1.0))
    shared = Counts.of(y=y, predicted=p >= choose_shared(y, p, measure="micro_f1"))
    assert own.micro().f1 > shared.micro().f1 - 0.005


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_outside_0_to_1_is_refused(share):
    with pytest.raises(ConfigError, match=r"micro_share is .*; expected a number from 0 to 1"):
        choose_per_label(Y, P, micro_share=share)


@pytest.mark.parametrize("rule", RULES)
def test_choice_says_how_and_on_what(rule):
    y, p = scores_like_a_model()
    thresholds = choose(y, p, rule=rule, data="made up")
    assert (rule, "made up") == (thresholds.rule, thresholds.data)
    assert (np.float32, (4,)) == (thresholds.values.dtype, thresholds.values.shape)
    assert rule.startswith("shared") == (len(set(thresholds.values.tolist())) == 1)


def test_each_rule_is_good_at_what_it_is_for():
    y, p = scores_like_a_model()
    counts = {
        rule: Counts.of(y=y, predicted=choose(y, p, rule=rule, data="").decide(p)) for rule in RULES
    }
    macro = {rule: c.macro().f1 for rule, c in counts.items()}
    micro = {rule: c.micro().f1 for rule, c in counts.items()}
    assert micro["shared-micro"] >= micro["shared-macro"]
    assert macro["shared-macro"] >= macro["shared-micro"]
    assert micro["per-label-balanced"] > micro["per-label"]
    assert min(macro["per-label"], macro["per-label-balanced"]) > macro["shared-macro"]


def test_an_unknown_rule_is_refused_with_the_nearest():
    message = r"unknown threshold rule 'per-labels'; did you mean 'per-label'\? \(known: shared-m"
    with pytest.raises(ConfigError, match=message):
        choose(Y, P, rule="per-labels", data="")


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    ("y", "p", "message"),
    [
        (Y[:0], P[:0], r"y has shape \(0, 2\); expected at least one text and one label"),
        (Y, P[:3], r"probabilities has shape \(3, 2\); expected that of y, \(4, 2\)"),
        (Y, P * np.float32(np.nan), "the probability of text 0, label 0 is nan"),
    ],
)
def test_validation_data_that_do_not_fit_are_refused(rule, y, p, message):
    with pytest.raises(DataError, match=message):
        choose(y, p, rule=rule, data="")
