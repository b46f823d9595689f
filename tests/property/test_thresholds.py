import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from emoconv.metrics import Counts
from emoconv.thresholds import (
    FINE_CUTS,
    RULES,
    Thresholds,
    choose,
    choose_per_label,
    choose_shared,
    sweep,
)
from strategies import multi_label_scores

cut_lists = st.lists(st.floats(0, 1, width=32), min_size=1, max_size=20, unique=True).map(sorted)


@given(multi_label_scores(), cut_lists)
def test_a_sweep_is_the_same_as_deciding_at_each_cut(case, cuts):
    y, p = case
    for row in sweep(y, p, cuts):
        counts = Counts.of(y=y, predicted=p >= np.float32(row.cut))
        for scores, rates in ((row.micro, counts.micro()), (row.weighted, counts.weighted())):
            assert rates == (scores.precision, scores.recall, scores.f1)


@given(multi_label_scores(), cut_lists)
def test_recall_falls_as_the_cut_rises(case, cuts):
    recalls = [row.micro.recall for row in sweep(*case, cuts)]
    assert sorted(recalls, reverse=True) == recalls


@given(multi_label_scores(), st.sampled_from(["micro", "macro"]))
def test_no_fine_cut_beats_the_shared_one(case, average):
    y, p = case
    chosen = choose_shared(y, p, measure=f"{average}_f1")
    scores = {row.cut: getattr(row, average).f1 for row in sweep(y, p, FINE_CUTS)}
    assert max(scores.values()) == scores[chosen]


@given(multi_label_scores(), st.sampled_from(RULES))
def test_chosen_cuts_are_between_0_and_1_and_survive_json(case, rule):
    thresholds = choose(*case, rule=rule, data="drawn")
    assert ((thresholds.values > 0) & (thresholds.values < 1)).all()
    again = Thresholds.from_dict(json.loads(json.dumps(thresholds.to_dict())))
    assert thresholds.values.tobytes() == again.values.tobytes()


@given(
    multi_label_scores(),
    st.sampled_from(["shared-micro", "shared-macro"]),
    st.randoms(use_true_random=False),
)
def test_the_order_of_the_validation_texts_does_not_matter(case, rule, random):
    y, p = case
    order = list(range(len(y)))
    random.shuffle(order)
    one = choose(y, p, rule=rule, data="").values
    assert one.tolist() == choose(y[order], p[order], rule=rule, data="").values.tolist()


@given(st.integers(1, 30), st.integers(1, 30), st.floats(0.25, 4), st.floats(-2, 2))
def test_a_label_that_can_be_told_apart_is(n_with, n_without, stretch, shift):
    y = (np.arange(n_with + n_without) < n_with)[:, None]
    spread = np.linspace(-0.5, 0.5, len(y))[:, None]
    logits = stretch * (np.where(y, 2.0, -2.0) + spread) + shift
    p = (1 / (1 + np.exp(-logits))).astype(np.float32)
    assert y.tolist() == (p >= choose_per_label(y, p)).tolist()


@given(
    npst.arrays(np.float32, st.integers(1, 30), elements=st.floats(0, 1, width=32)),
    st.text(max_size=9),
)
def test_any_thresholds_survive_json(values, data):
    again = Thresholds.from_dict(
        json.loads(json.dumps(Thresholds(values, rule="fixed", data=data).to_dict()))
    )
    assert (values.tobytes(), data) == (again.values.tobytes(), again.data)
