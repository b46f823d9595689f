"""Where a network learns: a device, and the processes that learn together.

Several processes, as torchrun starts them, have a copy of the network each and a part of every
batch. Gradients are added up, so that all copies take the step that one process would have taken.
"""

from __future__ import annotations

import datetime as dt
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import distributed

from emoconv.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray
    from torch import Tensor, nn

__all__ = ["Placement", "find_device", "placed"]

_LONGEST_WAIT = dt.timedelta(days=1)
"""A process may read and tokenise for hours while others wait for it."""


@dataclass(frozen=True)
class Placement:
    """A device and this process's place among those that learn together.

    Attributes:
        device: Of this process.
        rank: This process's number, from 0.
        world_size: How many processes there are.
    """

    device: torch.device = torch.device("cpu")  # noqa: RUF009 - it never changes
    rank: int = 0
    world_size: int = 1

    @property
    def is_first(self) -> bool:
        """Whether this process is the one that writes and speaks."""
        return self.rank == 0

    @property
    def is_plain(self) -> bool:
        """Whether there is one process, on the processor."""
        return self.world_size == 1 and self.device.type == "cpu"

    def seed(self, seed: int, epoch: int) -> None:
        """Begin an epoch with random numbers of its own, others in each process.

        Where `is_plain`, torch's generator goes on as it was: a checkpoint holds its state.
        """
        if not self.is_plain:
            numbers = np.random.SeedSequence([seed, epoch, self.rank]).generate_state(1, np.uint64)
            torch.manual_seed(int(numbers[0]))

    def wait(self) -> None:
        """Wait until every process is here."""
        if self.world_size > 1:
            distributed.barrier()

    def agrees(self, fact: bool) -> bool:  # noqa: FBT001 - a fact, not a setting
        """Return whether a fact is the same in all processes."""
        count = self.total(np.array([float(fact)]))[0]
        return bool(count in (0, self.world_size))

    def total(self, array: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return the sum of all processes' arrays, of the same shape and dtype, to each of them."""
        if self.world_size == 1:
            return array
        tensor = torch.from_numpy(array).to(self.device)
        distributed.all_reduce(tensor)
        found: NDArray[np.floating] = tensor.cpu().numpy()
        return found

    def total_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Replace the gradients of parameters by their sums over all processes."""
        if self.world_size == 1:
            return
        learning = [p for p in parameters if p.grad is not None]
        self._add_dense([p.grad for p in learning if p.grad is not None and not p.grad.is_sparse])
        for parameter in learning:
            if parameter.grad is not None and parameter.grad.is_sparse:
                parameter.grad = self._gathered(parameter.grad.coalesce())

    def _add_dense(self, gradients: list[Tensor]) -> None:
        together = torch.cat([gradient.flatten() for gradient in gradients])
        distributed.all_reduce(together)
        parts = torch.split(together, [gradient.numel() for gradient in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))

    def _gathered(self, gradient: Tensor) -> Tensor:
        """Return the rows of all processes' gradients; one row may be there several times.

        The backends add up no sparse tensors of different rows, so rows travel as they are.
        """
        rows, values = gradient.indices()[0], gradient.values()
        counts = self._all(torch.tensor([len(rows)], device=self.device))
        most = max(1, int(torch.cat(counts).max()))
        all_rows = self._all(_padded(rows, most))
        all_values = self._all(_padded(values, most))
        kept = [int(count) for count in counts]
        return torch.sparse_coo_tensor(
            torch.cat([part[:n] for part, n in zip(all_rows, kept, strict=True)])[None],
            torch.cat([part[:n] for part, n in zip(all_values, kept, strict=True)]),
            gradient.shape,
            check_invariants=False,
        )

    def _all(self, tensor: Tensor) -> list[Tensor]:
        """Return the tensors of all processes, of the same shape, by rank."""
        found = [torch.empty_like(tensor) for _ in range(self.world_size)]
        distributed.all_gather(found, tensor)
        return found


def _padded(tensor: Tensor, rows: int) -> Tensor:
    """Return a tensor with zeros after it, so many rows in all."""
    found = tensor.new_zeros((rows, *tensor.shape[1:]))
    found[: len(tensor)] = tensor
    return found


def find_device(name: str = "auto") -> torch.device:
    """Return a device.

    Args:
        name: ``"cpu"``, ``"cuda"``, ``"cuda:1"`` for the second GPU, or ``"auto"``: a GPU where
            torch finds one that CUDA or ROCm drives, and the processor elsewhere.

    Raises:
        ConfigError: There is no such device.
    """
    there = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if name == "auto":
        return torch.device("cuda" if there else "cpu")
    kind, _, number = name.partition(":")
    if name != "cpu" and (kind != "cuda" or (name != "cuda" and not number.isdecimal())):
        raise ConfigError(f"device {name!r} is none of auto, cpu, cuda and cuda:N")
    if kind == "cuda" and int(number or 0) >= there:
        raise ConfigError(
            f"device {name} is not there: torch {torch.__version__} finds {there} GPUs; take "
            "--device cpu, or install torch for your GPU (https://pytorch.org/get-started/locally)"
        )
    return torch.device(name)


@contextmanager
def placed(device: str = "auto") -> Iterator[Placement]:
    """Yield where this process learns; join the others where torchrun started it.

    Args:
        device: As `find_device`; under torchrun ``"cuda"`` is the GPU of the process's number.

    Raises:
        ConfigError: There is no such device, or there are more processes than GPUs.
    """
    found = find_device(device)
    if not distributed.is_torchelastic_launched():
        yield Placement(found)
        return
    if found.type == "cuda":
        found = _own_gpu(device, int(os.environ["LOCAL_RANK"]))
    distributed.init_process_group(
        "nccl" if found.type == "cuda" else "gloo", timeout=_LONGEST_WAIT
    )
    try:
        yield Placement(found, distributed.get_rank(), distributed.get_world_size())
    finally:
        distributed.destroy_process_group()


def _own_gpu(device: str, number: int) -> torch.device:
    """Return the GPU of a process with this number on its machine."""
    there = torch.cuda.device_count()
    if ":" in device or number >= there:
        raise ConfigError(
            f"torchrun started a process {number} here, --device is {device}, and there are "
            f"{there} GPUs; each process takes one: lower --nproc-per-node, or take --device cpu"
        )
    found = torch.device("cuda", number)
    torch.cuda.set_device(found)
    return found
