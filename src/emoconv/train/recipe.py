"""Recipes: configs kept as JSON files, by name in the package or by path, with overrides."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, cast

from emoconv.config import Config, from_dict, to_dict
from emoconv.errors import ConfigError, DataNotFoundError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["load_recipe", "override", "recipe_names"]

_FOLDER = resources.files("emoconv.train") / "recipes"


def recipe_names() -> tuple[str, ...]:
    """Return the names of the recipes in the package."""
    return tuple(sorted(f.name.removesuffix(".json") for f in _FOLDER.iterdir()))


def load_recipe(name: str) -> Config:
    """Read a recipe by its name in the package, or from a JSON file.

    Args:
        name: ``"default"``, ``"small"``, ``"blog"``, or a path that ends in ``.json``.

    Raises:
        ConfigError: There is no such recipe, or a setting in it is wrong.
        DataNotFoundError: The file is not there.
    """
    if name.endswith(".json"):
        if not Path(name).is_file():
            raise DataNotFoundError("no such recipe file", path=name)
        try:
            text = Path(name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise ConfigError(f"{name}: not UTF-8 text; expected a recipe as JSON") from None
    elif name in recipe_names():
        text = (_FOLDER / f"{name}.json").read_text(encoding="utf-8")
    else:
        known = recipe_names()
        raise ConfigError(
            f"no recipe {name!r}{did_you_mean(name, known)} "
            f"(known: {', '.join(known)}; or give a .json file)"
        )
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigError(f"{name}:{error.lineno}: not JSON: {error.msg}") from None
    return from_dict(Config, values)


def override(config: Config, settings: Sequence[str]) -> Config:
    """Return a config with settings replaced.

    Args:
        config: Where to start from.
        settings: ``"training.epochs=3"``; the value is JSON, or else taken as text.

    Raises:
        ConfigError: A setting is not of that form, unknown or out of range.
    """
    values = to_dict(config)
    for setting in settings:
        name, equals, text = setting.partition("=")
        part, dot, key = name.partition(".")
        if not (equals and dot):
            raise ConfigError(f"setting {setting!r} is not of the form part.name=value")
        try:
            value = json.loads(text)
        except json.JSONDecodeError:
            value = text
        cast("dict[str, object]", values.setdefault(part, {}))[key] = value
    return from_dict(Config, values)
