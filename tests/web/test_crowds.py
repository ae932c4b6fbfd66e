"""Fleets for which a mark each is too much: everything stays on the screen, quickly."""

from __future__ import annotations

import json
import re

import pytest
from browsing import WALL, drawn, feed_of, opened
from paper_city import City, inventory, served
from playwright.async_api import Browser, expect

from monitor.core.verdict import Reason, Rung

pytestmark = pytest.mark.asyncio(loop_scope="session")

OVERFLOWING = """
[...document.querySelectorAll('.figure, .of, .tile .number, .zone .parts, .reason .number')]
  .filter((e) => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline')
  .map((e) => e.outerHTML)
"""
APART = """
(() => {
  const box = (e) => e.getBoundingClientRect();
  const numbers = [...document.querySelectorAll('.tile:not([hidden]) .number')].map((e) => {
    const range = document.createRange(); range.selectNodeContents(e); return range.getBoundingClientRect();
  });
  return numbers.every((n, i) => !i || n.left > numbers[i - 1].right + 4)
    && box(document.querySelector('.headline .of')).right < box(document.querySelector('.states')).left;
})()
"""


@pytest.fixture(scope="module")
def large_city() -> City:
    """Twelve thousand cameras, one zone of them silent."""
    city = City(inventory(12_000))
    city.work()
    city.fail(
        [id_ for id_, camera in city.inventory.cameras.items() if camera.zone == "z3"], Rung.MEDIA, Reason.NO_VIDEO
    )
    return city


@pytest.mark.parametrize(
    "size", [WALL, {"width": 1366, "height": 768}, {"width": 3840, "height": 2160}], ids=lambda s: str(s["width"])
)
async def test_large_numbers_fit(browser: Browser, large_city: City, size: dict[str, int]) -> None:
    """Figures of six digits stand in their places, one beside the other, on every wall."""
    async with served(feed_of(large_city)) as client, opened(browser, client, viewport=size) as page:
        await drawn(page, 12_000)
        await page.evaluate(
            "for (const e of document.querySelectorAll('[data-length]'))"
            " { e.textContent = '888,888'; e.dataset.length = 7; }"
            "document.querySelector('.whole [data-count=cameras]').textContent = '888,888'"
        )
        assert await page.evaluate(OVERFLOWING) == []
        assert await page.evaluate(APART)


async def test_a_crowd_is_one_mark(browser: Browser, large_city: City) -> None:
    """Fewer marks than cameras, a line that says so, and a tip that counts; a click leads to the zone's list."""
    async with served(feed_of(large_city)) as client, opened(browser, client) as page:
        await drawn(page, 12_000)
        await expect(page.locator("#plan-note")).to_contain_text("A mark stands for up to")
        await page.locator("#plan").focus()
        for key in ("ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown") * 5:
            await page.keyboard.press(key)
            if "not working" in await page.locator("#tip").inner_text():
                break
        await expect(page.locator("#tip")).to_contain_text("not working")
        await page.keyboard.press("Enter")
        await page.wait_for_url(re.compile(r"/cameras\?zone=z\d+$"))


async def test_a_crowd_without_positions_is_whole(browser: Browser) -> None:
    """Cameras without a position all have their mark: where there is no room for each, a mark stands for several."""
    city = City(inventory(20_000, placed=False))
    city.work()
    async with served(feed_of(city)) as client, opened(browser, client) as page:
        await drawn(page, 20_000)
        await expect(page.locator("#plan-note")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollHeight") == WALL["height"]


async def test_very_many_zones_say_what_is_left_out(browser: Browser) -> None:
    """Where not even every zone's name has room, the page says how many cameras are only in the list."""
    src, width, height = "", 300, 200
    city = City(inventory(30))
    async with served(feed_of(city)) as client, opened(browser, client) as page:
        src = str(await page.locator("script[type=module]").get_attribute("src")).rsplit("/", 1)[0]
        shown, left = await page.evaluate(
            """async ([folder, width, height]) => {
              const { gridFor } = await import(`${folder}/grid.js`);
              const zones = Array.from({ length: 200 }, (_, i) => ({ id: `z${i}`, name: `Zone ${i}` }));
              const cameras = Array.from({ length: 4000 }, (_, i) => ({ zone: i % 200, state: "up" }));
              const put = gridFor(cameras, zones, width, height, 14, () => 60).put(0, height);
              return [put.spots.reduce((sum, spot) => sum + spot.members.length, 0), put.left];
            }""",
            [src, width, height],
        )
    assert shown > 0
    assert shown + left == 4000


async def test_a_quiet_second_of_a_large_fleet_is_small_on_the_wire(large_city: City) -> None:
    """What did not change is not told again; the whole state is a few bytes a camera."""
    feed = feed_of(large_city)
    feed.publish(large_city.pass_time(1))
    assert feed.frame is not None
    assert len(feed.frame.change or b"") < 200
    assert len(feed.frame.whole()) < 12_000 * 6
    assert len(json.loads(feed.frame.whole())["marks"]) == 12_000
