"""The one training loop: epochs, early stopping, best weights, checkpoints."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

from emoconv.errors import DataError
from emoconv.train import checkpoint
from emoconv.train.batches import Batch, iterate
from emoconv.train.placement import Placement

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor, nn
    from torch.optim import Optimizer

    from emoconv.config import TrainingConfig
    from emoconv.text import Encoded
    from emoconv.train.examples import Examples

__all__ = ["EVALUATION_BATCH", "best_row", "fit", "predict_logits"]

EVALUATION_BATCH = 512
"""Texts per step when only predicting; it changes the speed, not the result."""

_HERE = Placement()
_STEPS_UNSEEN = 32
"""Steps of a GPU between two looks at the loss, as each look waits for all that was begun."""


def _optimizers(network: nn.Module, training: TrainingConfig) -> list[Optimizer]:
    """Return Adam for the dense weights and lazy Adam for the embedding rows of a batch.

    Adam: Kingma & Ba 2015, https://arxiv.org/abs/1412.6980.
    """
    embedding = network.get_parameter("embedding.weight")
    dense = [p for p in network.parameters() if p is not embedding]
    optimizers: list[Optimizer] = [torch.optim.Adam(dense, lr=training.learning_rate)]
    if training.embedding_learning_rate > 0:
        optimizers.append(torch.optim.SparseAdam([embedding], lr=training.embedding_learning_rate))
    else:
        embedding.requires_grad_(False)
    return optimizers


@torch.inference_mode()
def predict_logits(
    network: nn.Module, encoded: Encoded, placement: Placement = _HERE
) -> NDArray[np.float32]:
    """Return float32 (N, L), with every dropout off.

    Args:
        network: A `emoconv.nn.TextCNN` on the placement's device.
        encoded: N texts, the same in all processes.
        placement: Where; several processes predict a part each.
    """
    network.eval()
    order = np.argsort(np.diff(encoded.offsets), kind="stable")  # to pad little
    width = network.get_parameter("output.weight").shape[0]
    logits = np.zeros((len(order), width), dtype=np.float32)
    own = order[placement.rank :: placement.world_size]
    for batch in iterate(encoded, batch_size=EVALUATION_BATCH, rows=own):
        ids, lengths = batch.ids.to(placement.device), batch.lengths.to(placement.device)
        logits[batch.rows] = network(ids, lengths).cpu().numpy()
    return placement.total(logits)


def _train_epoch(
    network: nn.Module,
    examples: Examples,
    *,
    optimizers: list[Optimizer],
    training: TrainingConfig,
    rng: np.random.Generator,
    epoch: int,
    placement: Placement,
    on_batch: Callable[[int, float], None],
) -> float:
    """Take one step a batch; return the mean binary cross-entropy over texts and labels.

    Args:
        network: Changed in place.
        examples: What to learn from.
        optimizers: Their step sizes follow the schedule.
        training: The settings.
        rng: Orders the batches.
        epoch: Epochs done before this one.
        placement: Where.
        on_batch: Called with the texts of a batch, or of some, and this process's mean loss so far.
    """
    network.train()
    placement.seed(training.seed, epoch)
    device, size = placement.device, placement.world_size
    targets = torch.from_numpy(examples.targets)
    weights = None if examples.weights is None else torch.from_numpy(examples.weights[:, None])
    shares = examples.shares().to(device)
    rows = examples.rows_of_epoch(epoch, training)
    steps = math.ceil(len(rows) / training.batch_size)
    rates = [_rates(training, (epoch + i / steps) / training.epochs) for i in range(steps)]
    total, seen, unseen = torch.zeros((), dtype=torch.float64, device=device), 0, 0
    batches = iterate(
        examples.encoded,
        batch_size=training.batch_size,
        rng=rng,
        rows=rows,
        rank=placement.rank,
        world_size=size,
    )
    for step, (step_rates, batch) in enumerate(zip(rates, batches, strict=True), start=1):
        ids, lengths = _with_empty_text(batch)
        logits = network(ids.to(device), lengths.to(device))
        answers = targets[batch.rows].to(device).float()
        counts = None if weights is None else weights[batch.rows].to(device)  # (B, 1)
        losses = functional.binary_cross_entropy_with_logits(
            logits[:-1], answers, weight=counts, reduction="sum"
        )
        total += losses.detach() / answers.shape[1]
        loss = losses / (batch.whole * answers.shape[1])
        if training.empty_text_weight > 0:
            tie = functional.binary_cross_entropy_with_logits(logits[-1:], shares)
            loss = loss + training.empty_text_weight / size * tie
        for optimizer in optimizers:
            optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call] # torch leaves it without types
        placement.total_gradients(network.parameters())
        for optimizer, rate in zip(optimizers, step_rates, strict=False):  # no lazy Adam: frozen
            optimizer.param_groups[0]["lr"] = rate
            optimizer.step()
        seen, unseen = seen + len(batch.rows), unseen + batch.whole
        if device.type == "cpu" or step % _STEPS_UNSEEN == 0 or step == steps:
            on_batch(unseen, total.item() / max(1, seen))
            unseen = 0
    whole = placement.total(np.array([total.item(), seen]))
    return float(whole[0] / whole[1])


def _rates(training: TrainingConfig, done: float) -> tuple[float, float]:
    """Return the step sizes of the dense weights and of the embedding.

    Args:
        training: The settings.
        done: Share of the steps of all epochs that were taken, in [0, 1).
    """
    factor = 1 - done if training.schedule == "linear" else 1.0
    return training.learning_rate * factor, training.embedding_learning_rate * factor


def _with_empty_text(batch: Batch) -> tuple[Tensor, Tensor]:
    """Return ids (B + 1, T) and lengths (B + 1,), the last text without words."""
    return functional.pad(batch.ids, (0, 0, 0, 1)), functional.pad(batch.lengths, (0, 1))


def _copy(network: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}


def fit(
    network: nn.Module,
    *,
    train: Examples,
    dev: Examples | None,
    training: TrainingConfig,
    score: Callable[[NDArray[np.float32]], dict[str, float]],
    run: str,
    checkpoint_path: Path | None = None,
    placement: Placement = _HERE,
    on_batch: Callable[[int, float], None] = lambda _texts, _loss: None,
    on_epoch: Callable[[dict[str, float]], None] = lambda _row: None,
) -> list[dict[str, float]]:
    """Train until the epochs are over or validation stops improving; restore the best weights.

    Args:
        network: A `emoconv.nn.TextCNN`; changed in place.
        train: What to learn from.
        dev: What to judge by; ``None`` for nothing, and then the last epoch is the best.
        training: Epochs, batch size, rates, patience, the monitored measure.
        score: Turns dev logits float32 (N, L) into measures; ``loss`` is to fall, others to rise.
        run: Fingerprint of everything that shapes the run.
        checkpoint_path: Where to keep the state after each epoch, and to go on from when it is
            there; ``None`` for neither.
        placement: Where the network learns. It is in the processor's memory before and after, and
            the same in all processes.
        on_batch: Called with the number of texts that were seen since the last call, and the mean
            loss so far in the epoch.
        on_epoch: Called with each new row of the history.

    Returns:
        The history: a row an epoch with ``epoch``, ``train_loss``, ``seconds`` and, where there is
        something to judge by, ``dev_*``.

    Raises:
        DataError: The checkpoint is damaged or of another run.
    """
    network.to(placement.device)
    optimizers = _optimizers(network, training)
    rng = np.random.default_rng(training.seed)
    progress, best = checkpoint.Progress(run), _copy(network)
    there = checkpoint_path is not None and checkpoint_path.exists()
    if not placement.agrees(there):
        raise DataError(
            "only some of the processes find this checkpoint; put --output where all machines see "
            "it, or give --restart",
            path=checkpoint_path,
        )
    if checkpoint_path is not None and there:
        progress, best = checkpoint.restore(
            checkpoint_path, run=run, network=network, optimizers=optimizers
        )
        rng.bit_generator.state = progress.rng
    while not _is_over(progress, training):
        started = time.perf_counter()
        loss = _train_epoch(
            network,
            train,
            optimizers=optimizers,
            training=training,
            rng=rng,
            epoch=progress.epoch,
            placement=placement,
            on_batch=on_batch,
        )
        found = None if dev is None else predict_logits(network, dev.encoded, placement)
        measures = {} if found is None else score(found)
        progress.epoch += 1
        row = {"epoch": progress.epoch, "train_loss": loss}
        row |= {f"dev_{name}": value for name, value in measures.items()}
        row["seconds"] = round(time.perf_counter() - started, 2)
        progress.history.append(row)
        if dev is None or best_row(progress.history, training.monitor) is row:
            progress.best_epoch, best = progress.epoch, _copy(network)
        progress.rng = dict(rng.bit_generator.state)
        if checkpoint_path is not None and placement.is_first:
            checkpoint.save(
                checkpoint_path, progress, network=network, best=best, optimizers=optimizers
            )
        on_epoch(row)
    network.load_state_dict(best)
    network.to("cpu")
    return progress.history


def _is_over(progress: checkpoint.Progress, training: TrainingConfig) -> bool:
    waited = progress.epoch - progress.best_epoch
    return progress.epoch >= training.epochs or waited >= training.patience


def best_row(history: Sequence[dict[str, float]], monitor: str) -> dict[str, float]:
    """Return the row of the epoch whose weights are kept: the first of those that are best.

    Args:
        history: At least one row of `fit`.
        monitor: The measure that tells; ``loss`` is to fall, others to rise.
    """
    sign = -1.0 if monitor == "loss" else 1.0
    return max(history, key=lambda row: sign * row[f"dev_{monitor}"])
