"""Keras' files: what is read of them, what is refused, and what becomes of it."""

import hashlib
import json
import pickle
import re
import sys

import h5py
import numpy as np
import pytest

from emoconv.bundle import read_bundle, write_bundle
from emoconv.errors import (
    BundleError,
    ConfigError,
    DataError,
    DataNotFoundError,
    MissingExtraError,
)
from emoconv.labels import GOEMOTIONS, LabelSet
from emoconv.migration import (
    KerasInput,
    WordIndex,
    convert_network,
    pad_sequences,
    read_network,
    read_word_index,
)
from emoconv.text import SPECIALS
from keras_files import (
    LENGTH,
    WORDS,
    random_network,
    tokenizer_json,
    word_index,
    write_h5,
    write_words,
)

INDEX = WordIndex(word_index(), None, (), "")
POST = KerasInput(LENGTH, padding="post", truncating="pre")


def config_of(model, kind, *, last=False):
    layers = [layer for layer in model["config"]["layers"] if layer["class_name"] == kind]
    return layers[-1 if last else 0]["config"]


def set_in(kind, *, last=False, **settings):
    """A change of a layer's settings."""
    return lambda model, _: config_of(model, kind, last=last).update(settings)


def renamed(old, new):
    """A change of one kind of layer into another."""

    def change(model, _):
        for layer in model["config"]["layers"]:
            if layer["class_name"] == old:
                layer["class_name"] = new

    return change


def inserted(place, kind, **config):
    """A change that puts a layer among the others."""
    layer = {"class_name": kind, "config": {"name": f"{kind.lower()}_{place}", **config}}
    return lambda model, _: model["config"]["layers"].insert(place, layer)


def rewritten(name, array):
    """A change of an array, named ``layer/array``."""
    layer, what = name.split("/")
    return lambda _, arrays: arrays[layer].update({what: array})


def both(*changes):
    def change(model, arrays):
        for one in changes:
            one(model, arrays)

    return change


def message_of(path, **options):
    with pytest.raises(DataError) as caught:
        read_network(write_h5(path / "model.h5", random_network(), **options))
    message = str(caught.value)
    assert message.startswith(f"{path / 'model.h5'}: ")
    return message


@pytest.mark.parametrize(
    "options", [{}, {"keras_3": True}, {"old_list": True}], ids=["keras 2", "keras 3", "keras 2.2"]
)
@pytest.mark.parametrize("hidden", [None, 5])
def test_a_network_is_read_as_it_was_written(tmp_path, options, hidden):
    written = random_network(hidden=hidden)
    path = write_h5(tmp_path / "best_model.h5", written, **options)
    read = read_network(path)
    for name in ("vectors", "kernel", "bias"):
        np.testing.assert_array_equal(getattr(written, name), getattr(read, name))
    assert (hidden is None) == (read.hidden is None)
    for old, new in zip((written.hidden, written.output), (read.hidden, read.output), strict=True):
        for one, other in zip(old or (), new or (), strict=True):
            np.testing.assert_array_equal(one, other)
    assert ("valid", LENGTH, "2.3.0-tf") == (read.padding, read.length, read.keras_version)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == read.sha256


def test_a_layer_without_a_bias_has_one_of_zeros(tmp_path):
    def change(_, arrays):
        del arrays["conv1d"]["bias"], arrays["dense"]["bias"]

    read = read_network(write_h5(tmp_path / "m.h5", random_network(), change=change))
    assert ([0] * 7, [0] * 5) == (read.bias.tolist(), read.hidden.bias.tolist())


def test_an_activation_may_be_a_layer_of_its_own(tmp_path):
    change = both(
        set_in("Conv1D", activation="linear"),
        set_in("Dense", activation="linear"),
        set_in("Dense", activation="linear", last=True),
        inserted(2, "Activation", activation="relu"),
        inserted(6, "Activation", activation="relu"),
        inserted(8, "Activation", activation="sigmoid"),
    )
    network = random_network()
    read = read_network(write_h5(tmp_path / "m.h5", network, change=change))
    np.testing.assert_array_equal(network.output.kernel, read.output.kernel)


def test_layers_that_rest_after_training_are_passed_by(tmp_path):
    change = both(
        inserted(1, "SpatialDropout1D", rate=0.2), inserted(5, "GaussianNoise", stddev=1.0)
    )
    assert (
        LENGTH == read_network(write_h5(tmp_path / "m.h5", random_network(), change=change)).length
    )


@pytest.mark.parametrize(
    ("input_length", "shape", "expected"),
    [(LENGTH, [None, None], LENGTH), (None, [None, 7], 7), (None, [None, None], None)],
)
def test_the_length_is_what_the_first_layer_tells(tmp_path, input_length, shape, expected):
    change = set_in("Embedding", input_length=input_length, batch_input_shape=shape)
    read = read_network(write_h5(tmp_path / "m.h5", random_network(), change=change))
    assert expected == read.length


OTHERS = {
    "masked": (set_in("Embedding", mask_zero=True), "mask_zero of the Embedding layer is True; "),
    "strides": (set_in("Conv1D", strides=[2]), "strides of the Conv1D layer is [2]; expected 1"),
    "no strides": (set_in("Conv1D", strides=None), "strides of the Conv1D layer is None"),
    "dilated": (set_in("Conv1D", dilation_rate=[1, 1]), "dilation_rate of the Conv1D layer is [1"),
    "groups": (set_in("Conv1D", groups=7), "groups of the Conv1D layer is 7; expected 1"),
    "causal": (set_in("Conv1D", padding="causal"), "is 'causal'; expected 'valid' or 'same'"),
    "tanh": (set_in("Conv1D", activation="tanh"), "activation of the Conv1D layer is 'tanh'"),
    "channels": (set_in("Conv1D", data_format="channels_first"), "is 'channels_first'"),
    "elu": (set_in("Dense", activation="elu"), "activation of the hidden Dense layer is 'elu'"),
    "softmax": (
        set_in("Dense", activation="softmax", last=True),
        "activation of the last Dense layer is 'softmax'; expected 'sigmoid'",
    ),
    "recurrent": (renamed("Conv1D", "LSTM"), "the layers are Embedding, LSTM, GlobalMaxPooling1D,"),
    "normalized": (renamed("Dropout", "BatchNormalization"), "Conv1D, BatchNormalization, Global"),
    "activation first": (
        inserted(0, "Activation", activation="relu"),
        "the layers are Activation, Embedding",
    ),
    "no layers": (
        lambda model, _: model["config"]["layers"].clear(),
        "the layers are none; expected Embedding, Conv1D, GlobalMaxPooling1D and one or two Dense",
    ),
    "functional": (
        lambda model, _: model.update(class_name="Functional"),
        "the network is a Functional model; expected a Sequential one of Embedding, Conv1D,",
    ),
    "narrow vectors": (
        rewritten("embedding/embeddings", np.ones((42, 5), "f4")),
        "the sizes of the layers do not fit each other: [(42, 5), (3, 6, 7), (7, 5), (5, 28)]",
    ),
    "flat vectors": (rewritten("embedding/embeddings", np.ones(42, "f4")), "fit each other"),
    "more filters": (rewritten("conv1d/kernel", np.ones((3, 6, 8), "f4")), "fit each other"),
    "fewer units": (rewritten("dense/kernel", np.ones((7, 4), "f4")), "fit each other"),
    "a short bias": (rewritten("dense/bias", np.ones(4, "f4")), "fit each other"),
    "whole numbers": (
        rewritten("conv1d/kernel", np.ones((3, 6, 7), "i4")),
        "conv1d/kernel:0 is of int32; expected numbers with a point",
    ),
    "one number": (rewritten("conv1d/kernel", np.float32(1)), "fit each other"),
    "no kernel": (lambda _, arrays: arrays.pop("conv1d"), "not laid out as Keras does"),
    "an array more": (
        lambda _, arrays: arrays["embedding"].update(x=np.ones(1, "f4")),
        "not laid out as Keras does",
    ),
    "no class": (
        lambda model, _: model.pop("class_name"),
        "not laid out as Keras does: 'class_name'",
    ),
    "no config": (lambda model, _: model.update(config=3), "not laid out as Keras does"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_network_of_another_kind_is_refused_by_what_it_has(tmp_path, name):
    change, expected = OTHERS[name]
    assert expected in message_of(tmp_path, change=change)


def test_weights_without_a_description_are_refused(tmp_path):
    path = write_h5(tmp_path / "model.h5", random_network())
    with h5py.File(path, "a") as file:
        del file.attrs["model_config"]
    with pytest.raises(DataError, match=r"it has no model_config: .*save the whole model"):
        read_network(path)


def test_a_description_that_is_no_json_is_refused(tmp_path):
    path = write_h5(tmp_path / "model.h5", random_network())
    with h5py.File(path, "a") as file:
        file.attrs["model_config"] = "{"
    with pytest.raises(DataError, match="not laid out as Keras does"):
        read_network(path)


def test_an_array_of_another_file_is_not_read(tmp_path):
    other = write_h5(tmp_path / "other.h5", random_network())
    path = write_h5(tmp_path / "model.h5", random_network())
    name = "model_weights/conv1d/conv1d/kernel:0"
    with h5py.File(path, "a") as file:
        del file[name]
        file[name] = h5py.ExternalLink(str(other), name)
    with pytest.raises(DataError, match=r"conv1d/kernel:0 lies in another file"):
        read_network(path)


def test_an_array_made_of_another_file_is_not_read(tmp_path):
    other = write_h5(tmp_path / "other.h5", random_network())
    path = write_h5(tmp_path / "model.h5", random_network())
    name = "model_weights/conv1d/conv1d/kernel:0"
    layout = h5py.VirtualLayout(shape=(3, 6, 7), dtype="f4")
    layout[...] = h5py.VirtualSource(str(other), name, shape=(3, 6, 7))
    with h5py.File(path, "a") as file:
        del file[name]
        file.create_virtual_dataset(name, layout)
    with pytest.raises(DataError, match=r"conv1d/kernel:0 lies in another file"):
        read_network(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x89HDF\r\n\x1a\n" + b"\0" * 50])
def test_what_is_no_hdf5_file_is_refused(tmp_path, content):
    (tmp_path / "model.h5").write_bytes(content)
    with pytest.raises(DataError, match=r"model.h5: not an HDF5 file; expected what model.save"):
        read_network(tmp_path / "model.h5")


@pytest.mark.parametrize("read", [read_network, read_word_index])
def test_a_file_that_is_not_there_is_named(tmp_path, read):
    with pytest.raises(DataNotFoundError, match=re.escape(f"{tmp_path / 'no'}: no such file")):
        read(tmp_path / "no")


def test_a_network_without_the_extra_says_which_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'emoconv\[keras\]'"):
        read_network(tmp_path / "model.h5")


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(word_index()),
        "\ufeff" + json.dumps(word_index()),
        tokenizer_json(word_index()),
        json.dumps(tokenizer_json(word_index())),
        tokenizer_json(word_index(), word_index=word_index()),
    ],
    ids=["plain", "with a mark", "to_json", "to_json twice", "to_json unpacked"],
)
def test_a_word_index_is_read_in_every_form_that_people_save(tmp_path, content):
    read = read_word_index(write_words(tmp_path / "w.json", content))
    assert (word_index(), None, ()) == (dict(read.ids), read.unknown, read.others)
    assert hashlib.sha256(content.encode()).hexdigest() == read.sha256


def test_words_come_in_the_order_of_their_numbers(tmp_path):
    read = read_word_index(write_words(tmp_path / "w.json", '{"b": 2, "c": 3, "a": 1}'))
    assert ["a", "b", "c"] == list(read.ids)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_is_refused_unread(tmp_path, protocol):
    (tmp_path / "w.pickle").write_bytes(pickle.dumps(word_index(), protocol))
    with pytest.raises(
        DataError, match=r"this looks like a pickle, and reading one can run code; .*json"
    ):
        read_word_index(tmp_path / "w.pickle")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"lower": False}, "the tokenizer's lower is False; only Keras' default, True, is"),
        ({"filters": "!"}, "the tokenizer's filters is '!'"),
        ({"split": ","}, "the tokenizer's split is ','"),
        ({"char_level": True}, "the tokenizer's char_level is True"),
    ],
)
def test_a_tokenizer_of_other_settings_is_refused(tmp_path, settings, expected):
    path = write_words(tmp_path / "w.json", tokenizer_json(word_index(), **settings))
    with pytest.raises(DataError, match=re.escape(expected)):
        read_word_index(path)


@pytest.mark.parametrize("limit", [1, 2, 10, WORDS, WORDS + 1, 99])
@pytest.mark.parametrize("told", [True, False])
def test_words_are_used_whose_number_is_below_num_words(tmp_path, limit, told):
    content = tokenizer_json(word_index(), num_words=limit if told else None)
    path = write_words(tmp_path / "w.json", content)
    if limit == 1:
        with pytest.raises(DataError, match="none of its 40 entries is a word in use"):
            read_word_index(path, num_words=None if told else limit)
        return
    read = read_word_index(path, num_words=None if told else limit)
    assert min(limit - 1, WORDS) == len(read.ids)


def test_a_given_num_words_goes_before_the_file_s(tmp_path):
    path = write_words(tmp_path / "w.json", tokenizer_json(word_index(), num_words=9))
    assert 4 == len(read_word_index(path, num_words=5).ids)


@pytest.mark.parametrize("tokenizer", [True, False])
def test_the_posts_entry_none_is_no_word(tmp_path, tokenizer):
    """The post: ``tokenizer.word_index[tokenizer.oov_token] = num_words + 1``, oov_token None."""
    index = {**word_index(), None: WORDS + 1}
    content = tokenizer_json(index) if tokenizer else json.dumps(index)
    read = read_word_index(write_words(tmp_path / "w.json", content))
    assert (word_index(), None, ()) == (dict(read.ids), read.unknown, read.others)


def test_a_word_null_beside_the_entry_none_keeps_its_number(tmp_path):
    content = '{"a": 1, "null": 2, "b": 3, "null": 4}'  # as json.dump writes {"null": 2, None: 4}
    assert {"a": 1, "null": 2, "b": 3} == read_word_index(write_words(tmp_path / "w", content)).ids


@pytest.mark.parametrize(
    ("index", "settings", "unknown", "others"),
    [
        ({"<OOV>": 1, "a": 2}, {"oov_token": "<OOV>"}, "<OOV>", ()),
        ({"oov": 1, "a": 2}, {"oov_token": "oov"}, "oov", ()),
        ({"<OOV>": 1, "a": 2}, {}, "<OOV>", ()),
        ({"a": 1, "B": 2, "c d": 3, "<pad>": 4}, {}, None, ("B", "c d", "<pad>")),
        ({"<OOV>": 1, "a": 2, "": 3}, {}, "<OOV>", ("",)),
    ],
)
def test_entries_that_no_text_gives_are_set_apart(tmp_path, index, settings, unknown, others):
    content = tokenizer_json(index, **settings) if settings else json.dumps(index)
    read = read_word_index(write_words(tmp_path / "w.json", content))
    assert (unknown, others) == (read.unknown, read.others)
    assert {"a"} <= set(read.ids) <= {"a", "b"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("words", "not a word index in JSON"),
        ("{", "not a word index in JSON"),
        ('{"config": {}}', "not a word index in JSON ('word_index')"),
        ("[" * 100_000, "not a word index in JSON"),
        ("[1]", "no word index: expected an object of words and their numbers"),
        ("{}", "no word index"),
        ("3", "no word index"),
        ('{"a": 0}', "word 'a' has number 0; expected 1 or more"),
        ('{"a": true}', "word 'a' has number True"),
        ('{"a": 1.5}', "word 'a' has number 1.5"),
        ('{"a": "1"}', "word 'a' has number '1'"),
        ('{"A": 1}', "none of its 1 entries is a word in use"),
    ],
)
def test_what_is_no_word_index_is_refused(tmp_path, content, expected):
    path = write_words(tmp_path / "w.json", content)
    with pytest.raises(DataError, match=re.escape(f"{path}: {expected}")):
        read_word_index(path)


def test_bytes_that_are_no_utf8_are_refused(tmp_path):
    (tmp_path / "w.json").write_bytes(b'{"\xff": 1}')
    with pytest.raises(DataError, match="not a word index in JSON"):
        read_word_index(tmp_path / "w.json")


@pytest.mark.parametrize(
    ("padding", "truncating", "expected"),
    [
        ("post", "pre", [[0, 0, 0], [1, 2, 0], [2, 3, 4]]),
        ("post", "post", [[0, 0, 0], [1, 2, 0], [1, 2, 3]]),
        ("pre", "pre", [[0, 0, 0], [0, 1, 2], [2, 3, 4]]),
        ("pre", "post", [[0, 0, 0], [0, 1, 2], [1, 2, 3]]),
    ],
)
def test_texts_are_padded_and_cut_as_keras_does(padding, truncating, expected):
    shape = KerasInput(3, padding=padding, truncating=truncating)
    assert expected == pad_sequences([[], [1, 2], [1, 2, 3, 4]], shape).tolist()


def converted(network=None, words=INDEX, labels=GOEMOTIONS, shape=POST, threshold=0.25):
    return convert_network(
        network or random_network(), words, labels, shape=shape, threshold=threshold
    )


def test_the_bundle_has_the_words_the_labels_and_the_cut(tmp_path):
    made = converted()
    assert (*SPECIALS, *word_index()) == made.bundle.vocabulary.tokens
    assert GOEMOTIONS == made.bundle.labels
    assert ("fixed", [0.25] * 28) == (
        made.bundle.thresholds.rule,
        made.bundle.thresholds.values.tolist(),
    )
    config = made.bundle.config
    assert ("plain", (3,), 7, 5) == (
        config.text.tokenizer,
        config.model.kernel_widths,
        config.model.filters,
        config.model.hidden,
    )
    write_bundle(made.bundle, tmp_path / "model")
    assert made.bundle.fingerprint() == read_bundle(tmp_path / "model").fingerprint()


@pytest.mark.parametrize(
    ("width", "padding", "side", "trained", "alike", "numbers"),
    [
        (3, "valid", "post", True, 7, 7),
        (3, "valid", "pre", True, 7, 7),
        (1, "valid", "post", True, 9, 6),
        (1, "same", "post", True, 9, 6),
        (2, "same", "post", False, 9, 7),
        (2, "same", "post", True, -1, 7),
        (2, "same", "pre", False, 8, 6),
        (3, "same", "post", False, -1, 6),
        (3, "same", "pre", True, -1, 6),
    ],
)
def test_how_far_texts_are_treated_alike(width, padding, side, trained, alike, numbers):  # noqa: PLR0917 - a table
    network = random_network(width, padding, trained_padding=trained)
    made = converted(network, shape=KerasInput(LENGTH, padding=side, truncating="post"))
    assert alike == made.alike_words
    assert numbers == made.bundle.config.model.embedding_width
    assert (alike < 0) == (made.distances.alike is None)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {},
            ["Texts of more than 7 known words fill Keras' 10", "Keras kept the last 10;"],
        ),
        ({"shape": KerasInput(10, "post", "post")}, ["Texts of more than 7 known words fill"]),
        (
            {"network": random_network(3, "same"), "shape": KerasInput(10, "post", "post")},
            ["The convolution's padding is 'same': windows over the ends of a text differ"],
        ),
        (
            {
                "words": WordIndex(word_index(), "<OOV>", ("A", "B", "C", "D"), ""),
                "shape": KerasInput(10, "post", "post"),
            },
            [
                "Texts of more than",
                "Words that the index lacks were '<OOV>' to Keras; emoconv leaves them out",
                "4 entries of the word index are left out, as no text gives them: 'A', 'B',",
            ],
        ),
        (
            {
                "words": WordIndex(word_index(), None, ("A",), ""),
                "shape": KerasInput(10, "post", "post"),
            },
            ["Texts of more than", "1 entries of the word index are left out, as no text gives"],
        ),
    ],
)
def test_what_differs_is_said(options, expected):
    found = converted(**options).differences
    assert len(expected) == len(found)
    for part, sentence in zip(expected, found, strict=True):
        assert part in sentence


@pytest.mark.parametrize(("truncating", "expected"), [("pre", None), ("post", LENGTH)])
def test_the_first_words_are_kept_where_keras_kept_them(truncating, expected):
    made = converted(shape=KerasInput(LENGTH, padding="post", truncating=truncating))
    assert expected == made.bundle.config.text.max_tokens


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"labels": LabelSet(("joy",))}, "the network has 28 outputs, and 1 are named; name each"),
        (
            {"shape": KerasInput(2, "post", "pre")},
            "texts of 2 words for filters that are 3 wide",
        ),
        ({"threshold": 1.5}, "1.5"),
    ],
)
def test_options_that_do_not_fit_the_network_are_refused(options, expected):
    with pytest.raises(ConfigError, match=expected):
        converted(**options)


def test_an_index_of_more_words_than_vectors_is_refused():
    words = WordIndex({"a": 1, "b": 42}, None, (), "")
    with pytest.raises(DataError, match="word 'b' has number 42, and the embedding has 42 rows"):
        converted(words=words)


def test_a_conversion_that_went_wrong_is_not_handed_out(monkeypatch):
    monkeypatch.setattr(
        "emoconv.migration.comparison.keras_probabilities",
        lambda network, ids: np.zeros((len(ids), len(network.output.bias)), dtype=np.float32),
    )
    with pytest.raises(BundleError, match="this is a mistake of emoconv, please report it"):
        converted()


def test_weights_that_are_no_numbers_are_refused():
    network = random_network()
    network.kernel[0, 0, 0] = np.nan
    with pytest.raises(BundleError, match="is not of finite"):
        converted(network)
