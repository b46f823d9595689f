"""The search space: which settings of a recipe are searched, where, and why.

The package's own is ``space.toml`` beside this module, the one place where it is written down. A
file of a user, TOML or JSON of the same form, narrows, fixes or extends it. Knows nothing of
studies; needs neither torch nor Optuna.
"""

from __future__ import annotations

import dataclasses
import json
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

from emoconv.errors import ConfigError, DataNotFoundError, did_you_mean
from emoconv.tuning.parameters import Choices, Range, shown
from emoconv.tuning.settings import number_type, replace_settings, setting, setting_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from emoconv.config import Config
    from emoconv.tuning.parameters import Parameter

__all__ = ["Space", "default_space_text", "read_space"]

_FILE = "space.toml"

_NOT_SEARCHED = {
    "training.seed": "a lucky seed is no better recipe",
    "training.precision": "it is about speed",
    "training.soft_weight": "without teachers it does nothing",
    "training.unlabelled_per_epoch": "without teachers it does nothing",
    "text.unlabelled_min_count": "without teachers it does nothing",
    "model.embedding_storage": "it says how a finished model is kept",
}
"""What no space may hold, and why."""

_FIELDS = {"low", "high", "scale", "step", "choices", "why"}


@dataclass(frozen=True)
class Space:
    """What is searched.

    Args:
        parameters: By the setting's name, ``"training.learning_rate"``.
    """

    parameters: Mapping[str, Parameter]

    def applied(self, config: Config, values: Mapping[str, object]) -> Config:
        """Return a recipe with values in the place of its own.

        Raises:
            ConfigError: A value is not one that the setting takes.
        """
        return replace_settings(config, values)

    def values_of(self, config: Config) -> dict[str, object]:
        """Return a recipe's own values of what is searched, as JSON has them."""
        return {name: setting(config, name) for name in self.parameters}

    def to_list(self) -> list[dict[str, object]]:
        """Return plain values for JSON."""
        return [
            {
                "name": name,
                **{k: v for k, v in dataclasses.asdict(parameter).items() if v is not None},
            }
            for name, parameter in self.parameters.items()
        ]


def default_space_text() -> str:
    """Return the package's own space as the TOML file that it is."""
    return (resources.files("emoconv.tuning") / _FILE).read_text(encoding="utf-8")


def read_space(config: Config, path: Path | None = None) -> tuple[Config, Space, list[str]]:
    """Return what is searched around a recipe.

    The package's ranges are widened where the recipe lies outside them, so that the search can
    begin from it; where that cannot be, its setting is left alone. A user's range that does
    not hold the recipe's value is an error: it says two things.

    Args:
        config: The recipe that the search begins from.
        path: A user's TOML or JSON file; None for none.

    Returns:
        The recipe, with what the file fixes; the space; and what a reader should know of it.

    Raises:
        ConfigError: The file is not as expected; names the file and the setting.
        DataNotFoundError: There is no such file.
    """
    where = "the package's space" if path is None else str(path)
    found = dict(_entries(tomllib.loads(default_space_text()), _FILE))
    own = {} if path is None else _read(path)
    search = own.pop("search", None)
    entries = dict(_entries(own, where))
    fixed = {name: value for name, value in entries.items() if not isinstance(value, dict)}
    config = _checked(config, fixed, where)
    given = {
        name: _legal(config, name, _parameter(name, fields, found.get(name), where), where)
        for name, fields in entries.items()
        if isinstance(fields, dict)
    }
    wanted = _wanted(search, {**found, **given}, fixed, where)
    parameters: dict[str, Parameter] = {}
    notes = [f"{name} is {shown(value)} in every trial" for name, value in fixed.items()]
    for name in wanted:
        value = setting(config, name)
        if name in given:
            _check_start(name, given[name], value, where)
            parameters[name] = given[name]
        else:
            parameter = _legal(config, name, _parameter(name, found[name], None, _FILE), _FILE)
            wide = parameter.widened(value)
            if wide is None:
                notes.append(f"{name} stays {shown(value)}, which {parameter} has no place for")
                continue
            if wide != parameter:
                notes.append(f"{name} is searched from {wide}, to hold the recipe's {shown(value)}")
            parameters[name] = wide
    if not parameters:
        raise ConfigError(f"{where}: nothing is left to search; expected one setting or more")
    return config, Space(parameters), notes


def _read(path: Path) -> dict[str, Any]:
    """Return what a file holds.

    Raises:
        ConfigError: It is neither JSON nor TOML.
        DataNotFoundError: It is not there.
    """
    if not path.is_file():
        raise DataNotFoundError("no such file of a search space", path=path)
    try:
        text = path.read_text(encoding="utf-8")
        values = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8 text; expected a space as TOML or JSON") from None
    except json.JSONDecodeError as error:
        raise ConfigError(f"{path}:{error.lineno}: not JSON: {error.msg}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from None
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: {values!r}; expected an object of text, model, training")
    return values


def _entries(values: Mapping[str, Any], where: str) -> Iterator[tuple[str, Any]]:
    """Yield each setting's full name and what is said of it."""
    parts = tuple(dict.fromkeys(name.partition(".")[0] for name in setting_names()))
    for part, settings in values.items():
        if part not in parts:
            raise ConfigError(
                f"{where}: unknown part {part}{did_you_mean(part, (*parts, 'search'))} "
                f"(known: {', '.join(parts)}, search)"
            )
        if not isinstance(settings, dict):
            raise ConfigError(f"{where}: {part} is {settings!r}; expected a table of settings")
        for name, said in settings.items():
            whole = f"{part}.{name}"
            if whole not in setting_names():
                raise ConfigError(
                    f"{where}: unknown setting {whole}{did_you_mean(whole, setting_names())}"
                )
            yield whole, said


def _parameter(
    name: str, fields: Mapping[str, Any], base: Mapping[str, Any] | None, where: str
) -> Parameter:
    """Make a parameter; what a range leaves out is taken from the package's range.

    Raises:
        ConfigError: A field is unknown, missing, of a wrong type or of no use.
    """
    if name in _NOT_SEARCHED:
        raise ConfigError(f"{where}: {name} is not searched: {_NOT_SEARCHED[name]}; leave it out")
    for field in fields:
        if field not in _FIELDS:
            raise ConfigError(
                f"{where}: {name}: unknown field {field}{did_you_mean(field, _FIELDS)} "
                "(known: low, high, scale, step, choices, why)"
            )
    parameter: Parameter
    if "choices" in fields:
        if len(fields.keys() - {"choices", "why"}) or not isinstance(fields["choices"], list):
            raise ConfigError(f"{where}: {name}: expected choices, a list, and at most why beside")
        parameter = Choices(values=tuple(fields["choices"]), why=str(fields.get("why", "")))
    else:
        inherited = {} if base is None or "choices" in base else base
        parameter = _range(name, {**inherited, **fields}, where)
    problem = parameter.problem()
    if problem is not None:
        raise ConfigError(f"{where}: {name}: {problem}")
    return parameter


def _range(name: str, fields: Mapping[str, Any], where: str) -> Range:
    kind = number_type(name)
    if kind is None:
        raise ConfigError(f"{where}: {name} is no number; give choices in place of low and high")
    if not {"low", "high"} <= fields.keys():
        raise ConfigError(f"{where}: {name}: expected low and high, or choices")
    for field in ("low", "high", "step"):
        value = fields.get(field, 0)
        if isinstance(value, bool) or not isinstance(value, int if kind is int else int | float):
            expected = "a whole number" if kind is int else "a number"
            raise ConfigError(f"{where}: {name}: {field} is {value!r}; expected {expected}")
    scale = fields.get("scale", "linear")
    if scale not in ("linear", "log"):
        raise ConfigError(f"{where}: {name}: scale is {scale!r}; expected 'linear' or 'log'")
    step = fields.get("step")
    return Range(
        low=kind(fields["low"]),
        high=kind(fields["high"]),
        scale=scale,
        step=None if step is None else kind(step),
        why=str(fields.get("why", "")),
    )


def _wanted(
    search: object, known: Mapping[str, object], fixed: Mapping[str, object], where: str
) -> list[str]:
    """Return the names to search: those that the file lists, or all that are not fixed."""
    if search is None:
        return [name for name in known if name not in fixed]
    if not isinstance(search, list) or not all(isinstance(name, str) for name in search):
        raise ConfigError(f"{where}: search is {search!r}; expected a list of settings")
    for name in search:
        if name in fixed:
            raise ConfigError(f"{where}: {name} is fixed at {shown(fixed[name])} and in search")
        if name not in known:
            raise ConfigError(
                f"{where}: search names {name}, of which no range is known"
                f"{did_you_mean(name, known)}"
            )
    return list(dict.fromkeys(search))


def _check_start(name: str, parameter: Parameter, value: object, where: str) -> None:
    if not parameter.holds(value):
        raise ConfigError(
            f"{where}: {name} is searched in {parameter}, and the recipe to begin from has "
            f"{shown(value)}; widen it, or change the recipe: --set {name}=VALUE"
        )


def _legal(config: Config, name: str, parameter: Parameter, where: str) -> Parameter:
    """Return a parameter whose values are all such that its setting takes them, as it has them."""
    values = [setting(_checked(config, {name: v}, where), name) for v in parameter.samples()]
    if isinstance(parameter, Choices):
        return dataclasses.replace(parameter, values=tuple(values))
    return parameter


def _checked(config: Config, values: Mapping[str, object], where: str) -> Config:
    try:
        return replace_settings(config, values)
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from None
