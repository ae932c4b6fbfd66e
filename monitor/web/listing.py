"""The list of cameras: filter, sort and paging of a snapshot. Pure.

A query comes from an address bar: every mistake in it is named, with what would have been right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from monitor.core.model import Camera, Inventory
from monitor.core.planned import Active, Work
from monitor.core.revision import whole
from monitor.core.snapshot import Snapshot
from monitor.core.state import State, View
from monitor.core.verdict import REASONS, Reason
from monitor.web.board import Json
from monitor.web.paging import PAGE_ROWS, Page, Paged, page_of, read
from monitor.web.words import stamp

#: What may be asked for as a state: each of them, and the two words that people use.
STATE_CHOICES: Mapping[str, frozenset[State]] = {
    "not_working": frozenset({State.DOWN, State.UNREACHABLE}),
    "working": frozenset({State.UP, State.DEGRADED}),
    **{state.value: frozenset({state}) for state in State},
}
#: The worst first.
SEVERITY: Mapping[State, int] = {
    State.DOWN: 0,
    State.UNREACHABLE: 1,
    State.UNKNOWN: 2,
    State.DEGRADED: 3,
    State.UP: 4,
}


class Row(NamedTuple):
    """One camera in the list."""

    camera: Camera
    view: View
    zone: str
    site: str
    host: str
    planned: tuple[Active, ...] = ()

    @property
    def title(self) -> str:
        return REASONS[self.view.reason].title if self.view.reason else ""

    def as_json(self) -> Json:
        return {
            "id": self.camera.id,
            "name": self.camera.name,
            "zone": self.camera.zone,
            "zone_name": self.zone,
            "site": self.camera.site,
            "site_name": self.site,
            "host": self.host,
            "state": self.view.state.value,
            "reason": self.view.reason.value if self.view.reason else None,
            "reason_title": self.title,
            "rung": self.view.rung.label,
            "since_after": stamp(self.view.after),
            "since_by": stamp(self.view.by),
            "planned": [planned_json(active) for active in self.planned],
        }


def planned_json(active: Active) -> Json:
    """Return an occurrence of what is planned."""
    entry = active.entry
    return {
        "entry": entry.id,
        "kind": entry.kind.value,
        "noun": entry.kind.noun,
        "start": stamp(active.start),
        "end": stamp(active.end),
        "plan_reason": entry.reason,
        "approver": entry.approver,
        "approved_at": stamp(entry.approved),
    }


def works_json(works: Iterable[Work]) -> list[Json]:
    """Return what is planned, each with for how many cameras it is."""
    return [{**planned_json(work.active), "cameras": work.cameras} for work in works]


#: How the list may be sorted; a "-" before the word turns it round.
ORDERS: Mapping[str, Callable[[Row], Any]] = {
    "state": lambda row: (SEVERITY[row.view.state], row.title, row.zone, row.camera.id),
    "name": lambda row: (row.camera.name.casefold(), row.camera.id),
    "zone": lambda row: (row.zone.casefold(), row.site.casefold(), row.camera.id),
    "reason": lambda row: (row.title == "", row.title, SEVERITY[row.view.state], row.camera.id),
    "since": lambda row: (-row.view.by, row.camera.id),
}

#: Each order in a person's words.
SORT_WORDS: Mapping[str, str] = {
    "state": "worst first",
    "-state": "best first",
    "since": "newest first",
    "-since": "oldest first",
    "name": "by name",
    "-name": "by name, from Z",
    "zone": "by zone",
    "-zone": "by zone, from Z",
    "reason": "by reason",
    "-reason": "by reason, from Z",
}


@dataclass(frozen=True, slots=True)
class Query(Paged):
    """What of the list is asked for."""

    state: str = ""
    zone: str = ""
    reason: str = ""
    site: str = ""
    uplink: str = ""
    feeder: str = ""
    cause: str = ""
    q: str = ""
    sort: str = "state"
    page: int = 1
    per_page: int = PAGE_ROWS


def parse(given: Mapping[str, str], inventory: Inventory, strict: bool = False) -> Query:
    """Return the query of an address; ``strict`` refuses words that it does not know. Raises QueryError."""
    reasons = [reason.value for reason in Reason]
    choices = {"state": STATE_CHOICES, "reason": reasons, "zone": inventory.zones, "sort": ORDERS}
    return read(Query, given, choices, strict)


def select(snapshot: Snapshot, query: Query) -> Page[Row]:
    """Return the page that a query asks for."""
    rows = [row for row in _rows(snapshot, query) if _wanted(row, query, snapshot.inventory)]
    word = query.sort.removeprefix("-")
    rows.sort(key=ORDERS[word], reverse=query.sort.startswith("-"))
    return page_of(rows, query.page, query.per_page)


def _rows(snapshot: Snapshot, query: Query) -> Iterable[Row]:
    """Return the lines of the cameras in the states, and of the cause, that are asked for."""
    states, views = STATE_CHOICES.get(query.state), whole(snapshot.views)
    ids: Iterable[str] = views
    if query.cause:
        known = snapshot.causes.get(query.cause)
        ids = [id_ for id_ in (known.members if known else ()) if id_ in views]
    return (row(snapshot, id_) for id_ in ids if states is None or views[id_].state in states)


def row(snapshot: Snapshot, id_: str) -> Row:
    """Return a camera's line."""
    inventory = snapshot.inventory
    camera = inventory.cameras[id_]
    site = inventory.sites.get(camera.site)
    return Row(
        camera,
        snapshot.views[id_],
        inventory.zones.get(camera.zone, camera.zone),
        site.name if site else camera.site,
        inventory.devices[camera.device].host,
        snapshot.planned.of(id_),
    )


def _wanted(row: Row, query: Query, inventory: Inventory) -> bool:
    if query.zone not in ("", row.camera.zone) or query.site not in ("", row.camera.site):
        return False
    if query.reason and (row.view.reason is None or row.view.reason.value != query.reason):
        return False
    if query.uplink or query.feeder:
        site = inventory.sites.get(row.camera.site)
        if site is None or query.feeder not in ("", site.feeder) or (query.uplink and query.uplink not in site.uplinks):
            return False
    return not query.q or _mentions(row, query.q.casefold())


def _mentions(row: Row, text: str) -> bool:
    return any(text in field.casefold() for field in (row.camera.id, row.camera.name, row.site, row.zone, row.host))
