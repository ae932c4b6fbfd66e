"""TLS on a connection of a device, between what is sent and what its server reads."""

from __future__ import annotations

import asyncio
import ssl

READ_BYTES = 65_536


class Encrypted:
    """A transport whose bytes are encrypted: what is written to it, and what ``decrypt`` is given."""

    def __init__(self, transport: asyncio.Transport, context: ssl.SSLContext) -> None:
        self._transport = transport
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._shaken = False

    def decrypt(self, data: bytes) -> bytes:
        """Return what these bytes say; nothing while the handshake lasts. Raises ssl.SSLError."""
        self._incoming.write(data)
        said = b""
        try:
            if not self._shaken:
                self._tls.do_handshake()
                self._shaken = True
            while part := self._tls.read(READ_BYTES):
                said += part
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self._transport.close()
        finally:
            self._flush()
        return said

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self._tls.write(view) :]
        self._flush()

    def _flush(self) -> None:
        if (data := self._outgoing.read()) and not self._transport.is_closing():
            self._transport.write(data)

    def close(self) -> None:
        self._transport.close()

    def abort(self) -> None:
        self._transport.abort()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def get_write_buffer_size(self) -> int:
        return self._transport.get_write_buffer_size()
