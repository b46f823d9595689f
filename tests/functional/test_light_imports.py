"""What is loaded when: each claim is checked in an interpreter of its own."""

import json
import subprocess
import sys
import textwrap

import pytest

HEAVY = {"torch", "sklearn", "scipy", "matplotlib", "pandas", "polars", "numba", "llvmlite"}
HEAVY |= {"ray", "pyspark"}
HEAVY |= {"fastapi", "prometheus_client", "pydantic", "starlette", "uvicorn"}

BLOCKER = """
import sys

BLOCKED = {"torch", "sklearn", "scipy", "matplotlib", "pandas", "numba", "ray", "pyspark"}
BLOCKED |= {"fastapi", "prometheus_client", "pydantic", "starlette", "uvicorn"}

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in BLOCKED:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Blocker())
"""


def python(code, *arguments):
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def loaded(tiny_bundle):
    """The packages loaded after each step of a small program."""
    done = python(
        """
        import contextlib, io, json, sys

        steps = {}
        def step(name):
            steps[name] = sorted({module.split(".")[0] for module in sys.modules})

        import emoconv
        step("import emoconv")
        from emoconv.cli import main
        def run(*arguments):
            with contextlib.redirect_stdout(io.StringIO()) as out:
                main(arguments, standalone_mode=False)
            return out.getvalue()
        run("--help")
        step("emoconv --help")
        from emoconv import EmotionDetector
        step("EmotionDetector")
        assert "hello" in run("detect", "--model", sys.argv[1], "hello")
        step("emoconv detect")
        commands = "detect explain words score serve trend drift train evaluate compare behaviour"
        commands = [*commands.split(), "info", "bench", "data", "download", "calibrate"]
        for command in commands:
            assert "Usage: " in run(command, "--help")
        step("help of every command")
        run("info", "--model", sys.argv[1])
        step("emoconv info")
        detector = EmotionDetector.load(sys.argv[1])
        assert detector.predict(["thanks"]).shape == (1, 28)
        step("predict")
        assert detector.detect("thanks") is not None
        step("detect one text")
        print(json.dumps(steps))
        """,
        tiny_bundle,
    )
    assert (0, "") == (done.returncode, done.stderr)
    return {step: set(modules) for step, modules in json.loads(done.stdout).items()}


@pytest.mark.parametrize(
    ("step", "absent"),
    [
        ("import emoconv", {"numpy", "pyarrow", "click", "safetensors", "pooch", "tqdm"}),
        ("emoconv --help", {"numpy", "pyarrow", "safetensors", "pooch", "tqdm"}),
        ("EmotionDetector", {"pyarrow", "pooch", "tqdm", "requests"}),
        ("emoconv detect", {"pyarrow", "pooch", "tqdm", "requests"}),
        ("help of every command", {"pyarrow", "tqdm", "requests"}),
        ("emoconv info", set()),
        ("predict", {"pyarrow", "pooch", "requests"}),
        ("detect one text", {"pyarrow", "pooch", "requests"}),
    ],
)
def test_a_step_loads_nothing_heavy(loaded, step, absent):
    assert set() == loaded[step] & (absent | HEAVY)


def test_only_training_plots_and_compiled_code_need_the_extras():
    done = python(
        BLOCKER
        + """
import importlib, pkgutil, emoconv

names = [m.name for m in pkgutil.walk_packages(emoconv.__path__, prefix="emoconv.")]
for name in [*names, "emoconv.train.loop"]:
    try:
        importlib.import_module(name)
    except ImportError as error:
        print(name, type(error).__name__)
"""
    )
    assert (0, "") == (done.returncode, done.stderr)
    assert [
        "emoconv.engine.kernels ModuleNotFoundError",
        "emoconv.estimator MissingExtraError",
        "emoconv.nn ModuleNotFoundError",
        "emoconv.report.plots MissingExtraError",
        "emoconv.report.trend MissingExtraError",
        "emoconv.scoring.ray MissingExtraError",
        "emoconv.scoring.spark MissingExtraError",
        "emoconv.service.answering ModuleNotFoundError",
        "emoconv.service.app MissingExtraError",
        "emoconv.service.connections ModuleNotFoundError",
        "emoconv.service.entrance ModuleNotFoundError",
        "emoconv.service.measures ModuleNotFoundError",
        "emoconv.service.openapi ModuleNotFoundError",
        "emoconv.service.reading ModuleNotFoundError",
        "emoconv.service.schemas ModuleNotFoundError",
        "emoconv.service.server MissingExtraError",
        "emoconv.text.kernels ModuleNotFoundError",
        "emoconv.train MissingExtraError",
        "emoconv.train.loop MissingExtraError",
    ] == done.stdout.splitlines()


def test_training_without_torch_says_which_extra_to_install(tiny, tmp_path):
    done = python(
        BLOCKER + "from emoconv.cli import main; main()",
        *("train", "--data", tiny, "--output", tmp_path / "model"),
    )
    assert (
        1,
        "",
        (
            "emoconv: error: training needs packages that are not installed: "
            "pip install 'emoconv[train]'\n"
        ),
    ) == (done.returncode, done.stdout, done.stderr)
    assert [] == list(tmp_path.iterdir())


def test_plots_without_matplotlib_say_which_extra_to_install(tiny, tiny_bundle, tmp_path):
    done = python(
        BLOCKER + "from emoconv.cli import main; main()",
        *("evaluate", tiny / "test.tsv", "--model", tiny_bundle, "--plots", tmp_path / "plots"),
    )
    assert (1, 1) == (done.returncode, done.stderr.count("\n"))
    assert "pip install 'emoconv[report]'" in done.stderr


def test_a_service_without_the_web_framework_says_which_extra_to_install(tiny_bundle):
    done = python(
        BLOCKER
        + """
from emoconv.cli import main
from emoconv.service import Limits, Settings
assert Settings().limits == Limits()
main()
""",
        *("serve", "--model", tiny_bundle),
    )
    assert (
        1,
        "",
        (
            "emoconv: error: the service needs packages that are not installed: "
            "pip install 'emoconv[serve]'\n"
        ),
    ) == (done.returncode, done.stdout, done.stderr)


def test_without_numba_many_texts_are_left_to_the_reference(tiny_bundle):
    done = python(
        BLOCKER
        + """
from emoconv import EmotionDetector
detector = EmotionDetector.load(sys.argv[1])
print(detector.predict_proba(["thanks"] * 10_000).shape)
""",
        tiny_bundle,
    )
    assert ("(10000, 28)\n", "") == (done.stdout, done.stderr)


def test_the_compiled_engine_without_numba_says_which_extra_to_install(tiny_bundle):
    done = python(
        BLOCKER
        + """
from emoconv import EmotionDetector
from emoconv.errors import MissingExtraError
try:
    EmotionDetector.load(sys.argv[1], engine="compiled")
except MissingExtraError as error:
    print(error)
""",
        tiny_bundle,
    )
    expected = (
        "the compiled engine needs packages that are not installed: pip install 'emoconv[fast]'\n"
    )
    assert (expected, "") == (done.stdout, done.stderr)
