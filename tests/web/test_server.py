"""Pages, JSON and who is answered, over real HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from html import unescape

import pytest
from aiohttp.test_utils import TestClient
from paper_city import City, inventory, served, talk
from yarl import URL

from monitor.core.verdict import REASONS, Finding, Outcome, Reason, Rung
from monitor.probes.journal import Journal
from monitor.web.feed import Feed
from monitor.web.tokens import Tokens

HTML = {"Accept": "text/html"}
VIEWER = "viewer-0123456789abcdef"
OPERATOR = "operator-0123456789abcdef"
TOKENS = Tokens.parse(f"viewer {VIEWER}\noperator {OPERATOR}\n", "t")
HOSTILE = "<img src=x onerror=alert(1)>\"'`{{7*7}}</script>\u202e"


def feed_of(city: City) -> Feed:
    feed = Feed()
    feed.publish(city.snapshot)
    return feed


@pytest.fixture
async def client(small_city: City) -> AsyncIterator[TestClient]:
    """Sixty cameras, three of them silent."""
    small_city.fail(["cam-0003", "cam-0004", "cam-0005"], Rung.REACHABLE, Reason.TIMEOUT)
    journal = Journal()
    journal.add(
        talk(small_city, "cam-0003", (True, b"DESCRIBE /x RTSP/1.0\r\n\r\n"), (False, b"RTSP/1.0 200 OK\r\n\r\n"))
    )
    async with served(feed_of(small_city), journal) as client:
        yield client


async def text(client: TestClient, path: str, status: int = 200, **headers: str) -> str:
    async with client.get(path, headers={**HTML, **headers}, allow_redirects=False) as answer:
        assert answer.status == status
        return await answer.text()


async def get_json(client: TestClient, path: str, status: int = 200) -> dict:
    async with client.get(path) as answer:
        assert answer.status == status
        assert answer.content_type == "application/json"
        return await answer.json()


def words(html: str) -> str:
    """Return what a reader sees of a page, without its marks."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


async def test_the_wallboard_says_it_without_a_script(client: TestClient) -> None:
    """Headline, counts, zones, reasons and news stand in the page as the server writes it."""
    said = words(await text(client, "/"))
    assert "3 of 60 cameras not working" in said
    assert "no answer" in said
    assert "3 cameras" in said or "2 cameras" in said


async def test_the_list_filters_sorts_and_pages(client: TestClient) -> None:
    """What the address asks for is what stands in the table."""
    page = await text(client, "/cameras?state=not_working")
    assert re.findall(r"/cameras/(cam-\d+)", page) == ["cam-0003", "cam-0004", "cam-0005"]
    assert "3 of 60 match" in words(page)
    second = await text(client, "/cameras?per_page=20&page=2&sort=name")
    assert len(re.findall(r"/cameras/(cam-\d+)", second)) == 20
    assert "Page 2 of 3" in words(second)
    assert 'aria-sort="ascending"' in second


async def test_a_wrong_filter_is_named_on_the_page(client: TestClient) -> None:
    """Status 400, the sentence, and the whole list below it."""
    page = await text(client, "/cameras?state=dead", 400)
    assert "state: there is no &#39;dead&#39;" in page
    assert "/cameras/cam-0003" in page


async def test_a_cameras_page_says_why_and_what_to_do(client: TestClient) -> None:
    """State, reason, advice, questions with answers, and the conversation."""
    said = words(await text(client, "/cameras/cam-0003"))
    for sentence in (
        "down no answer",
        REASONS[Reason.TIMEOUT].meaning,
        REASONS[Reason.TIMEOUT].action,
        "What to do",
        "Does the device answer on the network at all?",
        "DESCRIBE /x RTSP/1.0",
        "We said",
        "It said",
        "since between",
        "ago)",
        "Last answer",
        "last check",
    ):
        assert sentence in said


async def test_what_is_not_there_is_a_sentence(client: TestClient) -> None:
    """A page for a person, JSON for a program, text for the rest."""
    assert "There is no camera &#39;nope&#39; in the inventory." in await text(client, "/cameras/nope", 404)
    assert await get_json(client, "/api/v1/cameras/nope", 404) == {
        "error": "There is no camera 'nope' in the inventory."
    }
    assert await get_json(client, "/api/v1/nothing", 404) == {"error": "There is nothing at this address."}
    async with client.get("/nothing", headers={"Accept": "*/*"}) as answer:
        assert (answer.status, await answer.text()) == (404, "There is nothing at this address.\n")
    async with client.post("/cameras") as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, "GET,HEAD")


async def test_json_says_what_the_pages_say(client: TestClient) -> None:
    """The same figures under /api/v1."""
    summary = await get_json(client, "/api/v1/summary")
    assert (summary["cameras"], summary["not_working"], summary["states"]["up"]) == (60, 3, 57)
    assert summary["reasons"] == [{"reason": "timeout", "title": "no answer", "cameras": 3}]
    assert summary["trouble"] is None
    zones = (await get_json(client, "/api/v1/zones"))["zones"]
    assert sum(zone["not_working"] for zone in zones) == 3
    cameras = await get_json(client, "/api/v1/cameras?state=down&per_page=2")
    assert (cameras["total"], cameras["pages"], len(cameras["cameras"])) == (3, 2, 2)
    assert cameras["cameras"][0]["reason_title"] == "no answer"
    one = await get_json(client, "/api/v1/cameras/cam-0003")
    assert one["conversations"][0]["messages"][1]["text"] == "RTSP/1.0 200 OK\n\n"
    changes = (await get_json(client, "/api/v1/changes"))["changes"]
    assert {change["camera"] for change in changes if change["now"] == "down"} == {"cam-0003", "cam-0004", "cam-0005"}


async def test_json_refuses_a_parameter_it_does_not_know(client: TestClient) -> None:
    """A misspelt filter would silently mean all cameras."""
    assert (await get_json(client, "/api/v1/cameras?zones=z1", 400))["error"].startswith("zones: not a parameter")


async def test_json_has_no_page_beyond_the_last(client: TestClient) -> None:
    """A program that counts pages is told where they end; a list without a camera has one page."""
    sentence = {"error": "page: there is no page 99; the last is 2."}
    assert await get_json(client, "/api/v1/cameras?page=99", 404) == sentence
    assert (await get_json(client, "/api/v1/cameras?page=2"))["page"] == 2
    assert (await get_json(client, "/api/v1/cameras?q=nowhere&page=1"))["cameras"] == []


async def test_an_address_is_cleaned(client: TestClient) -> None:
    """A form sends what is empty, too: such an address becomes the short one; a page beyond the last is the last."""
    for asked, leads in (
        ("?state=&zone=&q=&reason=&sort=state", "/cameras"),
        ("?state=down&q=", "/cameras?state=down"),
        ("?page=999", "/cameras?page=2"),
        ("?page=999&sort=name", "/cameras?sort=name&page=2"),
    ):
        async with client.get(f"/cameras{asked}", headers=HTML, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, leads)
    assert "Page 2 of 2" in words(await text(client, "/cameras?page=2"))


async def test_the_interface_lists_its_addresses(client: TestClient) -> None:
    """What there is under /api/v1, each with what it is for; every one that needs no id answers."""
    endpoints = (await get_json(client, "/api/v1"))["endpoints"]
    assert {"/api/v1/summary", "/api/v1/cameras", "/api/v1/cameras/ID"} <= {one["path"] for one in endpoints}
    assert all(one["what"] for one in endpoints)
    for one in endpoints:
        if one["method"] == "GET" and one["path"] != "/api/v1/causes/ID":
            await get_json(client, one["path"].replace("ID", "cam-0003"))


async def test_an_error_leads_on(client: TestClient) -> None:
    """Whoever came to an address that is not there finds the pages that are."""
    page = await text(client, "/nothing", 404)
    assert "There is nothing at this address." in page
    assert {"/", "/cameras", "/cameras?state=not_working", "/api/v1"} <= set(re.findall(r'href="([^"]*)"', page))


async def test_what_is_told_leads_to_its_cameras(ill_city: City) -> None:
    """Zones, news and faults of working cameras are links to the cameras that they are about."""
    async with served(feed_of(ill_city)) as client:
        page = unescape(await text(client, "/"))
        links = set(re.findall(r'href="(/cameras\?[^"]*)"', page))
        assert {
            "/cameras?state=degraded",
            "/cameras?state=degraded&reason=clock",
            "/cameras?state=degraded&reason=storage",
            "/cameras?zone=z3",
            "/cameras?reason=timeout",
        } <= links
        for link in (link for link in links if not link.endswith("=")):
            await text(client, link)
        assert "45 of 1,800 match" in words(await text(client, "/cameras?state=degraded&reason=clock"))


async def test_one_is_not_many(client: TestClient) -> None:
    """Numbers agree with their words."""
    assert "1 of 60 matches" in words(await text(client, "/cameras?q=cam-0003"))
    assert "3 of 60 match ·" in words(await text(client, "/cameras?state=down"))


async def test_a_state_that_no_camera_has_is_not_offered(client: TestClient) -> None:
    """Nothing is held by something above as long as no such cause is known."""
    assert ">unreachable</option>" not in await text(client, "/cameras")
    assert ">unreachable</option>" in await text(client, "/cameras?state=unreachable")
    assert re.search(r'data-state="unreachable" hidden', await text(client, "/"))


async def test_busy_cameras_are_found() -> None:
    """A camera that is full has that as its reason, in the list, on its page and as a filter."""
    busy = [Finding(rung, Outcome.UNSEEN, Reason.BUSY) for rung in (Rung.STREAM, Rung.MEDIA)]
    city = City(inventory(60))
    city.tell([city.verdict(id_, *busy) for id_ in ("cam-0001", "cam-0002")])
    async with served(feed_of(city)) as client:
        page = await text(client, "/cameras?reason=busy")
        assert re.findall(r"/cameras/(cam-\d+)", page) == ["cam-0001", "cam-0002"]
        assert "unknown busy" in words(await text(client, "/cameras/cam-0001"))


async def test_the_plan_is_sent_once_a_version(client: TestClient) -> None:
    """A page that has the plan is answered 304."""
    async with client.get("/api/v1/plan") as answer:
        plan, tag = await answer.json(), answer.headers["ETag"]
    assert len(plan["cameras"]) == 60
    assert plan["cameras"][0][3] is not None
    async with client.get("/api/v1/plan", headers={"If-None-Match": tag}) as answer:
        assert (answer.status, await answer.read()) == (304, b"")


async def test_every_answer_is_protected(client: TestClient) -> None:
    """No answer lets a browser run, load, frame or guess anything that is not ours."""
    for path in ("/", "/cameras", "/api/v1/summary", "/healthz", "/metrics", "/nothing"):
        async with client.get(path) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
            assert "unsafe" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["X-Frame-Options"] == "DENY"


async def test_pages_load_nothing_from_elsewhere(client: TestClient) -> None:
    """Every address on every page is our own, no script or style stands in the page, and every file is there."""
    for path in ("/", "/cameras", "/cameras/cam-0003", "/login"):
        page = await text(client, path)
        addresses = re.findall(r'(?:href|src|action)="([^"]*)"', page)
        assert all(re.match(r"[/?#](?!/)", address) for address in addresses)
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page)
        for address in addresses:
            if address.startswith("/static/"):
                async with client.get(address) as answer:
                    assert answer.status == 200
                    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path", ["/static/x/style.css", "/static/../server.py", "/static/%2e%2e/server.py", "/static//etc/passwd"]
)
async def test_only_our_own_files_are_served(client: TestClient, path: str) -> None:
    """Files are kept in memory by name; there is no path to climb."""
    async with client.get(path) as answer:
        assert answer.status == 404


async def test_hostile_names_are_text_and_nothing_else() -> None:
    """A name that is markup, a template or a quote stays the name it is, on every page and in JSON."""
    city = City(inventory(30, names=lambda index: HOSTILE))
    city.work()
    city.tell([city.verdict("cam-0001", model=HOSTILE, firmware="{{7*7}}")])
    city.fail(["cam-0001"], Rung.MEDIA, Reason.NO_VIDEO, HOSTILE)
    journal = Journal()
    journal.add(talk(city, "cam-0001", (False, f"RTSP/1.0 200 OK\r\nServer: {HOSTILE}\r\n\r\n".encode())))
    async with served(feed_of(city), journal) as client:
        for path in ("/", "/cameras", "/cameras/cam-0001", "/cameras?q=%3Cscript%3E", "/cameras?state=%3Cscript%3E"):
            page = await text(client, path, 400 if "state=" in path else 200)
            assert "<img src=x" not in page
            assert "<script>" not in page
            assert "7*7" not in page or "49" not in words(page)
        one = await get_json(client, "/api/v1/cameras/cam-0001")
        assert one["name"] == HOSTILE


async def test_an_identifier_may_hold_anything() -> None:
    """An id with a slash, a space and a percent sign has a page, and links lead to it."""
    fleet = inventory(3)
    id_ = "pole 7/cam%2"
    camera = replace(fleet.cameras["cam-0001"], id=id_)
    device = replace(fleet.devices[camera.device], cameras=(id_,))
    others = {key: value for key, value in fleet.cameras.items() if key != "cam-0001"}
    city = City(replace(fleet, cameras={id_: camera, **others}, devices={**fleet.devices, device.id: device}))
    city.work()
    async with served(feed_of(city)) as client:
        link = re.search(r'href="(/cameras/pole[^"]*)"', await text(client, "/cameras"))
        assert link is not None
        assert id_ in words(await text(client, link[1]))
        assert (await get_json(client, f"/api/v1{link[1]}"))["id"] == id_


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "", "[::2]", "[", "10.0.0.1"]
)
async def test_another_name_is_not_answered(client: TestClient, host: str) -> None:
    """A page elsewhere whose name is turned to 127.0.0.1 (DNS rebinding) reads nothing."""
    async with client.get("/api/v1/summary", headers={"Host": host}) as answer:
        assert answer.status in (400, 421)
        assert "not_working" not in await answer.text()


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8480", "127.0.0.1:9", "[::1]:8480", "wall.example"])
async def test_our_own_names_are_answered(small_city: City, host: str) -> None:
    """The loopback's names with any port, and the names that the configuration gives."""
    async with (
        served(feed_of(small_city), names=["Wall.example"]) as client,
        client.get("/api/v1/summary", headers={"Host": host}) as answer,
    ):
        assert answer.status == 200


async def test_before_the_first_snapshot_the_pages_say_so() -> None:
    """The wallboard stands there empty; everything else answers 503 with a sentence."""
    async with served(Feed()) as client:
        said = words(await text(client, "/"))
        assert "First checks are running" in said
        assert "Waiting for data" in said
        assert "The monitor has just started" in words(await text(client, "/cameras", 503))
        assert (await get_json(client, "/api/v1/summary", 503))["error"].startswith("The monitor has just started")
        assert (await get_json(client, "/api/v1/plan", 503))["error"].startswith("The monitor has just started")


async def test_a_large_body_is_refused(small_city: City) -> None:
    """A login form is small; more is not read."""
    async with (
        served(feed_of(small_city), tokens=TOKENS) as client,
        client.post("/login", data={"token": "x" * 100_000}) as answer,
    ):
        assert answer.status == 413


async def test_without_a_token_nothing_is_told(small_city: City) -> None:
    """A program is refused, a person is led to the login; only health and files are open."""
    async with served(feed_of(small_city), tokens=TOKENS) as client:
        for path in ("/", "/cameras", "/cameras/cam-0001", "/api/v1/summary", "/api/v1/plan", "/events", "/metrics"):
            async with client.get(path, headers={"Accept": "*/*"}) as answer:
                assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="camfleet"')
        async with client.get("/cameras?q=a%26b", headers=HTML, allow_redirects=False) as answer:
            assert answer.status == 303
            assert URL(answer.headers["Location"]).query["to"] == "/cameras?q=a%26b"
        for path in ("/healthz", "/readyz", "/login"):
            async with client.get(path) as answer:
                assert answer.status == 200


@pytest.mark.parametrize(
    "sent", [f"Bearer {VIEWER}x", "Bearer ", f"Basic {VIEWER}", VIEWER, "Bearer sha256:" + "0" * 64]
)
async def test_a_wrong_token_is_refused(small_city: City, sent: str) -> None:
    """Also one that nearly is."""
    async with (
        served(feed_of(small_city), tokens=TOKENS) as client,
        client.get("/api/v1/summary", headers={"Authorization": sent}) as answer,
    ):
        assert answer.status == 401


async def test_a_bearer_is_answered_under_any_name(small_city: City) -> None:
    """Prometheus scrapes with the token, by whatever name it finds us."""
    async with served(feed_of(small_city), tokens=TOKENS) as client:
        headers = {"Authorization": f"Bearer {VIEWER}", "Host": "wall.example"}
        async with client.get("/metrics", headers=headers) as answer:
            assert answer.status == 200


async def test_only_an_operator_reads_what_was_said(small_city: City) -> None:
    """A viewer sees verdicts, and that the conversation is not for him."""
    journal = Journal()
    journal.add(talk(small_city, "cam-0003", (True, b"DESCRIBE /x RTSP/1.0\r\n\r\n")))
    async with served(feed_of(small_city), journal, tokens=TOKENS) as client:
        seen = {
            name: await text(client, "/cameras/cam-0003", Authorization=f"Bearer {token}")
            for name, token in (("viewer", VIEWER), ("operator", OPERATOR))
        }
    assert "DESCRIBE" not in seen["viewer"]
    assert "What was said is shown to operators." in seen["viewer"]
    assert "DESCRIBE" in seen["operator"]


async def test_a_login_sets_a_cookie_that_no_script_reads(small_city: City) -> None:
    """HttpOnly, SameSite=Strict; it leads to the page that was asked for, and signing out takes it away."""
    async with served(feed_of(small_city), tokens=TOKENS) as client:
        form = {"token": VIEWER, "to": "/cameras?state=down"}
        async with client.post("/login", data=form, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/cameras?state=down")
            cookie = answer.headers["Set-Cookie"]
            assert "HttpOnly" in cookie
            assert "SameSite=Strict" in cookie
        assert "not working" in await text(client, "/")
        async with client.post("/logout", allow_redirects=False) as answer:
            assert answer.status == 303
        await text(client, "/", 303)


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "/a\r\nX: y", ""]
)
async def test_a_login_leads_nowhere_else(small_city: City, to: str) -> None:
    """An address that is not ours becomes the first page."""
    async with (
        served(feed_of(small_city), tokens=TOKENS) as client,
        client.post("/login", data={"token": VIEWER, "to": to}, allow_redirects=False) as answer,
    ):
        assert (answer.status, answer.headers["Location"]) == (303, "/")


@pytest.mark.parametrize(("origin", "secure"), [("https", True), ("http", False)])
async def test_the_cookie_stays_on_tls_where_there_is_tls(small_city: City, origin: str, secure: bool) -> None:
    """Behind a proxy that speaks TLS the browser's Origin tells."""
    async with served(feed_of(small_city), tokens=TOKENS) as client:
        headers = {"Origin": f"{origin}://wall.example", "Host": "wall.example"}
        async with client.post("/login", data={"token": VIEWER}, headers=headers, allow_redirects=False) as answer:
            assert answer.status == 303
            assert ("Secure" in answer.headers["Set-Cookie"]) is secure


async def test_a_wrong_login_says_so_and_sets_nothing(small_city: City) -> None:
    """No cookie, and the form again."""
    async with (
        served(feed_of(small_city), tokens=TOKENS) as client,
        client.post("/login", data={"token": "guess-0123456789abcdef"}) as answer,
    ):
        assert (answer.status, "Set-Cookie" in answer.headers) == (403, False)
        assert "That token is not known here." in await answer.text()


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}], ids=["fetch", "origin"]
)
async def test_a_form_of_another_site_is_refused(small_city: City, headers: dict[str, str]) -> None:
    """Nobody is signed in or out from elsewhere."""
    headers["Authorization"] = f"Bearer {VIEWER}"
    async with served(feed_of(small_city), tokens=TOKENS) as client:
        for path in ("/login", "/logout"):
            async with client.post(path, data={"token": VIEWER}, headers=headers, allow_redirects=False) as answer:
                assert answer.status == 403


async def test_trouble_of_the_monitor_is_told(small_city: City) -> None:
    """What keeps the ledger from recording stands in the summary and makes the monitor not ready."""
    sentence = "The ledger cannot be written: disk full"
    async with served(feed_of(small_city), health=lambda: sentence) as client:
        assert (await get_json(client, "/api/v1/summary"))["trouble"] == sentence
        async with client.get("/readyz") as answer:
            assert (answer.status, await answer.text()) == (503, f"{sentence}\n")
        async with client.get("/healthz") as answer:
            assert (answer.status, await answer.text()) == (200, "ok\n")


async def test_the_city_is_small_on_the_wire(ill_city: City) -> None:
    """The first page, the plan and the whole state of 1,800 cameras fit in 100 KB together, compressed."""
    async with served(feed_of(ill_city)) as client:
        total = 0
        for path in ("/", "/api/v1/plan"):
            async with client.get(path, headers={"Accept-Encoding": "gzip"}) as answer:
                await answer.read()
                total += int(answer.headers["Content-Length"])
        frame = feed_of(ill_city).frame
        assert frame is not None
        total += len(frame.whole())
        assert json.loads(frame.whole())["counts"]["not_working"] == 600
    assert total < 100_000
