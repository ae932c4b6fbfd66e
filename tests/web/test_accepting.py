"""POST accept and survey: who may, what is told, what is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp.test_utils import TestClient, TestServer
from paper_city import City, lines

from monitor.core.survey import Part, Survey
from monitor.probes.journal import Journal
from monitor.web import accepting, surveying
from monitor.web.accepting import Refused
from monitor.web.feed import Feed
from monitor.web.server import create_app

CAMERA = "cam-0003"
PLACE = f"/api/v1/cameras/{CAMERA}"
SURVEY = f"/api/v1/surveys/{CAMERA}"


@asynccontextmanager
async def served(city: City, asked: list[tuple[str, ...]], survey: Survey | None = None) -> AsyncIterator[TestClient]:
    def accept(camera: str, by: str, reason: str) -> list[str]:
        if reason == "no":
            raise Refused("No other device answers there.")
        asked.append((camera, by, reason))
        return [f"{camera}: S2 in place of S1"]

    feed = Feed()
    feed.publish(city.snapshot)
    app = create_app(feed, Journal(), lines)
    accepting.register(app, accept)
    surveying.register(app, lambda _: survey, lambda camera: asked.append((camera,)), lambda _: "")
    async with TestServer(app, host="127.0.0.1") as server, TestClient(server) as client:
        yield client


async def test_a_replacement_is_accepted_with_who_and_why(small_city: City) -> None:
    """What is recorded is told; blanks are put in order."""
    asked: list[tuple[str, ...]] = []
    async with served(small_city, asked) as client:
        async with client.post(f"{PLACE}/accept", json={"by": "kim", "reason": " hit by\n a lorry "}) as answer:
            assert await answer.json() == {"camera": CAMERA, "accepted": [f"{CAMERA}: S2 in place of S1"]}
        async with client.post(f"{PLACE}/accept", json={}) as answer:
            assert answer.status == 200
    assert asked == [(CAMERA, "kim", "hit by a lorry"), (CAMERA, "an operator", "")]


async def test_what_cannot_be_accepted_is_said(small_city: City) -> None:
    """Nothing to accept, no such camera, no JSON, a form of another site."""
    async with served(small_city, []) as client:
        async with client.post(f"{PLACE}/accept", json={"reason": "no"}) as answer:
            assert (answer.status, (await answer.json())["error"]) == (409, "No other device answers there.")
        async with client.post("/api/v1/cameras/nobody/accept", json={}) as answer:
            assert answer.status == 404
        async with client.post(f"{PLACE}/accept", json={"reason": 7}) as answer:
            assert answer.status == 400
        async with client.post(f"{PLACE}/accept", data="x") as answer:
            assert answer.status == 415


async def test_a_survey_is_begun_and_seen(small_city: City) -> None:
    """The newest one is told with its moment; before the first one there is none."""
    asked: list[tuple[str, ...]] = []
    async with served(small_city, asked) as client:
        async with client.get(SURVEY) as answer:
            assert await answer.json() == {"camera": CAMERA, "at": None, "parts": {}, "obstacle": None}
        async with client.post(SURVEY, json={}) as answer:
            assert await answer.json() == {"camera": CAMERA, "begun": True, "obstacle": None}
    assert asked == [(CAMERA,)]
    known = Survey(12.5, {"dns": Part(missing="not offered")})
    async with served(small_city, [], known) as client, client.get(SURVEY) as answer:
        told = await answer.json()
    assert told == {"camera": CAMERA, "at": 12.5, "parts": {"dns": {"missing": "not offered"}}, "obstacle": None}
