"""The list of cameras: filter, sort and paging of a snapshot. Pure.

A query comes from an address bar: every mistake in it is named, with what would have been right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from monitor.core.model import Camera, Inventory
from monitor.core.planned import Active, Work
from monitor.core.snapshot import Snapshot
from monitor.core.state import State, View
from monitor.core.verdict import REASONS, Reason
from monitor.web.board import Json
from monitor.web.words import stamp

PAGE_ROWS = 50
MOST_ROWS = 500
MOST_TEXT = 100
#: Choices that a sentence about a mistake names.
MOST_CHOICES = 30
MOST_PAGE = 1_000_000

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
class Query:
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

    def but(self, **other: Any) -> str:
        """Return this query with something else, as the part of an address after its question mark."""
        query = replace(self, **{"page": 1, **other})
        standard = Query()
        return urlencode({name: value for name in FIELDS if (value := getattr(query, name)) != getattr(standard, name)})

    @property
    def narrowed(self) -> bool:
        return any((self.state, self.zone, self.reason, self.site, self.uplink, self.feeder, self.cause, self.q))


FIELDS = tuple(Query.__dataclass_fields__)


class QueryError(ValueError):
    """A query that cannot be answered; ``mistakes`` says why, a sentence each."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__(" ".join(mistakes))
        self.mistakes = mistakes


class Listing(NamedTuple):
    """One page of the list, and how much there is."""

    rows: tuple[Row, ...]
    total: int
    page: int
    pages: int


def parse(given: Mapping[str, str], inventory: Inventory, strict: bool = False) -> Query:
    """Return the query of an address; ``strict`` refuses words that it does not know. Raises QueryError."""
    mistakes = [
        f"{name[:MOST_TEXT]}: not a parameter; there are {', '.join(FIELDS)}."
        for name in given
        if strict and name not in FIELDS
    ]
    texts = {name: given.get(name, "").strip()[:MOST_TEXT] for name in FIELDS}
    choices = (
        ("state", STATE_CHOICES),
        ("reason", {reason.value: reason for reason in Reason}),
        ("zone", inventory.zones),
        ("sort", ORDERS),
    )
    for name, known in choices:
        if texts[name].removeprefix("-" if name == "sort" else "") not in ("", *known):
            mistakes.append(f"{name}: there is no {texts[name]!r}; there are {some(known)}.")
    page = number("page", texts["page"], 1, MOST_PAGE, mistakes)
    per_page = number("per_page", texts["per_page"], PAGE_ROWS, MOST_ROWS, mistakes)
    if mistakes:
        raise QueryError(mistakes)
    words = {name: texts[name] for name in FIELDS if name not in ("page", "per_page", "sort")}
    return Query(**words, sort=texts["sort"] or "state", page=page, per_page=per_page)


def some(choices: Iterable[str]) -> str:
    """Return choices in a sentence; of very many the first."""
    named = list(choices)
    return ", ".join(named[:MOST_CHOICES]) + (", …" if len(named) > MOST_CHOICES else "")


def number(name: str, text: str, standard: int, most: int, mistakes: list[str]) -> int:
    """Return a parameter that is a whole number, or the ``standard``; a mistake in it joins the others."""
    if not text:
        return standard
    if text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most:
        return int(text)
    mistakes.append(f"{name}: a whole number from 1 to {most}.")
    return standard


def select(snapshot: Snapshot, query: Query) -> Listing:
    """Return the page that a query asks for; a page beyond the last is the last."""
    rows = [row for row in _rows(snapshot, query) if _wanted(row, query, snapshot.inventory)]
    word = query.sort.removeprefix("-")
    rows.sort(key=ORDERS[word], reverse=query.sort.startswith("-"))
    pages = max(1, -(-len(rows) // query.per_page))
    page = min(query.page, pages)
    first = (page - 1) * query.per_page
    return Listing(tuple(rows[first : first + query.per_page]), len(rows), page, pages)


def _rows(snapshot: Snapshot, query: Query) -> Iterable[Row]:
    """Return the lines of the cameras in the states, and of the cause, that are asked for."""
    states = STATE_CHOICES.get(query.state)
    ids: Iterable[str] = snapshot.views
    if query.cause:
        known = snapshot.causes.get(query.cause)
        ids = [id_ for id_ in (known.members if known else ()) if id_ in snapshot.views]
    return (row(snapshot, id_) for id_ in ids if states is None or snapshot.views[id_].state in states)


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
