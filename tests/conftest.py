"""What every test stands on: hypothesis without a clock, the real data where it is named."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import settings

from emoconv.errors import MissingExtraError

# On a CI machine the same examples every time; elsewhere new ones, which may find something new.
settings.register_profile("emoconv", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("emoconv")

# What the tests train is too small to share out; threads that wait for each other on a busy machine
# make it a hundred times slower. Read by torch when it is imported, here and in subprocesses.
os.environ["OMP_NUM_THREADS"] = "1"

DATA = Path(__file__).parent / "data"

_MISSING_EXTRA = re.compile(
    r"pip install 'emoconv\[|No module named '(optuna|polars|pyspark|ray|torch|transformers)"
)
"""What is said where an extra is missing: by us, or by a test that wants one of these itself."""

_told: list[MissingExtraError] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--without-extras",
        action="store_true",
        help="skip tests that end because an extra is not installed",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Remember whether a test was told that an extra is missing, whatever became of that."""
    if not config.getoption("--without-extras"):
        return
    make = MissingExtraError.__init__

    def made(self: MissingExtraError, *arguments: object, **options: object) -> None:
        _told.append(self)
        make(self, *arguments, **options)

    MissingExtraError.__init__ = made


def pytest_runtest_setup() -> None:
    _told.clear()


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector):
    report = yield
    if report.failed and _may_be_skipped(collector.config, str(report.longrepr)):
        report.outcome = "skipped"
        report.longrepr = (str(collector.path), None, "Skipped: its extra is not installed")
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    report = yield
    if call.excinfo is not None and (
        _told or _may_be_skipped(item.config, str(call.excinfo.value))
    ):
        report.outcome = "skipped"
        report.longrepr = (str(item.path), None, "Skipped: its extra is not installed")
    return report


def _may_be_skipped(config: pytest.Config, error: str) -> bool:
    return config.getoption("--without-extras") and bool(_MISSING_EXTRA.search(error))


@pytest.fixture(scope="session")
def tiny() -> Path:
    """The folder of the small data set in GoEmotions' official format that we wrote."""
    return DATA / "goemotions"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder that holds the published GoEmotions as ``goemotions/train.tsv`` and so on."""
    folder = os.environ.get("EMOCONV_DATA")
    if folder is None:
        pytest.skip("EMOCONV_DATA names no folder with the published data")
    return Path(folder)


def _train_tiny(tiny: Path, folder: Path, *settings: str) -> Path:
    from emoconv.bundle import write_bundle  # noqa: PLC0415 - only where a bundle is wanted
    from emoconv.data import read  # noqa: PLC0415 - same
    from trainings import train_small  # noqa: PLC0415 - imports torch

    write_bundle(train_small(read(tiny / "train.tsv"), read(tiny / "dev.tsv"), *settings), folder)
    return folder


@pytest.fixture(scope="session")
def tiny_bundle(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle trained on the small data set; read it, never write there."""
    return _train_tiny(tiny, tmp_path_factory.mktemp("tiny") / "bundle")


@pytest.fixture(scope="session")
def tiny_hidden_bundle(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a hidden layer."""
    return _train_tiny(tiny, tmp_path_factory.mktemp("tiny") / "hidden", "model.hidden=12")
