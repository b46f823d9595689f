"""Inputs opened, each with what makes the bytes of its output; checked before a row is read."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from emoconv.annotation import check_names
from emoconv.errors import DataError
from emoconv.scoring.encoders import Added, Encoder, encoder_of
from emoconv.scoring.readers import LINE, Reader, open_reader
from emoconv.scoring.work import check_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from emoconv.scoring.inputs import Input
    from emoconv.scoring.request import Destination, Request

__all__ = ["OutputFile", "about", "output_files"]


class OutputFile:
    """A file of the output, and the inputs that it is made of.

    Args:
        destination: Where it is and what its format is.
        inputs: The inputs by their numbers, in order.
        request: What is to be done with them.
        labels: L names.

    Attributes:
        destination: As above.
        inputs: As above.
    """

    def __init__(
        self,
        destination: Destination,
        inputs: dict[int, Input],
        request: Request,
        *,
        labels: tuple[str, ...],
    ) -> None:
        self.destination, self.inputs = destination, inputs
        self._request = request
        self._added = Added(
            labels=labels,
            columns=request.columns,
            form=request.form_in(destination.format),
            prefix=request.prefix,
        )
        formats = {file.format for file in inputs.values()}
        self._whole_lines = formats == {"jsonl"} and destination.format == "jsonl"
        self._first: tuple[Input, pa.Schema] | None = None

    def open(self, number: int) -> tuple[Reader, Encoder]:
        """Open an input, and make what writes it.

        Raises:
            DataError: It has not the columns that it should, or others than the first input.
        """
        file, request = self.inputs[number], self._request
        new = [field.name for field in self._added.fields()]
        reader = open_reader(
            file,
            column=request.text_column,
            forbidden=new,
            whole_lines=self._whole_lines,
            on_error=request.on_error,
            encoding=request.encoding,
        )
        with about(file):
            check_names(reader.names, request.text_column, new)
            check_texts(reader.schema, request.text_column)
            self._check_columns(file, reader.schema.remove_metadata())
            encoder = encoder_of(
                self.destination.format,
                packing=self.destination.packing,
                schema=reader.schema,
                added=self._added,
                texts=request.text_column,
            )
        return reader, encoder

    def _check_columns(self, file: Input, schema: pa.Schema) -> None:
        """Check that what goes into one file has the same columns."""
        if self._first is None:
            self._first = file, schema
        first, columns = self._first
        if schema != columns:
            raise DataError(
                f"its columns ({_listed(schema)}) are not those of {first.path} "
                f"({_listed(columns)}); score into a folder (--output NAME/), where each file "
                "keeps its own"
            )


def output_files(
    inputs: Sequence[Input],
    found: Sequence[Destination],
    request: Request,
    *,
    labels: tuple[str, ...],
) -> list[OutputFile]:
    """Return the files of the output, in the order of their inputs.

    Args:
        inputs: The inputs.
        found: The destination of each.
        request: What is to be done with them.
        labels: L names.

    Raises:
        ConfigError: A format cannot hold probabilities as they are wanted.
    """
    together: dict[Destination, dict[int, Input]] = {}
    for number, (file, destination) in enumerate(zip(inputs, found, strict=True)):
        together.setdefault(destination, {})[number] = file
    return [
        OutputFile(destination, files, request, labels=labels)
        for destination, files in together.items()
    ]


@contextlib.contextmanager
def about(file: Input) -> Iterator[None]:
    """Have an error in the data say which file it is in."""
    try:
        yield
    except DataError as error:
        raise DataError(str(error), path=file.path) from None


def _listed(schema: pa.Schema) -> str:
    return ", ".join(f"{field.name} {field.type}" for field in schema if field.name != LINE)
