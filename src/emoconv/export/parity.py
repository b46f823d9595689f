"""Whether an ONNX graph gives what the reference engine gives, in ONNX Runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from emoconv.engine import ReferenceEngine
from emoconv.errors import MissingExtraError
from emoconv.export.graph import INPUT, OUTPUT
from emoconv.text import Encoded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emoconv.bundle import Bundle

__all__ = ["TEXTS", "graph_probabilities", "largest_difference", "open_graph", "padded", "samples"]

TEXTS = (
    "",
    "?!",
    "Thank you so much!",
    "I'm SO happyyy for you!!! 😂👍🏽",
    "I can't believe you came all this way, and now you tell me that nobody was home.",
    "zzyzx qwxv",
    "no",
    "Why would anyone do that? I was not angry, only disappointed. " * 12,
)
"""What a graph is tried on: without words, of one, of unknown ones, long."""

_DRAWN = 192
_LONGEST_DRAWN = 32


def samples(bundle: Bundle) -> Encoded:
    """Return the ids of `TEXTS`, and of texts of words drawn from the whole vocabulary."""
    encoder = bundle.encoder()
    rng = np.random.default_rng(0)
    rows = [encoder.encode(one)[0] for one in TEXTS]
    rows += [
        rng.integers(1, len(bundle.vocabulary), length).tolist()
        for length in rng.integers(1, _LONGEST_DRAWN + 1, _DRAWN)
    ]
    ids = np.array([one for row in rows for one in row], dtype=np.int32)
    return Encoded(ids, np.cumsum([0, *map(len, rows)], dtype=np.int64))


def padded(encoded: Encoded) -> NDArray[np.int64]:
    """Return N texts' ids as a rectangle, int64 (N, the longest), 0 after each text's end."""
    lengths = np.diff(encoded.offsets)
    rectangle = np.zeros((len(lengths), int(lengths.max(initial=0))), dtype=np.int64)
    rectangle[np.arange(rectangle.shape[1]) < lengths[:, None]] = encoded.ids
    return rectangle


def open_graph(model: bytes, *, threads: int = 1) -> Any:  # noqa: ANN401 - onnxruntime has no types
    """Return an ``onnxruntime.InferenceSession`` on the processor.

    Raises:
        MissingExtraError: onnxruntime is not installed.
    """
    try:
        import onnxruntime  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError("checking a model in ONNX", extra="onnx") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def graph_probabilities(session: Any, encoded: Encoded) -> NDArray[np.float32]:  # noqa: ANN401 - as above
    """Return what a graph gives for N texts, float32 (N, L)."""
    found: NDArray[np.float32] = session.run([OUTPUT], {INPUT: padded(encoded)})[0]
    return found


def largest_difference(bundle: Bundle, model: bytes) -> tuple[float, int]:
    """Return how far a graph's probabilities are from the engine's at most, and on how many texts.

    Args:
        bundle: The model.
        model: Its graph, as written to a file.
    """
    encoded = samples(bundle)
    expected = bundle.calibration.apply(ReferenceEngine(bundle).logits(encoded))
    found = graph_probabilities(open_graph(model), encoded)
    return float(np.abs(found - expected).max()), len(expected)
