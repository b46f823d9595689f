"""Keras' HDF5 file of a text CNN: its layers and their weights.

The layout is that of ``model.save("best_model.h5")`` and of the callback ``ModelCheckpoint`` in
Keras 2 (``hdf5_format.py``), which Keras 3 still writes: the attribute ``model_config`` describes
the layers in JSON; the group ``model_weights`` has a group for each layer, whose attribute
``weight_names`` lists its arrays in the order in which the layer made them. Layers that do nothing
once training is over are passed by. Any other layer or setting is refused.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from emoconv.errors import DataError, DataNotFoundError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["Dense", "Network", "read_network"]

_IDLE = {
    *("InputLayer", "Dropout", "SpatialDropout1D"),
    *("GaussianDropout", "GaussianNoise", "AlphaDropout", "ActivityRegularization"),
}
_EXPECTED = "Embedding, Conv1D, GlobalMaxPooling1D and one or two Dense, one after the other"
_SETTINGS: dict[str, dict[str, tuple[object, ...]]] = {
    "Embedding": {"mask_zero": (False,)},
    "Conv1D": {
        "strides": (1,),
        "dilation_rate": (1,),
        "groups": (1,),
        "data_format": ("channels_last",),
        "activation": ("relu",),
        "padding": ("valid", "same"),
    },
    "GlobalMaxPooling1D": {"data_format": ("channels_last",)},
    "hidden Dense": {"activation": ("relu",)},
    "last Dense": {"activation": ("sigmoid",)},
}
"""What a setting must be where it is given; of several the network has the one that is there."""


class Dense(NamedTuple):
    """A dense layer.

    Attributes:
        kernel: float32 (inputs, outputs), as Keras has it.
        bias: float32 (outputs,).
    """

    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Network:
    """A text CNN as Keras keeps it.

    Attributes:
        vectors: float32 (V, D); row 0 is what padding is read as, and may be trained.
        kernel: float32 (K, D, F), the convolution's.
        bias: float32 (F,).
        padding: ``"same"`` where the convolution adds zero vectors at both ends, else ``"valid"``.
        hidden: A layer with ReLU, from F to H; or None.
        output: A layer with sigmoid, from F or H to L.
        length: To how many words texts are padded and cut, where the file tells; or None.
        keras_version: Of the Keras that wrote the file.
        sha256: Of the file, in hexadecimal.
    """

    vectors: NDArray[np.float32]
    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]
    padding: Literal["valid", "same"]
    hidden: Dense | None
    output: Dense
    length: int | None
    keras_version: str
    sha256: str


class _Layer(NamedTuple):
    """A layer as ``model_config`` describes it."""

    kind: str
    config: dict[str, Any]


def read_network(path: Path) -> Network:
    """Read a network from the file that Keras wrote.

    Raises:
        DataNotFoundError: There is no such file.
        DataError: It is no such file, or its network is not a text CNN of the post's shape.
        MissingExtraError: h5py is not installed.
    """
    try:
        import h5py  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError("a model of Keras", extra="keras") from error
    if not path.is_file():
        raise DataNotFoundError("no such file", path=path)
    content = path.read_bytes()
    try:
        file = h5py.File(path, "r")
    except OSError:
        raise DataError(
            "not an HDF5 file; expected what model.save('best_model.h5') of Keras writes", path=path
        ) from None
    with file:
        try:
            layers = _layers(file.attrs)
            arrays = _Arrays(file)
            network = _network(layers, arrays)
        except _NotOursError as error:
            raise DataError(str(error), path=path) from None
        except (AttributeError, IndexError, KeyError, OSError, TypeError, ValueError) as error:
            raise DataError(f"not laid out as Keras does: {error}", path=path) from None
        version = file.attrs.get("keras_version", "of an unknown version")
    return Network(
        **network,
        keras_version=_text(version),
        sha256=hashlib.sha256(content).hexdigest(),
    )


class _NotOursError(Exception):
    """The file is Keras' but not of a network that can be converted."""


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _layers(attributes: Mapping[str, Any]) -> list[_Layer]:
    """Return the layers of the file's network, in their order."""
    if "model_config" not in attributes:
        raise _NotOursError(
            "it has no model_config: weights without the network's description; save the whole "
            "model, model.save('best_model.h5')"
        )
    described = json.loads(_text(attributes["model_config"]))
    if described["class_name"] != "Sequential":
        raise _NotOursError(
            f"the network is a {described['class_name']} model; expected a Sequential one of "
            f"{_EXPECTED}"
        )
    config = described["config"]  # before Keras 2.2.3 the list itself
    listed = config["layers"] if isinstance(config, dict) else config
    return [_Layer(layer["class_name"], layer["config"]) for layer in listed]


class _Arrays:
    """The weights of a file, by layer.

    Args:
        file: An open ``h5py.File``.
    """

    def __init__(self, file: Any) -> None:  # noqa: ANN401 - h5py has no types
        self._file = file
        self._weights = file["model_weights"]

    def of(self, layer: _Layer) -> list[NDArray[np.float32]]:
        """Return the arrays of a layer, float32."""
        group = self._weights[layer.config["name"]]
        return [self._array(group, _text(name)) for name in group.attrs["weight_names"]]

    def _array(self, group: Any, name: str) -> NDArray[np.float32]:  # noqa: ANN401 - as above
        dataset = group[name]
        elsewhere = dataset.file.filename != self._file.filename
        if elsewhere or dataset.is_virtual or dataset.external:
            raise _NotOursError(f"{name} lies in another file; expected it in this one")
        if dataset.dtype.kind != "f":
            raise _NotOursError(f"{name} is of {dataset.dtype}; expected numbers with a point")
        return np.asarray(dataset[...], dtype=np.float32)


def _network(layers: Iterable[_Layer], arrays: _Arrays) -> dict[str, Any]:
    """Return the parts of a `Network` that the layers tell."""
    all_layers = list(layers)
    working = _with_activations(layer for layer in all_layers if layer.kind not in _IDLE)
    kinds = [layer.kind for layer in working]
    front = ["Embedding", "Conv1D", "GlobalMaxPooling1D", "Dense"]
    if kinds not in (front, [*front, "Dense"]):
        raise _NotOursError(f"the layers are {', '.join(kinds) or 'none'}; expected {_EXPECTED}")
    embedding, convolution, pooling, *hidden, output = working
    for what, layer in zip(_SETTINGS, (embedding, convolution, pooling), strict=False):
        _check_settings(what, layer)
    for layer in hidden:
        _check_settings("hidden Dense", layer)
    _check_settings("last Dense", output)
    (vectors,) = arrays.of(embedding)
    kernel, bias = _with_bias(arrays.of(convolution))
    dense = [Dense(*_with_bias(arrays.of(layer))) for layer in (*hidden, output)]
    if not _fit(vectors, kernel, bias, dense):
        sizes = [array.shape for array in (vectors, kernel, *(layer.kernel for layer in dense))]
        raise _NotOursError(f"the sizes of the layers do not fit each other: {sizes}")
    return {
        "vectors": vectors,
        "kernel": kernel,
        "bias": bias,
        "padding": convolution.config.get("padding", "valid"),
        "hidden": dense[0] if hidden else None,
        "output": dense[-1],
        "length": _length(all_layers),
    }


def _with_activations(layers: Iterable[_Layer]) -> list[_Layer]:
    """Return the layers, with an ``Activation`` that follows a linear layer as that layer's own."""
    found: list[_Layer] = []
    for layer in layers:
        if layer.kind == "Activation" and found and found[-1].config["activation"] == "linear":
            own = {**found[-1].config, "activation": layer.config["activation"]}
            found[-1] = found[-1]._replace(config=own)
        else:
            found.append(layer)
    return found


def _check_settings(what: str, layer: _Layer) -> None:
    for name, allowed in _SETTINGS[what].items():
        value = layer.config.get(name, allowed[0])
        one = value[0] if isinstance(value, list) and len(value) == 1 else value
        if one not in allowed:
            raise _NotOursError(
                f"{name} of the {what} layer is {value!r}; expected "
                f"{' or '.join(map(repr, allowed))}"
            )


def _with_bias(
    arrays: list[NDArray[np.float32]],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return a layer's kernel and bias, zeros where it was made without one."""
    kernel, *bias = arrays
    return kernel, bias[0] if bias else np.zeros(kernel.shape[-1], dtype=np.float32)


def _fit(
    vectors: NDArray[np.float32],
    kernel: NDArray[np.float32],
    bias: NDArray[np.float32],
    dense: list[Dense],
) -> bool:
    """Tell whether each layer takes what the one before it gives."""
    axes = (vectors.ndim, kernel.ndim, *(layer.kernel.ndim for layer in dense))
    if axes != (2, 3, *(2 for _ in dense)):
        return False
    units = kernel.shape[2]
    joints = [(vectors.shape[1:], kernel.shape[1:2]), ((units,), bias.shape)]
    for layer in dense:
        joints += [((units,), layer.kernel.shape[:1]), (layer.kernel.shape[1:], layer.bias.shape)]
        units = layer.kernel.shape[1]
    return all(given == taken for given, taken in joints)


def _length(layers: list[_Layer]) -> int | None:
    """Return the length of texts that the first layers tell."""
    for layer in layers[:2]:
        for name in ("input_length", "batch_input_shape", "batch_shape"):
            value = layer.config.get(name)
            last = value[-1] if isinstance(value, list) else value
            if isinstance(last, int):
                return last
    return None
