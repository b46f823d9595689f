"""What a run is asked to do, and which file each input becomes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from emoconv.annotation import ADDITIONS
from emoconv.errors import ConfigError
from emoconv.scoring.inputs import STANDARD, format_of, known_format

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emoconv.annotation import Addition, Form
    from emoconv.scoring.inputs import Format, Input, Packing
    from emoconv.scoring.readers import OnError

__all__ = ["Destination", "Request", "destinations"]


@dataclass(frozen=True)
class Request:
    """What is to be done with the inputs.

    Attributes:
        output: A file, a folder or, for standard output, ``-``.
        text_column: The column of the texts.
        format: The output's; ``None`` for that of its ending, or else of the input.
        columns: What is added.
        form: How probabilities are written; ``None`` for a list, and in CSV and TSV for columns.
        prefix: What the names of new columns begin with.
        on_error: What becomes of rows that cannot be read.
        encoding: What text formats are written in.
        rejects: Where rows that cannot be read go; ``None`` for the output's name and
            ``.rejects.jsonl``.
        summary: Where the summary goes; ``None`` for the output's name and ``.summary.json``.
        restart: Whether what an earlier run left is forgotten.
        overwrite: Whether an output that is there is replaced.
    """

    output: str
    text_column: str = "text"
    format: Format | None = None
    columns: tuple[Addition, ...] = ADDITIONS
    form: Form | None = None
    prefix: str = ""
    on_error: OnError = "fail"
    encoding: str = "utf-8"
    rejects: str | None = None
    summary: str | None = None
    restart: bool = False
    overwrite: bool = False

    def __post_init__(self) -> None:
        if self.output == STANDARD and self.on_error != "fail" and self.rejects is None:
            raise ConfigError(
                f"--on-error {self.on_error} puts rows aside, and standard output has no place "
                "beside it; say where by --rejects FILE"
            )

    def form_in(self, format_: Format) -> Form:
        """Return how probabilities are written in a format.

        Raises:
            ConfigError: It cannot hold them in the form that is wanted.
        """
        if format_ not in {"csv", "tsv"}:
            return self.form or "list"
        if self.form == "list":
            raise ConfigError(
                f"{format_} has no lists; write probabilities as columns, or another format"
            )
        return "columns"


@dataclass(frozen=True)
class Destination:
    """The file that an input becomes, or becomes part of.

    Attributes:
        name: Below the output, which is a folder; empty if the output is this file.
        format: The file's.
        packing: What it is compressed with.
    """

    name: str
    format: Format
    packing: Packing | None


def destinations(inputs: Sequence[Input], request: Request) -> list[Destination]:
    """Return the destination of each input.

    All of them are the output itself, if that is a file; if it is a folder each input becomes a
    file of its name there. A folder is what ends with a slash or is one; or what has no known
    ending, where no format is named and there are several inputs.

    Raises:
        ConfigError: The output cannot hold what is asked for, or two inputs become one file, or an
            input would be overwritten.
        DataError: Nothing tells the output's format.
    """
    output = request.output
    known = request.format or known_format(output)[0]
    if output == STANDARD:
        found = [_standard(inputs, request)] * len(inputs)
    elif _is_folder(output) or (known is None and len(inputs) > 1):
        found = [_below(file, request.format) for file in inputs]
    else:
        found = [Destination("", *format_of(output, request.format))] * len(inputs)
    _check_formats(found, output)
    _check_names(inputs, found)
    if output != STANDARD:
        _check_inputs_stay(inputs, Path(output))
    return found


def _is_folder(output: str) -> bool:
    return output.endswith(("/", os.sep)) or Path(output).is_dir()


def _standard(inputs: Sequence[Input], request: Request) -> Destination:
    own = "jsonl" if inputs[0].format == "lines" else inputs[0].format
    return Destination("", request.format or own, None)


def _below(file: Input, named: Format | None) -> Destination:
    """Return where an input goes in a folder."""
    wanted: Format = named or ("jsonl" if file.format == "lines" else file.format)
    if wanted == file.format:
        return Destination(file.name, wanted, file.packing)
    path = PurePath(file.name)
    while path.suffix and any(known_format(path.name)):
        path = path.with_suffix("")
    return Destination(str(path.with_name(f"{path.name}.{wanted}")), wanted, None)


def _check_formats(found: Sequence[Destination], output: str) -> None:
    for destination in found:
        if destination.format == "lines":
            raise ConfigError(
                "plain lines have no place for emotions; write JSON Lines, CSV or Parquet "
                "(--output-format jsonl)"
            )
        if destination.format == "arrow" and output == STANDARD:
            raise ConfigError(
                "an Arrow file is written from both ends and cannot go to standard output; "
                "--output-format arrows writes a stream"
            )


def _check_names(inputs: Sequence[Input], found: Sequence[Destination]) -> None:
    seen: dict[str, str] = {}
    for file, destination in zip(inputs, found, strict=True):
        if destination.name and destination.name in seen:
            raise ConfigError(
                f"{seen[destination.name]} and {file.path} would both become {destination.name}; "
                "name their common folder, or score one at a time"
            )
        seen[destination.name] = file.path


def _check_inputs_stay(inputs: Sequence[Input], output: Path) -> None:
    for file in inputs:
        path = Path(file.path).resolve()
        if output.resolve() in {path, *path.parents}:
            raise ConfigError(f"{file.path} would be overwritten; choose another output")
