"""A Dockerfile, read; what of a folder is sent to its build.

As much of the language as ours has: https://docs.docker.com/reference/dockerfile/.
"""

from __future__ import annotations

import fnmatch
import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from string import Template

__all__ = ["Stage", "Step", "context", "read"]


@dataclass(frozen=True)
class Step:
    """One instruction.

    Attributes:
        word: Its name, in capitals.
        options: What stands before its value as ``--name=value``.
        value: The rest, as it is written, on one line.
    """

    word: str
    options: dict[str, str]
    value: str

    def command(self) -> list[str]:
        """Return the command of RUN, CMD and others, in a list as it is started."""
        if self.value.startswith("["):
            return [str(word) for word in json.loads(self.value)]
        return ["/bin/sh", "-c", self.value]

    def pairs(self, known: dict[str, str]) -> dict[str, str]:
        """Return the names and values of ENV, ARG and LABEL.

        Args:
            known: Values of variables that may stand in them.
        """
        pairs = (word.partition("=") for word in shlex.split(self.value))
        return {name: Template(value).safe_substitute(known) for name, _, value in pairs}


@dataclass(frozen=True)
class Stage:
    """What stands between one FROM and the next.

    Attributes:
        base: What it starts from: an image, or the name of a stage before it.
        name: Its own name; empty if it has none.
        steps: In order.
    """

    base: str
    name: str = ""
    steps: list[Step] = field(default_factory=list)

    def of(self, word: str) -> list[Step]:
        """Return the steps of one kind."""
        return [step for step in self.steps if step.word == word]


def read(path: Path) -> list[Stage]:
    """Return the stages of a Dockerfile."""
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
    stages: list[Stage] = []
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if not line.strip():
            continue
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            stages.append(Stage(base, name))
            continue
        options = {}
        while found := re.match(r"\s*--([a-z-]+)=(\S+)\s+", rest):
            options[found[1]] = found[2]
            rest = rest[found.end() :]
        stages[-1].steps.append(Step(word, options, rest.strip()))
    return stages


def context(folder: Path) -> list[Path]:
    """Return the files of a folder that are sent to a build, by its ``.dockerignore``.

    The last line that fits decides; a line fits a folder with all that is in it.
    """
    lines = (folder / ".dockerignore").read_text("utf-8").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]

    def is_sent(path: PurePosixPath) -> bool:
        sent = True
        for pattern in patterns:
            plain = pattern.removeprefix("!")
            if any(_fits(part, plain) for part in (path, *path.parents)):
                sent = pattern.startswith("!")
        return sent

    tops = {path.removeprefix("!").partition("/")[0] for path in patterns if path[0] == "!"}
    files = [one for top in sorted(tops) for one in (folder / top, *(folder / top).rglob("*"))]
    relative = [one.relative_to(folder) for one in files if one.is_file()]
    return [one for one in relative if is_sent(PurePosixPath(one.as_posix()))]


def _fits(path: PurePosixPath, pattern: str) -> bool:
    """Tell whether a pattern means a path itself; ``**/`` stands for any folders or none."""
    if pattern.startswith("**/"):
        return fnmatch.fnmatchcase(path.name, pattern.removeprefix("**/"))
    return len(path.parts) == pattern.count("/") + 1 and fnmatch.fnmatchcase(str(path), pattern)
