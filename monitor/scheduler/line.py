"""What the monitor and a prober say to each other: values behind their length, over a pair of sockets of their own.

Nothing that a device said is read here other than as a value.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any, Self

from monitor.scheduler.packing import packed, unpacked

_LENGTH = struct.Struct(">I")


class Line:
    """One end."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def over(cls, end: socket.socket) -> Self:
        """Speak over this end of a pair of sockets."""
        return cls(*await asyncio.open_unix_connection(sock=end))

    @property
    def unsent_bytes(self) -> int:
        """What was said and the other end has not taken yet."""
        return self._writer.transport.get_write_buffer_size()

    def say(self, what: object) -> None:
        """Say something; once the line is closed or the other end gone, in vain."""
        if self._writer.is_closing():
            return
        data = packed(what)
        self._writer.write(_LENGTH.pack(len(data)) + data)

    async def drained(self) -> None:
        """Wait until nearly all that was said is taken. Raises OSError where nobody takes it any more."""
        await self._writer.drain()

    async def hear(self) -> Any | None:
        """Return what the other end says next, after a turn of others, however much has come; None once it is gone."""
        await asyncio.sleep(0)
        try:
            (length,) = _LENGTH.unpack(await self._reader.readexactly(_LENGTH.size))
            return unpacked(await self._reader.readexactly(length))
        except (asyncio.IncompleteReadError, OSError):
            return None

    def close(self) -> None:
        """Say no more; what was said is still sent."""
        self._writer.close()
