"""A converted model and what Keras computes, held equal; Keras is written out here once more."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emoconv import EmotionDetector
from emoconv.labels import GOEMOTIONS
from emoconv.migration import (
    KerasInput,
    WordIndex,
    convert_network,
    keras_probabilities,
    pad_sequences,
    read_network,
)
from keras_files import LENGTH, WORDS, random_network, word_index, write_h5

INDEX = WordIndex(word_index(), None, (), "")
POST = KerasInput(LENGTH, padding="post", truncating="pre")


def slow_keras(network, numbers, shape):
    """One text through the post's layers, number by number."""
    kept = numbers[-shape.length :] if shape.truncating == "pre" else numbers[: shape.length]
    zeros = [0] * (shape.length - len(kept))
    rows = [network.vectors[i] for i in (zeros + kept if shape.padding == "pre" else kept + zeros)]
    width, wide, filters = network.kernel.shape
    if network.padding == "same":  # as TensorFlow: what cannot be halved goes to the end
        nothing = [np.zeros(wide, dtype=np.float32)]
        rows = nothing * ((width - 1) // 2) + rows + nothing * (width - 1 - (width - 1) // 2)
    units = np.full(filters, -np.inf)
    for start in range(len(rows) - width + 1):
        response = network.bias.astype(float)
        for place in range(width):
            response = response + rows[start + place].astype(float) @ network.kernel[place]
        units = np.maximum(units, np.maximum(response, 0))
    for layer in filter(None, (network.hidden, network.output)):
        units = units @ layer.kernel + layer.bias
        if layer is network.hidden:
            units = np.maximum(units, 0)
    return 1 / (1 + np.exp(-units))


def text_of(numbers):
    return " ".join(f"w{number}" for number in numbers)


networks = st.builds(
    random_network,
    width=st.integers(1, 5),
    padding=st.sampled_from(["valid", "same"]),
    hidden=st.none() | st.integers(1, 6),
    trained_padding=st.booleans(),
    seed=st.integers(0, 99),
)
shapes = st.builds(
    KerasInput,
    st.integers(5, 9),
    padding=st.sampled_from(["post", "pre"]),
    truncating=st.sampled_from(["post", "pre"]),
)
texts = st.lists(st.lists(st.integers(1, WORDS), max_size=14), min_size=1, max_size=6)


@settings(max_examples=50)
@given(network=networks, shape=shapes, texts=texts)
def test_the_forward_pass_is_that_of_keras(network, shape, texts):
    found = keras_probabilities(network, pad_sequences(texts, shape))
    expected = [slow_keras(network, numbers, shape) for numbers in texts]
    np.testing.assert_allclose(found, expected, atol=1e-5)


@settings(max_examples=50)
@given(network=networks, shape=shapes, texts=texts)
def test_short_texts_get_what_keras_gives(network, shape, texts):
    made = convert_network(network, INDEX, GOEMOTIONS, shape=shape, threshold=0.25)
    short = [numbers for numbers in texts if len(numbers) <= made.alike_words] or [[]]
    detector = EmotionDetector(made.bundle, engine="reference")
    found = detector.predict_proba([text_of(numbers) for numbers in short])
    if made.alike_words >= 0:
        expected = [slow_keras(network, numbers, shape) for numbers in short]
        np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("hidden", [None, 5])
@pytest.mark.parametrize("engine", ["reference", "exact"])
def test_a_model_of_the_posts_layout_is_the_same_from_its_file_on(tmp_path, hidden, engine):
    network = random_network(hidden=hidden)
    read = read_network(write_h5(tmp_path / "best_model.h5", network))
    made = convert_network(read, INDEX, GOEMOTIONS, shape=POST, threshold=0.25)
    rng = np.random.default_rng(1)
    texts = [rng.integers(1, WORDS + 1, n).tolist() for n in (*range(LENGTH - 2), 1, 2, 3)]
    detector = EmotionDetector(made.bundle, engine=engine)
    found = detector.predict_proba([text_of(numbers) for numbers in texts])
    expected = np.array([slow_keras(network, numbers, POST) for numbers in texts])
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_array_equal(expected >= 0.25, found >= detector.thresholds)


def test_words_that_the_index_lacks_are_left_out_as_keras_leaves_them_out():
    network = random_network()
    made = convert_network(network, INDEX, GOEMOTIONS, shape=POST, threshold=0.25)
    found = EmotionDetector(made.bundle).predict_proba(["W1, zzz! (w2) <unk> w41 W3?", "zzz"])
    expected = [slow_keras(network, numbers, POST) for numbers in ([1, 2, 3], [])]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_an_explanation_sums_to_the_probability_that_keras_gives():
    network = random_network(hidden=None)
    made = convert_network(network, INDEX, GOEMOTIONS, shape=POST, threshold=0.25)
    found = EmotionDetector(made.bundle).explain("w1 w5 w9", "joy")
    total = found.bias + sum(phrase.share for phrase in found.phrases)
    expected = slow_keras(network, [1, 5, 9], POST)[GOEMOTIONS.index("joy")]
    assert expected == pytest.approx(1 / (1 + np.exp(-total)), abs=1e-5)


def test_padding_that_speaks_is_heard_as_keras_hears_it():
    """A trained padding vector to which filters answer more than to words."""
    network = random_network(hidden=None)
    network.vectors[0] = 3 * network.kernel.sum(axis=(0, 2))
    made = convert_network(network, INDEX, GOEMOTIONS, shape=POST, threshold=0.25)
    detector = EmotionDetector(made.bundle)
    for numbers in ([], [7], [1, 2, 3, 4, 5, 6, 7]):
        expected = slow_keras(network, numbers, POST)
        found = detector.predict_proba([text_of(numbers)])[0]
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_in_longer_texts_no_feature_is_below_keras_own():
    """What is said of the difference: windows over the end are more, never fewer."""
    network = random_network(hidden=None)
    network.output.kernel[:] = np.abs(network.output.kernel)
    made = convert_network(network, INDEX, GOEMOTIONS, shape=POST, threshold=0.25)
    rng = np.random.default_rng(2)
    texts = [rng.integers(1, WORDS + 1, n).tolist() for n in range(LENGTH - 2, 3 * LENGTH)]
    found = EmotionDetector(made.bundle).predict_proba([text_of(numbers) for numbers in texts])
    expected = np.array([slow_keras(network, numbers, POST) for numbers in texts])
    assert (found >= expected - 1e-5).all()
    assert (found > expected + 1e-3).any()
