"""Causes in a real Chromium: the wallboard, a cause's page, the sheet on paper."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from browsing import PHONE, drawn, fits, opened
from playwright.async_api import Browser, expect
from test_cause_pages import served
from watched_city import FEEDER, THERE, WatchedCity, archive_of, town

from monitor.core.acknowledgement import Acknowledgement
from monitor.core.calendar import Entry
from monitor.core.calendar import Kind as PlanKind
from monitor.core.canary import Silence
from monitor.core.handover import Contradiction, Handover, Shift
from monitor.core.planned import Active, Work
from monitor.core.topology import Layer
from monitor.core.verdict import Finding, Outcome, Reason, Rung
from monitor.web.sources import SOURCES, Archive

pytestmark = pytest.mark.asyncio(loop_scope="session")


def publish(client: object, city: WatchedCity) -> None:
    """Let the pages know how the city is now."""
    client.server.app[SOURCES].feed.publish(city.snapshot)  # type: ignore[attr-defined]


async def test_the_wall_shows_causes_on_one_screen(browser: Browser, storm: WatchedCity) -> None:
    """All shared causes and all kinds are there, none is cut, and nothing has to be scrolled."""
    async with served(storm) as client, opened(browser, client) as page:
        await drawn(page, 1800)
        await expect(page.locator("#held")).to_have_text("6 shared causes hold 320 of the 522")
        for row in await page.locator("#shared li, #others li").all():
            await expect(row).to_be_visible()
        assert await page.locator("#others .number").all_inner_texts() == ["62", "60", "50", "30"]
        assert await page.evaluate("document.documentElement.scrollHeight") == 1080


async def test_the_wall_says_of_what_it_never_saw_well_that_it_began_before(browser: Browser) -> None:
    """When first painted and when kept fresh: a moment at which we only first looked is not called its beginning."""
    city = WatchedCity(town(60))
    hit = [id_ for id_, one in city.inventory.cameras.items() if city.inventory.sites[one.site].feeder == "F-1"]
    city.work([id_ for id_ in city.inventory.cameras if id_ not in hit])
    city.show(hit, Finding(Rung.REACHABLE, Outcome.FAIL, Reason.TIMEOUT))
    city.settle()
    async with served(city) as client, opened(browser, client) as page:
        since = page.locator("#shared [data-field=since]").first
        await expect(since).to_have_text("before")
        city.work()
        city.settle()
        city.cut(feeder="F-1")
        city.settle()
        publish(client, city)
        await expect(since).to_have_text("since")


async def test_a_long_headline_is_told_whole(browser: Browser, storm: WatchedCity) -> None:
    """On a smaller screen it takes a second line."""
    async with served(storm) as client, opened(browser, client) as page:
        await page.set_viewport_size({"width": 1400, "height": 900})
        name = page.locator("#shared .name").first
        await name.evaluate(
            "it => it.textContent = 'All cameras of Contract of the Northern District stopped together'"
        )
        assert await name.evaluate("it => it.scrollWidth <= it.clientWidth && it.scrollHeight <= it.clientHeight")


async def test_pointing_at_a_cause_leaves_its_cameras_on_the_plan(browser: Browser, storm: WatchedCity) -> None:
    """By pointer and by keyboard, for a cause and for a kind; leaving shows all again."""
    async with served(storm) as client, opened(browser, client) as page:
        await drawn(page, 1800)
        plan = page.locator("#plan")
        await page.locator("#shared li").first.hover()
        cause = storm.cause(Layer.FEEDER, FEEDER)
        await expect(plan).to_have_attribute("data-standing", str(len(cause.members)))
        await page.locator("#others a", has_text="no video").focus()
        await expect(plan).to_have_attribute("data-standing", "50")
        await page.locator("#zones a").first.hover()
        await page.locator("#theme").hover()
        await page.locator("#theme").focus()
        await expect(plan).to_have_attribute("data-standing", "1800")


async def test_causes_come_and_go_without_a_reload(browser: Browser, cut_city: WatchedCity) -> None:
    """A cause that is acknowledged says so, what fails beside it is counted, and what is repaired leaves."""
    cause = cut_city.cause(Layer.FEEDER, "F-1")
    async with served(cut_city) as client, opened(browser, client) as page:
        await drawn(page, 90)
        await page.evaluate("window.marked = true")
        await expect(page.locator("#shared [data-field=answer]")).to_have_text("not acknowledged")
        cut_city.acknowledge(cause.id, "night shift", "known", cut_city.now + 3600, "Crew 4")
        publish(client, cut_city)
        await expect(page.locator("#shared [data-field=answer]")).to_have_text("acknowledged")
        await expect(page.locator("#shared .owner")).to_have_text("Crew 4")
        left = next(id_ for id_ in cut_city.inventory.cameras if id_ not in cause.members)
        cut_city.show([left], THERE, Finding(Rung.MEDIA, Outcome.FAIL, Reason.NO_VIDEO))
        cut_city.settle()
        publish(client, cut_city)
        await expect(page.locator("#others .name").first).to_contain_text("no video")
        cut_city.recover(cause.members)
        cut_city.settle()
        publish(client, cut_city)
        await expect(page.locator("#held")).to_have_text("No shared cause")
        await expect(page.locator("#others-lead")).to_have_text("Each by itself:")
        assert await page.evaluate("window.marked") is True


async def test_a_blind_monitor_is_louder_than_its_figures(browser: Browser) -> None:
    """A banner above every page, live on the wallboard, gone when the monitor sees again."""
    city = WatchedCity(town(60))
    city.work()
    city.cut(feeder="F-1")
    city.settle()
    async with served(city) as client, opened(browser, client) as page:
        await drawn(page, 60)
        await expect(page.locator("#blind")).to_be_hidden()
        await expect(page.locator("#held")).to_have_text("1 shared cause holds 11 of the 11")
        silence = Silence((city.now, city.now + 5), "the gateway does not answer")
        city.canaries = {"central": {"gateway": silence, "device model": None}}
        city.pass_time(10)
        publish(client, city)
        await expect(page.locator("#blind")).to_contain_text(
            "The monitor is blind at vantage central: 60 cameras are unknown"
        )
        await expect(page.locator('[data-state="unknown"] .number')).to_have_text("60")
        await expect(page.locator("#held")).to_have_text("1 shared cause is open")
        async with opened(browser, client) as again:
            await expect(again.locator("#held")).to_have_text("1 shared cause is open")
        async with opened(browser, client, "/cameras") as other:
            await expect(other.locator("#blind")).to_be_visible()
        city.canaries = {"central": {"gateway": None, "device model": None}}
        city.pass_time(10)
        city.work()
        city.pass_time(10)
        publish(client, city)
        await expect(page.locator("#blind")).to_be_hidden()


async def test_a_causes_page_has_its_cameras_on_the_plan(browser: Browser, storm: WatchedCity) -> None:
    """They stand out there, and the keyboard goes from one to the next."""
    cause = storm.cause(Layer.UPLINK, "SW-4/5")
    async with served(storm) as client, opened(browser, client, f"/causes/{cause.id}") as page:
        await drawn(page, 1800)
        await expect(page.locator("#plan")).to_have_attribute("data-standing", str(len(cause.members)))
        await page.locator("#plan").focus()
        await page.keyboard.press("ArrowRight")
        await expect(page.locator("#tip")).to_contain_text("unreachable: no answer")
        await page.keyboard.press("Enter")
        await page.wait_for_url(re.compile("/cameras/cam-"))
        await expect(page.locator("#causes")).to_contain_text("Uplink SW-4/5 is cut off")


async def test_a_cause_is_acknowledged_by_hand(browser: Browser, cut_city: WatchedCity) -> None:
    """The form is filled in and sent; the page then says who, why and until when."""
    cause = cut_city.cause(Layer.FEEDER, "F-1")
    async with served(cut_city) as client, opened(browser, client, f"/causes/{cause.id}") as page:
        await page.get_by_label("Why").fill("crew on the way")
        await page.get_by_label("Your name").fill("night shift")
        await page.get_by_label("Until").select_option("4 hours from now")
        await page.get_by_role("button", name="Acknowledge").click()
        await expect(page.locator("#verdict")).to_contain_text("by night shift until")
        await expect(page.locator("#turns")).to_contain_text("by night shift: crew on the way")


async def test_what_is_typed_stays_while_the_page_is_kept_fresh(browser: Browser, cut_city: WatchedCity) -> None:
    """A form half filled in is no part of what is fetched anew."""
    cause = cut_city.cause(Layer.FEEDER, "F-1")
    async with served(cut_city) as client, opened(browser, client, f"/causes/{cause.id}") as page:
        await page.clock.install()
        await page.reload()
        await page.get_by_label("Why").fill("crew on the")
        cut_city.acknowledge(cause.id, "day shift", "seen", cut_city.now + 3600)
        publish(client, cut_city)
        await page.clock.run_for(6000)
        await expect(page.locator("#verdict")).to_contain_text("by day shift")
        await expect(page.get_by_label("Why")).to_have_value("crew on the")


@pytest.mark.parametrize("path", ["/", "/causes", "/causes/{}", "/handover"])
async def test_a_phone_scrolls_one_way_only(browser: Browser, storm: WatchedCity, path: str) -> None:
    """At 390 pixels nothing is wider than the screen, and what can be touched is large enough."""
    address = path.format(storm.cause(Layer.FEEDER, FEEDER).id)
    async with served(storm) as client, opened(browser, client, address, viewport=PHONE, has_touch=True) as page:
        assert await fits(page)
        small = await page.evaluate(
            "[...document.querySelectorAll('main :is(button, select, input:not([type=hidden]), li > a)')]"
            ".filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 30).map((e) => e.outerHTML)"
        )
        assert small == []


def crowded(city: WatchedCity) -> Archive:
    """Return an archive whose sheet has more lines in every part than are printed."""
    archive, start = archive_of(city), datetime(2018, 11, 15, 12)
    causes = list(city.snapshot.causes)[:9]
    why = "the line to the harbour is laid anew, section by section, until the rings are closed"
    entry = Entry("works", PlanKind.MAINTENANCE, (), "UTC", start, start + timedelta(hours=6), "Works", start, why)
    work = Work(Active(entry, city.now, city.now + 6 * 3600), 236)

    def sheet(shift: Shift) -> Handover:
        assert archive.handed_over is not None
        notes = tuple(Acknowledgement(one, city.now, "night shift", "", why, city.now + 3600) for one in causes)
        rows = tuple(Contradiction(f"{one}: listed on SW-14, fails with SW-15", one) for one in causes)
        found = archive.handed_over(shift)
        ended = tuple(replace(story, ended=city.now) for story in found.opened[:9])
        marks = {key: [Work(work.active, 1)] for key in city.snapshot.causes}
        return replace(found, ended=ended, planned=(work,) * 9, expiring=notes, contradicted=rows, marks=marks)

    return Archive(archive.history, sheet)


async def test_the_sheet_is_one_page_of_paper(browser: Browser, storm: WatchedCity) -> None:
    """In the worst hour, too, with every part full, it prints on one page of A4, black on white."""
    async with (
        served(storm, crowded(storm)) as client,
        opened(browser, client, "/handover", color_scheme="dark") as page,
    ):
        pdf = await page.pdf(prefer_css_page_size=True, print_background=True)
        assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
        assert await page.get_by_text("the line to the harbour").count() == 8
        await page.emulate_media(media="print")
        assert await page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
        assert await page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
