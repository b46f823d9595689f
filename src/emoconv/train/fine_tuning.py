"""Fine-tuning a transformer into a teacher: the usual recipe, on a processor or a GPU.

AdamW with a linear warm-up and decay, and smaller steps for lower layers (Howard & Ruder 2018,
"Universal Language Model Fine-tuning", https://arxiv.org/abs/1801.06146, section 3.2).
"""

from __future__ import annotations

import math
import re
import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.nn import functional

from emoconv.errors import DataNotFoundError
from emoconv.train.batches import chunks_of_like_length
from emoconv.train.measures import measures
from emoconv.train.network import fast_dtype
from emoconv.train.teacher import MAX_TOKENS, import_transformers, pad_pieces

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from emoconv.data import Dataset
    from emoconv.train.pipeline import Observer

__all__ = ["FineTuning", "fine_tune"]

_FIRST_BIAS = -3.2
"""Log-odds of a label before training: that of 28 labels and 1.2 a text."""
_WARM_UP = 0.06  # of all steps; RoBERTa's choice, https://arxiv.org/abs/1907.11692, table 10
_LAYER_DECAY = 0.9  # of step sizes, from each layer to the one below it
_WEIGHT_DECAY = 0.01  # of matrices; BERT's choice, https://arxiv.org/abs/1810.04805, section A.2


@dataclass(frozen=True, kw_only=True)
class FineTuning:
    """How a teacher is fitted.

    Args:
        epochs: Passes over the training texts; the best one's weights are kept.
        batch_size: Texts per step.
        learning_rate: Of the topmost layers, at its height.
        seed: The one seed.
    """

    epochs: int = 5
    batch_size: int = 48
    learning_rate: float = 1.5e-4
    seed: int = 0


def fine_tune(
    base: str,
    *,
    train: Dataset,
    targets: NDArray[np.float32] | None,
    dev: Dataset,
    settings: FineTuning,
    output: Path,
    observer: Observer,
    device: torch.device,
) -> list[dict[str, float]]:
    """Fine-tune a sequence classifier and write it as a folder that transformers can load.

    Args:
        base: A folder or a Hub name of a pre-trained encoder; weights from safetensors only.
        train: The texts to learn from.
        targets: float32 (N, L), what to answer to them, in [0, 1]: labels and votes, perhaps;
            ``None``: their labels.
        dev: Validation data: the epoch with the best mean average precision is kept.
        settings: How.
        output: The folder; nothing is there until the first epoch is done.
        observer: Hears of the progress.
        device: Where to learn.

    Returns:
        The history, a row an epoch.

    Raises:
        MissingExtraError: transformers is not installed.
        DataNotFoundError: There is no such encoder.
    """
    transformers = import_transformers()
    torch.manual_seed(settings.seed)
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(base)
        model = transformers.AutoModelForSequenceClassification.from_pretrained(
            base,
            num_labels=len(train.labels),
            problem_type="multi_label_classification",
            id2label=dict(enumerate(train.labels.names)),
            label2id={name: i for i, name in enumerate(train.labels.names)},
            use_safetensors=True,
            trust_remote_code=False,
        )
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise DataNotFoundError(
            f"no encoder that transformers can load ({reason})", path=base
        ) from None
    _set_first_bias(model)
    model.to(device)
    answers = torch.from_numpy(train.y if targets is None else targets)
    pieces = _pieces(tokenizer, train.texts)
    dev_pieces = _pieces(tokenizer, dev.texts)
    optimizer = torch.optim.AdamW(_groups(model, settings.learning_rate))
    heights = [group["lr"] for group in optimizer.param_groups]
    rng = np.random.default_rng(settings.seed)
    steps = settings.epochs * math.ceil(len(pieces) / settings.batch_size)
    history: list[dict[str, float]] = []
    for epoch in range(settings.epochs):
        started, done, total = time.perf_counter(), 0, 0.0
        model.train()
        chunks = chunks_of_like_length(
            np.array([len(p) for p in pieces]), batch_size=settings.batch_size, rng=rng
        )
        for step, rows in enumerate(chunks, start=epoch * len(chunks)):
            for group, height in zip(optimizer.param_groups, heights, strict=True):
                group["lr"] = height * _factor(step / steps)
            loss = functional.binary_cross_entropy_with_logits(
                _logits(model, [pieces[i] for i in rows], tokenizer.pad_token_id),
                answers[rows].to(device).float(),
            )
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call] # torch leaves it without types
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            done, total = done + len(rows), total + loss.item() * len(rows)
            observer.batch(len(rows), total / done)
        found = _predict(model, dev_pieces, tokenizer.pad_token_id)
        row = {"epoch": epoch + 1.0, "train_loss": total / done}
        row |= {f"dev_{name}": value for name, value in measures(dev.y, found).items()}
        row["seconds"] = round(time.perf_counter() - started, 2)
        history.append(row)
        observer.epoch(row)
        if row == max(history, key=lambda r: r["dev_average_precision"]):
            _write(model, tokenizer, output)
    return history


def _factor(done: float) -> float:
    """Return the height of the step size after a share of all steps, in [0, 1]."""
    return min(1.0, done / _WARM_UP) * (1 - done)


def _pieces(tokenizer: Any, texts: Any) -> list[list[int]]:  # noqa: ANN401 - without types
    found: list[list[int]] = tokenizer(list(texts), truncation=True, max_length=MAX_TOKENS)[
        "input_ids"
    ]
    return found


def _logits(model: Any, pieces: list[list[int]], pad: int | None) -> torch.Tensor:  # noqa: ANN401 - without types
    ids, mask = pad_pieces(pieces, pad or 0)
    device = model.device
    fast = fast_dtype(device) is torch.bfloat16
    with torch.autocast(device.type, dtype=torch.bfloat16, enabled=fast):
        logits: torch.Tensor = model(
            input_ids=ids.to(device), attention_mask=mask.to(device)
        ).logits
    return logits.float()


@torch.inference_mode()
def _predict(model: Any, pieces: list[list[int]], pad: int | None) -> NDArray[np.float32]:  # noqa: ANN401 - without types
    model.eval()
    lengths = np.array([len(p) for p in pieces])
    found = np.zeros((len(pieces), model.config.num_labels), dtype=np.float32)
    order = np.argsort(lengths, kind="stable")
    for start in range(0, len(order), 128):
        rows = order[start : start + 128]
        found[rows] = _logits(model, [pieces[i] for i in rows], pad).cpu().numpy()
    return found


def _groups(model: Any, learning_rate: float) -> list[dict[str, Any]]:  # noqa: ANN401 - without types
    """Return the parameters with step sizes that fall from layer to layer, down to the words."""
    layers = model.config.num_hidden_layers
    groups = []
    for name, parameter in model.named_parameters():
        layer = re.search(r"layer\.(\d+)\.", name)
        depth = layers - int(layer[1]) if layer else (layers + 1 if "embeddings" in name else 0)
        groups.append(
            {
                "params": [parameter],
                "lr": learning_rate * _LAYER_DECAY**depth,
                "weight_decay": 0.0 if parameter.ndim == 1 else _WEIGHT_DECAY,
            }
        )
    return groups


def _set_first_bias(model: Any) -> None:  # noqa: ANN401 - without types
    """Begin at the labels' rarity, so that the first steps need not learn it."""
    outputs = [m for m in model.modules() if isinstance(m, torch.nn.Linear)]
    if outputs and outputs[-1].out_features == model.config.num_labels:
        torch.nn.init.constant_(outputs[-1].bias, _FIRST_BIAS)


def _write(model: Any, tokenizer: Any, output: Path) -> None:  # noqa: ANN401 - without types
    """Write a folder beside its place, then move it there."""
    unfinished = output.with_name(output.name + ".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    model.save_pretrained(unfinished)
    tokenizer.save_pretrained(unfinished)
    shutil.rmtree(output, ignore_errors=True)
    unfinished.rename(output)
