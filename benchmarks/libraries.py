"""What a person who writes Python would take: onvif-zeep-async, pysnmp, and RTSP by hand over asyncio's streams.

Cameras and targets are kept from check to check, which spares both libraries their dear beginnings. onvif-zeep-async
keeps its connections for four seconds, which spares it most of the new ones; the other sides open one a check.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from onvif import ONVIFCamera
from pysnmp.hlapi.v3arch.asyncio import (  # type: ignore[import-untyped]  # pysnmp comes without types
    CommunityData,
    ContextData,
    ObjectIdentity,
    ObjectType,
    SnmpEngine,
    UdpTransportTarget,
    get_cmd,
)

from benchmarks.checks import Order, Row, shared
from benchmarks.child import Side
from benchmarks.parallel import by_shares
from benchmarks.responder import COMMUNITY, PASSWORD, PATH, USERNAME
from benchmarks.targets import OBJECTS
from monitor.core.model import Device
from monitor.inventory import load

#: pysnmp's first request to a target takes the longer the more targets it has: 45 s of CPU for 1,800.
MOST_DEVICES = 200
REPLY_S = 5.0
CLOCK_LIMIT_S = 60.0
_CHALLENGE = re.compile(r'WWW-Authenticate: Digest realm="([^"]*)", nonce="([^"]*)"')


class LibraryFailed(Exception):
    """A check of a healthy camera did not end as it must: the round says nothing."""


class Known(NamedTuple):
    """What is kept of a device: its camera and service for ONVIF, its target for SNMP."""

    device: Device
    camera: ONVIFCamera
    service: Any
    target: Any


class Libraries:
    """The side of the libraries."""

    def __init__(self) -> None:
        self._engine = SnmpEngine()
        self._known: dict[str, Known] = {}

    async def prepare(self, row: Row, inventory: Path) -> None:
        for device in list(load(inventory, os.environ).devices.values())[:MOST_DEVICES]:
            if device.id not in self._known:
                self._known[device.id] = await _known(device)

    async def check(self, order: Order) -> None:
        """Hold a round. Raises LibraryFailed, and whatever a library raises, at the first check that fails."""

        async def full_check(id_: str, living: bool) -> None:
            for name in order.row.probes:
                await CHECKS[name](self._engine, self._known[id_])

        await by_shares(order, shared(order, list(self._known)), full_check)

    async def close(self) -> None:
        for known in self._known.values():
            await known.camera.close()
        self._engine.close_dispatcher()


def libraries() -> tuple[Side, None]:
    """On the loop that asyncio has by itself."""
    return Libraries(), None


async def _known(device: Device) -> Known:
    camera = ONVIFCamera(device.host, device.port("onvif"), USERNAME, PASSWORD)
    target = await UdpTransportTarget.create((device.host, device.port("snmp")), timeout=REPLY_S, retries=0)
    return Known(device, camera, await camera.create_devicemgmt_service(), target)


async def _onvif(_engine: SnmpEngine, known: Known) -> None:
    told = (await known.service.authless_GetSystemDateAndTime()).UTCDateTime
    date, time = told.Date, told.Time
    at = datetime(date.Year, date.Month, date.Day, time.Hour, time.Minute, time.Second, tzinfo=UTC)
    if abs((at - datetime.now(UTC)).total_seconds()) > CLOCK_LIMIT_S:
        raise LibraryFailed(f"{known.device.id}: its clock says {at}")
    if not (await known.service.GetDeviceInformation()).SerialNumber:
        raise LibraryFailed(f"{known.device.id}: it tells no serial number")


async def _snmp(engine: SnmpEngine, known: Known) -> None:
    objects = [ObjectType(ObjectIdentity(oid)) for oid in OBJECTS]
    error, status, _, values = await get_cmd(engine, CommunityData(COMMUNITY), known.target, ContextData(), *objects)
    if error or status or len(values) != len(OBJECTS):
        raise LibraryFailed(f"{known.device.id}: {error or status or values}")


async def _rtsp(_engine: SnmpEngine, known: Known) -> None:
    host, port = known.device.host, known.device.port("rtsp")
    url = f"rtsp://{host}:{port}{PATH}"
    async with asyncio.timeout(REPLY_S):
        reader, writer = await asyncio.open_connection(host, port)
        await _ask(reader, writer, f"OPTIONS {url} RTSP/1.0\r\nCSeq: 1\r\n\r\n", 200)
        describe = f"DESCRIBE {url} RTSP/1.0\r\nAccept: application/sdp\r\n"
        head, _ = await _ask(reader, writer, f"{describe}CSeq: 2\r\n\r\n", 401)
        _, sdp = await _ask(reader, writer, f"{describe}CSeq: 3\r\nAuthorization: {_proof(head, url)}\r\n\r\n", 200)
        writer.close()
        await writer.wait_closed()
    if b"m=video" not in sdp:
        raise LibraryFailed(f"{known.device.id}: no video in {sdp!r}")


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: str, status: int
) -> tuple[str, bytes]:
    """Return the head and the body of the reply."""
    writer.write(request.encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = re.search(r"Content-Length: (\d+)", head)
    body = await reader.readexactly(int(length[1])) if length else b""
    if not head.startswith(f"RTSP/1.0 {status} "):
        raise LibraryFailed(head)
    return head, body


def _proof(head: str, url: str) -> str:
    challenge = _CHALLENGE.search(head)
    if challenge is None:
        raise LibraryFailed(head)
    realm, nonce = challenge[1], challenge[2]
    who, what = _md5(f"{USERNAME}:{realm}:{PASSWORD}"), _md5(f"DESCRIBE:{url}")
    response = _md5(f"{who}:{nonce}:{what}")
    return f'Digest username="{USERNAME}", realm="{realm}", nonce="{nonce}", uri="{url}", response="{response}"'


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


CHECKS: Mapping[str, Any] = {"onvif": _onvif, "rtsp": _rtsp, "snmp": _snmp}
