"""A model as a folder: written whole, checked when read.

Holds what inference needs and nothing of how it was computed: no torch, no pickle. The folder::

    config.json          format_version, recipe, provenance, size and SHA-256 of the files below
    labels.json          the label names, in order
    vocabulary.json      the tokens, in order
    thresholds.json      one cut per label and the rule that chose them
    calibration.json     one scale and offset per label
    weights.safetensors  word vectors, filters and output layer
    history.jsonl        one row per training epoch
    README.md            the model card
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from emoconv.calibration import Calibration
from emoconv.config import Config, ModelConfig, from_dict, to_dict
from emoconv.errors import BundleError, BundleVersionError
from emoconv.labels import LabelSet
from emoconv.text import Encoder, Vocabulary
from emoconv.thresholds import Thresholds
from emoconv.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = [
    "FORMAT_VERSION",
    "Bundle",
    "as_stored",
    "check_destination",
    "read_bundle",
    "read_card",
    "shipped_bundle",
    "write_bundle",
]

FORMAT_VERSION = 2
"""The version of the folder's layout that this emoconv writes, and the newest it reads.

Version 2 came with word vectors that may be int8, and with settings for it in the recipe; a folder
of version 1 is read as it is, what it lacks takes its default.
"""

_CONTENT = (
    "labels.json",
    "vocabulary.json",
    "thresholds.json",
    "calibration.json",
    "weights.safetensors",
    "history.jsonl",
)


_CARD = "README.md"


@dataclass(frozen=True)
class Bundle:
    """A trained model in memory.

    Attributes:
        config: The recipe it was trained by.
        labels: Its L labels.
        vocabulary: Its V tokens.
        thresholds: One cut per label, on calibrated probabilities.
        calibration: From logits to probabilities.
        weights: ``embedding`` (V, D); for each width K ``convolution.K.weight`` (F, D, K) and
            ``convolution.K.bias`` (F,); ``hidden.weight`` (H, F * widths) and ``hidden.bias`` (H,)
            where the recipe has a hidden layer; ``output.weight`` (L, F * widths or H) and
            ``output.bias`` (L,). float16 or float32, all finite; row 0 of ``embedding`` is zero.
            In the folder ``embedding`` may be int8 beside ``embedding.scale``, float32 (V,).
        provenance: Where it came from: data, vectors, figures on validation data.
        history: One row per training epoch.
    """

    config: Config
    labels: LabelSet
    vocabulary: Vocabulary
    thresholds: Thresholds
    calibration: Calibration
    weights: dict[str, NDArray[np.floating[Any]]]
    provenance: dict[str, object] = field(default_factory=dict)
    history: list[dict[str, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        expected = _shapes(self)
        found = {name: array.shape for name, array in self.weights.items()}
        if found != expected:
            wrong = sorted(set(found.items()) ^ set(expected.items()))
            raise BundleError(f"weights do not fit the config; these differ: {wrong}")
        for name, array in self.weights.items():
            if array.dtype not in (np.float16, np.float32) or not np.isfinite(array).all():
                raise BundleError(f"weight {name} is not of finite float16 or float32 numbers")
        if self.weights["embedding"][0].any():
            raise BundleError("word vector 0, which pads, is not zero")
        for name, size in (
            ("thresholds", len(self.thresholds.values)),
            ("calibration", len(self.calibration.scale)),
        ):
            if size != len(self.labels):
                raise BundleError(f"{size} {name} for {len(self.labels)} labels")

    def encoder(self) -> Encoder:
        """Return what turns texts into the ids that the network takes."""
        text = self.config.text
        return Encoder(self.vocabulary, tokenizer=text.tokenizer, max_tokens=text.max_tokens)

    def roles_of(self, fingerprint: str) -> tuple[str, ...]:
        """Return what data were in its making: ``"train"``, ``"dev"``, both or neither.

        Args:
            fingerprint: Of the data (`emoconv.data.Dataset.fingerprint`).
        """
        abouts = ((part, self.provenance.get(part)) for part in ("train", "dev"))
        return tuple(
            part
            for part, about in abouts
            if isinstance(about, dict) and about.get("sha256") == fingerprint
        )

    def fingerprint(self) -> str:
        """Return a SHA-256 of all that a prediction depends on, in hexadecimal."""
        digest = hashlib.sha256()
        parts = (
            to_dict(self.config),
            self.labels.names,
            self.vocabulary.tokens,
            self.thresholds.to_dict(),
            self.calibration.to_dict(),
        )
        digest.update(b"".join(map(_json, parts)))
        for name, array in sorted(self.weights.items()):
            digest.update(name.encode())
            digest.update(array.tobytes())
        return digest.hexdigest()


def _shapes(bundle: Bundle) -> dict[str, tuple[int, ...]]:
    """Return the name and shape of every weight that the config calls for."""
    model, labels = bundle.config.model, len(bundle.labels)
    shapes: dict[str, tuple[int, ...]] = {
        "embedding": (len(bundle.vocabulary), model.embedding_width)
    }
    for width in model.kernel_widths:
        shapes[f"convolution.{width}.weight"] = (model.filters, model.embedding_width, width)
        shapes[f"convolution.{width}.bias"] = (model.filters,)
    units = model.filters * len(model.kernel_widths)
    if model.hidden is not None:
        shapes |= {"hidden.weight": (model.hidden, units), "hidden.bias": (model.hidden,)}
        units = model.hidden
    return shapes | {"output.weight": (labels, units), "output.bias": (labels,)}


def shipped_bundle() -> Path:
    """Return the folder of the bundle that comes with the package."""
    return Path(str(resources.files("emoconv") / "model"))


def check_destination(folder: Path, *, overwrite: bool) -> None:
    """Say early that a bundle cannot be written to a folder.

    Args:
        folder: Where the bundle is to be.
        overwrite: Whether a bundle that is there may be replaced.

    Raises:
        BundleError: Something is there already; or, with ``overwrite``, what is there is no
            bundle; or the path does not name a folder (``.``).
    """
    if folder.name in {"", ".."}:
        raise BundleError(f"{folder} has no name of its own; name the new folder")
    if folder.exists() and not overwrite:
        raise BundleError(f"{folder} is there already; --overwrite replaces it")
    if folder.exists() and not (folder / "config.json").is_file():
        raise BundleError(f"{folder} is there and is no bundle; name another place")


def as_stored(
    weights: Mapping[str, NDArray[np.floating[Any]]], model: ModelConfig
) -> dict[str, NDArray[np.floating[Any]]]:
    """Return the weights that a reader of the folder will have, float16.

    Cuts and figures are computed with these, not with what the training ended with.

    Args:
        weights: As in `Bundle`.
        model: Says how word vectors are kept.
    """
    return _unpack(_pack({k: v.astype(np.float16) for k, v in weights.items()}, model))


def _pack(
    weights: Mapping[str, NDArray[np.floating[Any]]], model: ModelConfig
) -> dict[str, NDArray[Any]]:
    """Return what is written: the weights, but word vectors in int8 if the recipe says so.

    A word's numbers are multiples of its own scale, the largest of them 127 or -127. That largest
    one is rounded to float16 first, so that what is read can be written again without loss.
    """
    packed: dict[str, NDArray[Any]] = dict(weights)
    if model.embedding_storage == "int8":
        vectors = weights["embedding"].astype(np.float16).astype(np.float32)
        scale = np.abs(vectors).max(axis=1) / np.float32(127)
        steps = vectors / np.where(scale > 0, scale, 1)[:, None]
        packed |= {"embedding": np.rint(steps).astype(np.int8), "embedding.scale": scale}
    return packed


def _unpack(packed: dict[str, NDArray[Any]]) -> dict[str, NDArray[np.floating[Any]]]:
    """Return weights in numbers of floating point from what is written."""
    weights = dict(packed)
    scale = weights.pop("embedding.scale", None)
    if scale is not None:
        weights["embedding"] = (weights["embedding"] * scale[:, None]).astype(np.float16)
    return weights


def _json(value: object, *, indent: int | None = 2) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=indent) + "\n").encode(
        "utf-8", "surrogatepass"
    )


def write_bundle(bundle: Bundle, folder: Path, *, card: str = "", overwrite: bool = False) -> None:
    """Write a bundle beside its place, then move it there.

    Args:
        bundle: What to write.
        folder: Its new folder; its parent is made when missing.
        card: The model card, Markdown.
        overwrite: Replace a bundle that is there.

    Raises:
        BundleError: As `check_destination`.
    """
    from safetensors.numpy import save  # noqa: PLC0415 - only when writing

    check_destination(folder, overwrite=overwrite)
    files = {
        "labels.json": _json(bundle.labels.names),
        "vocabulary.json": _json(bundle.vocabulary.tokens, indent=0),
        "thresholds.json": _json(bundle.thresholds.to_dict()),
        "calibration.json": _json(bundle.calibration.to_dict()),
        "weights.safetensors": save(_pack(bundle.weights, bundle.config.model)),
        "history.jsonl": b"".join(_json(row, indent=None) for row in bundle.history),
    }
    head = {
        "format_version": FORMAT_VERSION,
        "emoconv": __version__,
        "config": to_dict(bundle.config),
        "provenance": bundle.provenance,
        "files": {
            name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in files.items()
        },
    }
    unfinished = folder.with_name(folder.name + ".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    files |= {_CARD: card.encode(), "config.json": _json(head)}
    try:
        for name, content in files.items():
            (unfinished / name).write_bytes(content)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    replaced = folder.with_name(folder.name + ".old")
    if folder.exists():
        shutil.rmtree(replaced, ignore_errors=True)  # of a run that was cut off after its rename
        folder.rename(replaced)
    unfinished.rename(folder)
    shutil.rmtree(replaced, ignore_errors=True)


def read_card(folder: Path) -> str:
    """Return the model card of a bundle's folder; empty where there is none."""
    card = folder / _CARD
    return card.read_text(encoding="utf-8", errors="replace") if card.is_file() else ""


def read_bundle(folder: Path) -> Bundle:
    """Read and check a bundle.

    Raises:
        BundleError: The folder is not there, is no bundle, or a file in it is missing, cut short
            or changed.
        BundleVersionError: It was written by a newer emoconv.
    """
    head = _read_head(folder)
    contents = {name: _read_file(folder, name, head) for name in _CONTENT}
    from safetensors import SafetensorError  # noqa: PLC0415 - only when reading
    from safetensors.numpy import load  # noqa: PLC0415 - same

    try:
        return Bundle(
            config=from_dict(Config, cast("dict[str, object]", head["config"])),
            labels=LabelSet(tuple(json.loads(contents["labels.json"]))),
            vocabulary=Vocabulary(json.loads(contents["vocabulary.json"])),
            thresholds=Thresholds.from_dict(json.loads(contents["thresholds.json"])),
            calibration=Calibration.from_dict(json.loads(contents["calibration.json"])),
            weights=_unpack(load(contents["weights.safetensors"])),
            provenance=cast("dict[str, object]", head["provenance"]),
            history=[json.loads(row) for row in contents["history.jsonl"].splitlines()],
        )
    except (AttributeError, KeyError, SafetensorError, TypeError, ValueError) as error:
        raise BundleError(f"{folder}: not a usable bundle: {error}") from error


def _read_head(folder: Path) -> dict[str, object]:
    if not folder.is_dir():
        raise BundleError(f"{folder}: no such folder; expected a bundle that `emoconv train` wrote")
    try:
        head = json.loads((folder / "config.json").read_bytes())
        version = head["format_version"]
    except FileNotFoundError:
        raise BundleError(f"{folder}: no bundle: it has no config.json") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BundleError(f"{folder / 'config.json'}: not the head of an emoconv bundle") from None
    if version not in range(1, FORMAT_VERSION + 1):
        raise BundleVersionError(
            f"{folder}: bundle format {version!r}, and this emoconv ({__version__}) reads "
            f"formats 1 to {FORMAT_VERSION}; upgrade it: pip install -U emoconv"
        )
    return cast("dict[str, object]", head)


def _read_file(folder: Path, name: str, head: dict[str, object]) -> bytes:
    """Read one file of a bundle and compare it with what the head says of it."""
    try:
        expected = cast("dict[str, dict[str, object]]", head["files"])[name]
        size, digest = expected["bytes"], expected["sha256"]
    except (KeyError, TypeError):
        raise BundleError(f"{folder / 'config.json'}: says nothing of {name}") from None
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise BundleError(f"{folder / name}: {error.strerror}; the bundle is not whole") from None
    if len(content) != size:
        raise BundleError(
            f"{folder / name}: {len(content)} bytes where {size} were written; "
            "the bundle was cut short or changed: copy it again"
        )
    if hashlib.sha256(content).hexdigest() != digest:
        raise BundleError(f"{folder / name}: was changed after it was written: copy it again")
    return content
