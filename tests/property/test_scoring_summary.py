import itertools

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from emoconv.scoring.summary import Summary, summarize
from emoconv.scoring.words import WordCounts

LABELS = ("joy", "anger", "neutral")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@st.composite
def batches(draw):
    """Texts, probabilities and word counts."""
    texts = draw(st.lists(st.none() | TEXTS, max_size=12))
    eighths = draw(st.lists(st.integers(0, 8), min_size=3 * len(texts), max_size=3 * len(texts)))
    probabilities = (np.array(eighths, dtype=np.float32) / np.float32(8)).reshape(-1, 3)
    probabilities[[text is None for text in texts]] = np.nan
    words = draw(st.lists(st.integers(1, 50), max_size=12))
    unknown = [draw(st.integers(0, count)) for count in words]
    return texts, probabilities, WordCounts(np.array(words, np.int64), np.array(unknown, np.int64))


def summary(batch):
    texts, probabilities, words = batch
    cuts = np.array([0.5, 0.25, 0.125], dtype=np.float32)
    column = pa.array(texts, pa.string())
    return summarize(column, probabilities, labels=LABELS, cuts=cuts, words=words)


def joined(batches):
    """One batch of several."""
    texts, probabilities, words = zip(*batches, strict=True)
    counts = WordCounts(*(np.concatenate(parts) for parts in zip(*words, strict=True)))
    return [*itertools.chain(*texts)], np.concatenate(probabilities), counts


@given(st.lists(batches(), min_size=1, max_size=4))
def test_the_summary_of_a_whole_is_the_sum_of_those_of_its_parts(parts):
    whole = sum(map(summary, parts), Summary.nothing(LABELS))
    assert summary(joined(parts)).to_dict() == whole.to_dict()  # sums of eighths are exact


@given(batches(), batches(), batches())
def test_in_whatever_order_they_are_added(a, b, c):
    a, b, c = map(summary, (a, b, c))
    assert ((a + b) + c).to_dict() == (a + (b + c)).to_dict() == ((c + b) + a).to_dict()


@given(batches())
def test_json_gives_a_summary_back(batch):
    found = summary(batch)
    assert found.to_dict() == Summary.from_dict(found.to_dict()).to_dict()


@given(batches())
def test_every_text_has_one_place_in_each_histogram(batch):
    found = summary(batch)
    for counts in (found.lengths, found.confidences, found.labels_per_text):
        assert found.texts == counts.sum()
    assert len(batch[2].words) == found.sampled


@given(batches())
def test_counting_one_text_after_the_other_gives_the_same(batch):
    texts, probabilities, words = batch
    found = summary(batch)
    there = [i for i, text in enumerate(texts) if text is not None]
    assert len(there) == found.texts
    assert sum(not texts[i].strip() for i in there) >= found.empty
    assert sum(len(texts[i]) for i in there) == found.characters
    bits = [len(texts[i]).bit_length() for i in there]
    assert np.bincount(np.array(bits, int), minlength=18).tolist() == found.lengths.tolist()
    highest = [min(int(max(probabilities[i]) * 20), 19) for i in there]
    assert np.bincount(np.array(highest, int), minlength=20).tolist() == found.confidences.tolist()
    shares = [-(-20 * u // w) for w, u in zip(*words, strict=True)]
    assert (
        np.bincount(np.array(shares, int), minlength=21).tolist() == found.unknown_shares.tolist()
    )
