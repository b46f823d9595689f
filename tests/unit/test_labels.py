import json

import numpy as np
import pytest

from emoconv.errors import LabelError
from emoconv.labels import EKMAN, GOEMOTIONS, SENTIMENT, LabelSet, Taxonomy


def test_labels_are_numbered_in_order():
    labels = LabelSet(("joy", "anger"))
    assert (0, 1, 2) == (labels.index("joy"), labels.index("anger"), len(labels))


def test_an_unknown_label_says_what_may_have_been_meant():
    with pytest.raises(LabelError) as caught:
        LabelSet(("joy", "anger")).encode([["joy"], ["angr"]])
    assert "label 'angr' is not one of the 2 known labels; did you mean 'anger'?" == str(
        caught.value
    )


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ((), "a label set needs at least one label; none was given"),
        (("joy", "joy"), "label 'joy' is given twice"),
        (("joy", ""), "label '' is empty or starts or ends with a space"),
        ((" joy",), "label ' joy' is empty or starts or ends with a space"),
    ],
)
def test_names_are_distinct_and_not_empty(names, message):
    with pytest.raises(LabelError) as caught:
        LabelSet(names)
    assert message == str(caught.value)


@pytest.mark.parametrize("shape", [(2,), (2, 3), (1, 2, 2)])
def test_decode_refuses_another_shape(shape):
    with pytest.raises(LabelError, match=r"expected an array of shape \(N, 2\), got "):
        LabelSet(("joy", "anger")).decode(np.zeros(shape, dtype=bool))


def test_encoding_nothing_gives_no_rows():
    assert (0, 2) == LabelSet(("joy", "anger")).encode([]).shape


@pytest.mark.parametrize("taxonomy", [EKMAN, SENTIMENT], ids=lambda t: t.name)
def test_each_emotion_is_in_exactly_one_group(taxonomy):
    groups = taxonomy.matrix(GOEMOTIONS)
    assert [1] * 28 == groups.sum(axis=0).tolist()
    assert sum(map(len, taxonomy.groups.values())) == groups.sum()


def test_a_taxonomy_of_other_labels_is_refused():
    with pytest.raises(LabelError, match="label 'joy' is not one of"):
        Taxonomy("x", {"good": ("joy",)}).matrix(LabelSet(("anger",)))


MOODS = Taxonomy("moods", {"good": ("love", "joy"), "bad": ("anger",), "strong": ("anger", "love")})
LABELS = LabelSet(("joy", "anger", "love"))


def test_a_group_holds_where_any_of_its_labels_does():
    y = LABELS.encode([[], ["joy"], ["love", "anger"]])
    expected = [[False, False, False], [True, False, False], [True, True, True]]
    assert expected == MOODS.any_of(y, LABELS).tolist()


def test_a_group_is_as_probable_as_any_of_its_labels_if_they_are_independent():
    p = np.array([[0.25, 0.5, 0.5], [1, 0, 0], [np.nan] * 3], dtype=np.float32)
    found = MOODS.probabilities(p, LABELS)
    assert np.float32 == found.dtype
    expected = np.array([[0.625, 0.5, 0.75], [1, 0, 0], [np.nan] * 3], dtype=np.float32)
    np.testing.assert_array_equal(expected, found)


def test_the_cut_of_a_group_is_the_mean_of_its_labels():
    found = MOODS.cuts(np.array([0.25, 0.5, 0.75], dtype=np.float32), LABELS)
    assert np.float32 == found.dtype
    assert [0.5, 0.5, 0.625] == found.tolist()


def test_groupings_are_told_apart_by_their_groups_and_not_by_their_name():
    prints = {
        Taxonomy(name, {group: members}).fingerprint()
        for name in ("a", "b")
        for group, members in (("good", ("joy",)), ("good", ("love",)), ("bad", ("joy",)))
    }
    assert 3 == len(prints)


def test_groups_of_no_texts_have_no_rows():
    assert (0, 3) == MOODS.any_of(LABELS.encode([]), LABELS).shape
    assert (0, 3) == MOODS.probabilities(np.zeros((0, 3)), LABELS).shape


@pytest.mark.real_data
def test_the_labels_are_those_that_google_published(real_data):
    names = (real_data / "goemotions" / "emotions.txt").read_text().split()
    assert (*names, "neutral")[:28] == GOEMOTIONS.names


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("taxonomy", "file"), [(EKMAN, "ekman_mapping.json"), (SENTIMENT, "sentiment_dict.json")]
)
def test_the_groups_are_those_that_google_published(real_data, taxonomy, file):
    published = json.loads((real_data / "goemotions" / file).read_text())
    ours = {name: set(members) for name, members in taxonomy.groups.items() if name != "neutral"}
    assert {name: set(members) for name, members in published.items()} == ours
