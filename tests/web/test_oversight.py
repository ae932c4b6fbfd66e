"""The oversight page: figures with their bounds in words, trends, packs and what proves them; for whoever may see them."""

from __future__ import annotations

import asyncio
import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from browsing import PHONE, feed_of, fits, opened
from paper_city import City
from peers.standing import found, plain
from playwright.async_api import Browser, expect
from reports.month import write

from monitor.core.checkpoint import Sealed
from monitor.ledger import keys
from monitor.probes.journal import Journal
from monitor.reports.pack import Asked, pack
from monitor.reports.shelf import Shelf, place
from monitor.sheet.oversight import Known
from monitor.web import oversight
from monitor.web.server import create_app
from monitor.web.tokens import Tokens

HOSTILE = '"><img src=x onerror=alert(1)>'
TOKEN = {role: f"{role}-0123456789abcdef" for role in ("viewer", "oversight", "operator")}
TOKENS = Tokens.parse("\n".join(f"{role} {token}" for role, token in TOKEN.items()), "t")
MONTHS = ("2026-09", "2026-10")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a ledger and the packs of two months."""
    folder = tmp_path_factory.mktemp("town")
    write(folder / "ledger")
    for month in MONTHS:
        pack(Asked(folder / "ledger", "", month), place(folder / "packs", "safe-city", month), languages=["en"])
    return folder


def known(town: Path, failing: str | None = None) -> Known:
    """Return what there is to show of a town in November."""
    key = keys.load(town / "ledger").verifier
    note = (town / "packs" / "safe-city" / "2026-10" / "checkpoint.txt").read_text()
    period = {"asked": "2026-11", "start": 1_793_473_200_000, "end": 1_796_065_200_000, "until": 1_794_473_200_000}
    standings = found(plain(**period), plain("towers", name=HOSTILE, target=None, money=None, share_at_target=None))
    packs = Shelf().packs([town / "packs"], key)
    return Known(standings, packs, [Sealed(32177, 1.79e9, str(key), note)], str(key), failing, 1.7945e9)


@asynccontextmanager
async def served(city: City, books: Known, tokens: Tokens | None = None) -> AsyncIterator[TestClient]:
    app = create_app(feed_of(city), Journal(), lambda _: [], tokens)
    oversight.register(app, lambda: books)
    async with TestServer(app, host="127.0.0.1") as server, TestClient(server) as client:
        yield client


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("oversight", 200), ("operator", 200), ("", 401)])
async def test_it_stands_behind_its_own_token(small_city: City, town: Path, role: str, status: int) -> None:
    """Page and packs: who looks at a wall sees neither; where no tokens are asked for, this machine sees both."""
    headers = {"Authorization": f"Bearer {TOKEN[role]}"} if role else {}
    async with served(small_city, known(town), TOKENS) as client:
        for path in (
            "/oversight",
            "/oversight/packs/safe-city/2026-10.tar",
            "/oversight/packs/safe-city/2026-10/terms.json",
        ):
            async with client.get(path, headers=headers) as answer:
                assert answer.status == status
                if status == 403:
                    assert (
                        await answer.text() == "Only oversight or an operator may see the figures of the contracts.\n"
                    )
    async with served(small_city, known(town)) as client, client.get("/oversight") as answer:
        assert answer.status == 200


async def test_a_reader_who_leaves_leaves_no_file_open(small_city: City, town: Path) -> None:
    """Not even for as long as he takes with the part that he has."""
    pack = known(town).packs[0]
    largest = max(pack.files, key=lambda file: file.size)
    parts = oversight._archived(pack, largest)
    assert len(await anext(parts)) == tarfile.BLOCKSIZE
    assert await anext(parts)
    held = []
    for number in os.listdir("/proc/self/fd"):
        with suppress(FileNotFoundError):  # that of the list itself
            held.append(os.readlink(f"/proc/self/fd/{number}"))
    assert [one for one in held if one.startswith(str(town))] == []


async def test_the_wallboard_leads_to_it_who_may_see_it(small_city: City, town: Path) -> None:
    """And nobody else."""
    async with served(small_city, known(town), TOKENS) as client:
        for role, leads in (("viewer", False), ("oversight", True)):
            async with client.get("/", headers={"Authorization": f"Bearer {TOKEN[role]}"}) as answer:
                assert ('href="/oversight"' in await answer.text()) is leads


async def test_a_pack_is_given_away_whole_and_verifies(small_city: City, town: Path, tmp_path: Path) -> None:
    """By the single file in it, as the page says, against the checkpoint that the page shows."""
    books = known(town)
    async with served(small_city, books) as client:
        async with client.get("/oversight/packs/safe-city/2026-10.tar") as answer:
            assert answer.headers["Content-Disposition"] == 'attachment; filename="safe-city-2026-10.tar"'
            archive = await answer.read()
        async with client.get("/oversight") as answer:
            said = await answer.text()
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(tmp_path)
    own = town / "packs" / "safe-city" / "2026-10"
    folder = tmp_path / "safe-city-2026-10"
    assert {one.name: one.read_bytes() for one in folder.iterdir()} == {
        one.name: one.read_bytes() for one in own.iterdir()
    }
    (tmp_path / "kept.txt").write_text(books.checkpoints[0].note)
    command = [
        sys.executable,
        *f"{folder}/verify.pyz {folder} --checkpoint {tmp_path}/kept.txt --key {books.key}".split(),
    ]
    assert "python3 safe-city-2026-10/verify.pyz safe-city-2026-10 --checkpoint kept.txt --key" in said
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert "All figures were computed again from the events, and are the same to the digit" in done.stdout


async def test_a_file_of_a_pack_is_given_away(small_city: City, town: Path) -> None:
    """Those that belong to it, as something to keep, and nothing else of the disk."""
    async with served(small_city, known(town)) as client:
        async with client.get("/oversight/packs/safe-city/2026-10/statement.json") as answer:
            assert answer.content_type == "application/json"
            assert answer.headers["Content-Disposition"] == 'attachment; filename="safe-city-2026-10-statement.json"'
            assert json.loads(await answer.read())["period"]["asked"] == "2026-10"
        for path in (
            "safe-city/2026-10/none.txt", "safe-city/2026-10/..%2f2026-09%2fterms.json", "safe-city/2026-11.tar",
            "safe-city/2026-10/%2fetc%2fpasswd", "..%2f..%2fetc/passwd.tar", "towers/2026-10.tar",
        ):  # fmt: skip
            async with client.get(f"/oversight/packs/{path}") as answer:
                assert answer.status == 404, path


async def test_an_altered_pack_is_shown_as_such_and_not_given_away(small_city: City, town: Path) -> None:
    """None of its figures stands anywhere."""
    books = known(town)
    newest = books.packs[0]
    flawed = newest._replace(heading=None, files=(), flaw="statement.json is not the one that was signed")
    async with served(small_city, books._replace(packs=[flawed])) as client:
        async with client.get("/oversight/packs/safe-city/2026-10.tar") as answer:
            assert answer.status == 404
        async with client.get("/oversight") as answer:
            said = await answer.text()
    assert "October 2026: nothing of this pack is shown, because statement.json is not the one that was signed." in said
    assert "/oversight/packs/" not in said


async def test_where_nothing_is_known_that_is_said(small_city: City) -> None:
    """With how to verify, all the same."""
    async with served(small_city, Known((), (), (), "", None, 1.79e9)) as client, client.get("/oversight") as answer:
        said = await answer.text()
    assert "No figure is known yet." in said
    assert "None was signed yet." in said
    assert "tar xf safe-city-2026-10.tar" in said


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize(
    ("language", "options"), [("en", {}), ("en", {"viewport": PHONE}), ("ur", {"viewport": PHONE})], ids=str
)
async def test_it_is_read_on_a_screen_and_on_a_phone(
    small_city: City, town: Path, browser: Browser, language: str, options: dict
) -> None:
    """Bounds in words, the chart, the packs; nothing is scrolled sideways, and no text of others does anything."""
    async with (
        served(small_city, known(town, failing="the disk is full")) as client,
        opened(browser, client, f"/oversight?language={language}", **options) as page,
    ):
        assert await fits(page)
        assert await page.evaluate("document.documentElement.dir") == ("rtl" if language == "ur" else "ltr")
        assert await page.evaluate("getComputedStyle(document.querySelector('.loud')).fontWeight") == "700"
        await expect(page.locator("figure svg")).to_have_count(1)
        assert await page.locator("img, script").count() == 0
        await expect(page.locator("h2").nth(1)).to_contain_text(HOSTILE)
        await expect(page.locator(".loud").first).to_contain_text("the disk is full")
        if language == "en":
            told = await page.locator("main").inner_text()
            assert (
                "camera-hours: 97.343 % of what was seen. Had all that nobody saw been bad, it would be 96.851 %;"
                in told
            )
            assert (
                "What this costs so far: PKR 250,000.50. By what nobody saw it is between 250,000.00 and 625,000.00."
                in told
            )
            assert (
                "Promised: 98 %. So far: 97.343 % (camera-hours). That is below the target; the period is not over."
                in told
            )
            assert "716 cameras are below the target." in told


async def test_what_each_camera_has_to_reach_is_told(small_city: City, town: Path) -> None:
    """The contract's own figure, not that all of them have to reach it; and in whose time the figures end."""
    each = {**plain()["readings"][0]["target"], "weighting": "each", "figure": "60.000"}
    books = known(town)._replace(standings=found(plain(target=each)), packs=())
    async with served(small_city, books) as client, client.get("/oversight") as answer:
        told = await answer.text()
    assert "Promised: 98 % of each camera. So far: 60.000 % (cameras at target). That is below the target;" in told
    assert ", Asia/Karachi. " in told


@pytest.mark.asyncio(loop_scope="session")
async def test_it_is_printed(small_city: City, town: Path, browser: Browser) -> None:
    """On four pages of A4 at most, with the packs by name and what is to be typed."""
    async with served(small_city, known(town)) as client, opened(browser, client, "/oversight") as page:
        await page.emulate_media(media="print")
        await expect(page.locator("nav").last).to_be_visible()
        await expect(page.locator("pre").last).to_be_visible()
        made = await page.pdf(format="A4")
        assert made.count(b"/Type /Page\n") in range(2, 5)


async def test_a_reader_gets_the_page_in_a_language_of_theirs(small_city: City, town: Path) -> None:
    """By the address, else by the browser's own; English for others."""
    async with served(small_city, known(town)) as client:
        for query, accepted, language in (
            ("", "ur-PK,ur;q=0.9,en;q=0.5", "ur"),
            ("", "de, fr;q=0.5", "en"),
            ("?language=ur", "en", "ur"),
            ("?language=..%2fwords", "en", "en"),
        ):
            async with client.get(f"/oversight{query}", headers={"Accept-Language": accepted}) as answer:
                assert f'<html lang="{language}"' in await answer.text()
