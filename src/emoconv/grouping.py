"""Groups of labels at prediction time: which grouping is meant, and whether a model can have it.

How a group's probability and its cut follow from those of its members is with
`emoconv.labels.Taxonomy`. Knows nothing of detectors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emoconv.errors import ConfigError, DataNotFoundError, LabelError, did_you_mean
from emoconv.labels import EKMAN, SENTIMENT, Taxonomy

if TYPE_CHECKING:
    from os import PathLike

    from emoconv.data import LabelMapping
    from emoconv.labels import LabelSet

__all__ = ["GROUPINGS", "find_grouping"]

GROUPINGS: dict[str, Taxonomy] = {"ekman": EKMAN, "sentiment": SENTIMENT}
"""The groupings that have a name. A file of the same name is given with its folder, ``./ekman``."""


def find_grouping(wanted: str | PathLike[str] | Taxonomy, labels: LabelSet) -> LabelMapping:
    """Return a grouping of a model's labels.

    Args:
        wanted: One of `GROUPINGS`, a mapping file (`emoconv.data.read_mapping`), or a taxonomy.
        labels: The model's.

    Returns:
        The groups, each with its members; of a file also what it leaves unjudged.

    Raises:
        ConfigError: There is neither such a grouping nor such a file.
        LabelError: A group has no members, or one that the model does not have.
        DataError: The file is not as it should be.

    Example:
        >>> from emoconv.labels import GOEMOTIONS
        >>> find_grouping("sentiment", GOEMOTIONS).labels.names
        ('positive', 'negative', 'ambiguous', 'neutral')
    """
    from emoconv.data import LabelMapping, read_mapping  # noqa: PLC0415 - for those who group

    if isinstance(wanted, str):
        wanted = GROUPINGS.get(wanted, wanted)
    if isinstance(wanted, Taxonomy):
        _check_members(wanted, labels)
        return LabelMapping(wanted, (), labels)
    try:
        return read_mapping(wanted, labels)
    except DataNotFoundError:
        known = ", ".join(map(repr, GROUPINGS))
        raise ConfigError(
            f"no grouping and no file {str(wanted)!r}{did_you_mean(str(wanted), GROUPINGS)} "
            f"(known: {known}, or a JSON file of groups and their labels)"
        ) from None


def _check_members(taxonomy: Taxonomy, labels: LabelSet) -> None:
    if not taxonomy.groups:
        raise LabelError(f"grouping {taxonomy.name} has no groups; expected at least one")
    for group, members in taxonomy.groups.items():
        if not members:
            raise LabelError(f"group {group!r} of {taxonomy.name} has no labels; give it some")
        for member in members:
            if member not in labels.names:
                raise LabelError(
                    f"group {group!r} of {taxonomy.name} has {member!r}, which is not one of the "
                    f"model's {len(labels)} labels{did_you_mean(member, labels.names)}; give a "
                    "grouping of the model's own labels"
                )
