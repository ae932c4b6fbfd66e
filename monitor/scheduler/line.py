"""What the monitor and a prober say to each other: values behind their length, over a pair of sockets of their own.

Both ends are this program; nothing that a device said is read here other than as a value.
"""

from __future__ import annotations

import asyncio
import pickle
import socket
import struct
from typing import Any, Self

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
        """Say something; once the other end is gone, in vain."""
        data = pickle.dumps(what, pickle.HIGHEST_PROTOCOL)
        self._writer.write(_LENGTH.pack(len(data)) + data)

    async def drained(self) -> None:
        """Wait until nearly all that was said is taken. Raises OSError where nobody takes it any more."""
        await self._writer.drain()

    async def hear(self) -> Any | None:
        """Return what the other end says next; None once it is gone."""
        try:
            (length,) = _LENGTH.unpack(await self._reader.readexactly(_LENGTH.size))
            return pickle.loads(await self._reader.readexactly(length))  # noqa: S301 - our own process said it
        except (asyncio.IncompleteReadError, OSError):
            return None

    def close(self) -> None:
        """Say no more; what was said is still sent."""
        self._writer.close()
