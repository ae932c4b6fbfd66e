"""What is planned for a camera stands beside its state, on its page, in the list and for programs."""

from __future__ import annotations

import pytest
from browsing import PHONE, fits, opened
from paper_city import NOON, City, served, under_a_plan
from playwright.async_api import Browser, expect

from monitor.core.verdict import Reason, Rung
from monitor.web.feed import Feed

pytestmark = pytest.mark.asyncio(loop_scope="session")
TOLD = "Planned load-shedding until 2018-11-15 12:50:00 UTC: peak <b>load</b>. Approved by Grid control at 2018-11-13 12:00:00 UTC."


def shown(city: City) -> Feed:
    """Return a feed in which a camera is down and under a plan, and another one under it and well."""
    city.fail(["cam-0003"], Rung.REACHABLE, Reason.TIMEOUT)
    feed = Feed()
    feed.publish(under_a_plan(city.snapshot, "cam-0003", "cam-0004"))
    return feed


async def test_a_camera_under_a_plan_keeps_its_state(small_city: City) -> None:
    """Planned is no state: it is down, for its reason, and what is planned stands beside that, escaped."""
    async with served(shown(small_city)) as client:
        async with client.get("/api/v1/cameras/cam-0003") as answer:
            told = await answer.json()
        assert (told["state"], told["reason"]) == ("down", "timeout")
        assert told["planned"] == [
            {
                "entry": "shedding",
                "kind": "load_shedding",
                "noun": "load-shedding",
                "start": "2018-11-15T11:50:00.000Z",
                "end": "2018-11-15T12:50:00.000Z",
                "plan_reason": "peak <b>load</b>",
                "approver": "Grid control",
                "approved_at": "2018-11-13T12:00:00.000Z",
            }
        ]
        async with client.get("/api/v1/cameras?per_page=500") as answer:
            listed = (await answer.json())["cameras"]
        assert [row["id"] for row in listed if row["planned"]] == ["cam-0003", "cam-0004"]


async def test_the_pages_tell_it_to_a_person(small_city: City, browser: Browser) -> None:
    """On the camera's page who approved it and why; in the list what it is and until when; also on a phone."""
    clock = {"wall": lambda: NOON + 60.0}
    async with served(shown(small_city), **clock) as client:
        async with opened(browser, client, "/cameras/cam-0003") as page:
            await expect(page.locator("#verdict .planned")).to_have_text(TOLD)
        async with opened(browser, client, "/cameras?q=cam-000", viewport=PHONE) as page:
            await expect(page.locator(".planned")).to_have_text(
                ["planned: load-shedding until 2018-11-15 12:50:00"] * 2
            )
            assert await fits(page)
        async with opened(browser, client, "/cameras/cam-0005") as page:
            await expect(page.locator(".planned")).to_have_count(0)
