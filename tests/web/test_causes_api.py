"""GET /api/v1/causes and the acknowledgement of one: what is told, who may, what is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from aiohttp.test_utils import TestClient, TestServer
from paper_city import NOON, City, lines
from test_web_docs import DOCS, fields, section

from monitor.core.acknowledgement import Acknowledgement, NotAcknowledged
from monitor.core.diagnosis.cause import Cause, Confidence, Kind
from monitor.core.snapshot import Snapshot
from monitor.core.topology import Layer, Scope
from monitor.probes.journal import Journal
from monitor.web import acknowledging
from monitor.web.acknowledging import SAY, Word
from monitor.web.feed import Feed
from monitor.web.server import create_app

SHARED = Cause(
    "uplink-1", Kind.UPLINK, Scope(Layer.UPLINK, "SW-1/1"), NOON, NOON + 9, NOON + 60, frozenset({"cam-0002", "cam-0001"}),
    evidence=("2 of 2 fell silent.",), confidence=Confidence.FIRM, rivals=("site: no",), contradicted=("row",),
)  # fmt: skip
ALONE = [
    Cause(
        f"dead-{n}", Kind.DEAD, Scope(Layer.DEVICE, f"d{n}"), -float("inf"), NOON + n, NOON, frozenset({f"cam-{n:04}"})
    )
    for n in range(3, 6)
]
NOTE = Acknowledgement("dead-4", NOON, "kim", "", "known", NOON + 3600)
PLACE = "/api/v1/causes/uplink-1/acknowledgement"


def ill(city: City) -> Snapshot:
    causes = {cause.id: cause for cause in (*ALONE, SHARED)}
    inventory = replace(city.inventory, owners={"network": "Fibre Co"})
    fleet = replace(city.snapshot.fleet, inventory=inventory, causes=causes, acknowledgements={"dead-4": NOTE})
    return replace(city.snapshot, fleet=fleet)


@asynccontextmanager
async def served(city: City, said: list[Word] | None = None) -> AsyncIterator[TestClient]:
    def take(word: Word) -> Acknowledgement:
        if word.reason == "no":
            raise NotAcknowledged("No cause is open.")
        if said is not None:
            said.append(word)
        return NOTE

    feed = Feed()
    feed.publish(ill(city))
    app = create_app(feed, Journal(), lines)
    acknowledging.register(app, take, take)
    async with TestServer(app, host="127.0.0.1") as server, TestClient(server) as client:
        yield client


async def test_what_several_share_comes_first_and_all_of_it_is_told(small_city: City) -> None:
    """Members, owner by name, evidence, rivals; moments before our first look are null."""
    async with served(small_city) as client:
        async with client.get("/api/v1/causes") as answer:
            told = await answer.json()
        async with client.get("/api/v1/causes/uplink-1") as answer:
            one = await answer.json()
    assert [cause["id"] for cause in told["causes"]] == ["uplink-1", "dead-3", "dead-4", "dead-5"]
    assert (told["total"], told["page"], told["pages"]) == (4, 1, 1)
    first = told["causes"][0]
    assert one == {**{name: one[name] for name in ("at", "seq", "recorded_seq")}, **first}
    assert (first["members"], first["owner"], first["role"]) == (["cam-0001", "cam-0002"], "Fibre Co", "network")
    assert (first["evidence"], first["rivals"], first["contradicted"]) == (
        ["2 of 2 fell silent."],
        ["site: no"],
        ["row"],
    )
    assert (first["onset_after"], first["acknowledgement"]) == ("2018-11-15T12:00:00.000Z", None)
    assert told["causes"][1]["onset_after"] is None
    assert told["causes"][2]["acknowledgement"]["until"] == "2018-11-15T13:00:00.000Z"


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("shared=yes", ["uplink-1"]),
        ("kind=device+dead&acknowledged=no", ["dead-3", "dead-5"]),
        ("acknowledged=yes", ["dead-4"]),
        ("per_page=2&page=2", ["dead-4", "dead-5"]),
    ],
)
async def test_a_part_of_the_causes(small_city: City, query: str, ids: list[str]) -> None:
    """By kind, by acknowledgement, what is shared, and page by page."""
    async with served(small_city) as client, client.get(f"/api/v1/causes?{query}") as answer:
        assert [cause["id"] for cause in (await answer.json())["causes"]] == ids


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        ("?kind=x", 400, "kind: there is no 'x'; there are monitor blind, power"),
        ("?shared=1", 400, "shared: there is no '1'; there are yes, no."),
        (
            "?state=down",
            400,
            "state: not a parameter; there are kind, shared, zone, owner, acknowledged, sort, page, per_page.",
        ),
        ("?page=2", 404, "page: there is no page 2; the last is 1."),
        ("/nothing", 404, "No cause 'nothing' is open."),
    ],
)
async def test_a_wrong_question_is_named(small_city: City, path: str, status: int, error: str) -> None:
    """With what would have been right."""
    async with served(small_city) as client, client.get(f"/api/v1/causes{path}") as answer:
        told = (await answer.json())["error"]
    assert (answer.status, told[: len(error)]) == (status, error)


async def test_a_cause_is_acknowledged_until_a_moment_or_for_hours(small_city: City) -> None:
    """Who, why and whose are handed on; the answer tells what holds. DELETE takes it back."""
    said: list[Word] = []
    async with served(small_city, said) as client:
        async with client.post(PLACE, json={"reason": "known", "hours": 8, "owner": "Fibre Co"}) as answer:
            assert (await answer.json())["reason"] == "known"
        async with client.post(
            PLACE, json={"by": "kim", "reason": "x", "until": "2018-11-15T13:00:00+01:00"}
        ) as answer:
            assert answer.status == 200
        async with client.delete(PLACE, json={"by": "lee"}) as answer:
            assert answer.status == 200
    assert said == [
        Word("uplink-1", "an operator", "known", "Fibre Co", None, 8.0),
        Word("uplink-1", "kim", "x", "", NOON, 0.0),
        Word("uplink-1", "lee", "", "", None, 0.0),
    ]


@pytest.mark.parametrize(
    "body",
    [{"reason": "x"}, {"hours": "8"}, {"hours": True}, {"hours": 8, "until": "2018-11-15T13:00:00Z"}, {"until": 7},
     {"until": "2018-11-15T13:00:00"}, {"until": "soon"}, {"hours": 8, "reason": 7}, {"hours": 8, "owner": None}, []],
)  # fmt: skip
async def test_a_body_that_says_no_end_or_is_none_is_refused(small_city: City, body: object) -> None:
    """The refusal says what to send; a moment without its zone is none."""
    async with served(small_city) as client, client.post(PLACE, json=body) as answer:
        assert (answer.status, (await answer.json())["error"]) == (400, SAY)


async def test_no_number_of_hours_is_too_large_to_be_refused_in_words(small_city: City) -> None:
    """A whole number beyond all floats is as one beyond what is allowed."""
    said: list[Word] = []
    much = {"reason": "x", "hours": 10**400}
    async with served(small_city, said) as client, client.post(PLACE, json=much) as answer:
        assert answer.status == 200
    assert said[0].hours == acknowledging.MOST_HOURS


async def test_who_may_not_acknowledge_is_refused(small_city: City) -> None:
    """The page of another site, a form; and what the fleet does not take."""
    async with served(small_city) as client:
        async with client.post(PLACE, json={"reason": "no", "hours": 1}) as answer:
            assert (answer.status, (await answer.json())["error"]) == (409, "No cause is open.")
        foreign = {"Sec-Fetch-Site": "cross-site"}
        async with client.post(PLACE, json={"reason": "x", "hours": 1}, headers=foreign) as answer:
            assert (await answer.json())["error"] == "Another site's page may not acknowledge a cause."
        async with client.post(PLACE, data="x") as answer:
            assert answer.status == 415


@pytest.mark.parametrize("path", ["causes", "causes/ID"])
async def test_every_field_of_a_cause_is_told_in_the_documentation(small_city: City, path: str) -> None:
    """As for the other addresses."""
    async with served(small_city) as client, client.get(f"/api/v1/{path.replace('ID', 'dead-4')}") as answer:
        told = fields(await answer.json())
    text = section("/api/v1/causes") + DOCS.split("## JSON")[1].split("###")[0]
    assert {name for name in told if f"`{name}`" not in text} == set()


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b'{"reason": "x", "hours": ' + b"9" * 5000 + b"}", {}),
        (b"{}", {"Content-Type": "application/json; charset=foo"}),
        (b"{}", {"Content-Type": "application/json; charset=base64"}),
        (b"no gzip", {"Content-Encoding": "gzip"}),
    ],
    ids=["digits", "charset", "no text", "gzip"],
)
async def test_a_body_that_cannot_be_read_is_refused(small_city: City, body: bytes, headers: dict[str, str]) -> None:
    """The refusal says what to send."""
    sent = {"Content-Type": "application/json", **headers}
    async with served(small_city) as client, client.post(PLACE, data=body, headers=sent) as answer:
        assert (answer.status, (await answer.json())["error"]) == (400, SAY)


async def test_no_number_of_hours_is_too_small(small_city: City) -> None:
    """As at the other end."""
    said: list[Word] = []
    much = {"reason": "x", "hours": -(10**400)}
    async with served(small_city, said) as client, client.post(PLACE, json=much) as answer:
        assert answer.status == 200
    assert said[0].hours == -acknowledging.MOST_HOURS
