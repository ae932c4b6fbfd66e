"""The runbook, where an alert's link leads: a page of the monitor, read at night on a phone."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import TestClient, TestServer
from browsing import PHONE, feed_of, fits, opened
from paper_city import City
from playwright.async_api import Browser, expect

from monitor.probes.journal import Journal
from monitor.web.server import create_app


@pytest.mark.asyncio(loop_scope="session")
async def test_an_alert_leads_to_its_section_on_a_phone(small_city: City, browser: Browser) -> None:
    """The section is on the screen, with what it means and what to check first; nothing has to be scrolled sideways."""
    app = create_app(feed_of(small_city), Journal(), lambda _: [])
    async with (
        TestClient(TestServer(app)) as client,
        opened(browser, client, "/runbook#camerauplinkdown", viewport=PHONE) as page,
    ):
        heading = page.locator("#camerauplinkdown")
        await expect(heading).to_have_text("CameraUplinkDown")
        await expect(heading).to_be_in_viewport()
        await expect(page.locator("#camerauplinkdown + p")).to_contain_text("Means.")
        assert await fits(page)
