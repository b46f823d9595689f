"""Claims about emoconv.data.splitting."""

import numpy as np
import pytest

from emoconv.data import Dataset, blog_split, split_by_group
from emoconv.errors import ConfigError, DataError
from emoconv.labels import LabelSet

LABELS = LabelSet(("joy",))
THREE = {"train": 0.8, "dev": 0.1, "test": 0.1}


def rows(count, *, raters=1, ids=True):
    """Return a data set of ``count`` comments with ``raters`` rows each."""
    numbers = [n for n in range(count) for _ in range(raters)]
    return Dataset(
        [f"text {n}" for n in numbers],
        np.ones((len(numbers), 1), dtype=bool),
        LABELS,
        [f"c{n}" for n in numbers] if ids else None,
    )


def texts(parts):
    return {name: part.texts for name, part in parts.items()}


@pytest.mark.parametrize("ids", [True, False])
def test_rows_of_one_comment_stay_together(ids):
    parts = split_by_group(rows(50, raters=3, ids=ids), fractions=THREE, seed=1)
    sets = [set(part.texts) for part in parts.values()]
    assert 50 == sum(map(len, sets)) == len(set.union(*sets))
    assert {"train": 120, "dev": 15, "test": 15} == {n: len(p) for n, p in parts.items()}


def test_equal_texts_of_different_ids_are_different_comments():
    d = Dataset(["same"] * 10, np.ones((10, 1), dtype=bool), LABELS, [f"c{n}" for n in range(10)])
    parts = split_by_group(d, fractions=THREE, seed=0)
    assert [8, 1, 1] == [len(part) for part in parts.values()]


def test_equal_texts_of_blank_ids_are_one_comment():
    d = Dataset(["same"] * 10, np.ones((10, 1), dtype=bool), LABELS, ["", " "] * 5)
    with pytest.raises(DataError) as error:
        split_by_group(d, fractions=THREE, seed=0)
    assert str(error.value) == "part 'dev' gets no row: too few comments (1)"


def test_equal_seeds_give_equal_splits_and_other_seeds_others():
    d = rows(100)
    first = texts(split_by_group(d, fractions=THREE, seed=4))
    assert first == texts(split_by_group(d, fractions=THREE, seed=4))
    assert first != texts(split_by_group(d, fractions=THREE, seed=5))


def test_rows_keep_their_order():
    parts = split_by_group(rows(100), fractions=THREE, seed=4)
    numbers = [int(text.split()[1]) for text in parts["train"].texts]
    assert sorted(numbers) == numbers


@pytest.mark.parametrize(
    "fractions", [{}, {"a": 0.5}, {"a": 1.0, "b": 0.0}, {"a": 1.5, "b": -0.5}, {"a": float("nan")}]
)
def test_fractions_that_are_no_fractions_are_told(fractions):
    with pytest.raises(ConfigError) as error:
        split_by_group(rows(9), fractions=fractions, seed=0)
    assert f"fractions must be above 0 and sum to 1, got {fractions}" == str(error.value)


def test_the_blog_split_is_80_20_at_random_and_complete():
    d = rows(101)
    split = blog_split(d, seed=3)
    assert (80, 21) == (len(split.train), len(split.test))
    assert set(d.texts) == {*split.train.texts, *split.test.texts}
    assert split.test.texts == blog_split(d, seed=3).test.texts
    assert split.test.texts != blog_split(d, seed=4).test.texts


def test_siblings_are_counted_by_id_by_text_and_by_either():
    d = Dataset(
        ["Nice!"] * 10 + ["nice"] * 10 + ["one", "two", "three", "four", "five"],
        np.ones((25, 1), dtype=bool),
        LABELS,
        ["c1"] * 10 + [""] * 10 + ["c2", "c2", "c2", "c2", "c2"],
    )
    split = blog_split(d, seed=0)
    has_text = [text.startswith(("N", "n")) for text in split.test.texts]
    has_id = [id_ in ("c1", "c2") for id_ in split.test.ids]
    assert 5 == len(split.test)
    assert sum(has_text) == split.same_text
    assert sum(has_id) == split.same_id
    assert 5 == split.siblings


def test_without_ids_siblings_are_counted_by_text():
    split = blog_split(rows(4, raters=50, ids=False), seed=0)
    assert (0, 40, 40) == (split.same_id, split.same_text, split.siblings)


def test_comments_of_one_row_have_no_siblings():
    split = blog_split(rows(50), seed=0)
    assert (0, 0, 0) == (split.same_id, split.same_text, split.siblings)


def test_one_row_cannot_be_split():
    with pytest.raises(DataError) as error:
        blog_split(rows(1), seed=0)
    assert str(error.value) == "a split needs two rows or more, got 1"
