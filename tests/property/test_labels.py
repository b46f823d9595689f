import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from emoconv.labels import LabelSet, Taxonomy

names = st.text(min_size=1).filter(lambda name: name == name.strip())


@given(st.lists(names, min_size=1, max_size=8, unique=True).map(tuple), st.data())
def test_names_come_back_from_their_multi_hot_rows(all_names, data):
    labels = LabelSet(all_names)
    rows = data.draw(st.lists(st.sets(st.sampled_from(all_names))))
    expected = [tuple(sorted(row, key=all_names.index)) for row in rows]
    assert expected == labels.decode(labels.encode(rows))


some_groups = st.lists(st.sets(st.sampled_from("abcd"), min_size=1), min_size=1, max_size=5)
some_probabilities = arrays.arrays(np.float32, (3, 4), elements=st.floats(0, 1, width=32))
LABELS = LabelSet(tuple("abcd"))


def taxonomy_of(groups):
    return Taxonomy("t", {str(n): tuple(sorted(group)) for n, group in enumerate(groups)})


@given(some_groups, some_probabilities)
def test_a_group_is_as_probable_as_its_highest_label_or_more_and_at_most_1(groups, found):
    taxonomy = taxonomy_of(groups)
    grouped = taxonomy.probabilities(found, LABELS)
    members = taxonomy.matrix(LABELS)
    assert (grouped <= 1).all()
    for group, of_group in enumerate(members):
        highest = found[:, of_group].max(axis=1)
        assert (grouped[:, group] >= highest * np.float32(1 - 1e-6)).all()
        np.testing.assert_allclose(
            grouped[:, group], 1 - (1 - found[:, of_group].astype(float)).prod(axis=1), atol=1e-6
        )


@given(st.sampled_from("abcd"), some_probabilities)
def test_a_group_of_one_label_is_that_label(name, found):
    taxonomy, column = Taxonomy("t", {"one": (name,)}), "abcd".index(name)
    np.testing.assert_array_equal(found[:, [column]], taxonomy.probabilities(found, LABELS))
    assert found[0, column] == taxonomy.cuts(found[0], LABELS)[0]


@given(some_groups, arrays.arrays(np.float32, 4, elements=st.floats(0, 1, width=32)))
def test_a_cut_of_a_group_is_among_those_of_its_labels(groups, cuts):
    taxonomy = taxonomy_of(groups)
    for cut, members in zip(taxonomy.cuts(cuts, LABELS), taxonomy.matrix(LABELS), strict=True):
        assert cuts[members].min() <= cut <= cuts[members].max()
