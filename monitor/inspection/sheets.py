"""Tables of causes and the hand-over sheet, for a terminal."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from math import isfinite

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from monitor.core.acknowledgement import Acknowledgement
from monitor.core.counting import counted
from monitor.core.diagnosis.cause import Cause, Kind
from monitor.core.diagnosis.naming import OWN_LAYERS, is_shared, ordered, owner_of
from monitor.core.handover import Handover, Marks, Story
from monitor.core.planned import Work, mark
from monitor.core.times import Clock, duration, is_vague
from monitor.core.topology import Scope
from monitor.inspection.causes import Known
from monitor.ledger.because import named
from monitor.ledger.plain import printable

#: Causes on the sheet that are known for longest.
MOST_OLDEST = 20
COLUMNS = ("why", "what", "cameras", "since", "owner", "acknowledged", "id")


def causes_table(known: Known, everything: bool, clock: Clock) -> RenderableType:
    """Return the open causes: the shared ones, the others by kind or, with ``everything``, one by one."""
    causes = ordered(known.causes)
    if not causes:
        return Text("No cause is open.")
    held = {camera for cause in causes if is_shared(cause) for camera in cause.members}
    alone = [cause for cause in causes if not is_shared(cause)]
    head = (
        f"{counted(len(causes) - len(alone), 'shared cause')} of {counted(len(held), 'camera')};"
        f" {counted(len(alone), 'device')} with a cause of {'its' if len(alone) == 1 else 'their'} own."
    )
    return Group(Text(head), Text(), _table(_lines(causes, known, everything, clock)))


def _lines(causes: Iterable[Cause], known: Known, everything: bool, clock: Clock) -> Iterator[Sequence[str]]:
    kinds: dict[Kind, list[Cause]] = {}
    for cause in causes:
        if everything or is_shared(cause):
            yield _line(cause, known, clock)
        else:
            kinds.setdefault(cause.kind, []).append(cause)
    for kind, alike in sorted(kinds.items(), key=lambda one: (-len(one[1]), one[0])):
        yield _line(alike[0], known, clock) if len(alike) == 1 else _group(kind, alike, known, clock)


def _line(cause: Cause, known: Known, clock: Clock) -> Sequence[str]:
    note = known.acknowledgements.get(cause.id)
    return (
        str(cause.kind),
        _what(cause.scope, len(cause.members), known.marks.get(cause.id, ()), clock),
        f"{len(cause.members):,}",
        _since(cause, clock),
        printable(owner_of(cause, note, known.owners)),
        printable(f"until {clock.time(note.until)}, {note.who}: {note.why}") if note else "no",
        cause.id,
    )


def _what(scope: Scope, cameras: int, works: Iterable[Work], clock: Clock) -> str:
    """Return what failed, and what is planned for it."""
    marks = (mark(one.active.entry.kind.noun, one.active.end, one.cameras, cameras, clock) for one in works)
    return printable("; ".join([str(scope), *marks]))


def _many(causes: Collection[str], marks: Marks) -> str:
    """Return how many devices have a cause of their own, and for how many of them something is planned."""
    planned = sum(bool(marks.get(one)) for one in causes)
    return counted(len(causes), "device") + (f"; {planned:,} planned" if planned else "")


def _group(kind: Kind, causes: Sequence[Cause], known: Known, clock: Clock) -> Sequence[str]:
    cameras = {camera for cause in causes for camera in cause.members}
    noted = sum(cause.id in known.acknowledgements for cause in causes)
    oldest = min(causes, key=lambda cause: cause.onset[1])
    role = printable(owner_of(oldest, None, known.owners))
    said = "all" if noted == len(causes) else f"{noted:,} of {len(causes):,}" if noted else "no"
    what = _many([cause.id for cause in causes], known.marks)
    return str(kind), what, f"{len(cameras):,}", _since(oldest, clock), role, said, ""


def _since(cause: Cause, clock: Clock) -> str:
    """Return since when a cause is known, and for how long that is."""
    after, by = cause.onset
    return f"{_moment(after, by, clock)} ({duration(clock.now - by)})"


def _moment(after: float, by: float, clock: Clock) -> str:
    return ("before " if is_vague(after, by) else "") + clock.time(by)


def _table(lines: Iterable[Sequence[str]], columns: Sequence[str] = COLUMNS) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in columns:
        table.add_column(name, justify="right" if name == "cameras" else "left", overflow="fold", no_wrap=name == "id")
    for line in lines:
        table.add_row(*map(Text, line))
    return table


def handover_sheet(sheet: Handover, known: Known, clock: Clock) -> RenderableType:
    """Return the whole hand-over sheet."""
    shift = sheet.shift
    parts: list[RenderableType] = [
        Text(
            f"Hand-over at {clock.full(shift.at)} {clock.zone_name}, of what happened since {clock.time(shift.since)}"
            f" ({duration(shift.at - shift.since)})"
        )
    ]
    ages = (_line(cause, known, clock) for cause in sheet.oldest[:MOST_OLDEST])
    unanswered = ordered({cause.id: cause for cause in sheet.unanswered})
    more = len(sheet.oldest) - MOST_OLDEST
    sections: list[tuple[str, RenderableType | None]] = [
        (
            f"Cameras, net: how they stood at {clock.time(shift.since)}, and stand now",
            Text("\n".join(_net(sheet))),
        ),
        (f"New, and open ({len(sheet.opened):,})", _stories(sheet.opened, sheet.marks, clock)),
        (_over(sheet), _stories(sheet.ended, sheet.marks, clock)),
        (
            f"Not acknowledged ({len(unanswered):,})",
            _table(_lines(unanswered, known, False, clock)) if unanswered else None,
        ),
        (
            f"Acknowledgements that end before {clock.time(shift.ahead)} ({len(sheet.expiring):,})",
            Text("\n".join(_ending(note, clock) for note in sheet.expiring)) if sheet.expiring else None,
        ),
        (
            f"The inventory seems wrong ({len(sheet.contradicted):,})",
            Text("\n".join(f"{printable(one.row)} [{one.cause}]" for one in sheet.contradicted))
            if sheet.contradicted
            else None,
        ),
        (
            f"Planned until {clock.time(shift.ahead)} ({len(sheet.planned):,})",
            Text("\n".join(_work(one, clock) for one in sheet.planned)) if sheet.planned else None,
        ),
        (
            "Known for longest" + (f" (and {more:,} more)" if more > 0 else ""),
            _table(ages) if sheet.oldest else None,
        ),
    ]
    for title, content in sections:
        parts += [Text(), Text(title, style="bold"), content if content is not None else Text("nothing", style="dim")]
    return Group(*parts)


def _over(sheet: Handover) -> str:
    """Return the title of what is over, with how many causes only turned out to be another."""
    merged = f"; {len(sheet.merged):,} more merged into others" if sheet.merged else ""
    return f"Over ({len(sheet.ended):,}{merged})"


def _work(one: Work, clock: Clock) -> str:
    entry = one.active.entry
    when = f"{clock.time(one.active.start)} to {clock.time(one.active.end)}"
    return printable(f"{when}  {entry.kind.noun}, {counted(one.cameras, 'camera')}: {entry.reason} [{entry.id}]")


def _net(sheet: Handover) -> Iterator[str]:
    turns = (
        (sheet.down, "stopped"),
        (sheet.found, "found not working, stopped nobody knows when"),
        (sheet.up, "work again"),
        (sheet.unknown, "can no longer be judged"),
    )
    for cameras, what in turns:
        if cameras:
            yield f"{len(cameras):,} {what}: {named(cameras)}"
    if not any(cameras for cameras, _ in turns):
        yield "as at the beginning"


def _stories(stories: Sequence[Story], marks: Marks, clock: Clock) -> RenderableType | None:
    """Return causes of a shift: those that several devices share, and the others by kind."""
    if not stories:
        return None
    alone: dict[Kind, list[Story]] = {}
    lines: list[Sequence[str]] = []
    for story in stories:
        if story.scope.layer in OWN_LAYERS:
            alone.setdefault(story.kind, []).append(story)
        else:
            lines.append(_story(story, marks, clock))
    for kind, alike in alone.items():
        cameras = {camera for story in alike for camera in story.cameras}
        what = _many([story.cause for story in alike], marks)
        many = str(kind), what, f"{len(cameras):,}", *_span(alike, clock), ""
        lines.append(_story(alike[0], marks, clock) if len(alike) == 1 else many)
    return _table(lines, ("why", "what", "cameras", "since", "until", "id"))


def _story(story: Story, marks: Marks, clock: Clock) -> Sequence[str]:
    cameras = len(story.cameras)
    what = _what(story.scope, cameras, marks.get(story.cause, ()), clock)
    return str(story.kind), what, f"{cameras:,}", _moment(story.after, story.by, clock), _end(story, clock), story.cause


def _span(alike: Sequence[Story], clock: Clock) -> tuple[str, str]:
    """Return since when the first of these causes is known, and when the last one ended."""
    first, last = min(alike, key=lambda story: story.by), max(alike, key=lambda story: story.ended)
    ended = clock.time(last.ended) if isfinite(last.ended) else "open"
    return _moment(first.after, first.by, clock), ended


def _end(story: Story, clock: Clock) -> str:
    if not isfinite(story.ended):
        return "open"
    return f"{clock.time(story.ended)} ({duration(story.ended - story.by)})"


def _ending(note: Acknowledgement, clock: Clock) -> str:
    return printable(f"{clock.time(note.until)}  {note.cause}, by {note.who}: {note.why}")
