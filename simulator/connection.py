"""A TCP connection of a device: of one loopback address, counted and bounded, mute where the device is."""

from __future__ import annotations

import asyncio
import ssl
import time
from typing import cast

from simulator.device import Directory, RunningDevice
from simulator.encryption import Encrypted

LOOPBACK = "127."
IDLE_S = 70.0
MOST_CONNECTIONS = 32
BUFFER_BYTES = 131_072


class DeviceConnection(asyncio.Protocol):
    """The part that HTTP and RTSP share. Peers that are not loopback, and addresses of nobody, are dropped at once."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self.transport: asyncio.Transport | Encrypted | None = None
        self.buffer = bytearray()
        self.delaying = False
        self.last_heard = time.monotonic()
        self._device: RunningDevice | None = None

    @property
    def device(self) -> RunningDevice:
        assert self._device is not None, "only a connection that was made has a device"
        return self._device

    @property
    def mute(self) -> bool:
        return self.device.silent or self.device.has("hung")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        stream = cast(asyncio.Transport, transport)  # uvloop's are not instances of it
        device = self.directory(transport.get_extra_info("sockname")[0])
        peer = transport.get_extra_info("peername")
        stranger = peer is None or not peer[0].startswith(LOOPBACK)
        if device is None or stranger or len(device.connections) >= MOST_CONNECTIONS:
            stream.abort()
            return
        context = device.tls_context
        self._device, self.transport = device, stream if context is None else Encrypted(stream, context)
        device.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._device and self.transport:
            self.device.closed(self)
        self.transport = None

    def data_received(self, data: bytes) -> None:
        """Collect what comes; a mute device reads and says nothing."""
        self.last_heard = time.monotonic()
        if self.transport is None or self.mute:
            return
        if isinstance(self.transport, Encrypted):
            try:
                data = self.transport.decrypt(data)
            except ssl.SSLError:
                self.abort()
                return
        self.buffer += data
        if len(self.buffer) > BUFFER_BYTES:
            self.abort()
        elif not self.delaying:
            self.read_requests()

    def read_requests(self) -> None:
        """Take complete requests from the buffer and answer them, until one has to wait."""
        raise NotImplementedError

    def answer(self, data: bytes, close: bool = False) -> None:
        """Write an answer, after a while on a slow device; no other request is read before it is out."""
        if delay_s := self.device.delay_s:
            self.delaying = True
            asyncio.get_running_loop().call_later(delay_s, self._answer_late, data, close)
        else:
            self.send(data, close)

    def _answer_late(self, data: bytes, close: bool) -> None:
        self.delaying = False
        self.send(data, close)
        if self.transport is not None and not self.mute:
            self.read_requests()

    def send(self, data: bytes, close: bool = False) -> None:
        """Write now, unless the device has fallen silent meanwhile."""
        if self.transport is None or self.transport.is_closing() or self.mute:
            return
        self.transport.write(data)
        if close:
            self.transport.close()

    def abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    def close_if_idle(self, now: float) -> None:
        if self.transport is not None and now - self.last_heard > IDLE_S:
            self.transport.close()
