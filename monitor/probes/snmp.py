"""SNMP: vital signs, storage and who answers, by one GET; what to GET is learnt by walks at the first contact.

Only GET and GETNEXT are ever sent. No answer is a failure of ``device``; silence over UDP says nothing about
``reachable``, an answer proves it. Who answers is SNMP's question where ONVIF is not asked; its marks travel in any
case.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import ip_address

from monitor.core.identity import (
    OVER_SNMP,
    PROOFS,
    SNMP_ENGINE,
    SNMP_SERIAL,
    SNMP_TOLD,
    UNKNOWN,
    Who,
    expected,
    recognise,
)
from monitor.core.model import SnmpAccess
from monitor.core.uptime import TICKS_PER_S, booted
from monitor.core.verdict import Outcome, Reason, Rung
from monitor.core.vitals import COUNTER_BITS, MARKS, Asked, Reading, number, per_second, read
from monitor.probes.base import Talk
from monitor.probes.limit import Limit
from monitor.probes.snmp_objects import (
    ENGINE_TIME,
    RELEARN_LEAST_S,
    SEEN_OK,
    SYS_UPTIME,
    Found,
    asked,
    get,
    is_known,
    look,
    may_have,
)
from monitor.probes.snmp_session import CommunitySession, Session
from monitor.probes.snmp_socket import OwnSocket, Way
from monitor.probes.snmp_user import UserSession
from monitor.wire.snmp import Scalar

#: A counter's pace is told between looks no further apart than this: it may have begun anew more than once.
MOST_BETWEEN_S = 600.0


async def probe(talk: Talk) -> None:
    """Judge ``device``, ``recording``, ``identity``. Raises TimeoutError, WireError, OSError, Judged."""
    talk.asking(Rung.DEVICE)
    access = talk.device.snmp
    if access is None:
        talk.answer(Rung.DEVICE, Outcome.NA)
        return
    try:
        way = _way(talk, await _address(talk))
        try:
            await _converse(talk, _session(way, access, talk.deadlines.reply_s))
        finally:
            way.close()
    except ConnectionRefusedError:
        talk.ok(Rung.REACHABLE, "its SNMP port is closed")
        raise
    except TimeoutError as error:
        raise TimeoutError(f"no answer to an SNMP request within {talk.deadlines.reply_s:g} s") from error


async def _converse(talk: Talk, session: Session) -> None:
    """Hold the check, behind a walk where that is due. A walk may follow it, too: who answers may tell it elsewhere."""
    asks_who = talk.wants(Rung.IDENTITY) and "onvif" not in talk.device.probes
    if asks_who:
        talk.answer(Rung.IDENTITY, Outcome.UNSEEN)
    known = is_known(talk)
    if not known:
        talk.learn(**(await look(talk, session))._asdict())
    await _check(talk, session)
    if asks_who:
        if known and not _told(talk):
            await _look_for_proofs(talk, session)
        _judge_identity(talk)


async def _address(talk: Talk) -> str:
    """Return the device's IP address. Raises OSError where its name has none."""
    host = talk.device.host
    if literal := _literal(host):
        return literal
    with Limit(talk.deadlines.connect_s):
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    return str(found[0][4][0])


@lru_cache(maxsize=16_384)
def _literal(host: str) -> str:
    """Return an address that is written as one; nothing for a name."""
    try:
        return str(ip_address(host))
    except ValueError:
        return ""


def _way(talk: Talk, address: str) -> Way:
    """Return the way to an agent: over the socket that its like share, where there is one for such addresses."""
    port = talk.device.port("snmp")
    return OwnSocket(address, port) if talk.sockets is None or ":" in address else talk.sockets.way(address, port)


def _session(way: Way, access: SnmpAccess, reply_s: float) -> Session:
    if access.version == "v3":
        return UserSession(way, reply_s, access)
    community = access.community.reveal() if access.community else ""
    return CommunitySession(way, reply_s, access.version, community)


async def _check(talk: Talk, session: Session) -> None:
    """GET uptime, interface, vitals and marks; each value judges its rung, is a measurement, or says who answers."""
    objects = asked(talk, Found(talk.memory.objects or {}, talk.memory.oids))
    values = await get(talk, session, [SYS_UPTIME, *objects])
    talk.ok(Rung.REACHABLE, "answers SNMP")
    rebooted = _uptime(talk, _uptime_s(values))
    reading = read(objects, values)
    talk.measurements |= reading.figures
    _mark(talk, session, objects, reading)
    _counters(talk, objects, values, rebooted)
    _remember(talk, objects, values, reading, rebooted)
    _judge(talk, reading.judged)


# Who answers -----------------------------------------------------------------------------------------------------


def _mark(talk: Talk, session: Session, objects: Mapping[str, Asked], reading: Reading) -> None:
    """Say who answers, and which proofs it told of those that it was asked for: another device may tell others."""
    talk.marks |= reading.marks
    if session.engine:
        talk.marks[SNMP_ENGINE] = session.engine.hex()
    asked_for = {MARKS[one.row.kind] for one in objects.values() if one.row.kind in MARKS}
    if not asked_for.isdisjoint(OVER_SNMP):
        talk.marks[SNMP_TOLD] = ", ".join(PROOFS[name].removesuffix(" over SNMP") for name in _told(talk)) or "none"
    if "onvif" not in talk.device.probes and not _told(talk):
        talk.marks[SNMP_SERIAL] = ""  # nobody else is asked: that it tells none is an answer


def _told(talk: Talk) -> list[str]:
    return [name for name in OVER_SNMP if talk.marks.get(name)]


async def _look_for_proofs(talk: Talk, session: Session) -> None:
    """Find what tells who answers where the known objects did not; they are kept if that finds nothing."""
    found = await look(talk, session)
    proofs = {oid: one for oid, one in asked(talk, found).items() if MARKS.get(one.row.kind) in OVER_SNMP}
    if proofs:
        talk.marks |= read(proofs, await get(talk, session, list(proofs))).marks
    if _told(talk):
        talk.learn(**found._asdict())


def _judge_identity(talk: Talk) -> None:
    """Judge ``identity`` by the inventory alone; what was seen here before, the reducer knows."""
    cameras = talk.ask.cameras
    words = expected([one.serial for one in cameras], [one.mac for one in cameras], over_snmp=True)
    recognition = recognise(UNKNOWN, talk.marks, talk.clocks.wall(), words)
    if recognition.who is Who.OWN:
        talk.ok(Rung.IDENTITY, recognition.detail)
    elif recognition.who is Who.STRANGER:
        talk.answer(Rung.IDENTITY, Outcome.FAIL, Reason.IDENTITY, recognition.detail)
    else:
        talk.answer(Rung.IDENTITY, Outcome.NA, detail=recognition.detail if recognition.who is Who.NAMELESS else "")


# Vital signs -----------------------------------------------------------------------------------------------------


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
    """Judge by the worst status seen; a device that tells nothing about its storage has none that we could judge, if it
    was asked for all that it has."""
    reasons = {Rung.DEVICE: Reason.VITALS, Rung.RECORDING: Reason.STORAGE}
    for rung, reason in reasons.items():
        if judged.get(rung):
            talk.answer(rung, Outcome.FAIL, reason, judged[rung])
        elif rung in judged or rung is Rung.DEVICE:
            talk.ok(rung)
        elif may_have(talk, rung):
            talk.answer(rung, Outcome.UNSEEN, Reason.TIMEOUT, "a walk through its objects ended in silence")
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
