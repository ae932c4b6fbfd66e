"""The control interface, on 127.0.0.1 only: the truth, the city's structure, faults switched on and off, counters."""

from __future__ import annotations

import json
import socket
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from aiohttp import web

from simulator.faults import KINDS
from simulator.running import NotPossible, RunningCity

BODY_BYTES = 1024 * 1024
SHUTDOWN_S = 0.2


class Control:
    """The HTTP interface of one running city."""

    def __init__(self, running: RunningCity, sock: socket.socket) -> None:
        self._running = running
        self._sock = sock
        app = web.Application(client_max_size=BODY_BYTES)
        app.add_routes(
            [
                web.get("/truth", self._truth),
                web.get("/city", self._city),
                web.get("/counters", self._counters),
                web.post("/faults", self._switch_on),
                web.delete("/faults", self._switch_off),
                web.post("/addresses", self._move),
                web.delete("/addresses", self._move_back),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)

    async def start(self) -> None:
        await self._runner.setup()
        await web.SockSite(self._runner, self._sock).start()

    async def close(self) -> None:
        await self._runner.cleanup()

    async def _truth(self, request: web.Request) -> web.Response:
        cameras = {camera: asdict(truth) for camera, truth in self._running.truth().items()}
        causes = [
            {"fault": fault, "scope": scope, "cameras": members}
            for (fault, scope), members in self._running.causes().items()
        ]
        return web.json_response({"cameras": cameras, "causes": causes})

    async def _city(self, request: web.Request) -> web.Response:
        city = self._running.city
        members: dict[str, dict[str, list[str]]] = {"zones": {}, "uplinks": {}, "feeders": {}}
        groups = {name: defaultdict(list, groups) for name, groups in members.items()}
        for camera in city.cameras.values():
            site = city.sites[camera.site]
            groups["zones"][site.zone].append(camera.id)
            groups["feeders"][site.feeder].append(camera.id)
            for uplink in site.uplinks:
                groups["uplinks"][uplink].append(camera.id)
        devices = {
            device.id: {
                "address": device.address,
                "make": device.make.name,
                "model": device.model.name,
                "firmware": device.firmware,
                "cameras": device.cameras,
                "encrypted": device.encrypted,
            }
            for device in city.devices.values()
        }
        ports = asdict(self._running.ports)
        return web.json_response({"seed": city.seed, "ports": ports, **groups, "devices": devices})

    async def _counters(self, request: web.Request) -> web.Response:
        return web.json_response(
            {"devices": {name: running.figures() for name, running in self._running.devices.items()}}
        )

    async def _switch_on(self, request: web.Request) -> web.Response:
        return await self._switch(request, on=True)

    async def _switch_off(self, request: web.Request) -> web.Response:
        return await self._switch(request, on=False)

    async def _move(self, request: web.Request) -> web.Response:
        """``{"devices": […]}``: each takes the address of the next one."""
        try:
            asked = await request.json()
            devices: Any = asked.get("devices") if isinstance(asked, dict) else None
            if not is_texts(devices) or len(set(devices)) != len(devices):
                raise NotPossible("devices must be a list of devices, each once")
            cameras = self._running.move(devices)
        except (NotPossible, json.JSONDecodeError, UnicodeDecodeError) as error:
            return web.json_response({"error": str(error)}, status=400)
        causes = [
            {"fault": fault, "scope": scope, "cameras": members}
            for (fault, scope), members in self._running.causes().items()
        ]
        return web.json_response({"cameras": cameras, "causes": causes})

    async def _move_back(self, request: web.Request) -> web.Response:
        return web.json_response({"cameras": self._running.move_back()})

    async def _switch(self, request: web.Request, on: bool) -> web.Response:
        """``{"fault": …, "cameras": […]}``, with ``uplink`` (fibre) or ``feeder`` (feeder) instead of the cameras."""
        try:
            asked = await request.json()
            cameras = self._switch_fault(asked, on)
        except (NotPossible, json.JSONDecodeError, UnicodeDecodeError) as error:
            return web.json_response({"error": str(error)}, status=400)
        causes = [
            {"fault": fault, "scope": scope, "cameras": members}
            for (fault, scope), members in self._running.causes().items()
        ]
        return web.json_response({"cameras": cameras, "causes": causes})

    def _switch_fault(self, asked: Any, on: bool) -> list[str]:
        if not isinstance(asked, dict) or asked.get("fault") not in KINDS:
            raise NotPossible(f"fault must be one of {', '.join(KINDS)}")
        fault = asked["fault"]
        if fault == "fibre":
            return self._running.switch_uplink(wanted(asked, "uplink", is_text), on)
        if fault == "feeder":
            return self._running.switch_feeder(wanted(asked, "feeder", is_text), on)
        return self._running.switch_cameras(fault, wanted(asked, "cameras", is_texts), on)


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(is_text, value))


def wanted(asked: dict[str, Any], key: str, fits: Callable[[Any], bool]) -> Any:
    """A field of the request; raise ``NotPossible`` where it is missing or of another shape."""
    if not fits(asked.get(key)):
        raise NotPossible(f"{asked['fault']} needs {key}")
    return asked[key]
