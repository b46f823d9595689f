"""emoconv itself: compiled with either tables, from strings or Arrow, and the numpy reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from peers.base import Peer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    Predict = Callable[[Any], NDArray[np.float32]]


def _load_compiled(dtype: str, *, from_strings: bool = False) -> Callable[[Path, int], Predict]:
    def load(_: Path, threads: int) -> Predict:
        import numpy as np  # noqa: PLC0415
        import pyarrow as pa  # noqa: PLC0415

        from emoconv.bundle import read_bundle, shipped_bundle  # noqa: PLC0415
        from emoconv.engine.compiled import CompiledEngine  # noqa: PLC0415

        bundle = read_bundle(shipped_bundle())
        engine = CompiledEngine(bundle, threads=threads, dtype=getattr(np, dtype))
        if from_strings:
            return lambda texts: engine.probabilities(pa.array(texts, pa.string()))
        return engine.probabilities

    return load


def _load_numpy(_: Path, __: int) -> Predict:
    from emoconv import EmotionDetector  # noqa: PLC0415

    return EmotionDetector.load(engine="reference").predict_proba


def _compile(load: Callable[[Path, int], Predict]) -> Callable[[Path, Path], None]:
    """Return what has the machine code made, so that `load` is timed as on every later start."""

    def prepare(work: Path, _: Path) -> None:
        import pyarrow as pa  # noqa: PLC0415

        load(work, 1)(pa.array(["Thank you!"]))

    return prepare


def _compiled(about: str, dtype: str, **options: Any) -> Peer:  # noqa: ANN401 - a peer's own
    return Peer(
        about=f"emoconv, compiled, {about}",
        packages=("emoconv", "numba"),
        prepare=_compile(_load_compiled(dtype)),
        same_network=True,
        **options,
    )


PEERS = {
    "emoconv-arrow": _compiled(
        "from an Arrow array", "int8", load=_load_compiled("int8"), takes="arrow"
    ),
    "emoconv": _compiled(
        "from Python strings", "int8", load=_load_compiled("int8", from_strings=True)
    ),
    "emoconv-float32": _compiled(
        "float32 tables, from an Arrow array",
        "float32",
        load=_load_compiled("float32"),
        takes="arrow",
    ),
    "emoconv-numpy": Peer(
        about="emoconv, numpy reference, nothing compiled",
        packages=("emoconv",),
        load=_load_numpy,
        same_network=True,
    ),
}
