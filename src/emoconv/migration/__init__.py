"""A network of the 2020 blog post, trained and saved with Keras, becomes a bundle.

Reads Keras' HDF5 file with ``h5py`` (extra ``keras``) and the word index as JSON; no TensorFlow,
no pickle. Facts of the post: https://ryanandersonds.com/posts/Multi-Label-Emotion-Classification.
"""

from emoconv.migration.conversion import Converted, convert_network
from emoconv.migration.forward import KerasInput, Side, keras_probabilities, pad_sequences
from emoconv.migration.layout import Dense, Network, read_network
from emoconv.migration.words import WordIndex, read_word_index

__all__ = [
    "Converted",
    "Dense",
    "KerasInput",
    "Network",
    "Side",
    "WordIndex",
    "convert_network",
    "keras_probabilities",
    "pad_sequences",
    "read_network",
    "read_word_index",
]
