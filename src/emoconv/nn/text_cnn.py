"""The text CNN as a torch module.

Takes plain arguments, never a config, and knows nothing of files, labels' names or training.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from emoconv.nn.pooling import max_over_time

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["TextCNN"]


class TextCNN(nn.Module):
    """Convolutions of several widths over word vectors, max over time, sigmoid outputs.

    After Kim 2014, "Convolutional Neural Networks for Sentence Classification",
    https://arxiv.org/abs/1408.5882. Every window that holds at least one word is seen: a text is
    taken to lie between zero vectors, so a width of K gives T + K - 1 windows and a text shorter
    than a filter needs no special case. A text without words has features of zero.

    Args:
        vectors: float32 (V, D), the first word vectors; row 0, padding, is zero and stays so.
        kernel_widths: Distinct widths K.
        filters: F, filters of each width.
        labels: L, the outputs.
        hidden: Units of a ReLU layer before the output; ``None`` for a linear output.
        word_dropout: Share of ids replaced by 1, the unknown word, in training.
        embedding_dropout: Dropout on word vectors.
        feature_dropout: Dropout on pooled features.
        hidden_dropout: Dropout on hidden units.
        training_dtype: Of the product of word vectors and filters in training; bfloat16 is several
            times faster on processors that multiply it. Without training it is float32.
    """

    def __init__(
        self,
        vectors: Tensor,
        *,
        kernel_widths: Sequence[int],
        filters: int,
        labels: int,
        hidden: int | None = None,
        word_dropout: float = 0.0,
        embedding_dropout: float = 0.0,
        feature_dropout: float = 0.0,
        hidden_dropout: float = 0.0,
        training_dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(
            vectors.shape[0], vectors.shape[1], padding_idx=0, sparse=True, _weight=vectors.clone()
        )
        self.convolutions = nn.ModuleDict(
            {
                str(width): nn.Conv1d(vectors.shape[1], filters, width, padding=width - 1)
                for width in kernel_widths
            }
        )
        features = filters * len(kernel_widths)
        self.hidden = None if hidden is None else nn.Linear(features, hidden)
        self.output = nn.Linear(features if hidden is None else hidden, labels)
        for layer in self.modules():
            if isinstance(layer, nn.Conv1d | nn.Linear):  # Glorot & Bengio 2010, as Keras does
                nn.init.xavier_uniform_(layer.weight)
                nn.init.zeros_(layer.bias)  # type: ignore[arg-type] # every layer here has a bias
        self.word_dropout = word_dropout
        self.embedding_dropout = nn.Dropout(embedding_dropout)
        self.feature_dropout = nn.Dropout(feature_dropout)
        self.hidden_dropout = nn.Dropout(hidden_dropout)
        self.training_dtype = training_dtype

    @property
    def _by_width(self) -> dict[int, nn.Conv1d]:
        return {int(width): cast("nn.Conv1d", conv) for width, conv in self.convolutions.items()}

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Return the logits of B texts.

        Args:
            ids: int64 (B, T), T at least 1, each in [0, V); 0 pads on the right.
            lengths: int64 (B,), the tokens of each text, in [0, T].

        Returns:
            float32 (B, L).
        """
        if self.training and self.word_dropout > 0:
            dropped = torch.rand(ids.shape, device=ids.device) < self.word_dropout
            ids = torch.where(dropped & (ids != 0), 1, ids)
        words = self.embedding_dropout(self.embedding(ids))  # (B, T, D)
        dtype = self.training_dtype if self.training else torch.float32
        answers = words.to(dtype) @ self._filters().to(dtype)  # (B, T, F * sum(K))
        largest = max_over_time(answers, lengths, widths=tuple(self._by_width)).float()
        bias = torch.cat([cast("Tensor", conv.bias) for conv in self._by_width.values()])
        features = functional.relu(largest + bias) * (lengths > 0)[:, None]  # (B, F * widths)
        features = self.feature_dropout(features)
        if self.hidden is not None:
            features = self.hidden_dropout(functional.relu(self.hidden(features)))
        logits: Tensor = self.output(features)
        return logits

    def _filters(self) -> Tensor:
        """Return all filters side by side: float32 (D, F * sum(K)), by width, place, filter."""
        return torch.cat(
            [conv.weight.permute(1, 2, 0).flatten(1) for conv in self._by_width.values()], dim=1
        )
