"""What a folder with an ONNX graph says of itself: how to feed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emoconv.export.graph import INPUT, OPSET, OUTPUT

if TYPE_CHECKING:
    from emoconv.bundle import Bundle

__all__ = ["GRAPH", "guide"]

GRAPH = "model.onnx"
"""The name of the graph's file."""


def guide(bundle: Bundle) -> str:
    """Return the README of the folder, Markdown; its program runs in the folder."""
    text = bundle.config.text
    labels, words = len(bundle.labels), len(bundle.vocabulary)
    cut = (
        "Texts are never cut."
        if text.max_tokens is None
        else f"Texts are cut to their first {text.max_tokens} tokens."
    )
    return f"""# An emoconv model in ONNX

`{GRAPH}` (opset {OPSET}) turns the ids of words into the probabilities of {labels} labels.

| | name | type | shape | |
|---|---|---|---|---|
| input | `{INPUT}` | int64 | (texts, tokens) | each row a text's ids, then 0 up to the longest |
| output | `{OUTPUT}` | float32 | (texts, {labels}) | calibrated, as `labels.json` orders them |

Both sizes of the input are free; a text without words is a row of zeros. An id is a token's place
in `vocabulary.json`, below {words}. The tokenizer is `{text.tokenizer}`, which the documentation of
emoconv specifies. {cut} A label holds where its probability is at or above
its number among the `values` of `thresholds.json`. The file's metadata repeats labels and
thresholds, and has the SHA-256 of the vocabulary's tokens, joined by line feeds. `CARD.md`, where
it is there, is the model's card.

In this folder, with `pip install emoconv onnxruntime`:

```python
import json
from pathlib import Path

import numpy as np
import onnxruntime
from emoconv.text import Encoder, Vocabulary


def content(name):
    return json.loads(Path(name).read_text(encoding="utf-8"))


how = content("config.json")["config"]["text"]
encoder = Encoder(
    Vocabulary(content("vocabulary.json")),
    tokenizer=how["tokenizer"],
    max_tokens=how["max_tokens"],
)
session = onnxruntime.InferenceSession("{GRAPH}", providers=["CPUExecutionProvider"])

texts = ["Thank you so much!", "What a mess."]
rows = [encoder.encode(text)[0] for text in texts]
ids = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
for row, found in zip(ids, rows):
    row[: len(found)] = found
probabilities = session.run(["{OUTPUT}"], {{"{INPUT}": ids}})[0]

holds = probabilities >= np.array(content("thresholds.json")["values"], dtype=np.float32)
for text, row in zip(texts, holds):
    print(text, [label for label, yes in zip(content("labels.json"), row) if yes])
```
"""
