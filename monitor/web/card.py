"""One camera, told to a person: its state and what to do, its rungs, what it shares, what was last found. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite
from operator import itemgetter
from typing import Any

from monitor.core.fleet import DeviceRecord, Rungs
from monitor.core.health import CONFIRMATIONS, RungHealth, is_of_before
from monitor.core.model import Camera, Inventory
from monitor.core.snapshot import Snapshot
from monitor.core.verdict import IMPLIES, QUESTIONS, REASONS, Finding, Outcome, Reason, Rung, Verdict, advise
from monitor.probes.transcript import Conversation
from monitor.web.board import Json
from monitor.web.cause_board import line
from monitor.web.listing import row
from monitor.web.words import stamp

#: Neighbours of a site that are listed one by one.
MOST_NEIGHBOURS = 24
#: Messages of a conversation that are shown, and characters of a text that a camera sent.
MOST_MESSAGES = 40
MOST_TEXT = 300


def card(snapshot: Snapshot, id_: str) -> Json:
    """Return everything that is known of a camera, as plain values."""
    inventory = snapshot.inventory
    camera = inventory.cameras[id_]
    device = inventory.devices[camera.device]
    record = snapshot.fleet.devices.get(device.id, DeviceRecord())
    listed = row(snapshot, id_)
    return {
        **listed.as_json(),
        "advice": advice(listed.view.reason, listed.view.rung, listed.view.is_back),
        "channel": camera.channel,
        "device": device.id,
        "make": device.make,
        "vantage": device.vantage,
        "probes": list(device.probes),
        "ports": {probe: device.port(probe) for probe in device.probes},
        "rungs": rungs(snapshot.fleet.cameras[id_]),
        "measurements": measurements(record.measurements, camera.channel),
        "last_check": stamp(listed.view.last_probe),
        "last_answer": stamp(listed.view.last_answer),
        "last_probe": {probe: stamp(at) for probe, at in sorted(record.last_probe.items())},
        "requests": record.requests,
        "causes": causes(snapshot, id_),
        "shares": shares(snapshot, camera),
        "neighbours": neighbours(snapshot, camera),
    }


def advice(reason: Reason | None, rung: Rung | None = None, is_back: bool = False) -> Json | None:
    """Return a reason in plain words, with what to do; ``rung`` where the device itself can be reached, ``is_back``
    where it answers again and the reason is of before.
    """
    if reason is None:
        return None
    told = advise(reason, rung, is_back)
    return {"title": told.title, "meaning": told.meaning, "action": told.action, "ours": told.ours}


def rungs(healths: Rungs) -> list[Json]:
    """Return the questions about a camera with their answers."""
    alive = healths[Rung.REACHABLE].outcome is not Outcome.FAIL
    network = healths[Rung.REACHABLE]
    return [
        _rung(rung, health, alive, _source(rung, healths), is_of_before(health, network))
        for rung, health in zip(Rung, healths, strict=True)
    ]


def _source(rung: Rung, healths: Rungs) -> Rung | None:
    """Return the rung whose failure is what is said of this one."""
    causes = (cause for cause, implied in IMPLIES.items() if rung in implied)
    return next((cause for cause in causes if healths[cause].outcome is Outcome.FAIL), None)


def _rung(rung: Rung, health: RungHealth, alive: bool, source: Rung | None, is_back: bool) -> Json:
    return {
        "rung": rung.label,
        "question": QUESTIONS[rung],
        "outcome": health.outcome.label,
        "reason": health.reason.value if health.reason else None,
        "advice": advice(health.reason, rung if alive else None, is_back),
        "detail": _text(health.detail),
        "follows": source.label if source is not None and health.outcome is Outcome.FAIL else None,
        "after": stamp(health.after),
        "by": stamp(health.by),
        "last_ok": stamp(health.last_ok),
        "last_fail": stamp(health.last_fail),
        "checking": _checking(rung, health),
    }


def _checking(rung: Rung, health: RungHealth) -> str:
    """Return how far a change is on its way to being confirmed, or nothing."""
    if not health.pending:
        return ""
    rule = CONFIRMATIONS[rung]
    if health.outcome is Outcome.FAIL:
        return f"answered {health.successes} of {rule.successes} times"
    return f"failed {health.failures} of {rule.failures} times"


def measurements(found: Mapping[str, float | str], channel: int) -> Json:
    """Return a camera's measurements as JSON can carry them: its device's and its own channel's, texts cut."""
    own = sorted(((_own(name, channel), value) for name, value in found.items()), key=itemgetter(0))
    return {
        name: _text(value) if isinstance(value, str) else value
        for name, value in own
        if name and (isinstance(value, str) or isfinite(value))
    }


def _own(name: str, channel: int) -> str:
    """Return a measurement's name without its channel; nothing where it is another channel's."""
    _, *of = name.split("_", 2) if name.startswith("channel_") else (name,)
    if len(of) < 2 or not of[0].isdigit():
        return name
    return of[1] if of[0] == str(channel) else ""


def _text(value: str) -> str:
    return value if len(value) <= MOST_TEXT else f"{value[:MOST_TEXT]}…"


def causes(snapshot: Snapshot, id_: str) -> list[Json]:
    """Return the open causes of a camera, those that hold most cameras first."""
    found = [snapshot.causes[one] for one in snapshot.fleet.causes_of.get(id_, ())]
    return [line(snapshot, cause) for cause in sorted(found, key=lambda cause: (-len(cause.members), cause.id))]


def shares(snapshot: Snapshot, camera: Camera) -> list[Json]:
    """Return what the camera shares with others (its site, uplinks and feeder), and how those others fare."""
    site = snapshot.inventory.sites.get(camera.site)
    if site is None:
        return []
    groups = [("site", site.id, site.name), *(("uplink", uplink, uplink) for uplink in site.uplinks)]
    if site.feeder:
        groups.append(("feeder", site.feeder, site.feeder))
    return [_share(snapshot, kind, id_, name) for kind, id_, name in groups]


def _share(snapshot: Snapshot, kind: str, id_: str, name: str) -> Json:
    members = list(_members(snapshot.inventory, kind, id_))
    dead = sum(snapshot.views[member].state.working is False for member in members)
    return {"kind": kind, "id": id_, "name": name, "cameras": len(members), "not_working": dead}


def _members(inventory: Inventory, kind: str, id_: str) -> Iterable[str]:
    sites = {
        site.id
        for site in inventory.sites.values()
        if (id_ == site.id and kind == "site")
        or (id_ in site.uplinks and kind == "uplink")
        or (id_ == site.feeder and kind == "feeder")
    }
    return (camera.id for camera in inventory.cameras.values() if camera.site in sites)


def neighbours(snapshot: Snapshot, camera: Camera) -> list[Json]:
    """Return the other cameras of the site."""
    if not camera.site:
        return []
    others = [id_ for id_ in _members(snapshot.inventory, "site", camera.site) if id_ != camera.id]
    return [row(snapshot, id_).as_json() for id_ in others[:MOST_NEIGHBOURS]]


def conversations(kept: Iterable[Conversation], camera: str, with_messages: bool) -> list[Json]:
    """Return what was last found about a camera, and what was said on the wire to find it (secrets removed)."""
    told = [_conversation(talk, camera, with_messages) for talk in kept]
    return sorted(told, key=lambda talk: talk["at"] or "", reverse=True)


def _conversation(talk: Conversation, camera: str, with_messages: bool) -> Json:
    verdict = talk.verdict
    shown = talk.messages[:MOST_MESSAGES] if with_messages else ()
    return {
        **_verdict(verdict, camera),
        "messages": [{"after_s": round(m.after_s, 3), "sent": m.sent, "text": m.text()} for m in shown],
        "left_out": len(talk.messages) - len(shown),
    }


def _verdict(verdict: Verdict, camera: str) -> Json:
    findings = [finding for finding in verdict.findings if finding.camera in ("", camera)]
    return {
        "at": stamp(verdict.at),
        "probe": verdict.probe,
        "vantage": verdict.vantage,
        "duration_s": round(verdict.duration_s, 3),
        "requests": verdict.requests,
        "findings": [_finding(finding) for finding in findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rung": finding.rung.label,
        "outcome": finding.outcome.label,
        "reason": finding.reason.value if finding.reason else None,
        "title": REASONS[finding.reason].title if finding.reason else "",
        "detail": _text(finding.detail),
    }
