"""Listeners of single addresses: for makes whose ONVIF has a port of its own, where others must refuse."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

BACKLOG = 16

ProtocolFactory = Callable[[], asyncio.BaseProtocol]


class OwnListeners:
    """One listening socket an address, all on one port. A closed one makes the kernel refuse connections there."""

    def __init__(self, port: int, factory: ProtocolFactory) -> None:
        self._port = port
        self._factory = factory
        self._sockets: dict[str, socket.socket] = {}
        self._arriving: set[asyncio.Task[object]] = set()

    def open(self, address: str) -> None:
        """Listen on this address, unless it is done already."""
        if address in self._sockets:
            return
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.setblocking(False)
        sock.bind((address, self._port))
        sock.listen(BACKLOG)
        self._sockets[address] = sock
        asyncio.get_running_loop().add_reader(sock.fileno(), self._accept, sock)

    def close(self, address: str) -> None:
        sock = self._sockets.pop(address, None)
        if sock is not None:
            asyncio.get_running_loop().remove_reader(sock.fileno())
            sock.close()

    def close_all(self) -> None:
        for address in tuple(self._sockets):
            self.close(address)

    def _accept(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(BACKLOG):
            try:
                connection, _peer = sock.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            task = loop.create_task(loop.connect_accepted_socket(self._factory, connection))
            self._arriving.add(task)
            task.add_done_callback(self._arriving.discard)
