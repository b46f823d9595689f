"""Max over time of what filters answer to words, with a gradient that touches the winners alone.

The gradient of a maximum flows to one window of each filter, which is K words; everything else
is zero. Knowing that saves most of the backward pass's memory traffic.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["max_over_time"]


def max_over_time(answers: Tensor, lengths: Tensor, *, widths: Sequence[int]) -> Tensor:
    """Return each filter's largest response in each text, without its bias.

    A response is the sum of what the filter's K places answer to K words in a row; a text lies
    between zeros, so a text of T words has T + K - 1 windows (`emoconv.nn.TextCNN`).

    Args:
        answers: float (B, T, F * sum(widths)), what each place of each filter answers to each
            word: width by width, within a width place by place, within a place filter by filter.
        lengths: int64 (B,), the words of each text, in [0, T]; the rest pads.
        widths: The K of each width.

    Returns:
        The same dtype (B, F * len(widths)). Of equal responses the first counts. For a text without
        words it is 0.
    """
    pooled: Tensor = _MaxOverTime.apply(answers, lengths, tuple(widths))  # type: ignore[no-untyped-call] # torch leaves it without types
    return pooled


def _by_width(answers: Tensor, widths: Sequence[int]) -> Iterator[tuple[int, list[Tensor]]]:
    """Yield each width K with its K places, each a view (B, T, F)."""
    filters = answers.shape[2] // sum(widths)
    ends = np.cumsum([0, *widths]).tolist()
    for first, last in pairwise(ends):
        columns = range(first * filters, last * filters, filters)
        yield last - first, [answers[:, :, c : c + filters] for c in columns]


class _MaxOverTime(torch.autograd.Function):
    """Sum over places and maximum over windows in one step."""

    @staticmethod
    def forward(ctx: Any, answers: Tensor, lengths: Tensor, widths: tuple[int, ...]) -> Tensor:  # noqa: ANN401 - torch's own
        spoken = (lengths > 0)[:, None]
        find = _largest_at_once if answers.is_cuda else _largest
        found = [find(places, lengths) for _, places in _by_width(answers, widths)]
        largest, where = (torch.cat(parts, dim=1) for parts in zip(*found, strict=True))
        ctx.save_for_backward(where, spoken)
        ctx.shape, ctx.widths = answers.shape, widths
        return largest * spoken

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:  # noqa: ANN401 - torch's own
        where, spoken = ctx.saved_tensors
        found = gradient.new_zeros(ctx.shape)
        time = ctx.shape[1]
        gradients = (gradient * spoken).chunk(len(ctx.widths), dim=1)
        windows = where.long().chunk(len(ctx.widths), dim=1)
        for part, window, (width, places) in zip(
            gradients, windows, _by_width(found, ctx.widths), strict=True
        ):
            for place, column in enumerate(places):
                word = window + (place - width + 1)  # (B, F)
                inside = (word >= 0) & (word < time)
                column.scatter_(1, word.clamp(0, time - 1)[:, None], (part * inside)[:, None])
        return found, None, None


def _responses(places: list[Tensor], lengths: Tensor) -> tuple[Tensor, Tensor]:
    """Return the responses of filters of one width (B, T + K - 1, F), and each text's windows (B,).

    Args:
        places: K views (B, T, F).
        lengths: int64 (B,), the words of each text.
    """
    width, (batch, time, filters) = len(places), places[0].shape
    responses = places[0]
    if width > 1:
        responses = responses.new_zeros(batch, time + width - 1, filters)
        for place, answers in enumerate(places):
            first = width - 1 - place
            responses[:, first : first + time] += answers
    return responses, torch.where(lengths > 0, lengths + width - 1, 0)


def _largest_at_once(places: list[Tensor], lengths: Tensor) -> tuple[Tensor, Tensor]:
    """Do as `_largest`, in few large steps, which is what a GPU wants."""
    responses, windows = _responses(places, lengths)
    numbers = torch.arange(responses.shape[1], device=lengths.device)
    beyond = (numbers >= windows[:, None]) & (numbers > 0)  # (B, T + K - 1)
    largest, where = responses.masked_fill(beyond[:, :, None], -torch.inf).max(dim=1)
    return largest, where.int()


def _largest(places: list[Tensor], lengths: Tensor) -> tuple[Tensor, Tensor]:
    """Return the largest response of filters of one width (B, F), and its window, int32 (B, F)."""
    responses, windows = _responses(places, lengths)
    largest = responses[:, 0].clone()
    where = torch.zeros(largest.shape, dtype=torch.int32, device=largest.device)
    whole = int(windows.min())  # every text has that many windows: no need to ask
    for window in range(1, responses.shape[1]):
        better = responses[:, window] > largest
        if window >= whole:
            better &= (windows > window)[:, None]
        largest = torch.where(better, responses[:, window], largest)
        where.masked_fill_(better, window)
    return largest, where
