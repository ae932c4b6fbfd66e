"""camera_planned: a series of a camera only while something is planned for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from prometheus_client.parser import text_string_to_metric_families as parse

from exporters import catalogue
from exporters.planned import PIECE
from exporters.prometheus import Page
from monitor.core.calendar import Calendar, Entry, Kind, Selector
from monitor.core.planned import Timetable
from monitor.core.snapshot import Snapshot


def plan(id_: str, kind: Kind, by: str, name: str, start: datetime, end: datetime) -> Entry:
    return Entry(id_, kind, (Selector(by, name),), "UTC", start, end, "Grid control", start, "peak load")


def series(page: Page, snapshot: Snapshot) -> list[tuple[str, str]]:
    """Return cameras and kinds as they stand on the page."""
    text = b"".join(page.render(snapshot)).decode()
    families = {family.name: family for family in parse(text)}
    samples = families[catalogue.PLANNED.name].samples
    assert all(sample.value == 1.0 and set(sample.labels) == set(catalogue.PLANNED.labels) for sample in samples)
    return sorted((sample.labels["camera"], sample.labels["kind"]) for sample in samples)


def test_a_series_stands_while_something_is_planned(city: Snapshot) -> None:
    """One a camera and kind, whatever the number of entries; none before and after; an old page gives way."""
    camera = next(iter(city.inventory.cameras.values()))
    begin, end = datetime(2026, 12, 1, 18), datetime(2026, 12, 1, 20)
    entries = [
        plan("a", Kind.LOAD_SHEDDING, "camera", camera.id, begin, end),
        plan("b", Kind.LOAD_SHEDDING, "zone", camera.zone, begin, end),
        plan("c", Kind.WORKS, "camera", camera.id, begin, end),
    ]
    calendar = Calendar({entry.id: entry for entry in entries})
    page, table = Page(), Timetable()
    for moment, holds in (
        (begin.replace(tzinfo=UTC).timestamp() - 1, False),
        (begin.replace(tzinfo=UTC).timestamp(), True),
        (end.replace(tzinfo=UTC).timestamp(), False),
    ):
        table = table.at(calendar, city.inventory, moment)
        snapshot = replace(city, planned=table.planned)
        zone = [id_ for id_, one in city.inventory.cameras.items() if one.zone == camera.zone]
        expected = sorted([(camera.id, "works"), *((id_, "load_shedding") for id_ in zone)]) if holds else []
        assert series(page, snapshot) == series(page, snapshot) == expected


def test_a_planned_city_comes_in_pieces(city: Snapshot) -> None:
    """However many are under a plan, the loop turns between the lines of a few."""
    entries = {
        zone: plan(zone, Kind.WORKS, "zone", zone, datetime(2026, 1, 1), datetime(2027, 1, 1))
        for zone in city.inventory.zones
    }
    table = Timetable().at(Calendar(entries), city.inventory, datetime(2026, 6, 1).replace(tzinfo=UTC).timestamp())
    page, snapshot = Page(), replace(city, planned=table.planned)
    pieces = [piece for piece in page.render(snapshot) if piece.startswith(b"camera_planned{")]
    assert sum(piece.count(b"\n") for piece in pieces) == 1800
    assert max(piece.count(b"\n") for piece in pieces) == PIECE
    assert [piece for piece in page.render(snapshot) if piece.startswith(b"camera_planned{")] == pieces
