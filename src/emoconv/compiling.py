"""Machine code: made by numba once for an installation, kept on disk, loaded without numba.

numba takes half a second to import and get ready, and more than 100 MB, in every process. So what
it makes of a function is kept as an object file. Later processes have llvmlite load that, which
numba itself rests on: it takes some milliseconds.

Knows nothing of what is compiled. numba is imported when something is compiled, llvmlite when
something is loaded, neither before.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import importlib
import importlib.metadata
import importlib.util
import json
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np

__all__ = ["Argument", "Kernel", "compile_inner", "compiled", "is_kept"]

_F = TypeVar("_F", bound=Callable[..., Any])

_PACKAGE = Path(__file__).parent

_NEVER_CALLED = ("NRT_", "numba_")
"""What names of numba's own begin with. Code refers to them for what kernels do not do: make
arrays and raise errors."""

_LOCK = threading.Lock()
_IN_USE: list[Any] = []
"""What owns the machine code; it goes when the process ends."""


@dataclass(frozen=True)
class Argument:
    """What a kernel takes in one place.

    Args:
        dtype: Of the array, or of the number.
        axes: Of the array; 0 for a number, which must be an integer.
    """

    dtype: np.dtype[Any] | type[np.generic]
    axes: int = 0


@dataclass(frozen=True)
class Kernel:
    """A function that can become machine code.

    It returns nothing, raises nothing and makes no array: it writes into arrays that it is given.

    Args:
        module: Imported when the function is compiled, not before; may import numba.
        name: The function there, plain or compiled by `compile_inner`.
        arguments: What it takes, in order. Arrays are C-contiguous.
    """

    module: str
    name: str
    arguments: tuple[Argument, ...]


class _Code(NamedTuple):
    """A compiled kernel as an object file.

    Attributes:
        symbol: What it is called there.
        absent: Names that the file refers to and only numba has; see `_NEVER_CALLED`.
        content: The file.
    """

    symbol: str
    absent: list[str]
    content: bytes


def compile_inner(function: _F, **options: object) -> _F:
    """Have numba compile what only kernels call, when one that does is compiled."""
    numba: Any = importlib.import_module("numba")
    jit = numba.njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, **options)
    return cast(_F, jit(function))


@functools.cache
def compiled(kernel: Kernel) -> Callable[..., None]:
    """Return a kernel as machine code, from the disk or compiled now.

    The function that is returned lets go of the interpreter's lock while it runs, and may run in
    several threads at once. It does not look at the values it is given beyond their types.

    Object files are kept in the folder that ``EMOCONV_CACHE`` names, or else beside this module, or
    else where the system keeps users' caches. Where none can be written to, as in a read-only
    container without a home, the kernel is compiled anew in each process.

    Raises:
        ImportError: numba is needed and not installed, or does not fit what is.
    """
    name = _file_name(kernel)
    with _LOCK:
        kept = _read(name)
        return _with_checks(kernel, _compile(kernel, name) if kept is None else _load(kept))


def is_kept(kernel: Kernel) -> bool:
    """Tell whether `compiled` would find a kernel on the disk.

    Raises:
        ImportError: numba is not installed.
    """
    return _read(_file_name(kernel)) is not None


def _file_name(kernel: Kernel) -> str:
    """Return a name that has all in it that an object file depends on, as a hash of it.

    That is the sources beside the kernel's, the versions of what makes and loads machine code, and
    the processor.
    """
    import llvmlite  # noqa: PLC0415 - with its library of 100 MB

    found = importlib.util.find_spec(kernel.module)
    folder = Path(found.origin).parent if found and found.origin else _PACKAGE
    sources = [path.read_bytes() for path in (Path(__file__), *sorted(folder.glob("*.py")))]
    parts = [
        repr(kernel),
        importlib.metadata.version("numba"),
        llvmlite.__version__,
        sys.platform,
        sys.version,
        *_processor(),
        *(hashlib.sha256(source).hexdigest() for source in sources),
    ]
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return f"{kernel.name}-{digest[:32]}.o"


def _processor() -> tuple[str, str]:
    """Return name and features of the processor that code is made for.

    It is this one, unless numba is told of another by the same variables, as in an image that is to
    run on any (https://numba.readthedocs.io/en/stable/reference/envvars.html, ``NUMBA_CPU_NAME``).
    """
    from llvmlite import binding  # noqa: PLC0415 - as above

    name, features = os.environ.get("NUMBA_CPU_NAME"), os.environ.get("NUMBA_CPU_FEATURES")
    if features is None:
        is_any = name is not None and name.lower() == "generic"
        features = "" if is_any else binding.get_host_cpu_features().flatten()
    return name or binding.get_host_cpu_name(), features


def _compile(kernel: Kernel, name: str) -> int:
    """Return the address of a kernel that is compiled now and kept under a name."""
    numba: Any = importlib.import_module("numba")  # half a second that most callers need not wait
    types, pointer_to = numba.types, numba.types.CPointer
    function = getattr(importlib.import_module(kernel.module), kernel.name)
    kinds, names, values = [], [], []
    for place, argument in enumerate(kernel.arguments):
        kind = numba.from_dtype(np.dtype(argument.dtype))
        sizes = [f"n{place}_{axis}" for axis in range(argument.axes)]
        kinds += [pointer_to(kind) if sizes else kind, *(types.int64 for _ in sizes)]
        names += [f"a{place}", *sizes]
        values.append(f"carray(a{place}, ({', '.join(sizes)},))" if sizes else f"a{place}")
    # numba must see how many axes each array has
    source = f"def entry({', '.join(names)}):\n    function({', '.join(values)})\n"
    space = {"carray": numba.carray, "function": function}
    exec(source, space)  # noqa: S102 - made of the numbers above
    made = numba.cfunc(types.void(*kinds), nopython=True, error_model="numpy")(space["entry"])
    _IN_USE.append(made)
    code = _object_file(made)
    if all(name.startswith(_NEVER_CALLED) for name in code.absent):
        _write(name, code)
    return int(made.address)


def _object_file(made: Any) -> _Code:  # noqa: ANN401 - numba has no types
    library = made._library  # noqa: SLF001 - numba offers no public way to its object files
    module = library._final_module  # noqa: SLF001 - same
    used = [f.name for f in (*module.functions, *module.global_variables) if f.is_declaration]
    absent = [name for name in used if not name.startswith("llvm.") and not _is_there(name)]
    return _Code(made.native_name, absent, library._get_compiled_object())  # noqa: SLF001 - same


def _is_there(name: str) -> bool:
    """Tell whether the process has something of a name, numba or not."""
    places = [ctypes.pythonapi, *([ctypes.CDLL(None)] if os.name == "posix" else [])]
    return any(hasattr(place, name) for place in places)


def _load(code: _Code) -> int:
    """Return the address of a compiled kernel."""
    from llvmlite import binding  # noqa: PLC0415 - as above

    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    stand_in = ctypes.cast(ctypes.pythonapi.Py_IsInitialized, ctypes.c_void_p).value
    for name in code.absent:
        if binding.address_of_symbol(name) is None:  # numba, where it is imported, has its own
            binding.add_symbol(name, stand_in)
    machine = binding.Target.from_default_triple().create_target_machine(jit=True)
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), machine)
    engine.add_object_file(binding.ObjectFileRef.from_data(code.content))
    engine.finalize_object()
    _IN_USE.append(engine)
    return int(engine.get_function_address(code.symbol))


def _with_checks(kernel: Kernel, address: int) -> Callable[..., None]:
    """Return a function that passes values on once they are what the machine code takes."""
    kinds: list[Any] = []
    for argument in kernel.arguments:
        kinds += [ctypes.c_void_p] if argument.axes else [ctypes.c_int64]
        kinds += [ctypes.c_int64] * argument.axes
    function = ctypes.CFUNCTYPE(None, *kinds)(address)
    expected = [(np.dtype(argument.dtype), argument.axes) for argument in kernel.arguments]

    def call(*values: Any) -> None:  # noqa: ANN401 - arrays and numbers
        flat: list[int] = []
        for value, (dtype, axes) in zip(values, expected, strict=True):
            if not axes:
                flat.append(int(value))
                continue
            if value.dtype != dtype or value.ndim != axes or not value.flags.c_contiguous:
                raise TypeError(
                    f"{kernel.name} takes a C-contiguous array of {dtype} with {axes} axes; got "
                    f"{value.dtype} with {value.ndim}"
                )
            flat += [value.ctypes.data, *value.shape]
        function(*flat)

    return call


def _folders() -> list[Path]:
    """Return where object files may be, best first."""
    import platformdirs  # noqa: PLC0415 - only for compiled code

    chosen = os.environ.get("EMOCONV_CACHE")
    if chosen:
        return [Path(chosen)]
    return [_PACKAGE / "__pycache__", Path(platformdirs.user_cache_dir("emoconv"))]


def _read(name: str) -> _Code | None:
    """Return what is kept of a kernel, if it is whole."""
    for folder in _folders():
        try:
            head, _, content = (folder / name).read_bytes().partition(b"\n")
            found = json.loads(head)
        except (OSError, ValueError):
            continue
        if hashlib.sha256(content).hexdigest() == found["sha256"]:
            return _Code(found["symbol"], found["absent"], content)
    return None


def _write(name: str, code: _Code) -> None:
    """Keep a compiled kernel in the first folder that can be written to."""
    digest = hashlib.sha256(code.content).hexdigest()
    head = json.dumps({"symbol": code.symbol, "absent": code.absent, "sha256": digest})
    for folder in _folders():
        unfinished = folder / f"{name}.{os.getpid()}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(head.encode() + b"\n" + code.content)
            unfinished.replace(folder / name)
        except OSError:
            continue
        return
