"""The cases: families of short texts with a rule each, read from JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from emoconv.config import check_names
from emoconv.data.records import read_text
from emoconv.errors import ConfigError, DataError, did_you_mean
from emoconv.labels import GOEMOTIONS, SENTIMENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from os import PathLike

__all__ = ["FORMAT_VERSION", "RULES", "Case", "Family", "Rule", "load_families"]

FORMAT_VERSION = 1

Rule = Literal["holds", "rises", "keeps", "unchanged"]
"""What a family's cases ask for; `emoconv.behaviour.rules` has it in full."""

RULES: tuple[Rule, ...] = get_args(Rule)

_GROUPS = {
    "@positive": SENTIMENT.groups["positive"],
    "@negative": SENTIMENT.groups["negative"],
    "@emotion": tuple(name for name in GOEMOTIONS.names if name != "neutral"),
}
"""Names in a case that stand for several labels."""

_FAMILY = ("name", "about", "rule")
_TEMPLATED = ("reference", "templates", "terms")


@dataclass(frozen=True, kw_only=True)
class Case:
    """A text, or a pair of texts, and what is asked of a model.

    Args:
        texts: One; or two, the second of which must be answered as the rule says of the first.
        wanted: Of each of these groups of labels one at least must hold (rule "holds").
        unwanted: None of these may hold (rule "holds").
        labels: The emotion whose probability is compared (rules "rises", "keeps").
        term: What was put into a template, and the group of terms that it is of.
        group: The same.
    """

    texts: tuple[str, ...]
    wanted: tuple[tuple[str, ...], ...] = ()
    unwanted: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    term: str | None = None
    group: str | None = None


@dataclass(frozen=True)
class Family:
    """Cases that ask for one ability.

    Args:
        name: What it is called.
        about: What is asked, in a sentence.
        rule: How a case is judged.
        cases: At least one.
    """

    name: str
    about: str
    rule: Rule
    cases: tuple[Case, ...]


def load_families(path: str | PathLike[str] | None = None) -> tuple[Family, ...]:
    """Read families of cases.

    Args:
        path: A JSON file of the form of the package's ``cases.json``; ``None`` for that.

    Raises:
        DataNotFoundError: There is no such file.
        DataError: It is not as expected.
    """
    if path is None:
        where = Path("cases.json")
        text = resources.files("emoconv.behaviour").joinpath("cases.json").read_text("utf-8")
    else:
        where = Path(path)
        text = read_text(where)
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(f"not JSON: {error.msg}", path=where, line=error.lineno) from None
    if not isinstance(values, dict) or values.get("format_version") != FORMAT_VERSION:
        raise DataError(
            f"expected a JSON object of behaviour cases with format_version {FORMAT_VERSION}",
            path=where,
        )
    families = values.get("families")
    if not isinstance(families, list) or not families:
        raise DataError("expected a list of families, at least one", path=where)
    return tuple(_family(family, where) for family in families)


def _family(values: object, path: Path) -> Family:
    name = values.get("name") if isinstance(values, dict) else None
    if not isinstance(values, dict) or not isinstance(name, str):
        raise DataError(f"a family is {values!r:.80}; expected an object with a name", path=path)
    try:
        family = _checked(values, name)
    except (ConfigError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise DataError(f"family {name!r}: {error}", path=path) from None
    if not family.cases:
        raise DataError(f"family {name!r} has no cases", path=path)
    return family


def _checked(values: Mapping[str, Any], name: str) -> Family:
    templated = "templates" in values
    check_names(values, (*_FAMILY, *(_TEMPLATED if templated else ("cases",))), what="family")
    rule = values["rule"]
    if rule not in RULES:
        hint = did_you_mean(str(rule), RULES)
        raise ConfigError(f"no rule {rule!r}{hint} (known: {', '.join(RULES)})")
    cases = tuple(_templated(values) if templated else map(_case, values["cases"]))
    if fault := next((one for one in cases if not _fits(one, rule)), None):
        raise ConfigError(f"the case {fault.texts!r} lacks what the rule {rule!r} judges by")
    return Family(name, str(values["about"]), rule, cases)


def _case(values: Mapping[str, Any]) -> Case:
    texts = [values["text"]] if "text" in values else values["texts"]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError(f"{texts!r} are no texts")
    wanted = [*values.get("all", ()), *([values["any"]] if "any" in values else ())]
    return Case(
        texts=tuple(texts),
        wanted=tuple(_expanded(group) for group in wanted),
        unwanted=_expanded(values.get("none", ())),
        labels=_expanded(values.get("labels", ())),
    )


def _expanded(names: object) -> tuple[str, ...]:
    """Return labels, those that a name of a group stands for in its place."""
    if not isinstance(names, list | tuple):
        raise TypeError(f"{names!r} is no list of labels")
    return tuple(label for name in names for label in _GROUPS.get(name, (name,)))


def _templated(values: Mapping[str, Any]) -> Iterator[Case]:
    """Yield a case for each template and term, compared with the reference in its place."""
    for group, terms in values["terms"].items():
        for term in terms:
            for template in values["templates"]:
                pair = (template.format(values["reference"]), template.format(term))
                yield Case(texts=pair, term=term, group=group)


def _fits(case: Case, rule: Rule) -> bool:
    """Tell whether a case has what its rule judges by."""
    texts = 1 if rule == "holds" else 2
    if len(case.texts) != texts:
        return False
    if rule == "holds":
        return bool(case.wanted or case.unwanted)
    return rule == "unchanged" or bool(case.labels)
