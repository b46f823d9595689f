"""Data with other labels: a mapping file, and what is true of a data set by it.

A mapping file is a JSON object. Each key is a label of the data, each value the list of the
model's labels that it is made of, or null for a label that is not judged::

    {"anger": ["anger", "annoyance"], "joy": ["joy", "amusement"], "boredom": null}

Google's published ``ekman_mapping.json`` is one. Knows nothing of models: what a model predicts is
grouped by ``Taxonomy``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from emoconv.data.dataset import Dataset
from emoconv.data.records import read_text
from emoconv.errors import DataError, LabelError, did_you_mean
from emoconv.labels import LabelSet, Taxonomy

if TYPE_CHECKING:
    from os import PathLike

    from numpy.typing import NDArray

__all__ = ["LabelMapping", "read_mapping"]


@dataclass(frozen=True)
class LabelMapping:
    """Labels of data, each made of labels of a model.

    Args:
        taxonomy: The labels that are judged, in their order, each with its members among the
            model's labels.
        ignored: Labels of the data that are not judged.
        own: The model's labels.
    """

    taxonomy: Taxonomy
    ignored: tuple[str, ...]
    own: LabelSet

    @property
    def labels(self) -> LabelSet:
        """The labels that are judged, G of them."""
        return LabelSet(tuple(self.taxonomy.groups))

    def names(self, labels: LabelSet) -> bool:
        """Return whether the mapping names each of these labels as one of the data's."""
        return not self._strangers(labels)

    def relabel(self, dataset: Dataset) -> Dataset:
        """Return a data set with the labels that are judged.

        A data set whose labels the mapping names keeps its columns, those not judged left out; a
        label that it lacks holds nowhere. One that has labels of the model instead gets each
        judged label where any of its members holds. Every text stays, also one that is left
        without a label.

        Args:
            dataset: Texts with labels of one kind or the other.

        Returns:
            The same texts and ids, bool (N, G), and the labels of ``labels``.

        Raises:
            LabelError: The data set has a label that is neither.
        """
        strangers = self._strangers(dataset.labels)
        if not strangers:
            y = _columns(dataset, self.labels)
        elif all(name in self.own.names for name in dataset.labels.names):
            y = self.taxonomy.any_of(_columns(dataset, self.own), self.own)
        else:
            hint = did_you_mean(strangers[0], (*self.taxonomy.groups, *self.ignored))
            raise LabelError(
                f"the data has the label {strangers[0]!r}, which {self.taxonomy.name} does not "
                f"name{hint}; give it labels of the model there, or null to leave it unjudged"
            )
        return Dataset(texts=dataset.texts, y=y, labels=self.labels, ids=dataset.ids)

    def to_dict(self) -> dict[str, object]:
        """Return plain values for JSON: the name, and what is made of what."""
        groups = {name: list(members) for name, members in self.taxonomy.groups.items()}
        return {
            "name": self.taxonomy.name,
            "labels": groups | dict.fromkeys(self.ignored),
        }

    def _strangers(self, labels: LabelSet) -> list[str]:
        named = {*self.taxonomy.groups, *self.ignored}
        return [name for name in labels.names if name not in named]


def read_mapping(path: str | PathLike[str], own: LabelSet) -> LabelMapping:
    """Read a mapping file.

    Args:
        path: The JSON file; its name becomes that of the taxonomy.
        own: The model's labels.

    Raises:
        DataNotFoundError: There is no such file.
        DataError: It is no JSON object of the form above, names a label twice, maps a label to
            nothing or to a label that the model does not have, or leaves none to be judged.
    """
    path = Path(path)
    text = read_text(path)
    try:
        values = json.loads(text, object_pairs_hook=_Pairs)
    except json.JSONDecodeError as error:
        raise DataError(f"not JSON: {error.msg}", path=path, line=error.lineno) from None
    except (ValueError, RecursionError) as error:  # a number, or nesting, that Python refuses
        raise DataError(f"not JSON that can be read: {error}", path=path) from None
    if not isinstance(values, _Pairs):
        raise DataError(
            f"holds {_kind(values)}; expected an object of labels and lists of the model's labels",
            path=path,
        )
    groups: dict[str, tuple[str, ...]] = {}
    ignored: list[str] = []
    try:
        LabelSet(tuple(name for name, _ in values))  # distinct and not blank
        for name, members in values:
            if members is None:
                ignored.append(name)
            else:
                groups[name] = _members(name, members, own)
    except LabelError as error:
        raise DataError(str(error), path=path) from None
    if not groups:
        raise DataError("every label is null; expected one to judge", path=path)
    return LabelMapping(Taxonomy(path.name, groups), tuple(ignored), own)


class _Pairs(list[tuple[str, object]]):
    """The pairs of a JSON object, repeated names too."""


def _members(name: str, members: object, own: LabelSet) -> tuple[str, ...]:
    if not isinstance(members, list) or isinstance(members, _Pairs):
        raise LabelError(
            f"label {name!r} has {_kind(members)}; expected a list of the model's labels, or null"
        )
    if not members:
        raise LabelError(
            f"label {name!r} has an empty list; give it labels of the model, or null to leave it "
            "unjudged"
        )
    for member in members:
        if not isinstance(member, str):
            raise LabelError(
                f"label {name!r} has {_kind(member)} in its list; expected names of the model's "
                "labels"
            )
        if member not in own.names:
            raise LabelError(
                f"label {name!r} has {member!r}, which is not one of the model's {len(own)} "
                f"labels{did_you_mean(member, own.names)}"
            )
        if members.count(member) > 1:
            raise LabelError(f"label {name!r} has {member!r} twice")
    return tuple(members)


def _columns(dataset: Dataset, labels: LabelSet) -> NDArray[np.bool_]:
    """Return the columns of some labels, bool (N, len(labels)); of one it lacks, false."""
    y = np.zeros((len(dataset), len(labels)), dtype=np.bool_)
    for column, name in enumerate(labels.names):
        if name in dataset.labels.names:
            y[:, column] = dataset.y[:, dataset.labels.index(name)]
    return y


def _kind(value: object) -> str:
    """Return what a JSON value is, for a complaint."""
    if isinstance(value, _Pairs):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return "null" if value is None else json.dumps(value, ensure_ascii=False)
