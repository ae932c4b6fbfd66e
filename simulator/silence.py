"""Make an address silent: connections to it time out, as to a device without power.

Under a listener on all addresses the kernel completes every connection, and a refusal would prove life. A listener of
its own for the one address and port is preferred by the kernel (SO_REUSEPORT lets it share the port); with a backlog
of nought and one connection waiting, which nobody ever accepts, it drops every further SYN. Closing it heals: clients
that are still retrying their SYN then reach the common listener.
"""

from __future__ import annotations

import socket

FILL_S = 1.0


def silent_listener(address: str, port: int) -> socket.socket:
    """A listener whose queue is full; one descriptor. Raises OSError where it cannot be had."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind((address, port))
        sock.listen(0)
        fill(address, port)
    except BaseException:
        sock.close()
        raise
    return sock


def fill(address: str, port: int) -> None:
    """Put one connection into the queue; it stays there when this end has gone."""
    try:
        socket.create_connection((address, port), FILL_S).close()
    except TimeoutError:
        return  # a client was quicker: the queue is full all the same


class Silences:
    """The addresses that are silent now, with the listeners that keep them so."""

    def __init__(self) -> None:
        self._listeners: dict[str, list[socket.socket]] = {}

    def start(self, address: str, ports: tuple[int, ...]) -> None:
        if address not in self._listeners:
            self._listeners[address] = [silent_listener(address, port) for port in ports]

    def end(self, address: str) -> None:
        for sock in self._listeners.pop(address, ()):
            sock.close()

    def end_all(self) -> None:
        for address in tuple(self._listeners):
            self.end(address)
