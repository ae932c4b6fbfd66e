"""The probes by name: the only list of them."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.core.survey import SURVEY
from monitor.core.verdict import Rung
from monitor.probes import onvif, rtsp, snmp, survey
from monitor.probes.base import Probe

PROBES: Mapping[str, Probe] = {"onvif": onvif.probe, "snmp": snmp.probe, "rtsp": rtsp.probe}

#: Every rung that a probe can judge.
RUNGS: Mapping[str, frozenset[Rung]] = {
    "onvif": frozenset({Rung.REACHABLE, Rung.CONTROL, Rung.CLOCK, Rung.CREDENTIALS, Rung.IDENTITY}),
    "rtsp": frozenset({Rung.REACHABLE, Rung.STREAM, Rung.MEDIA}),
    "snmp": frozenset({Rung.DEVICE, Rung.RECORDING, Rung.IDENTITY}),
}


def conversation(name: str) -> Probe:
    """Return what is held with a device under this name: a probe, or the survey."""
    return survey.probe if name == SURVEY else PROBES[name]
