"""One cause, told to a person: what failed, how that is known, whose it is, its cameras, what became of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from monitor.core.diagnosis.cause import CLOSING, CONFIDENCES, NATURES, OPENING, Cause, CauseEvent, Turn, fold
from monitor.core.diagnosis.wording import many, rows_told
from monitor.core.event import Event, NoteEvent
from monitor.core.snapshot import Snapshot
from monitor.core.workorder.course import of_cause
from monitor.web.board import Json
from monitor.web.cause_board import marked
from monitor.web.listing import row
from monitor.web.paging import page_of

#: Lines of a cause's history that are shown, the newest.
MOST_TURNS = 200
#: Cameras that a line of the history names.
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Told:
    """A cause as its page tells it: open, or as it was when it ended at ``closed`` (seconds since the epoch)."""

    cause: Cause
    closed: float | None = None
    into: str = ""
    """The cause that it merged into."""


def told(snapshot: Snapshot, id_: str, events: Iterable[Event]) -> Told | None:
    """Return an open cause, or a closed one from its events; None where neither is known."""
    if id_ in snapshot.causes:
        return Told(snapshot.causes[id_])
    causes: dict[str, Cause] = {}
    found: Told | None = None
    for event in events:
        if not isinstance(event, CauseEvent) or event.cause != id_:
            continue
        if event.turn in CLOSING and id_ in causes:
            into = event.other if event.turn is Turn.MERGED else ""
            found = Told(replace(causes[id_], left=causes[id_].left | causes[id_].members), event.at, into)
        fold(causes, event)
    return found


def cause_card(snapshot: Snapshot, one: Told, events: Sequence[Event], page: int = 1) -> Json:
    """Return everything that is known of a cause, as plain values; ``events`` are all about it, oldest first."""
    cause, inventory = one.cause, snapshot.inventory
    nature = NATURES[cause.kind]
    cameras = cause.members if one.closed is None else cause.left
    rows = sorted(id_ for id_ in cameras if id_ in inventory.cameras)
    members = page_of(rows, page)
    return {
        **marked(snapshot, cause),
        "cameras": len(cameras),
        "meaning": nature.meaning,
        "role": nature.owner,
        "scope": str(cause.scope),
        "opened": cause.opened,
        "closed": one.closed,
        "into": one.into,
        "split_from": cause.split_from,
        "evidence": list(cause.evidence),
        "confidence": cause.confidence.value,
        "confidence_meaning": CONFIDENCES[cause.confidence],
        "rivals": list(cause.rivals),
        "contradicted": list(cause.contradicted),
        "members": [row(snapshot, id_) for id_ in members.rows],
        "page": members.number,
        "pages": members.pages,
        "left": len(cause.left) if one.closed is None else 0,
        "turns": turns(cause, events),
        "order": order.id if (order := of_cause(snapshot.fleet.orders, cause.id)) else "",
    }


def turns(cause: Cause, events: Sequence[Event]) -> list[Json]:
    """Return what happened to a cause, newest first, a sentence each; without a ledger, that it opened."""
    found: list[Json] = []
    before: CauseEvent | None = None
    for event in events:
        if turn := _turn(cause.id, event, before):
            found.append(turn)
        if isinstance(event, CauseEvent) and event.cause == cause.id:
            before = event
    if not found:
        found = [{"at": cause.opened, "what": "opened", "said": "", "other": cause.split_from}]
    return found[-MOST_TURNS:][::-1]


def _turn(id_: str, event: Event, before: CauseEvent | None) -> Json | None:
    if isinstance(event, NoteEvent):
        return {"at": event.at, "what": event.note.value, "said": _noted(event), "other": ""}
    if not isinstance(event, CauseEvent):
        return None
    if event.cause != id_:
        what = "took over" if event.turn is Turn.MERGED else "gave cameras to"
        return {
            "at": event.at,
            "what": what,
            "said": many(len(event.left or event.joined), "camera"),
            "other": event.cause,
        }
    what = "changed" if event.turn is Turn.CHANGED else event.turn.value
    rows = rows_told(before.contradicted if before else (), event.contradicted)
    if event.turn is Turn.CHANGED and not (event.joined or event.left):
        same = before is not None and rows and event.evidence == before.evidence
        said = rows if same else [" ".join(event.evidence), *rows]
        return {"at": event.at, "what": "known better", "said": "; ".join(said), "other": ""}
    said = [] if event.turn in CLOSING else [*_moved(event), *rows]
    return {"at": event.at, "what": what, "said": "; ".join(said), "other": event.other}


def _moved(event: CauseEvent) -> list[str]:
    joined = "with" if event.turn in OPENING else "joined:"
    return [f"{word} {_some(cameras)}" for word, cameras in ((joined, event.joined), ("left:", event.left)) if cameras]


def _some(cameras: Sequence[str]) -> str:
    """Return how many cameras, and which where they are few."""
    return ", ".join(cameras) if len(cameras) <= MOST_NAMED else many(len(cameras), "camera")


def _noted(event: NoteEvent) -> str:
    by = f"by {event.who}" if event.who else ""
    return ": ".join(part for part in (by, event.why) if part)
