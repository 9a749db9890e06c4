"""Headless Chromium, as Debian has it, driven by Playwright."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")

_PATIENCE = 120_000  # milliseconds: a busy machine is no bug
_PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>'


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("no Chromium on this machine")
    async with async_playwright() as driver:
        # As root, Chromium has no sandbox of its own; and /dev/shm is small in containers.
        options = ["--no-sandbox", "--disable-dev-shm-usage"]
        browser = await driver.chromium.launch(executable_path=path, args=options)
        yield browser
        await browser.close()


class Tab:
    """A tab in a window of its own, and what its console says; pictures on https are drawn."""

    def __init__(self, window: BrowserContext, page: Page) -> None:
        self.window = window
        self.page = page
        self.complaints: list[str] = []

    @classmethod
    async def of(cls, browser: Browser, *, width: int = 1280, dark: bool = False) -> Tab:
        window = await browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light"
        )
        window.set_default_timeout(_PATIENCE)
        tab = cls(window, await window.new_page())
        tab.page.on("console", lambda said: tab.complaints.append(said.text))
        tab.page.on("pageerror", lambda error: tab.complaints.append(str(error)))
        await window.route(re.compile("^https:"), tab._draw)
        return tab

    async def open(self, url: str) -> Page:
        """The page, whose script has begun."""
        await self.page.goto(url)
        return self.page

    async def ends(self, state: str = "proven") -> None:
        """Return once the page says how the reading has ended."""
        await self.page.wait_for_selector(f"#state[data-state={state}]")

    async def until(self, expression: str) -> None:
        """Return once this is true; `wait_for_function` would need the `eval` that is forbidden."""
        async with asyncio.timeout(60):
            while not await self.page.evaluate(expression):  # noqa: ASYNC110 - a page has no events
                await asyncio.sleep(0.02)

    async def text(self, selector: str) -> str:
        return await self.page.inner_text(selector)

    @staticmethod
    async def _draw(route: Route) -> None:
        await route.fulfill(content_type="image/svg+xml", body=_PICTURE)
