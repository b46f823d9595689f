import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emoconv.data import Dataset
from emoconv.doctor import Removal, Repeats, find_repeats, removals
from emoconv.errors import ConfigError
from emoconv.labels import LabelSet

LABELS = LabelSet(("joy", "anger"))


def data(*rows):
    """Return a data set of "text: label names" rows."""
    pairs = [row.split(":") for row in rows]
    return Dataset([t for t, _ in pairs], LABELS.encode([n.split() for _, n in pairs]), LABELS)


def test_repeats_agree_or_contradict():
    found = find_repeats(data("hi:joy", "no:", "hi:joy", "hi:joy", "ho:joy", "ho:anger"))
    assert Repeats(agreeing=((0, 2, 3),), conflicting=((4, 5),)) == found
    assert 2 == found.needless
    assert {
        "texts_agreeing": 1,
        "rows_needless": 2,
        "texts_conflicting": 1,
        "rows_conflicting": 2,
    } == found.to_dict()


@pytest.mark.parametrize(("match", "count"), [("exact", 0), ("normalised", 1)])
def test_case_and_signs_are_set_aside_where_asked(match, count):
    assert count == len(find_repeats(data("Hi!:joy", "hi:joy"), match=match).agreeing)


def test_an_unknown_way_to_match_is_met_with_the_nearest():
    with pytest.raises(ConfigError, match=r"no match 'exac'; did you mean 'exact'\?"):
        find_repeats(data("hi:"), match="exac")


def test_an_unknown_way_with_conflicts_is_met_with_the_nearest():
    with pytest.raises(ConfigError, match=r"no way 'major'; did you mean 'majority'\?"):
        removals(data("hi:"), conflicts="major")


def test_a_clean_data_set_is_left_alone():
    assert () == removals(data("a:joy", "b:joy"))


def test_the_first_of_equal_rows_stays():
    assert (Removal(1, "duplicate", 0), Removal(3, "duplicate", 0)) == removals(
        data("hi:joy", "hi:joy", "ho:joy", "hi:joy")
    )


@pytest.mark.parametrize(
    ("conflicts", "expected"),
    [
        ("majority", [(1, "conflict", 0), (2, "duplicate", 0)]),
        ("drop", [(0, "conflict", 1), (1, "conflict", 0), (2, "conflict", 1)]),
        ("keep", [(2, "duplicate", 0)]),
    ],
)
def test_contradictions_are_treated_as_asked(conflicts, expected):
    found = removals(data("hi:joy", "hi:anger", "hi:joy", "ho:"), conflicts=conflicts)
    assert [Removal(*one) for one in expected] == list(found)


def test_where_no_labels_have_a_majority_no_row_stays():
    assert [0, 1] == [one.row for one in removals(data("hi:joy", "hi:anger"))]


def test_leaks_and_suspects_go_first_and_end_a_contradiction():
    found = removals(data("hi:joy", "hi:anger", "ho:"), suspects=[1, 2], leaks=[2])
    assert (Removal(1, "suspect"), Removal(2, "leak")) == found


rows = st.lists(st.tuples(st.sampled_from("abA"), st.sampled_from(["", "joy", "anger"])))


@given(rows, st.sampled_from(["exact", "normalised"]), st.sampled_from(["majority", "drop"]))
def test_a_cleaned_copy_has_no_repeats_and_nothing_else_is_lost(pairs, match, conflicts):
    dataset = data(*(f"{text}:{names}" for text, names in pairs))
    removed = removals(dataset, match=match, conflicts=conflicts)
    kept = np.setdiff1d(np.arange(len(dataset)), [one.row for one in removed])
    assert Repeats((), ()) == find_repeats(dataset.select(kept), match=match)
    repeats = find_repeats(dataset, match=match)
    repeated = {row for group in (*repeats.agreeing, *repeats.conflicting) for row in group}
    assert {one.row for one in removed} <= repeated
    assert all(one.because != one.row for one in removed)
