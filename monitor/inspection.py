"""One camera looked at by a person: asked now (``camfleet probe``), or explained from the ledger (``camfleet why``)."""

from __future__ import annotations

import difflib
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from monitor.app import SYSTEM_CLOCKS
from monitor.core.model import Camera, Device, Inventory
from monitor.core.schedule import Rates
from monitor.core.verdict import REASONS, Finding, Outcome, Rung
from monitor.ledger.errors import LedgerError
from monitor.ledger.reader import Reader
from monitor.ledger.why import explain
from monitor.probes.base import Ask, Result, run_probe
from monitor.probes.memory import Memory, from_json
from monitor.probes.registry import PROBES, RUNGS
from monitor.probes.transcript import redact

#: Order in which one look asks: ONVIF tells where the stream is.
ORDER = ("onvif", "rtsp", "snmp")
MOST_REQUESTS = 12
#: The latest findings stand for a rung that two protocols judge, a failure before a success.
WORST_FIRST = (Outcome.FAIL, Outcome.OK, Outcome.UNSEEN, Outcome.NA)


@dataclass(slots=True)
class Report:
    """What one look at a camera found."""

    camera: Camera
    device: Device
    results: dict[str, Result] = field(default_factory=dict)

    @property
    def rungs(self) -> dict[Rung, Finding]:
        found: dict[Rung, Finding] = {}
        for result in self.results.values():
            for finding in result.verdict.findings:
                if finding.camera in ("", self.camera.id):
                    rivals = [one for one in (found.get(finding.rung), finding) if one is not None]
                    found[finding.rung] = min(rivals, key=lambda one: WORST_FIRST.index(one.outcome))
        reachable = [f for r in self.results.values() for f in r.verdict.findings if f.rung is Rung.REACHABLE]
        if any(finding.outcome is Outcome.OK for finding in reachable):
            found[Rung.REACHABLE] = Finding(Rung.REACHABLE, Outcome.OK)
        return {rung: found[rung] for rung in Rung if rung in found}

    @property
    def working(self) -> bool:
        rungs = self.rungs
        last = next((rungs[rung] for rung in (Rung.MEDIA, Rung.STREAM, Rung.CONTROL) if rung in rungs), None)
        return last is not None and last.outcome is Outcome.OK

    def to_json(self, debug: bool) -> dict[str, Any]:
        report: dict[str, Any] = {
            "camera": self.camera.id,
            "device": self.device.id,
            "address": self.device.host,
            "working": self.working,
            "rungs": {
                rung.label: {
                    "outcome": finding.outcome.label,
                    "reason": finding.reason.value if finding.reason else None,
                    "detail": redact(finding.detail),
                }
                for rung, finding in self.rungs.items()
            },
            "measurements": self._measurements(),
        }
        if debug:
            report["conversations"] = {name: _messages(result) for name, result in self.results.items()}
        return report

    def text(self, debug: bool) -> str:
        lines = [f"{self.camera.id} ({self.camera.name}) at {self.device.host}"]
        for rung, finding in self.rungs.items():
            lines.append(f"  {rung.label:<12}{finding.outcome.label:<8}{_said(finding)}")
        lines += [f"  {name} = {value}" for name, value in self._measurements().items()]
        if debug:
            lines += [line for name, result in self.results.items() for line in _conversation(name, result)]
        return "\n".join(lines)

    def _measurements(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for result in self.results.values():
            for name, value in result.verdict.measurements.items():
                found[name] = round(value, 3) if isinstance(value, float) else redact(value)
        return found


def _said(finding: Finding) -> str:
    title = REASONS[finding.reason].title if finding.reason else ""
    return redact(": ".join(part for part in (title, finding.detail) if part))


def _messages(result: Result) -> list[dict[str, Any]]:
    return [
        {"after_s": round(message.after_s, 3), "sent": message.sent, "text": message.text()}
        for message in result.conversation.messages
    ]


def _conversation(name: str, result: Result) -> list[str]:
    lines = ["", f"── {name}, {result.verdict.duration_s:.2f} s, {result.verdict.requests} requests"]
    for message in result.conversation.messages:
        lines.append(f"{'>' if message.sent else '<'} after {message.after_s:.3f} s")
        lines += [f"  {line}" for line in message.text().rstrip().split("\n")]
    return lines


async def probe(camera_id: str, inventory: Inventory, memory: Memory) -> Report:
    """Ask a camera everything once, one protocol after the other."""
    camera = inventory.cameras[camera_id]
    device = inventory.devices[camera.device]
    report = Report(camera, device)
    for name in ORDER:
        if name in device.probes:
            ask = Ask(RUNGS[name], (camera,), MOST_REQUESTS, first=True)
            result = await run_probe(name, PROBES[name], device, ask, memory, SYSTEM_CLOCKS, Rates().deadlines)
            memory = replace(memory, **result.learnt)
            report.results[name] = result
    return report


def memory_of(ledger: Path, device: str) -> Memory:
    """Return what a ledger knows of a device, its login lock above all; an empty memory where there is no ledger."""
    if not ledger.exists():
        return Memory()
    with Reader.open(ledger) as reader:
        stored = reader.restore().memory.get(f"device/{device}")
    return from_json(stored) if isinstance(stored, dict) else Memory()


def unknown_camera(camera: str, inventory: Inventory) -> str:
    near = difflib.get_close_matches(camera, inventory.cameras, 1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"No camera {camera!r} in the inventory.{hint}"


def why(camera: str, ledger: Path) -> str:
    """Explain a camera's state from the ledger. Raises LedgerError."""
    with Reader.open(ledger) as reader:
        restored = reader.restore()
        if camera not in restored.cameras:
            near = difflib.get_close_matches(camera, restored.cameras, 1)
            raise LedgerError(f"{ledger}: no camera {camera!r}." + (f" Did you mean {near[0]!r}?" if near else ""))
        events = [event for _, event in reader.events(camera=camera, limit=20)]
    return explain(camera, restored.cameras[camera], events, time.time(), restored.last_heartbeat)
