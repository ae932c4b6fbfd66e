"""A device model of our own: over ONVIF it tells on loopback what the time is, to whoever asks.

It is asked by the same probe as every camera, and answers unless the fault is ours: no descriptor is left, the loop
does not turn, a bug.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import cast

from monitor.wire import soap

HOST = "127.0.0.1"
#: Any program of this host may connect: who says too much, too slowly or too often is left.
MOST_BYTES = 4096
PATIENCE_S = 5.0
MOST_VISITS = 64

QUESTION = soap.OPERATIONS["time"].name.encode()
ENVELOPE_END = b":Envelope>"
HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml; charset=utf-8\r\nConnection: close\r\n"
REPLY = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:d="{device}" xmlns:t="{schema}"><s:Body>'
    "<d:GetSystemDateAndTimeResponse><d:SystemDateAndTime><t:DateTimeType>NTP</t:DateTimeType><t:UTCDateTime>"
    "<t:Time><t:Hour>{at.hour}</t:Hour><t:Minute>{at.minute}</t:Minute><t:Second>{at.second}</t:Second></t:Time>"
    "<t:Date><t:Year>{at.year}</t:Year><t:Month>{at.month}</t:Month><t:Day>{at.day}</t:Day></t:Date>"
    "</t:UTCDateTime></d:SystemDateAndTime></d:GetSystemDateAndTimeResponse></s:Body></s:Envelope>"
)


class DeviceModel:
    """A server on a free port of loopback. ``wall`` is the clock that it tells."""

    def __init__(self, wall: Callable[[], float]) -> None:
        self._wall = wall
        self._server: asyncio.Server | None = None
        self._visits: dict[_Visit, None] = {}
        """Who is connected, the longest first."""

    async def port(self) -> int:
        """Return where it listens, from the first time on that this is asked. Raises OSError."""
        if self._server is None:
            self._server = await asyncio.get_running_loop().create_server(lambda: _Visit(self), HOST, 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Leave whoever is connected, and listen no more."""
        if self._server is not None:
            self._server.close()
            for visit in tuple(self._visits):
                visit.leave()
            await self._server.wait_closed()
            self._server = None

    def came(self, visit: _Visit) -> None:
        self._visits[visit] = None
        if len(self._visits) > MOST_VISITS:
            next(iter(self._visits)).leave()

    def went(self, visit: _Visit) -> None:
        self._visits.pop(visit, None)

    def reply(self, question: bytes) -> bytes:
        """Return the response to a request: the time, or that nothing else is known."""
        if QUESTION not in question:
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        at = datetime.fromtimestamp(self._wall(), UTC)
        body = REPLY.format(device=soap.DEVICE, schema=soap.SCHEMA, at=at).encode()
        head = (
            "HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\nContent-Length: {}\r\nConnection: close\r\n\r\n"
        )
        return head.format(len(body)).encode() + body


class _Visit(asyncio.Protocol):
    """One connection: a request, a response, the end."""

    def __init__(self, model: DeviceModel) -> None:
        self._model = model
        self._heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._alarm = asyncio.get_running_loop().call_later(PATIENCE_S, self.leave)
        self._model.came(self)

    def data_received(self, data: bytes) -> None:
        self._heard += data
        if ENVELOPE_END in self._heard:
            self._transport.write(self._model.reply(self._heard))
            self._transport.close()
        elif len(self._heard) > MOST_BYTES:
            self.leave()

    def connection_lost(self, exc: Exception | None) -> None:
        self._alarm.cancel()
        self._model.went(self)

    def leave(self) -> None:
        self._model.went(self)
        self._transport.abort()
