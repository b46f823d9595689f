import dataclasses
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from emoconv.bundle import read_bundle
from emoconv.scoring import words
from emoconv.scoring.words import SAMPLE, WordCounter

BUNDLE = read_bundle(Path(__file__).parents[1] / "data/bundle_v2")
TEXTS = ["so good at zzyzx", None, "", "zzyzx qwfpg", "SO goood 2000!!!"]


def counted(texts, bundle=BUNDLE, dtype=None):
    column = texts if isinstance(texts, pa.ChunkedArray) else pa.array(texts, dtype or pa.string())
    found = WordCounter(bundle).count(column)
    assert (np.int64, np.int64) == (found.words.dtype, found.unknown.dtype)
    return found.words.tolist(), found.unknown.tolist()


@pytest.fixture(params=[True, False, None], ids=["compiled", "not compiled", "without numba"])
def kept(request, monkeypatch):
    """The state of the compiled tokeniser, as it is asked for."""

    def is_kept(_kernel):
        if request.param is None:
            raise ImportError
        return request.param

    monkeypatch.setattr(words, "is_kept", is_kept)


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("dtype", [pa.string(), pa.large_string()])
def test_marks_and_markers_are_words_and_stand_ins_are_known(dtype):
    # so good at zzyzx | zzyzx qwfpg | <caps> so good <long> <number> !!!
    assert ([4, 2, 6], [1, 2, 0]) == counted(TEXTS, dtype=dtype)


@pytest.mark.usefixtures("kept")
def test_a_column_in_chunks_is_counted_as_a_whole():
    whole = pa.array(TEXTS)
    assert counted(TEXTS) == counted(pa.chunked_array([whole.slice(0, 2), whole.slice(2)]))


def test_the_plain_tokeniser_leaves_unknown_words_out_and_they_are_counted():
    text = dataclasses.replace(BUNDLE.config.text, tokenizer="plain")
    plain = dataclasses.replace(BUNDLE, config=dataclasses.replace(BUNDLE.config, text=text))
    assert ([4, 2, 3], [1, 2, 2]) == counted(TEXTS, plain)  # so goood 2000


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("texts", [[], [None], ["", " "]])
def test_nothing_to_read_is_nothing(texts):
    assert ([], []) == counted(texts)


@pytest.mark.parametrize(("batch", "looked_at"), [(1, 1), (2, 2), (3, 3), (4, 2), (7, 3), (60, 2)])
def test_a_batch_is_looked_at_as_a_whole_or_at_even_steps(batch, looked_at):
    column = pa.array([" ".join(["so"] * (1 + i)) for i in range(batch)])
    found = WordCounter(BUNDLE).count(column, sample=2).words
    assert looked_at == len(found)
    assert 1 == len(set(np.diff(found))) or batch < 3


def test_the_sample_is_large_enough_for_a_test():
    assert SAMPLE == WordCounter(BUNDLE).count(pa.array(["so"] * SAMPLE)).words.sum()
