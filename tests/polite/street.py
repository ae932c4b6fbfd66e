"""A street of strict devices on loopback, each at an address of its own, whose power can be cut."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack

from peers.hostile import SYS_UPTIME, agent, ticks, vitals
from peers.servers import free_port
from polite.models import KINDS, Kind, Servers, StrictDevice
from polite.virtual import Time

from simulator.inventory import Secrets
from simulator.makes import Make
from simulator.model import Device
from simulator.ports import Ports
from simulator.silence import silent_listener

USER, FIRST_PASSWORD = "camfleet", "first-spring-1"
HEAD = """\
credentials:
{credentials}
snmp: {{public: {{version: v2c, community: env:COMMUNITY}}}}
zones: {{street: {{name: Street}}}}
cameras:
"""


class Street:
    """The devices and their servers; ``open`` starts them, ``close`` ends them."""

    def __init__(self, clock: Time, kinds: Mapping[str, Kind] = KINDS) -> None:
        self.clock = clock
        self.ports = Ports(onvif=free_port(), rtsp=free_port(), snmp=0)
        self.devices = {
            name: StrictDevice(_device(name, kind.make, number), Secrets(USER, FIRST_PASSWORD, ""), kind, clock)
            for number, (name, kind) in enumerate(kinds.items(), 1)
        }
        by_address = {device.device.address: device for device in self.devices.values()}
        self._servers = Servers(self.ports, by_address.get)
        self._agents: dict[str, int] = {}
        self._listening: dict[str, list[asyncio.Server]] = {}
        self._silences: dict[str, list[socket.socket]] = {}
        self._stack = AsyncExitStack()
        clock.talking = lambda: any(device.connections for device in self.devices.values())

    async def open(self) -> None:
        for name, device in self.devices.items():
            if "snmp" in probes_of(name):
                peer = await self._stack.enter_async_context(agent(_vitals(device), device.device.address))
                self._agents[name] = peer.port
            await self._listen(name)

    async def close(self) -> None:
        for name in self.devices:
            self._deafen(name)
            for listener in self._silences.pop(name, []):
                listener.close()
        await self._stack.aclose()

    async def _listen(self, name: str) -> None:
        loop, address = asyncio.get_running_loop(), self.devices[name].device.address
        self._listening[name] = [
            await loop.create_server(self._servers.http, address, self.ports.onvif),
            await loop.create_server(self._servers.rtsp, address, self.ports.rtsp),
        ]

    def _deafen(self, name: str) -> None:
        for server in self._listening.pop(name, []):
            server.close()

    # Power ---------------------------------------------------------------------------------------

    def power_off(self, name: str) -> None:
        """From now on connections to it time out, and those that are open hear nothing."""
        device = self.devices[name]
        device.lose_power()
        self._deafen(name)
        address = device.device.address
        self._silences[name] = [silent_listener(address, port) for port in (self.ports.onvif, self.ports.rtsp)]

    async def power_on(self, name: str, clock_says: float | None = None) -> None:
        for listener in self._silences.pop(name):
            listener.close()
        self.devices[name].boot(clock_says)
        await self._listen(name)

    # What its owner knows ------------------------------------------------------------------------

    def inventory(self, named: Mapping[str, str]) -> str:
        """Return the inventory; ``named`` are the cameras' names, which a reload may change."""
        credentials = "".join(
            f"  {name}: {{username: {USER}, password: env:{name.upper()}}}\n" for name in self.devices
        )
        return HEAD.format(credentials=credentials.rstrip()) + "".join(
            f"  - {{id: {name}, name: {named.get(name, name)}, address: {device.device.address}, zone: street,"
            f" credential: {name}, snmp: public, probes: [{', '.join(probes_of(name))}],"
            f" ports: {{onvif: {self.ports.onvif}, rtsp: {self.ports.rtsp}, snmp: {self._agents.get(name, 161)}}}}}\n"
            for name, device in self.devices.items()
        )


def probes_of(name: str) -> tuple[str, ...]:
    """Hikvisions and Axis tell their uptime over SNMP, so that a reboot is noticed; the others do not."""
    return ("onvif", "snmp", "rtsp") if name in ("hikvision", "axis") else ("onvif", "rtsp")


def _device(name: str, make: Make, number: int) -> Device:
    model = make.models[0]
    return Device(
        id=name, address=f"127.61.0.{number}", make=make, model=model, firmware=model.firmware[0],
        serial=f"SERIAL{number}", mac=f"{make.oui}00000{number}", site="street", cameras=(name,),
    )  # fmt: skip


def _vitals(device: StrictDevice) -> Callable[[bytes], Iterable[bytes]]:
    """Return the answers of a device's SNMP agent: none while it has no power."""

    def answer(raw: bytes) -> Iterable[bytes]:
        if device.silent:
            return []
        return vitals({SYS_UPTIME: ticks(int(device.uptime_s * 100))})(raw)

    return answer
