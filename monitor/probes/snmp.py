"""SNMP: vital signs and storage, by one GET; what to GET is learnt by bounded walks at the first contact.

Only GET, GETNEXT and GETBULK are ever sent. No answer is a failure of ``device``; silence over UDP says nothing about
``reachable``, an answer proves it.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Coroutine, Mapping
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, TypeVar

from gufo.snmp import SnmpVersion
from gufo.snmp.aio.client import SnmpSession
from gufo.snmp.user import (
    Aes128Key,
    Aes192Key,
    Aes256Key,
    DesKey,
    KeyType,
    Md5Key,
    Sha1Key,
    Sha224Key,
    Sha256Key,
    Sha384Key,
    Sha512Key,
    User,
)

from monitor.core.model import Secret, SnmpAccess
from monitor.core.verdict import Outcome, Reason, Rung
from monitor.probes.base import Talk
from monitor.probes.errors import Judged
from monitor.probes.oid_tables import OidTable, Row, number, status, table_of, tables, text

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
#: How often a request that has run out of time is cancelled, and how long each time is waited for its end.
MOST_CANCELLATIONS = 20
CANCELLATION_S = 0.02
#: An uptime this much below what it should be means a reboot: the agent's timer wraps after 497 days.
REBOOT_SLACK_S = 30.0

T = TypeVar("T")
VERSIONS = {"v1": SnmpVersion.v1, "v2c": SnmpVersion.v2c, "v3": SnmpVersion.v3}
AUTH_KEYS = {
    "md5": Md5Key,
    "sha1": Sha1Key,
    "sha224": Sha224Key,
    "sha256": Sha256Key,
    "sha384": Sha384Key,
    "sha512": Sha512Key,
}
PRIVACY_KEYS = {"des": DesKey, "aes128": Aes128Key, "aes192": Aes192Key, "aes256": Aes256Key}


async def probe(talk: Talk) -> None:
    """Judge ``device`` and ``recording``. Raises TimeoutError, gufo's SnmpError, OSError, Judged."""
    talk.asking(Rung.DEVICE)
    access = talk.device.snmp
    if access is None:
        talk.answer(Rung.DEVICE, Outcome.NA)
        return
    try:
        async with _session(talk, access, await _address(talk)) as session:
            if talk.memory.objects is None:
                await _learn(talk, session)
            await _check(talk, session)
    except ConnectionRefusedError:
        talk.ok(Rung.REACHABLE, "its SNMP port is closed")
        raise
    except TimeoutError as error:
        raise TimeoutError(f"no answer to an SNMP request within {talk.deadlines.reply_s:g} s") from error
    except (ValueError, RuntimeError) as error:
        raise Judged(Reason.PROTOCOL, f"{type(error).__name__}: {error}") from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # gufo-snmp's own word for bytes that it did not expect
            raise Judged(Reason.PROTOCOL, "a datagram that cannot be read") from None
        raise


async def _address(talk: Talk) -> str:
    """Return the device's IP address, which gufo-snmp wants. Raises OSError where its name has none."""
    host = talk.device.host
    try:
        return str(ip_address(host))
    except ValueError:
        async with asyncio.timeout(talk.deadlines.connect_s):
            found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_DGRAM)
        return str(found[0][4][0])


def _session(talk: Talk, access: SnmpAccess, address: str) -> SnmpSession:
    return SnmpSession(
        addr=address,
        port=talk.device.port("snmp"),
        version=VERSIONS[access.version],
        community=access.community.reveal() if access.community else "",
        user=_user(access) if access.version == "v3" else None,
        timeout=talk.deadlines.reply_s,
    )


def _user(access: SnmpAccess) -> User:
    auth = AUTH_KEYS[access.auth] if access.auth else None
    privacy = PRIVACY_KEYS[access.privacy] if access.privacy else None
    return User(
        access.username,
        auth_key=auth(_master(access.auth, access.auth_password), KeyType.Master) if auth and access.auth else None,
        priv_key=privacy(_master(access.auth, access.privacy_password), KeyType.Master)
        if privacy and access.auth
        else None,
    )


def _master(auth: str, password: Secret | None) -> bytes:
    return _master_key(auth, password.reveal() if password else "")


@lru_cache(maxsize=256)
def _master_key(auth: str, password: str) -> bytes:
    """Return a password's key (RFC 3414 A.2): a hash over a megabyte, the same for every device of a credential."""
    return AUTH_KEYS[auth].get_master_key(password.encode())


async def _learn(talk: Talk, session: SnmpSession) -> None:
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


async def _walk(talk: Talk, session: SnmpSession, root: str) -> AsyncIterator[tuple[str, object]]:
    """Yield the objects below a root, a bounded number of them. An empty walk is no error."""
    count = 0
    rows = aiter(session.getnext(root))
    try:
        while count < MOST_WALKED:
            row = await _within(_next(rows), talk.deadlines.reply_s)
            if row is None:
                return
            yield row
            count += 1
    finally:
        talk.requests += count + 1
        talk.say(True, f"GETNEXT below {root}")
        talk.say(False, f"{count} objects")


async def _next(rows: AsyncIterator[tuple[str, object]]) -> tuple[str, object] | None:
    return await anext(rows, None)


async def _within(work: Coroutine[Any, Any, T], limit_s: float) -> T:
    """Return what a request brings, within a limit that holds under a flood too. Raises TimeoutError.

    gufo-snmp's own limit begins anew with each stray datagram, and its ``wait_for`` may swallow a cancellation that
    comes together with one: so the request is cancelled until it has ended.
    """
    request = asyncio.ensure_future(work)
    try:
        await asyncio.wait({request}, timeout=limit_s)
    finally:
        for _ in range(MOST_CANCELLATIONS):
            if request.done():
                break
            request.cancel()
            await asyncio.wait({request}, timeout=CANCELLATION_S)
    if request.cancelled() or not request.done():
        raise TimeoutError
    try:
        return request.result()
    finally:
        del request  # an error holds this frame by its traceback; together they would keep the socket open


async def _get(talk: Talk, session: SnmpSession, oids: list[str]) -> Mapping[str, object]:
    talk.requests += 1
    talk.say(True, "GET " + " ".join(oids))
    values: Mapping[str, object] = await _within(session.get_many(oids), talk.deadlines.reply_s)
    talk.say(False, "\n".join(f"{oid} = {value!r}"[:160] for oid, value in values.items()))
    return values


async def _check(talk: Talk, session: SnmpSession) -> None:
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
