"""A small kernel to compile in tests."""

import numpy as np

from emoconv.compiling import Argument, Kernel, compiled

SCALE = Kernel(
    "scaling_kernels",
    "scale",
    (Argument(np.float32, 1), Argument(np.int64), Argument(np.float64, 2)),
)


def scaled():
    found = np.zeros((2, 3))
    compiled(SCALE)(np.array([1, 2, 3], dtype=np.float32), 5, found)
    return found.tolist()
