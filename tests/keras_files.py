"""Files as Keras writes them: a network in HDF5, a word index in JSON; no Keras needed.

The layout of the first is that of ``model.save("best_model.h5")`` in Keras 2.3 (TensorFlow 2.2),
with the layers of the 2020 post, and of Keras 3 where that is asked for.
"""

import json
from pathlib import Path

import h5py
import numpy as np

from emoconv.migration import Dense, Network

WORDS = 40
LENGTH = 10


def random_network(
    width=3, padding="valid", *, hidden=5, labels=28, trained_padding=True, words=WORDS, seed=0
):
    """Weights of about the size that training gives; row 0 is padding's."""
    rng = np.random.default_rng(seed)

    def array(*shape, size=1.0):
        return (size * rng.normal(size=shape)).astype(np.float32)

    vectors = array(words + 2, 6)
    vectors[0] *= trained_padding
    units = hidden or 7
    return Network(
        vectors=vectors,
        kernel=array(width, 6, 7, size=0.3),
        bias=array(7, size=0.5),
        padding=padding,
        hidden=None if hidden is None else Dense(array(7, hidden, size=0.5), array(hidden)),
        output=Dense(array(units, labels, size=0.5), array(labels)),
        length=LENGTH,
        keras_version="2.3.0-tf",
        sha256="",
    )


def layers_of(network, *, keras_3=False):
    """The layers as ``model_config`` describes them, and each one's arrays by name."""
    shape = [None, network.length]
    vectors = network.vectors.shape
    embedding = {"name": "embedding", "input_dim": vectors[0], "output_dim": vectors[1]}
    convolution = {
        "name": "conv1d",
        "filters": len(network.bias),
        "kernel_size": [len(network.kernel)],
        "strides": [1],
        "padding": network.padding,
        "data_format": "channels_last",
        "dilation_rate": [1],
        "activation": "relu",
        "use_bias": True,
    }
    if keras_3:
        convolution["groups"] = 1
        layers = [("InputLayer", {"name": "input_layer", "batch_shape": shape})]
    else:
        embedding |= {"batch_input_shape": shape, "input_length": network.length}
        layers = []
    layers += [
        ("Embedding", {**embedding, "mask_zero": False}),
        ("Conv1D", convolution),
        ("Dropout", {"name": "dropout", "rate": 0.2}),
        ("GlobalMaxPooling1D", {"name": "global_max_pooling1d", "data_format": "channels_last"}),
    ]
    arrays = {
        "embedding": {"embeddings": network.vectors},
        "conv1d": {"kernel": network.kernel, "bias": network.bias},
    }
    dense = [("dense_out", network.output, "sigmoid")]
    if network.hidden is not None:
        dense.insert(0, ("dense", network.hidden, "relu"))
    for name, layer, activation in dense:
        config = {"name": name, "units": len(layer.bias), "activation": activation}
        layers.append(("Dense", config))
        arrays[name] = layer._asdict()
    return [{"class_name": kind, "config": config} for kind, config in layers], arrays


def write_h5(path, network, *, keras_3=False, change=None, old_list=False):
    """Write a network as Keras does; `change` gets the description before it is written."""
    layers, arrays = layers_of(network, keras_3=keras_3)
    config = layers if old_list else {"name": "sequential", "layers": layers}
    model = {"class_name": "Sequential", "config": config}
    if change is not None:
        change(model, arrays)
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = np.bytes_(network.keras_version)
        file.attrs["backend"] = np.bytes_("tensorflow")
        described = json.dumps(model)
        file.attrs["model_config"] = described if keras_3 else np.bytes_(described)
        file.attrs["training_config"] = np.bytes_('{"loss": "binary_crossentropy"}')
        weights = file.create_group("model_weights")
        names = [layer["config"]["name"] for layer in layers]
        weights.attrs["layer_names"] = np.array(names, dtype="S")
        for name in names:
            group = weights.create_group(name)
            prefix, ending = ("sequential/", "") if keras_3 else ("", ":0")
            stored = {
                f"{prefix}{name}/{what}{ending}": array
                for what, array in arrays.get(name, {}).items()
            }
            group.attrs["weight_names"] = np.array(list(stored), dtype="S")
            for what, array in stored.items():
                group[what] = array
    return path


def word_index(words=WORDS):
    """Words w1, w2 and so on, with the numbers in their names."""
    return {f"w{number}": number for number in range(1, words + 1)}


def tokenizer_json(index, **settings):
    """What ``tokenizer.to_json()`` gives."""
    config = {
        "num_words": None,
        "filters": '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n',
        "lower": True,
        "split": " ",
        "char_level": False,
        "oov_token": None,
        "document_count": 3,
        "word_counts": json.dumps(dict.fromkeys(index, 1)),
        "word_index": json.dumps(index),
        "index_word": json.dumps({number: word for word, number in index.items()}),
    }
    return json.dumps({"class_name": "Tokenizer", "config": {**config, **settings}})


def write_words(path, content=None):
    """Write a word index; by default the plain form."""
    Path(path).write_text(content or json.dumps(word_index()), encoding="utf-8")
    return path
