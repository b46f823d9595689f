"""A folder with a model as an ONNX graph, and what is needed to feed it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emoconv.bundle import read_bundle
from emoconv.errors import BundleError
from emoconv.export.graph import build_graph
from emoconv.export.guide import GRAPH, guide
from emoconv.export.parity import largest_difference
from emoconv.export.writing import check_new, write_folder

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["TOLERANCE", "OnnxFolder", "write_onnx_folder"]

TOLERANCE = 1e-5
"""How far a probability may be from the engine's. Sums of float32 in another order are 1e-6 apart
on GoEmotions (``benchmarks/onnx_parity.py``)."""

_COPIED = ("labels.json", "vocabulary.json", "thresholds.json", "config.json")


class OnnxFolder(NamedTuple):
    """What was written.

    Attributes:
        size_bytes: Of the graph's file.
        largest_difference: Of a probability from the reference engine's.
        checked_texts: On how many texts that was measured.
    """

    size_bytes: int
    largest_difference: float
    checked_texts: int


def write_onnx_folder(model: Path, output: Path, *, tolerance: float = TOLERANCE) -> OnnxFolder:
    """Write a model as an ONNX graph, once that gives what the engine gives.

    Args:
        model: The folder of a bundle.
        output: The new folder.
        tolerance: How far a probability may be from the engine's.

    Raises:
        ConfigError: There is something at ``output`` already.
        BundleError: ``model`` is no whole bundle, or the graph's answers are further away than
            ``tolerance``; nothing is written then.
        BundleVersionError: It was written by a newer emoconv.
        MissingExtraError: onnx or onnxruntime is not installed.
    """
    from safetensors.numpy import load  # noqa: PLC0415 - only when exporting

    check_new(output)
    bundle = read_bundle(model)
    graph = build_graph(bundle, load((model / "weights.safetensors").read_bytes()))
    from onnx import checker  # noqa: PLC0415 - an extra; it was there for the graph

    checker.check_model(graph, full_check=True)
    content = graph.SerializeToString()
    difference, count = largest_difference(bundle, content)
    if not difference <= tolerance:
        raise BundleError(
            f"{model}: the graph's probabilities are up to {difference:.2g} from the engine's, "
            f"more than {tolerance:.2g}; nothing was written"
        )
    files: dict[str, bytes | Path] = {GRAPH: content, "README.md": guide(bundle).encode()}
    files |= {name: model / name for name in _COPIED}
    if (model / "README.md").is_file():
        files["CARD.md"] = model / "README.md"
    write_folder(output, files)
    return OnnxFolder(len(content), difference, count)
