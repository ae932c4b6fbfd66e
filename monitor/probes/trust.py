"""What a conversation changed in whom we trust, as events; and a person's word that what is shown now is right."""

from __future__ import annotations

from monitor.core.event import DeviceEvent, Event
from monitor.core.model import Device
from monitor.probes.base import Result
from monitor.probes.memory import Memory
from monitor.wire.auth import NAMES

#: Service to how people call it where it is encrypted, and where a login goes.
ENCRYPTED = {"onvif": "https", "rtsp": "rtsps"}
SERVICES = {"onvif": "ONVIF", "rtsp": "RTSP"}


#: What was learnt -> the event, and what it says of a certificate.
CERTIFICATES = {
    "certificates": ("certificate trusted", "seen first"),
    "strange_certificates": ("certificate changed", "not trusted"),
}


def events(result: Result) -> list[Event]:
    """Return the events of a certificate that is new, and of a login that is weaker than before."""
    at, device = result.verdict.at, result.verdict.device
    service = "rtsp" if result.verdict.probe == "rtsp" else "onvif"
    found: list[Event] = []
    for name, (what, meaning) in CERTIFICATES.items():
        if shown := result.learnt.get(name, {}).get(service):
            found.append(DeviceEvent(at, device, what, f"{ENCRYPTED[service]}: sha256:{shown}, {meaning}"))
    if way := result.learnt.get("downgrades", {}).get(service):
        detail = f"{SERVICES[service]} wants {NAMES[way]}, which is weaker than before: not followed"
        found.append(DeviceEvent(at, device, "weaker login wanted", detail))
    return found


def accepted(device: Device, memory: Memory, by: str, at: float) -> tuple[Memory, list[DeviceEvent]]:
    """Return what is known once a person takes what a device shows now as right, and the events.

    No event: nothing was open. A certificate pinned in the inventory, or signed by an authority, is changed there.
    """
    found = []
    if device.tls is not None and device.tls.trust == "first-use":
        for service, shown in memory.strange_certificates.items():
            detail = f"{ENCRYPTED[service]}: sha256:{shown}, accepted by {by}"
            found.append(DeviceEvent(at, device.id, "certificate accepted", detail))
        trusted = {**memory.certificates, **memory.strange_certificates}
        memory = memory._replace(certificates=trusted, strange_certificates={})
    for service, way in memory.downgrades.items():
        detail = f"{SERVICES[service]} may ask for {NAMES[way]}, accepted by {by}"
        found.append(DeviceEvent(at, device.id, "weaker login accepted", detail))
    return memory._replace(proven={**memory.proven, **memory.downgrades}, downgrades={}), found
