"""What the monitor says in its log and writes as events of its own, in words."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from monitor.core.event import ConfigEvent, DeviceEvent, Event
from monitor.core.health import CONFIRMATIONS
from monitor.core.limits import ClearedAlready
from monitor.core.model import Inventory
from monitor.core.schedule import Rates, phase
from monitor.core.snapshot import Snapshot
from monitor.core.state import State
from monitor.core.times import Clock
from monitor.core.verdict import REASONS, Reason, Rung
from monitor.inventory import Changes
from monitor.probes.base import Clocks, Result

log = logging.getLogger("camfleet")

#: What is logged of a camera that came into a state.
NEWS = {
    State.UP: "works",
    State.DEGRADED: "works, with a fault",
    State.UNREACHABLE: "is cut off",
    State.DOWN: "does not work",
    State.UNKNOWN: "cannot be judged",
}


def refusals(result: Result) -> list[Event]:
    """Return the event of a login that a device refused, if this probe showed one."""
    if not result.refused:
        return []
    verdict = result.verdict
    refusing = (Reason.CREDENTIALS, Reason.BUSY)
    detail = next((finding.detail for finding in verdict.findings if finding.reason in refusing), "")
    return [DeviceEvent(verdict.at, verdict.device, "login refused", detail)]


def lock_cleared(at: float, device: str) -> DeviceEvent:
    """Return the event of an operator who lets logins be tried again."""
    return DeviceEvent(at, device, "login lock cleared", "an operator lets a login be tried again")


def cleared_already(already: ClearedAlready, clocks: Clocks) -> str:
    """Return in two sentences why a login lock is not cleared, and when it can be."""
    clock = Clock(clocks.wall())
    before, at = (clock.moment(moment + clocks.set_s) for moment in (already.cleared_at, already.at))
    return (
        f"Its login lock was cleared at {before} already, and the login was refused again. So that no account is"
        f" locked, it can be cleared once an hour, next at {at}. Another password in the inventory is tried at once."
    )


def first_verdicts_s(devices: Iterable[str], rates: Rates) -> tuple[float, float]:
    """Return when the first camera is judged after the start, and when all are: a fault takes three looks."""
    contacts = [phase(id_, rates.spread_s) for id_ in devices]
    rule = CONFIRMATIONS[Rung.REACHABLE]
    looks_s = rule.failures * (rule.spacing_s + rates.deadlines.reply_s)
    return min(contacts, default=0.0) + rates.deadlines.reply_s, max(contacts, default=0.0) + looks_s


def tell_changes(snapshot: Snapshot) -> None:
    """Log the cameras that came into another state with this snapshot; a first look that finds all well is no news."""
    for change in snapshot.changes:
        if change.at != snapshot.at:
            return
        state, reason = change.now.state, change.now.reason
        if change.before is State.UNKNOWN and state is State.UP:
            continue
        why = f": {REASONS[reason].title}" if reason else ""
        level = logging.WARNING if state.working is False else logging.INFO
        log.log(level, "%s %s%s", change.camera, NEWS[state], why)


def config_event(inventory: Inventory, changes: Changes, known: Iterable[str], clocks: Clocks) -> ConfigEvent:
    """Return the event of an inventory that comes into force; ``known`` are the cameras until then."""
    counts = (len(changes.started), len(changes.stopped), len(changes.changed))
    before, now = set(known), set(inventory.cameras)
    came, left = tuple(sorted(now - before)), tuple(sorted(before - now))
    return ConfigEvent(clocks.wall(), inventory.digest, *counts, came, left)


def canaries_of(inventory: Inventory) -> str:
    """Return the canaries of an inventory by name, to be put behind a sentence; nothing where it has none."""
    return f"; canaries: {', '.join(one.id for one in inventory.canaries)}" if inventory.canaries else ""
