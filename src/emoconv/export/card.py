"""A model card with the metadata that the Hugging Face Hub reads.

The metadata is YAML between two lines of ``---`` at the start of the card. What the card says
already stays; what is known of the bundle is added; what nobody said, a licence say, is left out.
Source of the names: https://huggingface.co/docs/hub/model-cards.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from emoconv.errors import DataError, MissingExtraError

if TYPE_CHECKING:
    from pathlib import Path

    from emoconv.bundle import Bundle

__all__ = ["GOEMOTIONS_TRAIN_SHA256", "HubCard", "hub_card"]

GOEMOTIONS_TRAIN_SHA256 = "376980a01c5478a764eb946571232e4f7496df7d1a62ca73443f3be1120a92be"
"""What a bundle says of its training data where that is GoEmotions' official train split."""

_GOEMOTIONS = "google-research-datasets/go_emotions"
_TASK = "text-classification"
_TAGS = ("emoconv", "emotion-detection", "multi-label")
_FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*\r?$\n?", re.DOTALL | re.MULTILINE)


class HubCard(NamedTuple):
    """A model card.

    Attributes:
        text: Markdown with metadata at its start.
        unstated: Which of ``license`` and ``language`` it does not state.
    """

    text: str
    unstated: tuple[str, ...]


def hub_card(
    bundle: Bundle,
    card: str,
    *,
    path: Path,
    name: str,
    licence: str | None = None,
    language: str | None = None,
) -> HubCard:
    """Return a model's card with metadata at its start.

    Args:
        bundle: The model.
        card: Its card so far, Markdown; may be empty.
        path: The file of that, for messages.
        name: What it is called beside its figures, and in the title of a card that is empty.
        licence: The Hub's short name of it (``apache-2.0``); ``None`` for what the card says.
        language: Its code (``en``); same.

    Raises:
        DataError: The card starts with metadata that is no YAML mapping.
        MissingExtraError: PyYAML is not installed.
    """
    metadata, body = _parts(card, path)
    for key, value in (("license", licence), ("language", language)):
        if value is not None:
            metadata[key] = value
    for key, value in _known(bundle, name, metadata).items():
        metadata.setdefault(key, value)
    tags = metadata.get("tags") or []
    given = [tags] if isinstance(tags, str) else list(tags)
    metadata["tags"] = [*given, *(tag for tag in _TAGS if tag not in given)]
    text = body.lstrip() or _text(bundle, name)
    unstated = tuple(key for key in ("license", "language") if not metadata.get(key))
    return HubCard(f"---\n{_to_yaml(metadata)}---\n\n{text}", unstated)


def _parts(card: str, path: Path) -> tuple[dict[str, Any], str]:
    """Return the metadata and the text of a card."""
    try:
        import yaml  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError("a model card for the Hub", extra="hub") from error
    front = _FRONT.match(card)
    if front is None:
        return {}, card
    try:
        metadata = yaml.safe_load(front[1])
    except yaml.YAMLError as error:
        problem = " ".join(str(error).split())
        raise DataError(f"its metadata is not YAML: {problem}", path=path, line=1) from None
    if not isinstance(metadata, dict | None):
        raise DataError(
            f"its metadata is {metadata!r}; expected names and values", path=path, line=1
        )
    return metadata or {}, card[front.end() :]


def _to_yaml(metadata: dict[str, Any]) -> str:
    import yaml  # noqa: PLC0415 - an extra; it was there for reading

    return cast("str", yaml.safe_dump(metadata, sort_keys=False, allow_unicode=True, width=100))


def _known(bundle: Bundle, name: str, stated: dict[str, Any]) -> dict[str, Any]:
    """Return what a bundle tells of itself, in the Hub's words."""
    known: dict[str, Any] = {"library_name": "emoconv", "pipeline_tag": _TASK}
    train = bundle.provenance.get("train")
    if isinstance(train, dict) and train.get("sha256") == GOEMOTIONS_TRAIN_SHA256:
        known["datasets"] = [_GOEMOTIONS]
    figures = _figures(bundle)
    if figures:
        known["metrics"] = ["f1", "average_precision"]
        data = stated.get("datasets") or known.get("datasets") or [_validation_name(bundle)]
        result = {
            "task": {"type": _TASK},
            "dataset": {
                "name": f"{_validation_name(bundle)}, which chose the thresholds",
                "type": data if isinstance(data, str) else data[0],
                "split": "validation",
            },
            "metrics": figures,
        }
        known["model-index"] = [{"name": name, "results": [result]}]
    return known


def _validation_name(bundle: Bundle) -> str:
    dev = bundle.provenance.get("dev")
    return str(dev.get("name", "validation")) if isinstance(dev, dict) else "validation"


def _figures(bundle: Bundle) -> list[dict[str, Any]]:
    """Return the figures on validation data, where the bundle has them."""
    figures = bundle.provenance.get("dev_figures")
    if not isinstance(figures, dict):
        return []
    micro, macro = (figures.get(name) for name in ("micro", "macro"))
    found = {
        ("f1", "micro F1"): micro.get("f1") if isinstance(micro, dict) else None,
        ("f1", "macro F1"): macro.get("f1") if isinstance(macro, dict) else None,
        ("average_precision", "mean average precision"): figures.get("average_precision"),
    }
    return [
        {"type": kind, "name": what, "value": round(value, 4)}
        for (kind, what), value in found.items()
        if isinstance(value, float)
    ]


def _text(bundle: Bundle, name: str) -> str:
    """Return a card's text for a bundle that came without one."""
    model = bundle.config.model
    return (
        f"# {name}\n\nA text CNN of emoconv that gives each text any number of "
        f"{len(bundle.labels)} labels: {', '.join(bundle.labels.names)}.\n\n"
        f"- {len(bundle.vocabulary):,} words, tokenizer `{bundle.config.text.tokenizer}`\n"
        f"- {model.filters} filters of each width "
        f"{', '.join(map(str, model.kernel_widths))}\n"
    )
