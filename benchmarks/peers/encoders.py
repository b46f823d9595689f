"""Transformer encoders in ONNX Runtime, in the shape of RoBERTa-base and MiniLM-L6.

The weights are random: how fast a network is does not depend on what it has learnt. The
tokenisers are of the models' own kind (byte-level BPE, WordPiece), trained on comments, and so
cut comments into slightly fewer pieces than the published ones. The graphs are fused by ONNX
Runtime as a session opens; fused beforehand by its `transformers.optimizer` they are slower here,
by 5 to 10 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from peers.base import LABELS, Batched, Peer, flat, unlabelled_texts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import torch
    from numpy.typing import NDArray
    from tokenizers.implementations import BaseTokenizer

_BATCH_SIZES = (1, 8, 32)
_TRAINING_LINES = 300_000


@dataclass(frozen=True)
class Shape:
    """The shape of an encoder, and the kind of its tokeniser."""

    name: str
    layers: int
    width: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    byte_level: bool


ROBERTA = Shape("roberta", 12, 768, 12, 3072, 50265, 514, byte_level=True)
MINILM = Shape("minilm", 6, 384, 12, 1536, 30522, 512, byte_level=False)


def _network(shape: Shape) -> torch.nn.Module:
    import torch  # noqa: PLC0415
    from torch import nn  # noqa: PLC0415

    class Block(nn.Module):
        """Attention and feed-forward, each added and then normalised, as BERT does."""

        def __init__(self) -> None:
            super().__init__()
            self.query, self.key, self.value, self.attended = (
                nn.Linear(shape.width, shape.width) for _ in range(4)
            )
            self.up = nn.Linear(shape.width, shape.inner)
            self.down = nn.Linear(shape.inner, shape.width)
            self.norms = nn.ModuleList(nn.LayerNorm(shape.width) for _ in range(2))

        def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            def split(y: torch.Tensor) -> torch.Tensor:
                size = (y.shape[0], y.shape[1], shape.heads, shape.width // shape.heads)
                return y.view(size).permute(0, 2, 1, 3)

            q, k, v = split(self.query(x)), split(self.key(x)), split(self.value(x))
            scores = torch.matmul(q, k.transpose(-1, -2)) / (shape.width // shape.heads) ** 0.5
            mixed = torch.matmul(torch.softmax(scores + mask, dim=-1), v)
            mixed = mixed.permute(0, 2, 1, 3).contiguous().view(x.shape[0], x.shape[1], shape.width)
            x = self.norms[0](self.attended(mixed) + x)
            return self.norms[1](self.down(nn.functional.gelu(self.up(x))) + x)

    class Classifier(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.words = nn.Embedding(shape.vocabulary, shape.width)
            self.places = nn.Embedding(shape.positions, shape.width)
            self.norm = nn.LayerNorm(shape.width)
            self.blocks = nn.ModuleList(Block() for _ in range(shape.layers))
            self.dense = nn.Linear(shape.width, shape.width)
            self.output = nn.Linear(shape.width, LABELS)

        def forward(self, ids: torch.Tensor, attention: torch.Tensor) -> torch.Tensor:
            places = torch.arange(ids.shape[1])
            x = self.norm(self.words(ids) + self.places(places))
            mask = (1.0 - attention[:, None, None, :].float()) * -10000.0
            for block in self.blocks:
                x = block(x, mask)
            return torch.sigmoid(self.output(torch.tanh(self.dense(x[:, 0]))))

    torch.manual_seed(0)
    network = Classifier().eval()
    for parameter in network.parameters():
        if parameter.dim() > 1:
            nn.init.normal_(parameter, std=0.02)
    return network


def _prepare(shape: Shape) -> Callable[[Path, Path], None]:
    def prepare(work: Path, data: Path) -> None:
        import torch  # noqa: PLC0415
        from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415

        if (work / f"{shape.name}-int8.onnx").exists():
            return
        train_tokenizer(shape, data).save(str(work / f"{shape.name}.json"))
        file = work / f"{shape.name}-float32.onnx"
        example = torch.ones((3, 7), dtype=torch.int64), torch.ones((3, 7), dtype=torch.int64)
        torch.onnx.export(
            _network(shape),
            example,
            file,
            input_names=["ids", "attention"],
            output_names=["probabilities"],
            dynamic_axes={name: {0: "texts", 1: "tokens"} for name in ("ids", "attention")},
            dynamo=False,
        )
        quantize_dynamic(file, work / f"{shape.name}-int8.onnx", weight_type=QuantType.QInt8)

    return prepare


def train_tokenizer(shape: Shape, data: Path) -> BaseTokenizer:
    """Train a tokeniser of the shape's kind on comments."""
    from tokenizers import ByteLevelBPETokenizer  # noqa: PLC0415
    from tokenizers.implementations import BertWordPieceTokenizer  # noqa: PLC0415
    from tokenizers.processors import BertProcessing, RobertaProcessing  # noqa: PLC0415

    texts = islice(unlabelled_texts(data), _TRAINING_LINES)
    if shape.byte_level:
        tokenizer: BaseTokenizer = ByteLevelBPETokenizer()
        tokens = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
        processing, first, last = RobertaProcessing, "<s>", "</s>"
    else:
        tokenizer = BertWordPieceTokenizer()
        tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        processing, first, last = BertProcessing, "[CLS]", "[SEP]"
    tokenizer.train_from_iterator(
        texts, vocab_size=shape.vocabulary, min_frequency=2, special_tokens=tokens
    )
    ends = {end: (end, tokenizer.token_to_id(end)) for end in (first, last)}
    tokenizer._tokenizer.post_processor = processing(ends[last], ends[first])  # noqa: SLF001
    tokenizer.enable_truncation(512)
    return tokenizer


def _load(shape: Shape, kind: str) -> Callable[[Path, int], Batched]:
    def load(work: Path, threads: int) -> Batched:
        from tokenizers import Tokenizer  # noqa: PLC0415

        from peers.onnx_session import open_session  # noqa: PLC0415

        tokenizer = Tokenizer.from_file(str(work / f"{shape.name}.json"))
        session = open_session(work / f"{shape.name}-{kind}.onnx", threads)

        def encode(texts: list[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
            return flat([found.ids for found in tokenizer.encode_batch_fast(texts)])

        def run(ids: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.float32]:
            attention = (np.arange(ids.shape[1]) < lengths[:, None]).astype(np.int64)
            return session.run(None, {"ids": ids, "attention": attention})[0]

        return Batched(encode, run, pad=int(shape.byte_level), batch_sizes=_BATCH_SIZES)

    return load


def _peer(shape: Shape, kind: str, about: str) -> Peer:
    return Peer(
        about=f"{about}, ONNX Runtime, {kind}",
        packages=("onnxruntime", "tokenizers"),
        prepare=_prepare(shape),
        load=_load(shape, kind),
        files=(f"{shape.name}.json", f"{shape.name}-{kind}.onnx"),
    )


PEERS = {
    f"{shape.name}-{kind}": _peer(shape, kind, about)
    for shape, about in (
        (MINILM, "encoder of MiniLM-L6's shape"),
        (ROBERTA, "encoder of RoBERTa-base's shape"),
    )
    for kind in ("int8", "float32")
}
