"""Settings of text, model and training: frozen, checked when made, to and from JSON.

A recipe is a `Config` in a JSON file. Unknown keys are errors, so a typing mistake cannot
silently train something else. Modules take plain arguments; a config never travels into them.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from emoconv.errors import ConfigError, did_you_mean

if typing.TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "Config",
    "ModelConfig",
    "TextConfig",
    "TrainingConfig",
    "check_names",
    "from_dict",
    "to_dict",
]

_T = TypeVar("_T")


def _require(condition: bool, name: str, value: object, expected: str) -> None:  # noqa: FBT001 - an assertion reads condition first
    if not condition:
        raise ConfigError(f"{name} is {value!r}; expected {expected}")


@dataclass(frozen=True, kw_only=True)
class TextConfig:
    """How a text becomes ids.

    Args:
        tokenizer: ``"rich"`` keeps what carries feeling; ``"plain"`` is the blog post's Keras
            tokeniser. Both are specified in ``docs/reference/tokenizer.md``.
        min_count: A word enters the vocabulary when training holds it at least this often.
        unlabelled_min_count: Also when texts without labels hold it at least this often; only
            distillation has such texts.
        max_words: At most this many words, the most frequent first; ``None`` for no limit.
        max_tokens: Texts are cut after this many tokens; ``None`` for never.
    """

    tokenizer: Literal["rich", "plain"] = "rich"
    min_count: int = 2
    unlabelled_min_count: int = 10
    max_words: int | None = None
    max_tokens: int | None = None

    def __post_init__(self) -> None:
        for name in ("min_count", "unlabelled_min_count"):
            value = getattr(self, name)
            _require(value >= 1, f"text.{name}", value, "at least 1")
        for name in ("max_words", "max_tokens"):
            limit = getattr(self, name)
            _require(limit is None or limit >= 1, f"text.{name}", limit, "at least 1, or null")


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """The shape of the network (`emoconv.nn.TextCNN`).

    Args:
        embedding_width: D, the width of a word vector; word vectors from a file must have it.
        kernel_widths: Distinct widths of the convolutions, in words.
        filters: F, the filters of each width.
        hidden: Units of a ReLU layer between pooling and output; ``None`` for a linear output,
            which is what makes explanations exact.
        embedding_storage: How a bundle keeps word vectors. ``"int8"`` takes half of the room of
            ``"float16"``, each vector with a scale of its own.
    """

    embedding_width: int = 300
    kernel_widths: tuple[int, ...] = (1, 2, 3)
    filters: int = 256
    hidden: int | None = None
    embedding_storage: Literal["float16", "int8"] = "float16"

    def __post_init__(self) -> None:
        _require(
            self.embedding_width >= 1, "model.embedding_width", self.embedding_width, "at least 1"
        )
        _require(
            len(self.kernel_widths) > 0
            and len(set(self.kernel_widths)) == len(self.kernel_widths)
            and min(self.kernel_widths) >= 1,
            "model.kernel_widths",
            self.kernel_widths,
            "distinct widths of at least 1",
        )
        _require(self.filters >= 1, "model.filters", self.filters, "at least 1")
        _require(
            self.hidden is None or self.hidden >= 1,
            "model.hidden",
            self.hidden,
            "1 or more, or null",
        )


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """How the network is fitted.

    Args:
        epochs: At most this many passes over the training texts.
        batch_size: B, texts per step.
        learning_rate: Adam's step size for all but the embedding.
        embedding_learning_rate: Lazy Adam's step size for the embedding rows of a batch; 0 keeps
            the vectors as they were given.
        schedule: ``"linear"`` lowers both step sizes from step to step, to 0 at the end of the last
            epoch; ``"constant"`` leaves them.
        precision: Of the product of word vectors and filters in training. ``"bfloat16"`` is
            several times faster on processors that multiply it, and very slow on others;
            ``"auto"`` is that where the processor does, and ``"float32"`` elsewhere.
        soft_weight: Share of the teacher in a labelled text's targets when there is one, the rest
            is the labels', in [0, 1].
        unlabelled_per_epoch: At most this many texts without labels in an epoch, each of them
            once before any comes again; ``None`` for all.
        word_dropout: Share of tokens replaced by the unknown word in training, in [0, 1).
        embedding_dropout: Dropout on word vectors, in [0, 1).
        feature_dropout: Dropout on pooled features, in [0, 1).
        hidden_dropout: Dropout on the hidden layer's units, in [0, 1).
        empty_text_weight: Weight of an extra loss that ties the logits of a text without words to
            the labels' shares of the training texts. At 0 nothing ties them, and an empty text
            gets whatever the output's bias happens to be.
        monitor: The measure on validation data that early stopping watches.
        patience: Epochs without a better measure before training stops.
        threshold_rule: How cuts are chosen on validation data (`emoconv.thresholds`).
        seed: The one seed that everything random is drawn from.
    """

    epochs: int = 15
    batch_size: int = 128
    learning_rate: float = 1e-3
    embedding_learning_rate: float = 1e-3
    schedule: Literal["constant", "linear"] = "constant"
    precision: Literal["auto", "float32", "bfloat16"] = "float32"
    soft_weight: float = 0.5
    unlabelled_per_epoch: int | None = None
    word_dropout: float = 0.1
    embedding_dropout: float = 0.3
    feature_dropout: float = 0.5
    hidden_dropout: float = 0.0
    empty_text_weight: float = 1.0
    monitor: Literal["loss", "micro_f1", "macro_f1", "average_precision"] = "macro_f1"
    patience: int = 2
    threshold_rule: Literal["shared-micro", "shared-macro", "per-label", "per-label-balanced"] = (
        "per-label-balanced"
    )
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "patience"):
            value = getattr(self, name)
            _require(value >= 1, f"training.{name}", value, "at least 1")
        rate = self.learning_rate
        _require(0 < rate <= 1, "training.learning_rate", rate, "above 0 and at most 1")
        rate = self.embedding_learning_rate
        _require(0 <= rate <= 1, "training.embedding_learning_rate", rate, "between 0 and 1")
        for name in ("word_dropout", "embedding_dropout", "feature_dropout", "hidden_dropout"):
            value = getattr(self, name)
            _require(0 <= value < 1, f"training.{name}", value, "at least 0 and below 1")
        for name in ("soft_weight", "empty_text_weight"):
            value = getattr(self, name)
            _require(0 <= value <= 1, f"training.{name}", value, "between 0 and 1")
        limit = self.unlabelled_per_epoch
        _require(
            limit is None or limit >= 0,
            "training.unlabelled_per_epoch",
            limit,
            "at least 0, or null",
        )
        _require(0 <= self.seed < 2**63, "training.seed", self.seed, "between 0 and 2**63 - 1")


@dataclass(frozen=True, kw_only=True)
class Config:
    """A whole recipe: text, model and training.

    Example:
        >>> from_dict(Config, {"model": {"filters": 8}}).model.filters
        8
    """

    text: TextConfig = field(default_factory=TextConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)


def check_names(values: Mapping[str, object], known: Sequence[str], *, what: str) -> None:
    """Check that what was read from JSON has all the known names and no other.

    Raises:
        ConfigError: A name is unknown or missing; ``what`` says a name of what.
    """
    for name in values:
        if name not in known:
            raise ConfigError(f"unknown {what} setting {name}{did_you_mean(name, known)}")
    for name in known:
        if name not in values:
            raise ConfigError(f"{what} setting {name} is missing")


def to_dict(config: object) -> dict[str, object]:
    """Turn a config dataclass into what `json` writes."""
    return typing.cast("dict[str, object]", dataclasses.asdict(config))  # type: ignore[call-overload] # any dataclass


def from_dict(cls: type[_T], values: Mapping[str, object], *, path: str = "") -> _T:
    """Make a config dataclass from what `json` reads, checking every name and type.

    Args:
        cls: The dataclass to make.
        values: Its settings; what is absent takes its default.
        path: Where in the whole config this part lies, for messages (``"model."``).

    Raises:
        ConfigError: A name is unknown, a type is wrong or a value is out of range.
    """
    if not isinstance(values, dict):
        raise ConfigError(f"{path.rstrip('.') or 'the config'} is {values!r}; expected an object")
    hints = typing.get_type_hints(cls)
    known = {f.name: hints[f.name] for f in dataclasses.fields(cls)}  # type: ignore[arg-type] # any dataclass
    arguments: dict[str, object] = {}
    for name, value in values.items():
        if name not in known:
            raise ConfigError(
                f"unknown setting {path}{name}{did_you_mean(name, known)} "
                f"(known here: {', '.join(known)})"
            )
        arguments[name] = _convert(known[name], value, path + name)
    return cls(**arguments)


def _convert(expected: object, value: object, name: str) -> object:
    """Check a JSON value against a field's type; lists become tuples, integers floats."""
    if isinstance(expected, type) and dataclasses.is_dataclass(expected):
        return from_dict(expected, typing.cast("dict[str, object]", value), path=f"{name}.")
    origin, arguments = typing.get_origin(expected), typing.get_args(expected)
    if origin is types.UnionType:  # every union here is "something or None"
        return None if value is None else _convert(arguments[0], value, name)
    if origin is Literal:
        _require(value in arguments, name, value, "one of " + ", ".join(map(repr, arguments)))
        return value
    if origin is tuple:
        _require(isinstance(value, list | tuple), name, value, "a list")
        return tuple(_convert(arguments[0], v, name) for v in typing.cast("list[object]", value))
    if expected is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    matches = isinstance(value, typing.cast("type", expected)) and not isinstance(value, bool)
    _require(matches, name, value, {int: "a whole number", float: "a number"}.get(expected, "text"))  # type: ignore[call-overload] # keyed by type
    return value
