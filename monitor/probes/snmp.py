"""SNMP: vital signs and storage, by one GET; what to GET is learnt by bounded walks at the first contact.

Only GET and GETNEXT are ever sent. No answer is a failure of ``device``; silence over UDP says nothing about
``reachable``, an answer proves it.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from ipaddress import ip_address

from monitor.core.model import SnmpAccess
from monitor.core.verdict import Outcome, Reason, Rung
from monitor.probes.base import Talk
from monitor.probes.errors import Judged
from monitor.probes.oid_tables import OidTable, Row, number, status, table_of, tables, text
from monitor.probes.snmp_session import CommunitySession, Session
from monitor.probes.snmp_user import UserSession
from monitor.wire.snmp import Scalar

SYS_DESCR = "1.3.6.1.2.1.1.1.0"
SYS_OBJECT_ID = "1.3.6.1.2.1.1.2.0"
SYS_UPTIME = "1.3.6.1.2.1.1.3.0"
IF_TYPE = "1.3.6.1.2.1.2.2.1.3"
IF_STATUS = "1.3.6.1.2.1.2.2.1.8"
IF_SPEED = "1.3.6.1.2.1.2.2.1.5"
ETHERNET = 6
#: Objects that one walk may find; a device that goes on for ever is left alone after these.
MOST_WALKED = 32
#: Objects in a light check's GET.
MOST_IN_GET = 12
TICKS_PER_S = 100.0
#: An uptime this much below what it should be means a reboot: the agent's timer wraps after 497 days.
REBOOT_SLACK_S = 30.0


async def probe(talk: Talk) -> None:
    """Judge ``device`` and ``recording``. Raises TimeoutError, gufo's SnmpError, OSError, Judged."""
    talk.asking(Rung.DEVICE)
    access = talk.device.snmp
    if access is None:
        talk.answer(Rung.DEVICE, Outcome.NA)
        return
    try:
        session = _session(talk, access, await _address(talk))
        try:
            if talk.memory.objects is None:
                await _learn(talk, session)
            await _check(talk, session)
        finally:
            session.close()
    except ConnectionRefusedError:
        talk.ok(Rung.REACHABLE, "its SNMP port is closed")
        raise
    except TimeoutError as error:
        raise TimeoutError(f"no answer to an SNMP request within {talk.deadlines.reply_s:g} s") from error
    except (ValueError, RuntimeError) as error:
        raise Judged(Reason.PROTOCOL, f"{type(error).__name__}: {error}") from error


async def _address(talk: Talk) -> str:
    """Return the device's IP address, which gufo-snmp wants. Raises OSError where its name has none."""
    host = talk.device.host
    try:
        return str(ip_address(host))
    except ValueError:
        async with asyncio.timeout(talk.deadlines.connect_s):
            found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_DGRAM)
        return str(found[0][4][0])


def _session(talk: Talk, access: SnmpAccess, address: str) -> Session:
    port, reply_s = talk.device.port("snmp"), talk.deadlines.reply_s
    if access.version == "v3":
        return UserSession(address, port, access, reply_s)
    community = access.community.reveal() if access.community else ""
    return CommunitySession(address, port, access.version, community, reply_s)


async def _learn(talk: Talk, session: Session) -> None:
    """Find the Ethernet interface and the vendor's objects, and keep what to GET from now on."""
    system = await _get(talk, session, [SYS_DESCR, SYS_OBJECT_ID])
    description = text(system.get(SYS_DESCR))
    if description:
        talk.measurements["description"] = description
    table = table_of(talk.device.make, text(system.get(SYS_OBJECT_ID)))
    objects: dict[str, str] = {}
    async for oid, value in _walk(talk, session, IF_TYPE):
        if number(value) == ETHERNET:
            index = oid.rpartition(".")[2]
            objects |= {f"{IF_STATUS}.{index}": "interface_up", f"{IF_SPEED}.{index}": "interface_bits_per_second"}
            break
    for row in table.rows if table else ():
        async for oid, _ in _walk(talk, session, row.oid):
            if len(objects) < MOST_IN_GET:
                objects[oid] = row.name
    talk.learn(objects=objects, oids=table.make if table else "")


async def _walk(talk: Talk, session: Session, root: str) -> AsyncIterator[tuple[str, Scalar]]:
    """Yield the objects below a root, a bounded number of them, each behind the last. An empty walk is no error."""
    count, oid = 0, root
    try:
        while count < MOST_WALKED:
            row = await session.next(oid, root)
            if row is None or not row[0].startswith(root + ".") or _place(row[0]) <= _place(oid):
                return
            yield row
            oid = row[0]
            count += 1
    finally:
        talk.requests += count + 1
        talk.say(True, f"GETNEXT below {root}")
        talk.say(False, f"{count} objects")


def _place(oid: str) -> tuple[int, ...]:
    return tuple(map(int, oid.split(".")))


async def _get(talk: Talk, session: Session, oids: Sequence[str]) -> Mapping[str, Scalar]:
    talk.requests += 1
    talk.say(True, "GET " + " ".join(oids))
    values = await session.get(oids)
    talk.say(False, "\n".join(f"{oid} = {value!r}"[:160] for oid, value in values.items()))
    return values


async def _check(talk: Talk, session: Session) -> None:
    """GET uptime, interface and vitals; each value judges its rung or becomes a measurement."""
    objects = talk.memory.objects or {}
    values = await _get(talk, session, [SYS_UPTIME, *objects])
    talk.ok(Rung.REACHABLE, "answers SNMP")
    _uptime(talk, values.get(SYS_UPTIME))
    rows = _rows(tables().get(talk.memory.oids))
    judged: dict[Rung, str] = {}
    for oid, name in objects.items():
        value = values.get(oid)
        row = rows.get(name)
        if row is None or row.number:
            if (figure := number(value)) is not None:
                talk.measurements[name] = figure
        elif row.rung is not None and status(value) in row.ok + row.bad:
            bad = f"{name} is {text(value)}" if status(value) in row.bad else ""
            judged[row.rung] = judged.get(row.rung) or bad
    _judge(talk, judged)


def _rows(table: OidTable | None) -> Mapping[str, Row]:
    return {row.name: row for row in table.rows} if table else {}


def _judge(talk: Talk, judged: Mapping[Rung, str]) -> None:
    """Judge by the worst status seen; a device that tells nothing about its storage has none that we could judge."""
    reasons = {Rung.DEVICE: Reason.VITALS, Rung.RECORDING: Reason.STORAGE}
    for rung, reason in reasons.items():
        if judged.get(rung):
            talk.answer(rung, Outcome.FAIL, reason, judged[rung])
        elif rung in judged or rung is Rung.DEVICE:
            talk.ok(rung)
        else:
            talk.answer(rung, Outcome.NA)


def _uptime(talk: Talk, value: object) -> None:
    """Keep uptime and boot time; a boot later than the one that we knew is a reboot, and new evidence for a login."""
    ticks = number(value)
    if ticks is None:
        return
    booted_at = talk.clocks.wall() - ticks / TICKS_PER_S
    talk.measurements["uptime_s"] = ticks / TICKS_PER_S
    known = talk.memory.booted_at
    if known is None or booted_at > known + REBOOT_SLACK_S:
        talk.learn(booted_at=booted_at, boots=talk.memory.boots + (known is not None))
    talk.measurements["boot_at"] = talk.memory.booted_at or booted_at
