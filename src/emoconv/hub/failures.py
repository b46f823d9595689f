"""Why the Hugging Face Hub gave or took nothing, in one line.

The line says what was tried, what the Hub said, and what to do. The errors are those of
``huggingface_hub.errors``, of the HTTP library beneath it, and Python's own.
"""

from __future__ import annotations

import contextlib
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from emoconv.errors import BundleError, ConfigError, EmoconvError, HubError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emoconv.hub.names import HubName

__all__ = ["failing_in_one_line"]

_NO_ACCESS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_LOG_IN = "log in (hf auth login) or set HF_TOKEN"

_LONGEST = 200
"""Characters of what a server says that go into the line."""


class _Why(NamedTuple):
    """What happened, and what to do about it."""

    reason: str
    advice: str


@contextlib.contextmanager
def failing_in_one_line(name: HubName, *, writing: bool = False) -> Iterator[None]:
    """Turn the errors of ``huggingface_hub`` into one line each.

    Args:
        name: What is fetched, or where something is pushed to.
        writing: Whether something is pushed.

    Raises:
        BundleError: The repository lacks a file of a bundle.
        ConfigError: The Hub takes no such name.
        HubError: Anything else that the Hub did, or did not do.
        MissingExtraError: ``huggingface_hub`` is not installed.
    """
    try:
        from huggingface_hub import errors  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError("a model on the Hub", extra="hub") from error
    try:
        yield
    except EmoconvError:
        raise
    except (OSError, RuntimeError, ValueError, errors.HTTPError) as error:  # type: ignore[attr-defined] # of the library beneath
        if isinstance(error, OSError) and error.errno is not None:  # of this machine's disk
            raise
        raise _translated(name, error, writing=writing) from None


def _translated(name: HubName, error: Exception, *, writing: bool) -> EmoconvError:
    from huggingface_hub import errors  # noqa: PLC0415 - an extra

    if isinstance(error, errors.HFValidationError):
        return ConfigError(f"{name}: {error}")
    if isinstance(error, errors.RemoteEntryNotFoundError):
        file = str(error.response.url).rpartition("/")[2]
        return BundleError(f"{name}: not an emoconv bundle: it has no {file}")
    cause = _cause(error)
    reason, advice = _why(cause, writing=writing)
    if isinstance(error, errors.LocalEntryNotFoundError):
        reason = f"not all of it is in the cache, and {reason}"
    tried = "push to" if writing else "fetch"
    return HubError(f"cannot {tried} {name}: {reason}; {advice}", status=_status(cause))


def _cause(error: Exception) -> BaseException:
    """Return what is behind an error: an upload that broke off, or a file that is not cached."""
    from huggingface_hub import errors  # noqa: PLC0415 - an extra

    wraps = isinstance(error, (RuntimeError, errors.LocalEntryNotFoundError))
    return error.__cause__ if wraps and error.__cause__ is not None else error


def _why(error: BaseException, *, writing: bool) -> _Why:
    from huggingface_hub import errors  # noqa: PLC0415 - an extra

    if isinstance(error, errors.OfflineModeIsEnabled):
        return _Why("HF_HUB_OFFLINE is set", "unset it while you ask the Hub")
    if (status := _status(error)) is not None:
        return _refused(error, status, writing=writing)
    if isinstance(error, json.JSONDecodeError):
        return _Why("the Hub's answer is no JSON", "try again later")
    if isinstance(error, (errors.HTTPError, ConnectionError, TimeoutError)):  # type: ignore[attr-defined] # same
        return _Why(
            f"the Hub could not be reached ({_short(error)})",
            "check the network, and HF_ENDPOINT if it is set",
        )
    return _Why(f"huggingface_hub says: {_short(error)}", "mend that and try again")


def _refused(error: BaseException, status: int, *, writing: bool) -> _Why:
    """Return why the Hub answered with a status that is no success."""
    from huggingface_hub import errors  # noqa: PLC0415 - an extra

    message = getattr(error, "server_message", None)
    answered = f"the Hub answered {status}" + (f", {_short(message)}" if message else "")
    if isinstance(error, errors.GatedRepoError):
        advice = f"its owner has to let you in first: ask on its page, then {_LOG_IN}"
    elif isinstance(error, errors.RevisionNotFoundError):
        advice = "the repository has no such revision; look at its branches and tags"
    elif isinstance(error, errors.RepositoryNotFoundError) or status in _NO_ACCESS:
        advice = (
            f"you may not write there; {_LOG_IN}, with a token that may"
            if writing
            else "there is no such model that you may read; check the name, or "
            f"{_LOG_IN} if it is private"
        )
    elif status == HTTPStatus.TOO_MANY_REQUESTS:
        advice = f"wait some minutes; if you have not, {_LOG_IN}, as it lets you ask more often"
    elif status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        advice = "try again later"
    else:
        advice = "mend that and try again"
    return _Why(answered, advice)


def _status(error: BaseException) -> int | None:
    """Return the status with which a server answered, if one did."""
    found: int | None = getattr(getattr(error, "response", None), "status_code", None)
    return found


def _short(said: object) -> str:
    """Return what somebody says on one line, with nothing that a terminal would obey."""
    line = " ".join(str(said).split()).rstrip(".") or type(said).__name__
    shown = "".join(character for character in line if character.isprintable())
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}..."
