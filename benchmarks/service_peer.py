"""The same service around an encoder of RoBERTa-base's shape, in int8, in ONNX Runtime.

Routes, checks, batches and answers are emoconv's own; only the network that computes is another,
the peer ``roberta-int8`` of `speed.py` (random weights: how fast a network is does not depend on
what it has learnt). Its batches are computed on the engine's thread whatever their size, as one
text takes it longer than the event loop may be kept; it computes so many texts at once as is
fastest.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

from emoconv import EmotionDetector
from emoconv.bundle import read_bundle, shipped_bundle
from emoconv.service import Limits, Settings, batching, create_app
from emoconv.service.logs import log, set_up
from emoconv.service.server import listen, serve, settle, url_of
from peers.encoders import PEERS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_PEER = "roberta-int8"
_SAMPLE = ["Thank you so much, I really did not expect this at all!"] * 32
_TIMEOUT_S = 600.0


class Peer(EmotionDetector):
    """A detector that computes by the peer's network."""

    def __init__(self, work: Path, threads: int) -> None:
        super().__init__(read_bundle(shipped_bundle()), engine="reference")
        self._predict = PEERS[_PEER].load(work, threads)

    def steady(self, texts: int | None = None) -> Peer:
        """Return itself."""
        del texts
        return self

    def warm(self) -> None:
        """Choose the batch size that is fastest."""
        seconds = {}
        for size in self._predict.batch_sizes:
            self._predict.batch_size = size
            self._predict(_SAMPLE)
            begun = time.perf_counter()
            self._predict(_SAMPLE)
            seconds[size] = time.perf_counter() - begun
        self._predict.batch_size = min(seconds, key=seconds.__getitem__)
        log("batch size", texts=self._predict.batch_size)

    def predict_proba(self, texts: list[str]) -> NDArray[np.float32]:
        """Return probabilities, float32 (N, 28)."""
        return self._predict(texts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--no-page", action="store_true", help="as it is")
    parser.add_argument("--work", type=Path, required=True, help="where peers' models are kept")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    batching._FEW_TEXTS = 0  # noqa: SLF001 - see above
    limits = Limits(answer_timeout_s=_TIMEOUT_S)
    app = create_app(
        Peer(options.work, options.threads), Settings(limits, page=False), when_ready=settle
    )
    with listen("127.0.0.1", options.port) as listening:
        set_up("json", "info")
        url = url_of(listening)
        serve(
            app,
            listening,
            limits=limits,
            stop_timeout_s=1,
            started=lambda: log("listening", url=url),
        )


if __name__ == "__main__":
    main()
