"""The pages of work orders: what they say, who may open them, what they take, and how they look on a phone."""

from __future__ import annotations

import re
from pathlib import Path

import aiohttp
import pytest
from browsing import PHONE
from ordered_city import LINKS, Ordered, served
from playwright.async_api import Browser
from watched_city import WatchedCity

from monitor.core.workorder import link
from monitor.core.workorder.order import Act
from monitor.core.workorder.words import FOUND, MOST_WORDS
from monitor.paper.words import languages
from monitor.web.static_files import FOLDER

pytestmark = pytest.mark.asyncio(loop_scope="session")

VIEWER, OPERATOR = "v" * 20, "o" * 20
TOKENS = f"viewer {VIEWER}\noperator {OPERATOR}"
MOST_BYTES = 50_000


async def text_of(url: str, status: int = 200, **headers: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        assert answer.status == status
        return await answer.text()


async def post(url: str, **form: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.post(url, data=form, allow_redirects=False) as answer:
        return answer.status, await answer.text()


def acts(ordered: Ordered) -> list[tuple[Act, str, str]]:
    return [(event.act, event.who, event.why) for event in ordered.events if event.act not in (Act.OPENED, Act.CALLED)]


async def test_the_page_says_where_what_and_what_to_bring(cut_city: WatchedCity) -> None:
    """For whoever holds the link, with the place for whatever navigates on a phone."""
    async with served(cut_city) as (ordered, url):
        order = ordered.largest
        page = await text_of(url + ordered.path(order))
    assert order.id in page
    assert "No power from feeder F-1" in page
    assert "Bring a meter, fuses, and the number of the utility." in page
    assert "geo:" in page
    assert "(Asia/Karachi)" in page
    assert "Electric Company" in page
    assert "Nothing that the record knows of." in page


async def test_the_page_is_small(cut_city: WatchedCity) -> None:
    """With its style sheet it stays below 50 KB, and needs no script and nothing from elsewhere."""
    async with served(cut_city) as (ordered, url):
        for language in languages():
            page = await text_of(f"{url}{ordered.path(ordered.largest)}?lang={language}")
            assert len(page.encode()) + (FOLDER / "order.css").stat().st_size < MOST_BYTES
            assert "<script" not in page
            assert set(re.findall(r'(?:src|<link[^>]+href)="(/?[^"/]*)', page)) == {"/static"}


async def test_in_urdu_it_reads_from_the_right(cut_city: WatchedCity) -> None:
    """Every word of ours; names and sentences of the diagnosis stay as they are."""
    async with served(cut_city) as (ordered, url):
        page = await text_of(f"{url}{ordered.path(ordered.largest)}?lang=ur")
    assert '<html lang="ur" dir="rtl">' in page
    assert "میں راستے میں ہوں" in page
    assert "On my way" not in page


@pytest.mark.parametrize("wrong", ["x", "A" * 22, "%00", "é"])
async def test_a_link_opens_its_own_order_and_nothing_else(cut_city: WatchedCity, wrong: str) -> None:
    """Another signature, another order's signature, no signature."""
    async with served(cut_city, TOKENS) as (ordered, url):
        order = ordered.largest
        other = link.path(LINKS, "WO-AAAA-AAAA")
        await text_of(url + ordered.path(order))
        await text_of(f"{url}/o/{order.id}/{wrong}", 404)
        await text_of(f"{url}/o/{order.id}/{other.rpartition('/')[2]}", 404)
        for place in ("/", "/orders", f"/orders/{order.id}", "/api/v1/cameras", "/metrics", "/o/", f"/o/{order.id}"):
            async with aiohttp.ClientSession() as session, session.get(url + place) as answer:
                assert answer.status in (401, 404), place
        status, _ = await post(f"{url}/o/{order.id}/{wrong}", do="on my way")
        assert (status, acts(ordered)) == (404, [])


async def test_without_orders_yaml_no_link_opens_anything(cut_city: WatchedCity) -> None:
    """There is no secret that could have signed one."""
    async with served(cut_city, paging=None) as (ordered, url):
        await text_of(url + ordered.path(ordered.largest), 404)


async def test_what_a_technician_says_is_kept_with_the_name(cut_city: WatchedCity) -> None:
    """On my way, what was found with a note, a false alarm; each leads back to the page, which says so."""
    async with served(cut_city) as (ordered, url):
        place = url + ordered.path(ordered.largest)
        assert (await post(place, do="on my way", who=" Team\u202e 3 "))[0] == 303
        assert (await post(place, do="found", who="Team 3", found="fuse", note="main <fuse>"))[0] == 303
        page = await text_of(place)
        assert "Team 3 is on the way" in page
        assert "Team 3 found: fuse or breaker: main &lt;fuse&gt;" in page
        assert "somebody is on it" in page
        assert (await post(place, do="false alarm"))[0] == 303
        assert ordered.largest.is_false
    assert acts(ordered) == [
        (Act.ON_MY_WAY, "Team 3", ""),
        (Act.FOUND, "Team 3", "fuse: main <fuse>"),
        (Act.FALSE_ALARM, "", ""),
    ]


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({"do": "closed"}, 400, "This form says nothing that a work order knows."),
        ({}, 400, "This form says nothing that a work order knows."),
        ({"do": "found"}, 409, "Not taken: What was it?"),
        ({"do": "found", "found": "gremlins"}, 409, "Not taken: What was it?"),
    ],
    ids=str,
)
async def test_a_form_that_says_something_else_is_refused(
    cut_city: WatchedCity, form: dict[str, str], status: int, said: str
) -> None:
    """With a sentence; an order cannot be closed by anybody's word."""
    async with served(cut_city) as (ordered, url):
        found, page = await post(url + ordered.path(ordered.largest), **form)
        assert (found, said in page, acts(ordered)) == (status, True, [])


async def test_a_form_of_another_site_is_refused(cut_city: WatchedCity) -> None:
    """Even with the right address."""
    async with served(cut_city) as (ordered, url), aiohttp.ClientSession() as session:
        place = url + ordered.path(ordered.largest)
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
            for path in (place, f"{place}/test"):
                async with session.post(path, data={"do": "on my way"}, headers=headers) as answer:
                    assert answer.status == 403
    assert acts(ordered) == []


async def test_only_so_many_words_are_taken(cut_city: WatchedCity) -> None:
    """A link that leaked fills no ledger."""
    async with served(cut_city) as (ordered, url), aiohttp.ClientSession() as session:
        place = url + ordered.path(ordered.largest)
        for _ in range(MOST_WORDS):
            async with session.post(place, data={"do": "on my way"}, allow_redirects=False) as answer:
                assert answer.status == 303
        async with session.post(place, data={"do": "on my way"}) as answer:
            assert answer.status == 409
            assert "there are too many words in this order already" in await answer.text()


async def test_a_test_tells_what_happens_as_it_happens(cut_city: WatchedCity) -> None:
    """Of cameras that do not work, one of a device; what a device says is escaped."""
    async with served(cut_city) as (ordered, url):
        status, page = await post(f"{url}{ordered.path(ordered.largest)}/test")
    assert status == 200
    assert page.count("<li>") == 9
    assert "✓ <bdi>reachable</bdi>" in page
    assert "✗ <bdi>stream</bdi>" in page
    assert "<script>" not in page
    assert page.rstrip().endswith("</html>")
    assert acts(ordered) == [(Act.TESTED, "", "")]


async def test_a_test_that_cannot_be_made_says_why(cut_city: WatchedCity) -> None:
    """The monitor's own limits hold for technicians, too."""
    async with served(cut_city) as (ordered, url):
        ordered.busy = True
        _, page = await post(f"{url}{ordered.path(ordered.largest)}/test")
    assert "It cannot be tested now: Too many cameras are being looked at" in page


async def test_cleared_and_closed_orders_say_so_and_take_nothing(cut_city: WatchedCity) -> None:
    """All seems well, and it is being watched; then it is over."""
    async with served(cut_city) as (ordered, url):
        place = url + ordered.path(ordered.largest)
        order = ordered.largest
        ordered.cleared()
        page = await text_of(place)
        assert "If it stays so for 10 min, this order closes by itself." in page
        assert "No power from feeder F-1" in page
        ordered.take([order.events[0]._replace(at=ordered.fleet.at + 600, act=Act.CLOSED)])
        page = await text_of(place)
        assert "this order is closed" in page
        assert "<form" not in page
        status, page = await post(place, do="on my way")
        assert (status, "Not taken: the order is closed" in page) == (409, True)


async def test_the_history_of_a_spot_says_what_was_found_there(cut_city: WatchedCity) -> None:
    """In earlier orders."""
    async with served(cut_city) as (ordered, url):
        order = ordered.largest
        ordered.before = [order]
        await post(url + ordered.path(order), do="found", found="cable", who="Team 1")
        ordered.before = [ordered.largest]
        page = await text_of(url + ordered.path(order))
        assert "<b>Team 1 found: cable damaged</b>" in page


async def test_with_tokens_readers_see_orders_and_operators_act(cut_city: WatchedCity) -> None:
    """A list, the same page, and who may say something."""
    async with served(cut_city, TOKENS) as (ordered, url), aiohttp.ClientSession() as session:
        place = f"{url}/orders/{ordered.largest.id}"
        listed = await text_of(f"{url}/orders", Authorization=f"Bearer {VIEWER}")
        assert listed.count('<a href="/orders/WO-') == len(ordered.fleet.orders)
        assert "<form method" not in await text_of(place, Authorization=f"Bearer {VIEWER}")
        assert "<form method" in await text_of(place, Authorization=f"Bearer {OPERATOR}")
        for token, status in ((VIEWER, 403), (OPERATOR, 303)):
            headers = {"Authorization": f"Bearer {token}"}
            async with session.post(place, data={"do": "on my way"}, headers=headers, allow_redirects=False) as answer:
                assert answer.status == status


async def test_the_page_of_a_cause_leads_to_its_order(cut_city: WatchedCity) -> None:
    """Who watches the wall sees who is on it."""
    async with served(cut_city) as (ordered, url):
        order = ordered.largest
        page = await text_of(f"{url}/causes/{order.causes[0]}", Accept="text/html")
    assert f'<a href="/orders/{order.id}">work order {order.id}</a>' in page


@pytest.mark.parametrize("language", ["en", "ur"])
async def test_on_a_phone_nothing_is_cut_off_and_all_can_be_touched(
    cut_city: WatchedCity, browser: Browser, language: str, tmp_path: Path
) -> None:
    """390 points wide: no sideways scrolling, buttons of 44 points and more, forms that work without a script."""
    async with served(cut_city) as (ordered, url):
        context = await browser.new_context(viewport=PHONE, java_script_enabled=False)  # type: ignore[arg-type]
        page = await context.new_page()
        await page.goto(f"{url}{ordered.path(ordered.largest)}?lang={language}")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        heights = await page.evaluate(
            "[...document.querySelectorAll('button, .button, summary')].filter(e => e.offsetParent).map(e => e.offsetHeight)"
        )
        assert min(heights) >= 44
        await page.screenshot(path=tmp_path / "order.png", full_page=True)
        await page.fill("input[name=who]", "Team 3")
        await page.click("button[value='on my way']")
        assert "lang=ur" in page.url or language == "en"
        await page.click("details:has(input[name=found]) > summary")
        await page.check("input[value=cable]")
        await page.click("button[value=found]")
        await context.close()
    assert acts(ordered) == [(Act.ON_MY_WAY, "Team 3", ""), (Act.FOUND, "Team 3", "cable")]


async def test_what_can_be_found_is_a_closed_list() -> None:
    """Short enough for a phone."""
    assert len(set(FOUND)) == len(FOUND) < 20
