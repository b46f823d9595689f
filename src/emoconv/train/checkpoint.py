"""The state of a training run in one safetensors file, written whole or not at all."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from emoconv.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor, nn
    from torch.optim import Optimizer

__all__ = ["Progress", "restore", "save"]


@dataclass
class Progress:
    """How far a run has come.

    Attributes:
        run: Fingerprint of config, data and vectors; a checkpoint continues its own run only.
        epoch: Epochs done.
        best_epoch: The epoch whose weights are the best so far, from 1; 0 before the first.
        history: One row an epoch.
        rng: The state of the numpy generator that orders the batches.
    """

    run: str
    epoch: int = 0
    best_epoch: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    rng: dict[str, object] = field(default_factory=dict)


def _optimizer_tensors(optimizers: list[Optimizer]) -> dict[str, Tensor]:
    """Name every tensor and number of the optimizers' states."""
    return {
        f"optimizer.{i}.{parameter}.{name}": torch.as_tensor(value)
        for i, optimizer in enumerate(optimizers)
        for parameter, state in optimizer.state_dict()["state"].items()
        for name, value in state.items()
    }


def save(
    path: Path,
    progress: Progress,
    *,
    network: nn.Module,
    best: dict[str, Tensor],
    optimizers: list[Optimizer],
) -> None:
    """Write a checkpoint beside its place, then move it there."""
    tensors = {f"network.{k}": v for k, v in network.state_dict().items()}
    tensors |= {f"best.{k}": v for k, v in best.items()}
    tensors |= _optimizer_tensors(optimizers)
    tensors["torch_rng"] = torch.get_rng_state()
    tensors = {k: v.detach().cpu().clone().contiguous() for k, v in tensors.items()}
    unfinished = path.with_name(path.name + ".part")
    save_file(tensors, unfinished, metadata={"progress": json.dumps(asdict(progress))})
    os.replace(unfinished, path)  # noqa: PTH105 - a rename, atomic within a file system


def restore(
    path: Path, *, run: str, network: nn.Module, optimizers: list[Optimizer]
) -> tuple[Progress, dict[str, Tensor]]:
    """Read a checkpoint into network, optimizers and the global torch generator.

    Returns:
        The progress and the best weights so far.

    Raises:
        DataError: The file is no checkpoint, or is one of another run.
    """
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
        progress = Progress(**json.loads(metadata["progress"]))
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"not a checkpoint ({error}); --restart starts over", path=path) from None
    if progress.run != run:
        raise DataError(
            "a checkpoint of a run with other settings, data or vectors; "
            "give those again, or --restart to start over",
            path=path,
        )
    network.load_state_dict(_under("network.", tensors))
    for i, optimizer in enumerate(optimizers):
        saved: dict[int, dict[str, Tensor | int]] = {}
        for name, tensor in _under(f"optimizer.{i}.", tensors).items():
            parameter, _, key = name.partition(".")
            # Lazy Adam counts in int; a tensor there would turn its step size into float32.
            counts = tensor.dtype is torch.int64
            saved.setdefault(int(parameter), {})[key] = int(tensor) if counts else tensor
        optimizer.load_state_dict({**optimizer.state_dict(), "state": saved})
    torch.set_rng_state(tensors["torch_rng"])
    return progress, _under("best.", tensors)


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
