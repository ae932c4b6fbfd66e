"""The ports that all devices of a city share, and the sockets that listen on them for every loopback address."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass, fields

EVERYWHERE = "0.0.0.0"  # noqa: S104 - peers that are not loopback are dropped
BACKLOG = 4_096


@dataclass(frozen=True, slots=True)
class Ports:
    """Port numbers; 0 stands for any free one. ``second_onvif`` is where makes with a port of their own have ONVIF."""

    onvif: int = 8080
    second_onvif: int = 8000
    rtsp: int = 8554
    snmp: int = 1161
    control: int = 0

    @classmethod
    def counted_from(cls, base: int) -> Ports:
        """Five consecutive ports."""
        return cls(*range(base, base + len(fields(cls))))

    @classmethod
    def free(cls) -> Ports:
        return cls(0, 0, 0, 0, 0)


OPTIONS: Mapping[str, str] = {
    "onvif": "--onvif-port",
    "second_onvif": "--onvif-port-2",
    "rtsp": "--rtsp-port",
    "snmp": "--snmp-port",
    "control": "--control-port",
}


#: The services on TCP, which cannot share a port; SNMP is on UDP and is in nobody's way.
TCP = ("onvif", "second_onvif", "rtsp", "control")
LAST_PORT = 65_535


class PortsWrong(Exception):
    """The ports that were asked for do not fit together."""


class PortTaken(Exception):
    """Someone else listens on a port that the city needs."""

    def __init__(self, option: str, port: int, protocol: str, why: str) -> None:
        super().__init__(f"{protocol} port {port} cannot be used ({why}): choose another with {option} or --ports free")


@dataclass(frozen=True, slots=True)
class Sockets:
    """Bound sockets: TCP and UDP on every address, and the control interface on 127.0.0.1 only.

    ``second_onvif`` never listens: it keeps the port for the devices that do, so that all others refuse there.
    """

    onvif: socket.socket
    second_onvif: socket.socket
    rtsp: socket.socket
    snmp: socket.socket
    control: socket.socket

    @property
    def ports(self) -> Ports:
        return Ports(*(getattr(self, field.name).getsockname()[1] for field in fields(self)))


def check(ports: Ports) -> None:
    """Raise ``PortsWrong`` where a number is none of a port or two TCP services have the same."""
    if max(getattr(ports, name) for name in OPTIONS) > LAST_PORT:
        raise PortsWrong(f"The last port is {LAST_PORT}: --ports-from can be {LAST_PORT + 1 - len(OPTIONS)} at most")
    owners: dict[int, str] = {}
    for name in TCP:
        port = getattr(ports, name)
        if port and port in owners:
            raise PortsWrong(
                f"{OPTIONS[owners[port]]} and {OPTIONS[name]} are both {port}: each needs a port of its own"
            )
        owners[port] = name


def open_sockets(ports: Ports) -> Sockets:
    """Bind them all; raise ``PortTaken`` for the first that is in use."""
    return Sockets(
        onvif=bind_shared(ports.onvif, "onvif"),
        second_onvif=bind_shared(ports.second_onvif, "second_onvif"),
        rtsp=bind_shared(ports.rtsp, "rtsp"),
        snmp=bind(socket.SOCK_DGRAM, EVERYWHERE, ports.snmp, "snmp"),
        control=bind(socket.SOCK_STREAM, "127.0.0.1", ports.control, "control"),
    )


def bind_shared(port: int, name: str) -> socket.socket:
    """A TCP socket on all addresses that lets sockets of single addresses share its port.

    With SO_REUSEPORT alone a second city of the same user would silently take half of the connections, so a bind
    without it has to show first that the port is free. (A port that the kernel chooses is never a shared one.)
    """
    if port:
        bind(socket.SOCK_STREAM, EVERYWHERE, port, name).close()
    return bind(socket.SOCK_STREAM, EVERYWHERE, port, name, reuse_port=True)


def bind(kind: socket.SocketKind, host: str, port: int, name: str, reuse_port: bool = False) -> socket.socket:
    """A bound, non-blocking socket."""
    sock = socket.socket(socket.AF_INET, kind)
    if kind == socket.SOCK_STREAM:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections in TIME_WAIT do not hold the port
    if reuse_port:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        protocol = "TCP" if kind == socket.SOCK_STREAM else "UDP"
        raise PortTaken(OPTIONS[name], port, protocol, (error.strerror or str(error)).lower()) from error
    sock.setblocking(False)
    return sock
