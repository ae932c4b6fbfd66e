"""Pages opened in a real Chromium, at the sizes of a wall and of a phone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp.test_utils import TestClient
from paper_city import City
from playwright.async_api import Browser, Page, expect

from monitor.web.feed import Feed

WALL = {"width": 1920, "height": 1080}
PHONE = {"width": 390, "height": 844}
#: What a page is waited for: it comes sooner, but a machine may have others to serve.
expect.set_options(timeout=60_000)


def feed_of(city: City) -> Feed:
    feed = Feed()
    feed.publish(city.snapshot)
    return feed


@asynccontextmanager
async def opened(browser: Browser, client: TestClient, path: str = "/", **options: object) -> AsyncIterator[Page]:
    """Open a page; when it is left, nothing must have gone wrong in it, and nothing come from elsewhere."""
    context = await browser.new_context(**{"viewport": WALL, "timezone_id": "UTC", **options})  # type: ignore[arg-type]
    context.set_default_timeout(20_000)
    page = await context.new_page()
    wrong: list[str] = []
    home = str(client.make_url("/"))
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: wrong.append(dialog.message))
    page.on("request", lambda request: None if request.url.startswith(home) else wrong.append(request.url))
    await page.goto(str(client.make_url(path)), wait_until="load")
    yield page
    assert wrong == []
    await context.close()


async def drawn(page: Page, cameras: int) -> None:
    """Wait until the plan shows so many marks."""
    await expect(page.locator("#plan")).to_have_attribute("data-drawn", str(cameras))


async def fits(page: Page) -> bool:
    """Say whether nothing has to be scrolled sideways."""
    return await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
