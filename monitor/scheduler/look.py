"""A person's look at one camera while it is under way: what happens is told as plain values, to any number who follow.

Events, by their field ``event``: ``camera`` (who is looked at), ``asking`` (a probe begins), ``waiting`` (it has
been asked enough for now), ``surveying`` (a monitor asks it in portions), ``answer`` (a probe's verdict and
conversation, secrets removed), ``end`` (with what is known of our login), ``error``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

from monitor.core.model import Camera, Device
from monitor.core.verdict import Finding
from monitor.probes.base import Result
from monitor.probes.memory import Memory
from monitor.probes.transcript import redact
from monitor.scheduler.versions import versions

Event = Mapping[str, Any]


class Look:
    """One look; whoever follows it hears everything from its beginning."""

    def __init__(self, camera: str) -> None:
        self.camera = camera
        self.ended = False
        self._events: list[Event] = []
        self._fresh = asyncio.Event()

    def tell(self, event: Event) -> None:
        self._events.append(event)
        self.ended = self.ended or event["event"] in ("end", "error")
        self._fresh.set()
        self._fresh = asyncio.Event()

    async def follow(self) -> AsyncIterator[Event]:
        """Yield every event, those of the past first, until the look has ended."""
        told = 0
        while True:
            while told < len(self._events):
                yield self._events[told]
                told += 1
            if self.ended:
                return
            await self._fresh.wait()


def looking(camera: Camera, device: Device) -> Event:
    """Return the first event: who is looked at, as the inventory has it, and with what."""
    return {
        "event": "camera",
        "camera": camera.id,
        "name": camera.name,
        "device": device.id,
        "address": device.host,
        "probes": list(device.probes),
        "channel": camera.channel,
        "make": device.make,
        "ports": {probe: device.port(probe) for probe in device.probes},
        "credential": device.credential.name if device.credential else "",
        "snmp": device.snmp.version if device.snmp else "",
        "versions": versions(),
    }


def asking(probe: str) -> Event:
    return {"event": "asking", "probe": probe}


def waiting(probe: str, seconds: float) -> Event:
    return {"event": "waiting", "probe": probe, "seconds": round(seconds, 1)}


def surveying() -> Event:
    return {"event": "surveying"}


def failed(sentence: str) -> Event:
    return {"event": "error", "error": sentence}


def ended(memory: Memory, set_s: float) -> Event:
    """Return the last event: when logins were refused since the last that worked, when the next may be tried, and what
    is known of the device. The wall clock is ``set_s`` ahead of the time that logins are kept in.
    """
    login = memory.login.moved(set_s)
    return {
        "event": "end",
        "refused_at": list(login.in_a_row),
        "next_login_at": memory.login.next_at(login.evidence) + set_s if login.doubted else None,
        "accepted_at": login.succeeded_at,
        "known": {
            "scheme": memory.scheme,
            "services": dict(memory.services),
            "streams": {channel: redact(path) for channel, path in memory.streams.items()},
            "options_first": memory.options_first,
            "reboots": memory.boots,
            "oids": memory.oids.partition("@")[0],
            "certificates": dict(memory.certificates),
            "weak_tls": list(memory.weak_tls),
        },
    }


def answered(result: Result, camera: Camera) -> Event:
    """Return what a probe found about one camera, and what was said."""
    verdict = result.verdict
    judged_by = result.conversation.judged_by
    numbers = judged_by if len(judged_by) == len(verdict.findings) else (0,) * len(verdict.findings)
    return {
        "event": "answer",
        "probe": verdict.probe,
        "at": verdict.at,
        "duration_s": round(verdict.duration_s, 3),
        "requests": verdict.requests,
        "findings": [
            _finding(finding, number)
            for finding, number in zip(verdict.findings, numbers, strict=True)
            if finding.camera in ("", camera.id)
        ],
        "measurements": _measurements(verdict.measurements, camera.channel),
        "messages": [
            {"after_s": round(message.after_s, 3), "sent": message.sent, "text": message.text()}
            for message in result.conversation.messages
        ],
    }


def _finding(finding: Finding, number: int) -> dict[str, Any]:
    """Return a finding with the number of the message by which it was judged; 0 where that was none."""
    return {
        "rung": finding.rung.label,
        "outcome": finding.outcome.label,
        "reason": finding.reason.value if finding.reason else None,
        "detail": redact(finding.detail),
        "message": number,
    }


def _measurements(found: Mapping[str, float | str], channel: int) -> dict[str, float | str]:
    """Return the device's and this channel's, by names without the channel."""
    own = f"channel_{channel}_"
    return {
        name.removeprefix(own): redact(value) if isinstance(value, str) else round(value, 3)
        for name, value in found.items()
        if name.startswith(own) or not name.startswith("channel_")
    }
