"""Networks from configs and bundles, and their weights under a bundle's names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from emoconv.nn import TextCNN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from torch import nn

    from emoconv.bundle import Bundle
    from emoconv.config import Config

__all__ = [
    "begin_from",
    "bundle_weights",
    "fast_dtype",
    "load_weights",
    "make_network",
    "network_of",
]


def make_network(
    matrix: NDArray[np.float32],
    config: Config,
    *,
    labels: int,
    device: torch.device = torch.device("cpu"),  # noqa: B008 - it never changes
) -> TextCNN:
    """Return a new network, in the processor's memory.

    Args:
        matrix: float32 (V, D), the first word vectors.
        config: The recipe.
        labels: L.
        device: Where it is to learn, as that tells which precision is fast.
    """
    model, training = config.model, config.training
    return TextCNN(
        torch.from_numpy(matrix),
        kernel_widths=model.kernel_widths,
        filters=model.filters,
        labels=labels,
        hidden=model.hidden,
        word_dropout=training.word_dropout,
        embedding_dropout=training.embedding_dropout,
        feature_dropout=training.feature_dropout,
        hidden_dropout=training.hidden_dropout,
        training_dtype=(
            fast_dtype(device)
            if training.precision == "auto"
            else getattr(torch, training.precision)
        ),
    )


def fast_dtype(device: torch.device = torch.device("cpu")) -> torch.dtype:  # noqa: B008 - it never changes
    """Return bfloat16 where the device multiplies it, several times as fast; else float32."""
    if device.type == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
        return torch.bfloat16 if fast else torch.float32
    fast = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()  # noqa: SLF001 - torch offers no public way to ask
    return torch.bfloat16 if fast else torch.float32


def network_of(bundle: Bundle) -> TextCNN:
    """Return the network of a bundle, with its weights."""
    matrix = bundle.weights["embedding"].astype(np.float32)
    network = make_network(matrix, bundle.config, labels=len(bundle.labels))
    load_weights(network, bundle.weights)
    return network.eval()


def load_weights(network: TextCNN, weights: Mapping[str, NDArray[np.floating[Any]]]) -> None:
    """Put a bundle's weights into a network of the same shape."""
    network.load_state_dict(
        {
            name: torch.from_numpy(weights[_bundle_name(name)].astype(np.float32))
            for name in network.state_dict()
        }
    )


def begin_from(network: TextCNN, weights: Mapping[str, NDArray[np.floating[Any]]]) -> None:
    """Put some of a bundle's weights into a network of the same shape; the others stay."""
    own = bundle_weights(network)
    load_weights(network, {name: weights.get(name, array) for name, array in own.items()})


def bundle_weights(network: nn.Module) -> dict[str, NDArray[np.floating[Any]]]:
    """Return the weights under the names of a bundle, as float32."""
    return {_bundle_name(name): tensor.numpy() for name, tensor in network.state_dict().items()}


def _bundle_name(name: str) -> str:
    """Return a bundle's name for a network's tensor: ``convolution.3.bias``, ``embedding``."""
    return name.replace("convolutions.", "convolution.").replace("embedding.weight", "embedding")
