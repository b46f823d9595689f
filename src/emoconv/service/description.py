"""What a service tells of its model, and the groupings that it offers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from emoconv.errors import ConfigError, LabelError
from emoconv.grouping import GROUPINGS
from emoconv.labels import SENTIMENT
from emoconv.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emoconv.detector import EmotionDetector
    from emoconv.service.settings import Limits

__all__ = ["GroupDict", "LabelDict", "LimitsDict", "ModelDict", "describe", "offered"]

_DIGITS = 4


class LabelDict(TypedDict):
    """A label of the model."""

    name: str
    threshold: float
    sentiment: str | None


class GroupDict(TypedDict):
    """A group of labels."""

    name: str
    threshold: float
    members: list[str]


class LimitsDict(TypedDict):
    """How much a request may ask."""

    texts: int
    characters: int
    sentences: int
    explained: int
    body_bytes: int


class ModelDict(TypedDict):
    """The model, in JSON."""

    emoconv: str
    fingerprint: str
    engine: str
    labels: list[LabelDict]
    groupings: dict[str, list[GroupDict]]
    min_confidence: float
    limits: LimitsDict


def offered(
    detector: EmotionDetector, groupings: Sequence[str] | None
) -> dict[str | None, EmotionDetector]:
    """Return a detector for each grouping that is offered, by its name, and one for none.

    Args:
        detector: Of the model's own labels.
        groupings: Names and mapping files, which are called by the file's name without its ending;
            ``None`` for those with a name that the model can have.

    Raises:
        ConfigError: There is no such grouping or file, or two have one name.
        LabelError: A group has a member that the model does not have.
        DataError: A file is not as it should be.
    """
    found: dict[str | None, EmotionDetector] = {None: detector}
    for wanted in GROUPINGS if groupings is None else groupings:
        name = wanted if wanted in GROUPINGS else Path(wanted).stem
        if name in found:
            raise ConfigError(f"two groupings are called {name!r}; give each once, by its own name")
        try:
            found[name] = detector.replace(grouping=wanted)
        except LabelError:
            if groupings is not None:
                raise
    return found


def describe(detectors: dict[str | None, EmotionDetector], limits: Limits) -> ModelDict:
    """Return what is told of a model.

    Args:
        detectors: As of `offered`.
        limits: Of a request.
    """
    detector = detectors[None]
    cuts = dict(zip(detector.labels, detector.thresholds.tolist(), strict=True))
    sentiments = {
        member: group for group, members in SENTIMENT.groups.items() for member in members
    }
    return {
        "emoconv": __version__,
        "fingerprint": detector.bundle.fingerprint(),
        "engine": detector.engine,
        "labels": [
            {"name": name, "threshold": round(cut, _DIGITS), "sentiment": sentiments.get(name)}
            for name, cut in cuts.items()
        ],
        "groupings": {
            name: _groups(grouped) for name, grouped in detectors.items() if name is not None
        },
        "min_confidence": detector.min_confidence,
        "limits": {
            "texts": limits.texts,
            "characters": limits.characters,
            "sentences": limits.sentences,
            "explained": limits.explained,
            "body_bytes": limits.body_bytes,
        },
    }


def _groups(detector: EmotionDetector) -> list[GroupDict]:
    groups = {} if detector.grouping is None else detector.grouping.groups
    return [
        {"name": name, "threshold": round(cut, _DIGITS), "members": list(members)}
        for (name, members), cut in zip(groups.items(), detector.thresholds.tolist(), strict=True)
    ]
