"""A model in other forms: an ONNX graph, and a folder as the Hugging Face Hub wants it.

Knows bundles and the reference engine, which an exported graph is compared with.
"""

from emoconv.export.hub_folder import HubFiles, hub_files, write_hub_folder
from emoconv.export.onnx_folder import TOLERANCE, OnnxFolder, write_onnx_folder

__all__ = [
    "TOLERANCE",
    "HubFiles",
    "OnnxFolder",
    "hub_files",
    "write_hub_folder",
    "write_onnx_folder",
]
