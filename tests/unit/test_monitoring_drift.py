import dataclasses

import numpy as np
import pyarrow as pa
import pytest

from emoconv.errors import ConfigError, DataError, LabelError
from emoconv.monitoring.drift import Change, compare_summaries
from emoconv.scoring.summary import Summary, summarize
from emoconv.scoring.words import WordCounts

LABELS = ("joy", "anger", "fear", "neutral", "love", "grief")
SHARES = (0.2, 0.1, 0.03, 0.5, 0.01, 0.001)
CUTS = np.full(6, 0.5, dtype=np.float32)


def sample(n, *, seed, shares=SHARES, longer=1.0, surer=1.0, unknown=0.03, words=True):
    """The summary of n texts of a kind."""
    rng = np.random.default_rng(seed)
    holds = rng.random((n, 6)) < np.array(shares)
    spread = rng.random((n, 6)) ** (1 / surer)
    probabilities = (holds * (0.5 + spread / 2) + ~holds * spread / 2.001).astype(np.float32)
    lengths = np.exp(rng.normal(np.log(60 * longer), 0.8, n)).astype(int)
    counts = 1 + rng.poisson(12, n)
    return summarize(
        pa.array(["x" * length for length in lengths]),
        probabilities,
        labels=LABELS,
        cuts=CUTS,
        words=WordCounts(counts, rng.binomial(counts, unknown)) if words else None,
    )


OLD = sample(20_000, seed=0)


def compared(after, before=OLD, **options):
    return compare_summaries(before=before, after=after, **options)


def test_texts_of_the_same_kind_look_alike():
    found = compared(sample(20_000, seed=1))
    assert ("alike", (), "the new texts look like the old") == (
        found.verdict,
        found.found,
        str(found),
    )


def test_every_emotion_and_distribution_is_compared():
    names = [change.name for change in compared(sample(20_000, seed=1)).changes]
    rest = ["labels per text", "confidence", "text length", "unknown words"]
    assert [*LABELS, *rest] == names


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"shares": (0.15, *SHARES[1:])}, "less joy (19.6 % -> 15.0 %)"),
        (
            {"shares": (*SHARES[:4], 0.03, 0.001)},
            "more love (1.0 % -> 2.9 %)",
        ),
        (
            {"longer": 1.3},
            "longer texts (under 64 characters: 53.7 % -> 40.0 %)",
        ),
        (
            {"longer": 0.7},
            "shorter texts (under 64 characters: 53.7 % -> 70.1 %)",
        ),
        (
            {"surer": 2},
            "more confidence (highest probability under 0.80: 70.0 % -> 54.5 %)",
        ),
        (
            {"unknown": 0.06},
            "more unknown words (without any: 67.7 % -> 46.4 %)",
        ),
    ],
)
def test_a_change_is_found_and_said_plainly(change, said):
    found = compared(sample(20_000, seed=2, **change))
    assert ("differ", f"the new texts differ: {said}") == (found.verdict, str(found))


def test_many_changes_are_said_largest_first_and_not_all():
    shares = (0.4, 0.3, 0.2, 0.1, 0.1, 0.05)
    found = compared(sample(20_000, seed=2, shares=shares, longer=0.5, unknown=0.1))
    sizes = [change.size for change in found.found]
    assert sorted(sizes, reverse=True) == sizes
    assert str(found).endswith(f", and {len(sizes) - 6} others")
    named = [str(change) for change in found.found[:6]]
    assert f"the new texts differ: {', '.join(named)}, and" in str(found)


def test_a_tiny_change_of_a_million_texts_is_significant_and_does_not_count():
    counts = (OLD.label_counts * 50).tolist()
    old = dataclasses.replace(OLD, rows=10**6, label_counts=np.array(counts))
    new = dataclasses.replace(old, label_counts=np.array([counts[0] + 5_000, *counts[1:]]))
    found = compared(new, old)
    joy = found.changes[0]
    assert joy.p_value < 1e-9
    assert "alike" == found.verdict
    assert "differ" == compared(new, old, size=0.01).verdict


def test_of_thirty_texts_it_is_not_said_that_they_look_like_the_old():
    found = compared(sample(30, seed=3))
    assert "too few texts" == found.verdict
    message = (
        "too few texts to say that the new look like the old: no difference was found, but in "
        "labels per text one under 0.87 (Cohen's h) might not show, and 0.1 matters"
    )
    assert message == str(found)


def test_but_a_large_change_shows_in_them():
    assert "differ" == compared(sample(30, seed=3, longer=20)).verdict


def test_words_that_nobody_counted_are_not_compared():
    names = [change.name for change in compared(sample(20_000, seed=1, words=False)).changes]
    assert [*LABELS, "labels per text", "confidence", "text length"] == names


def test_p_values_are_corrected_for_the_number_of_comparisons():
    few, many = (compared(sample(2_000, seed=5, words=words)) for words in (False, True))
    lowest = min(range(9), key=lambda i: few.changes[i].p_value)
    expected = min(1, few.changes[lowest].p_value * 10 / 9)
    assert pytest.approx(expected) == many.changes[lowest].p_value


@pytest.mark.parametrize(("n", "alpha"), [(300, 0.05), (2_000, 0.05)])
def test_halves_of_one_stream_are_not_called_different_more_often_than_promised(n, alpha):
    # Of any size: 200 pairs, of which 10 may differ; that 20 do has a chance of 0.1 %.
    verdicts = [
        compared(sample(n, seed=i), sample(n, seed=10_000 + i), alpha=alpha, size=0).verdict
        for i in range(200)
    ]
    assert verdicts.count("differ") < 20


def test_json_has_every_comparison_and_the_verdict():
    about = compared(sample(20_000, seed=2, longer=2)).to_dict()
    assert ("differ", 20_000, 20_000) == (about["verdict"], about["before"], about["after"])
    assert (0.01, 0.1) == (about["alpha"], about["size"])
    assert ["text length"] == [one["name"] for one in about["changes"] if one["counts"]]
    assert about["sentence"].startswith("the new texts differ: longer texts")


def test_a_change_needs_no_texts_named_where_they_are_those_of_its_label():
    change = Change("joy", "joy", "more joy", 0.1, 0.25, 0.4, 0.0, 0.1)
    assert "more joy (10.0 % -> 25.0 %)" == str(change)


@pytest.mark.parametrize(
    ("bins", "what"), [(0, "without a label"), (1, "with fewer than 2 labels")]
)
def test_texts_without_a_label_are_called_so(bins, what):
    histograms = [np.array([5_000] * 7), np.array([5_000] * 7)]
    histograms[1][bins] += 9_000
    before, after = (dataclasses.replace(OLD, labels_per_text=one) for one in histograms)
    assert what == compared(after, before).changes[6].what


def test_summaries_of_other_labels_are_not_compared():
    nothing = Summary.nothing(("joy", "boredom"))
    with pytest.raises(LabelError, match="only the old texts' summary has the label 'anger'"):
        compared(nothing)
    with pytest.raises(LabelError, match="only the new texts' summary has the label 'joy'"):
        compared(nothing, Summary.nothing(("boredom",)))
    with pytest.raises(LabelError, match="same labels in another order; score both with one model"):
        compared(nothing, Summary.nothing(("boredom", "joy")))


def test_no_texts_are_not_compared():
    with pytest.raises(DataError, match=r"no texts among the new ones \(0 rows\)"):
        compared(Summary.nothing(LABELS))
    missing = dataclasses.replace(Summary.nothing(LABELS), rows=9, missing=9)
    with pytest.raises(DataError, match=r"no texts among the old ones \(9 rows\)"):
        compared(OLD, missing)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"alpha": 0}, "alpha is 0; expected a number between 0 and 1"),
        ({"alpha": 1.0}, r"alpha is 1\.0; expected"),
        ({"size": -0.1}, r"size is -0\.1; expected a Cohen's h, from 0 to pi"),
        ({"size": float("nan")}, "size is nan; expected"),
    ],
)
def test_a_setting_out_of_range_is_said(options, message):
    with pytest.raises(ConfigError, match=message):
        compared(OLD, **options)
