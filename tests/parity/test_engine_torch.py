"""The numpy engine, the compiled engine and the torch network, held equal."""

import dataclasses
from unittest import mock

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from emoconv.bundle import Bundle
from emoconv.calibration import Calibration
from emoconv.config import Config, ModelConfig
from emoconv.engine import ReferenceEngine, reference
from emoconv.engine.compiled import CompiledEngine
from emoconv.labels import LabelSet
from emoconv.nn import TextCNN
from emoconv.text import SPECIALS, Encoded, Vocabulary
from emoconv.thresholds import Thresholds
from emoconv.train.batches import pad

WORDS = 15


def encode(texts):
    offsets = np.cumsum([0, *map(len, texts)], dtype=np.int64)
    return Encoded(np.array([i for text in texts for i in text], dtype=np.int32), offsets)


def pair(model, *, labels=3, seed=0, dtype=np.float32):
    """A bundle of random weights, and the torch network of the same weights."""
    torch.manual_seed(seed)
    vectors = torch.randn(WORDS, model.embedding_width)
    vectors[0] = 0
    network = TextCNN(
        vectors,
        kernel_widths=model.kernel_widths,
        filters=model.filters,
        labels=labels,
        hidden=model.hidden,
        word_dropout=0.5,
        embedding_dropout=0.5,
        feature_dropout=0.5,
        hidden_dropout=0.5,
    ).eval()
    for name, parameter in network.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(parameter)
    if dtype == np.float16:
        network.half().float()
    names = {"convolutions.": "convolution.", "embedding.weight": "embedding"}
    weights = {}
    for name, tensor in network.state_dict().items():
        for old, new in names.items():
            name = name.replace(old, new)  # noqa: PLW2901 - two renamings in turn
        weights[name] = tensor.numpy().astype(dtype)
    words = [f"w{i}" for i in range(WORDS - len(SPECIALS))]
    bundle = Bundle(
        config=Config(model=model),
        labels=LabelSet(tuple(f"label {i}" for i in range(labels))),
        vocabulary=Vocabulary([*SPECIALS, *words]),
        thresholds=Thresholds.fixed(0.5, labels),
        calibration=Calibration.identity(labels),
        weights=weights,
    )
    return bundle, network


def torch_logits(network, texts):
    encoded = encode(texts)
    batch = pad(encoded, np.arange(len(texts)))
    with torch.inference_mode():
        return network(batch.ids, batch.lengths).numpy()


models = st.builds(
    ModelConfig,
    embedding_width=st.integers(1, 6),
    kernel_widths=st.lists(st.integers(1, 6), min_size=1, max_size=4, unique=True).map(tuple),
    filters=st.integers(1, 5),
    hidden=st.none() | st.integers(1, 4),
)
ragged = st.lists(st.lists(st.integers(1, WORDS - 1), max_size=12), min_size=1, max_size=8)


small = st.integers(1, 20)


@given(
    model=models,
    texts=ragged,
    labels=st.integers(1, 4),
    seed=st.integers(0, 99),
    block=small,
    windows=small,
)
def test_the_engine_computes_what_the_network_computes(
    *, model, texts, labels, seed, block, windows
):
    bundle, network = pair(model, labels=labels, seed=seed)
    with (  # texts longer than a block, and than the windows that are looked at together
        mock.patch.object(reference, "BLOCK_TOKENS", block),
        mock.patch.object(reference, "_WINDOWS_AT_ONCE", windows),
    ):
        found = ReferenceEngine(bundle).logits(encode(texts))
    assert np.float32 == found.dtype
    np.testing.assert_allclose(found, torch_logits(network, texts), rtol=1e-4, atol=1e-4)


@given(model=models, texts=ragged, labels=st.integers(1, 4), seed=st.integers(0, 99))
def test_the_compiled_engine_computes_what_the_network_computes(*, model, texts, labels, seed):
    bundle, network = pair(model, labels=labels, seed=seed)
    found = CompiledEngine(bundle, threads=1, dtype=np.float32).logits(encode(texts))
    assert np.float32 == found.dtype
    np.testing.assert_allclose(found, torch_logits(network, texts), rtol=1e-4, atol=1e-4)


@given(
    model=models.filter(lambda model: model.hidden is None),
    texts=ragged,
    labels=st.integers(1, 4),
    seed=st.integers(0, 99),
)
def test_whole_numbers_are_as_near_as_their_units_allow(*, model, texts, labels, seed):
    bundle, network = pair(model, labels=labels, seed=seed)
    engine = CompiledEngine(bundle, threads=1)
    found, exact = engine.logits(encode(texts)), torch_logits(network, texts)
    # A feature is off by at most half a unit for each place; the engine's weights have the unit
    # in them.
    units = max(model.kernel_widths) / 2 * np.abs(engine._output.weight).sum(axis=1)
    assert (np.abs(found - exact) <= 1e-4 + units).all()
    np.testing.assert_allclose(found, exact, atol=0.5)


@pytest.mark.parametrize("hidden", [None, 5])
def test_a_kernel_may_be_wider_than_every_text(hidden):
    bundle, network = pair(
        ModelConfig(embedding_width=4, kernel_widths=(5, 2), filters=33, hidden=hidden)
    )
    texts = [[], [3], [4, 5], [14] * 4, [9] * 100, []]
    for dtype, tolerance in ((np.float32, 1e-4), (np.int8, 0.5)):
        found = CompiledEngine(bundle, threads=1, dtype=dtype).logits(encode(texts))
        np.testing.assert_allclose(found, torch_logits(network, texts), atol=tolerance)


def test_float16_weights_give_what_the_rounded_network_gives():
    bundle, network = pair(ModelConfig(embedding_width=8, filters=6, hidden=5), dtype=np.float16)
    texts = [[3, 4, 5], [], [14] * 40]
    found = ReferenceEngine(bundle).logits(encode(texts))
    np.testing.assert_allclose(found, torch_logits(network, texts), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["BLOCK_TOKENS", "_WINDOWS_AT_ONCE"])
@pytest.mark.parametrize("size", [1, 7, 100, 8192])
def test_the_sizes_of_the_parts_do_not_change_the_logits(name, size):
    rng = np.random.default_rng(0)
    texts = [rng.integers(1, WORDS, n).tolist() for n in rng.integers(0, 60, 40)]
    engine = ReferenceEngine(pair(ModelConfig(embedding_width=8, filters=6))[0])
    whole = engine.logits(encode(texts))
    with mock.patch.object(reference, name, size):
        np.testing.assert_allclose(engine.logits(encode(texts)), whole, rtol=1e-5, atol=1e-5)


def test_empty_texts_fill_a_block_too():
    bundle = pair(ModelConfig(embedding_width=2, filters=2))[0]
    engine = ReferenceEngine(bundle)
    with (
        mock.patch.object(reference, "BLOCK_TOKENS", 10),
        mock.patch.object(engine, "_features", wraps=engine._features) as features,
    ):
        logits = engine.logits(encode([[]] * 35))
    assert max(len(call.args[0].offsets) - 1 for call in features.call_args_list) <= 10
    assert bool((logits == bundle.weights["output.bias"]).all())


def test_no_texts_give_no_rows():
    engine = ReferenceEngine(pair(ModelConfig(embedding_width=2, filters=2))[0])
    logits = engine.logits(encode([]))
    assert ((0, 3), np.float32) == (logits.shape, logits.dtype)


def test_the_memory_of_words_is_emptied_when_it_is_full():
    bundle, network = pair(ModelConfig(embedding_width=4, filters=3))
    texts = [[1, 2, 3], [4, 5, 1], [2, 6], [7, 8, 9, 10, 11, 12]]
    with mock.patch.object(reference, "REMEMBERED_WORDS", 4):
        engine = ReferenceEngine(bundle)
        found = [engine.logits(encode([text]))[0] for text in texts]
        assert [0, 7, 8, 9, 10, 11, 12] == np.flatnonzero(engine._memory.places >= 0).tolist()
    np.testing.assert_allclose(found, torch_logits(network, texts), rtol=1e-4, atol=1e-4)


def test_a_bundle_whose_padding_is_not_zero_is_refused():
    bundle, _ = pair(ModelConfig(embedding_width=2, filters=2))
    weights = {**bundle.weights, "embedding": bundle.weights["embedding"] + 1}
    with pytest.raises(ValueError, match="word vector 0, which pads, is not zero"):
        dataclasses.replace(bundle, weights=weights)
