"""Causes as text for a person: those of a camera, and the life of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from monitor.core import planned
from monitor.core.acknowledgement import Acknowledgement, Acknowledgements, after
from monitor.core.calendar import Calendar
from monitor.core.counting import counted
from monitor.core.diagnosis.cause import CLOSING, CONFIDENCES, NATURES, OPENING, Cause, CauseEvent, Turn, fold
from monitor.core.diagnosis.naming import owner_of, short
from monitor.core.diagnosis.wording import rows_told
from monitor.core.event import Event, Note, NoteEvent
from monitor.core.model import Inventory
from monitor.core.times import Clock, duration
from monitor.ledger.plain import printable

#: So many cameras are named where there are more.
MOST_NAMED = 12
NOTHING_SAID = "Not acknowledged."


def told(causes: Iterable[Cause], known: Acknowledgements, owners: Mapping[str, str], clock: Clock) -> list[str]:
    """Return what is known of the causes of one camera."""
    lines: list[str] = []
    for cause in sorted(causes, key=lambda one: (one.onset[1], one.id)):
        lines += ["", *one(cause, known.get(cause.id), owners, clock)]
    return lines[1:]


def one(cause: Cause, note: Acknowledgement | None, owners: Mapping[str, str], clock: Clock) -> list[str]:
    """Return all that is known of an open cause."""
    repairs = owner_of(cause, None, owners)
    number = len(cause.members)
    cameras = "this camera alone" if number == 1 else counted(number, "camera")
    head = (
        f"  {printable(short(cause.kind, cause.scope))}: {cameras}, {clock.since(cause.after, cause.by)} [{cause.id}]"
    )
    sentences = [
        NATURES[cause.kind].meaning,
        *cause.evidence,
        f"Confidence: {cause.confidence} ({CONFIDENCES[cause.confidence]}).",
        *(f"Not {rival}" for rival in _sentences(cause.rivals)),
        *(f"The inventory seems wrong: {row}" for row in _sentences(cause.contradicted)),
        f"Who repairs it: {repairs}. {_note(note, clock) if note else NOTHING_SAID}",
    ]
    return [head, *(f"    {printable(sentence)}" for sentence in sentences)]


def plans(cameras: Iterable[str], calendar: Calendar, inventory: Inventory, clock: Clock) -> list[str]:
    """Return what is planned for cameras at the clock's moment, a line each; where it is for some, for how many."""
    known = [id_ for id_ in cameras if id_ in inventory.cameras]
    lines = []
    for active, number in planned.for_cameras(known, calendar, inventory, clock.now):
        some = "" if number == len(known) else f" for {number:,} of them"
        lines.append(f"  Planned{some}: {printable(planned.told(active, clock))}")
    return lines


def _sentences(texts: Sequence[str]) -> Iterator[str]:
    return (text if text.endswith(".") else f"{text}." for text in texts)


def _note(note: Acknowledgement, clock: Clock) -> str:
    owner = f", for {note.owner}" if note.owner else ""
    return f"Acknowledged by {note.who}{owner} until {clock.time(note.until)}: {note.why}"


def life(
    cause: str,
    events: Sequence[Event],
    owners: Mapping[str, str],
    clock: Clock,
    calendar: Calendar,
    inventory: Inventory,
) -> str:
    """Return the life of a cause, from all events about it: what happened in order, and how it stands or stood last."""
    last: Cause | None = None
    standing: dict[str, Cause] = {}
    lines: list[str] = []
    for event in events:
        before = standing.get(cause)
        if isinstance(event, CauseEvent) and event.cause == cause:
            fold(standing, event)
            last = standing.get(cause, last)
        lines += [f"  {clock.full(event.at)}  {line}" for line in _turn(cause, event, before, clock)]
    if last is None:
        return ""
    closing = next((one for one in reversed(events) if isinstance(one, CauseEvent) and one.cause == cause), None)
    over = closing is not None and closing.turn in CLOSING
    note = after({}, [event for event in events if isinstance(event, NoteEvent)]).get(cause)
    if over and closing is not None:
        lasted = duration(closing.at - last.onset[1])
        head = f"{printable(cause)} is over since {clock.moment(closing.at)}, after {lasted}."
    else:
        head = f"{printable(cause)} is open."
    return "\n".join(
        [
            head,
            "",
            "How it stood last:" if over else "How it stands:",
            *one(last, None if over else note, owners, clock),
            *_named("    Cameras: ", last.members),
            *([] if over else (f"  {line}" for line in plans(last.members, calendar, inventory, clock))),
            "",
            f"What happened (times in {clock.zone_name}):",
            *lines,
        ]
    )


def _turn(cause: str, event: Event, before: Cause | None, clock: Clock) -> Iterator[str]:
    """Yield what an event says of a cause, or of one that split from it or merged into it."""
    if isinstance(event, NoteEvent):
        yield _word(event, clock)
    elif isinstance(event, CauseEvent) and event.cause != cause:
        what = "split off" if event.turn is Turn.SPLIT else "merged into this one"
        number = len(event.joined or event.left)
        yield f"{event.cause} ({printable(short(event.kind, event.scope))}) {what}, with {counted(number, 'camera')}"
    elif isinstance(event, CauseEvent) and event.turn in OPENING:
        source = f", split from {event.other}" if event.turn is Turn.SPLIT else ""
        yield f"opened with {counted(len(event.joined), 'camera')}{source}. {_evidence(event)}".rstrip()
    elif isinstance(event, CauseEvent) and event.turn in CLOSING:
        into = f"merged into {event.other}" if event.turn is Turn.MERGED else "closed"
        yield f"{into}; its last {counted(len(event.left), 'camera')} left" if event.left else into
    elif isinstance(event, CauseEvent):
        news = [*_named("joined: ", event.joined), *_named("left: ", event.left)]
        if before is None or event.evidence != before.evidence:
            news.append(_evidence(event))
        news += map(printable, rows_told(before.contradicted if before else (), event.contradicted))
        if news:
            yield "; ".join(news)


def _evidence(event: CauseEvent) -> str:
    return " ".join(printable(sentence) for sentence in event.evidence)


def turn_of(camera: str, event: CauseEvent) -> str:
    """Return what an event says of one camera and a cause."""
    name = f"{printable(short(event.kind, event.scope))} [{event.cause}]"
    if camera in event.joined:
        return f"cause: {name}"
    if event.turn not in CLOSING:
        return f"no longer of this cause: {name}"
    return f"cause merged into {event.other}: {name}" if event.turn is Turn.MERGED else f"cause is over: {name}"


def _word(event: NoteEvent, clock: Clock) -> str:
    why = f": {event.why}" if event.why else ""
    match event.note:
        case Note.ACKNOWLEDGED:
            owner = f", for {event.owner}" if event.owner else ""
            return printable(f"acknowledged by {event.who}{owner} until {clock.time(event.until)}{why}")
        case Note.WITHDRAWN:
            return printable(f"the acknowledgement was withdrawn by {event.who}{why}")
        case Note.EXPIRED:
            return printable(f"the acknowledgement by {event.who} ran out")


def _named(word: str, cameras: Iterable[str]) -> list[str]:
    return [word + named(cameras)] if cameras else []


def named(cameras: Iterable[str], most: int = MOST_NAMED) -> str:
    """Return cameras by name; of many the first, and how many more."""
    names = [printable(name) for name in sorted(cameras)]
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
