"""The list of open causes: filter, sort and paging. Pure. A mistake in a query is named, as in the list of cameras."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from monitor.core.diagnosis.cause import Cause, Kind
from monitor.core.diagnosis.naming import is_shared, rank
from monitor.core.model import Inventory
from monitor.core.snapshot import Snapshot
from monitor.web.cause_board import owner
from monitor.web.listing import MOST_PAGE, MOST_ROWS, MOST_TEXT, PAGE_ROWS, QueryError, number, some

YES_NO = {"yes": True, "no": False}
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
class Query:
    """Which of the causes are asked for."""

    kind: str = ""
    shared: str = ""
    zone: str = ""
    owner: str = ""
    acknowledged: str = ""
    sort: str = "size"
    page: int = 1
    per_page: int = PAGE_ROWS

    def but(self, **other: Any) -> str:
        """Return this query with something else, as the part of an address after its question mark."""
        query = replace(self, **{"page": 1, **other})
        standard = Query()
        return urlencode({name: value for name in FIELDS if (value := getattr(query, name)) != getattr(standard, name)})

    @property
    def narrowed(self) -> bool:
        return any((self.kind, self.shared, self.zone, self.owner, self.acknowledged))


FIELDS = tuple(Query.__dataclass_fields__)


class CauseList(NamedTuple):
    """One page of the list, and how much there is."""

    causes: tuple[Cause, ...]
    total: int
    page: int
    pages: int
    cameras: int
    """How many cameras the causes that match have, each counted once."""


def parse(given: Mapping[str, str], inventory: Inventory, strict: bool = False) -> Query:
    """Return the query of an address; ``strict`` refuses words that it does not know. Raises QueryError."""
    mistakes = [
        f"{name[:MOST_TEXT]}: not a parameter; there are {', '.join(FIELDS)}."
        for name in given
        if strict and name not in FIELDS
    ]
    texts = {name: given.get(name, "").strip()[:MOST_TEXT] for name in FIELDS}
    choices = (
        ("kind", [kind.value for kind in Kind]),
        ("acknowledged", YES_NO),
        ("shared", YES_NO),
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
    return Query(**words, sort=texts["sort"] or "size", page=page, per_page=per_page)


def select(snapshot: Snapshot, query: Query) -> CauseList:
    """Return the page that a query asks for; a page beyond the last is the last."""
    found = [cause for cause in snapshot.causes.values() if _wanted(snapshot, cause, query)]
    found.sort(key=ORDERS[query.sort.removeprefix("-")], reverse=query.sort.startswith("-"))
    pages = max(1, -(-len(found) // query.per_page))
    page = min(query.page, pages)
    first = (page - 1) * query.per_page
    cameras = len(frozenset[str]().union(*(cause.members for cause in found)))
    return CauseList(tuple(found[first : first + query.per_page]), len(found), page, pages, cameras)


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
