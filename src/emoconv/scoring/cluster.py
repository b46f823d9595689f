"""What scoring on Ray and on Spark has in common: what is read, where it is written, what fails.

Knows neither of the two.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from emoconv import errors
from emoconv.errors import ConfigError, EmoconvError, MissingExtraError
from emoconv.scoring.inputs import STANDARD, find_inputs, format_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from emoconv.scoring.inputs import Format

__all__ = [
    "DONE",
    "Source",
    "check_answers",
    "check_apart",
    "check_free",
    "failure",
    "find_source",
    "local_path",
    "whole_folder",
]

DONE = "_SUCCESS"
"""The empty file that says, on storage that cannot rename a folder, that all shards are there;
Spark calls it so."""

_UNFINISHED = "_temporary"
"""The folder in which Spark keeps what its tasks have not finished."""

_ANSWER_TIMEOUT_S = 10.0

_OWN = re.compile(r"^emoconv\.errors\.(\w+): (.+)$", re.MULTILINE)
"""One of our errors in the text of a worker's traceback."""

_FOREIGN = re.compile(r"^((?:\w+\.)*[A-Z]\w*(?:Error|Exception|Invalid): .+)$", re.MULTILINE)
"""And one of anybody else's."""


@dataclass(frozen=True)
class Source:
    """Files of one format.

    Attributes:
        paths: Absolute local paths, or URIs.
        format: Theirs; of a folder on remote storage, that of the files in it.
        local: Whether they are local paths.
    """

    paths: tuple[str, ...]
    format: Format
    local: bool


def find_source(
    inputs: Sequence[str],
    format: Format | None,  # noqa: A002 - the option's name
    *,
    known: Sequence[Format],
) -> Source:
    """Return what is to be read.

    Args:
        inputs: Local files, patterns and folders, or URIs, not both.
        format: Of all of them; None takes it from their endings.
        known: Formats that can be read.

    Raises:
        ConfigError: Some are local and some are not, or there are several formats or one that is
            not known, or it is standard input.
        DataNotFoundError: A local file is not there.
        DataError: Nothing tells a file's format.
    """
    if STANDARD in inputs:
        raise ConfigError("standard input cannot be scored on a cluster; name files")
    local = [local_path(name) for name in inputs]
    if None in local and any(local):
        raise ConfigError("some inputs are local and some are URIs; score them in two jobs")
    if None in local:
        paths = list(inputs)
        formats = {format_of(name.rstrip("/"), format)[0] for name in inputs}
    else:
        found = find_inputs([str(path) for path in local], format)
        paths = [str(Path(file.path).absolute()) for file in found]
        formats = {file.format for file in found}
    if len(formats) > 1:
        raise ConfigError(
            f"the inputs are of several formats ({', '.join(sorted(formats))}); score each in a "
            "job of its own"
        )
    (one,) = formats
    if one not in known:
        raise ConfigError(f"this engine does not read {one}; it reads {', '.join(known)}")
    return Source(tuple(paths), one, local=None not in local)


def local_path(uri: str) -> Path | None:
    """Return the path that a name stands for, or None if it is on other storage.

    Example:
        >>> local_path("s3://bucket/comments.csv"), local_path("file:///tmp/my%20file").name
        (None, 'my file')
    """
    parts = urlsplit(uri)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    return Path(uri) if "://" not in uri else None


@contextlib.contextmanager
def whole_folder(output: Path, *, overwrite: bool) -> Iterator[Path]:
    """Give a folder to write shards to, which takes its name when all is written.

    Until then it is called ``.partial`` as well, and it goes if the work fails. What work that was
    killed left under that name goes, too.

    Args:
        output: Its name in the end.
        overwrite: Whether shards that are there under that name may go.

    Raises:
        ConfigError: There is something already, under either name, and it may not go or is not a
            folder of shards.
    """
    check_free(output, overwrite=overwrite)
    partial = output.with_name(output.name + ".partial")
    check_free(partial, overwrite=True)
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield partial
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    if output.exists():
        shutil.rmtree(output)
    partial.rename(output)


def check_free(output: Path, *, overwrite: bool) -> None:
    """Check that a folder may be written.

    Raises:
        ConfigError: As of `whole_folder`.
    """
    if not output.exists():
        return
    if not overwrite:
        raise ConfigError(f"{output} exists; name another folder, or give --overwrite")
    strange = [output] if not output.is_dir() else [p for p in output.iterdir() if not _ours(p)]
    if strange:
        raise ConfigError(
            f"{strange[0]} is no shard, and would be lost; name another folder for the output"
        )


def check_apart(source: Source, output: str) -> None:
    """Check that the output is not where the inputs are, which overwriting it would remove.

    Raises:
        ConfigError: It is.
    """
    local = local_path(output)
    place = output if local is None else str(local.absolute())
    for path in source.paths:
        if f"{path}/".startswith(f"{place.rstrip('/')}/"):
            raise ConfigError(f"the output, {output}, holds an input, {path}; name another folder")


def check_answers(addresses: Sequence[str], *, what: str) -> None:
    """Check that somebody answers at one address at least; the engines wait for minutes.

    Args:
        addresses: ``host:port``.
        what: Who ought to answer.

    Raises:
        ConfigError: Nobody does, or an address is none.
    """
    reasons = []
    for address in addresses:
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal():
            raise ConfigError(f"{address!r} is no address of {what}; expected host:port")
        try:
            socket.create_connection((host.strip("[]"), int(port)), _ANSWER_TIMEOUT_S).close()
        except OSError as error:
            reasons.append(f"{address}: {error.strerror or error}")
        else:
            return
    raise ConfigError(f"{what} does not answer ({'; '.join(reasons)})")


def failure(error: BaseException, *, engine: str) -> EmoconvError:
    """Return in one line, as one of our errors, what an engine reports in pages.

    Args:
        error: Its exception. Where a worker's was one of ours, this is what is returned.
        engine: What to call it.
    """
    text = str(error)
    if own := _OWN.findall(text):
        name, message = own[-1]
        kind = getattr(errors, name, EmoconvError)
        if issubclass(kind, MissingExtraError):
            return ConfigError(f"on a worker, {message}")
        return kind(message)
    foreign = _FOREIGN.findall(text)
    first = text.strip().partition("\n")[0]
    return EmoconvError(f"{engine} failed: {foreign[-1] if foreign else first}")


def _ours(path: Path) -> bool:
    """Tell whether a file is of the kind that a folder of shards has in it."""
    if path.name == _UNFINISHED:
        return path.is_dir()
    return path.is_file() and (
        path.suffix == ".parquet" or path.name == DONE or path.name.endswith(".crc")
    )
