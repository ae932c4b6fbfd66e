"""The SNMP agents: v1 and v2c for all devices over one socket, with pysnmp's message layer (RFC 1157, RFC 3416)."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pyasn1.codec.ber import decoder, encoder  # type: ignore[import-untyped]  # pyasn1 comes without types
from pyasn1.error import PyAsn1Error  # type: ignore[import-untyped]
from pysnmp.proto import api  # type: ignore[import-untyped]
from pysnmp.proto.error import ProtocolError  # type: ignore[import-untyped]

from simulator.connection import LOOPBACK
from simulator.device import Directory, RunningDevice
from simulator.mib import Oid, Tree, all_trees, kind_of_device

IP_PKTINFO = getattr(socket, "IP_PKTINFO", 8)  # Python 3.11 lacks the name; 8 on Linux
PKTINFO = struct.Struct("=I4s4s")
DATAGRAM_BYTES = 4_096
DATAGRAMS_A_TURN = 16
MOST_BINDINGS = 64
MOST_REPETITIONS = 50
TOO_BIG, NO_SUCH_NAME, READ_ONLY, NOT_WRITABLE = 1, 2, 4, 17
V1, V2C = api.SNMP_VERSION_1, api.SNMP_VERSION_2C
Bindings = list[tuple[Oid, Any]]


class Refusal(Exception):
    """The request as a whole fails: an error status, and the place (from 1) of the binding that caused it."""

    def __init__(self, status: int, index: int = 0) -> None:
        super().__init__(f"error status {status} at {index}")
        self.status, self.index = status, index


@dataclass(frozen=True, slots=True)
class Question:
    """A request under way: the device and what it knows, the version's message layer, the PDU and its names."""

    running: RunningDevice
    tree: Tree
    version: int
    layer: Any
    pdu: Any
    names: tuple[Oid, ...]

    def missing(self, name: str) -> Any:
        """An exception value of v2c (RFC 3416 §4.2.1); in v1 the request fails (RFC 1157 §4.1.2)."""
        if self.version == V1:
            raise Refusal(NO_SUCH_NAME)
        return getattr(self.layer, name)("")

    def value_of(self, oid: Oid) -> tuple[Oid, Any]:
        read = self.tree.reads.get(oid)
        if read is not None:
            return oid, read(self.running)
        known = any(len(one) == len(oid) and one[:-1] == oid[:-1] for one in self.tree.oids)
        return oid, self.missing("NoSuchInstance" if known else "NoSuchObject")

    def value_after(self, oid: Oid) -> tuple[Oid, Any]:
        after = self.tree.after(oid)
        return (oid, self.missing("EndOfMibView")) if after is None else (after, self.tree.reads[after](self.running))

    def each(self, find: Callable[[Oid], tuple[Oid, Any]]) -> Bindings:
        """One answer a name; a failure says at which."""
        found: Bindings = []
        for place, name in enumerate(self.names, start=1):
            try:
                found.append(find(name))
            except Refusal as refusal:
                raise Refusal(refusal.status, place) from refusal
        return found


def get(question: Question) -> Bindings:
    return question.each(question.value_of)


def get_next(question: Question) -> Bindings:
    return question.each(question.value_after)


def get_bulk(question: Question) -> Bindings:
    """RFC 3416 §4.2.3, bounded."""
    once = min(int(question.layer.apiBulkPDU.get_non_repeaters(question.pdu)), len(question.names))
    repetitions = min(int(question.layer.apiBulkPDU.get_max_repetitions(question.pdu)), MOST_REPETITIONS)
    found = [question.value_after(name) for name in question.names[:once]]
    row = list(question.names[once:])
    for _ in range(repetitions):
        if not row or len(found) + len(row) > MOST_BINDINGS:
            break
        values = [question.value_after(name) for name in row]
        found += values
        row = [name for name, _ in values]
    return found


def set_nothing(question: Question) -> Bindings:
    question.running.counters.snmp_sets += 1
    raise Refusal(READ_ONLY if question.version == V1 else NOT_WRITABLE, 1)


_V2C = api.PROTOCOL_MODULES[V2C]
#: What is done about a PDU, by its tag, which v1 and v2c share.
ANSWERS: Mapping[Any, Callable[[Question], Bindings]] = {
    _V2C.GetRequestPDU.tagSet: get,
    _V2C.GetNextRequestPDU.tagSet: get_next,
    _V2C.GetBulkRequestPDU.tagSet: get_bulk,
    _V2C.SetRequestPDU.tagSet: set_nothing,
}


class Agent:
    """Answers messages for any device. A wrong community or version gets no answer, as little as what is no message."""

    def __init__(self, community: str) -> None:
        self._community = community.encode()
        self._message = _V2C.Message()  # a v1 message has the same form
        self._trees: Mapping[str, Tree] = all_trees()

    def respond(self, running: RunningDevice, message: bytes) -> bytes | None:
        """The reply to one message; None where a device would keep silent."""
        try:
            request, _ = decoder.decode(message, asn1Spec=self._message)
            version = int(request["version"])
            layer = api.PROTOCOL_MODULES[version]
        except (PyAsn1Error, ProtocolError, ValueError, LookupError):
            return None
        if version not in (V1, V2C) or bytes(layer.apiMessage.get_community(request)) != self._community:
            return None
        running.counters.snmp_requests += 1
        reply = self._reply(running, version, layer, request)
        return None if reply is None else bytes(encoder.encode(reply))

    def _reply(self, running: RunningDevice, version: int, layer: Any, request: Any) -> Any:
        asked = layer.apiMessage.get_pdu(request)
        answer = ANSWERS.get(asked.tagSet)
        if answer is None:
            return None
        reply = layer.apiMessage.get_response(request)
        pdu = layer.apiMessage.get_pdu(reply)
        bindings = layer.apiPDU.get_varbinds(asked)
        names = tuple(tuple(name) for name, _ in bindings)
        try:
            if len(names) > MOST_BINDINGS:
                bindings = []
                raise Refusal(TOO_BIG)
            question = Question(running, self._trees[kind_of_device(running)], version, layer, asked, names)
            layer.apiPDU.set_varbinds(pdu, answer(question))
        except Refusal as refusal:
            layer.apiPDU.set_varbinds(pdu, bindings)
            layer.apiPDU.set_error_status(pdu, refusal.status)
            layer.apiPDU.set_error_index(pdu, refusal.index)
        return reply


class SnmpSocket:
    """The one UDP socket: it learns to which address a datagram came, and answers from there."""

    def __init__(self, sock: socket.socket, directory: Directory, agent: Agent) -> None:
        self._sock = sock
        self._directory = directory
        self._agent = agent
        sock.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)

    def start(self) -> None:
        asyncio.get_running_loop().add_reader(self._sock.fileno(), self._read)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._sock.fileno())
        self._sock.close()

    def _read(self) -> None:
        for _ in range(DATAGRAMS_A_TURN):
            try:
                data, ancillary, _flags, peer = self._sock.recvmsg(DATAGRAM_BYTES, socket.CMSG_SPACE(PKTINFO.size))
            except BlockingIOError:
                return
            local = next((PKTINFO.unpack(value)[2] for level, kind, value in ancillary if kind == IP_PKTINFO), None)
            if local is not None and peer[0].startswith(LOOPBACK):
                self._answer(data, local, peer)

    def _answer(self, data: bytes, local: bytes, peer: tuple[str, int]) -> None:
        running = self._directory(socket.inet_ntoa(local))
        if running is None or running.silent or running.has("hung"):
            return
        reply = self._agent.respond(running, data)
        if reply is None:
            return
        source = [(socket.IPPROTO_IP, IP_PKTINFO, PKTINFO.pack(0, local, b"\0\0\0\0"))]
        try:
            self._sock.sendmsg([reply], source, 0, peer)
        except BlockingIOError:
            return  # the kernel's buffer is full: the datagram is lost, as datagrams may be
