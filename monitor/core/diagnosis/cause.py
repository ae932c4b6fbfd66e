"""Causes and their events: why a set of cameras is not well, since when, and how that is known.

Rules:
1. A cause is what its events say: folding them gives the same causes again. A revision is a later event.
2. The id of a cause comes from its kind, its scope and its onset, and stays. While a cause is open, no other one is
   open for the same kind and scope.
3. Evidence and rivals are sentences for a person; moments stand beside them, never in them.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import blake2b
from math import inf
from typing import NamedTuple

from monitor.core.state import Effects, State
from monitor.core.topology import Scope


class Kind(StrEnum):
    BLIND = "monitor blind"
    POWER = "power"
    UPLINK = "uplink"
    SITE = "site"
    PROVIDER = "provider switch-off"
    FIRMWARE = "firmware"
    DEAD = "device dead"
    IDENTITY = "identity"
    CREDENTIALS = "credentials"
    HUNG = "device hung"
    STREAM = "stream"
    NO_VIDEO = "no video"
    BUSY = "busy"
    FLAPPING = "flapping"
    CLOCK = "clock"
    STORAGE = "storage"
    SERVICE_OFF = "service off"
    VITALS = "vital sign"
    UNDETERMINED = "undetermined"

    def __str__(self) -> str:
        return self.value


class Nature(NamedTuple):
    """What a kind of cause means: a sentence, who repairs it, and what it makes of its members' states."""

    meaning: str
    owner: str
    effect: State | None = None
    """The state that it gives its members beside what their rungs call for (``state.stand``)."""


NATURES: Mapping[Kind, Nature] = {
    Kind.BLIND: Nature(
        "The monitor itself could not look: this says nothing about the cameras.", "monitoring", State.UNKNOWN
    ),
    Kind.POWER: Nature("The power of these sites is out.", "power", State.UNREACHABLE),
    Kind.UPLINK: Nature("The line or switch port that carries these cameras is out.", "network", State.UNREACHABLE),
    Kind.SITE: Nature(
        "Everything at this site is out: its power, its switch or its last piece of line.",
        "field",
        State.UNREACHABLE,
    ),
    Kind.PROVIDER: Nature("The cameras of one contract stopped together while the network works.", "contracts"),
    Kind.FIRMWARE: Nature("Cameras of one model fail since they run this firmware.", "maintenance"),
    Kind.DEAD: Nature("This device alone is silent: it, its cable or its switch port is broken.", "field"),
    Kind.IDENTITY: Nature("Another device answers at this address.", "inventory"),
    Kind.CREDENTIALS: Nature("Our login is refused.", "accounts"),
    Kind.HUNG: Nature("The device takes connections and answers nothing.", "field"),
    Kind.STREAM: Nature("The device answers, but offers no stream.", "maintenance"),
    Kind.NO_VIDEO: Nature("The device agrees to play and sends no video.", "field"),
    Kind.BUSY: Nature("Others hold the device's sessions: its state is unknown.", "maintenance"),
    Kind.FLAPPING: Nature("The device comes and goes.", "field", State.DEGRADED),
    Kind.CLOCK: Nature("The device's clock is wrong.", "maintenance"),
    Kind.STORAGE: Nature("The device's own storage has failed.", "field"),
    Kind.SERVICE_OFF: Nature("One service of the device is off; the rest works.", "maintenance"),
    Kind.VITALS: Nature("The device reports a part that is failing.", "field"),
    Kind.UNDETERMINED: Nature("It fails, and nothing says why.", "maintenance"),
}

#: Who may have to repair something; the inventory says which party that is.
ROLES: tuple[str, ...] = tuple(sorted({nature.owner for nature in NATURES.values()}))


class Confidence(StrEnum):
    """How sure a cause is, by what it stands on."""

    SEEN = "seen"
    FIRM = "firm"
    LIKELY = "likely"
    WEAK = "weak"

    def __str__(self) -> str:
        return self.value


CONFIDENCES: Mapping[Confidence, str] = {
    Confidence.SEEN: (
        "what failed was seen itself: a silent switch, a port without link or power, a UPS on battery, one device"
    ),
    Confidence.FIRM: (
        "five or more devices failed within one interval that we saw, none there goes on, and nothing of another kind"
        " explains as much"
    ),
    Confidence.LIKELY: ("most of what is there failed; the evidence says what keeps it from being firm"),
    Confidence.WEAK: "failed before our first look: only the structure speaks for it",
}


class Turn(StrEnum):
    """What a cause event says happened to a cause. ``SPLIT`` opens one with members that another held until now."""

    OPENED = "opened"
    SPLIT = "split"
    CHANGED = "changed"
    MERGED = "merged"
    CLOSED = "closed"

    def __str__(self) -> str:
        return self.value


OPENING = (Turn.OPENED, Turn.SPLIT)
CLOSING = (Turn.MERGED, Turn.CLOSED)


class CauseEvent(NamedTuple):
    """A judgement: a cause opened, its members changed, it merged into ``other``, split from ``other``, or closed.

    ``evidence``, ``confidence``, ``rivals`` and ``contradicted`` replace those before; a closing repeats none. The
    onset is the same in all events of a cause, until a clock that is set back brings it back.
    """

    at: float
    cause: str
    turn: Turn
    kind: Kind
    scope: Scope
    after: float
    by: float
    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    other: str = ""
    evidence: tuple[str, ...] = ()
    confidence: Confidence = Confidence.LIKELY
    rivals: tuple[str, ...] = ()
    contradicted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cause:
    """Why its members are not well; it began within (``after``, ``by``]. Members are camera ids."""

    id: str
    kind: Kind
    scope: Scope
    after: float
    by: float
    opened: float
    members: frozenset[str]
    left: frozenset[str] = frozenset()
    """Cameras that were members and are well, or have another cause, since."""
    evidence: tuple[str, ...] = ()
    confidence: Confidence = Confidence.LIKELY
    rivals: tuple[str, ...] = ()
    """What else could have been, each with the reason why it was not."""
    contradicted: tuple[str, ...] = ()
    """Rows of the inventory that what was seen contradicts."""
    split_from: str = ""

    @property
    def owner(self) -> str:
        return NATURES[self.kind].owner

    @property
    def onset(self) -> tuple[float, float]:
        """The interval in which it began; of what was never seen to begin, until it was judged."""
        return self.after, self.by if self.by > -inf else self.opened

    @property
    def holds(self) -> bool:
        """Whether its members are unreachable rather than down."""
        return NATURES[self.kind].effect is State.UNREACHABLE


Causes = Mapping[str, Cause]


def cause_id(kind: Kind, scope: Scope, by: float) -> str:
    """Return the id of a cause: short, the same wherever it is computed."""
    digest = blake2b(f"{kind}|{scope.layer}|{scope.name}|{by!r}".encode(), digest_size=5).hexdigest()
    return f"{kind.value.split()[-1]}-{digest}"


def fold(causes: dict[str, Cause], event: CauseEvent) -> None:
    """Take an event into the causes that are open. One that belongs to no open cause changes nothing."""
    if event.turn in CLOSING:
        causes.pop(event.cause, None)
        return
    if event.turn in OPENING:
        split_from = event.other if event.turn is Turn.SPLIT else ""
        nobody: frozenset[str] = frozenset()
        before = Cause(
            event.cause, event.kind, event.scope, event.after, event.by, event.at, nobody, split_from=split_from
        )
    elif event.cause in causes:
        before = causes[event.cause]
    else:
        return
    causes[event.cause] = replace(
        before,
        after=event.after,
        by=event.by,
        opened=min(before.opened, event.at),  # a later event is earlier where the clock was set back
        members=(before.members | frozenset(event.joined)) - frozenset(event.left),
        left=(before.left | frozenset(event.left)) - frozenset(event.joined),
        evidence=event.evidence,
        confidence=event.confidence,
        rivals=event.rivals,
        contradicted=event.contradicted,
    )


def combined(old: CauseEvent, new: CauseEvent) -> CauseEvent:
    """Return one event that leaves a cause as these two do, one after the other."""
    if old.turn in CLOSING or new.turn in OPENING:
        return new
    opening = new.turn is Turn.CHANGED and old.turn in OPENING
    return new._replace(
        at=min(old.at, new.at) if opening else new.at,
        turn=old.turn if opening else new.turn,
        joined=() if new.turn in CLOSING else tuple(sorted({*old.joined, *new.joined} - {*new.left})),
        left=tuple(sorted({*old.left, *new.left} - {*new.joined})),
        other=old.other if opening else new.other,
    )


def retold(cause: Cause) -> CauseEvent:
    """Return one event that alone gives a cause as it stands."""
    turn = Turn.SPLIT if cause.split_from else Turn.OPENED
    return CauseEvent(
        cause.opened, cause.id, turn, cause.kind, cause.scope, cause.after, cause.by,
        tuple(sorted(cause.members)), tuple(sorted(cause.left)), cause.split_from,
        cause.evidence, cause.confidence, cause.rivals, cause.contradicted,
    )  # fmt: skip


def departed(cause: Cause, cameras: Container[str], at: float) -> CauseEvent | None:
    """Return the event by which the members that are none of these cameras any more leave a cause; None: all are."""
    gone = tuple(sorted(id_ for id_ in cause.members if id_ not in cameras))
    if not gone:
        return None
    return retold(cause)._replace(at=at, turn=Turn.CHANGED, joined=(), left=gone, other="")


def replay(events: Iterable[CauseEvent]) -> dict[str, Cause]:
    """Return the causes that these events left open."""
    causes: dict[str, Cause] = {}
    for event in events:
        fold(causes, event)
    return causes


def held(causes: Iterable[Cause]) -> frozenset[str]:
    """Return the cameras that something above them holds: unreachable, where their working rung fails."""
    return frozenset().union(*(cause.members for cause in causes if cause.holds))


def effects(causes: Iterable[Cause]) -> Effects:
    """Return what the causes of one camera make of its state, each with the interval within which that began."""
    found: dict[State, tuple[float, float]] = {}
    for cause in causes:
        effect = NATURES[cause.kind].effect
        if effect is not None:
            found[effect] = min(found.get(effect, (cause.after, cause.by)), (cause.after, cause.by))
    return found
