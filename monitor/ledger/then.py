"""How a camera stood at a moment of the past, as the ledger told it then; and whether anybody looked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from math import inf
from operator import itemgetter

from monitor.core.event import RungEvent
from monitor.core.health import NEVER_SEEN
from monitor.core.times import Clock
from monitor.ledger import because, causes, history, places
from monitor.ledger.plain import printable
from monitor.ledger.reader import Reader
from monitor.ledger.why import SILENT_S, explain, happened, recent


def why_then(camera: str, reader: Reader, at: float, now: float, zone: tzinfo | None = None) -> str | None:
    """Explain how a camera stood at a moment; None where the ledger never had it. Raises LedgerError."""
    restored = reader.restore()
    here = history.presence(reader, camera, at)
    if camera not in restored.cameras and here is None and history.presence(reader, camera, inf) is None:
        return None
    clock = Clock(now, zone)
    name = printable(camera)
    head = f"{name} at {clock.full(at)} {Clock(at, zone).zone_name} ({clock.ago(at)})"
    if here is not None and not here.had:
        return f"{head}: it was not in the inventory, which it had left at {clock.moment(here.since)}."
    first = reader.first_at()
    if first is None or at < first:
        return f"{head}: the ledger begins later, at {clock.moment(first if first is not None else inf)}."
    came = history.presence(reader, camera, inf) if here is None else None
    if came is not None and came.had and came.since > at:
        return f"{head}: it was not in the inventory yet; it came at {clock.moment(came.since)}."
    then = history.of_camera(reader, camera, at, restored.cameras.get(camera, NEVER_SEEN))
    events = recent(camera, reader, at)
    vantage = next((event.vantage for event in reversed(events) if isinstance(event, RungEvent)), "")
    mine = [then.causes[id_] for id_ in then.causes_of.get(camera, ())]
    told = because.told(mine, then.acknowledgements, causes.owners(restored.memory), Clock(at, zone))
    rungs, standing = then.cameras[camera], then.standings[camera]
    where = places.then(reader, restored.memory, at)
    plans = because.plans([camera], history.calendar(reader, at), where, Clock(at, zone))
    return "\n".join(
        [
            f"{head}, as the ledger tells it:",
            *_unseen(reader, vantage, at, clock),
            "",
            explain(camera, rungs, events, at, None, zone, standing, told, True, plans),
            *_later(camera, reader, at, clock),
        ]
    )


def _later(camera: str, reader: Reader, at: float, clock: Clock) -> list[str]:
    """Return what had happened by a moment and was confirmed only after it."""
    where = "camera = ? AND kind = 'rung' AND at > ? AND json_extract(body, '$.by') <= ?"
    rungs = reader.select(where, (camera, at, at))
    judged = history.judgements(reader, camera, inf)
    came = [(seq, event) for seq, event in judged if camera in event.joined and event.by <= at < event.at]
    events = [event for _, event in sorted((*rungs, *came), key=itemgetter(0))]
    return ["", *happened(camera, events, clock, "What had happened by then and was confirmed later")] if events else []


def _unseen(reader: Reader, vantage: str, at: float, clock: Clock) -> Iterator[str]:
    """Yield what nobody saw at a moment: in a gap that was noted later, or since nobody has looked at all."""
    gap = history.unseen(reader, vantage, at)
    if gap is not None:
        when = clock.within(gap.after, gap.by)
        yield f"Nobody saw it then: {printable(gap.why)}, {when}. What follows was known before."
    elif (looked_at := reader.looked_at(at)) is None or at - looked_at >= SILENT_S:
        last = f"since {clock.moment(looked_at)}" if looked_at is not None else "before"
        yield f"Nobody was looking then: no monitor had noted that it was {last}. What follows was known before."
