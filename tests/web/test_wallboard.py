"""The pages in a real Chromium: what a person sees, hears and types."""

from __future__ import annotations

import asyncio
import re

import pytest
from browsing import PHONE, WALL, drawn, feed_of, fits, opened
from paper_city import City, inventory, served, talk
from playwright.async_api import Browser, Route, expect

from monitor.core.verdict import Reason, Rung
from monitor.probes.journal import Journal
from monitor.web import events
from monitor.web.feed import Feed
from monitor.web.tokens import Tokens

pytestmark = pytest.mark.asyncio(loop_scope="session")

TOKEN = "viewer-0123456789abcdef"
HOSTILE = "<img src=x onerror=alert(1)>\"'`{{7*7}}</script><script>alert(1)</script>"


async def test_the_wall_shows_the_snapshot(browser: Browser, ill_city: City) -> None:
    """Headline, counts, zones, reasons and 1,800 marks, as in the snapshot, on one screen without scrolling."""
    async with served(feed_of(ill_city)) as client, opened(browser, client) as page:
        await drawn(page, 1800)
        await expect(page.get_by_role("heading", level=1)).to_have_text(
            re.compile(r"600\s*of 1,800 cameras\s*not working")
        )
        for state, number in (("up", "1,125"), ("degraded", "75"), ("down", "600"), ("unknown", "0")):
            await expect(page.locator(f'[data-state="{state}"] .number')).to_have_text(number)
        await expect(page.locator('[data-state="unreachable"]')).to_be_hidden()
        assert await page.title() == "600 of 1,800 cameras not working · camfleet"
        zones = await page.locator("#zones .parts").all_inner_texts()
        assert sum(int(text.split(" of ")[0]) for text in zones) == 600
        assert await page.locator("#reasons .number").all_inner_texts() == ["420", "60", "50", "40", "30"]
        assert await page.evaluate("[document.documentElement.scrollHeight, document.body.scrollHeight]") == [
            1080,
            1080,
        ]
        for row in await page.locator("#zones li, #reasons li, #news li").all():
            if await row.is_visible():
                box = await row.bounding_box()
                assert box is not None
                assert box["y"] + box["height"] <= 1080


async def test_the_headline_is_the_largest_thing(browser: Browser, ill_city: City) -> None:
    """No text on the wall is as large as the number of cameras that do not work."""
    async with served(feed_of(ill_city)) as client, opened(browser, client) as page:
        sizes = await page.evaluate(
            "[...document.querySelectorAll('body *')].filter((e) => e.checkVisibility())"
            ".map((e) => [parseFloat(getComputedStyle(e).fontSize), e.className])"
        )
        largest, name = max(sizes, key=lambda pair: pair[0])
        assert name == "figure"
        assert largest > 2 * max(size for size, of in sizes if of != "figure")


async def test_a_fault_shows_without_a_reload(browser: Browser, small_city: City) -> None:
    """The headline, the counts, the reasons and the news follow what is published."""
    feed = feed_of(small_city)
    async with served(feed) as client, opened(browser, client) as page:
        await drawn(page, 60)
        await page.evaluate("window.marked = true")
        feed.publish(small_city.fail(["cam-0007"], Rung.MEDIA, Reason.NO_VIDEO))
        await expect(page.locator("#headline .figure")).to_have_text("1")
        await expect(page.locator('[data-state="down"] .number')).to_have_text("1")
        await expect(page.locator("#reasons .name")).to_have_text("no video")
        await expect(page.locator("#news li").first).to_contain_text(small_city.inventory.cameras["cam-0007"].name)
        feed.publish(small_city.recover(["cam-0007"]))
        await expect(page.locator("#headline .figure")).to_have_text("0")
        await expect(page.locator("#reasons li")).to_have_count(0)
        assert await page.evaluate("window.marked") is True


async def test_what_changes_while_the_plan_comes_is_not_lost(browser: Browser, small_city: City) -> None:
    """A fault told before the plan arrived is on the plan when it has arrived."""
    feed = feed_of(small_city)
    come = asyncio.Event()

    async def slowly(route: Route) -> None:
        await come.wait()
        await route.continue_()

    async with served(feed) as client:
        context = await browser.new_context(viewport=WALL)
        page = await context.new_page()
        await page.route("**/api/v1/plan", slowly)
        async with page.expect_request("**/api/v1/plan"):
            await page.goto(str(client.make_url("/")))
        feed.publish(small_city.fail(["cam-0007"], Rung.MEDIA, Reason.NO_VIDEO))
        await asyncio.sleep(0.2)
        come.set()
        await drawn(page, 60)
        await expect(page.locator("#headline .figure")).to_have_text("1")
        await page.locator("#plan").focus()
        await page.keyboard.press("ArrowRight")
        await expect(page.locator("#tip")).to_contain_text("down: no video")
        await context.close()


async def test_a_list_that_is_cut_says_so(browser: Browser, ill_city: City) -> None:
    """On a low screen some zones have no place: the heading says how many are shown, and none is cut in half."""
    low = {"width": 1280, "height": 620}
    async with served(feed_of(ill_city)) as client, opened(browser, client, viewport=low) as page:
        await drawn(page, 1800)
        shown = sum([await row.is_visible() for row in await page.locator("#zones li").all()])
        assert 5 < shown < 14
        await expect(page.locator("#zones-title")).to_have_text(f"Zones by share not working, {shown} of 14")


async def test_another_inventory_makes_another_plan(browser: Browser, small_city: City) -> None:
    """After a reload of the inventory the page shows the new fleet by itself."""
    feed = feed_of(small_city)
    async with served(feed) as client, opened(browser, client) as page:
        await drawn(page, 60)
        feed.publish(City(inventory(90, seed=3)).snapshot)
        await drawn(page, 90)
        await expect(page.locator("#headline")).to_contain_text("judged 0 of 90 so far")
        await expect(page.locator("body")).to_have_class(re.compile("unjudged"))


async def test_old_data_is_loud(browser: Browser, small_city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """A monitor that stands still turns the board's bar into an alarm; the next snapshot ends it."""
    monkeypatch.setattr(events, "PULSE_S", 0.05)
    now = [0.0]
    feed = Feed(lambda: now[0])
    feed.publish(small_city.snapshot)
    trouble: list[str] = []
    async with served(feed, health=lambda: trouble[0] if trouble else None) as client, opened(browser, client) as page:
        await expect(page.locator("#age-text")).to_have_text(
            re.compile(r"^Live · 2018-11-15 \d\d:\d\d:\d\d UTC · \d s old$")
        )
        await expect(page.locator("body")).not_to_have_class(re.compile("stale"))
        now[0] = 42.0
        await expect(page.locator("#age-text")).to_have_text(
            re.compile(r"^These figures are 4\d s old: the monitor stands still$")
        )
        await expect(page.get_by_role("alert")).to_have_text("These figures are old: the monitor stands still.")
        await expect(page.locator("body")).to_have_class(re.compile("stale"))
        trouble.append("The ledger cannot be written: disk full")
        await expect(page.locator("#trouble")).to_have_text(trouble[0])
        feed.publish(small_city.pass_time(1))
        await expect(page.locator("body")).not_to_have_class(re.compile("stale"))


async def test_a_lost_connection_is_loud_and_comes_back(browser: Browser, small_city: City) -> None:
    """Without the server the page says so and since when; it goes on by itself when the server is back."""
    now = [10.0]
    feed = Feed(lambda: now[0])
    feed.publish(small_city.snapshot)
    async with served(feed) as client:
        context = await browser.new_context(viewport=WALL)
        page = await context.new_page()
        await page.goto(str(client.make_url("/")))
        await drawn(page, 60)
        now[0] += 9
        await context.set_offline(True)
        feed.close()
        await expect(page.locator("#age-text")).to_have_text(
            re.compile(r"^These figures are \d+ s old: the monitor does not answer$"), timeout=60_000
        )
        feed.closed = False
        now[0] = 10.0
        await context.set_offline(False)
        await expect(page.locator("body")).to_have_class(re.compile("live"), timeout=60_000)
        await context.close()


async def test_a_screen_reader_finds_its_way(browser: Browser, ill_city: City) -> None:
    """Landmarks, headings in order, named regions, a live headline; marks are no noise."""
    async with served(feed_of(ill_city)) as client:
        async with opened(browser, client) as page:
            await drawn(page, 1800)
            for role in ("banner", "main"):
                await expect(page.get_by_role(role)).to_have_count(1)
            await expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
            for name in (
                "Cameras by state",
                "Plan of the city",
                "Zones by share not working",
                "Why not",
                "Newest changes",
            ):
                await expect(page.get_by_role("region", name=name)).to_have_count(1)
            levels = [int(h) for h in re.findall(r"\[level=(\d)\]", await page.locator("body").aria_snapshot())]
            assert levels[0] == 1
            assert set(levels[1:]) == {2}
            await expect(page.locator("#spoken")).to_have_text("600 of 1,800 cameras not working")
            await expect(page.get_by_role("application", name=re.compile("^Plan of the city"))).to_be_visible()
            assert await page.locator("html").get_attribute("lang") == "en"
        async with opened(browser, client, "/cameras") as page:
            await expect(page.get_by_role("table")).to_have_count(1)
            assert await page.get_by_role("columnheader").count() == 5
            assert await page.get_by_role("rowheader").count() == 50
            await expect(page.get_by_role("searchbox", name="Text")).to_be_visible()
            for label in ("State", "Zone", "Reason"):
                await expect(page.get_by_role("combobox", name=label)).to_be_visible()
            await expect(page.get_by_role("search")).to_have_count(1)


async def test_the_keyboard_reaches_everything(browser: Browser, small_city: City) -> None:
    """Skip link, pages, counts, then the plan, where arrows go from one dead camera to the next and Enter opens it."""
    small_city.fail(["cam-0010", "cam-0040"], Rung.REACHABLE, Reason.TIMEOUT)
    async with served(feed_of(small_city)) as client, opened(browser, client) as page:
        await drawn(page, 60)
        reached = []
        for _ in range(18):
            await page.keyboard.press("Tab")
            reached.append(
                await page.evaluate(
                    "document.activeElement.id || document.activeElement.textContent.trim().split(/\\s+/)[0]"
                )
            )
            visible = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert visible == "solid"
        assert reached[:6] == ["Skip", "camfleet", "Wallboard", "Causes", "Orders", "Cameras"]
        assert "plan" in reached
        await page.locator("#plan").focus()
        await page.keyboard.press("ArrowRight")
        await expect(page.locator("#plan-spoken")).to_have_text(re.compile("down: no answer$"))
        await expect(page.locator("#tip")).to_contain_text("down: no answer")
        await page.keyboard.press("Enter")
        await page.wait_for_url(re.compile(r"/cameras/cam-00[14]0$"))


async def test_pointing_at_a_mark_names_its_camera(browser: Browser, small_city: City) -> None:
    """A tip with name, state and zone; a click opens the camera's page."""
    async with served(feed_of(small_city)) as client, opened(browser, client) as page:
        await drawn(page, 60)
        names = {camera.name for camera in small_city.inventory.cameras.values()}
        box = await page.locator("#plan").bounding_box()
        assert box is not None
        for x in range(40, int(box["width"]), 40):
            await page.mouse.move(box["x"] + x, box["y"] + box["height"] / 2)
            if await page.locator("#tip").is_visible():
                break
        assert await page.locator("#tip b").inner_text() in names
        await page.mouse.down()
        await page.mouse.up()
        await page.wait_for_url(re.compile("/cameras/cam-"))


async def test_hostile_names_stay_names(browser: Browser) -> None:
    """Markup in every name and text runs nothing and adds nothing, on every page and in what the scripts write."""
    city = City(inventory(30, names=lambda _: HOSTILE))
    city.work()
    feed = feed_of(city)
    journal = Journal()
    journal.add(talk(city, "cam-0001", (False, f"RTSP/1.0 200 OK\r\nServer: {HOSTILE}\r\n\r\n".encode())))
    async with served(feed, journal) as client:
        async with opened(browser, client) as page:
            await drawn(page, 30)
            feed.publish(city.fail(["cam-0001"], Rung.MEDIA, Reason.NO_VIDEO, HOSTILE))
            await expect(page.locator("#news li").first).to_contain_text(HOSTILE)
            await page.locator("#plan").focus()
            await page.keyboard.press("ArrowRight")
            await expect(page.locator("#tip b")).to_have_text(HOSTILE)
            assert await page.locator("img, main script").count() == 0
        for path in ("/cameras", "/cameras/cam-0001"):
            async with opened(browser, client, path) as page:
                await expect(page.get_by_text(HOSTILE).first).to_be_attached()
                assert await page.locator("img, main script").count() == 0


async def test_the_list_is_used_with_its_form(browser: Browser, ill_city: City) -> None:
    """Filter by state and text, sort by a heading, turn the page: each is an address that can be sent on."""
    async with served(feed_of(ill_city)) as client, opened(browser, client, "/cameras") as page:
        await page.get_by_role("combobox", name="State").select_option("not_working")
        await page.get_by_role("button", name="Show").click()
        await expect(page.locator("#total")).to_contain_text("600 of 1,800 match")
        await page.get_by_role("link", name="Camera", exact=True).click()
        await expect(page.get_by_role("columnheader", name="Camera")).to_have_attribute("aria-sort", "ascending")
        await page.get_by_role("link", name="Next →").click()
        await expect(page.get_by_text("Page 2 of 12")).to_be_visible()
        assert page.url.endswith("/cameras?state=not_working&sort=name&page=2")
        await page.get_by_role("searchbox").fill("no such camera")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("No camera matches.")).to_be_visible()


async def test_a_cameras_page_follows_the_camera(browser: Browser, small_city: City) -> None:
    """Its state changes on the open page without a reload, and an opened conversation stays open."""
    feed = feed_of(small_city)
    journal = Journal()
    journal.add(talk(small_city, "cam-0007", (True, b"DESCRIBE /x RTSP/1.0\r\n\r\n")))
    async with served(feed, journal) as client, opened(browser, client, "/cameras/cam-0007") as page:
        await page.clock.install()
        await page.reload()
        await page.locator("details").first.evaluate("(talk) => { talk.open = true; }")
        await expect(page.locator("#verdict .word")).to_have_text("up")
        feed.publish(small_city.fail(["cam-0007"], Rung.MEDIA, Reason.NO_VIDEO))
        journal.add(talk(small_city, "cam-0007", (True, b"OPTIONS * RTSP/1.0\r\n\r\n")))
        await page.clock.run_for(6000)
        await expect(page.locator("#verdict .word")).to_have_text("down")
        await expect(page.locator("#verdict .cause")).to_have_text("no video")
        await expect(page.locator("details")).to_have_count(2)
        await expect(page.get_by_text("DESCRIBE /x RTSP/1.0")).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/cameras", "/cameras?state=dead", "/cameras/cam-0001", "/nothing", "/login"])
async def test_a_phone_scrolls_one_way_only(browser: Browser, ill_city: City, path: str) -> None:
    """At 390 pixels nothing is wider than the screen, and what can be touched is large enough."""
    async with served(feed_of(ill_city)) as client:
        context = await browser.new_context(viewport=PHONE, has_touch=True)
        page = await context.new_page()
        await page.goto(str(client.make_url(path)))
        assert await fits(page)
        small = await page.evaluate(
            "[...document.querySelectorAll('main :is(button, select, input:not([type=hidden]), li > a)')]"
            ".filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 30).map((e) => e.outerHTML)"
        )
        assert small == []
        await context.close()


async def test_colours_are_chosen_and_kept(browser: Browser, small_city: City) -> None:
    """What the system prefers, until somebody chooses; then that, on every page."""
    async with served(feed_of(small_city)) as client, opened(browser, client, color_scheme="dark") as page:
        background = "getComputedStyle(document.documentElement).backgroundColor"
        dark = await page.evaluate(background)
        await page.get_by_role("button", name="Switch to light colours").click()
        light = await page.evaluate(background)
        assert light != dark
        await page.goto(str(client.make_url("/cameras")))
        assert await page.evaluate(background) == light


CONTRAST = """
() => {
  const channel = (c) => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = (e) => {
    for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] !== 0) return c; }
    return parse(getComputedStyle(document.documentElement).backgroundColor);
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !e.checkVisibility() || e.closest('.hidden, template')) continue;
    const style = getComputedStyle(e), [a, b] = [light(parse(style.color)), light(behind(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.push([ratio.toFixed(2), e.outerHTML.slice(0, 120)]);
  }
  return found;
}
"""


@pytest.mark.parametrize("scheme", ["dark", "light"])
async def test_every_text_can_be_read(browser: Browser, ill_city: City, scheme: str) -> None:
    """WCAG 2.2 AA: at least 4.5 to 1 between a text and what is behind it, in both colours, on every page."""
    journal = Journal()
    journal.add(talk(ill_city, "cam-0001", (True, b"DESCRIBE")))
    async with served(feed_of(ill_city), journal) as client:
        for path in ("/", "/cameras", "/cameras/cam-0001", "/login"):
            async with opened(browser, client, path, color_scheme=scheme) as page:
                assert await page.evaluate(CONTRAST) == []


async def test_calm_is_kept_for_those_who_need_it(browser: Browser, small_city: City) -> None:
    """With reduced motion nothing moves by itself."""
    async with served(feed_of(small_city)) as client, opened(browser, client, reduced_motion="reduce") as page:
        await drawn(page, 60)
        assert await page.evaluate("document.getAnimations().length") == 0


@pytest.mark.parametrize(("cameras", "distance"), [(30, 24.0), (1800, 11.5)])
async def test_no_mark_covers_another(browser: Browser, small_city: City, cameras: int, distance: float) -> None:
    """Cameras of one pole are fanned out: marks keep nearly their whole distance, and stay near their place."""
    async with served(feed_of(small_city)) as client, opened(browser, client) as page:
        src = await page.locator("script[type=module]").get_attribute("src")
        least, farthest = await page.evaluate(
            """async ([folder, cameras, distance]) => {
              const { spread } = await import(`${folder}/spread.js`);
              let seed = 1;
              const chance = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
              const at = [];
              while (at.length < cameras) {
                const place = { x: 60 + chance() * 900, y: 60 + chance() * 700 };
                for (let i = 0; i < 4 && at.length < cameras; i++) at.push({ ...place });
              }
              const home = at.map((p) => ({ ...p }));
              spread(at, distance, { left: 0, top: 0, width: 1020, height: 820 });
              let least = Infinity;
              at.forEach((a, i) => at.forEach((b, j) => {
                if (j > i) least = Math.min(least, Math.hypot(a.x - b.x, a.y - b.y));
              }));
              return [least, Math.max(...at.map((p, i) => Math.hypot(p.x - home[i].x, p.y - home[i].y)))];
            }""",
            [str(src).rsplit("/", 1)[0], cameras, distance],
        )
        assert least > distance * 0.8
        assert farthest < distance * 5


@pytest.mark.parametrize("viewport", [PHONE, WALL], ids=["phone", "wall"])
async def test_every_mark_stands_on_its_ground(browser: Browser, small_city: City, viewport: dict[str, int]) -> None:
    """Under each mark is a zone's ground, and none of it is cut off by the edge of the plan."""
    async with served(feed_of(small_city)) as client, opened(browser, client, viewport=viewport) as page:
        await drawn(page, 60)
        src = await page.locator("script[type=module]").get_attribute("src")
        beside, least, reach = await page.evaluate(
            """async (folder) => {
              const { Plan } = await import(`${folder}/plan.js`);
              const [canvas, tip, spoken, note] = ["plan", "tip", "plan-spoken", "plan-note"].map((id) => document.getElementById(id));
              const plan = new Plan(canvas, tip, spoken, note);
              plan.load(await (await fetch("/api/v1/plan")).json());
              const { base, width, height, ratio } = plan;
              const ground = base.getContext("2d").getImageData(0, 0, base.width, base.height).data;
              const bare = ({ x, y }) => !ground[(Math.round(y * ratio) * base.width + Math.round(x * ratio)) * 4 + 3];
              const edges = plan.spots.map(({ x, y }) => Math.min(x, y, width - x, height - y));
              return [plan.spots.filter(bare).length, Math.min(...edges), plan.reach];
            }""",
            str(src).rsplit("/", 1)[0],
        )
        assert beside == 0
        assert least > reach - 1.0


@pytest.mark.parametrize("placed", [True, False], ids=["on the plan", "without positions"])
async def test_a_fleet_of_any_kind_is_drawn(browser: Browser, placed: bool) -> None:
    """One camera, thirty, and none with a position: all are on the screen, and each can be pointed at."""
    for cameras in (1, 30):
        city = City(inventory(cameras, placed=placed))
        async with served(feed_of(city)) as client, opened(browser, client) as page:
            await drawn(page, cameras)
            await page.locator("#plan").focus()
            await page.keyboard.press("ArrowRight")
            await expect(page.locator("#tip")).to_be_visible()


@pytest.mark.parametrize("host", ["127.0.0.1", "wall.test"])
async def test_a_person_signs_in_and_out(browser: Browser, small_city: City, host: str) -> None:
    """The login leads to the page that was asked for; a cookie keeps the wall live; signing out ends it.

    Under a name, without TLS, a browser sends no Fetch Metadata: Origin alone says where the form came from.
    """
    tokens = Tokens.parse(f"viewer {TOKEN}", "t")
    async with served(feed_of(small_city), tokens=tokens) as client:
        context = await browser.new_context(viewport=WALL)
        page = await context.new_page()
        await page.goto(f"http://{host}:{client.port}/?wall")
        assert "/login" in page.url
        await page.get_by_label("Token").fill(TOKEN)
        await page.keyboard.press("Enter")
        await page.wait_for_url(re.compile(r"/\?wall$"))
        await drawn(page, 60)
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        await context.close()
