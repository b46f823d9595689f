"""Teachers: transformers, fine-tuned or found, and bundles of ours; texts in, logits out.

The only module that imports transformers (extra ``distill``), and only inside functions. What a
teacher says of a text does not depend on the other texts, but for rounding.
"""

from __future__ import annotations

import hashlib
import importlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import torch

from emoconv.bundle import read_bundle
from emoconv.errors import ConfigError, DataError, DataNotFoundError, MissingExtraError
from emoconv.train.loop import predict_logits
from emoconv.train.network import fast_dtype, network_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from emoconv.labels import LabelSet

__all__ = [
    "MAX_TOKENS",
    "BundleTeacher",
    "Teacher",
    "TransformerTeacher",
    "import_transformers",
    "load_teacher",
    "pad_pieces",
    "read_label_map",
]

MAX_TOKENS = 64
"""A transformer sees this many pieces of a text, the first; GoEmotions' longest has 60 or so."""

_TOKENS_AT_ONCE = 4096
"""Tokens of a step of inference, padding included: what 12 layers take at once fits a cache."""


class Teacher(Protocol):
    """What labels texts."""

    @property
    def name(self) -> str:
        """What it is called, for whoever reads the bundle."""

    @property
    def fingerprint(self) -> str:
        """SHA-256, in hex, of all that its answers depend on."""

    @property
    def width(self) -> int:
        """L, the labels it answers for."""

    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return log-odds of each label, float32 (N, L), in the labels' order."""


class BundleTeacher:
    """A bundle of ours as a teacher.

    Args:
        folder: The bundle.
        labels: The labels to answer for; the bundle's own must be the same, in any order.

    Raises:
        BundleError: The folder is no whole bundle.
        ConfigError: The bundle lacks a label.
    """

    def __init__(self, folder: Path, labels: LabelSet) -> None:
        bundle = read_bundle(folder)
        self.name = folder.name
        self._columns = _columns(bundle.labels.names, labels, None, source=str(folder))
        self.width = len(labels)
        self._encoder = bundle.encoder()
        self._network = network_of(bundle)
        digest = hashlib.sha256(json.dumps(bundle.vocabulary.tokens).encode())
        for key in sorted(bundle.weights):
            digest.update(np.ascontiguousarray(bundle.weights[key]).tobytes())
        digest.update(repr((bundle.config, self._columns)).encode())
        self.fingerprint = digest.hexdigest()

    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return log-odds of each label, float32 (N, L)."""
        found = predict_logits(self._network, self._encoder.encode_batch(texts))
        return _gather(found, self._columns)


class TransformerTeacher:
    """A sequence classifier that transformers can load.

    Args:
        name: A folder that ``save_pretrained`` or ``emoconv finetune`` wrote, or a name on the
            Hugging Face Hub. Weights are read from safetensors only, and no code is run.
        labels: The labels to answer for.
        label_map: The classifier's label to ours, or to ``None`` for one to leave out; where
            several are the same one of ours, the largest counts. ``None``: the names are ours, in
            any order and case.
        device: Where it reads.

    Raises:
        MissingExtraError: transformers is not installed.
        DataNotFoundError: Nothing is there under that name.
        ConfigError: One of our labels has none of the classifier's, or the map names a label that
            is not there.
    """

    def __init__(
        self,
        name: str,
        labels: LabelSet,
        *,
        label_map: Mapping[str, str | None] | None = None,
        device: torch.device = torch.device("cpu"),  # noqa: B008 - it never changes
    ) -> None:
        transformers = import_transformers()
        self.name = Path(name).name if Path(name).exists() else name
        try:
            self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(name)
            model: Any = transformers.AutoModelForSequenceClassification.from_pretrained(
                name, use_safetensors=True, trust_remote_code=False
            )
        except (OSError, ValueError) as error:
            reason = " ".join(str(error).split())[:200]
            raise DataNotFoundError(
                f"no sequence classifier that transformers can load ({reason})", path=name
            ) from None
        theirs = [str(model.config.id2label[i]) for i in range(model.config.num_labels)]
        self._columns = _columns(theirs, labels, label_map, source=name)
        self.width = len(labels)
        self._exclusive = model.config.problem_type == "single_label_classification"
        digest = hashlib.sha256(json.dumps([theirs, repr(self._columns), MAX_TOKENS]).encode())
        for key, tensor in sorted(model.state_dict().items()):
            digest.update(key.encode() + tensor.numpy().tobytes())
        self.fingerprint = digest.hexdigest()
        self._device = device
        self._model = model.eval().to(device, fast_dtype(device))

    @torch.inference_mode()
    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return log-odds of each label, float32 (N, L)."""
        pieces = self._tokenizer(list(texts), truncation=True, max_length=MAX_TOKENS)["input_ids"]
        lengths = np.array([len(p) for p in pieces], dtype=np.int64)
        order = np.argsort(lengths, kind="stable")
        found = np.zeros((len(pieces), self._model.config.num_labels), dtype=np.float32)
        start = 0
        while start < len(order):
            longest = lengths[order[min(start + 64, len(order) - 1)]]
            rows = order[start : start + max(8, _TOKENS_AT_ONCE // int(longest))]
            ids, mask = pad_pieces([pieces[i] for i in rows], self._tokenizer.pad_token_id or 0)
            answers = self._model(
                input_ids=ids.to(self._device), attention_mask=mask.to(self._device)
            ).logits.float()
            if self._exclusive:
                answers = torch.logit(answers.softmax(dim=1), eps=1e-6)
            found[rows] = answers.cpu().numpy()
            start += len(rows)
        return _gather(found, self._columns)


def load_teacher(
    name: str,
    labels: LabelSet,
    *,
    label_map: Mapping[str, str | None] | None = None,
    device: torch.device = torch.device("cpu"),  # noqa: B008 - it never changes
) -> Teacher:
    """Return the teacher of a name: a bundle's folder, a classifier's folder, or a Hub name.

    A transformer reads on the device; a bundle is quick without one.

    Raises: As `BundleTeacher` and `TransformerTeacher`.
    """
    if (Path(name) / "vocabulary.json").is_file() and (Path(name) / "thresholds.json").is_file():
        if label_map is not None:
            raise ConfigError(f"{name} is a bundle with labels of its own; leave out the label map")
        return BundleTeacher(Path(name), labels)
    return TransformerTeacher(name, labels, label_map=label_map, device=device)


def import_transformers() -> Any:  # noqa: ANN401 - a module without types
    """Return transformers, quiet.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        transformers: Any = importlib.import_module("transformers")  # slow, and an extra
    except ImportError as error:
        raise MissingExtraError("a transformer as a teacher", extra="distill") from error
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    return transformers


def pad_pieces(pieces: Sequence[Sequence[int]], pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return ids and mask of B texts, int64 (B, T), padded on the right."""
    lengths = np.array([len(p) for p in pieces])
    inside = np.arange(max(1, lengths.max(initial=0))) < lengths[:, None]
    ids = np.full(inside.shape, pad, dtype=np.int64)
    ids[inside] = [i for p in pieces for i in p]
    return torch.from_numpy(ids), torch.from_numpy(inside.astype(np.int64))


def _columns(
    theirs: Sequence[str],
    labels: LabelSet,
    label_map: Mapping[str, str | None] | None,
    *,
    source: str,
) -> tuple[tuple[int, ...], ...]:
    """Return for each of our labels the numbers of theirs."""
    if label_map is None:
        ours = {name.lower(): name for name in labels.names}
        label_map = {name: ours.get(name.lower()) for name in theirs}
    unknown = [name for name in label_map if name not in theirs]
    if unknown:
        raise ConfigError(
            f"the label map names {', '.join(unknown)}, and {source} has {', '.join(theirs)}"
        )
    for name in label_map.values():
        if name is not None:
            labels.index(name)
    columns = tuple(
        tuple(i for i, name in enumerate(theirs) if label_map.get(name) == ours)
        for ours in labels.names
    )
    missing = [name for name, found in zip(labels.names, columns, strict=True) if not found]
    if missing:
        raise ConfigError(
            f"{source} has no label for {', '.join(missing)}; it has {', '.join(theirs)}: "
            "give a --label-map FILE, JSON from its labels to ours"
        )
    return columns


def _gather(
    logits: NDArray[np.float32], columns: tuple[tuple[int, ...], ...]
) -> NDArray[np.float32]:
    """Return the largest of the columns that stand for each label, float32 (N, L)."""
    return np.stack([logits[:, list(c)].max(axis=1) for c in columns], axis=1)


def read_label_map(path: Path) -> dict[str, str | None]:
    """Read a label map: a JSON object from a teacher's labels to ours, or to null.

    Raises:
        DataNotFoundError: There is no such file.
        DataError: It is not such an object.
    """
    try:
        values = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise DataNotFoundError("no such label map", path=path) from None
    except ValueError as error:
        raise DataError(f"not JSON: {error}", path=path) from None
    if not isinstance(values, dict) or not all(
        value is None or isinstance(value, str) for value in values.values()
    ):
        raise DataError(
            'expected an object from the teacher\'s labels to ours, or to null: {"LABEL_0": "joy"}',
            path=path,
        )
    return values
