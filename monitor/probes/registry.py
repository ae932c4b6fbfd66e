"""The probes by name: the only list of them."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.probes import onvif, rtsp, snmp
from monitor.probes.base import Probe

PROBES: Mapping[str, Probe] = {"onvif": onvif.probe, "snmp": snmp.probe, "rtsp": rtsp.probe}
