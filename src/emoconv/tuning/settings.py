"""Settings of a recipe by their full names, ``training.seed``: to list, read and replace."""

from __future__ import annotations

import types
import typing
from typing import TYPE_CHECKING, cast

from emoconv.config import Config, from_dict, to_dict

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["number_type", "replace_settings", "setting", "setting_names"]


def setting_names() -> tuple[str, ...]:
    """Return every setting of a recipe.

    Example:
        >>> "training.learning_rate" in setting_names()
        True
    """
    return tuple(f"{part}.{name}" for part, values in _parts(Config()).items() for name in values)


def setting(config: Config, name: str) -> object:
    """Return a setting's value as JSON has it.

    Example:
        >>> setting(Config(), "model.kernel_widths")
        [1, 2, 3]
    """
    part, _, field = name.partition(".")
    value = _parts(config)[part][field]
    return list(value) if isinstance(value, tuple) else value


def replace_settings(config: Config, values: Mapping[str, object]) -> Config:
    """Return a recipe with values in the place of its own.

    Raises:
        ConfigError: A value is not one that its setting takes.
    """
    parts = _parts(config)
    for name, value in values.items():
        part, _, field = name.partition(".")
        parts[part][field] = value
    return from_dict(Config, parts)


def number_type(name: str) -> type[int | float] | None:
    """Return int or float for a setting that is such a number, or may be one.

    Example:
        >>> number_type("model.hidden"), number_type("text.tokenizer")
        (<class 'int'>, None)
    """
    part, _, field = name.partition(".")
    hint = typing.get_type_hints(typing.get_type_hints(Config)[part])[field]
    if typing.get_origin(hint) is types.UnionType:  # every union of a config is "something or None"
        hint = typing.get_args(hint)[0]
    return hint if hint in (int, float) else None


def _parts(config: Config) -> dict[str, dict[str, object]]:
    return cast("dict[str, dict[str, object]]", to_dict(config))
