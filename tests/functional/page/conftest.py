"""The page in a real browser, before the real service or as files of a static host."""

from __future__ import annotations

import contextlib
import shutil
from typing import TYPE_CHECKING

import pytest

from page_hosts import PREFIX, Served, hosted, running_app
from page_visits import Visits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def detector():
    from emoconv import EmotionDetector  # noqa: PLC0415 - only where a model is wanted

    return EmotionDetector.load(engine="reference")


@pytest.fixture(scope="session")
def serve(detector):
    """Start a service of given settings; it stays until the session ends, or is closed."""
    from emoconv.service import Settings, create_app  # noqa: PLC0415 - needs an extra

    with contextlib.ExitStack() as stack:

        def start(settings: Settings | None = None, *, min_confidence: float = 0.0) -> Served:
            one = detector.replace(min_confidence=min_confidence)
            return stack.enter_context(running_app(create_app(one, settings), Served("")))

        yield start


@pytest.fixture(scope="session")
def running(detector):
    """A context in which a service runs."""
    from emoconv.service import create_app  # noqa: PLC0415 - needs an extra

    return lambda: running_app(create_app(detector), Served(""))


@pytest.fixture(scope="session")
def common(serve) -> Served:
    """The service of default settings that tests share."""
    return serve()


@pytest.fixture
def service(common) -> Iterator[Served]:
    """The shared service, asked nothing yet."""
    common.seen.clear()
    common.most_at_once = 0
    yield common
    common.delay_s = 0.0


@pytest.fixture(scope="session")
def site_folder(tmp_path_factory):
    """The page as files."""
    from emoconv.bundle import shipped_bundle  # noqa: PLC0415 - only where it is wanted
    from emoconv.page import write_page  # noqa: PLC0415 - same

    root = tmp_path_factory.mktemp("site")
    write_page(shipped_bundle(), root / PREFIX.strip("/"))
    return root


@pytest.fixture(scope="session")
def site(site_folder) -> Iterator[Served]:
    """The page on a static host."""
    with hosted(site_folder) as served:
        yield served


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser without a window; while it is there, no test may run a loop of asyncio."""
    playwright = pytest.importorskip("playwright.sync_api")
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("there is no chromium on PATH; the page is tested in one")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visits(chromium) -> Iterator[Visits]:
    """Open pages; at the end nothing may have gone wrong in one."""
    made = Visits(chromium)
    yield made
    for context in made.contexts:
        context.close()
    assert [] == made.problems
