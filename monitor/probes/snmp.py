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
from monitor.core.uptime import TICKS_PER_S, booted
from monitor.core.verdict import Outcome, Reason, Rung
from monitor.core.vitals import COUNTER_BITS, Asked, OidTable, Reading, Row, Tables, number, per_second, read, text
from monitor.probes.base import Talk
from monitor.probes.oid_tables import tables
from monitor.probes.snmp_session import CommunitySession, Session
from monitor.probes.snmp_user import UserSession
from monitor.wire.snmp import Scalar

SYS_DESCR = "1.3.6.1.2.1.1.1.0"
SYS_OBJECT_ID = "1.3.6.1.2.1.1.2.0"
SYS_UPTIME = "1.3.6.1.2.1.1.3.0"
ENGINE_TIME = "1.3.6.1.6.3.10.2.1.3.0"
IF_TYPE = "1.3.6.1.2.1.2.2.1.3"
ETHERNET = 6
#: The Ethernet port of a device that has one; cameras count their loopback too.
INTERFACE = (
    Row("1.3.6.1.2.1.2.2.1.8", "interface_up"),
    Row("1.3.6.1.2.1.2.2.1.5", "interface_bits_per_second"),
)
#: Where there is no sysUpTime; the engine begins with the agent.
ENGINE = Row("1.3.6.1.6.3.10.2.1.3", "engine_time_s")
#: Objects that one walk may find; a device that goes on for ever is left alone after these.
MOST_WALKED = 32
#: Objects in one GET: its reply fits a datagram.
MOST_IN_GET = 16
#: How long what was found by walking holds: a card may be put in, a table changed. A walk costs some twenty requests.
RELEARN_S = 86_400.0
#: How long it holds at the least, whatever seems to be missing.
RELEARN_LEAST_S = 3_600.0
#: A counter's pace is told between looks no further apart than this: it may have begun anew more than once.
MOST_BETWEEN_S = 600.0
SEEN_OK = "!"


async def probe(talk: Talk) -> None:
    """Judge ``device`` and ``recording``. Raises TimeoutError, WireError, gufo's SnmpError, OSError, Judged."""
    talk.asking(Rung.DEVICE)
    access = talk.device.snmp
    if access is None:
        talk.answer(Rung.DEVICE, Outcome.NA)
        return
    try:
        session = _session(talk, access, await _address(talk))
        try:
            if not _is_known(talk):
                await _learn(talk, session)
            await _check(talk, session)
        finally:
            session.close()
    except ConnectionRefusedError:
        talk.ok(Rung.REACHABLE, "its SNMP port is closed")
        raise
    except TimeoutError as error:
        raise TimeoutError(f"no answer to an SNMP request within {talk.deadlines.reply_s:g} s") from error


async def _address(talk: Talk) -> str:
    """Return the device's IP address. Raises OSError where its name has none."""
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


def _tables(talk: Talk) -> Tables:
    return tables(talk.device.snmp.tables if talk.device.snmp else ())


def _is_known(talk: Talk) -> bool:
    """Whether what was found by walking still holds: of these tables, and not too long ago."""
    _, _, kept = talk.memory.oids.partition("@")
    if talk.memory.objects is None or not kept:
        return talk.memory.objects is not None and not talk.memory.oids
    digest, _, at = kept.partition("@")
    return digest == _tables(talk).digest and talk.clocks.wall() - float(at or 0) < RELEARN_S


async def _learn(talk: Talk, session: Session) -> None:
    """Find the Ethernet interface and the make's objects, and keep what to GET from now on."""
    known = _tables(talk)
    system = await _get(talk, session, [SYS_DESCR, SYS_OBJECT_ID, SYS_UPTIME, ENGINE_TIME, *known.detecting])
    description = text(system.get(SYS_DESCR))
    if description:
        talk.measurements["description"] = description
    detected = [oid for oid in known.detecting if system.get(oid) is not None]
    table = known.of(talk.device.make, text(system.get(SYS_OBJECT_ID)), detected)
    objects: dict[str, str] = {}
    if system.get(SYS_UPTIME) is None and system.get(ENGINE_TIME) is not None:
        objects[ENGINE_TIME] = ENGINE.name
    at = talk.clocks.wall()
    try:
        await _find(talk, session, table, objects)
    except TimeoutError:  # it answered GET; whether it answers at all is for the check to say
        at += RELEARN_LEAST_S - RELEARN_S
    before = talk.memory.objects or {}
    objects |= {oid: name + SEEN_OK for oid, name in objects.items() if before.get(oid) == name + SEEN_OK}
    talk.learn(objects=objects, oids=f"{table.make if table else ''}@{known.digest}@{at:.0f}")


async def _find(talk: Talk, session: Session, table: OidTable | None, objects: dict[str, str]) -> None:
    """Add what a device has of the Ethernet interface's and its table's objects. Raises TimeoutError in between."""
    if table is None or all(row.oid != INTERFACE[0].oid for row in table.rows):
        index = await _ethernet(talk, session)
        objects |= {f"{row.oid}.{index}": row.name for row in INTERFACE if index}
    most = table.most if table else 0
    for row in table.rows if table else ():
        async for oid, _ in _walk(talk, session, row.oid, max(MOST_WALKED, most // 6)):
            if len(objects) < most:
                objects[oid] = row.name


async def _ethernet(talk: Talk, session: Session) -> str:
    """Return the index of the first Ethernet interface, or ""."""
    async for oid, value in _walk(talk, session, IF_TYPE):
        if number(value) == ETHERNET:
            return oid.rpartition(".")[2]
    return ""


async def _walk(talk: Talk, session: Session, root: str, most: int = MOST_WALKED) -> AsyncIterator[tuple[str, Scalar]]:
    """Yield the objects below a root, a bounded number of them, each behind the last. An empty walk is no error."""
    count, oid = 0, root
    try:
        while count < most:
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
    asked = _asked(talk)
    oids = [SYS_UPTIME, *asked]
    values: dict[str, Scalar] = {}
    for at in range(0, len(oids), MOST_IN_GET):
        values |= await _get(talk, session, oids[at : at + MOST_IN_GET])
    talk.ok(Rung.REACHABLE, "answers SNMP")
    rebooted = _uptime(talk, _uptime_s(values))
    reading = read(asked, values)
    talk.measurements |= reading.figures
    _counters(talk, asked, values, rebooted)
    _remember(talk, asked, values, reading, rebooted)
    _judge(talk, reading.judged)


def _asked(talk: Talk) -> dict[str, Asked]:
    """Return what is asked for, with its rows; an object whose row is gone is not asked for."""
    table = _tables(talk).named(talk.memory.oids.partition("@")[0])
    rows = {row.name: row for row in (*INTERFACE, ENGINE, *(table.rows if table else ()))}
    found: dict[str, Asked] = {}
    for oid, name in (talk.memory.objects or {}).items():
        row = rows.get(name.removesuffix(SEEN_OK))
        if row is not None:
            found[oid] = Asked(row, oid[len(row.oid) + 1 :], name.endswith(SEEN_OK))
    return found


def _remember(
    talk: Talk, asked: Mapping[str, Asked], values: Mapping[str, Scalar], reading: Reading, rebooted: bool
) -> None:
    """Keep which states were seen in order; look for the objects anew after a reboot, or where one is gone."""
    fresh = {oid for oid in reading.seen_ok if asked[oid].row.counts == "after_ok" and not asked[oid].seen_ok}
    if fresh:
        objects = talk.memory.objects or {}
        talk.learn(objects={oid: name + (SEEN_OK if oid in fresh else "") for oid, name in objects.items()})
    make, digest, at = [*talk.memory.oids.split("@"), "", ""][:3]
    is_old = bool(digest) and talk.clocks.wall() - float(at or 0) > RELEARN_LEAST_S
    if is_old and (rebooted or any(values.get(oid) is None for oid in asked)):
        talk.learn(oids=f"{make}@{digest}@0")


def _counters(talk: Talk, asked: Mapping[str, Asked], values: Mapping[str, Scalar], rebooted: bool) -> None:
    """Tell the pace of counters since the last look, unless they began anew in between."""
    counts = {
        oid: value
        for oid, one in asked.items()
        if one.row.kind in COUNTER_BITS and isinstance(value := values.get(oid), int)
    }
    if not counts:
        return
    now = talk.clocks.wall()
    seconds = now - talk.memory.counted_at
    if 1.0 <= seconds <= MOST_BETWEEN_S and not rebooted:
        paces = (
            per_second(asked[oid], before, counts[oid], seconds)
            for oid, before in talk.memory.counters.items()
            if oid in counts
        )
        talk.measurements |= dict(paces)
    talk.learn(counters=counts, counted_at=now)


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


def _uptime_s(values: Mapping[str, Scalar]) -> float | None:
    ticks = number(values.get(SYS_UPTIME))
    return ticks / TICKS_PER_S if ticks is not None else number(values.get(ENGINE_TIME))


def _uptime(talk: Talk, uptime_s: float | None) -> bool:
    """Keep uptime and boot time; a reboot is new evidence for a login. Return whether there was one."""
    if uptime_s is None:
        return False
    boot = booted(talk.memory.booted_at, talk.clocks.wall() - uptime_s)
    if boot.at != talk.memory.booted_at:
        talk.learn(booted_at=boot.at, boots=talk.memory.boots + boot.again)
    talk.measurements["uptime_s"] = max(0.0, talk.clocks.wall() - boot.seen_at)
    talk.measurements["boot_at"] = boot.at
    return boot.again
