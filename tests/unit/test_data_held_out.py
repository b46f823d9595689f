"""Claims about emoconv.data.held_out."""

import gzip

import numpy as np
import pytest

from emoconv.data import normalise, read_official, without_held_out


def test_what_equals_a_held_out_text_after_normalising_is_left_out():
    texts = ["Thank you!", "thanks", "THANK  you", "well, thank you", "😂 😂", "😂"]
    kept, removed = without_held_out(texts, ["thank you", "😂😂"])
    assert ([1, 3, 5], 3) == (kept.tolist(), removed)
    assert np.intp == kept.dtype


def test_blank_texts_are_kept():
    kept, removed = without_held_out(["", " ", "a"], ["", " "])
    assert ([0, 1, 2], 0) == (kept.tolist(), removed)


@pytest.mark.parametrize(
    ("texts", "held_out", "expected"),
    [([], ["a"], []), (["a"], [], [0]), ([], [], []), (["A", "a."], ["a"], [])],
)
def test_there_may_be_none_of_either(texts, held_out, expected):
    kept, removed = without_held_out(texts, held_out)
    assert (expected, len(texts) - len(expected)) == (kept.tolist(), removed)


def test_texts_may_be_read_one_by_one():
    kept, removed = without_held_out(iter(["a", "b"]), iter(["B"]))
    assert ([0], 1) == (kept.tolist(), removed)


@pytest.mark.real_data
def test_no_text_of_dev_or_test_is_left_among_the_unlabelled(real_data, record_property):
    with gzip.open(real_data / "unlabelled/unlabelled_1M.txt.gz", "rt", encoding="utf-8") as file:
        texts = file.read().splitlines()
    parts = {part: read_official(real_data / f"goemotions/{part}.tsv") for part in ("dev", "test")}
    held_out = [text for part in parts.values() for text in part.texts]
    kept, removed = without_held_out(texts, held_out)
    left = {normalise(texts[place]) for place in kept}
    assert not left & {normalise(text) for text in held_out}
    record_property("removed", removed)
    print(f"{removed} of {len(texts):,} unlabelled texts equal one of dev or test")  # noqa: T201 - shown by pytest -rP
    assert 0 < removed < len(texts) // 1000
