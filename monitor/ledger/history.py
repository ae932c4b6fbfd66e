"""The ledger asked about the past: what stood at a moment, and what became of a cause.

Cause events name their cameras in their bodies only. All of them are gone through by SQLite, which is quick (some 0.4 s
for 100,000); only those that matter are read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import inf
from operator import itemgetter
from typing import NamedTuple

from monitor.core.asset import Listed
from monitor.core.calendar import Calendar
from monitor.core.calendar_json import from_json
from monitor.core.diagnosis.cause import CLOSING, CauseEvent, effects
from monitor.core.event import AssetEvent, CalendarEvent, ConfigEvent, Event, Gap, RungEvent
from monitor.core.health import NEVER_SEEN, NOT_ASKED, UNSEEN, Rungs
from monitor.core.past import Past, past, remembered
from monitor.core.state import NOBODY_LOOKED, State, stand
from monitor.core.verdict import Outcome, Rung
from monitor.ledger.codec import dumps
from monitor.ledger.reader import Reader

#: The events about no camera, device or vantage, as their index has them.
_OF_ALL = "camera IS NULL AND device IS NULL AND vantage IS NULL"
_CAUSES = f"kind = 'cause' AND {_OF_ALL} AND at <= ?"
_ABOUT = f"kind IN ('cause', 'note') AND {_OF_ALL} AND at <= ? AND json_extract(body, '$.cause') IN "
_NAMED = f"(SELECT json_extract(body, '$.cause') FROM events WHERE {_CAUSES} AND instr(body, ?))"  # noqa: S608 - our own words
#: A cause whose newest event is no closing one is open.
_OPEN = (
    "(SELECT cause FROM (SELECT json_extract(body, '$.cause') AS cause, json_extract(body, '$.turn') AS turn, max(seq)"  # noqa: S608 - our own words
    f" FROM events WHERE {_CAUSES} GROUP BY cause) WHERE turn NOT IN ({', '.join(repr(str(t)) for t in CLOSING)}))"
)


#: A camera and one of its rungs.
Edge = tuple[str, Rung]


class Presence(NamedTuple):
    """Whether the inventory had a camera at a moment, and since when; -inf: since before the ledger says."""

    had: bool
    since: float


def presence(reader: Reader, camera: str, at: float) -> Presence | None:
    """Return whether the inventory of then had a camera; None where the ledger never says."""
    where = f"kind = 'config' AND {_OF_ALL} AND at <= ? AND instr(body, ?)"
    for _, event in reversed(reader.select(where, (at, dumps(camera)))):
        if isinstance(event, ConfigEvent) and camera in (*event.came, *event.left):
            return Presence(camera in event.came, event.at)
    return None


def of_camera(reader: Reader, camera: str, at: float, today: Rungs = NEVER_SEEN) -> Past:
    """Return how a camera stood at a moment, with the causes of then that it ever was a member of.

    ``today`` are its newest rungs, which say what it is never asked.
    """
    here = presence(reader, camera, at)
    since = here.since if here is not None else -inf
    rungs = reader.select("camera = ? AND kind = 'rung' AND at <= ? AND at > ?", (camera, at, since))
    causes = reader.select(_ABOUT + _NAMED, (at, at, dumps(camera)))
    events = (event for _, event in sorted((*rungs, *causes), key=itemgetter(0)))
    return past(events, {camera: unasked(today)}, {camera: NOBODY_LOOKED})


def judgements(reader: Reader, camera: str, at: float) -> list[tuple[int, CauseEvent]]:
    """Return the events until a moment by which a camera came to a cause or left it, with their numbers."""
    told = reader.select(f"{_CAUSES} AND instr(body, ?)", (at, dumps(camera)))
    named = ((seq, event) for seq, event in told if isinstance(event, CauseEvent))
    return [(seq, event) for seq, event in named if camera in event.joined or camera in event.left]


def states(reader: Reader, today: Mapping[str, Rungs], changed: Collection[Edge], at: float) -> dict[str, State]:
    """Return the states of cameras at a moment: their rungs are those of ``today`` but for those that changed since."""
    then = {camera: list(rungs) for camera, rungs in today.items()}
    where = "camera = ? AND kind = 'rung' AND json_extract(body, '$.rung') = ? AND at <= ?"
    for camera, rung in changed:
        if camera in then:
            before = reader.select(where, (camera, rung.label, at), newest=1)
            then[camera][rung] = next((remembered(one) for _, one in before if isinstance(one, RungEvent)), UNSEEN)
    causes = open_causes(reader, at)
    found = {}
    for camera, rungs in then.items():
        of_causes = effects(causes.causes[id_] for id_ in causes.causes_of.get(camera, ()))
        found[camera] = stand(NOBODY_LOOKED, NEVER_SEEN, tuple(rungs), at, of_causes).state
    return found


def unasked(rungs: Rungs) -> Rungs:
    """Return rungs of which nothing is known but that they are not asked."""
    return tuple(NOT_ASKED if health.outcome is Outcome.NA else UNSEEN for health in rungs)


def open_causes(reader: Reader, at: float) -> Past:
    """Return the causes that were open at a moment, and the acknowledgements that held."""
    return past((event for _, event in reader.select(_ABOUT + _OPEN, (at, at))), {}, {})


def rows(reader: Reader, at: float) -> dict[str, Listed] | None:
    """Return the rows of the inventory that was in force at a moment, by camera; None where the ledger has none yet."""
    newest = "seq IN (SELECT max(seq) FROM events WHERE kind = 'asset' AND at <= ? GROUP BY camera)"
    told = [event for _, event in reader.select(newest, (at,)) if isinstance(event, AssetEvent)]
    return {event.camera: event.listed for event in told if event.listed} if told else None


def calendar(reader: Reader, at: float) -> Calendar:
    """Return the calendar that was in force at a moment, as it was known then."""
    told = reader.select("kind = 'calendar' AND at <= ?", (at,))
    newest = {event.entry: event.planned for _, event in told if isinstance(event, CalendarEvent)}
    entries = {id_: entry for id_, planned in newest.items() if (entry := from_json(id_, planned))}
    return Calendar(entries)


def of_cause(reader: Reader, cause: str) -> list[Event]:
    """Return all that was written about a cause, oldest first, what split from it and what merged into it among it."""
    where = (
        f"kind IN ('cause', 'note') AND {_OF_ALL}"
        " AND (json_extract(body, '$.cause') = ? OR json_extract(body, '$.other') = ?)"
    )
    return [event for _, event in reader.select(where, (cause, cause))]


def unseen(reader: Reader, vantage: str, at: float) -> Gap | None:
    """Return the gap that a moment lies in for a vantage: nobody looked, or not all was recorded."""
    gaps = reader.select("kind = 'gap' AND camera IS NULL AND device IS NULL AND at >= ?", (at,))
    told = [event for _, event in gaps if isinstance(event, Gap) and event.vantage in ("", vantage)]
    found = [gap for gap in told if gap.after < at <= gap.by]
    return max(found, key=lambda gap: gap.by - gap.after, default=None)
