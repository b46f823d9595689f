"""The shipped network in torch and ONNX Runtime, with the package's Python tokeniser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from peers.base import Batched, Peer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    import torch
    from numpy.typing import NDArray

_BATCH_SIZES = (16, 64, 256)
_FILE = "cnn.onnx"


def network() -> torch.nn.Module:
    """Return the shipped bundle's network as a torch module that gives probabilities.

    Its layers are called as anybody would for inference: convolutions, a mask, a maximum. The
    package's own forward pass is made for training, where only the winners get a gradient.
    """
    import torch  # noqa: PLC0415

    from emoconv.bundle import read_bundle, shipped_bundle  # noqa: PLC0415
    from emoconv.train.network import network_of  # noqa: PLC0415

    bundle = read_bundle(shipped_bundle())

    class Calibrated(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network_of(bundle)
            self.register_buffer("scale", torch.from_numpy(bundle.calibration.scale.copy()))
            self.register_buffer("offset", torch.from_numpy(bundle.calibration.offset.copy()))

        def forward(self, ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
            words = self.network.embedding(ids).transpose(1, 2)  # (B, D, T)
            found = []
            for width, convolution in self.network.convolutions.items():
                responses = convolution(words)  # (B, F, T + K - 1)
                windows = torch.arange(responses.shape[2])
                outside = windows >= (lengths + int(width) - 1)[:, None]
                found.append(responses.masked_fill(outside[:, None], -1e9).amax(dim=2))
            features = torch.relu(torch.cat(found, dim=1)) * (lengths > 0)[:, None]
            logits = self.network.output(features)
            return torch.sigmoid(self.scale * logits + self.offset)

    return Calibrated().eval()


def _batched(run: Callable[..., NDArray[np.float32]]) -> Batched:
    from emoconv.bundle import read_bundle, shipped_bundle  # noqa: PLC0415
    from emoconv.text import Encoder  # noqa: PLC0415

    bundle = read_bundle(shipped_bundle())
    encoder = Encoder(
        bundle.vocabulary,
        tokenizer=bundle.config.text.tokenizer,
        max_tokens=bundle.config.text.max_tokens,
    )

    def encode(texts: list[str]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        return tuple(encoder.encode_batch(texts))

    return Batched(encode, run, pad=0, batch_sizes=_BATCH_SIZES)


def _load_torch(*, compiled: bool, threads: int) -> Batched:
    import torch  # noqa: PLC0415

    torch.set_num_threads(threads)
    module = network()
    if compiled:
        module = torch.compile(module, dynamic=True)

    @torch.inference_mode()
    def run(ids: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.float32]:
        return module(torch.from_numpy(ids), torch.from_numpy(lengths)).numpy()

    return _batched(run)


def _prepare_onnx(work: Path, _: Path) -> None:
    import torch  # noqa: PLC0415

    example = torch.ones((3, 7), dtype=torch.int64), torch.tensor([7, 2, 4])
    torch.onnx.export(
        network(),
        example,
        work / _FILE,
        input_names=["ids", "lengths"],
        output_names=["probabilities"],
        dynamic_axes={"ids": {0: "texts", 1: "tokens"}, "lengths": {0: "texts"}},
        dynamo=False,
    )


def _load_onnx(work: Path, threads: int) -> Batched:
    from peers.onnx_session import open_session  # noqa: PLC0415

    session = open_session(work / _FILE, threads)

    def run(ids: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.float32]:
        return session.run(None, {"ids": ids, "lengths": lengths})[0]

    return _batched(run)


PEERS = {
    "cnn-onnx": Peer(
        about="the same network in ONNX Runtime",
        packages=("onnxruntime",),
        prepare=_prepare_onnx,
        load=_load_onnx,
        files=(_FILE,),
        same_network=True,
    ),
    "cnn-torch": Peer(
        about="the same network in torch, eager",
        packages=("torch", "numpy"),
        load=lambda _, threads: _load_torch(compiled=False, threads=threads),
        same_network=True,
    ),
    "cnn-torch-compile": Peer(
        about="the same network in torch, `torch.compile`",
        packages=("torch", "numpy"),
        load=lambda _, threads: _load_torch(compiled=True, threads=threads),
        same_network=True,
    ),
}
