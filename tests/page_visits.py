"""Visits to pages in a browser, of which nothing may go wrong unseen."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page


class Visits:
    """Visits to pages, of which nothing may go wrong unseen."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.contexts: list[BrowserContext] = []
        self.problems: list[str] = []
        self.allowed: set[int] = set()

    def open(self, url: str, *, wait: bool = True, script: str = "", **options) -> Page:
        """Open a page.

        Args:
            url: Nothing may be asked of another host than its.
            wait: Whether to wait until the page can be used.
            script: Run before the page's own.
            options: Of the browser's context.
        """
        viewport = {"width": options.pop("width", 1280), "height": options.pop("height", 900)}
        context = self.browser.new_context(
            viewport=viewport,
            reduced_motion="reduce",
            permissions=["clipboard-read", "clipboard-write"],
            **options,
        )
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        origin = urlsplit(url).netloc

        def on_request(request) -> None:
            target = urlsplit(request.url)
            if target.netloc != origin and target.scheme not in {"blob", "data"}:
                self.problems.append(f"another host was asked: {request.url}")

        def on_console(message: ConsoleMessage) -> None:
            if message.type in {"error", "warning"} and not self._is_allowed(message.text):
                self.problems.append(f"{message.type}: {message.text} ({message.location})")

        context.on("request", on_request)
        page.on("console", on_console)
        page.on("pageerror", lambda error: self.problems.append(f"exception: {error}"))
        if script:
            page.add_init_script(script)
        page.goto(url)
        if wait:
            page.wait_for_selector("#work:not([hidden])")
        return page

    def _is_allowed(self, message: str) -> bool:
        """Whether it is a browser's own note of a status that the test is about."""
        return any(f"status of {status} " in message for status in self.allowed)
