"""Visits to a device in plain bytes: what a test says and hears, without a client library between."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from peers.cities import CityDevice, RunningCity

TDS = "http://www.onvif.org/ver10/device/wsdl"
TRT = "http://www.onvif.org/ver10/media/wsdl"
TR2 = "http://www.onvif.org/ver20/media/wsdl"
OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
TIME = f'<GetSystemDateAndTime xmlns="{TDS}"/>'
INFORMATION = f'<GetDeviceInformation xmlns="{TDS}"/>'
PATIENCE_S = 60.0


def token(username: str, password: str, at: datetime | None = None, nonce: bytes = b"") -> str:
    """A SOAP header with a WS-UsernameToken."""
    nonce = nonce or os.urandom(16)
    created = (at or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
    digest = base64.b64encode(hashlib.sha1(nonce + created.encode() + password.encode()).digest()).decode()
    return (
        f'<s:Header><Security xmlns="{OASIS}-wssecurity-secext-1.0.xsd"><UsernameToken><Username>{username}</Username>'
        f"<Password>{digest}</Password><Nonce>{base64.b64encode(nonce).decode()}</Nonce>"
        f'<Created xmlns="{OASIS}-wssecurity-utility-1.0.xsd">{created}</Created></UsernameToken></Security></s:Header>'
    )


def envelope(operation: str, header: str = "") -> bytes:
    body = f"{header}<s:Body>{operation}</s:Body>"
    return f'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope">{body}</s:Envelope>'.encode()


@dataclass(frozen=True)
class Heard:
    """A reply: its status, its head and its body, as they came."""

    status: int
    head: str
    body: str


async def post(device: CityDevice, body: bytes, path: str = "/onvif/device_service", headers: str = "") -> Heard:
    """One HTTP request on a connection of its own; the reply is read to the end of the connection."""
    reader, writer = await asyncio.wait_for(asyncio.open_connection(device.address, device.onvif_port), PATIENCE_S)
    try:
        head = (
            f"POST {path} HTTP/1.1\r\nHost: camera\r\n{headers}Connection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        data = await asyncio.wait_for(reader.read(), PATIENCE_S)
    finally:
        writer.close()
        await writer.wait_closed()
    text_head, _, text = data.decode("utf-8", "replace").replace("\r", "").partition("\n\n")
    return Heard(int(text_head.split(" ", 2)[1]), text_head, text)


async def ask(city: RunningCity, device: CityDevice, operation: str, at: datetime | None = None) -> Heard:
    """An ONVIF operation with the city's own login."""
    return await post(device, envelope(operation, token("camfleet", city.password, at)))


async def ask_wrongly(device: CityDevice) -> Heard:
    """An operation that needs a login, with a wrong password."""
    return await post(device, envelope(INFORMATION, token("camfleet", "wrong")))


def device_time(heard: Heard) -> datetime:
    """The UTC time that a device told."""
    utc = heard.body.partition("UTCDateTime>")[2].partition("UTCDateTime>")[0]
    found = {name: int(value) for name, value in re.findall(r"<tt:(\w+)>(\d+)</tt:\w+>", utc)}
    return datetime(*(found[name] for name in ("Year", "Month", "Day", "Hour", "Minute", "Second")), tzinfo=UTC)  # type: ignore[arg-type]


async def clock_offset(device: CityDevice) -> timedelta:
    return device_time(await post(device, envelope(TIME))) - datetime.now(UTC)


class RtspVisit:
    """A conversation over one RTSP connection, with digest once it was asked for."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, password: str) -> None:
        self.reader, self.writer, self.password = reader, writer, password
        self.sequence = 0
        self.challenge: tuple[str, str] | None = None
        self.packets: list[bytes] = []

    async def say(self, method: str, url: str, *headers: str) -> Heard:
        self.sequence += 1
        lines = [f"{method} {url} RTSP/1.0", f"CSeq: {self.sequence}", *headers]
        if self.challenge:
            realm, nonce = self.challenge
            secret, request = (
                hashlib.md5(text.encode()).hexdigest()
                for text in (f"camfleet:{realm}:{self.password}", f"{method}:{url}")
            )
            answer = hashlib.md5(f"{secret}:{nonce}:{request}".encode()).hexdigest()
            values = f'username="camfleet", realm="{realm}", nonce="{nonce}", uri="{url}", response="{answer}"'
            lines.append(f"Authorization: Digest {values}")
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        heard = await asyncio.wait_for(self.hear(), PATIENCE_S)
        if found := re.findall(r'Digest realm="([^"]*)", nonce="([^"]*)"', heard.head):
            self.challenge = found[-1]
        return heard

    async def hear(self) -> Heard:
        """The next reply; packets before it are kept apart."""
        while (first := await self.reader.readexactly(1)) == b"$":
            await self.hear_packet(first)
        head = (first + await self.reader.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"(?im)^content-length *: *(\d+)", head)
        body = await self.reader.readexactly(int(length[1])) if length else b""
        status = int(head.split(" ")[1]) if head.startswith("RTSP/") else 0
        return Heard(status, head, body.decode())

    async def hear_packet(self, first: bytes = b"") -> bytes:
        """The next interleaved packet, its four bytes of framing included."""
        frame = first + await self.reader.readexactly(4 - len(first))
        packet = frame + await self.reader.readexactly(int.from_bytes(frame[2:], "big"))
        self.packets.append(packet)
        return packet

    async def hear_packets_for_ever(self) -> None:
        while True:
            await self.hear_packet()

    async def describe(self, url: str) -> Heard:
        """DESCRIBE, once more with digest where it is asked for."""
        heard = await self.say("DESCRIBE", url)
        return await self.say("DESCRIBE", url) if heard.status == 401 else heard

    async def play(self, url: str) -> Heard:
        """DESCRIBE, SETUP and PLAY; the first reply that is not 200, or the last."""
        described = await self.describe(url)
        if described.status != 200:
            return described
        base = re.search(r"(?im)^content-base *: *(\S+)", described.head)
        control = described.body.partition("m=video")[2].partition("a=control:")[2].split("\r\n")[0]
        track = control if control.startswith("rtsp://") else (base[1] if base else url + "/") + control
        heard = await self.say("SETUP", track, "Transport: RTP/AVP/TCP;unicast;interleaved=0-1")
        if heard.status != 200:
            return heard
        self.session = re.search(r"(?im)^session *: *([^;\r]+)", heard.head)[1].strip()  # type: ignore[index]
        return await self.say("PLAY", url, f"Session: {self.session}")


@asynccontextmanager
async def rtsp(city: RunningCity, device: CityDevice) -> AsyncIterator[RtspVisit]:
    """A connection to a device's RTSP port."""
    opening = asyncio.open_connection(device.address, device.rtsp_port)
    reader, writer = await asyncio.wait_for(opening, PATIENCE_S)
    try:
        yield RtspVisit(reader, writer, city.password)
    finally:
        writer.close()
        await writer.wait_closed()


STREAMS = {
    "axis": "/onvif-media/media.amp?profile=profile_1_h264_sub&sessiontimeout=60&streamtype=unicast",
    "hikvision": "/Streaming/Channels/102?transportmode=unicast&profile=Profile_102",
    "dahua": "/cam/realmonitor?channel=1&subtype=1&unicast=true&proto=Onvif",
    "bosch": "/rtsp_tunnel?p=1&line=1&inst=2&h26x=4",
    "reolink": "/Preview_01_sub",
    "noname": "/stream2",
}


def stream_url(device: CityDevice) -> str:
    """The URL of the sub-stream of a device's first channel."""
    return f"rtsp://{device.address}:{device.rtsp_port}{STREAMS[device.make]}"
