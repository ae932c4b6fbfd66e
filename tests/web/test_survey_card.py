"""The survey on a camera's page: short, harmless, for operators alone, and absent where there is none."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from browsing import PHONE, WALL, feed_of, fits, opened
from paper_city import City, lines
from playwright.async_api import Browser, expect

from monitor.core.survey import Part, Survey
from monitor.probes.journal import Journal
from monitor.web import surveying
from monitor.web.server import create_app
from monitor.web.survey_card import MOST_CHARACTERS, MOST_ENTRIES, survey_card
from monitor.web.tokens import Tokens

CAMERA = "cam-0007"
AT = 1_542_283_200.0
PARTS = {
    "information": Part({"manufacturer": "AXIS", "model": "P3245", "firmware": "11.9.60", "serial": "B8A44F000001"}),
    "services": Part([{"name": "device", "path": "/onvif/device_service"}]),
    "interfaces": Part([{"name": "eth0", "mac": "b8:a4:4f:00:00:01", "address": "192.0.2.7", "prefix": 24, "dhcp": False}]),
    "profiles": Part(
        [
            {"token": "p1", "name": "main", "codec": "H264", "width": 1920, "height": 1080, "frames_per_second": 25, "kilobits_per_second": 4096},
            {"token": "p2", "codec": "H264", "width": 640, "height": 360, "frames_per_second": 12.5},
            {"token": "p3", "name": "metadata"},
        ]
    ),
    "ntp": Part({"servers": ["192.0.2.1", "ntp.example"], "dhcp": False}),
    "storage": Part([{"token": "SD_DISK", "type": "LocalStorage", "path": "/var/spool"}]),
    "recordings": Part(missing="not supported"),
}  # fmt: skip
LINES = [
    ("make", "AXIS"), ("model", "P3245"), ("firmware", "11.9.60"), ("serial number", "B8A44F000001"),
    ("eth0", "b8:a4:4f:00:00:01 192.0.2.7/24 fixed"),
    ("profile main", "H264, 1920 × 1080, 25 pictures/s, 4096 kbit/s"),
    ("profile p2", "H264, 640 × 360, 12.5 pictures/s"),
    ("profile metadata", "no video encoder"),
    ("time servers", "192.0.2.1, ntp.example"),
    ("storage", "SD_DISK LocalStorage /var/spool"),
]  # fmt: skip
SEES, RUNS = "s" * 40, "r" * 40
HOSTILE = "<script>alert(1)</script>\u202e" + "x" * 900


def test_a_survey_is_told_in_short_lines() -> None:
    """What it is, how it is set, what it keeps; a part without an answer takes no line."""
    assert survey_card(Survey(AT, PARTS)) == {"at": "2018-11-15T12:00:00.000Z", "lines": LINES}
    assert survey_card(None) is None


def test_a_recorders_profiles_do_not_fill_the_page() -> None:
    """The first few, and how many more there are."""
    told = survey_card(Survey(AT, {"profiles": Part([{"token": f"p{n}", "codec": "H265"} for n in range(64)])}))
    assert told is not None
    assert len(told["lines"]) == MOST_ENTRIES + 1
    assert told["lines"][-1] == ("profiles", f"and {64 - MOST_ENTRIES} more")


@pytest.mark.parametrize(
    "value", [7, "text", ["text", None, 3, {}], [{"name": {}, "dhcp": [], "width": "∞"}], {}, None]
)
def test_a_part_of_another_shape_is_no_trouble(value: object) -> None:
    """A ledger that somebody edited does not take the page away."""
    told = survey_card(Survey(AT, dict.fromkeys(PARTS, Part(value))))
    assert told is not None
    json.dumps(told)


@asynccontextmanager
async def served(city: City, survey: Survey | None, tokens: Tokens | None = None) -> AsyncIterator[TestClient]:
    app: web.Application = create_app(feed_of(city), Journal(), lines, tokens)
    surveying.register(app, lambda _: survey, lambda _: None, lambda _: "")
    async with TestServer(app, host="127.0.0.1") as server, TestClient(server) as client:
        yield client


async def page(client: TestClient, token: str = "") -> str:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with client.get(f"/cameras/{CAMERA}", headers=headers) as answer:
        assert answer.status == 200
        return await answer.text()


@pytest.mark.asyncio(loop_scope="session")
async def test_only_an_operator_sees_it(small_city: City) -> None:
    """What a device says of itself tells an attacker which holes to look for."""
    tokens = Tokens.parse(f"viewer {SEES}\noperator {RUNS}", "tokens")
    async with served(small_city, Survey(AT, PARTS), tokens) as client:
        assert "11.9.60" in await page(client, RUNS)
        assert "11.9.60" not in await page(client, SEES)


@pytest.mark.asyncio(loop_scope="session")
async def test_a_camera_without_one_has_no_such_section(small_city: City) -> None:
    """And a page that is served without surveys at all."""
    async with served(small_city, None) as client:
        assert "What the device says" not in await page(client)


@pytest.mark.parametrize("size", [WALL, PHONE], ids=["wall", "phone"])
@pytest.mark.asyncio(loop_scope="session")
async def test_it_is_shown_and_harmless(browser: Browser, small_city: City, size: dict[str, int]) -> None:
    """A device's text is text, cut, and never makes the page wider than a phone."""
    parts = {**PARTS, "information": Part({"model": HOSTILE, "firmware": "11.9.60"})}
    async with (
        served(small_city, Survey(AT, parts)) as client,
        opened(browser, client, f"/cameras/{CAMERA}", viewport=size) as shown,
    ):
        section = shown.locator("#survey")
        await expect(section).to_contain_text("11.9.60")
        await expect(section).to_contain_text("<script>alert(1)</script>")
        await expect(section).to_contain_text("H264, 1920 × 1080, 25 pictures/s, 4096 kbit/s")
        assert len(await section.locator("dd").first.inner_text()) <= MOST_CHARACTERS + 1
        assert await fits(shown)
