"""The pages about causes, as the server writes them."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from math import inf

import pytest
from aiohttp.test_utils import TestClient, TestServer
from browsing import feed_of
from paper_city import lines, under_a_plan
from test_server import HOSTILE, HTML, text, words
from watched_city import FEEDER, WatchedCity, archive_of, taking, town

from monitor.core.handover import Handover, Shift
from monitor.core.topology import Layer
from monitor.core.verdict import Finding, Outcome, Reason, Rung
from monitor.ledger.errors import LedgerError
from monitor.probes.journal import Journal
from monitor.web import acknowledging
from monitor.web.server import create_app
from monitor.web.sources import Archive
from monitor.web.tokens import Tokens

VIEWER, OPERATOR = "viewer-0123456789abcdef", "operator-0123456789abcdef"
TOKENS = Tokens.parse(f"viewer {VIEWER}\noperator {OPERATOR}", "t")
WORD = {"reason": "crew on the way", "by": "night shift", "owner": "", "hours": "4"}


@asynccontextmanager
async def served(
    city: WatchedCity, archive: Archive | None = None, after_s: float = 0.0, **options: object
) -> AsyncIterator[TestClient]:
    """Serve a city with its past; a snapshot has a person's word ``after_s`` after it was taken."""
    feed = feed_of(city)
    options.setdefault("wall", lambda: city.now)
    app = create_app(feed, Journal(), lines, archive=archive or archive_of(city), **options)  # type: ignore[arg-type]
    take = taking(city, feed, after_s)
    acknowledging.register(app, take, take)
    async with TestServer(app, host="127.0.0.1") as server, TestClient(server) as client:
        yield client


async def test_the_wallboard_names_shared_causes_without_a_script(storm: WatchedCity) -> None:
    """One sentence, then each shared cause with a link, then the others by kind."""
    async with served(storm) as client:
        page = await text(client, "/")
    said = words(page)
    assert "6 shared causes hold 320 of the 522" in said
    assert f"No power from feeder {FEEDER}" in said
    assert "Electric Company" in said
    assert "not acknowledged" in said
    assert "The other 202" in said
    assert said.index("shared causes") < said.index("Why not") < said.index("Zones") < said.index("Newest changes")
    assert f'href="/causes/{storm.cause(Layer.FEEDER, FEEDER).id}"' in page
    assert 'href="/causes?kind=device%20dead&amp;shared=no"' in page


async def test_the_list_filters_sorts_and_pages(storm: WatchedCity) -> None:
    """Kind, reach, zone, owner and acknowledgement narrow it; the shared and largest come first."""
    async with served(storm) as client:
        assert "6 of 283 open match" in words(await text(client, "/causes?shared=yes"))
        assert "62 of 283 open match, with 62 cameras" in words(await text(client, "/causes?kind=device+dead"))
        assert "3 of 283 open match" in words(await text(client, "/causes?owner=City+Fibre"))
        assert "No open cause matches." in words(await text(client, "/causes?acknowledged=yes"))
        first = re.findall(r'href="/causes/(\w+)-', await text(client, "/causes"))
        assert first[:2] == ["power", "credentials"]
        assert "Page 2 of 6" in words(await text(client, "/causes?page=2"))
        zone = storm.inventory.cameras[next(iter(storm.cause(Layer.UPLINK, "SW-7/1").members))].zone
        assert "Uplink SW-7/1 is cut off" in words(await text(client, f"/causes?zone={zone}&kind=uplink"))
        mistaken = words(await text(client, "/causes?kind=fire&shared=perhaps", 400))
        assert "kind: there is no 'fire'; there are monitor blind, power, uplink" in mistaken
        assert "shared: there is no 'perhaps'; there are yes, no." in mistaken
        async with client.get("/causes?page=99&kind=", headers=HTML, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/causes?page=6")


async def test_a_cause_says_what_failed_and_how_that_is_known(storm: WatchedCity) -> None:
    """Headline, moment, evidence, confidence with its meaning, rivals, owner, cameras and history."""
    cause = storm.cause(Layer.UPLINK, "SW-1/3")
    async with served(storm) as client:
        said = words(await text(client, f"/causes/{cause.id}"))
    assert "Uplink SW-1/3 is cut off" in said
    assert "The line or switch port that carries these cameras is out." in said
    assert "devices behind SW-1/3 fell silent." in said
    assert "between 12:00:00 UTC and 12:00:11 UTC" in said
    assert "firm five or more devices failed within one interval that we saw, none there goes on, and nothing" in said
    assert "behind switch SW-1: only" in said
    assert "Who repairs it City Fibre" in said
    assert "Acknowledged ○ not yet" in said
    assert f"{len(cause.members)} cameras" in said
    assert "opened with" in said
    for id_ in cause.members:
        assert id_ in said


async def test_a_camera_names_its_causes_and_the_list_takes_them(storm: WatchedCity) -> None:
    """From a camera to what holds it and how many others, and back to all of them in the list of cameras."""
    cause = storm.cause(Layer.UPLINK, "SW-1/3")
    async with served(storm) as client:
        page = await text(client, f"/cameras/{min(cause.members)}")
        assert f'href="/causes/{cause.id}"' in page
        assert f"with {len(cause.members) - 1} other cameras" in words(page)
        listed = words(await text(client, f"/cameras?cause={cause.id}"))
        assert f"{len(cause.members)} of 1,800 match" in listed
        assert "cause Uplink SW-1/3 is cut off" in listed
        assert "No camera matches." in words(await text(client, "/cameras?cause=gone"))


async def test_an_operator_acknowledges_a_cause(cut_city: WatchedCity) -> None:
    """The form leads back to the page, which says who, why and until when; the wallboard says it, too."""
    id_ = cut_city.cause(Layer.FEEDER, "F-1").id
    async with served(cut_city) as client:
        async with client.post(f"/causes/{id_}", data=WORD, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, f"/causes/{id_}")
        said = words(await text(client, f"/causes/{id_}"))
        assert "✓ by night shift until" in said
        assert "crew on the way" in said
        assert "acknowledged by night shift: crew on the way" in said
        board = words((await text(client, "/")).split("<template")[0])
        assert "acknowledged" in board
        assert "not acknowledged" not in board


async def test_the_page_that_answers_a_form_knows_its_word(cut_city: WatchedCity) -> None:
    """A monitor publishes once a second; the form leads back to a page that has the word all the same."""
    id_ = cut_city.cause(Layer.FEEDER, "F-1").id
    async with served(cut_city, after_s=0.2) as client, client.post(f"/causes/{id_}", data=WORD) as answer:
        assert "✓ by night shift until" in words(await answer.text())


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ({**WORD, "reason": "  "}, "An acknowledgement needs a reason."),
        ({**WORD, "hours": "0"}, "An acknowledgement has to end later than now."),
        ({**WORD, "hours": "99999"}, "An acknowledgement ends after 90 days at the latest."),
        ({**WORD, "hours": "²"}, "An acknowledgement has to end later than now."),
    ],
)
async def test_a_word_that_cannot_be_taken_is_told_on_the_page(
    cut_city: WatchedCity, word: dict[str, str], why: str
) -> None:
    """The page stays, with the sentence."""
    id_ = cut_city.cause(Layer.FEEDER, "F-1").id
    async with served(cut_city) as client, client.post(f"/causes/{id_}", data=word, headers=HTML) as answer:
        assert (answer.status, why in words(await answer.text())) == (409, True)
    assert cut_city.snapshot.acknowledgements == {}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": f"Bearer {VIEWER}"}, 403),
        ({}, 401),
        ({"Authorization": f"Bearer {OPERATOR}", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Authorization": f"Bearer {OPERATOR}", "Origin": "https://elsewhere.test"}, 403),
        ({"Authorization": f"Bearer {OPERATOR}"}, 303),
    ],
    ids=["viewer", "nobody", "another site", "another origin", "operator"],
)
async def test_only_operators_acknowledge_and_only_from_our_own_page(
    cut_city: WatchedCity, headers: dict[str, str], status: int
) -> None:
    """A form of another site, and a role that may only read, change nothing."""
    id_ = cut_city.cause(Layer.FEEDER, "F-1").id
    async with served(cut_city, tokens=TOKENS) as client:
        async with client.post(f"/causes/{id_}", data=WORD, headers=headers, allow_redirects=False) as answer:
            assert answer.status == status
        shown = await text(client, f"/causes/{id_}", Authorization=f"Bearer {VIEWER}")
        assert "<form method" not in shown.split("</header>")[1]
    assert bool(cut_city.snapshot.acknowledgements) is (status == 303)


async def test_a_cause_that_ended_is_told_from_the_ledger(cut_city: WatchedCity) -> None:
    """Its page says when it ended and which cameras it had, and asks for nothing any more."""
    cause = cut_city.cause(Layer.FEEDER, "F-1")
    cut_city.recover(cause.members)
    cut_city.settle()
    assert cut_city.snapshot.causes == {}
    async with served(cut_city) as client:
        page = await text(client, f"/causes/{cause.id}")
        said = words(page)
        assert "It ended at" in said
        assert f"Cameras that it had {len(cause.members)}" in said
        assert "fell silent" in said
        assert "<form" not in page.split("</header>")[1]
        assert "closed" in said
        assert "No cause &#39;gone&#39; is open, and the ledger knows of none." in await text(
            client, "/causes/gone", 404
        )


async def test_a_ledger_that_cannot_be_read_is_told(cut_city: WatchedCity) -> None:
    """An open cause is shown all the same; one that is over, and the hand-over sheet, cannot be."""

    def broken(_: object) -> object:
        raise LedgerError("x.sqlite: the ledger is damaged")

    archive = Archive(broken, broken)  # type: ignore[arg-type]
    async with served(cut_city, archive) as client:
        said = words(await text(client, f"/causes/{cut_city.cause(Layer.FEEDER, 'F-1').id}"))
        assert "the ledger is damaged" in said
        assert "No power from feeder F-1" in said
        assert "the ledger is damaged" in await text(client, "/causes/gone", 404)
        assert "the ledger is damaged" in await text(client, "/handover", 503)


async def test_the_sheet_hands_a_shift_over(storm: WatchedCity) -> None:
    """What is not answered for, what opened, and the totals; the others by kind, so that it stays one page."""
    async with served(storm) as client:
        said = words(await text(client, "/handover"))
        assert "not working now 522 of 1,800" in said
        assert "Not acknowledged 283" in said
        assert "Opened in this shift, and open 283" in said
        assert f"No power from feeder {FEEDER} power 236" in said
        assert re.search(r"And .*device dead \d\d, ", said)
        assert "2018-11-14" in words(await text(client, "/handover?hours=24"))
        assert "hours: a whole number from 1 to 168." in await text(client, "/handover?hours=0", 400)


async def test_what_is_planned_stands_with_the_cause_and_on_the_sheet(cut_city: WatchedCity) -> None:
    """For all of its cameras, or for how many; whether that explains the cause is for a person to say."""
    cause = cut_city.cause(Layer.FEEDER, "F-1")
    known = cut_city.snapshot
    said = "load-shedding until 12:50:00 UTC : peak <b>load</b> . Approved by Grid control at"
    cut_city.snapshot = under_a_plan(known, *cause.members)
    async with served(cut_city) as client:
        assert f"Planned {said}" in words(await text(client, f"/causes/{cause.id}"))
        sheet = words(await text(client, "/handover"))
        number = f"{len(cause.members)} cameras: peak <b>load</b> Grid control"
        assert f"11:50:00 to 12:50:00 load-shedding, {number}" in sheet
    cut_city.snapshot = under_a_plan(known, min(cause.members))
    async with served(cut_city) as client:
        assert f"Planned for 1 of them: {said}" in words(await text(client, f"/causes/{cause.id}"))


async def test_what_merged_is_no_end(cut_city: WatchedCity) -> None:
    """Sites that turned out to be one feeder are one outage: the repaired feeder is told, the others are counted."""
    cause = cut_city.cause(Layer.FEEDER, "F-1")
    cut_city.recover(cause.members)
    cut_city.settle()
    async with served(cut_city) as client:
        ended = (await text(client, "/handover")).split('id="ended"')[1]
    (title, *_) = re.findall("No power[^<]*|[^>]* is silent", ended.split("</section>")[0])
    assert title == "No power from feeder F-1"
    assert "merged into" not in ended


async def test_without_a_ledger_there_is_no_sheet(cut_city: WatchedCity) -> None:
    """The page says so; a cause's page tells what the snapshot knows."""
    async with served(cut_city, Archive()) as client:
        assert "There is no ledger to read a shift from." in await text(client, "/handover", 404)
        assert "opened" in words(await text(client, f"/causes/{cut_city.cause(Layer.FEEDER, 'F-1').id}"))


async def test_hostile_words_are_text_and_nothing_else() -> None:
    """Names of scopes, evidence, owners and what people write stay what they are, on every page about causes."""
    fleet = town(90)
    fleet = replace(fleet, owners={"power": HOSTILE})
    sites = {
        id_: replace(site, feeder=HOSTILE if site.feeder == "F-1" else site.feeder) for id_, site in fleet.sites.items()
    }
    city = WatchedCity(replace(fleet, sites=sites))
    city.work()
    city.cut(feeder=HOSTILE)
    city.settle()
    cause = city.cause(Layer.FEEDER, HOSTILE)
    city.acknowledge(cause.id, HOSTILE, HOSTILE, city.now + 3600, HOSTILE)
    async with served(city) as client:
        camera = min(cause.members)
        for path in (
            "/",
            "/causes",
            f"/causes/{cause.id}",
            f"/cameras/{camera}",
            f"/cameras?cause={cause.id}",
            "/handover",
        ):
            page = await text(client, path)
            assert "<img src=x" not in page, path
            assert "<script>" not in page, path
            assert "img src=x" in page, path
        await text(client, "/causes?owner=%3Cscript%3E")
        await text(client, "/causes?kind=%3Cscript%3E", 400)


async def test_marks_of_a_cause_are_for_the_plan(storm: WatchedCity) -> None:
    """The members of a cause by their place in the plan, with the plan's version."""
    cause = storm.cause(Layer.UPLINK, "SW-1/3")
    async with served(storm) as client:
        async with client.get("/api/v1/plan") as answer:
            plan = await answer.json()
        async with client.get(f"/api/v1/plan/marks?cause={cause.id}") as answer:
            found = await answer.json()
    assert found["plan"] == plan["version"]
    assert {plan["cameras"][index][0] for index, _ in found["marks"]} == cause.members
    assert {mark[0] for _, mark in found["marks"]} == {"r"}


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/x-www-form-urlencoded; charset=foo", b"reason=x", 400),
        ("application/x-www-form-urlencoded", b"reason=\xff", 400),
        ("multipart/form-data", b"--a\r\n\r\n", 400),
        ("multipart/form-data; boundary=b", b"--a\r\n\r\nx\r\n--a--\r\n", 400),
        (
            "multipart/form-data; boundary=a",
            b'--a\r\nContent-Disposition: form-data; name="reason"; filename="f"\r\n\r\nx\r\n--a--\r\n',
            409,
        ),
    ],
    ids=["charset", "bytes", "no boundary", "wrong boundary", "file"],
)
async def test_a_form_that_cannot_be_read_changes_nothing(
    cut_city: WatchedCity, kind: str, body: bytes, status: int
) -> None:
    """It is refused, and a file is no reason."""
    id_ = cut_city.cause(Layer.FEEDER, "F-1").id
    headers = {**HTML, "Content-Type": kind}
    async with served(cut_city) as client, client.post(f"/causes/{id_}", data=body, headers=headers) as answer:
        assert answer.status == status
    assert cut_city.snapshot.acknowledgements == {}


async def test_an_origin_that_is_no_address_is_not_ours(cut_city: WatchedCity) -> None:
    """It is refused like another site's."""
    id_ = cut_city.cause(Layer.FEEDER, "F-1").id
    headers = {"Origin": "http://[::1"}
    async with served(cut_city) as client, client.post(f"/causes/{id_}", data=WORD, headers=headers) as answer:
        assert answer.status == 403


async def test_only_two_sheets_wait_for_another(cut_city: WatchedCity) -> None:
    """One is read, two wait; the others are told when to come again, and afterwards all is as before."""
    go = threading.Event()
    real = archive_of(cut_city)

    def slow(shift: object) -> object:
        go.wait(60)
        return real.handed_over(shift)  # type: ignore[misc, arg-type]

    async with served(cut_city, replace(real, handed_over=slow)) as client:
        asked = [asyncio.create_task(client.get("/handover")) for _ in range(4)]
        done, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        go.set()
        answers = await asyncio.gather(*asked)
        assert sorted(answer.status for answer in answers) == [200, 200, 200, 503]
        assert done.pop().result().headers["Retry-After"] == "10"
        await text(client, "/handover")


async def test_what_began_before_our_first_look_is_told_so(cut_city: WatchedCity) -> None:
    """In the lists of causes and cameras, with the cause, and on the sheet: before, not since."""
    city = WatchedCity(cut_city.inventory)
    hit = ["cam-0001"]
    city.work(id_ for id_ in city.inventory.cameras if id_ not in hit)
    city.show(hit, Finding(Rung.REACHABLE, Outcome.FAIL, Reason.TIMEOUT))
    city.settle()
    (cause,) = city.snapshot.causes.values()
    assert cause.after == -inf
    async with served(city) as client:
        for path in ("/causes", "/cameras?q=cam-0001", f"/causes/{cause.id}", "/handover"):
            assert "before 12:00:11" in words(await text(client, path)), path
        later = words(await text(client, "/cameras?q=cam-0002"))
    assert "before 12:00:00" in later


async def test_a_cause_in_planned_work_is_marked_in_the_list_and_on_the_sheet(cut_city: WatchedCity) -> None:
    """With until when, and for how many of its cameras where it is not for all."""
    cause = cut_city.cause(Layer.FEEDER, "F-1")
    known, some = cut_city.snapshot, "planned for 1 of them: load-shedding until 12:50:00"
    async with served(cut_city) as client:
        assert "planned:" not in words(await text(client, "/causes"))
    cut_city.snapshot = under_a_plan(known, *cause.members)
    async with served(cut_city) as client:
        for path in ("/causes", "/handover"):
            assert "planned: load-shedding until 12:50:00" in words(await text(client, path)), path
    cut_city.snapshot = under_a_plan(known, min(cause.members))
    async with served(cut_city) as client:
        for path in ("/causes", "/handover"):
            assert some in words(await text(client, path)), path


async def test_the_sheet_says_that_its_figures_are_net(cut_city: WatchedCity) -> None:
    """Against the beginning of the shift; what was found dead is told apart from what stopped."""
    archive = archive_of(cut_city)

    def sheet(shift: Shift) -> Handover:
        assert archive.handed_over is not None
        return replace(archive.handed_over(shift), down=("cam-0001",), found=("cam-0002", "cam-0003"), up=())

    async with served(cut_city, Archive(archive.history, sheet)) as client:
        said = words(await text(client, "/handover"))
    assert "stopped in this shift 1 found not working 2 work again 0" in said
    assert "Net, from how each camera stood at 04:0" in said
    assert "one that stopped and works again, or the other way round, is not counted." in said
    assert "Found not working: nobody knows whether they stopped in this shift or before." in said
