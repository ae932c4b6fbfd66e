"""What the wallboard says about one snapshot: counts, zones by share not working, reasons, the newest changes. Pure.

Everything here is made of plain values that JSON knows, so that the page that the server renders, the events that keep
it fresh and the JSON interface say the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from monitor.core.model import Inventory
from monitor.core.snapshot import Change, Snapshot
from monitor.core.state import State
from monitor.core.verdict import REASONS, Reason

Json = dict[str, Any]

#: How many lines of news a board carries, and how far apart changes of one line may be.
NEWS_LINES = 24
NEWS_SPAN_S = 60.0


#: What the board says before anything is known.
NOTHING: Json = {
    "counts": {
        "cameras": 0,
        "not_working": 0,
        "judged": 0,
        "states": dict.fromkeys((state.value for state in State), 0),
    },
    "zones": [],
    "reasons": [],
    "faults": [],
    "news": [],
}


def sections(snapshot: Snapshot) -> Json:
    """Return the parts of the board by name; a part that did not change compares equal to what it was."""
    return {
        "counts": counts(snapshot),
        "zones": zones(snapshot),
        "reasons": reasons(snapshot),
        "faults": faults(snapshot),
        "news": news(snapshot.changes, snapshot.inventory),
    }


def counts(snapshot: Snapshot) -> Json:
    """Return the fleet counted by state; ``judged`` are all but those whose first checks have not come to an end."""
    states = _by_state(snapshot.states)
    cameras = sum(states.values())
    judged = cameras - snapshot.unjudged
    return {"cameras": cameras, "not_working": snapshot.not_working, "judged": judged, "states": states}


def _by_state(states: Mapping[tuple[str, State], int], zone: str | None = None) -> dict[str, int]:
    tally = dict.fromkeys((state.value for state in State), 0)
    for (of, state), number in states.items():
        if zone in (None, of):
            tally[state.value] += number
    return tally


def zones(snapshot: Snapshot) -> list[Json]:
    """Return the zones that have cameras, the largest share not working first."""
    tallies: dict[str, dict[str, int]] = {}
    for (zone, state), number in snapshot.states.items():
        tallies.setdefault(zone, dict.fromkeys((s.value for s in State), 0))[state.value] += number
    lines = [_zone(snapshot.inventory, zone, tally) for zone, tally in tallies.items() if any(tally.values())]
    return sorted(lines, key=lambda line: (-line["not_working"] / line["cameras"], -line["cameras"], line["name"]))


def _zone(inventory: Inventory, zone: str, tally: dict[str, int]) -> Json:
    return {
        "id": zone,
        "name": inventory.zones.get(zone, zone),
        "cameras": sum(tally.values()),
        "not_working": tally[State.DOWN] + tally[State.UNREACHABLE],
        "states": tally,
    }


def reasons(snapshot: Snapshot) -> list[Json]:
    """Return why cameras do not work, the most frequent reason first."""
    tally: Counter[Reason] = Counter()
    for (_, reason), number in snapshot.reasons.items():
        tally[reason] += number
    return _ranked(tally)


def faults(snapshot: Snapshot) -> list[Json]:
    """Return what is wrong with cameras that work, the most frequent first."""
    return _ranked(snapshot.faults)


def _ranked(tally: Mapping[Reason, int]) -> list[Json]:
    ranked = sorted(tally.items(), key=lambda item: (-item[1], item[0].value))
    return [{"reason": reason.value, "title": REASONS[reason].title, "cameras": n} for reason, n in ranked if n]


def news(changes: Sequence[Change], inventory: Inventory, most: int = NEWS_LINES) -> list[Json]:
    """Return the newest changes, newest first; like changes of one zone within a minute are one line."""
    lines: list[Json] = []
    open_lines: dict[tuple[str, State, State, Reason | None], Json] = {}
    for change in changes:
        camera = inventory.cameras.get(change.camera)
        if camera is None:
            continue
        key = (camera.zone, change.before, change.now.state, change.now.reason)
        line = open_lines.get(key)
        if line is not None and line["at"] - change.at <= NEWS_SPAN_S:
            line["cameras"] += 1
        elif len(lines) < most:
            open_lines[key] = line = _news(change, inventory)
            lines.append(line)
        else:
            break
    return lines


def _news(change: Change, inventory: Inventory) -> Json:
    camera = inventory.cameras[change.camera]
    return {
        "at": change.at,
        "camera": camera.id,
        "name": camera.name,
        "zone": camera.zone,
        "zone_name": inventory.zones.get(camera.zone, camera.zone),
        "cameras": 1,
        "before": change.before.value,
        "now": change.now.state.value,
        "reason": change.now.reason.value if change.now.reason else None,
        "title": REASONS[change.now.reason].title if change.now.reason else "",
    }


def changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> Json:
    """Return the parts that are not what they were."""
    return {name: part for name, part in now.items() if before.get(name) != part}
