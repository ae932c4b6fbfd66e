"""Every page tells how old what it shows is, and turns loud when that is too old."""

from __future__ import annotations

import re

import pytest
from browsing import PHONE, drawn, feed_of, opened
from paper_city import City, inventory, served
from playwright.async_api import Browser, Page, Route, expect

from monitor.core.verdict import Finding, Outcome, Reason, Rung
from monitor.web import events
from monitor.web.feed import Feed

pytestmark = pytest.mark.asyncio(loop_scope="session")

STALE = re.compile("stale")


async def cut_off(page: Page) -> None:
    """Let nothing that this page asks for be answered any more."""

    async def refuse(route: Route) -> None:
        await route.abort("connectionrefused")

    await page.route("**/*", refuse)


@pytest.mark.parametrize("path", ["/cameras", "/cameras/cam-0007"])
async def test_a_page_says_that_the_monitor_does_not_answer(browser: Browser, small_city: City, path: str) -> None:
    """The age of the figures runs on; past 15 s the page is pale and its bar an alarm, until the monitor is back."""
    async with served(feed_of(small_city)) as client:
        context = await browser.new_context(timezone_id="UTC")
        page = await context.new_page()
        await page.clock.install()
        await page.goto(str(client.make_url(path)))
        await expect(page.locator("#age-text")).to_have_text(
            re.compile(r"^As of 2018-11-15 12:00:00 UTC · \d+ s old$"), timeout=60_000
        )
        await cut_off(page)
        await page.clock.run_for(125_000)
        await expect(page.locator("#age-text")).to_have_text(
            re.compile(r"^These figures are 2 min( \d+ s)? old: the monitor does not answer$")
        )
        await expect(page.get_by_role("alert")).to_have_text("These figures are old: the monitor does not answer.")
        await expect(page.locator("body")).to_have_class(STALE)
        await page.unroute("**/*")
        await page.clock.run_for(6000)
        await expect(page.locator("body")).not_to_have_class(STALE)
        await context.close()


@pytest.mark.parametrize("path", ["/cameras", "/cameras/cam-0007"])
async def test_a_page_says_that_the_monitor_stands_still(browser: Browser, small_city: City, path: str) -> None:
    """A monitor that answers with an old snapshot is as loud as one that does not answer; so is a failing ledger."""
    now = [0.0]
    feed = Feed(lambda: now[0])
    feed.publish(small_city.snapshot)
    trouble: list[str] = []
    async with (
        served(feed, health=lambda: trouble[0] if trouble else None) as client,
        opened(browser, client, path) as page,
    ):
        await expect(page.locator("#trouble")).to_be_hidden()
        now[0] = 42.0
        trouble.append("The ledger cannot be written: disk full")
        await expect(page.locator("#age-text")).to_have_text(
            re.compile(r"^These figures are 4\d s old: the monitor stands still$"), timeout=60_000
        )
        await expect(page.locator("#trouble")).to_have_text(trouble[0])
        await expect(page.locator("body")).to_have_class(STALE)


async def test_without_a_script_the_pages_say_it_too(browser: Browser, small_city: City) -> None:
    """Zones as a table instead of the plan, moments in UTC, and the warnings, as the server writes them."""
    now = [0.0]
    feed = Feed(lambda: now[0])
    feed.publish(small_city.snapshot)
    async with served(feed, wall=lambda: small_city.now, health=lambda: "Disk full.") as client:
        async with opened(browser, client, java_script_enabled=False) as page:
            await expect(page.locator("#age-text")).to_have_text("As of 12:00:00 UTC")
            await expect(page.get_by_role("table", name=re.compile("Cameras by zone"))).to_be_visible()
            await expect(page.locator("#plan")).to_be_hidden()
            await expect(page.get_by_text("Disk full.")).to_be_visible()
        now[0] = 130.0
        for path in ("/", "/cameras", "/cameras/cam-0001"):
            async with opened(browser, client, path, java_script_enabled=False) as page:
                await expect(
                    page.get_by_text("These figures are 2 min 10 s old: the monitor stands still")
                ).to_be_visible()
                await expect(page.locator("body")).to_have_class(STALE)


async def test_moments_are_the_readers_own_and_name_their_zone(browser: Browser, small_city: City) -> None:
    """The same words with a script as without, in the zone of who reads."""
    small_city.fail(["cam-0007"], Rung.MEDIA, Reason.NO_VIDEO)
    async with served(feed_of(small_city)) as client:
        for zone, name, hour in (
            ("Asia/Karachi", "UTC+05:00", "17"),
            ("UTC", "UTC", "12"),
            ("America/St_Johns", "UTC-03:30", "08"),
        ):
            async with opened(browser, client, "/cameras/cam-0007", timezone_id=zone) as page:
                minute = "30" if hour == "08" else "00"
                await expect(page.locator("#verdict .told")).to_contain_text(
                    f"Down since between 2018-11-15 {hour}:{minute}:00 {name} and 2018-11-15 {hour}:{minute}:11 {name}"
                )
            async with opened(browser, client, "/cameras", timezone_id=zone) as page:
                await expect(page.locator("#total")).to_have_text(f"60 of 60 · times in {name}")


async def test_the_last_answer_is_not_the_last_check(browser: Browser, small_city: City) -> None:
    """A silent camera answered long ago, however often it is asked."""
    small_city.fail(["cam-0007"], Rung.REACHABLE, Reason.TIMEOUT)
    async with served(feed_of(small_city)) as client, opened(browser, client, "/cameras/cam-0007") as page:
        await expect(page.locator("#verdict")).to_contain_text(
            "Last answer 2018-11-15 12:00:00 UTC · last check 2018-11-15 12:00:33 UTC"
        )


async def test_the_first_checks_are_told_until_all_were_looked_at(browser: Browser) -> None:
    """Not "0 of 60 not working" but how many are judged; no heading stands over nothing; a busy camera is judged."""
    city = City(inventory(60))
    feed = feed_of(city)
    async with served(feed) as client, opened(browser, client) as page:
        await drawn(page, 60)
        headline = page.get_by_role("heading", level=1)
        await expect(headline).to_have_text(
            re.compile(r"First checks\s+are running\s+judged 0 of 60 so far"), use_inner_text=True
        )
        for title in ("Why not", "Newest changes"):
            await expect(page.get_by_role("heading", name=title)).to_be_hidden()
        ids = list(city.inventory.cameras)
        city.work(ids[:12])
        feed.publish(city.fail(ids[:3], Rung.MEDIA, Reason.NO_VIDEO))
        await expect(headline).to_have_text(
            re.compile(r"3\s+cameras\s+not working so far\s+judged 12 of 60 so far"), use_inner_text=True
        )
        await expect(page.get_by_role("heading", name="Newest changes")).to_be_visible()
        pending = page.locator("#pending")
        await expect(pending).to_have_text("48 still in their first checks")
        city.work(ids[12:-3])
        busy = Finding(Rung.MEDIA, Outcome.UNSEEN, Reason.BUSY)
        feed.publish(city.tell([city.verdict(ids[-2], busy)]))
        await expect(pending).to_have_text("2 of the 3 unknown still in their first checks")
        await page.reload()
        await expect(pending).to_have_text("2 of the 3 unknown still in their first checks")
        city.work(ids[-3:-1])
        feed.publish(city.tell([city.verdict(ids[-1], busy)]))
        await expect(headline).to_have_text(
            re.compile(r"3\s+of 60 cameras\s+not working\s+1 more is not known"), use_inner_text=True
        )
        await expect(pending).to_be_hidden()
        await page.locator("#besides").click()
        await expect(page.locator("#list tbody .reason")).to_have_text(["busy"])


async def test_the_list_is_sorted_on_a_phone(browser: Browser, small_city: City) -> None:
    """Where there are no column headings to touch, a choice sorts; states stand in one column."""
    small_city.fail(["cam-0007", "cam-0031"], Rung.MEDIA, Reason.NO_VIDEO)
    async with served(feed_of(small_city)) as client, opened(browser, client, "/cameras", viewport=PHONE) as page:
        await page.get_by_label("Sort").select_option("newest first")
        await page.get_by_role("button", name="Show").click()
        await page.wait_for_url(re.compile(r"/cameras\?sort=since$"))
        await expect(page.locator("#list tbody .state").first).to_have_text("down")
        lefts = await page.evaluate(
            "[...document.querySelectorAll('tbody .state-word')].map((e) => e.getBoundingClientRect().left)"
        )
        assert len(set(lefts)) == 1


async def test_a_silent_connection_is_no_connection(
    browser: Browser, small_city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network that goes away closes nothing: when nothing is heard, the wallboard says that nobody answers."""
    monkeypatch.setattr(events, "PULSE_S", 60.0)
    async with served(feed_of(small_city)) as client, opened(browser, client) as page:
        await drawn(page, 60)
        await expect(page.locator("#age-text")).to_have_text(
            re.compile(r"^These figures are \d+ s old: the monitor does not answer$"), timeout=60_000
        )
