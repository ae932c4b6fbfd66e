"""The list of open causes: filter, sort and paging. Pure. A mistake in a query is named, as in the list of cameras."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from monitor.core.diagnosis.cause import Cause, Kind
from monitor.core.diagnosis.naming import is_shared, rank
from monitor.core.model import Inventory
from monitor.core.snapshot import Snapshot
from monitor.web.cause_board import owner
from monitor.web.paging import PAGE_ROWS, Page, Paged, page_of, read

YES_NO = ("yes", "no")
#: How the list may be sorted; a "-" before the word turns it round.
ORDERS: Mapping[str, Callable[[Cause], Any]] = {
    "size": rank,
    "since": lambda cause: (-cause.by, cause.id),
    "kind": lambda cause: (cause.kind.value, -len(cause.members), cause.id),
}
#: Each order in a person's words.
SORT_WORDS: Mapping[str, str] = {
    "size": "shared and largest first",
    "-size": "smallest first",
    "since": "newest first",
    "-since": "oldest first",
    "kind": "by kind",
    "-kind": "by kind, from Z",
}


@dataclass(frozen=True, slots=True)
class Query(Paged):
    """Which of the causes are asked for."""

    kind: str = ""
    shared: str = ""
    zone: str = ""
    owner: str = ""
    acknowledged: str = ""
    sort: str = "size"
    page: int = 1
    per_page: int = PAGE_ROWS


@dataclass(frozen=True, slots=True)
class CausePage(Page[Cause]):
    """One page of the list."""

    cameras: int
    """How many cameras the causes that match have, each counted once."""


def parse(given: Mapping[str, str], inventory: Inventory, strict: bool = False) -> Query:
    """Return the query of an address; ``strict`` refuses words that it does not know. Raises QueryError."""
    kinds = [kind.value for kind in Kind]
    choices = {"kind": kinds, "acknowledged": YES_NO, "shared": YES_NO, "zone": inventory.zones, "sort": ORDERS}
    return read(Query, given, choices, strict)


def select(snapshot: Snapshot, query: Query) -> CausePage:
    """Return the page that a query asks for."""
    found = [cause for cause in snapshot.causes.values() if _wanted(snapshot, cause, query)]
    found.sort(key=ORDERS[query.sort.removeprefix("-")], reverse=query.sort.startswith("-"))
    page = page_of(found, query.page, query.per_page)
    cameras = len(frozenset[str]().union(*(cause.members for cause in found)))
    return CausePage(page.rows, page.total, page.number, page.pages, cameras)


def owners(snapshot: Snapshot) -> list[str]:
    """Return everybody who owns an open cause."""
    return sorted({owner(snapshot, cause) for cause in snapshot.causes.values()}, key=str.casefold)


def _wanted(snapshot: Snapshot, cause: Cause, query: Query) -> bool:
    asked = (
        (query.kind, cause.kind.value),
        (query.shared, "yes" if is_shared(cause) else "no"),
        (query.acknowledged, "yes" if cause.id in snapshot.acknowledgements else "no"),
        (query.owner, owner(snapshot, cause) if query.owner else ""),
    )
    if any(wanted not in ("", found) for wanted, found in asked):
        return False
    return not query.zone or _touches(snapshot.inventory, cause, query.zone)


def _touches(inventory: Inventory, cause: Cause, zone: str) -> bool:
    return any(id_ in inventory.cameras and inventory.cameras[id_].zone == zone for id_ in cause.members)
