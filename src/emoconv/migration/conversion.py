"""From Keras' network and word index to a bundle that answers as they did.

Keras pads texts to M words and lets the padding's vector e through the convolution; emoconv does
not pad, and sees windows that hang over the ends of a text, where there is zero. Four steps make
the two the same on texts of few enough words.

1. e is taken from every word's vector, and what the filters answer to K times e goes to their
   biases: then padding is zero, as what is outside a text is for emoconv.
2. A window of nothing but padding answers with the bias, so a feature in Keras is never below
   ``max(bias, 0)``. ``max(bias + max(m, 0), 0)``, m being the largest answer without bias, equals
   ``max(min(bias, 0) + m, 0) + max(bias, 0)``: the first part is a feature of emoconv with a bias
   that is not above 0, the second is a constant, which goes to the next layer's bias.
3. ReLU before the maximum and after it are the same, because it does not fall.
4. At the end without padding Keras has no windows that hang over (``padding="valid"``). Every word
   gets one more number in its vector, 1, and the filter's place that such a window leaves empty a
   weight for it that no answer makes up for; the bias takes it back from all other windows.

What remains is in `Converted.differences`: texts that fill up M have windows in emoconv that they
did not have in Keras.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from emoconv.bundle import Bundle
from emoconv.calibration import Calibration
from emoconv.config import Config, ModelConfig, TextConfig
from emoconv.errors import ConfigError, DataError
from emoconv.migration.comparison import Distances, compare
from emoconv.text import SPECIALS, Vocabulary
from emoconv.thresholds import Thresholds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emoconv.labels import LabelSet
    from emoconv.migration.forward import KerasInput
    from emoconv.migration.layout import Network
    from emoconv.migration.words import WordIndex

__all__ = ["Converted", "convert_network"]

_MARGIN = 1.001
"""Of the weight that silences windows over what it has to make up for: float32 rounds."""


@dataclass(frozen=True, eq=False)
class Converted:
    """A converted model.

    Attributes:
        bundle: The model.
        alike_words: Texts of at most so many known words get Keras' probabilities; -1 if none do.
        distances: How far probabilities are from Keras', measured.
        differences: In what else the two differ, a sentence each.
    """

    bundle: Bundle
    alike_words: int
    distances: Distances
    differences: tuple[str, ...]


def convert_network(
    network: Network,
    words: WordIndex,
    labels: LabelSet,
    *,
    shape: KerasInput,
    threshold: float,
) -> Converted:
    """Make a bundle of a network of Keras.

    Args:
        network: Its layers.
        words: Its word index.
        labels: A name for each output, in their order.
        shape: How texts were padded and cut.
        threshold: The cut of every label.

    Raises:
        ConfigError: The names are not as many as the outputs, texts are shorter than a filter is
            wide, or the threshold is not in [0, 1].
        DataError: A word's number is not below the rows of the embedding.
    """
    width, count = len(network.kernel), len(network.output.bias)
    if len(labels) != count:
        raise ConfigError(
            f"the network has {count} outputs, and {len(labels)} are named; name each, in order"
        )
    if shape.length < width:
        raise ConfigError(f"texts of {shape.length} words for filters that are {width} wide")
    last = max(words.ids, key=lambda word: words.ids[word])
    if words.ids[last] >= len(network.vectors):
        raise DataError(
            f"word {last!r} has number {words.ids[last]}, and the embedding has "
            f"{len(network.vectors)} rows; is there a num_words, or is it another model's index?"
        )
    geometry = _Geometry.of(network, shape)
    bundle = Bundle(
        config=Config(
            text=TextConfig(
                tokenizer="plain",
                min_count=1,
                max_tokens=shape.length if shape.truncating == "post" else None,
            ),
            model=ModelConfig(
                embedding_width=network.vectors.shape[1] + geometry.silences,
                kernel_widths=(width,),
                filters=len(network.bias),
                hidden=None if network.hidden is None else len(network.hidden.bias),
            ),
        ),
        labels=labels,
        vocabulary=Vocabulary([*SPECIALS, *words.ids]),
        thresholds=Thresholds.fixed(threshold, count),
        calibration=Calibration.identity(count),
        weights=_weights(network, np.array([0, *words.ids.values()]), geometry),
    )
    return Converted(
        bundle,
        geometry.alike_words,
        compare(bundle, network, words, shape=shape, alike_words=geometry.alike_words),
        tuple(_differences(network, words, shape, geometry)),
    )


@dataclass(frozen=True)
class _Geometry:
    """Which windows Keras has and which emoconv has.

    Attributes:
        place: Of a filter: the one that is empty in a window that hangs over the end without
            padding; all of that end's windows that Keras lacks, if it lacks all that hang over.
        silences: Whether they are to be silenced, as step 4 above does.
        alike_words: Texts of at most so many words have the same windows in both; -1 if none do.
    """

    place: int
    silences: bool
    alike_words: int

    @classmethod
    def of(cls, network: Network, shape: KerasInput) -> _Geometry:
        """Count windows.

        With ``padding="same"`` Keras puts ``(K - 1) // 2`` zero vectors before a text and
        ``K // 2`` after it, so windows hang over the end without padding by as many words.
        """
        width = len(network.kernel)
        before, after = (width - 1) // 2, width // 2
        if network.padding == "valid":
            before = after = 0
        hang, more = (before, after) if shape.padding == "post" else (after, before)
        silences = hang == 0 and width > 1
        alike = shape.length - width + more
        outside_is_padding = not (before or after) or not network.vectors[0].any()
        if not (outside_is_padding and (silences or hang == width - 1)):
            alike = -1
        return cls(0 if shape.padding == "post" else width - 1, silences, alike)


def _weights(
    network: Network, rows: NDArray[np.int64], geometry: _Geometry
) -> dict[str, NDArray[np.floating[Any]]]:
    """Return the bundle's arrays, float32; `rows` are padding's row and then each word's."""
    width, wide, filters = network.kernel.shape
    kernel = network.kernel.astype(np.float64)
    rest = network.vectors[0].astype(np.float64)
    vectors = network.vectors[rows] - rest  # (1 + words, D); padding's is zero
    resting = network.bias + np.einsum("d,kdf->f", rest, kernel)
    weight = np.zeros((filters, wide + geometry.silences, width))
    weight[:, :wide] = kernel.transpose(2, 1, 0)
    embedding = np.zeros((len(SPECIALS) + len(rows) - 1, wide + geometry.silences))
    embedding[len(SPECIALS) :, :wide] = vectors[1:]
    bias = np.minimum(resting, 0)
    if geometry.silences:
        others = [j for j in range(width) if j != geometry.place]
        loudest = sum((vectors @ kernel[j]).max(axis=0) for j in others)  # of row 0 it is 0
        silence = _MARGIN * loudest
        embedding[len(SPECIALS) :, wide] = 1
        weight[:, wide, geometry.place] = silence
        bias -= silence
    layers = {"output": network.output}
    if network.hidden is not None:
        layers = {"hidden": network.hidden, **layers}
    arrays: dict[str, NDArray[np.floating[Any]]] = {
        "embedding": embedding,
        f"convolution.{width}.weight": weight,
        f"convolution.{width}.bias": bias,
    }
    constant = np.maximum(resting, 0)
    for name, layer in layers.items():
        arrays |= {
            f"{name}.weight": layer.kernel.T,
            f"{name}.bias": layer.bias + constant @ layer.kernel,
        }
        constant = np.zeros(layer.kernel.shape[1])
    return {name: np.ascontiguousarray(array, dtype=np.float32) for name, array in arrays.items()}


def _differences(
    network: Network, words: WordIndex, shape: KerasInput, geometry: _Geometry
) -> list[str]:
    """Say in what the bundle and Keras differ."""
    found = []
    if geometry.alike_words < 0:
        found.append(
            f"The convolution's padding is {network.padding!r}: windows over the ends of a text "
            "differ, so probabilities do in texts of any length."
        )
    else:
        found.append(
            f"Texts of more than {geometry.alike_words} known words fill Keras' {shape.length} so "
            "far that windows over their end, which emoconv has, had no place."
        )
    if shape.truncating == "pre":
        found.append(
            f"Of texts of more than {shape.length} known words Keras kept the last "
            f"{shape.length}; emoconv reads them whole."
        )
    if words.unknown is not None:
        found.append(
            f"Words that the index lacks were {words.unknown!r} to Keras; emoconv leaves them out."
        )
    if words.others:
        shown = ", ".join(map(repr, words.others[:3]))
        found.append(
            f"{len(words.others):,} entries of the word index are left out, as no text gives "
            f"them: {shown}{' ...' if len(words.others) > 3 else ''}."  # noqa: PLR2004 - as above
        )
    return found
