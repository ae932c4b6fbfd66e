"""The life of each camera, from what a ledger says: on paper, on the list, on the network. Pure.

Rules:
1. Paper is what the row says: the days on which it was sanctioned, installed, commissioned and retired. The list is
   when the inventory had it. Both are dated by the events that said so.
2. A camera was seen when its device answered (the rung ``reachable`` was confirmed as ok), and live when pictures
   arrived (``media``); a report has it the same way (``shows``). It was seen last at the last good look, whether or not
   an event tells of it.
3. What a camera was before it left the list and came back is of the same life: its id is the place. So is what it was
   before the ledger kept rows, as older ones did not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from math import inf
from typing import Any, NamedTuple

from monitor.core.asset import ADDED, DAYS, REMOVED, Listed
from monitor.core.event import AssetEvent, DeviceEvent, Event, RungEvent
from monitor.core.health import Rungs
from monitor.core.verdict import Outcome, Rung

#: What the ledger says of a device that was put in the place of another one (``monitor.core.fleet.accept``).
REPLACED = "replacement accepted"
PINNED = "identity pinned"


class Proof(NamedTuple):
    """That something was so: when, the number of the event that says it, and what it says."""

    at: float
    seq: int
    detail: str = ""


@dataclass(slots=True)
class Life:
    """One camera's life; None where the ledger does not know of it."""

    camera: str
    row: Listed = field(default_factory=dict)
    """The newest row, also of a camera that has left the list."""
    listed: Proof | None = None
    """When it came to the list for the first time."""
    removed: Proof | None = None
    """When it left the list, where it is not on it."""
    said: dict[str, Proof] = field(default_factory=dict)
    """Since when the row says each of its days (``DAYS``) as it does now."""
    seen: Proof | None = None
    live: Proof | None = None
    looked: bool = False
    """Whether pictures were asked for in vain while it answered."""
    last_seen: float = -inf
    answers: bool | None = None
    """Whether it answers; None: nobody can say."""
    pinned: Proof | None = None
    """Who its own device is."""
    replaced: list[Proof] = field(default_factory=list)

    def day(self, key: str) -> date | None:
        """Return one of its days on paper; None where the row says none, or none that can be read."""
        try:
            return date.fromisoformat(self.row[key]) if key in self.row else None
        except (TypeError, ValueError):
            return None

    @property
    def device(self) -> str:
        return str(self.row.get("device", self.camera))

    def in_service(self, today: date) -> bool:
        """Say whether it is listed, commissioned (where a day of that is known) and not retired."""
        commissioned, retired = self.day("commissioned"), self.day("retired")
        return (
            self.removed is None and not (commissioned and today < commissioned) and not (retired and retired <= today)
        )


Lives = dict[str, Life]


def lives(events: Iterable[tuple[int, Event]], known: Mapping[str, Rungs]) -> Lives:
    """Return the life of every camera that was ever listed, from numbered events in their order.

    ``known`` are the newest rungs of the cameras that are watched.
    """
    found: Lives = {}
    ever: set[str] = set()
    for seq, event in events:
        match event:
            case AssetEvent():
                ever.add(event.camera)
                _listed(found.setdefault(event.camera, Life(event.camera)), seq, event)
            case RungEvent():
                _seen(found.setdefault(event.camera, Life(event.camera)), seq, event)
            case DeviceEvent() if event.camera:
                _told(found.setdefault(event.camera, Life(event.camera)), seq, event)
    for camera, rungs in known.items():
        if camera in found:
            _stands(found[camera], rungs)
    return {camera: life for camera, life in found.items() if camera in ever}


def _listed(life: Life, seq: int, event: AssetEvent) -> None:
    proof = Proof(event.at, seq)
    if event.what == REMOVED:
        life.removed = proof
        return
    if event.what == ADDED:
        life.listed, life.removed = life.listed or proof, None
    before: Listed = life.row
    life.row = event.listed
    life.said = {
        key: life.said[key] if before.get(key) == event.listed[key] and key in life.said else proof
        for key in DAYS
        if key in event.listed
    }


def shows(event: RungEvent) -> bool:
    """Say whether an event shows that its camera answered: without one it was never seen."""
    return event.outcome is Outcome.OK and event.rung in (Rung.REACHABLE, Rung.MEDIA)


def _seen(life: Life, seq: int, event: RungEvent) -> None:
    proof = Proof(event.by, seq)
    if shows(event):
        life.seen = life.seen or proof
        if event.rung is Rung.MEDIA:
            life.live = life.live or proof
    if event.rung in (Rung.STREAM, Rung.MEDIA) and event.outcome is Outcome.FAIL and life.answers:
        life.looked = True
    if event.rung is Rung.REACHABLE:
        life.answers = _ANSWER.get(event.outcome)
        life.last_seen = max(life.last_seen, event.by if event.outcome is Outcome.OK else event.after)


_ANSWER: Mapping[Outcome, bool] = {Outcome.OK: True, Outcome.FAIL: False}


def _told(life: Life, seq: int, event: DeviceEvent) -> None:
    proof = Proof(event.at, seq, event.detail)
    if event.what == PINNED:
        life.pinned = proof
    elif event.what == REPLACED:
        life.replaced.append(proof)
        life.pinned = proof


def _stands(life: Life, rungs: Rungs) -> None:
    health = rungs[Rung.REACHABLE]
    life.answers = _ANSWER.get(health.outcome)
    life.last_seen = max(life.last_seen, health.last_ok)


def to_json(life: Life) -> dict[str, Any]:
    """Return a life as plain values; what the ledger does not know is left out."""
    plain: dict[str, Any] = {"camera": life.camera, "listed": _plain(life.listed), "removed": _plain(life.removed)}
    plain |= {key: {"day": life.row[key], "said_at": proof.at, "event": proof.seq} for key, proof in life.said.items()}
    plain |= {"first_seen": _plain(life.seen), "live": _plain(life.live), "pinned": _plain(life.pinned)}
    plain["last_seen"] = life.last_seen if life.last_seen > -inf else None
    plain["answers"] = life.answers
    plain["replaced"] = [_plain(proof) for proof in life.replaced] or None
    return {key: value for key, value in plain.items() if value is not None}


def _plain(proof: Proof | None) -> dict[str, Any] | None:
    if proof is None:
        return None
    at = proof.at if proof.at > -inf else None
    return {"at": at, "event": proof.seq} | ({"detail": proof.detail} if proof.detail else {})
