"""The engine of the page without a server, run by Node and asked by tests."""

import base64
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import emoconv

PACKAGE = Path(emoconv.__file__).parent
ENGINE = PACKAGE / "page/static/engine"
CHARACTERS = PACKAGE / "text/characters.json"
_RUNNER = Path(__file__).parent / "parity/page_engine.mjs"

needs_node = pytest.mark.skipif(
    shutil.which("node") is None, reason="the page's engine is tested in Node, which is not here"
)


class EngineError(Exception):
    """What the engine threw."""

    def __init__(self, error):
        super().__init__(error["message"])
        self.name = error["name"]
        self.error = error


class PageEngine:
    """A Node process that answers until it is closed."""

    def __init__(self):
        self._process = subprocess.Popen(
            ["node", str(_RUNNER), str(ENGINE), str(CHARACTERS)],  # noqa: S607 - whichever is there
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()

    def ask(self, method, **values):
        line = json.dumps({"method": method, **values})
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise EngineError(answer["error"])
        return answer["value"]

    def probabilities(self, model, texts):
        """float32 (N, L)."""
        data = self.ask("probabilities", model=str(model), texts=texts)
        found = np.frombuffer(base64.b64decode(data), dtype=np.float32)
        return found.reshape(len(texts), -1)


def as_json(text):
    """A text as JavaScript has it: two surrogates that belong together are a character."""
    return json.loads(json.dumps(text))
