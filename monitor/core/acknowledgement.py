"""Acknowledgements: a person knows of a cause and answers for it. It stays open and shown; it only does not page.

Rules:
1. Each has a reason and an end, 90 days away at most: nothing is muted for ever.
2. It ends with its cause, whether that closes or merges into another. What splits from a cause, and what it merges
   into, is not acknowledged by that: nobody has said a word about it yet.
3. A later one about the same cause takes the place of the one before.
4. Its end by time is an event; the events alone give the same acknowledgements again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from monitor.core.diagnosis.cause import CLOSING, Cause, CauseEvent
from monitor.core.event import Event, Note, NoteEvent

LONGEST_DAYS = 90
LONGEST_S = LONGEST_DAYS * 86400.0
MOST_CHARACTERS = 200
#: Control and direction characters, and halves of a pair: they make a line read as another, or as none.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\ud800-\udfff\u2028-\u202e\u2066-\u2069]")


class Acknowledgement(NamedTuple):
    """Who said when that a cause is known, why that is so, whose it is, and until when that holds."""

    cause: str
    at: float
    who: str
    owner: str
    """Whose it is; "": as the kind of the cause says."""
    why: str
    until: float


Acknowledgements = Mapping[str, Acknowledgement]


class NotAcknowledged(Exception):
    """A word about a cause that cannot be taken; the text says why."""


class NotOpen(NotAcknowledged):
    """There is no such open cause: it may have ended, or merged into another."""


def acknowledged(
    causes: Mapping[str, Cause], cause: str, who: str, owner: str, why: str, until: float, at: float
) -> NoteEvent:
    """Return the event of a cause that is acknowledged. Raises NotAcknowledged."""
    if cause not in causes:
        raise NotOpen(f"No cause {cause[:MOST_CHARACTERS]!r} is open.")
    if not line(why):
        raise NotAcknowledged("An acknowledgement needs a reason.")
    if not until > at:
        raise NotAcknowledged("An acknowledgement has to end later than now.")
    if not until <= at + LONGEST_S:
        raise NotAcknowledged(f"An acknowledgement ends after {LONGEST_DAYS} days at the latest.")
    return NoteEvent(at, cause, Note.ACKNOWLEDGED, line(who), line(owner), line(why), until)


def withdrawn(known: Acknowledgements, cause: str, who: str, why: str, at: float) -> NoteEvent:
    """Return the event of an acknowledgement that a person takes back. Raises NotAcknowledged."""
    if cause not in known:
        raise NotAcknowledged(f"No acknowledgement of {cause[:MOST_CHARACTERS]!r} holds.")
    before = known[cause]
    return NoteEvent(at, cause, Note.WITHDRAWN, line(who), before.owner, line(why), before.until)


def expired(known: Acknowledgements, now: float) -> list[NoteEvent]:
    """Return the events of those whose time is over."""
    return [
        NoteEvent(now, one.cause, Note.EXPIRED, one.who, one.owner, one.why, one.until)
        for one in sorted(known.values())
        if one.until <= now
    ]


def after(known: Acknowledgements, events: Iterable[Event]) -> Acknowledgements:
    """Return what holds after these events; the same mapping where they change nothing."""
    following = dict(known)
    for event in events:
        if isinstance(event, CauseEvent) and event.turn in CLOSING:
            following.pop(event.cause, None)
        elif isinstance(event, NoteEvent) and event.note is Note.ACKNOWLEDGED:
            following[event.cause] = of_event(event)
        elif isinstance(event, NoteEvent):
            following.pop(event.cause, None)
    return known if following == known else following


def of_event(event: NoteEvent) -> Acknowledgement:
    return Acknowledgement(event.cause, event.at, event.who, event.owner, event.why, event.until)


def retold(one: Acknowledgement) -> NoteEvent:
    """Return the event that gives an acknowledgement."""
    return NoteEvent(one.at, one.cause, Note.ACKNOWLEDGED, one.who, one.owner, one.why, one.until)


def line(text: str) -> str:
    """Return a person's text as one line, bounded, without what makes it read as another."""
    return " ".join(_UNFIT.sub(" ", text).split())[:MOST_CHARACTERS]
