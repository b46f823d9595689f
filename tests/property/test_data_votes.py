"""Votes that are written are those that are read; targets stay between labels and shares."""

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from emoconv.data import Dataset, RaterRows, Votes, count_votes, read_votes, write_votes
from emoconv.labels import LabelSet

printable = st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), min_size=1)
any_id = printable.filter(str.strip)
few_ids = st.sampled_from(["a", "b", "c", "d", ""])


@st.composite
def votes(draw, ids=any_id):
    names = draw(
        st.lists(printable.map(str.strip).filter(bool), unique=True, min_size=1, max_size=3)
    )
    labels = LabelSet(tuple(name for name in names if name not in ("id", "n_rows")) or ("joy",))
    known = draw(st.lists(ids, unique=True, min_size=1, max_size=6))
    raters = draw(npst.arrays(np.int64, len(known), elements=st.integers(0, 10**6)))
    shares = draw(npst.arrays(np.float64, (len(known), len(labels)), elements=st.floats(0, 1)))
    return Votes(known, np.rint(shares * raters[:, None]).astype(np.int64), raters, labels)


@given(votes(), st.sampled_from(["v.tsv", "v.csv", "v.tsv.gz", "v.csv.gz"]))
def test_votes_come_back(written, name):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write_votes(written, path)
        found = read_votes(path, written.labels)
    assert (written.ids, written.labels) == (found.ids, found.labels)
    assert (written.counts == found.counts).all()
    assert (written.raters == found.raters).all()


@given(votes(few_ids.filter(bool)), st.lists(few_ids), st.data())
def test_a_blend_lies_between_the_labels_and_the_shares_of_raters(known, ids, data):
    y = data.draw(npst.arrays(np.bool_, (len(ids), len(known.labels))))
    weight = data.draw(st.floats(0, 1))
    min_raters = data.draw(st.integers(1, 4))
    dataset = Dataset(["text"] * len(ids), y, known.labels, ids)

    targets = known.blend(dataset, weight=weight, min_raters=min_raters)

    assert (np.float32, y.shape) == (targets.dtype, targets.shape)
    assert ((targets >= 0) & (targets <= 1)).all()
    assert (y == known.blend(dataset, weight=0, min_raters=min_raters)).all()
    for id_, row, target in zip(ids, y, targets, strict=True):
        number = known.ids.index(id_) if id_ in known.ids else None
        if number is None or known.raters[number] < min_raters:
            assert (row == target).all()
        else:
            share = known.counts[number] / known.raters[number]
            np.testing.assert_allclose(target, row + weight * (share - row), atol=1e-6)


@given(st.lists(st.tuples(few_ids, st.booleans(), st.booleans(), st.booleans())))
def test_every_clear_row_of_a_comment_is_counted_once(rows):
    ids = [id_ for id_, *_ in rows]
    y = np.array([row[2:] for row in rows], dtype=bool).reshape(-1, 2)
    unclear = np.array([row[1] for row in rows], dtype=bool)
    dataset = Dataset(["text"] * len(rows), y, LabelSet(("joy", "anger")), ids)

    found = count_votes(RaterRows(dataset, unclear))

    kept = [row for row in rows if row[0] and not row[1]]
    assert set(found.ids) == {row[0] for row in kept}
    for number, id_ in enumerate(found.ids):
        mine = [row[2:] for row in kept if row[0] == id_]
        assert len(mine) == found.raters[number]
        assert np.sum(mine, axis=0).tolist() == found.counts[number].tolist()
