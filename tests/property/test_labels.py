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


@given(
    st.lists(st.sets(st.sampled_from("abcd"), min_size=1), min_size=1, max_size=5),
    arrays.arrays(np.float32, (3, 4), elements=st.floats(0, 1, width=32)),
    st.floats(0, 1, width=32),
)
def test_any_of_a_group_is_at_a_cut_where_its_highest_is(groups, probabilities, cut):
    labels = LabelSet(tuple("abcd"))
    taxonomy = Taxonomy("t", {str(n): tuple(sorted(group)) for n, group in enumerate(groups)})
    decided = taxonomy.highest(probabilities, labels) >= cut
    np.testing.assert_array_equal(taxonomy.any_of(probabilities >= cut, labels), decided)
