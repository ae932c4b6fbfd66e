"""What the wallboard says about causes: the shared ones one by one, what else does not work by kind. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from math import isfinite

from monitor.core.counting import are
from monitor.core.diagnosis.cause import Cause, Kind
from monitor.core.diagnosis.naming import headline, is_shared, owner_of, thing
from monitor.core.model import Inventory
from monitor.core.planned import Work, tally
from monitor.core.snapshot import Snapshot
from monitor.core.state import State
from monitor.core.times import is_vague
from monitor.web.board import Json
from monitor.web.listing import works_json

#: Shared causes that a board carries, and names of logins that a line does.
MOST_SHARED = 24
MOST_LINKS = 3

#: What the board says of causes before anything is known.
NO_CAUSES: Json = {
    "blind": [],
    "shared": [],
    "shared_count": 0,
    "held": 0,
    "not_working": 0,
    "others": [],
    "other": 0,
    "unexplained": 0,
}


def causes(snapshot: Snapshot, before: Snapshot | None = None, said: Json | None = None) -> Json:
    """Return the part of the board about causes; what was ``said`` of the snapshot ``before`` where it holds still."""
    if before is not None and said is not None and _alike(before, snapshot):
        return said
    shared = _largest_first(shared_causes(snapshot))
    held = _held(snapshot, shared)
    tally, links = _others(snapshot, held)
    return {
        "blind": blind(snapshot),
        "shared": [line(snapshot, cause) for cause in shared[:MOST_SHARED]],
        "shared_count": len(shared),
        "held": len(held),
        "not_working": snapshot.not_working,
        "others": [_other(kind, cameras, links) for kind, cameras in sorted(tally.items(), key=_most_first)],
        "other": snapshot.not_working - len(held),
        "unexplained": max(0, snapshot.not_working - len(held) - tally.total()),
    }


def _alike(before: Snapshot, now: Snapshot) -> bool:
    """Say whether nothing changed that the causes are told by: not one of them, and no count of a state."""
    one, other = before.fleet, now.fleet
    same = one.causes is other.causes and one.acknowledgements is other.acknowledgements
    return same and one.inventory is other.inventory and before.states == now.states


def blind(snapshot: Snapshot) -> list[Json]:
    """Return for each vantage from which the monitor cannot look: a sentence, and since when."""
    causes = _largest_first(cause for cause in snapshot.causes.values() if cause.kind is Kind.BLIND)
    return [{"id": cause.id, "sentence": _blindness(cause), "by": cause.by} for cause in causes]


def _blindness(cause: Cause) -> str:
    cameras = are(len(cause.members), "camera")
    why = " ".join(cause.evidence)
    return f"The monitor is blind at {cause.scope}: {cameras} unknown, whatever they do. {why[:1].upper()}{why[1:]}"


def shared_causes(snapshot: Snapshot) -> Iterator[Cause]:
    """Yield the causes that several devices share; blindness holds nothing, it only hides."""
    return (cause for cause in snapshot.causes.values() if is_shared(cause) and cause.kind is not Kind.BLIND)


def _largest_first(causes: Iterable[Cause]) -> list[Cause]:
    return sorted(causes, key=lambda cause: (-len(cause.members), cause.by, cause.id))


def _most_first(item: tuple[Kind, int]) -> tuple[int, str]:
    kind, cameras = item
    return -cameras, kind.value


def line(snapshot: Snapshot, cause: Cause) -> Json:
    """Return a cause in one line: kind, what failed, how many cameras, since when, whose it is."""
    inventory = snapshot.inventory
    note = snapshot.acknowledgements.get(cause.id)
    return {
        "id": cause.id,
        "kind": cause.kind.value,
        "state": (State.UNREACHABLE if cause.holds else State.DOWN).value,
        "what": thing(cause.scope, inventory),
        "headline": headline(cause.kind, cause.scope, inventory),
        "cameras": len(cause.members),
        "after": cause.after if isfinite(cause.after) else None,
        "by": cause.by,
        "vague": is_vague(cause.after, cause.by),
        "owner": owner(snapshot, cause),
        "acknowledged": None if note is None else {"who": note.who, "why": note.why, "until": note.until},
    }


def marked(snapshot: Snapshot, cause: Cause) -> Json:
    """Return a cause in one line, with what is planned for its cameras."""
    return {**line(snapshot, cause), "planned": works_json(planned(snapshot, cause))}


def planned(snapshot: Snapshot, cause: Cause) -> list[Work]:
    """Return what the calendar has now for cameras of a cause."""
    return tally(snapshot.planned.of(id_) for id_ in cause.members)


def owner(snapshot: Snapshot, cause: Cause) -> str:
    """Return whose an open cause is."""
    return owner_of(cause, snapshot.acknowledgements.get(cause.id), snapshot.inventory.owners)


def _held(snapshot: Snapshot, shared: Iterable[Cause]) -> frozenset[str]:
    """Return the cameras that do not work and have a shared cause."""
    members = frozenset[str]().union(*(cause.members for cause in shared))
    return frozenset(id_ for id_ in members if _dead(snapshot, id_))


def _dead(snapshot: Snapshot, camera: str) -> bool:
    view = snapshot.views.get(camera)
    return view is not None and view.state.working is False


def _others(snapshot: Snapshot, held: frozenset[str]) -> tuple[Counter[Kind], Counter[str]]:
    """Count the other cameras that do not work, each once, by kind; those with a refused login by that login, too."""
    tally: Counter[Kind] = Counter()
    links: Counter[str] = Counter()
    for id_, kind in others(snapshot, held):
        tally[kind] += 1
        if kind is Kind.CREDENTIALS:
            links[_login(snapshot.inventory, id_)] += 1
    return tally, links


def others(snapshot: Snapshot, held: frozenset[str]) -> Iterator[tuple[str, Kind]]:
    """Yield the cameras that do not work and are not ``held``, each with the gravest kind that it has."""
    ranks = {kind: rank for rank, kind in enumerate(Kind)}
    kinds: dict[str, Kind] = {}
    for cause in snapshot.causes.values():
        if is_shared(cause):
            continue
        for id_ in cause.members:
            if id_ not in kinds or ranks[cause.kind] < ranks[kinds[id_]]:
                kinds[id_] = cause.kind
    return ((id_, kind) for id_, kind in kinds.items() if id_ not in held and _dead(snapshot, id_))


def _login(inventory: Inventory, camera: str) -> str:
    credential = inventory.devices[inventory.cameras[camera].device].credential
    return credential.name if credential else "no login"


def _other(kind: Kind, cameras: int, links: Counter[str]) -> Json:
    named = links.most_common(MOST_LINKS) if kind is Kind.CREDENTIALS else []
    return {
        "kind": kind.value,
        "cameras": cameras,
        "logins": [{"name": name, "cameras": number} for name, number in named],
    }


def members(snapshot: Snapshot, cause: str = "", kind: str = "") -> frozenset[str]:
    """Return the cameras of a cause, or those that the board counts by a kind among the others."""
    if cause:
        known = snapshot.causes.get(cause)
        return known.members if known else frozenset()
    held = _held(snapshot, shared_causes(snapshot))
    return frozenset(id_ for id_, of in others(snapshot, held) if of.value == kind)
