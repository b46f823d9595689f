"""Machine code by numba: compiled once for an installation, kept on disk, without the lock.

Imports numba when a function is compiled, not before. Knows nothing of what is compiled. What
numba keeps is made anew when the file of the function itself has changed, not when this one has.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

__all__ = ["compile_entry", "compile_inner"]

_F = TypeVar("_F", bound=Callable[..., Any])


def compile_entry(function: _F, **options: object) -> _F:
    """Compile what Python calls: it lets go of the interpreter's lock and is kept on disk.

    The place is numba's: beside the module, or else the user's cache folder, or that of
    ``NUMBA_CACHE_DIR``. Where it can write to none, as in a read-only container without a home, the
    code is compiled anew in each process.

    Args:
        function: What is compiled when it is first called.
        options: As `numba.njit` takes them.
    """
    try:
        return _compile(function, cache=True, nogil=True, **options)
    except RuntimeError:  # of numba: "cannot cache function ...: no locator available"
        return _compile(function, nogil=True, **options)


def compile_inner(function: _F, **options: object) -> _F:
    """Compile what only compiled code calls."""
    return _compile(function, no_cpython_wrapper=True, no_cfunc_wrapper=True, **options)


def _compile(function: _F, **options: object) -> _F:
    from numba import njit  # noqa: PLC0415 - a quarter of a second that most callers need not wait

    compiler: Any = njit  # its types lack two of the options
    return cast(_F, compiler(**options)(function))
