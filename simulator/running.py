"""The city while it runs: its devices, their servers, the faults that are on, and the truth that follows."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Set
from itertools import count

from simulator.chance import chance
from simulator.device import RunningDevice
from simulator.faults import ONLY_ON, Fault, Truth, truth_of
from simulator.httpd import HttpConnection
from simulator.inventory import Secrets
from simulator.listeners import OwnListeners
from simulator.model import City, Site
from simulator.onvif import OnvifServer
from simulator.pacer import Pacer
from simulator.ports import BACKLOG, Sockets
from simulator.rtsp import RtspConnection, Studio
from simulator.silence import Silences
from simulator.snmp import Agent, SnmpSocket
from simulator.video import FORMATS, load_clip

SWEEP_S = 10.0
#: Faults that are healed by switching the device off and on.
POWER_CYCLED = ("dead", "hung")
SILENT_S = (5.0, 8.0)
ANSWERING_S = (40.0, 75.0)


class NotPossible(Exception):
    """A fault cannot be switched as asked; the sentence says why."""


class RunningCity:
    """All devices and servers of one city. ``start`` opens it, ``close`` ends it."""

    def __init__(self, city: City, sockets: Sockets, secrets: Secrets) -> None:
        self.city = city
        self.ports = sockets.ports
        self.devices = {device.id: RunningDevice(device, secrets, city.seed) for device in city.devices.values()}
        self.cut_uplinks = set(city.cut_uplinks)
        self.dark_feeders = set(city.dark_feeders)
        self._by_address = {running.address: running for running in self.devices.values()}
        self._sockets = sockets
        self._silences = Silences()
        self._pacer = Pacer()
        self._rng = chance("flapping", city.seed)
        self._down_now: set[str] = set()
        self._flaps: dict[str, asyncio.TimerHandle] = {}
        self._servers: list[asyncio.Server] = []
        self._onvif = OnvifServer(self.ports)
        self._studio = Studio([load_clip(encoded) for encoded in FORMATS], self._pacer, self.ports.rtsp, count())
        self._own_listeners = OwnListeners(self.ports.second_onvif, self._http)
        self._snmp = SnmpSocket(sockets.snmp, self._by_address.get, Agent(secrets.community))
        self._sweeper: asyncio.TimerHandle | None = None

    # --- opening and closing -----------------------------------------------------------------------------------

    async def start(self) -> None:
        """Let every device have the fault of its city, then listen."""
        for device, fault in self.city.faults.items():
            self.devices[device].take_fault(fault)
        for running in self.devices.values():
            self._settle(running)
            self._schedule_flap(running, first=True)
        loop = asyncio.get_running_loop()
        for sock, factory in ((self._sockets.onvif, self._http), (self._sockets.rtsp, self._rtsp)):
            self._servers.append(await loop.create_server(factory, sock=sock, backlog=BACKLOG))
        self._snmp.start()
        self._sweep()

    def _http(self) -> HttpConnection:
        return HttpConnection(self._by_address.get, self._onvif.answer)

    def _rtsp(self) -> RtspConnection:
        return RtspConnection(self._by_address.get, self._studio)

    async def close(self) -> None:
        """Stop everything at once; open connections are reset."""
        for timer in (*self._flaps.values(), self._sweeper):
            if timer is not None:
                timer.cancel()
        self._pacer.close()
        self._snmp.close()
        for server in self._servers:
            server.close()
        self._own_listeners.close_all()
        for running in self.devices.values():
            running.hang_up()
        self._silences.end_all()
        self._sockets.second_onvif.close()

    def _sweep(self) -> None:
        now = time.monotonic()
        for running in self.devices.values():
            for connection in tuple(running.connections):
                connection.close_if_idle(now)
        self._sweeper = asyncio.get_running_loop().call_later(SWEEP_S, self._sweep)

    # --- faults ------------------------------------------------------------------------------------------------

    def cause_of(self, running: RunningDevice) -> str:
        """The fault that a device shows: what its line or its power has goes before its own."""
        site = self.city.sites[running.device.site]
        if self.is_cut(site):
            return "fibre"
        if site.feeder in self.dark_feeders:
            return "feeder"
        return running.fault.name if running.fault else ""

    def is_cut(self, site: Site) -> bool:
        """A site is cut off only when all its uplinks are."""
        return set(site.uplinks) <= self.cut_uplinks

    def truth(self) -> dict[str, Truth]:
        """The truth about every camera, now."""
        return {
            camera.id: truth_of(self.cause_of(self.devices[camera.device])) for camera in self.city.cameras.values()
        }

    def causes(self) -> dict[tuple[str, str], list[str]]:
        """The cameras of each fault that is on, by its name and by what has it: an uplink, a feeder, a device."""
        found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for running in self.devices.values():
            site, fault = self.city.sites[running.device.site], self.cause_of(running)
            if fault:
                above = {"fibre": " + ".join(sorted(site.uplinks)), "feeder": site.feeder}
                found[fault, above.get(fault, running.device.id)] += running.device.cameras
        return dict(found)

    def switch_uplink(self, uplink: str, cut: bool) -> list[str]:
        """Cut an uplink or mend it; return the cameras of its sites."""
        if uplink not in self.city.uplinks:
            raise NotPossible(f"no uplink is called {uplink!r}")
        (self.cut_uplinks.add if cut else self.cut_uplinks.discard)(uplink)
        return self._settle_sites({site.id for site in self.city.sites.values() if uplink in site.uplinks})

    def switch_feeder(self, feeder: str, dark: bool) -> list[str]:
        """Switch a feeder off or on; return the cameras of its sites."""
        if feeder not in self.city.feeders:
            raise NotPossible(f"no feeder is called {feeder!r}")
        (self.dark_feeders.add if dark else self.dark_feeders.discard)(feeder)
        sites = {site.id for site in self.city.sites.values() if site.feeder == feeder}
        for running in self.devices.values():
            if not dark and running.device.site in sites:
                running.reboot()
        return self._settle_sites(sites)

    def switch_cameras(self, fault: str, cameras: Iterable[str], on: bool) -> list[str]:
        """Give the devices of these cameras a fault of their own, or heal it; return all cameras that this concerns."""
        devices: dict[str, RunningDevice] = {}
        for camera in cameras:
            if camera not in self.city.cameras:
                raise NotPossible(f"no camera is called {camera!r}")
            running = self.devices[self.city.cameras[camera].device]
            if on and running.make.name not in ONLY_ON.get(fault, (running.make.name,)):
                only = " or ".join(ONLY_ON[fault])
                raise NotPossible(f"{camera} is of {running.make.name}; {fault} is only for {only}")
            if on and fault.startswith("certificate") and not running.device.encrypted:
                raise NotPossible(f"{camera} speaks no TLS, and has no certificate")
            devices[running.device.id] = running
        for place, running in enumerate(devices.values()):
            if on:
                running.take_fault(Fault(fault, place))
            elif running.has(fault):
                running.take_fault(None)
                if fault in POWER_CYCLED:
                    running.reboot()
            self._schedule_flap(running)
            self._settle(running)
        return [camera for running in devices.values() for camera in running.device.cameras]

    def move(self, devices: Iterable[str]) -> list[str]:
        """Let each of these devices take the address of the next, the last that of the first; return their cameras."""
        moving: list[RunningDevice] = []
        for device in devices:
            running = self.devices.get(device)
            if running is None:
                raise NotPossible(f"no device is called {device!r}")
            if running.make.second_port or self.cause_of(running):
                raise NotPossible(f"{device} cannot move: it has a fault, or a port of its own")
            moving.append(running)
        addresses = [running.address for running in moving]
        for running, address in zip(moving, addresses[1:] + addresses[:1], strict=True):
            self._put(running, address)
        return [camera for running in moving for camera in running.device.cameras]

    def move_back(self) -> list[str]:
        """Let every device have its own address again; return the cameras of those that had moved."""
        moved = [running for running in self.devices.values() if running.address != running.device.address]
        for running in moved:
            self._put(running, running.device.address)
        return [camera for running in moved for camera in running.device.cameras]

    def _put(self, running: RunningDevice, address: str) -> None:
        running.hang_up()
        running.address = address
        self._by_address[address] = running

    def _settle_sites(self, sites: Set[str]) -> list[str]:
        concerned = [running for running in self.devices.values() if running.device.site in sites]
        for running in concerned:
            self._settle(running)
        return [camera for running in concerned for camera in running.device.cameras]

    # --- silence -----------------------------------------------------------------------------------------------

    def _settle(self, running: RunningDevice) -> None:
        """Make a device as silent as its faults want it, and open or close the listener of its own."""
        address = running.address
        silent = self.cause_of(running) in ("fibre", "feeder", "dead") or running.device.id in self._down_now
        listens = running.make.second_port and not silent and not running.has("onvif_off")
        if not listens:
            self._own_listeners.close(address)
        if silent and not running.silent:
            self._silences.start(address, self._ports_of(running))
        elif running.silent and not silent:
            self._silences.end(address)
            running.hang_up()
        running.silent = silent
        if listens:
            self._own_listeners.open(address)

    def _ports_of(self, running: RunningDevice) -> tuple[int, ...]:
        own = (self.ports.second_onvif,) if running.make.second_port else ()
        return (self.ports.onvif, self.ports.rtsp, *own)

    def _schedule_flap(self, running: RunningDevice, first: bool = False) -> None:
        """Start or stop the coming and going of a device; at first in a random phase."""
        device = running.device.id
        if not running.has("flapping"):
            if device in self._flaps:
                self._flaps.pop(device).cancel()
                self._down_now.discard(device)
            return
        if device not in self._flaps:
            wait = self._rng.uniform(0, ANSWERING_S[1] if first else 1.0)
            self._flaps[device] = asyncio.get_running_loop().call_later(wait, self._flap, running)

    def _flap(self, running: RunningDevice) -> None:
        device = running.device.id
        going = device not in self._down_now
        (self._down_now.add if going else self._down_now.discard)(device)
        self._settle(running)
        wait = self._rng.uniform(*(SILENT_S if going else ANSWERING_S))
        self._flaps[device] = asyncio.get_running_loop().call_later(wait, self._flap, running)
