"""docs/web.md tells of everything that a program may rely on."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from paper_city import City, served, talk, under_a_plan

from monitor.core.verdict import Finding, Outcome, Reason, Rung
from monitor.probes.journal import Journal
from monitor.web.feed import Feed
from monitor.web.listing import Query
from monitor.web.paging import names
from monitor.web.roles import ROLES
from monitor.web.server import create_app

DOCS = (Path(__file__).parents[2] / "docs" / "web.md").read_text()
#: Keys that are not fields but names: of states, probes, letters, measurements.
MAPS = frozenset({"states", "ports", "last_probe", "measurements", "monitor"})


def section(path: str) -> str:
    """Return what the page says of an address, with what it refers to."""
    return DOCS.split(f"### `{path}`", 1)[1].split("\n#", 1)[0]


def fields(value: Any) -> set[str]:
    """Return the names of all fields of an answer."""
    if isinstance(value, list):
        return set().union(*map(fields, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    return set(value).union(*(fields(part) for name, part in value.items() if name not in MAPS))


@pytest.mark.parametrize("path", ["summary", "zones", "cameras", "cameras/ID", "changes", "plan"])
async def test_every_field_is_told(small_city: City, path: str) -> None:
    """A field that an address answers stands in its section (or, for all of them, above)."""
    small_city.fail(["cam-0003"], Rung.MEDIA, Reason.NO_VIDEO, "nothing")
    journal = Journal()
    said = talk(small_city, "cam-0003", (True, b"x"))
    finding = Finding(Rung.MEDIA, Outcome.FAIL, Reason.NO_VIDEO, "nothing")
    journal.add(said._replace(verdict=small_city.verdict("cam-0003", finding)))
    feed = Feed()
    feed.publish(under_a_plan(small_city.snapshot, "cam-0003"))
    async with served(feed, journal) as client, client.get(f"/api/v1/{path.replace('ID', 'cam-0003')}") as answer:
        told = fields(await answer.json())
    text = section(f"/api/v1/{path}") + DOCS.split("## JSON")[1].split("###")[0]
    if path == "cameras/ID":
        text += section("/api/v1/cameras")
    assert {name for name in told if f"`{name}`" not in text} == set()


async def test_every_part_of_an_event_is_told(small_city: City) -> None:
    """The fields of the whole state stand in the table of events."""
    feed = Feed()
    feed.publish(small_city.snapshot)
    assert feed.frame is not None
    table = DOCS.split("## Events")[1]
    assert {name for name in json.loads(feed.frame.whole()) if f"`{name}`" not in table} == set()


def test_every_parameter_role_and_address_is_told() -> None:
    """What can be asked for, by whom, and where."""
    for name in (*names(Query), "working", "not_working"):
        assert f"`{name}`" in DOCS
    for role in ROLES:
        assert re.search(rf"^{role} +\S", DOCS, re.M)
    routes = {
        route.resource.canonical
        for route in create_app(Feed(), Journal(), lambda _: []).router.routes()
        if route.resource
    }
    for path in routes - {"/login", "/logout", "/static/{digest}/{name}"}:
        assert f"`{path.replace('{id}', 'ID')}`" in DOCS, path
