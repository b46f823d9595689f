from hypothesis import given
from hypothesis import strategies as st

from emoconv.labels import LabelSet

names = st.text(min_size=1).filter(lambda name: name == name.strip())


@given(st.lists(names, min_size=1, max_size=8, unique=True).map(tuple), st.data())
def test_names_come_back_from_their_multi_hot_rows(all_names, data):
    labels = LabelSet(all_names)
    rows = data.draw(st.lists(st.sets(st.sampled_from(all_names))))
    expected = [tuple(sorted(row, key=all_names.index)) for row in rows]
    assert expected == labels.decode(labels.encode(rows))
