"""What the page's engine says of a folder that is no whole bundle."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load, save

from emoconv.bundle import FORMAT_VERSION
from emoconv.version import __version__
from page_engine import EngineError, PageEngine, needs_node

DATA = Path(__file__).parents[1] / "data"

pytestmark = needs_node


@pytest.fixture(scope="module")
def engine():
    with PageEngine() as running:
        yield running


@pytest.fixture
def folder(tmp_path):
    """A copy of a small bundle, to be spoilt."""
    return Path(shutil.copytree(DATA / "bundle_v2", tmp_path / "bundle"))


def change(folder, name, content):
    """Put content into a file, and into the head what is true of it."""
    (folder / name).write_bytes(content)
    head = json.loads((folder / "config.json").read_text())
    digest = hashlib.sha256(content).hexdigest()
    head["files"][name] = {"bytes": len(content), "sha256": digest}
    (folder / "config.json").write_text(json.dumps(head))


def change_head(folder, **values):
    head = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**head, **values}))


def change_tensors(folder, changed):
    """Write the tensors, of which some are changed, and None for what is to be missing."""
    tensors = load((folder / "weights.safetensors").read_bytes()) | changed
    kept = {name: tensor for name, tensor in tensors.items() if tensor is not None}
    change(folder, "weights.safetensors", save(kept))


def header(value, length=None):
    content = json.dumps(value).encode()
    return (len(content) if length is None else length).to_bytes(8, "little") + content


def tensor(**values):
    return {"embedding": {"dtype": "F16", "shape": [1, 1], "data_offsets": [0, 2], **values}}


NAMES = json.loads((DATA / "bundle_v2/vocabulary.json").read_text())
WORDS_COUNT = len(NAMES)
ONES = {"embedding": np.ones((WORDS_COUNT, 8), np.int8)}
NEWER = (
    f"config.json: model format {FORMAT_VERSION + 1}, and this page (emoconv {__version__}) "
    f"reads formats 1 to {FORMAT_VERSION}; write the page with a newer emoconv"
)
AGAIN = "; copy the model again"
SPOILT = {
    "newer": (
        lambda f: change_head(f, format_version=FORMAT_VERSION + 1),
        NEWER,
    ),
    "format 0": (lambda f: change_head(f, format_version="0"), 'config.json: model format "0",'),
    "no head": (
        lambda f: (f / "config.json").write_text('{"model_type": "bert"}'),
        "config.json: not the head of a model that emoconv wrote",
    ),
    "null head": (
        lambda f: (f / "config.json").write_text("null"),
        "config.json: not the head of a model that emoconv wrote",
    ),
    "no JSON": (
        lambda f: (f / "config.json").write_text("{"),
        "config.json: not JSON; copy the model again",
    ),
    "no UTF-8": (
        lambda f: (f / "config.json").write_bytes(b"\xff"),
        "config.json: not UTF-8; copy the model again",
    ),
    "no recipe": (lambda f: change_head(f, config=None), "config.json: config is no object"),
    "unknown setting": (
        lambda f: change_head(f, config={"model": {"layers": 2}}),
        "config.json: unknown setting layers in model; not a model of this emoconv",
    ),
    "wrong setting": (
        lambda f: change_head(f, config={"model": {"kernel_widths": [1, 1]}}),
        "config.json: model.kernel_widths is [1,1]; not a model of this emoconv",
    ),
    "no widths": (
        lambda f: change_head(f, config={"model": {"kernel_widths": []}}),
        "config.json: model.kernel_widths is []",
    ),
    "unknown tokeniser": (
        lambda f: change_head(f, config={"text": {"tokenizer": "bpe"}}),
        'config.json: text.tokenizer is "bpe"',
    ),
    "no count": (
        lambda f: change_head(f, config={"text": {"min_count": 0}}),
        "config.json: text.min_count is 0",
    ),
    "no seed": (
        lambda f: change_head(f, config={"training": {"seed": -1}}),
        "config.json: training.seed is -1",
    ),
    "no rate": (
        lambda f: change_head(f, config={"training": {"learning_rate": "1"}}),
        'config.json: training.learning_rate is "1"',
    ),
    "no name": (
        lambda f: change_head(f, config={"training": {"monitor": 1}}),
        "config.json: training.monitor is 1",
    ),
    "missing file": (
        lambda f: (f / "labels.json").unlink(),
        "labels.json: cannot be read (ENOENT: no such file or directory, open",
    ),
    "not told of": (
        lambda f: change_head(f, files={}),
        "config.json: says nothing of labels.json; no whole model",
    ),
    "cut short": (
        lambda f: (f / "thresholds.json").write_bytes(b"{"),
        "thresholds.json: 1 bytes where 518 were written; it was cut short or changed: copy",
    ),
    "changed": (
        lambda f: (f / "calibration.json").write_text(
            (f / "calibration.json").read_text().replace("1", "2", 1)
        ),
        "calibration.json: was changed after it was written: copy the model again",
    ),
    "no list of labels": (
        lambda f: change(f, "labels.json", b'{"a": 1}'),
        "labels.json: not a list of names; copy the model again",
    ),
    "no labels": (
        lambda f: change(f, "labels.json", b"[]"),
        "labels.json: not a list of names; copy the model again",
    ),
    "labels of numbers": (
        lambda f: change(f, "labels.json", b"[1]"),
        "labels.json: not a list of names; copy the model again",
    ),
    "too few cuts": (
        lambda f: change(f, "thresholds.json", b'{"values": [0.5]}'),
        "thresholds.json: expected 28 numbers under values, one for each label",
    ),
    "no cuts": (
        lambda f: change(f, "thresholds.json", b"null"),
        "thresholds.json: expected 28 numbers under values, one for each label",
    ),
    "cut above 1": (
        lambda f: change(f, "thresholds.json", json.dumps({"values": [0.5] * 27 + [2]}).encode()),
        "thresholds.json: values has 2",
    ),
    "cut of text": (
        lambda f: change(f, "thresholds.json", json.dumps({"values": [0.5] * 27 + ["a"]}).encode()),
        'thresholds.json: values has "a"',
    ),
    "flat scale": (
        lambda f: change(
            f, "calibration.json", json.dumps({"scale": [0] * 28, "offset": [0] * 28}).encode()
        ),
        "calibration.json: scale has 0",
    ),
    "no specials": (
        lambda f: change(f, "vocabulary.json", json.dumps([*NAMES[1:], "x"]).encode()),
        "vocabulary.json: does not start with <pad>, <unk>,",
    ),
    "twice": (
        lambda f: change(f, "vocabulary.json", json.dumps([*NAMES[:-1], NAMES[20]]).encode()),
        f"vocabulary.json: token {json.dumps(NAMES[20])} is there twice",
    ),
    "no tensors": (
        lambda f: change(f, "weights.safetensors", b"abc"),
        "weights.safetensors: 3 bytes are no file of tensors; copy the model again",
    ),
    "short header": (
        lambda f: change(f, "weights.safetensors", header({}, 10**15)),
        "weights.safetensors: is cut short in its header, or no file of tensors" + AGAIN,
    ),
    "no header": (
        lambda f: change(f, "weights.safetensors", header(None)),
        "weights.safetensors: its header is no JSON object" + AGAIN,
    ),
    "header of something else": (
        lambda f: change(f, "weights.safetensors", b"\2\0\0\0\0\0\0\0{]"),
        "weights.safetensors: its header is no JSON object" + AGAIN,
    ),
    "other type": (
        lambda f: change(f, "weights.safetensors", header(tensor(dtype="BF16")) + b"\0\0"),
        "weights.safetensors: tensor embedding is of type BF16; expected one of I8, F16, F32",
    ),
    "null tensor": (
        lambda f: change(f, "weights.safetensors", header({"embedding": None})),
        "weights.safetensors: tensor embedding is of type undefined; expected one of",
    ),
    "no shape": (
        lambda f: change(f, "weights.safetensors", header(tensor(shape=[-1, 1])) + b"\0\0"),
        "weights.safetensors: tensor embedding has no shape or place" + AGAIN,
    ),
    "too little": (
        lambda f: change(f, "weights.safetensors", header(tensor()) + b"\0"),
        "weights.safetensors: tensor embedding is cut short" + AGAIN,
    ),
    "no embedding": (
        lambda f: change_tensors(f, {"embedding": None}),
        "weights.safetensors: tensor embedding is missing",
    ),
    "no scale": (
        lambda f: change_tensors(f, {"embedding.scale": None}),
        "weights.safetensors: embedding and embedding.scale do not fit",
    ),
    "short scale": (
        lambda f: change_tensors(f, {"embedding.scale": np.ones(2, np.float32)}),
        "weights.safetensors: embedding and embedding.scale do not fit",
    ),
    "scale of 16 bits": (
        lambda f: change_tensors(f, {"embedding.scale": np.ones(WORDS_COUNT, np.float16)}),
        "weights.safetensors: embedding and embedding.scale do not fit",
    ),
    "missing tensor": (
        lambda f: change_tensors(f, {"output.bias": None}),
        "weights.safetensors: tensor output.bias is missing; expected (28)",
    ),
    "unknown tensor": (
        lambda f: change_tensors(f, {"lstm.bias": np.ones(2, np.float16)}),
        "weights.safetensors: tensor lstm.bias has the shape (2); expected no such tensor",
    ),
    "other shape": (
        lambda f: change_tensors(f, {"output.bias": np.ones(27, np.float16)}),
        "weights.safetensors: tensor output.bias has the shape (27); expected (28)",
    ),
    "bias of int8": (
        lambda f: change_tensors(f, {"output.bias": np.ones(28, np.int8)}),
        "weight output.bias is not of finite float16 or float32 numbers",
    ),
    "infinite bias": (
        lambda f: change_tensors(f, {"output.bias": np.full(28, np.inf, np.float16)}),
        "weight output.bias is not of finite float16 or float32 numbers",
    ),
    "infinite bias of 32 bits": (
        lambda f: change_tensors(f, {"output.bias": np.full(28, np.nan, np.float32)}),
        "weight output.bias is not of finite float16 or float32 numbers",
    ),
    "infinite scale": (
        lambda f: change_tensors(f, {"embedding.scale": np.full(WORDS_COUNT, 1e6, np.float32)}),
        "weight embedding has a number not finite",
    ),
    "padding": (
        lambda f: change_tensors(f, {"embedding.scale": np.ones(WORDS_COUNT, np.float32)} | ONES),
        "word vector 0, which pads, is not zero",
    ),
}


@pytest.mark.parametrize("kind", SPOILT)
def test_a_folder_that_is_no_whole_bundle_gives_one_clear_error(engine, folder, kind):
    spoil, message = SPOILT[kind]
    spoil(folder)
    with pytest.raises(EngineError) as caught:
        engine.ask("load", model=str(folder))
    assert "BundleError" == caught.value.name
    assert str(caught.value).startswith(message)


def test_tensors_may_begin_anywhere(engine, folder):
    whole = engine.ask("load", model=str(folder))
    content = (folder / "weights.safetensors").read_bytes()
    size = int.from_bytes(content[:8], "little")
    head = content[8 : 8 + size] + b" "
    change(
        folder, "weights.safetensors", (size + 1).to_bytes(8, "little") + head + content[8 + size :]
    )
    assert whole == engine.ask("load", model=str(folder))
