"""How far a converted model of the 2020 post is from what Keras makes of it, on GoEmotions dev.

Trains the post's network on GoEmotions train as the post did, in torch, padding and its trained
vector included; the weights become what Keras' file holds, and those become a bundle. Compares the
bundle's probabilities with those of `emoconv.migration.keras_probabilities` on real texts, by their
length, and by engine. Writes ``results/keras_parity.json``.

Run:  python benchmarks/keras_parity.py --data DATA
"""

from __future__ import annotations

import argparse
import copy
import datetime as dt
import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from emoconv import GOEMOTIONS, EmotionDetector
from emoconv.data import read
from emoconv.embeddings import read_vectors
from emoconv.migration import (
    Dense,
    KerasInput,
    Network,
    WordIndex,
    convert_network,
    keras_probabilities,
    pad_sequences,
)
from emoconv.text import tokenize_plain
from quality import git
from speed import machine

HERE = Path(__file__).parent
SHAPE = KerasInput(20, padding="post", truncating="pre")  # the post's
WORDS, FILTERS, WIDTH, HIDDEN, THRESHOLD = 9_000, 256, 3, 112, 0.25
BATCH, EPOCHS, PATIENCE, LEARNING_RATE, DROPOUT = 100, 15, 2, 2e-4, 0.2


def index_words(texts: list[str]) -> dict[str, int]:
    """Return the most frequent words, numbered from 1, as Keras' tokeniser does."""
    counts = Counter(token.text for text in texts for token in tokenize_plain(text))
    return {word: i for i, (word, _) in enumerate(counts.most_common(WORDS), 1)}


def sequences(texts: list[str], ids: dict[str, int]) -> list[list[int]]:
    return [[ids[t.text] for t in tokenize_plain(text) if t.text in ids] for text in texts]


class Post(nn.Module):
    """The post's layers."""

    def __init__(self, vectors: np.ndarray) -> None:
        super().__init__()
        self.words = nn.Embedding.from_pretrained(torch.from_numpy(vectors), freeze=False)
        self.convolution = nn.Conv1d(vectors.shape[1], FILTERS, WIDTH)
        self.hidden, self.output = nn.Linear(FILTERS, HIDDEN), nn.Linear(HIDDEN, len(GOEMOTIONS))
        for layer in (self.convolution, self.hidden, self.output):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Return logits (B, L) of ids (B, T)."""
        responses = torch.relu(self.convolution(self.words(ids).transpose(1, 2)))
        features = nn.functional.dropout(responses, DROPOUT, self.training).amax(dim=2)
        return self.output(torch.relu(self.hidden(features)))


def train(model: Post, ids: np.ndarray, y: np.ndarray, dev: tuple[np.ndarray, np.ndarray]) -> int:
    """Fit the model with early stopping; return the epochs."""
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    loss = nn.BCEWithLogitsLoss()
    inputs, targets = torch.from_numpy(ids), torch.from_numpy(y.astype(np.float32))
    dev_inputs, dev_targets = (torch.from_numpy(a) for a in (dev[0], dev[1].astype(np.float32)))
    best, kept, worse = float("inf"), copy.deepcopy(model.state_dict()), 0
    for epoch in range(1, EPOCHS + 1):
        model.train()
        for some in torch.randperm(len(inputs)).split(BATCH):
            optimizer.zero_grad()
            loss(model(inputs[some]), targets[some]).backward()
            optimizer.step()
        model.eval()
        with torch.inference_mode():
            now = float(loss(torch.cat([model(p) for p in dev_inputs.split(500)]), dev_targets))
        print(f"epoch {epoch}: dev loss {now:.4f}", file=sys.stderr)
        worse = 0 if now < best else worse + 1
        if now < best:
            best, kept = now, copy.deepcopy(model.state_dict())
        if worse == PATIENCE:
            break
    model.load_state_dict(kept)
    return epoch


def as_keras(model: Post) -> Network:
    """Return the weights as Keras keeps them."""
    arrays = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    dense = [Dense(arrays[f"{n}.weight"].T, arrays[f"{n}.bias"]) for n in ("hidden", "output")]
    return Network(
        vectors=arrays["words.weight"],
        kernel=np.ascontiguousarray(arrays["convolution.weight"].transpose(2, 1, 0)),
        bias=arrays["convolution.bias"],
        padding="valid",
        hidden=dense[0],
        output=dense[1],
        length=SHAPE.length,
        keras_version="none: a copy in torch",
        sha256="",
    )


def figures(found: np.ndarray, expected: np.ndarray) -> dict[str, Any]:
    """Return how far probabilities and decisions are from each other."""
    away = np.abs(found - expected)
    decisions = (found >= THRESHOLD) != (expected >= THRESHOLD)
    return {
        "texts": len(found),
        "largest_difference": float(away.max(initial=0)),
        "mean_difference": float(away.mean()),
        "decisions": int(decisions.size),
        "other_decisions": int(decisions.sum()),
    }


def micro_f1(found: np.ndarray, y: np.ndarray) -> float:
    held = found >= THRESHOLD
    return round(2 * float((held & y).sum()) / float(held.sum() + y.sum()), 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("EMOCONV_DATA"))
    parser.add_argument("--vectors", default="reddit-top2.5M.sg.300d.txt.gz")
    parser.add_argument("--output", type=Path, default=HERE / "results/keras_parity.json")
    options = parser.parse_args()
    if options.data is None:
        parser.error("give --data FOLDER, or set EMOCONV_DATA")
    before = machine()
    torch.manual_seed(0)
    torch.set_num_threads(1)  # small products: threads that wait for each other cost more
    parts = {p: read(options.data / f"goemotions/{p}.tsv") for p in ("train", "dev")}
    ids = index_words(parts["train"].texts)
    given = read_vectors(options.data / "vectors" / options.vectors, ids)
    vectors = np.zeros((WORDS + 2, given.matrix.shape[1]), dtype=np.float32)
    for word, row in zip(given.words, given.matrix, strict=True):
        vectors[ids[word]] = row
    rows = {p: sequences(parts[p].texts, ids) for p in parts}
    padded = {p: pad_sequences(rows[p], SHAPE) for p in parts}
    model = Post(vectors)
    epochs = train(model, padded["train"], parts["train"].y, (padded["dev"], parts["dev"].y))
    network = as_keras(model)
    words = WordIndex(ids, None, (), "")
    made = convert_network(network, words, GOEMOTIONS, shape=SHAPE, threshold=THRESHOLD)
    expected = keras_probabilities(network, padded["dev"])
    lengths = np.array([len(row) for row in rows["dev"]])
    spans = {
        f"at most {made.alike_words} words": lengths <= made.alike_words,
        f"{made.alike_words + 1} to {SHAPE.length} words": (lengths > made.alike_words)
        & (lengths <= SHAPE.length),
        f"more than {SHAPE.length} words": lengths > SHAPE.length,
        "all": lengths >= 0,
    }
    engines = {}
    for engine in ("reference", "exact", "compiled"):
        found = EmotionDetector(made.bundle, engine=engine).predict_proba(parts["dev"].texts)
        engines[engine] = {name: figures(found[s], expected[s]) for name, s in spans.items()} | {
            "micro_f1": micro_f1(found, parts["dev"].y)
        }
    result = {
        "command": "python benchmarks/keras_parity.py --data DATA",
        "commit": git("rev-parse", "HEAD")
        + ("+" if git("status", "--porcelain", "--", ":/src") else ""),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "machine": before,
        "vectors": options.vectors,
        "epochs": epochs,
        "threshold": THRESHOLD,
        "padding_vector_norm": float(np.linalg.norm(network.vectors[0])),
        "drawn_words": made.distances._asdict(),
        "keras_micro_f1": micro_f1(expected, parts["dev"].y),
        "engines": engines,
    }
    print(json.dumps(result, indent=1))
    options.output.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
