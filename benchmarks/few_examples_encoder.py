"""A sentence encoder, as it is or tuned on pairs, for ``few_examples.py``.

The tuning takes SetFit's steps (Tunstall et al. 2022, "Efficient Few-Shot Learning Without
Prompts", arXiv 2209.11055, section 3): pairs of texts of one class should have a cosine of 1, pairs
of two classes one of 0, squared error. Batch, step size, warm-up and number of passes are the
defaults of SetFit's library (`TrainingArguments`): 16 pairs, 2e-5, a tenth, one pass. It is not
that library: pairs are drawn here, and there are `PAIRS` of them at most, 20 of each kind for each
of 100 texts, as in the paper, and fewer for each of more.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional
from transformers import AutoModel, AutoTokenizer

from emoconv.train.network import fast_dtype

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

PAIRS = 4000
_OF_EACH_KIND = 20
_AT_ONCE, _AT_ONCE_TO_LEARN, _MOST_TOKENS = 32, 8, 128
_PAIRS_A_STEP, _STEP_SIZE, _WARM_UP = 16, 2e-5, 0.1


@dataclass(frozen=True)
class Encoder:
    """A network whose mean over the tokens, at length 1, stands for a text."""

    tokenizer: PreTrainedTokenizerBase
    network: PreTrainedModel

    @classmethod
    def load(cls, folder: Path) -> Encoder:
        """Read an encoder in the form of transformers; nothing is fetched."""
        return cls(
            AutoTokenizer.from_pretrained(folder, local_files_only=True),
            AutoModel.from_pretrained(folder, local_files_only=True).eval(),
        )

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return float32 (N, D), rows of length 1."""
        with torch.inference_mode():
            return self._by_length(texts, at_once=_AT_ONCE).numpy()

    def tuned(self, texts: Sequence[str], y: NDArray[np.intp], *, seed: int) -> Encoder:
        """Return another one, for which texts of a class are near each other."""
        torch.manual_seed(seed)
        other = Encoder(self.tokenizer, copy.deepcopy(self.network).train())
        pairs = pairs_of(y, np.random.default_rng(seed))
        steps = -(-len(pairs) // _PAIRS_A_STEP)
        optimizer = torch.optim.AdamW(other.network.parameters(), lr=_STEP_SIZE)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: min((step + 1) / (_WARM_UP * steps), 1 - step / steps)
        )
        for first in range(0, len(pairs), _PAIRS_A_STEP):
            taken = pairs[first : first + _PAIRS_A_STEP]
            both = [texts[row] for row in taken.T.reshape(-1)]
            vectors = other._by_length(both, at_once=_AT_ONCE_TO_LEARN)
            cosines = functional.cosine_similarity(*vectors.split(len(taken)))
            wanted = torch.from_numpy(y[taken[:, 0]] == y[taken[:, 1]]).float()
            optimizer.zero_grad()
            functional.mse_loss(cosines, wanted).backward()
            torch.nn.utils.clip_grad_norm_(other.network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
        other.network.eval()
        return other

    def _by_length(self, texts: Sequence[str], *, at_once: int) -> torch.Tensor:
        """Return float32 (N, D); texts of about one length together, as padding takes time."""
        order = np.argsort([len(text) for text in texts], kind="stable")
        vectors = [
            self._vectors([texts[row] for row in order[first : first + at_once]])
            for first in range(0, len(order), at_once)
        ]
        return torch.cat(vectors)[torch.from_numpy(np.argsort(order))]

    def _vectors(self, texts: list[str]) -> torch.Tensor:
        pieces = self.tokenizer(
            texts, padding=True, truncation=True, max_length=_MOST_TOKENS, return_tensors="pt"
        )
        low = fast_dtype()
        with torch.autocast("cpu", low, enabled=low != torch.float32):
            states = self.network(**pieces).last_hidden_state.float()  # (B, T, D)
        mask = pieces["attention_mask"][:, :, None].float()
        return functional.normalize((states * mask).sum(1) / mask.sum(1), dim=1)


def pairs_of(y: NDArray[np.intp], rng: np.random.Generator) -> NDArray[np.intp]:
    """Return places of pairs, (P, 2), shuffled: half of one class, half of two.

    The first of a pair goes round all texts; one that is alone in its class is paired with itself.

    Args:
        y: intp (N,), the class of each text; two classes at least.
        rng: Draws the second of each.
    """
    wanted = min(PAIRS // 2, _OF_EACH_KIND * len(y))
    firsts = np.concatenate([rng.permutation(len(y)) for _ in range(-(-wanted // len(y)))])[:wanted]
    pairs = []
    for first in firsts:
        same = np.flatnonzero(y == y[first])
        alike = same[same != first] if len(same) > 1 else same
        pairs += [(first, rng.choice(alike)), (first, rng.choice(np.flatnonzero(y != y[first])))]
    return rng.permutation(np.array(pairs))
