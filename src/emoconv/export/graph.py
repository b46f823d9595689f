"""A bundle as an ONNX graph: ids in, probabilities out.

The graph computes what the reference engine does (`emoconv.engine`). A convolution with K - 1
zeros at either end sees every window that holds a word; windows that hold none, of a text that is
shorter than its neighbours, are told by the ids and count as minus infinity, so that a text
without words has features of zero. Word vectors stay int8 or float16 in the file, as they are in
the bundle's. Built with ``onnx`` (extra ``onnx``); knows nothing of folders.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from emoconv.errors import MissingExtraError
from emoconv.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import onnx
    from numpy.typing import NDArray

    from emoconv.bundle import Bundle

__all__ = ["INPUT", "OPSET", "OUTPUT", "build_graph"]

INPUT = "ids"
OUTPUT = "probabilities"

OPSET = 17
"""Of 2022: every operator here is as it was then, and runtimes since ONNX Runtime 1.12 read it."""

_IR_VERSION = 8  # the layout of files that came with opset 17
_TIME = 2  # the axis of windows in (N, F, windows)


def build_graph(bundle: Bundle, stored: Mapping[str, NDArray[Any]]) -> onnx.ModelProto:
    """Return a bundle's graph.

    Its input ``ids`` is int64 (N, T), each row a text's ids with 0 for padding, in [0, V); N and T
    are free, T may be 0. Its output ``probabilities`` is float32 (N, L), calibrated.

    Args:
        bundle: The model.
        stored: Its arrays as its file holds them: ``embedding`` may be int8, with
            ``embedding.scale`` beside it.

    Raises:
        MissingExtraError: onnx is not installed.
    """
    try:
        from onnx import TensorProto, helper  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError("a model in ONNX", extra="onnx") from error
    graph = _Graph(stored)
    features = _features(graph, bundle.config.model.kernel_widths)
    for layer in ("hidden", "output"):
        if f"{layer}.weight" in stored:
            weight, bias = (graph.float32(f"{layer}.{part}") for part in ("weight", "bias"))
            features = graph.add("Gemm", features, weight, bias, transB=1)
            if layer == "hidden":
                features = graph.add("Relu", features)
    scale = graph.constant("calibration.scale", bundle.calibration.scale)
    offset = graph.constant("calibration.offset", bundle.calibration.offset)
    line = graph.add("Add", graph.add("Mul", features, scale), offset)
    graph.add("Sigmoid", line, name=OUTPUT)
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "emoconv",
            [helper.make_tensor_value_info(INPUT, TensorProto.INT64, ["texts", "tokens"])],
            [
                helper.make_tensor_value_info(
                    OUTPUT, TensorProto.FLOAT, ["texts", len(bundle.labels)]
                )
            ],
            initializer=graph.initializers,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=_IR_VERSION,
        producer_name="emoconv",
        producer_version=__version__,
    )
    helper.set_model_props(model, _about(bundle))
    return model


def _about(bundle: Bundle) -> dict[str, str]:
    """Return what the file says of itself beside the graph."""
    text = bundle.config.text
    tokens = "\n".join(bundle.vocabulary.tokens).encode("utf-8", "surrogatepass")
    return {
        "labels": json.dumps(bundle.labels.names),
        "thresholds": json.dumps([float(str(cut)) for cut in bundle.thresholds.values]),
        "tokenizer": text.tokenizer,
        "max_tokens": json.dumps(text.max_tokens),
        "vocabulary_size": str(len(bundle.vocabulary)),
        "vocabulary_sha256": hashlib.sha256(tokens).hexdigest(),
        "fingerprint": bundle.fingerprint(),
    }


class _Graph:
    """Nodes and constants that are added one after the other.

    Args:
        stored: Arrays that become constants when they are asked for.
    """

    def __init__(self, stored: Mapping[str, NDArray[Any]]) -> None:
        self.stored = stored
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []

    def constant(self, name: str, array: NDArray[Any]) -> str:
        """Add an array and return its name."""
        from onnx import numpy_helper  # noqa: PLC0415 - an extra

        self.initializers.append(numpy_helper.from_array(array, name))
        return name

    def add(
        self,
        operator: str,
        *inputs: str,
        name: str | None = None,
        **attributes: Any,  # noqa: ANN401 - as onnx has it
    ) -> str:
        """Add a node of one output and return that output's name."""
        from onnx import helper  # noqa: PLC0415 - an extra

        output = name or f"{operator.lower()}.{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], output, **attributes))
        return output

    def cast(self, value: str, to: str) -> str:
        """Add a cast to a type of ONNX."""
        from onnx import TensorProto  # noqa: PLC0415 - an extra

        return self.add("Cast", value, to=getattr(TensorProto, to))

    def float32(self, name: str) -> str:
        """Return a stored array as float32; in the file it stays what it is."""
        constant = self.constant(name, self.stored[name])
        return constant if self.stored[name].dtype == np.float32 else self.cast(constant, "FLOAT")


def _features(graph: _Graph, widths: Sequence[int]) -> str:
    """Add all from ids to features, float32 (N, F * widths)."""
    one_more = graph.constant("one_more", np.array([0, 0, 0, 1], dtype=np.int64))
    ids = graph.add("Pad", INPUT, one_more)  # (N, T + 1): never of no length
    vectors = graph.add("Transpose", _vectors(graph, ids), perm=[0, 2, 1])  # (N, D, T + 1)
    words = graph.cast(graph.cast(ids, "BOOL"), "FLOAT")
    channel = graph.constant("channel", np.array([1], dtype=np.int64))
    words = graph.add("Unsqueeze", words, channel)  # (N, 1, T + 1)
    nothing = graph.constant("nothing", np.array(-np.inf, dtype=np.float32))
    features = []
    for width in widths:
        ends = [width - 1, width - 1]
        responses = graph.add(
            "Conv", vectors, graph.float32(f"convolution.{width}.weight"), pads=ends
        )  # (N, F, T + width)
        held = graph.add("MaxPool", words, kernel_shape=[width], pads=ends)
        responses = graph.add("Where", graph.cast(held, "BOOL"), responses, nothing)
        largest = graph.add("ReduceMax", responses, axes=[_TIME], keepdims=0)
        bias = graph.float32(f"convolution.{width}.bias")
        features.append(graph.add("Relu", graph.add("Add", largest, bias)))
    return graph.add("Concat", *features, axis=1)


def _vectors(graph: _Graph, ids: str) -> str:
    """Add the look-up of word vectors, float32 (N, T + 1, D), as a bundle's reader has them."""
    found = graph.add("Gather", graph.constant("embedding", graph.stored["embedding"]), ids)
    if graph.stored["embedding"].dtype == np.float32:
        return found
    found = graph.cast(found, "FLOAT")
    if "embedding.scale" not in graph.stored:
        return found
    scale = graph.constant("embedding.scale", graph.stored["embedding.scale"])
    last = graph.constant("last", np.array([2], dtype=np.int64))
    scale = graph.add("Unsqueeze", graph.add("Gather", scale, ids), last)
    rounded = graph.cast(graph.add("Mul", found, scale), "FLOAT16")
    return graph.cast(rounded, "FLOAT")
