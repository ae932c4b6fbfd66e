"""POST /api/v1/cameras/ID/probe: who may have a camera asked, what no other site's page can do, and what comes back."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from paper_city import City, lines

from monitor.probes.journal import Journal
from monitor.web import probing
from monitor.web.feed import Feed
from monitor.web.probing import Unavailable
from monitor.web.server import create_app
from monitor.web.tokens import Tokens

VIEWER, OPERATOR = "viewer-0123456789abcdef", "operator-0123456789abcdef"
PLACE = "/api/v1/cameras/cam-0003/probe"
JSON = {"Content-Type": "application/json"}


class Asked:
    """What was asked of the monitor."""

    def __init__(self, busy: bool = False) -> None:
        self.looks: list[tuple[str, bool]] = []
        self._busy = busy

    async def look(self, camera: str, clear_lock: bool) -> AsyncIterator[Mapping[str, Any]]:
        if self._busy:
            raise Unavailable("Too many.")
        self.looks.append((camera, clear_lock))
        yield {"event": "camera", "camera": camera}
        yield {"event": "end"}


@asynccontextmanager
async def served(city: City | None, asked: Asked, tokens: Tokens | None = None) -> AsyncIterator[TestClient]:
    feed = Feed()
    if city is not None:
        feed.publish(city.snapshot)
    app = create_app(feed, Journal(), lines, tokens)
    probing.register(app, asked.look)
    async with TestServer(app, host="127.0.0.1") as server, TestClient(server) as client:
        yield client


async def test_a_look_is_told_line_by_line(small_city: City) -> None:
    """Each event is one JSON object on a line of its own; the body says whether the lock is cleared."""
    asked = Asked()
    async with served(small_city, asked) as client:
        async with client.post(PLACE, data="{}", headers=JSON) as answer:
            told = [json.loads(line) for line in (await answer.text()).splitlines()]
            assert (answer.status, answer.content_type) == (200, "application/x-ndjson")
        async with client.post(PLACE, json={"clear_lock": True}) as answer:
            assert answer.status == 200
    assert told == [{"event": "camera", "camera": "cam-0003"}, {"event": "end"}]
    assert asked.looks == [("cam-0003", False), ("cam-0003", True)]


#: what is wrong: (headers, body, status, sentence)
REFUSED = {
    "a form": (
        {"Content-Type": "application/x-www-form-urlencoded"}, "a=b", 415, "Send Content-Type: application/json.",
    ),
    "a text": ({"Content-Type": "text/plain"}, "{}", 415, "Send Content-Type: application/json."),
    "another site": (
        {**JSON, "Origin": "http://elsewhere.example"}, "{}", 403, "Another site's page may not have a camera asked.",
    ),
    "another site, as the browser says": (
        {**JSON, "Sec-Fetch-Site": "cross-site"}, "{}", 403, "Another site's page may not have a camera asked.",
    ),
    "another name": ({**JSON, "Host": "elsewhere.example"}, "{}", 421, "This server does not go by that name."),
    "no JSON": (JSON, "{", 400, 'Send a JSON object; {"clear_lock": true} forgets the refused logins first.'),
    "no object": (JSON, "[]", 400, 'Send a JSON object; {"clear_lock": true} forgets the refused logins first.'),
    "no truth": (
        JSON, '{"clear_lock": 1}', 400, 'Send a JSON object; {"clear_lock": true} forgets the refused logins first.',
    ),
}  # fmt: skip


@pytest.mark.parametrize("wrong", REFUSED)
async def test_what_is_refused(wrong: str, small_city: City) -> None:
    """A request that another site's page could make, or that is not understood, asks no camera."""
    headers, body, status, sentence = REFUSED[wrong]
    asked = Asked()
    async with served(small_city, asked) as client, client.post(PLACE, data=body, headers=headers) as answer:
        assert (answer.status, await answer.json()) == (status, {"error": sentence})
    assert asked.looks == []


async def test_only_operators_may_ask(small_city: City) -> None:
    """With tokens a viewer is told that only operators may; who shows none is asked for one."""
    asked = Asked()
    tokens = Tokens.parse(f"viewer {VIEWER}\noperator {OPERATOR}\n", "t")
    statuses = []
    async with served(small_city, asked, tokens) as client:
        for token in ("", VIEWER, OPERATOR):
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            async with client.post(PLACE, json={}, headers=headers) as answer:
                statuses.append(answer.status)
    assert statuses == [401, 403, 200]
    assert asked.looks == [("cam-0003", False)]


async def test_a_camera_that_is_not_there(small_city: City) -> None:
    """An unknown camera is told with the likely name; a monitor that knows nothing yet says so, a full one too."""
    answers = []
    for city, asked, place in (
        (small_city, Asked(), PLACE.replace("cam-0003", "cam-00003")),
        (None, Asked(), PLACE),
        (small_city, Asked(busy=True), PLACE),
    ):
        async with served(city, asked) as client, client.post(place, json={}) as answer:
            answers.append((answer.status, (await answer.json())["error"]))
    assert answers == [
        (404, "The monitor watches no camera 'cam-00003'. Did you mean 'cam-0003'?"),
        (503, "The monitor has just started; try again in a second."),
        (429, "Too many."),
    ]
