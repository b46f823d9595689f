"""What every test stands on: hypothesis without a clock, the real data where it is named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("emoconv", deadline=None)
settings.load_profile("emoconv")

DATA = Path(__file__).parent / "data"


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
