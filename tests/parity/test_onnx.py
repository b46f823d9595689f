"""The graph in ONNX Runtime and the numpy engine, held equal."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, checker
from safetensors.numpy import load

from emoconv.bundle import read_bundle, shipped_bundle, write_bundle
from emoconv.config import Config, from_dict
from emoconv.data import read
from emoconv.engine import ReferenceEngine
from emoconv.export import TOLERANCE, write_onnx_folder
from emoconv.export.graph import build_graph
from emoconv.export.parity import graph_probabilities, open_graph, padded, samples
from emoconv.text import Encoded, Encoder
from untrained import untrained_bundle

WORDS = 22


def encode(texts):
    offsets = np.cumsum([0, *map(len, texts)], dtype=np.int64)
    return Encoded(np.array([i for text in texts for i in text], dtype=np.int32), offsets)


def session_of(bundle, stored=None):
    return open_graph(build_graph(bundle, stored or bundle.weights).SerializeToString())


def expected_of(bundle, encoded):
    return bundle.calibration.apply(ReferenceEngine(bundle).logits(encoded))


def assert_equal(bundle, session, texts):
    encoded = encode(texts)
    found = graph_probabilities(session, encoded)
    assert (np.float32, (len(texts), 5)) == (found.dtype, found.shape)
    np.testing.assert_allclose(found, expected_of(bundle, encoded), atol=TOLERANCE, rtol=0)


@settings(max_examples=40)
@given(
    widths=st.lists(st.integers(1, 6), min_size=1, max_size=3, unique=True),
    hidden=st.none() | st.integers(1, 4),
    dtype=st.sampled_from([np.float16, np.float32]),
    texts=st.lists(st.lists(st.integers(1, WORDS - 1), max_size=9), max_size=6),
    seed=st.integers(0, 99),
)
def test_the_graph_computes_what_the_engine_computes(*, widths, hidden, dtype, texts, seed):
    bundle = untrained_bundle(widths, hidden=hidden, seed=seed)
    weights = bundle.weights
    weights.update({name: array.astype(dtype) for name, array in weights.items()})
    assert_equal(bundle, session_of(bundle), texts)


@pytest.mark.parametrize(
    "texts",
    [[], [[]], [[], []], [[3]], [[], [5], [1, 2, 3] * 40], [[9] * 300, []]],
    ids=["none", "no words", "twice no words", "one word", "a mixture", "long"],
)
def test_texts_may_be_empty_and_of_any_length_and_number(texts):
    bundle = untrained_bundle((5, 1, 2))
    assert_equal(bundle, session_of(bundle), texts)


def test_a_text_without_words_gets_the_output_s_bias():
    bundle = untrained_bundle()
    found = graph_probabilities(session_of(bundle), encode([[], [4, 5]]))
    expected = bundle.calibration.apply(bundle.weights["output.bias"][None])
    np.testing.assert_allclose(found[:1], expected, rtol=1e-6)


@pytest.mark.parametrize("more", [1, 2, 7, 100])
def test_padding_changes_nothing(more):
    bundle = untrained_bundle((1, 2, 3))
    session = session_of(bundle)
    ids = padded(encode([[3, 4, 5], [], [7]]))
    wide = np.pad(ids, ((0, 0), (0, more)))
    found, expected = (session.run(None, {"ids": one})[0] for one in (wide, ids))
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_feature_of_a_positive_bias_is_not_raised_by_padding():
    bundle = untrained_bundle((3,))
    bundle.weights["convolution.3.bias"][:] = 5
    bundle.weights["convolution.3.weight"][:] = -np.abs(bundle.weights["convolution.3.weight"])
    bundle.weights["embedding"][:] = np.abs(bundle.weights["embedding"])
    assert_equal(bundle, session_of(bundle), [[3], [3, 4, 5, 6, 7, 8, 9], []])


@pytest.fixture(scope="module")
def int8_bundle(tmp_path_factory):
    bundle = untrained_bundle(seed=3)
    config = from_dict(
        Config,
        {
            "model": {
                "embedding_width": 6,
                "filters": 7,
                "kernel_widths": [1, 2, 3],
                "embedding_storage": "int8",
            }
        },
    )
    object.__setattr__(bundle, "config", config)
    folder = tmp_path_factory.mktemp("int8") / "bundle"
    write_bundle(bundle, folder)
    return folder


def test_word_vectors_of_int8_stay_int8_and_are_read_as_the_bundle_reads_them(int8_bundle):
    bundle = read_bundle(int8_bundle)
    stored = load((int8_bundle / "weights.safetensors").read_bytes())
    graph = build_graph(bundle, stored)
    checker.check_model(graph, full_check=True)
    kept = {array.name: array.data_type for array in graph.graph.initializer}
    assert TensorProto.INT8 == kept["embedding"]
    texts = [list(range(1, WORDS)), [5], []]
    assert_equal(bundle, open_graph(graph.SerializeToString()), texts)
    whole = graph_probabilities(session_of(bundle), encode(texts))  # from float32, unpacked
    np.testing.assert_array_equal(
        whole, graph_probabilities(open_graph(graph.SerializeToString()), encode(texts))
    )


def test_weights_of_float16_stay_so_in_the_file():
    bundle = untrained_bundle(hidden=4)
    bundle.weights.update({n: a.astype(np.float16) for n, a in bundle.weights.items()})
    graph = build_graph(bundle, bundle.weights)
    kept = {a.name: a.data_type for a in graph.graph.initializer if a.name in bundle.weights}
    assert dict.fromkeys(bundle.weights, TensorProto.FLOAT16) == kept


def test_the_samples_are_texts_and_words_of_the_whole_vocabulary():
    encoded = samples(untrained_bundle())
    assert 201 == len(encoded.offsets)
    assert set(range(1, WORDS)) == set(encoded.ids.tolist())


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    folder = tmp_path_factory.mktemp("onnx") / "shipped"
    write_onnx_folder(shipped_bundle(), folder)
    return open_graph((folder / "model.onnx").read_bytes()), folder


def largest_on(texts, session):
    bundle = read_bundle(shipped_bundle())
    encoder = Encoder(bundle.vocabulary, tokenizer=bundle.config.text.tokenizer)
    largest = 0.0
    for first in range(0, len(texts), 64):
        encoded = encoder.encode_batch(texts[first : first + 64])
        away = np.abs(graph_probabilities(session, encoded) - expected_of(bundle, encoded))
        largest = max(largest, float(away.max()))
    return largest


def test_the_shipped_model_gives_the_same_on_texts(shipped, tiny):
    assert largest_on(read(tiny / "test.tsv").texts, shipped[0]) <= TOLERANCE


def test_the_shipped_model_stays_small(shipped):
    assert (shipped[1] / "model.onnx").stat().st_size < 9.5e6


@pytest.mark.real_data
def test_the_shipped_model_gives_the_same_on_goemotions(shipped, real_data):
    texts = read(real_data / "goemotions/dev.tsv").texts[::5]
    assert largest_on(texts, shipped[0]) <= TOLERANCE
