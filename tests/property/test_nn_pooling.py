"""Pooling with a gradient of its own against the same written out, whose gradient torch derives."""

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from emoconv.nn import pooling
from emoconv.nn.pooling import max_over_time


def written_out(answers, lengths, widths, filters):
    """The largest sum over windows, by padding, shifting and a loop over texts."""
    features, start = [], 0
    for width in widths:
        parts = answers[:, :, start : start + width * filters].split(filters, dim=2)
        start += width * filters
        padded = [functional.pad(p, (0, 0, width - 1 - j, j)) for j, p in enumerate(parts)]
        responses = torch.stack(padded).sum(dim=0)
        rows = [
            row[: length + width - 1].amax(dim=0) if length else row[0] * 0
            for row, length in zip(responses, lengths.tolist(), strict=True)
        ]
        features.append(torch.stack(rows))
    return torch.cat(features, dim=1)


@given(
    st.lists(st.integers(0, 7), min_size=1, max_size=5),
    st.sampled_from([(1,), (3,), (1, 2, 3), (2, 5)]),
    st.integers(0, 1000),
)
def test_values_and_gradients_are_those_of_the_sums_written_out(lengths, widths, seed):
    filters, time = 3, max(1, *lengths)
    generator = torch.Generator().manual_seed(seed)
    counts = torch.tensor(lengths)
    shape = (len(lengths), time, filters * sum(widths))
    answers = torch.randn(shape, dtype=torch.float64, generator=generator)
    answers = answers * (torch.arange(time) < counts[:, None])[:, :, None]  # padding answers 0
    weight = torch.randn(len(lengths), filters * len(widths), generator=generator).double()
    found, expected = answers.clone().requires_grad_(), answers.clone().requires_grad_()

    pooled = max_over_time(found, counts, widths=widths)
    by_hand = written_out(expected, counts, widths, filters)
    (pooled * weight).sum().backward()
    (by_hand * weight).sum().backward()

    torch.testing.assert_close(by_hand, pooled)
    torch.testing.assert_close(expected.grad, found.grad)


@given(st.lists(st.integers(0, 7), min_size=1, max_size=5), st.integers(1, 5), st.integers(0, 1000))
def test_in_few_large_steps_the_same_windows_are_found(lengths, width, seed):
    generator = torch.Generator().manual_seed(seed)
    shape = (len(lengths), max(1, *lengths), 3)
    few = [torch.randint(-2, 3, shape, generator=generator).float() for _ in range(width)]
    expected = pooling._largest(few, torch.tensor(lengths))
    found = pooling._largest_at_once(few, torch.tensor(lengths))
    for one, other in zip(expected, found, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)
